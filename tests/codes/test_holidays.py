"""Norwegian holidays, against years that anybody can look up."""

from __future__ import annotations

from datetime import date

import pytest

from varde.codes import holidays
from varde.codes.holidays import easter

EASTERS = {
    1961: (4, 2),
    1981: (4, 19),
    2000: (4, 23),
    2008: (3, 23),
    2019: (4, 21),
    2024: (3, 31),
    2025: (4, 20),
    2026: (4, 5),
    2027: (3, 28),
    2038: (4, 25),
    2100: (3, 28),
}


@pytest.mark.parametrize("year", EASTERS)
def test_easter_sunday(year: int) -> None:
    assert easter(year) == date(year, *EASTERS[year])
    assert easter(year).weekday() == 6


def test_the_holidays_of_a_year() -> None:
    free = sorted(day for day, holiday in holidays(2026).items() if holiday.free)
    assert [(day.month, day.day) for day in free] == [
        (1, 1),
        (4, 2),
        (4, 3),
        (4, 5),
        (4, 6),
        (5, 1),
        (5, 14),
        (5, 17),
        (5, 24),
        (5, 25),
        (12, 25),
        (12, 26),
    ]
    eves = [day for day, holiday in holidays(2026).items() if not holiday.free]
    assert {date(2026, 12, 24), date(2026, 12, 31), date(2026, 4, 1)} <= set(eves)
    assert holidays(2026)[date(2026, 5, 17)].name_nb == "17. mai"


def test_a_day_that_is_two_holidays_is_one() -> None:
    """1 May 2008 was Ascension Day too."""
    assert holidays(2008)[date(2008, 5, 1)].key == "labour-day"


def test_before_the_law_there_is_none() -> None:
    assert {holiday.key for holiday in holidays(1990).values()} == {
        "labour-day",
        "constitution-day",
    }
