"""Institutions as of a day: name, what they are part of, and what became of them.

Institutions change name, move, merge and close; rows of the table ``institutions`` say what holds for a time. Whoever
shows a report asks here by number and day, and never keeps a name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Final, Literal

import msgspec
import pyarrow as pa

Problem = Literal["overlap", "unknown-part-of", "unknown-successor", "cycle"]

_SINCE_EVER: Final = date.min


class Institution(msgspec.Struct, frozen=True, kw_only=True):
    """What holds of an institution or unit between two days, both included; `until` None: it still does.

    Attributes:
        institution: organisation number at the level of the institution.
        part_of: organisation number of what it is part of; None: of nothing.
        successor: organisation number of what took over when this ended; None: it was closed, or goes on.
    """

    institution: str
    since: date
    until: date | None
    name: str
    kind: str
    part_of: str | None
    municipality: str
    successor: str | None

    def holds(self, on: date) -> bool:
        """Whether it holds on a day."""
        return self.since <= on and (self.until is None or on <= self.until)


class InstitutionCycle(Exception):
    """Institutions that are part of themselves, or that took over from themselves.

    Attributes:
        numbers: the organisation numbers of the circle, in order.
    """

    def __init__(self, numbers: tuple[str, ...]) -> None:
        super().__init__(
            f"institutions in a circle: {' → '.join(numbers)}. Correct part_of or successor "
            "in the table institutions"
        )
        self.numbers = numbers


class Circle(msgspec.Struct, frozen=True):
    """Institutions in a circle.

    Attributes:
        column: which column of the table makes it: ``part_of`` or ``successor``.
        numbers: the organisation numbers in order, the lowest first.
    """

    column: Literal["part_of", "successor"]
    numbers: tuple[str, ...]


class Finding(msgspec.Struct, frozen=True):
    """Something that cannot be right in the table: what, of which institution, and since which day."""

    problem: Problem
    institution: str
    since: date


class Institutions:
    """All institutions.

    Args:
        rows: in any order. Of two rows that hold on the same day, the one that began later counts.
    """

    def __init__(self, rows: Iterable[Institution]) -> None:
        found: dict[str, list[Institution]] = {}
        for row in sorted(rows, key=lambda row: (row.institution, row.since)):
            found.setdefault(row.institution, []).append(row)
        self._rows: Mapping[str, list[Institution]] = found

    @classmethod
    def of(cls, table: pa.Table) -> Institutions:
        """Those of an Arrow table with the columns of the layout ``institutions``."""
        return cls(Institution(**row) for row in table.to_pylist())

    def __contains__(self, number: object) -> bool:
        return number in self._rows

    def find(self, number: str, on: date) -> Institution | None:
        """What holds of an institution on a day; None: it was not there, or nobody knows it."""
        holding = [row for row in self._rows.get(number, ()) if row.holds(on)]
        return holding[-1] if holding else None

    def name(self, number: str, on: date) -> str:
        """Its name on a day; after it ended the last it had, and its number when nobody knows it or before it began."""
        known = [row for row in self._rows.get(number, ()) if row.since <= on]
        holding = [row for row in known if row.holds(on)]
        return (holding or known)[-1].name if known else number

    def chain(self, number: str, on: date) -> tuple[Institution, ...]:
        """The institution and what it is part of on a day, from below; ends where nobody knows what comes next.

        Raises:
            InstitutionCycle: it is part of itself.
        """
        found: list[Institution] = []
        seen: list[str] = []
        at: str | None = number
        while at is not None:
            if at in seen:
                raise InstitutionCycle((*seen[seen.index(at) :], at))
            row = self.find(at, on)
            if row is None:
                break
            seen.append(at)
            found.append(row)
            at = row.part_of
        return tuple(found)

    def parts(self, number: str, on: date) -> tuple[Institution, ...]:
        """What is part of an institution on a day, without what is part of that again, by number."""
        holding = (self.find(each, on) for each in self._rows)
        return tuple(row for row in holding if row is not None and row.part_of == number)

    def successors(self, number: str, on: date) -> tuple[str, ...]:
        """The institution and what has taken over from it by a day, one after the other. The last is who answers for
        it that day; whether it is still there, `find` says.

        Raises:
            InstitutionCycle: it took over from itself.
        """
        found = [number]
        while self.find(found[-1], on) is None:
            ended = [
                row
                for row in self._rows.get(found[-1], ())
                if row.until is not None and row.until < on
            ]
            if not ended or ended[-1].successor is None:
                break
            after = ended[-1].successor
            if after in found:
                raise InstitutionCycle((*found[found.index(after) :], after))
            found.append(after)
        return tuple(found)

    def check(self) -> tuple[Finding, ...]:
        """What cannot be right, in the order of numbers and days."""
        return tuple(self._check())

    def circles(self) -> tuple[Circle, ...]:
        """Every circle that there is on some day, once."""
        found = {
            circle
            for rows in self._rows.values()
            for row in rows
            for circle in self._circles_from(row)
        }
        return tuple(sorted(found, key=lambda each: (each.column, each.numbers)))

    def _check(self) -> Iterator[Finding]:
        for number, rows in self._rows.items():
            ended = _SINCE_EVER
            for row in rows:
                if row.since <= ended and row is not rows[0]:
                    yield Finding("overlap", number, row.since)
                ended = max(ended, row.until or date.max)
                if row.part_of is not None and row.part_of not in self:
                    yield Finding("unknown-part-of", number, row.since)
                if row.successor is not None and row.successor not in self:
                    yield Finding("unknown-successor", number, row.since)
                if any(self._circles_from(row)):
                    yield Finding("cycle", number, row.since)

    def _circles_from(self, row: Institution) -> Iterator[Circle]:
        """The circles that are found from a row on."""
        try:
            self.chain(row.institution, row.since)
        except InstitutionCycle as error:
            yield Circle("part_of", _from_lowest(error.numbers))
        try:
            if row.until is not None and row.until < date.max:
                # The one that ended last closes a circle the day after, though one of it may begin again later.
                self.successors(row.institution, row.until + timedelta(1))
            self.successors(row.institution, date.max)
        except InstitutionCycle as error:
            yield Circle("successor", _from_lowest(error.numbers))


def _from_lowest(circle: tuple[str, ...]) -> tuple[str, ...]:
    numbers = circle[:-1]
    first = numbers.index(min(numbers))
    return numbers[first:] + numbers[:first]
