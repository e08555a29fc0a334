"""What the register knows of one person's infections: earlier findings, answers without one, doses, notifications, cases.

What counts now: current versions, none withdrawn. A finding that two laboratories reported is told once, as the one
that counts (`varde.register.joining`), with the results of the others for what it was not tested against itself.

What was looked for is known where the answer names it (`varde.register.searches`): of a search that found nothing, is on its
way, or cannot be read as either, `Looked` tells. Of a panel, of older answers and of formats that do not say it, nothing is
known but that there was an answer: so `Answer` alone is never the answer to "was this tested", and what is not here is never
"not tested".

The same number of statements whatever there is about the person. Whoever calls this has asked `varde.access` and written the access log.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from varde.messages.times import norwegian_day
from varde.register import ids, store
from varde.register.history import (
    Answer,
    Dose,
    Found,
    History,
    Looked,
    Notice,
    PersonCase,
    Result,
)
from varde.register.searches import read_column

MOST = 2_000
"""Statements about one person; of more, so many are read, and it is said. It is what systems are tested with."""


class _Report(NamedTuple):
    id: int
    kind: str
    sender: str
    status: str
    notifiable: str
    negative: bool
    generated: str
    sex: str
    municipality: str


class _Specimen(NamedTuple):
    id: int
    material: str
    day: date
    second: int
    looked_for: str


class _Finding(NamedTuple):
    id: int
    specimen: int
    organism: str
    method: str
    markers: str


class _Joined(NamedTuple):
    id: int
    counted: int
    disagrees: str


_REPORTS = (
    "id, kind, sender, status, notifiable, negative, CAST(generated_at AS TEXT), sex, municipality"
)


def read_history(persons: Collection[int], reports_of_nobody: Collection[int] = ()) -> History:
    """What is known of one person.

    Args:
        persons: `KnownPerson.ids`.
        reports_of_nobody: in their place, what is known of somebody whom nobody knows.
    """
    where = f"AND NOT cancelled LIMIT {MOST + 1:d}"
    rows = [
        *store.select_in("report", _REPORTS, "person", persons, where),
        *store.select_in("report", _REPORTS, "id", reports_of_nobody, where),
    ]
    read = sorted(map(_Report._make, rows), reverse=True)
    reports = {report.id: report for report in read[:MOST]}
    of_kind: dict[str, list[int]] = defaultdict(list)
    for report in reports.values():
        of_kind[report.kind].append(report.id)
    specimens, findings = _laboratory(of_kind["laboratory"])
    told = {finding.specimen for finding in findings}
    return History(
        sex=_newest(reports.values(), "sex"),
        municipality=_newest(reports.values(), "municipality"),
        findings=_findings(persons, reports, specimens, findings),
        answers=_answers(reports, specimens.values(), told),
        searches=_searches(reports, specimens.values(), findings),
        doses=_doses(reports, of_kind["vaccination"]),
        notices=_notices(reports, of_kind["notification"]),
        cases=_cases(persons),
        more=len(read) > MOST,
    )


def _newest(reports: Iterable[_Report], field: str) -> str:
    """What the newest statement that says something says."""
    said = ((store.moment(r.generated), r.id, getattr(r, field)) for r in reports)
    return max((one for one in said if one[2]), default=(None, 0, ""))[2]


# --- laboratory answers ---------------------------------------------------------------------------


def _laboratory(answers: Sequence[int]) -> tuple[dict[int, _Specimen], list[_Finding]]:
    # SQLite follows the order of a CROSS JOIN, and would otherwise look at all findings there are.
    span = f"AND p.id >= r.id * {ids.PARTS} AND p.id < (r.id + 1) * {ids.PARTS}"
    taken = store.select_in(
        "report r CROSS JOIN register_specimen p",
        "p.id, p.material, CAST(p.collected_on AS TEXT), p.second_of_day, p.looked_for",
        "r.id",
        answers,
        span,
    )
    specimens = {
        number: _Specimen(number, material or "", date.fromisoformat(day), second, looked_for)
        for number, material, day, second, looked_for in taken
    }
    found = store.select_in(
        "report r CROSS JOIN register_finding p",
        "p.id, p.specimen, p.organism, p.method, p.markers",
        "r.id",
        answers,
        span,
    )
    return specimens, [
        _Finding(number, specimen, organism or "", method, markers)
        for number, specimen, organism, method, markers in found
    ]


def _findings(
    persons: Collection[int],
    reports: Mapping[int, _Report],
    specimens: Mapping[int, _Specimen],
    findings: Sequence[_Finding],
) -> tuple[Found, ...]:
    """The findings, but for what stands for an answer that nobody could read where its search says that it is unclear."""
    known = {finding.id: finding for finding in findings if finding.specimen in specimens}
    joined = [
        one
        for one in map(
            _Joined._make,
            store.select_in(
                "joined", "id, counted, disagrees", "person", persons, "ORDER BY counted, place, id"
            ),
        )
        if one.id in known and one.counted in known
    ]
    others: dict[int, list[_Joined]] = defaultdict(list)
    for one in joined:
        others[one.counted].append(one)
    gone = {one.id for one in joined}
    results = _results(sorted(known))
    told = [
        _tell(known[number], others[number], reports, specimens, results)
        for number, finding in known.items()
        if number not in gone and not _is_unread(finding, specimens, results)
    ]
    return tuple(sorted(told, key=_place, reverse=True))


def _is_unread(
    finding: _Finding, specimens: Mapping[int, _Specimen], results: Mapping[int, Sequence[Any]]
) -> bool:
    """Whether a finding without organism or results is the words of an answer to a search that they leave unclear."""
    return (
        not finding.organism
        and not results.get(finding.id)
        and any(
            sought.known
            and sought.answer == "inconclusive"
            and (not sought.method or not finding.method or sought.method == finding.method)
            for sought in read_column(specimens[finding.specimen].looked_for)
        )
    )


def _results(findings: Sequence[int]) -> Mapping[int, list[tuple[str, str, str]]]:
    """Finding → antibiotic, category and MIC, in the order of their numbers."""
    found: dict[int, list[tuple[str, str, str]]] = defaultdict(list)
    rows = store.select_in(
        "finding f CROSS JOIN register_susceptibility u",
        "f.id, u.id, u.antibiotic, u.sir, u.mic",
        "f.id",
        findings,
        f"AND u.id >= f.id * {ids.RESULTS} AND u.id < (f.id + 1) * {ids.RESULTS} "
        "AND u.antibiotic IS NOT NULL",
    )
    for finding, _number, antibiotic, sir, mic in sorted(rows):
        found[finding].append((antibiotic, sir, mic))
    return found


def _tell(
    finding: _Finding,
    others: Sequence[_Joined],
    reports: Mapping[int, _Report],
    specimens: Mapping[int, _Specimen],
    results: Mapping[int, Sequence[tuple[str, str, str]]],
) -> Found:
    report, specimen = reports[finding.id // ids.PARTS], specimens[finding.specimen]
    by_antibiotic: dict[str, Result] = {}
    for number in (finding.id, *(one.id for one in others)):
        sender = reports[number // ids.PARTS].sender
        own = set(by_antibiotic)
        for antibiotic, sir, mic in results.get(number, ()):
            if antibiotic not in own:
                by_antibiotic[antibiotic] = Result(
                    antibiotic=antibiotic,
                    sir=sir,
                    mic=mic,
                    sender="" if number == finding.id else sender,
                )
    return Found(
        key=_key(finding.id),
        day=specimen.day,
        second=specimen.second,
        organism=finding.organism,
        material=specimen.material,
        method=finding.method,
        markers=finding.markers,
        sender=report.sender,
        status=report.status,
        notifiable=report.notifiable,
        results=tuple(by_antibiotic[name] for name in sorted(by_antibiotic)),
        also=tuple(sorted({reports[one.id // ids.PARTS].sender for one in others})),
        disagrees=", ".join(one.disagrees for one in others if one.disagrees),
    )


def _answers(
    reports: Mapping[int, _Report], specimens: Iterable[_Specimen], told: Collection[int]
) -> tuple[Answer, ...]:
    found = []
    for specimen in specimens:
        if specimen.id in told:
            continue
        report = reports[specimen.id // ids.PARTS]
        found.append(
            Answer(
                key=_key(specimen.id),
                day=specimen.day,
                second=specimen.second,
                material=specimen.material,
                sender=report.sender,
                status=report.status,
                negative=bool(report.negative),
                sought=read_column(specimen.looked_for),
            )
        )
    return tuple(sorted(found, key=_place, reverse=True))


def _searches(
    reports: Mapping[int, _Report], specimens: Iterable[_Specimen], findings: Iterable[_Finding]
) -> tuple[Looked, ...]:
    """The searches that no finding of their specimen tells of."""
    found_in: dict[int, list[_Finding]] = defaultdict(list)
    for finding in findings:
        found_in[finding.specimen].append(finding)
    told = []
    for specimen in specimens:
        report = reports[specimen.id // ids.PARTS]
        for sought in read_column(specimen.looked_for):
            if not sought.known or (
                sought.answer == "found"
                and any(sought.is_told_by(f.organism, f.method) for f in found_in[specimen.id])
            ):
                continue
            told.append(
                Looked(
                    key=_key(specimen.id),
                    day=specimen.day,
                    second=specimen.second,
                    organism=sought.organism,
                    markers=sought.markers,
                    method=sought.method,
                    answer=sought.answer,
                    material=specimen.material,
                    sender=report.sender,
                    status=report.status,
                )
            )
    # Of one specimen in the order of its column, which says nothing of when.
    return tuple(sorted(told, key=_place, reverse=True))


# --- the other kinds ------------------------------------------------------------------------------


def _doses(reports: Mapping[int, _Report], numbers: Sequence[int]) -> tuple[Dose, ...]:
    rows = store.select_in(
        "vaccination", "id, CAST(given AS TEXT), vaccine, sent, dose", "id", numbers
    )
    found = [
        Dose(
            key=str(number),
            day=date.fromisoformat(given),
            vaccine=vaccine or "",
            sent=sent,
            number=dose,
            sender=reports[number].sender,
        )
        for number, given, vaccine, sent, dose in rows
    ]
    return tuple(sorted(found, key=lambda one: (one.day, int(one.key)), reverse=True))


def _notices(reports: Mapping[int, _Report], numbers: Sequence[int]) -> tuple[Notice, ...]:
    rows = store.select_in(
        "notification",
        "id, diagnosis, diagnosis_name, CAST(sampled AS TEXT), CAST(onset AS TEXT)",
        "id",
        numbers,
    )
    found = [
        Notice(
            key=str(number),
            day=_day(sampled) or _day(onset) or norwegian_day(_made(reports[number])),
            diagnosis=words or code,
            sender=reports[number].sender,
        )
        for number, code, words, sampled, onset in rows
    ]
    return tuple(sorted(found, key=lambda one: (one.day, int(one.key)), reverse=True))


def _cases(persons: Collection[int]) -> tuple[PersonCase, ...]:
    columns = (
        "id, disease, classification, presentation, CAST(first_day AS TEXT), CAST(onset AS TEXT), "
        "imported, form_missing, CAST(definition AS TEXT)"
    )
    found = [
        PersonCase(
            number=number,
            disease=disease,
            classification=classification,
            presentation=presentation,
            first_day=date.fromisoformat(first),
            onset=_day(onset),
            imported=imported,
            form_missing=bool(missing),
            definition=date.fromisoformat(definition),
        )
        for number, disease, classification, presentation, first, onset, imported, missing, definition in store.select_in(
            "case", columns, "person", persons
        )
    ]
    return tuple(sorted(found, key=lambda one: (one.first_day, one.number), reverse=True))


def _made(report: _Report) -> datetime:
    return store.moment(report.generated)


def _day(text: Any) -> date | None:
    return date.fromisoformat(text) if text else None


def _key(part: int) -> str:
    report, number = divmod(part, ids.PARTS)
    return f"{report}.{number}"


def _place(one: Found | Answer | Looked) -> tuple[date, int, tuple[int, ...]]:
    return one.day, one.second, tuple(map(int, one.key.split(".")))
