"""The number that a case is known by, for as long as there is a case of its evidence.

A case is known by its findings and forms: each remembers the numbers that it has been a case under (`CaseNumber`), and
which of them it has now, or had last. That survives a replay, which makes all cases anew.

1. **Now.** From the lowest number on, each goes to a case that holds evidence which has it now. When several cases do (the
   case was split), to the one with the evidence that had it first; one whose day was corrected comes after the others.
2. **Before.** A case that has none yet takes, in the same way, a number that its evidence once had: a case that was one with
   another and is not any more gets its own number back.
3. **New.** Else it gets one that no case ever had.

A case has one number, so that of two which become one, the lower stays. Whoever asks for the other is told which it
became.

A number never leads from one person to another. Where evidence was thought to be of somebody else and is not any more, it
forgets the number of their case (`coming_apart`), and so it does whenever that number is another person's case now. A report
that is written over with another person forgets all of them, until it comes back to the first (`varde.register.casework.strangers`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from typing import NamedTuple

from varde.register import store
from varde.register.casework.drafts import Draft
from varde.register.casework.pieces import Whose
from varde.register.store import connection

Held = tuple[bytes, date]
"""A piece of evidence by which a case is known: its keyed hash, and the day that it is about."""


class Had(NamedTuple):
    """A number that a piece of evidence has, or has had: a row of `CaseNumber`."""

    id: int
    evidence: bytes
    day: date
    number: int
    current: bool


class Numbered(NamedTuple):
    """The number of a case, and the others that its evidence has had."""

    number: int
    known_as: tuple[int, ...]


def choose(
    cases: Sequence[Collection[Held]],
    had: Collection[Had],
    taken: Collection[int],
    first_new: int,
) -> list[Numbered]:
    """The number of each case.

    Args:
        cases: what each is known by.
        had: everything that the evidence of these cases is remembered with, on any day.
        taken: numbers of other cases.
        first_new: the first number that no case ever had.
    """
    known = _Known(cases, had)
    mine = [known.of(case) for case in cases]
    numbers: dict[int, int] = {}
    given = set(taken)
    for now in (True, False):
        wanting: dict[int, list[tuple[bool, int, int]]] = defaultdict(list)
        for place, ones in enumerate(mine):
            for one in ones:
                if one.current or not now:
                    moved = (one.evidence, one.day) not in cases[place]
                    wanting[one.number].append((moved, one.id, place))
        for number in sorted(wanting.keys() - given):
            for *_, place in sorted(wanting[number]):
                if place not in numbers:
                    numbers[place] = number
                    given.add(number)
                    break
    for place in range(len(cases)):
        if place not in numbers:
            numbers[place] = first_new
            first_new += 1
    return [
        Numbered(numbers[place], tuple(sorted({one.number for one in ones} - {numbers[place]})))
        for place, ones in enumerate(mine)
    ]


class Noted(NamedTuple):
    """What is to be remembered after cases got their numbers.

    Attributes:
        changed: rows that say otherwise than before whether their number is the one of now.
        fresh: rows that are new, but for their ids.
    """

    changed: list[tuple[bool, int]]
    fresh: list[tuple[bytes, date, int, bool]]


def note(cases: Sequence[Collection[Held]], found: Sequence[Numbered], had: Sequence[Had]) -> Noted:
    """What the evidence of cases is to be remembered with, now that they have these numbers. Evidence whose day was
    corrected takes along what it was remembered with."""
    known = _Known(cases, had)
    noted = Noted([], [])
    for case, numbered in zip(cases, found, strict=True):
        for held in sorted(case):
            ones = known.exact.get(held)
            earlier = known.earlier.get(held[0])
            if not ones and not earlier:
                noted.fresh.append((*held, numbered.number, True))
                continue
            ones = ones or []
            noted.changed.extend(
                (one.number == numbered.number, one.id)
                for one in ones
                if one.current != (one.number == numbered.number)
            )
            numbers = {one.number for one in ones or earlier or []}
            new = {numbered.number} if ones else numbers | {numbered.number}
            noted.fresh.extend(
                (*held, number, number == numbered.number)
                for number in sorted(new - {one.number for one in ones})
            )
    return noted


class _Known:
    """What evidence is remembered with: on its day, and on days that it is not about any more."""

    def __init__(self, cases: Sequence[Collection[Held]], had: Collection[Had]) -> None:
        now: set[Held] = {held for case in cases for held in case} if had else set()
        self.exact: dict[Held, list[Had]] = defaultdict(list)
        self.earlier: dict[bytes, list[Had]] = defaultdict(list)
        for one in had:
            held = (one.evidence, one.day)
            self.exact[held].append(one)
            if held not in now:
                self.earlier[one.evidence].append(one)

    def of(self, case: Collection[Held]) -> list[Had]:
        """What the evidence of a case is remembered with; that of other days where its own day has nothing."""
        return [
            one for held in case for one in self.exact.get(held) or self.earlier.get(held[0]) or ()
        ]


# --- in the database ------------------------------------------------------------------------------


def number_cases(
    drafts: Sequence[Draft], freed: Collection[int], reference: Callable[[bytes], bytes]
) -> list[Numbered]:
    """The number of each case, remembered with its evidence.

    Args:
        drafts: all cases that these persons have of these diseases.
        freed: the numbers that those had so far.
        reference: the register's keyed hash.
    """
    cases = [frozenset(_held(drafted, reference)) for drafted in drafts]
    hashes = sorted({evidence for case in cases for evidence, _ in case})
    had = [
        Had(row, bytes(evidence), date.fromisoformat(day), number, bool(current))
        for row, evidence, day, number, current in store.select_in(
            "casenumber", "id, evidence, CAST(day AS TEXT), number, current", "evidence", hashes
        )
    ]
    gone: set[int] = set()
    if _APART.get():
        gone = _foreign(drafts, cases, had)
        had = [one for one in had if one.id not in gone]
    numbers = sorted({one.number for one in had} - set(freed))
    owners = {
        number: Whose(person, report)
        for number, person, report in store.select_in("case", "id, person, report", "id", numbers)
    }
    found = choose(cases, had, owners.keys(), _first_new())
    if len(drafts) > 1 or owners:
        lent = _lent(drafts, cases, found, had, owners)
        if lent:
            gone |= {one.id for one in had if one.id in lent}
            had = [one for one in had if one.id not in gone]
            found = _renumber(cases, found, had)
    with connection.cursor() as cursor:
        cursor.executemany(
            "DELETE FROM register_casenumber WHERE id = %s", [(row,) for row in sorted(gone)]
        )
    _write(note(cases, found, had))
    return found


_APART: ContextVar[bool] = ContextVar("whether persons may come apart", default=False)


@contextmanager
def coming_apart() -> Iterator[None]:
    """What was thought to be of one person may be of two inside: cases get the numbers that were theirs before."""
    token = _APART.set(True)
    try:
        yield
    finally:
        _APART.reset(token)


def _foreign(
    drafts: Sequence[Draft], cases: Sequence[Collection[Held]], had: Sequence[Had]
) -> set[int]:
    """Rows of numbers that began with other evidence than this person's, of cases that have a number of their own."""
    began: dict[int, bytes] = {}
    for number, evidence, _ in sorted(
        store.select_in(
            "casenumber", "number, evidence, id", "number", sorted({one.number for one in had})
        ),
        key=lambda row: -int(row[2]),
    ):
        began[number] = bytes(evidence)
    own: dict[Whose, set[bytes]] = defaultdict(set)
    for drafted, case in zip(drafts, cases, strict=True):
        own[drafted.whose].update(evidence for evidence, _ in case)
    known = _Known(cases, had)
    found: set[int] = set()
    for drafted, case in zip(drafts, cases, strict=True):
        rows = known.of(case)
        strange = {one.id for one in rows if began[one.number] not in own[drafted.whose]}
        if len(strange) < len(rows):
            found |= strange
    return found


def _lent(
    drafts: Sequence[Draft],
    cases: Sequence[Collection[Held]],
    found: Sequence[Numbered],
    had: Sequence[Had],
    owners: Mapping[int, Whose],
) -> set[int]:
    """Rows of numbers that are another person's case now."""
    owner = dict(owners)
    owner.update((one.number, drafted.whose) for one, drafted in zip(found, drafts, strict=True))
    known = _Known(cases, had)
    return {
        one.id
        for drafted, case in zip(drafts, cases, strict=True)
        for one in known.of(case)
        if owner.get(one.number, drafted.whose) != drafted.whose
    }


def _renumber(
    cases: Sequence[Collection[Held]], found: Sequence[Numbered], had: Sequence[Had]
) -> list[Numbered]:
    """The same numbers, with the others that the evidence is remembered with."""
    known = _Known(cases, had)
    return [
        Numbered(one.number, tuple(sorted({row.number for row in known.of(case)} - {one.number})))
        for one, case in zip(found, cases, strict=True)
    ]


def _held(drafted: Draft, reference: Callable[[bytes], bytes]) -> Iterable[Held]:
    for piece in drafted.pieces:
        for member in piece.members:
            name = f"case|{drafted.case.disease}|{member.reference}"
            yield reference(name.encode()), piece.day


def _first_new() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(MAX(number), 0) + 1 FROM register_casenumber")
        return int(cursor.fetchone()[0])


def _write(noted: Noted) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE register_casenumber SET current = %s WHERE id = %s", noted.changed
        )
    if noted.fresh:
        first = store.next_id("casenumber")
        rows = [
            (row, evidence, day, number, current)
            for row, (evidence, day, number, current) in enumerate(noted.fresh, first)
        ]
        store.insert("casenumber", store.columns_of("casenumber"), rows)
