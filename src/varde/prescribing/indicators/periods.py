"""Periods: whole months."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from varde.prescribing.indicators.errors import InvalidPeriod

WRITTEN: Final = re.compile(r"(\d{4})(?:-(\d\d))?")


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Whole months, first and last day included.

    Raises:
        InvalidPeriod: it is not whole months, or ends before it begins.
    """

    since: date
    until: date

    def __post_init__(self) -> None:
        if self.until < self.since:
            raise InvalidPeriod(
                f"the period from {self.since} to {self.until} ends before it begins: give the earlier first"
            )
        if self.since.day != 1 or (self.until + timedelta(1)).day != 1:
            raise InvalidPeriod(
                f"{self.since} to {self.until} is not whole months: begin on the first day of one "
                "and end on the last day of one"
            )

    @property
    def as_of(self) -> date:
        """The day as of which it is asked who is what: the last one."""
        return self.until

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.until - self.since).days + 1

    @property
    def months(self) -> tuple[Period, ...]:
        """Its months, each a period."""
        found, day = [], self.since
        while day <= self.until:
            last = _last_day(day.year, day.month)
            found.append(Period(day, last))
            day = last + timedelta(1)
        return tuple(found)


def read_period(text: str) -> Period:
    """A period as people write it: 2026, 2026-03, or two of those with two full stops between (2025-07..2026-06).

    Raises:
        InvalidPeriod: it is none of these, or ends before it begins.
    """
    first, is_span, last = text.partition("..")
    if not is_span:
        return _read(text, text)
    if not first or not last:
        # A span without an end would be a guess: of one month, or of all since.
        raise InvalidPeriod(
            f"the period {text!r} has one end: a span is written with both, as 2025-07..2026-06"
        )
    since, until = _read(first, text).since, _read(last, text).until
    if until < since:
        raise InvalidPeriod(
            f"the period {text!r} ends before it begins: give the earlier month first"
        )
    return Period(since, until)


def _read(text: str, whole: str) -> Period:
    found = WRITTEN.fullmatch(text)
    if not found or not 1 <= int(found[2] or 1) <= 12 or not 1900 <= int(found[1]) <= 2200:
        raise InvalidPeriod(
            f"{whole!r} is no period: write 2026, 2026-03 or 2025-07..2026-06, whole months"
        )
    year = int(found[1])
    if found[2]:
        return Period(date(year, int(found[2]), 1), _last_day(year, int(found[2])))
    return Period(date(year, 1, 1), date(year, 12, 31))


def _last_day(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def join_months(firsts: Iterable[date]) -> list[Period]:
    """Months, given by their first days, as the fewest periods, in order."""
    found: list[Period] = []
    for day in sorted(firsts):
        month = Period(day, _last_day(day.year, day.month))
        if found and found[-1].until + timedelta(1) == day:
            month = Period(found.pop().since, month.until)
        found.append(month)
    return found


def split_disjoint(periods: Iterable[tuple[int, Period]]) -> list[list[tuple[int, Period]]]:
    """Numbered periods in groups that do not overlap: each group is one pass over the rows."""
    groups: list[list[tuple[int, Period]]] = []
    for number, period in sorted(periods, key=lambda pair: (pair[1].since, pair[1].until, pair[0])):
        for group in groups:
            if group[-1][1].until < period.since:
                group.append((number, period))
                break
        else:
            groups.append([(number, period)])
    return groups


def check_periods(periods: Sequence[Period]) -> tuple[Period, ...]:
    """The periods of a question.

    Raises:
        InvalidPeriod: there is none, or one is there twice.
    """
    if not periods or len(set(periods)) != len(periods):
        raise InvalidPeriod("give at least one period, and each once")
    return tuple(periods)
