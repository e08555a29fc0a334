"""Who is on the lists: a birth date, a sex and a proneness to illness for every invented person."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cache

import numpy as np
from numpy.typing import NDArray

from varde.synthetic.draws import Floats, Ints

from .calendar import Month, number_of
from .columns import generator
from .places import COUNTED, Places, cells, nation
from .settings import Size, level, settings

YEAR = 365.2425
UNBORN = 26
"""The cell of those who are not born yet."""


@dataclass(eq=False)
class People:
    """The persons, those of one list beside each other, in the order of the lists.

    Attributes:
        starts: where each list begins, and one more where the last ends.
        born: days since 1970-01-01.
        female: True for women.
        frailty: how often each is ill relative to others alike; its mean is one.
        place: the municipality of each list, a position in `Places`.
    """

    starts: Ints
    born: NDArray[np.int32]
    female: NDArray[np.bool_]
    frailty: NDArray[np.float32]
    place: Ints
    _cells: dict[int, NDArray[np.uint8]] = field(default_factory=dict)

    def ages(self, persons: Ints, days: Ints) -> Ints:
        """Whole years on a day, for each."""
        years = np.floor((days - self.born[persons] + 0.5) / YEAR).astype(np.int64)
        return np.maximum(years, 0)

    def cell(self, year: int) -> NDArray[np.uint8]:
        """Age band and sex of all in the middle of a year; the last year asked for is remembered."""
        if year not in self._cells:
            middle = number_of(date(year, 7, 1))
            age = np.floor((middle - self.born) / YEAR).astype(np.int64)
            band = _bands()[np.clip(age, 0, 105)]
            found = np.where(age < 0, UNBORN, 2 * band + ~self.female).astype(np.uint8)
            self._cells.clear()
            self._cells[year] = found
        return self._cells[year]

    def mass(self, kind: str, month: Month) -> Floats:
        """The sum, before each person and after the last, of how prone to a kind of illness they are.

        The whole country's mean is one for each inhabitant, so that a difference of two of these, times a rate for one
        inhabitant, is what to expect between them.
        """
        found = np.empty(len(self.born) + 1, np.float64)
        found[0] = 0.0
        np.multiply(_proneness(kind)[self.cell(month.year)], self.frailty, out=found[1:])
        np.cumsum(found, out=found)
        return found


@cache
def _bands() -> Ints:
    lows = np.array([low for low, _ in cells()])
    return np.asarray(np.searchsorted(lows, np.arange(106), side="right") - 1, np.int64)


@cache
def _proneness(kind: str) -> Floats:
    ill = settings().ill[kind]
    wanted = np.column_stack([ill.female, ill.male]).ravel()
    mean = float(wanted @ nation()) / float(nation().sum())
    return np.append(wanted / mean, 0.0)


def settle(places: Places, size: Size, seed: int) -> People:
    """People on lists: as many as live there, or `size.list_size` a list, in each municipality's ages and sexes."""
    draw = generator(seed, "people")
    lists = int(places.lists.sum())
    place = np.repeat(np.arange(len(places.numbers)), places.lists)
    appeal = np.exp(draw.normal(0, level("list_spread"), lists))
    per_place = np.bincount(place, appeal, minlength=len(places.numbers))
    scale = size.list_size * lists / places.inhabitants.sum() if size.list_size else 1.0
    persons = np.rint(appeal / per_place[place] * places.inhabitants[place] * scale).astype(int)
    middle = np.array([(low + high) / 2 for low, high in cells() for _ in "FM"])
    tilt = draw.normal(0, level("tilt_spread"), lists)
    weights = places.bands[place] * np.exp(tilt[:, None] * (middle - 40) / 20)
    shares = weights / weights.sum(axis=1, keepdims=True)
    counts = draw.multinomial(persons, shares)
    cell = np.repeat(np.tile(np.arange(len(middle)), lists), counts.ravel())
    low, high = np.array(cells()).T
    age = low[cell // 2] + draw.random(len(cell)) * (high - low)[cell // 2]
    shape = level("frailty")
    return People(
        starts=np.concatenate([[0], np.cumsum(counts.sum(axis=1))]),
        born=np.floor(number_of(COUNTED) - age * YEAR).astype(np.int32),
        female=cell % 2 == 0,
        frailty=(draw.standard_gamma(shape, len(cell), np.float32) / np.float32(shape)),
        place=place,
    )
