"""Counties and municipalities of Norway with their periods, successors and inhabitants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

from varde.codes.errors import CodeFileError
from varde.codes.tables import (
    DATA,
    DATE,
    OPTIONAL_DATE,
    TEXT,
    check_period,
    check_unique,
    read_date,
    read_table,
)

COUNTIES = DATA / "counties.csv"
MUNICIPALITIES = DATA / "municipalities.csv"
CHANGES = DATA / "municipality_changes.csv"
POPULATION = DATA / "population.csv"


@dataclass(frozen=True, slots=True)
class County:
    """A county (fylke) as it was between two days, both included; `valid_to` None: still so."""

    number: str
    name: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Municipality:
    """A municipality (kommune) in one county between two days, both included."""

    number: str
    name: str
    county: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Change:
    """One number that became another on `on`.

    A number with several rows of kind ``split`` was divided: nothing in an old number says which
    part a person lived in.
    """

    old: str
    new: str
    on: date
    kind: str


@dataclass(frozen=True, slots=True)
class PopulationRow:
    """Inhabitants of one municipality, age band and sex on 1 January of `year`.

    `age_high` is included; None in the open last band.
    """

    municipality: str
    age_low: int
    age_high: int | None
    sex: Literal["F", "M"]
    count: int
    year: int


@lru_cache(maxsize=1)
def all_counties() -> tuple[County, ...]:
    """Every county row of the file, whatever its period."""
    found = []
    schema = {"number": r"\d\d", "name": TEXT, "valid_from": DATE, "valid_to": OPTIONAL_DATE}
    for line, (number, name, start, end) in read_table(COUNTIES, schema):
        first, last = _period(COUNTIES, line, start, end)
        found.append((line, County(number, name, first, last)))
    check_unique(COUNTIES, ((line, (c.number, c.valid_from)) for line, c in found), "county")
    return tuple(county for _, county in found)


@lru_cache(maxsize=1)
def all_municipalities() -> tuple[Municipality, ...]:
    """Every municipality row of the file, whatever its period.

    Raises:
        CodeFileError: a municipality without a county in its period, or a number with two rows
            that overlap in time.
    """
    schema = {
        "number": r"\d{4}",
        "name": TEXT,
        "county": r"\d\d",
        "valid_from": DATE,
        "valid_to": OPTIONAL_DATE,
    }
    found = []
    for line, (number, name, county, start, end) in read_table(MUNICIPALITIES, schema):
        first, last = _period(MUNICIPALITIES, line, start, end)
        if county not in counties(first):
            raise CodeFileError(MUNICIPALITIES, line, f"county {county} does not exist on {first}")
        found.append((line, Municipality(number, name, county, first, last)))
    keys = ((line, (m.number, m.valid_from)) for line, m in found)
    check_unique(MUNICIPALITIES, keys, "municipality")
    return tuple(municipality for _, municipality in found)


def _period(path: object, line: int, start: str, end: str) -> tuple[date, date | None]:
    file = DATA / str(path)
    first, last = read_date(file, line, start), read_date(file, line, end)
    if first is None:
        raise CodeFileError(file, line, "valid_from is empty")
    check_period(file, line, first, last)
    return first, last


@lru_cache(maxsize=512)
def counties(on: date) -> Mapping[str, County]:
    """The counties that exist on a day, by number; empty for days before the file begins."""
    return MappingProxyType({c.number: c for c in all_counties() if _valid(c, on)})


@lru_cache(maxsize=512)
def municipalities(on: date) -> Mapping[str, Municipality]:
    """The municipalities that exist on a day, by number; empty for days before the file begins."""
    return MappingProxyType({m.number: m for m in all_municipalities() if _valid(m, on)})


def _valid(area: County | Municipality, on: date) -> bool:
    return area.valid_from <= on and (area.valid_to is None or on <= area.valid_to)


@lru_cache(maxsize=1)
def changes() -> Mapping[str, tuple[Change, ...]]:
    """What became of every number that ended, by old number.

    Raises:
        CodeFileError: one old number with several new ones that is not marked as split.
    """
    schema = {
        "old": r"\d{4}",
        "new": r"\d{4}",
        "date": DATE,
        "kind": r"merge|split|renumber",
        "source": TEXT,
    }
    found: dict[str, list[Change]] = {}
    for line, (old, new, day, kind, _source) in read_table(CHANGES, schema):
        on = read_date(CHANGES, line, day)
        before = found.setdefault(old, [])
        if on is None or (before and {kind, *(c.kind for c in before)} != {"split"}):
            raise CodeFileError(CHANGES, line, f"{old} has several successors but is no split")
        before.append(Change(old, new, on, kind))
    return MappingProxyType({old: tuple(rows) for old, rows in found.items()})


def successor(number: str, on: date) -> str | None:
    """The number that a municipality's number has become by a given day.

    Args:
        number: a four-digit number, of the structure of `on` or of an earlier one.
        on: the day whose structure is asked for.

    Returns:
        The number valid on that day (the same one when it still is). None when the number is
        unknown, is younger than `on`, or was split: 1507 became 1508 Ålesund and 1580 Haram in
        2024, and only an address can tell which.
    """
    valid = municipalities(on)
    for _ in range(10):
        if number in valid:
            return number
        steps = [change for change in changes().get(number, ()) if change.on <= on]
        if len(steps) != 1:
            return None
        number = steps[0].new
    return None


def successors(number: str, on: date) -> frozenset[str]:
    """The numbers that a municipality's number may have become by a given day: that of `successor`, or all parts of one
    that was split; empty when the number is unknown or younger than `on`."""
    valid = municipalities(on)
    waiting, seen, found = [number], {number}, set()
    while waiting:
        each = waiting.pop()
        if each in valid:
            found.add(each)
            continue
        later = {change.new for change in changes().get(each, ()) if change.on <= on} - seen
        seen |= later
        waiting.extend(later)
    return frozenset(found)


@lru_cache(maxsize=1)
def population() -> tuple[PopulationRow, ...]:
    """Inhabitants by municipality, age band and sex; see `PopulationRow`."""
    schema = {
        "year": r"\d{4}",
        "municipality": r"\d{4}",
        "age_low": r"\d{1,3}",
        "age_high": r"\d{0,3}",
        "female": r"\d+",
        "male": r"\d+",
    }
    rows: list[PopulationRow] = []
    valid: dict[str, frozenset[str]] = {}
    for line, (year, number, low, high, female, male) in read_table(POPULATION, schema):
        if year not in valid:
            valid[year] = frozenset(municipalities(date(int(year), 1, 1)))
        if number not in valid[year]:
            raise CodeFileError(POPULATION, line, f"municipality {number} does not exist in {year}")
        band = (number, int(low), int(high) if high else None)
        rows.append(PopulationRow(*band, "F", int(female), int(year)))
        rows.append(PopulationRow(*band, "M", int(male), int(year)))
    return tuple(rows)
