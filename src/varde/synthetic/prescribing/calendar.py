"""The months of the invented years, and their days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from varde.codes import holidays
from varde.synthetic.draws import Ints

EPOCH = date(1970, 1, 1)


class Month(NamedTuple):
    """One month.

    Attributes:
        at: 0 for the first one of all.
        first, last: its days.
        days: all of them, since 1970-01-01.
        workdays: those on which practices are open.
    """

    at: int
    first: date
    last: date
    days: Ints
    workdays: Ints

    @property
    def year(self) -> int:
        return self.first.year

    @property
    def free(self) -> NDArray[np.bool_]:
        """Whether practices are closed, for each day."""
        return ~np.isin(self.days, self.workdays)


def number_of(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def months_of(first_year: int, years: int) -> tuple[Month, ...]:
    """All months of whole years."""
    return tuple(
        _month(index, first_year + index // 12, index % 12 + 1) for index in range(years * 12)
    )


def _month(index: int, year: int, number: int) -> Month:
    first = date(year, number, 1)
    last = date(year + number // 12, number % 12 + 1, 1) - timedelta(days=1)
    found = [first + timedelta(days=step) for step in range((last - first).days + 1)]
    free = {day for day, holiday in holidays(year).items() if holiday.free}
    open_days = [day for day in found if day.weekday() < 5 and day not in free]
    return Month(
        index,
        first,
        last,
        np.array([number_of(day) for day in found], np.int64),
        np.array([number_of(day) for day in open_days], np.int64),
    )
