"""Where the invented doctors and homes are: real municipalities, with their real shares of the inhabitants."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np

from varde.codes import municipalities, population, successors
from varde.synthetic.draws import Floats, Ints

from .settings import Size

COUNTED = date(2026, 1, 1)
"""The day on which the inhabitants were counted."""


@dataclass(frozen=True, eq=False)
class Places:
    """The municipalities, so ordered that those of an out-of-hours unit stand together.

    Attributes:
        numbers: as they are when the inhabitants were counted.
        counties: position of each one's county among all counties.
        inhabitants: of each municipality.
        bands: inhabitants by municipality and cell: age band × 2, women first.
        lists: how many lists each has.
        unit: the out-of-hours unit that serves each.
    """

    numbers: tuple[str, ...]
    counties: Ints
    inhabitants: Ints
    bands: Floats
    lists: Ints
    unit: Ints


@cache
def cells() -> tuple[tuple[int, int], ...]:
    """The age bands of the population table: first age, first age of the next."""
    lows = sorted({row.age_low for row in population()})
    return tuple(zip(lows, [*lows[1:], 106], strict=True))


@cache
def nation() -> Floats:
    """Inhabitants of the whole country by cell: age band × 2, women first."""
    return np.asarray(np.sum(list(_counted().values()), axis=0), np.float64)


@cache
def _counted() -> Mapping[str, Floats]:
    position = {low: index for index, (low, _) in enumerate(cells())}
    found: dict[str, Floats] = defaultdict(lambda: np.zeros(2 * len(position)))
    for row in population():
        found[row.municipality][2 * position[row.age_low] + (row.sex == "M")] += row.count
    return dict(found)


def choose_places(size: Size) -> Places:
    """The municipalities of a country of that size, with the lists and units of each."""
    counted = _counted()
    numbers = sorted(size.municipalities or counted)
    bands = np.array([counted[number] for number in numbers])
    inhabitants = bands.sum(axis=1).astype(np.int64)
    known = municipalities(COUNTED)
    named = [known[number].county for number in numbers]
    position = {county: index for index, county in enumerate(sorted(set(named)))}
    return Places(
        tuple(numbers),
        np.array([position[county] for county in named], np.int64),
        inhabitants,
        bands,
        apportion(inhabitants.astype(np.float64), size.lists, least=1),
        _units(named, size.out_of_hours_units),
    )


def apportion(weights: Floats, count: int, least: int = 0) -> Ints:
    """So many things shared out by weight: the largest remainders get what is left."""
    free = count - least * len(weights)
    wish = weights / weights.sum() * free
    whole = np.floor(wish).astype(np.int64)
    order = np.argsort(-(wish - whole), kind="stable")
    whole[order[: free - int(whole.sum())]] += 1
    return whole + least


def _units(counties: list[str], count: int) -> Ints:
    """Neighbours in number share a unit; no unit has two counties."""
    names = sorted(set(counties))
    size = np.array([counties.count(name) for name in names], np.float64)
    share = np.minimum(apportion(size, count, least=1), size.astype(np.int64))
    found = np.zeros(len(counties), np.int64)
    first = 0
    for name, units in zip(names, share.tolist(), strict=True):
        places = [index for index, county in enumerate(counties) if county == name]
        # Cut where the order of municipalities passes equal numbers of them; each unit has at least one.
        found[places] = first + np.arange(len(places)) * units // len(places)
        first += units
    return found


@cache
def _earlier(number: str, on: date) -> str:
    """What a municipality's number was on an earlier day."""
    if number in municipalities(on):
        return number
    return min(old for old in municipalities(on) if number in successors(old, COUNTED))


def numbers_over(
    number: str, since: date, until: date | None
) -> Iterator[tuple[str, date, date | None]]:
    """The numbers that a municipality had in a period, each with its first and last day."""
    begin = since
    while True:
        now = _earlier(number, begin)
        end = municipalities(begin)[now].valid_to
        if end is None or (until is not None and until <= end):
            yield now, begin, until
            return
        yield now, begin, end
        begin = end + timedelta(days=1)
