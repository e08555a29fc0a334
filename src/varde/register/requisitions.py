"""Several whole answers under one number: a requisition's, under which a laboratory sends more than one.

In KITH and FHIR a version states its answer whole, and the newest takes the place of those before it. But laboratories
send what several sections did with one requisition, and what was ordered afterwards, as new answers under the same
number. A new one that took the place of the other would lose what that found.

**What is certainly another answer.** Two versions are of other things when

- all specimens of both have numbers of the laboratory's, and none is in both; or
- what they looked for is known in both and nothing of it is in both: not by a more precise name either. A culture of
  whatever grows looks for all that can grow. What a panel found is not known to be all that it looked for.

By specimens it is so at any stage. By what was looked for only a new answer (no correction) stands beside one that was
final: a preliminary answer may well have looked for something else (a stain) than the final one (a culture).

**The newest of each.** The versions are gone through from the oldest. One takes the place of all that stands and is not
certainly another: a corrected, a full and a repeated answer have what they looked for in common with the earlier. A
correction that has nothing in common with any of several stands beside them, and is told; of the only one there is it is
the correction.

**What is told** (`Beside.doubtful`). By numbers of specimens nothing but a final answer beside a preliminary one that
found something, which may have been given another number. By what was looked for, where what was found first stands beside an
answer of the same section and of what may be the same specimen: it may have been meant to be taken back. A correction of which
no earlier version is there. And a withdrawal where several stand: it names none of them, and is of all.

**Additions** are of the answer that they have something in common with, else of the newest that stood; they go with it.

All of it is a function of the set of versions.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, NamedTuple

import msgspec

from varde.codes import refines
from varde.messages.answers.known_names import concept_of
from varde.messages.records import LabReport
from varde.register.beside import Beside, Entry, alike, join_entries, mark_of, may_be_final
from varde.register.chunk import Version
from varde.register.versions import differ, scope_in

Relation = Literal["same", "may", "asked-other", "other"]
"""Of two versions: they have something in common; nobody can tell; they looked for other things; their specimens are others."""


class Asked(NamedTuple):
    """One thing that was looked for.

    Attributes:
        concept: the organism; empty for whatever grows.
        grown: it may have been looked for in a culture.
    """

    concept: str
    grown: bool


@dataclass
class _Answer:
    """An answer as it stands: the version that says it, those before it, and what was added to it."""

    entry: Entry
    additions: list[tuple[str, LabReport]] = field(default_factory=list)


class Several(NamedTuple):
    """What stands where more than one answer does.

    Attributes:
        key: of the newest version.
        answer: all of them as one.
        additions: to any of them, oldest first.
    """

    key: str
    answer: Beside
    additions: tuple[tuple[str, LabReport], ...]


def may_be_apart(versions: Collection[Version]) -> bool:
    """Whether a report has several versions that `put_answers_beside` must read."""
    whole = {
        version.key
        for version in versions
        if version.report[0] == LabReport.kind
        and version.service_type not in ("A", "C")
        and not scope_in(version.key)
    }
    return len(whole) > 1


def put_answers_beside(ordered: Sequence[tuple[str, LabReport]]) -> Several | None:
    """What stands of whole answers under one number; None where it is not more than one.

    Args:
        ordered: key and version, oldest first, with additions and withdrawals.
    """
    if any(report.scope and report.service_type != "C" for _, report in ordered):
        return None
    standing: list[_Answer] = []
    withdrawn: Several | None = None
    for key, report in ordered:
        if report.service_type == "C":
            several = len(standing) > 1 or (withdrawn is not None and not standing)
            said = {name: getattr(report, name) for name in LabReport.__struct_fields__}
            withdrawn = Several(key, Beside(**said, doubtful=True), ()) if several else None
            standing = []
        elif report.service_type == "A":
            _add(standing, key, report)
        else:
            standing, withdrawn = _place(standing, key, report), None
    if len(standing) < 2:
        return withdrawn
    entries = [each.entry for each in standing]
    newest = max(entries, key=lambda each: each.key)
    placed: dict[str, dict[int, int]] = {}
    joined = join_entries(newest, entries, _is_doubtful(entries), placed)
    added = {
        key: _moved(addition, placed.get(each.entry.key, {}), len(joined.specimens))
        for each in standing
        for key, addition in each.additions
    }
    return Several(newest.key, joined, tuple(sorted(added.items())))


def _moved(addition: LabReport, places: Mapping[int, int], others: int) -> LabReport:
    """The addition with its specimens numbered as those of the answers together: without numbers of the laboratory's they
    are told by that. What its own answer does not have is behind all that there is."""
    place = {
        each.number: places.get(each.number, others + each.number) for each in addition.specimens
    }
    return msgspec.structs.replace(
        addition,
        specimens=tuple(
            msgspec.structs.replace(each, number=place[each.number]) for each in addition.specimens
        ),
        findings=tuple(
            msgspec.structs.replace(each, specimen=place.get(each.specimen, each.specimen))
            for each in addition.findings
        ),
        looked_for=tuple(
            msgspec.structs.replace(each, specimen=place.get(each.specimen, each.specimen))
            for each in addition.looked_for
        ),
    )


def relate(one: LabReport, other: LabReport) -> Relation:
    """What two versions have to do with each other."""
    if differ(mark_of(one), mark_of(other)) or not (one.looked_for and other.looked_for):
        return "may"
    mine, theirs = ([each.specimen_id for each in report.specimens] for report in (one, other))
    if all(mine) and all(theirs) and mine and theirs and set(mine).isdisjoint(theirs):
        return "other"
    asked, answered = asked_by(one), asked_by(other)
    if asked is None or answered is None:
        return "may"
    if any(_meet(a, b) for a in asked for b in answered):
        return "same"
    return "asked-other"


def asked_by(report: LabReport) -> frozenset[Asked] | None:
    """All that an answer looked for; None where that is not known: of panels, and of what nobody knows by its name."""
    asked = set()
    for each in report.looked_for:
        grown = each.method in ("culture", "")
        concept = _concept(each.organisms) if each.organisms else ""
        if concept is None or (not concept and each.method != "culture"):
            return None
        asked.add(Asked(concept, grown))
    found = set()
    for finding in report.findings:
        one = Asked(_concept(finding.organisms) or "", finding.method in ("culture", ""))
        if not one.concept or not any(_meet(one, each) for each in asked):
            return None
        found.add(one)
    return frozenset(asked | found) or None


_concept = lru_cache(maxsize=4096)(concept_of)


def _meet(one: Asked, other: Asked) -> bool:
    """Whether two things that were looked for may be the same."""
    if not one.concept or not other.concept:
        return one.grown and other.grown
    a, b = one.concept, other.concept
    return a == b or refines(a, b) or refines(b, a)


def _place(standing: list[_Answer], key: str, report: LabReport) -> list[_Answer]:
    """What stands when a version of a whole answer has come."""
    related = [relate(each.entry.report, report) for each in standing]
    corrects = report.service_type == "M"
    known = "same" in related or (corrects and len(standing) > 1)
    stays: list[_Answer] = []
    gone: list[_Answer] = []
    for each, relation in zip(standing, related, strict=True):
        new = not corrects and each.entry.report.status == "F"
        beside = relation == "other" or (relation == "asked-other" and (known or new))
        (stays if beside else gone).append(each)
    before = sorted({key for each in gone for key in each.entry.lineage})
    return [*stays, _Answer(Entry(None, key, report, (*before, key)))]


def _add(standing: Sequence[_Answer], key: str, addition: LabReport) -> None:
    """Give an addition to the answer that it is of."""
    if not standing:
        return
    same = [each for each in standing if relate(each.entry.report, addition) == "same"]
    max(same or standing, key=lambda each: each.entry.key).additions.append((key, addition))


def _is_doubtful(entries: Sequence[Entry]) -> bool:
    if any(e.report.service_type == "M" and len(e.lineage) == 1 for e in entries):
        return True
    ordered = sorted(entries, key=lambda each: each.key)
    return any(_may_be_one(first, last) for n, last in enumerate(ordered) for first in ordered[:n])


def _may_be_one(first: Entry, last: Entry) -> bool:
    """Whether what was found in an answer may have been meant to be taken back by one that was made after it."""
    if may_be_final(last, first):
        return True
    one, other = first.report, last.report
    if relate(one, other) == "other" or one.discipline != other.discipline:
        return False
    near = {a.number for a in one.specimens if any(alike(a, b) for b in other.specimens)}
    return any(finding.specimen in near for finding in one.findings)
