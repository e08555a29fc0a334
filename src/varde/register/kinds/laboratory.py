"""What a laboratory answer means: specimens, findings, susceptibilities."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from varde.codes import counts_as, markers_in
from varde.messages.errors import mask_digits
from varde.messages.records import Code, LabReport, Specimen, Susceptibility
from varde.register import ids, store
from varde.register.ids import PARTS, RESULTS
from varde.register.kinds.additions import complete
from varde.register.projection import (
    OSLO,
    Context,
    Noted,
    Projection,
    Tables,
    about,
    age_on,
    map_code,
    month_of,
    sign,
)
from varde.register.sameness import comparable_number
from varde.register.searches import columns_of

TABLES = ("specimen", "finding", "susceptibility")
_TIE_BITS = 44

SpecimenRow = tuple[int, bytes | None, str | None, date, int, str, int | None, str, str]
"""number, reference, material, collected_on, second_of_day, period, age, ward, looked_for"""
FindingRow = tuple[int, int, str | None, int, str, str, tuple[tuple[str | None, str, str], ...]]
"""number, specimen number, organism, tie, method, markers by commas, ((antibiotic, sir, mic), …)"""


class LabProjection(Projection, frozen=True, kw_only=True):
    """The rows of one laboratory answer, without their composed ids."""

    specimens: tuple[SpecimenRow, ...] = ()
    findings: tuple[FindingRow, ...] = ()

    def parts(self) -> tuple[object, ...]:
        """Specimens and findings."""
        return (self.specimens, self.findings)

    def write(self, report: int, into: Tables) -> None:
        """Rows of specimens, findings and susceptibilities."""
        base = ids.part_id(report, 0)
        into["specimen"].extend(
            (base + number, report, *specimen) for number, *specimen in self.specimens
        )
        for number, specimen, organism, tie, method, markers, susceptibilities in self.findings:
            into["finding"].append((base + number, base + specimen, organism, tie, method, markers))
            first = ids.result_id(base + number, 0)
            into["susceptibility"].extend(
                (first + n, *row) for n, row in enumerate(susceptibilities)
            )


def project(report: LabReport, context: Context) -> Projection:
    """Rows of the report as it stands.

    One finding has at most one result per antibiotic: a laboratory that tested twice (disk and
    gradient test) counts once, by `_weight`.
    """
    noted = Noted()
    report, aside = complete(report, context, noted)
    patient = report.patient
    numbers = [specimen.number for specimen in report.specimens]
    numbers += [finding.number for finding in report.findings]
    if max(numbers, default=0) >= PARTS:
        # No reader gives so many, and additions that would make them so many are put aside.
        raise OverflowError(f"a report holds at most {PARTS - 1} specimens and findings")
    searched = columns_of(report.looked_for, context.codes, report.findings)
    specimens = tuple(
        _project_specimen(specimen, report, searched.get(specimen.number, ""), context, noted)
        for specimen in report.specimens
    )
    seconds = {row[0]: row[4] for row in specimens}
    findings = tuple(
        (
            finding.number,
            finding.specimen,
            map_code("organism", finding.organisms, context, noted),
            _tie(seconds.get(finding.specimen, 0), finding.order, finding.number, report, context),
            finding.method,
            _markers(finding.organisms, context),
            _results(finding.susceptibilities, context, noted),
        )
        for finding in report.findings
    )
    projection = LabProjection(
        **about(patient, context, report.generated),
        notifiable=report.notifiable,
        negative=report.negative,
        specimens=specimens,
        findings=findings,
        **noted.fields(),
        periods=tuple(sorted({row[5] for row in specimens})),
        status=report.status,
        put_aside=aside,
    )
    return sign(projection, report, context)


def _markers(organisms: tuple[Code, ...], context: Context) -> str:
    """The resistances that a name says, by commas: without those that it is not called by (a meticillin-resistant
    *S. epidermidis* is no MRSA)."""
    named = markers_in((code.code, code.text) for code in organisms)
    if not named:
        return ""
    said = ((code.system, code.code, code.text) for code in organisms)
    key = context.codes.find("organism", said)
    return ",".join(one for one in named if key is None or counts_as(key, one))


def _project_specimen(
    specimen: Specimen, report: LabReport, looked_for: str, context: Context, noted: Noted
) -> SpecimenRow:
    local = specimen.collected.astimezone(OSLO)
    day = local.date()
    return (
        specimen.number,
        _reference(specimen.specimen_id, report.sender, context),
        map_code("material", specimen.materials, context, noted),
        day,
        local.hour * 3600 + local.minute * 60 + local.second,
        month_of(day),
        age_on(report.patient, day),
        store.fit(mask_digits(specimen.ward), 80) if specimen.ward else "",
        looked_for,
    )


def _reference(number: str, sender: str, context: Context) -> bytes | None:
    """Keyed hash of a specimen's number: with its laboratory, unless it means something outside it."""
    if not number:
        return None
    shared = comparable_number(number)
    return context.reference((f"specimen|{shared}" if shared else f"{sender}|{number}").encode())


def _tie(second: int, order: int, number: int, report: LabReport, context: Context) -> int:
    """Order among one patient's findings of one day: the time of day, then the isolate's own number,
    else a hash of its natural key. From the content alone, so the same in every replay."""
    if order <= 0:
        name = f"{report.sender}|{report.report_id}|{number}".encode()
        order = int.from_bytes(context.reference(name)[:5], "big")
    return (second << _TIE_BITS) | min(order, (1 << _TIE_BITS) - 1)


_SIR_WEIGHT = {"": 0, "S": 1, "I": 2, "R": 3}


def _weight(sir: str, mic: str) -> tuple[bool, bool, int]:
    """Which of two results of one antibiotic counts: one with a category before one without, a
    measured MIC before a category alone, then the more resistant."""
    return (sir != "", mic != "", _SIR_WEIGHT[sir])


def _results(
    susceptibilities: Iterable[Susceptibility], context: Context, noted: Noted
) -> tuple[tuple[str | None, str, str], ...]:
    mapped: dict[str, tuple[str | None, str, str]] = {}
    unmapped: list[tuple[str | None, str, str]] = []
    for result in susceptibilities:
        antibiotic = map_code("antibiotic", result.antibiotics, context, noted)
        row = (antibiotic, result.sir, store.fit(result.mic, 16))
        if antibiotic is None:
            unmapped.append(row)
        elif antibiotic not in mapped or _weight(row[1], row[2]) > _weight(*mapped[antibiotic][1:]):
            mapped[antibiotic] = row
    return (*mapped.values(), *unmapped)[: RESULTS - 1]
