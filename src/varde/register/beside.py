"""Several things under one number: which of them stand beside each other, and what they say together.

A laboratory abroad gives one accession number to two bottles of a blood culture and sends each in a message of its own.
Such a version states its own specimens alone (`LabReport.scope`). So of each specimen what was said last counts, and
the answer is that of all of them: as if they had come in one message.

**Which specimens are the same.** Numbers of the laboratory decide where both have one. Else they are taken for the same
unless their materials or times contradict each other. The versions are gone through from the oldest; a specimen takes the
place of the one that is exactly the same, else of the only one that it may be. A correction that fits nothing takes the
place of what is there, when that is one. Everything else stands beside what is there: nothing is lost. Whether that
is certain (their numbers differ) or a person must look is told (`Beside.doubtful`).

**Withdrawals.** One that names a specimen is of that specimen; of one without a number it is only when it is the only one
that stands. One that names none is of all that there is. One that names a specimen that was never answered is told.

All of it is a function of the set of versions: they are sorted by their keys, and no order of coming is looked at.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from varde.messages.records import Finding, LabReport, LookedFor, Specimen
from varde.register.versions import (
    MADE,
    differ,
    material_names,
    patient_mark,
    specimen_name,
    states_whole,
)

MOST = 900
"""Specimens, and findings, that an answer holds: as many as one message may have. What is beyond is left out, and told."""


class Beside(LabReport, frozen=True, kw_only=True):
    """An answer of several things under one number.

    Attributes:
        lineages: of each version that stands with anything, the keys of the versions whose place it took, oldest first,
            and its own last.
        doubtful: a person must say whether they are one thing or several.
    """

    lineages: tuple[tuple[str, ...], ...] = ()
    doubtful: bool = False


@dataclass(frozen=True)
class Entry:
    """A specimen, or a whole answer, as it stands: the version that says it, and those that said it before.

    Attributes:
        specimen: None of a version that names none, and of a whole answer.
    """

    specimen: Specimen | None
    key: str
    report: LabReport
    lineage: tuple[str, ...]


def put_beside(ordered: Sequence[tuple[str, LabReport]]) -> tuple[str, LabReport] | None:
    """The answer of versions of which at least one states a part, and the key of the newest of those that stand.

    Args:
        ordered: key and version, oldest first; no additions.
    """
    if not ordered:
        return None
    entries: list[Entry] = []
    unsure = False
    numbers: set[str] = set()
    for key, report in ordered:
        if report.service_type == "C":
            entries, missed = _withdraw(entries, report, numbers)
            unsure = bool(entries) and (unsure or missed)
        elif states_whole(key):
            entries, unsure = [Entry(None, key, report, (key,))], False
        else:
            entries = _place(entries, key, report)
            numbers.update(each.specimen_id for each in report.specimens)
    if not entries:
        return ordered[-1]
    newest = max(entries, key=lambda each: each.key)
    about = mark_of(newest.report)
    kept = [each for each in entries if not differ(mark_of(each.report), about)]
    return newest.key, join_entries(newest, kept, unsure or _is_doubtful(kept))


def _withdraw(
    entries: list[Entry], report: LabReport, numbers: Collection[str]
) -> tuple[list[Entry], bool]:
    """What is left after a withdrawal, and whether it is uncertain what it was meant for: of what stands it names nothing,
    and something stands without a number, or something was found and no answer ever had a specimen that it names.

    Args:
        numbers: of all specimens that were answered before.
    """
    named = set(report.withdraws)
    if not named or _is_only(entries, report):
        return [], False
    left = [each for each in entries if _number(each) not in named]
    fits = len(left) < len(entries)
    found = any(each.report.findings for each in left) and named.isdisjoint(numbers)
    return left, not fits and (found or any(not _number(each) for each in left))


def _is_only(entries: Sequence[Entry], withdrawal: LabReport) -> bool:
    """Whether a withdrawal of specimens is of the only thing there is, that has no number: of one that names no test, other
    tests may have the specimen that it names, and only an answer of the whole is."""
    only = len(entries) == 1 and not _number(entries[0])
    return only and (withdrawal.scope == "part" or states_whole(entries[0].key))


def _place(entries: list[Entry], key: str, report: LabReport) -> list[Entry]:
    """What stands when a version has come that states its own specimens."""
    whole = [each for each in entries if states_whole(each.key)]
    if whole:
        known = (*whole[0].lineage, key)
        return [Entry(each, key, report, known) for each in report.specimens or (None,)]
    free = list(entries)
    specimens: list[Specimen | None] = [*report.specimens] or [None]
    takes: dict[int, list[Entry]] = {}
    for same, only in ((_equal, False), (_of_one_number, False), (alike, True)):
        for place, specimen in enumerate(specimens):
            fitting = [each for each in free if same(each.specimen, specimen)]
            if fitting and (not only or (len(fitting) == 1 and place not in takes)):
                takes.setdefault(place, []).extend(fitting)
                free = [each for each in free if each not in fitting]
    alone = not takes and len(entries) == len(specimens) == 1
    if alone and report.service_type == "M":
        # A correction is of the only thing there is, unless it certainly is not.
        certain = _certainly_other(entries[0].specimen, specimens[0])
        takes[0], free = ([], free) if certain else (free, [])
    own = []
    for place, specimen in enumerate(specimens):
        before = {key for taken in takes.get(place, ()) for key in taken.lineage}
        own.append(Entry(specimen, key, report, (*sorted(before), key)))
    return [*free, *own]


def _is_doubtful(entries: Sequence[Entry]) -> bool:
    """Whether any two things that stand may be one."""
    return any(
        one.key != other.key and not _certainly_other(one.specimen, other.specimen)
        for n, one in enumerate(entries)
        for other in entries[:n]
    ) or any(may_be_final(other, one) for one in entries for other in entries)


def join_entries(
    newest: Entry,
    entries: Sequence[Entry],
    doubtful: bool,
    placed: dict[str, dict[int, int]] | None = None,
) -> Beside:
    """One answer of what stands; specimens and findings in an order that nothing but them decides.

    Args:
        placed: gets for each version, by its key, which specimen of the answer each of its own is.
    """
    ordered = sorted(entries, key=_order)
    there: dict[str, int] = {}
    specimens: list[Specimen] = []
    findings: list[Finding] = []
    looked_for: list[LookedFor] = []
    for each in ordered:
        new = (each.specimen,) if each.specimen is not None else each.report.specimens
        found = [
            f
            for f in each.report.findings
            if each.specimen is None or f.specimen == each.specimen.number
        ]
        if max(len(specimens) + len(new), len(findings) + len(found)) > MOST:
            doubtful = True
            continue
        places: dict[int, int] = {}
        for s in new:
            same = there.get(specimen_name(s)) if each.specimen is None else None
            places[s.number] = same or len(specimens) + 1
            if not same:
                specimens.append(msgspec.structs.replace(s, number=places[s.number]))
        if each.specimen is None:
            there |= {specimen_name(s): places[s.number] for s in new if s.specimen_id}
        if placed is not None:
            placed[each.key] = places
        for f in found:
            place = places.get(f.specimen, f.specimen)
            findings.append(msgspec.structs.replace(f, number=len(findings) + 1, specimen=place))
        looked_for += [
            msgspec.structs.replace(asked, specimen=places[asked.specimen])
            for asked in each.report.looked_for
            if asked.specimen in places
        ]
    reports = {each.key: each.report for each in entries}
    newest_first = [reports[key] for key in sorted(reports, reverse=True)]
    said: dict[str, Any] = {
        name: getattr(newest.report, name) for name in LabReport.__struct_fields__
    }
    said |= {
        "specimens": tuple(specimens),
        "findings": tuple(findings),
        "looked_for": tuple(looked_for),
        "status": _one_of({each.status for each in reports.values()}),
        "notifiable": next((r.notifiable for r in newest_first if r.notifiable), ""),
        "negative": all(each.negative for each in reports.values()),
    }
    return Beside(**said, lineages=_lineages(entries), doubtful=doubtful)


def may_be_final(last: Entry, first: Entry) -> bool:
    """Whether a final answer may be of a specimen that had another number in the preliminary one: it has no version before
    it, was made later, and the other found something and is not final."""
    return (
        last.report.status == "F" != first.report.status
        and len(last.lineage) == 1
        and last.key[MADE] > first.key[MADE]
        and any(
            first.specimen is None or each.specimen == first.specimen.number
            for each in first.report.findings
        )
    )


def _one_of(said: set[str]) -> str:
    """The status that all have, else partial."""
    return said.pop() if len(said) == 1 else "S"


def _lineages(entries: Iterable[Entry]) -> tuple[tuple[str, ...], ...]:
    found: dict[str, set[str]] = {}
    for each in entries:
        found.setdefault(each.key, set()).update(each.lineage)
    return tuple(tuple(sorted(found[key])) for key in sorted(found))


def _order(entry: Entry) -> tuple[str, tuple[str, ...], str, str, int]:
    s = entry.specimen
    if s is None:
        return ("", (), "", entry.key, 0)
    return (s.specimen_id, material_names(s), s.collected.isoformat(), entry.key, s.number)


def _number(entry: Entry) -> str:
    return entry.specimen.specimen_id if entry.specimen is not None else ""


def _equal(one: Specimen | None, other: Specimen | None) -> bool:
    if one is None or other is None:
        return one is other
    return specimen_name(one) == specimen_name(other)


def _of_one_number(one: Specimen | None, other: Specimen | None) -> bool:
    if one is None or other is None:
        return False
    return bool(one.specimen_id) and one.specimen_id == other.specimen_id


def alike(one: Specimen | None, other: Specimen | None) -> bool:
    """Whether nothing says that two specimens are others; a laboratory's number that they share says that they are not, also
    where their dates differ."""
    if one is None or other is None:
        return True
    if one.specimen_id and other.specimen_id:
        return one.specimen_id == other.specimen_id
    mine, theirs = material_names(one), material_names(other)
    same_material = not mine or not theirs or not set(mine).isdisjoint(theirs)
    return one.collected == other.collected and same_material


def _certainly_other(one: Specimen | None, other: Specimen | None) -> bool:
    if one is None or other is None:
        return False
    return bool(one.specimen_id and other.specimen_id and one.specimen_id != other.specimen_id)


def mark_of(report: LabReport) -> int:
    """Whom it is about, to be compared here and never kept."""
    return patient_mark(report, _hash)


def _hash(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=16).digest()
