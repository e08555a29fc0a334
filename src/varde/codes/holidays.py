"""Norwegian public holidays, and the eves on which most work stops early."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType

from varde.codes.errors import CodeFileError
from varde.codes.tables import DATA, DATE, SLUG, TEXT, check_unique, read_date, read_table

HOLIDAYS = DATA / "holidays.csv"
EASTER = "easter"


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day that comes back every year.

    Attributes:
        anchor: a day of the year ("12-25"), or "easter" for Easter Sunday.
        days: how many days after the anchor it is; before it when negative.
        free: False for an eve that is no public holiday itself.
        valid_from: from when on the law has it; the files know nothing of earlier years.
    """

    key: str
    anchor: str
    days: int
    name_nb: str
    name_en: str
    free: bool
    valid_from: date


@lru_cache(maxsize=1)
def _rules() -> tuple[Holiday, ...]:
    schema = {
        "key": SLUG,
        "anchor": rf"{EASTER}|\d\d-\d\d",
        "days": r"-?\d{1,2}",
        "name_nb": TEXT,
        "name_en": TEXT,
        "free": r"yes|half",
        "valid_from": DATE,
    }
    found = []
    for line, (key, anchor, days, nb, en, free, since) in read_table(HOLIDAYS, schema):
        day = read_date(HOLIDAYS, line, since)
        if day is None or (
            anchor != EASTER and read_date(HOLIDAYS, line, f"2000-{anchor}") is None
        ):
            raise CodeFileError(HOLIDAYS, line, f"{key} has no day")
        found.append((line, Holiday(key, anchor, int(days), nb, en, free == "yes", day)))
    check_unique(HOLIDAYS, ((line, holiday.key) for line, holiday in found), "key")
    return tuple(holiday for _, holiday in found)


@lru_cache(maxsize=256)
def holidays(year: int) -> Mapping[date, Holiday]:
    """The holidays and eves of a year, by day; where two fall together (1 May and Ascension Day), the
    first of the file."""
    found: dict[date, Holiday] = {}
    for holiday in _rules():
        start = (
            easter(year)
            if holiday.anchor == EASTER
            else date(year, int(holiday.anchor[:2]), int(holiday.anchor[3:]))
        )
        day = start + timedelta(days=holiday.days)
        if day >= holiday.valid_from:
            found.setdefault(day, holiday)
    return MappingProxyType(found)


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar.

    Source: the anonymous algorithm of 1876 (Nature, 20 April 1876), as in J. Meeus, Astronomical
    Algorithms, chapter 8.
    """
    moon, century, rest = year % 19, year // 100, year % 100
    leap, left = divmod(century, 4)
    shift = (century - (century + 8) // 25 + 1) // 3
    age = (19 * moon + century - leap - shift + 15) % 30
    fours, over = divmod(rest, 4)
    sunday = (32 + 2 * left + 2 * fours - age - over) % 7
    late = (moon + 11 * age + 22 * sunday) // 451
    month, day = divmod(age + sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)
