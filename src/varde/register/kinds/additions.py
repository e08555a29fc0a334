"""An answer and its additional results as one answer: by what the words mean, not by how they are written.

A laboratory may name one organism by its own code first and by SNOMED CT later, in two wire formats. So results
are put together after the code maps: a pure function of the versions and the maps, worked out anew whenever either
changes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import msgspec

from varde.messages.records import (
    Code,
    Finding,
    LabReport,
    LookedFor,
    Method,
    Specimen,
    Susceptibility,
)
from varde.register.projection import Context, Noted, PutAside, map_code
from varde.register.searches import meaning
from varde.register.standing import Completed
from varde.register.versions import differ, patient_mark

MOST = 900
"""Specimens, and findings, that an answer holds with all that is added to it: as many as one message may have."""
OTHER_PATIENT = "addition-other-patient"
Words = tuple[Code, ...]
Meaning = str | Words
"""A concept; the words themselves where no map knows them."""


@dataclass
class _Grown:
    """A finding as it has become, what it means, and every name it has had."""

    finding: Finding
    means: Meaning
    names: list[Words]


def complete(
    report: LabReport, context: Context, noted: Noted
) -> tuple[LabReport, tuple[PutAside, ...]]:
    """The answer with its additional results in it; one without them is as it was.

    Specimens are the same when their laboratory numbers are (or, without numbers, their position). Of one
    specimen, findings are the same when their method and their organism, mapped, are; where a version has several of one organism
    they are told apart by how they are named, then by their order, and one finding of the addition never goes
    with two. Of one finding and antibiotic the newest result stands; the older one is in the log alone. So it is with one
    search in one specimen: what was on its way, or neither, has been answered.

    Args:
        noted: gets the expressions that are not in the answer any more but decide what it says, so that the
            answer is found when somebody takes back what they mean.

    Returns:
        The answer, and the additions that are no part of it, because with them it would hold more than an answer
        can (`MOST`), or because they are about another patient than the answer. Each is tried in its turn, the
        oldest first, so that the same set of versions leaves the same ones out, in whichever order they came.
    """
    if not isinstance(report, Completed):
        return report, ()
    specimens = list(report.specimens)
    grown = [_grow(each, context) for each in report.findings]
    searches = report.looked_for
    taken: list[LabReport] = [report]
    aside: list[PutAside] = []
    for key, addition in zip(report.keys, report.additions, strict=True):
        if is_of_another(report, addition, context):
            aside.append(PutAside(key, OTHER_PATIENT, 0))
            continue
        tried = _Tried(
            list(specimens), [replace(each, names=[*each.names]) for each in grown], searches
        )
        tried.add(addition, context)
        too_many = tried.too_many()
        if too_many is not None:
            aside.append(PutAside(key, *too_many))
            continue
        specimens, grown, searches = tried.specimens, tried.grown, tried.searches
        noted.add(tried.noted)
        taken.append(addition)
    said = {name: getattr(report, name) for name in LabReport.__struct_fields__}
    said |= {
        "specimens": tuple(specimens),
        "findings": tuple(each.finding for each in grown),
        "looked_for": searches,
        "status": taken[-1].status,
        "notifiable": next((each.notifiable for each in reversed(taken) if each.notifiable), ""),
        "negative": all(each.negative for each in taken),
    }
    return LabReport(**said), tuple(aside)


def is_of_another(report: LabReport, addition: LabReport, context: Context) -> bool:
    """Whether an addition is about another patient than its answer, as far as both say who it is: by number, by day of
    birth, or by sex. Nothing of it may then stand under the answer's patient."""
    one, other = (patient_mark(each, context.reference) for each in (report, addition))
    if differ(one, other):
        return True
    base, added = report.patient, addition.patient
    if base.identifier is not None and base.identifier == added.identifier:
        return False
    return any(
        said and again and said != again
        for said, again in ((base.birth_date, added.birth_date), (base.sex, added.sex))
    )


@dataclass
class _Tried:
    """An answer as it would be with an addition."""

    specimens: list[Specimen]
    grown: list[_Grown]
    searches: tuple[LookedFor, ...]
    noted: Noted = field(default_factory=Noted)

    def add(self, addition: LabReport, context: Context) -> None:
        """Put the addition in."""
        place = {each.number: _place_specimen(self.specimens, each) for each in addition.specimens}
        new = [msgspec.structs.replace(f, specimen=place[f.specimen]) for f in addition.findings]
        _add(self.grown, new, context, self.noted)
        self.searches = _answered(
            self.searches,
            [
                msgspec.structs.replace(each, specimen=place[each.specimen])
                for each in addition.looked_for
            ],
            context,
        )

    def too_many(self) -> tuple[str, int] | None:
        """The reason why it cannot be, and how many there are; None when it can."""
        for reason, number in (
            ("too-many-specimens", len(self.specimens)),
            ("too-many-findings", len(self.grown)),
        ):
            if number > MOST:
                return reason, number
        return None


def _place_specimen(specimens: list[Specimen], new: Specimen) -> int:
    """Number of the specimen that `new` is, added when it is not there."""
    for old in specimens:
        same_id = old.specimen_id == new.specimen_id
        if same_id and (new.specimen_id or old.number == new.number):
            return old.number
    number = 1 + max((old.number for old in specimens), default=0)
    specimens.append(msgspec.structs.replace(new, number=number))
    return number


def _grow(finding: Finding, context: Context) -> _Grown:
    return _Grown(finding, _meaning("organism", finding.organisms, context), [finding.organisms])


def _add(grown: list[_Grown], new: Sequence[Finding], context: Context, noted: Noted) -> None:
    """Put the findings of one addition in their places."""
    named: dict[tuple[int, Method, Meaning], list[_Grown]] = defaultdict(list)
    meant: dict[tuple[int, Method, Meaning], list[_Grown]] = defaultdict(list)
    # Backwards, so that the first is the last, which is taken off.
    for old in reversed(grown):
        meant[old.finding.specimen, old.finding.method, old.means].append(old)
        for words in old.names:
            named[old.finding.specimen, old.finding.method, words].append(old)
    fresh = [_grow(each, context) for each in new]
    places: dict[int, _Grown] = {}
    taken: set[int] = set()
    names: list[Meaning] = [each.finding.organisms for each in fresh]
    for known, said in ((named, names), (meant, [each.means for each in fresh])):
        for position, each in enumerate(fresh):
            fitting = known[each.finding.specimen, each.finding.method, said[position]]
            while fitting and position not in places:
                old = fitting.pop()
                if id(old) not in taken:
                    places[position] = old
                    taken.add(id(old))
    number = max((old.finding.number for old in grown), default=0)
    for position, each in enumerate(fresh):
        if position in places:
            _put_in(places[position], each.finding, context, noted)
        else:
            number += 1
            each.finding = msgspec.structs.replace(each.finding, number=number)
            grown.append(each)


def _put_in(old: _Grown, new: Finding, context: Context, noted: Noted) -> None:
    """What `new` says of the finding stands, and what it says nothing of."""
    if new.organisms not in old.names:
        old.names.append(new.organisms)
        map_code("organism", new.organisms, context, noted)
    old.finding = msgspec.structs.replace(
        old.finding,
        quantity=new.quantity or old.finding.quantity,
        susceptibilities=_newest(
            old.finding.susceptibilities, new.susceptibilities, context, noted
        ),
    )


def _newest(
    old: Sequence[Susceptibility], new: Sequence[Susceptibility], context: Context, noted: Noted
) -> tuple[Susceptibility, ...]:
    """The old results of antibiotics that the new ones say nothing of, and the new ones."""
    said = {_meaning("antibiotic", each.antibiotics, context) for each in new}
    written = {each.antibiotics for each in new}
    kept = []
    for each in old:
        if _meaning("antibiotic", each.antibiotics, context) not in said:
            kept.append(each)
        elif each.antibiotics not in written:
            map_code("antibiotic", each.antibiotics, context, noted)
    return (*kept, *new)


def _answered(
    old: tuple[LookedFor, ...], new: Sequence[LookedFor], context: Context
) -> tuple[LookedFor, ...]:
    """The searches of an answer with those of an addition, whose answers stand; but for what was found, which is told by
    a finding that stands too, and what is only on its way."""
    said = {
        (each.specimen, meaning(each, context.codes)) for each in new if each.answer != "pending"
    }
    kept = (
        each
        for each in old
        if each.answer == "found" or (each.specimen, meaning(each, context.codes)) not in said
    )
    return (*kept, *new)


def _meaning(kind: str, words: Words, context: Context) -> Meaning:
    return map_code(kind, words, context, Noted()) or words
