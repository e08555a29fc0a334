"""What one report means for the register's tables: a pure function of report, code maps and keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

import msgspec

from varde.access.keys import Keys
from varde.access.pseudonyms import Pseudonymise, make_fingerprinter, make_pseudonymiser
from varde.codes import CodeMap
from varde.messages.errors import mask_digits
from varde.messages.records import Code, LabReport, Patient, Specimen, Susceptibility
from varde.register import store
from varde.register.ids import EXPRESSIONS, PARTS, RESULTS

OSLO = ZoneInfo("Europe/Oslo")
_TIE_BITS = 44
_encode = msgspec.msgpack.Encoder().encode


@dataclass(frozen=True)
class Context:
    """What a projection depends on besides the report: maps and keys."""

    codes: CodeMap
    pseudonym: Pseudonymise
    reference: Callable[[bytes], bytes]
    fingerprint: Callable[[bytes], bytes]

    @classmethod
    def make(cls, codes: CodeMap, keys: Keys) -> Context:
        """Context with the register's own derived keys."""
        return cls(
            codes=codes,
            pseudonym=make_pseudonymiser(keys, "register"),
            reference=make_fingerprinter(keys, "reference"),
            fingerprint=make_fingerprinter(keys, "fingerprint"),
        )


SpecimenRow = tuple[int, bytes | None, str | None, date, int, str, int | None, str]
"""number, reference, material, collected_on, second_of_day, period, age, ward"""
FindingRow = tuple[int, int, str | None, int, tuple[tuple[str | None, str, str], ...]]
"""number, specimen number, organism, tie, ((antibiotic, sir, mic), …)"""
Expression = tuple[str, str, str, str]
"""kind, system, code, text: an expression that no map knows"""


@dataclass(frozen=True)
class Projection:
    """The rows of one report, without their composed ids."""

    pseudonym: bytes | None
    sex: str
    municipality: str
    specimens: tuple[SpecimenRow, ...] = ()
    findings: tuple[FindingRow, ...] = ()
    unmapped: tuple[Expression, ...] = ()
    periods: tuple[str, ...] = ()
    digest: bytes = field(default=b"", compare=False)


def project(report: LabReport, context: Context) -> Projection:
    """Rows of the report as it stands; a withdrawn report has none.

    One finding has at most one result per antibiotic: a laboratory that tested twice (disk and
    gradient test) counts once, by `_weight`.
    """
    if report.service_type == "C":
        empty = Projection(pseudonym=None, sex="", municipality="")
        return _sign(empty, report, context)
    missing: list[Expression] = []
    patient = report.patient
    numbers = [specimen.number for specimen in report.specimens]
    numbers += [finding.number for finding in report.findings]
    if max(numbers, default=0) >= PARTS:
        # Only additions merged into one report can come this far: a reader takes 900.
        raise OverflowError(f"a report holds at most {PARTS - 1} specimens and findings")
    specimens = tuple(
        _project_specimen(specimen, patient, report.sender, context, missing)
        for specimen in report.specimens
    )
    seconds = {row[0]: row[4] for row in specimens}
    findings = tuple(
        (
            finding.number,
            finding.specimen,
            _map("organism", finding.organisms, context, missing),
            _tie(seconds.get(finding.specimen, 0), finding.order, finding.number, report, context),
            _results(finding.susceptibilities, context, missing),
        )
        for finding in report.findings
    )
    identifier = patient.identifier
    projection = Projection(
        pseudonym=context.pseudonym(identifier.kind, identifier.issuer, identifier.value)
        if identifier
        else None,
        sex=patient.sex,
        municipality=patient.municipality if len(patient.municipality) == 4 else "",
        specimens=specimens,
        findings=findings,
        unmapped=tuple(missing[: EXPRESSIONS - 1]),
        periods=tuple(sorted({row[5] for row in specimens})),
    )
    return _sign(projection, report, context)


def _sign(projection: Projection, report: LabReport, context: Context) -> Projection:
    """The projection with a digest over all of it: replays compare by that."""
    parts = (
        projection.pseudonym,
        projection.sex,
        projection.municipality,
        projection.specimens,
        projection.findings,
        projection.unmapped,
        report.status,
        report.notifiable,
        report.negative,
        report.service_type == "C",
    )
    return Projection(
        pseudonym=projection.pseudonym,
        sex=projection.sex,
        municipality=projection.municipality,
        specimens=projection.specimens,
        findings=projection.findings,
        unmapped=projection.unmapped,
        periods=projection.periods,
        digest=context.fingerprint(_encode(parts)),
    )


def _project_specimen(
    specimen: Specimen, patient: Patient, sender: str, context: Context, missing: list[Expression]
) -> SpecimenRow:
    local = specimen.collected.astimezone(OSLO)
    day = local.date()
    number = specimen.specimen_id
    return (
        specimen.number,
        context.reference(f"{sender}|{number}".encode()) if number else None,
        _map("material", specimen.materials, context, missing),
        day,
        local.hour * 3600 + local.minute * 60 + local.second,
        f"{day.year:04d}-{day.month:02d}",
        _age(patient, day),
        store.fit(mask_digits(specimen.ward), 80) if specimen.ward else "",
    )


def _age(patient: Patient, day: date) -> int | None:
    """Whole years at `day`; None when unknown or impossible."""
    born = patient.birth_date
    if born is None:
        return patient.age
    age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    return age if 0 <= age <= 130 else None


def _tie(second: int, order: int, number: int, report: LabReport, context: Context) -> int:
    """Order among one patient's findings of one day: the time of day, then the isolate's own number,
    else a hash of its natural key. From the content alone, so the same in every replay."""
    if order <= 0:
        name = f"{report.sender}|{report.report_id}|{number}".encode()
        order = int.from_bytes(context.reference(name)[:5], "big")
    return (second << _TIE_BITS) | min(order, (1 << _TIE_BITS) - 1)


def _map(
    kind: str, alternatives: tuple[Code, ...], context: Context, missing: list[Expression]
) -> str | None:
    """Concept of the first alternative that maps; None, and noted as missing, when none does."""
    if not alternatives:
        return None
    concept = context.codes.find(
        kind, [(code.system, code.code, code.text) for code in alternatives]
    )
    if concept is None:
        first = alternatives[0]
        missing.append(
            (
                kind,
                store.fit(first.system, 80),
                store.fit(mask_digits(first.code, 11), 120),
                store.fit(mask_digits(first.text), 200),
            )
        )
    return concept


_SIR_WEIGHT = {"": 0, "S": 1, "I": 2, "R": 3}


def _weight(sir: str, mic: str) -> tuple[bool, bool, int]:
    """Which of two results of one antibiotic counts: one with a category before one without, a
    measured MIC before a category alone, then the more resistant."""
    return (sir != "", mic != "", _SIR_WEIGHT[sir])


def _results(
    susceptibilities: Iterable[Susceptibility], context: Context, missing: list[Expression]
) -> tuple[tuple[str | None, str, str], ...]:
    mapped: dict[str, tuple[str | None, str, str]] = {}
    unmapped: list[tuple[str | None, str, str]] = []
    for result in susceptibilities:
        antibiotic = _map("antibiotic", result.antibiotics, context, missing)
        row = (antibiotic, result.sir, store.fit(result.mic, 16))
        if antibiotic is None:
            unmapped.append(row)
        elif antibiotic not in mapped or _weight(row[1], row[2]) > _weight(*mapped[antibiotic][1:]):
            mapped[antibiotic] = row
    return (*mapped.values(), *unmapped)[: RESULTS - 1]
