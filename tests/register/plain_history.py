"""What is known of one person, as one would say it: every statement looked at, without a database."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from register.plain_joining import expected_joined
from register.plain_rule import standing_statements
from varde.codes import refines
from varde.messages import LabReport
from varde.messages.records import Notification, Vaccination
from varde.messages.times import norwegian_day
from varde.register import History, Looked
from varde.register.kinds import laboratory, vaccination
from varde.register.projection import Context

Told = dict[str, list[tuple[Any, ...]]]


def expected_history(files: Iterable[bytes], context: Context, pseudonym: bytes) -> Told:
    """Findings, answers without one, doses and notifications, newest first but for ties."""
    files = list(files)
    joined = {}
    for row in expected_joined(files, context):
        sender, ref, part, counting_sender, counting_ref, counting_part, place, *_ = row
        joined[sender, ref, int(part)] = (
            (counting_sender, counting_ref, int(counting_part)),
            int(place),
        )
    findings: dict[tuple[str, str, int], list[Any]] = {}
    answers, searches, doses, notices = [], [], [], []
    for (_kind, sender, ref), (_version, record) in standing_statements(files, context).items():
        if record.service_type == "C":
            continue
        if isinstance(record, LabReport):
            shown = laboratory.project(record, context)
            if shown.pseudonym != pseudonym:
                continue
            taken = {row[0]: row for row in shown.specimens}
            used = set()
            for number, specimen, organism, _tie, method, _markers, results in shown.findings:
                _, _, material, day, second, *_ = taken[specimen]
                used.add(specimen)
                said = {a: (sir, mic) for a, sir, mic in results if a is not None}
                findings[sender, ref, number] = [
                    (day, second, organism or "", material or "", method, sender, record.status),
                    said,
                ]
            for number, row in taken.items():
                told_of = [(f[2], f[4]) for f in shown.findings if f[1] == number]
                for word in row[8].split():
                    if not word.startswith("?") and not _is_told(word, told_of):
                        searches.append((row[3], row[4], word, row[2] or "", sender, record.status))
                if number not in used:
                    answers.append((row[3], row[4], row[2] or "", sender, record.negative))
        elif isinstance(record, Vaccination):
            shown_dose = vaccination.project(record, context)
            if shown_dose.pseudonym == pseudonym:
                vaccine, sent, given, *_ = shown_dose.row  # type: ignore[attr-defined]
                doses.append((given, vaccine or "", sent, sender))
        elif isinstance(record, Notification) and _is(record, context, pseudonym):
            day = record.sampled or record.onset or norwegian_day(record.generated)
            notices.append((day, record.diagnosis.text or record.diagnosis.code, sender))
    told = []
    for key, (what, results) in findings.items():
        if key in joined:
            continue
        others = sorted(
            (place, other) for other, (counted, place) in joined.items() if counted == key
        )
        whole = dict(results)
        for _place, other in others:
            for antibiotic, result in findings[other][1].items():
                whole.setdefault(antibiotic, result)
        also = tuple(sorted({other[0] for _place, other in others}))
        told.append((*what, tuple(sorted((a, *r) for a, r in whole.items())), also))
    return {
        "findings": sorted(told, reverse=True),
        "answers": sorted(answers, reverse=True),
        "searches": sorted(searches, reverse=True),
        "doses": sorted(doses, reverse=True),
        "notices": sorted(notices, reverse=True),
    }


def found_history(history: History) -> Told:
    """The same of what the register answers."""
    return {
        "findings": sorted(
            (
                (
                    f.day,
                    f.second,
                    f.organism,
                    f.material,
                    f.method,
                    f.sender,
                    f.status,
                    tuple((r.antibiotic, r.sir, r.mic) for r in f.results),
                    f.also,
                )
                for f in history.findings
            ),
            reverse=True,
        ),
        "answers": sorted(
            ((a.day, a.second, a.material, a.sender, a.negative) for a in history.answers),
            reverse=True,
        ),
        "searches": sorted(
            ((s.day, s.second, _word(s), s.material, s.sender, s.status) for s in history.searches),
            reverse=True,
        ),
        "doses": sorted(
            ((d.day, d.vaccine, d.sent, d.sender) for d in history.doses), reverse=True
        ),
        "notices": sorted(((n.day, n.diagnosis, n.sender) for n in history.notices), reverse=True),
    }


def _is_told(word: str, findings: list[tuple[str | None, str]]) -> bool:
    """Whether a search found what stands among the findings of its specimen."""
    name, method, answer = word.split("/")
    organism = name.partition(":")[0]
    return answer == "+" and any(
        (not organism or found == organism or refines(found or "", organism) or refines(organism, found or ""))
        and (not method or not how or method == how)
        for found, how in findings
    )  # fmt: skip


def _word(one: Looked) -> str:
    name = f"{one.organism}:{one.markers.replace(',', '+')}" if one.markers else one.organism
    sign = {"found": "+", "not-found": "-", "inconclusive": "?", "pending": "~"}[one.answer]
    return f"{name}/{one.method}/{sign}"


def _is(record: Notification, context: Context, pseudonym: bytes) -> bool:
    identifier = record.patient.identifier
    return identifier is not None and pseudonym == context.pseudonym(
        identifier.kind, identifier.issuer, identifier.value
    )
