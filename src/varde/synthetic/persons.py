"""Persons who do not exist: person i is a pure function of (seed, i), so millions cost nothing.

There is one invented person for every inhabitant that the population table counts, with that
inhabitant's municipality, sex and age band. Every national number is *synthetic* in the sense of
the Norwegian Tax Administration's test population: 80 is added to the month, which no real number
has. Some are synthetic D-numbers, with 40 added to the day as well. Control digits are valid.
Within one seed no two persons share a number.

Control digits and individual numbers: Forskrift til folkeregisterloven § 2-2-1; weights
3 7 6 1 8 9 4 5 2 and 5 4 3 2 7 6 5 4 3 2, modulus 11.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from math import gcd

import numpy as np
from numpy.typing import NDArray

from varde.codes import PopulationRow, population

from .draws import Floats, Ints, bits, uniform
from .identity_names import settings

OLDEST = 106
"""The open-ended oldest band ends here."""

D_NUMBER_SHARE = 0.03
"""Assumption: the share who have a D-number (temporary stay)."""

_FIRST_WEIGHTS = (3, 7, 6, 1, 8, 9, 4, 5, 2)
_SECOND_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)


@dataclass(frozen=True)
class People:
    """A batch of persons as columns of equal length.

    Attributes:
        index: the persons' positions in the population.
        number: the eleven-digit synthetic national number, as an integer.
        kind: "FNR" or "DNR".
        female: True for women.
        born: days since 1970-01-01.
        municipality: four-digit number.
    """

    index: Ints
    number: Ints
    kind: NDArray[np.str_]
    female: NDArray[np.bool_]
    born: Ints
    municipality: NDArray[np.str_]


class Population:
    """The invented inhabitants, in the order of age band, sex and municipality.

    Args:
        seed: another seed, other birth dates and numbers for the same counts.
        rows: the population table; `varde.codes.population()` when not given.
    """

    def __init__(self, seed: int, rows: Sequence[PopulationRow] | None = None) -> None:
        table = sorted(
            (row for row in (population() if rows is None else rows) if row.count > 0),
            key=lambda row: (row.age_low, row.sex, row.municipality),
        )
        self.seed = seed
        self.counts: Ints = np.array([row.count for row in table], np.int64)
        self.ends: Ints = np.cumsum(self.counts)
        self.starts: Ints = self.ends - self.counts
        self.municipality: NDArray[np.str_] = np.array([row.municipality for row in table])
        self.female: NDArray[np.bool_] = np.array([row.sex == "F" for row in table])
        self.age: Floats = np.array([(row.age_low + _top(row)) / 2 for row in table])
        year = table[0].year
        self._band(table, year)

    def __len__(self) -> int:
        return int(self.ends[-1])

    def _band(self, table: Sequence[PopulationRow], year: int) -> None:
        """Note for every cell where its band × sex begins, how many it has, and its birth dates."""
        bands: dict[tuple[int, str], list[int]] = {}
        for cell, row in enumerate(table):
            bands.setdefault((row.age_low, row.sex), []).append(cell)
        size = len(table)
        self._first, self._size = np.zeros(size, np.int64), np.zeros(size, np.int64)
        self._step, self._shift = np.zeros(size, np.int64), np.zeros(size, np.int64)
        self._oldest, self._days = np.zeros(size, np.int64), np.zeros(size, np.int64)
        for number, cells in enumerate(bands.values()):
            row = table[cells[0]]
            count = int(self.counts[cells].sum())
            self._first[cells] = self.starts[cells[0]]
            self._size[cells] = count
            self._step[cells] = _coprime(count, int(_one(self.seed, "step", number)))
            self._shift[cells] = int(_one(self.seed, "shift", number)) % count
            oldest = _day(year - _top(row) - 1, 1, 1)
            self._oldest[cells] = oldest
            self._days[cells] = _day(year - row.age_low, 1, 1) - oldest

    def born(self, index: Ints) -> Ints:
        """Birth dates of the persons at these positions, in days since 1970-01-01."""
        return self._place(index)[1]

    def people(self, index: Ints) -> People:
        """The persons at these positions (each 0 ≤ position < len(self))."""
        cell, born, serial = self._place(index)
        temporary = uniform(self.seed, "d-number", index) < D_NUMBER_SHARE
        female = self.female[cell]
        return People(
            index=index,
            number=_numbers(born, female, serial, temporary),
            kind=np.where(temporary, "DNR", "FNR"),
            female=female,
            born=born,
            municipality=self.municipality[cell],
        )

    def gather(self, index: Ints, draw: Floats) -> Ints:
        """The same persons, but for some in whose place the first of their cell stands: that one is ill often, so
        that several senders tell of the same person.

        Args:
            draw: in [0, 1), one for each.
        """
        first = self.starts[np.searchsorted(self.ends, index, side="right")]
        return np.where(draw < settings()["often_ill"], first, index)

    def settle(self, people: People, day: Ints) -> People:
        """The same persons as they are numbered on these days (since 1970-01-01): some of those who had a D number
        have been given a national number since."""
        moved = (people.kind == "DNR") & (self._settled(people.index) <= day)
        if not moved.any():
            return people
        number, kind = people.number.copy(), people.kind.copy()
        number[moved], kind[moved] = self._permanent(people.index[moved]), "FNR"
        return replace(people, number=number, kind=kind)

    def changes(self, index: Ints) -> Iterator[tuple[int, str, str, date]]:
        """Of the persons at these positions those whose D number became a national number: position, old number,
        new number, day."""
        people = self.people(np.unique(index))
        days = self._settled(people.index)
        moved = (people.kind == "DNR") & (days < _NEVER)
        new = self._permanent(people.index[moved]) if moved.any() else people.number[:0]
        columns = (people.index[moved], people.number[moved], new, days[moved])
        for person, before, after, day in zip(
            *(column.tolist() for column in columns), strict=True
        ):
            yield person, f"{before:011}", f"{after:011}", date.fromordinal(_EPOCH + day)

    def _settled(self, index: Ints) -> Ints:
        """The day on which somebody with a D number is given a national number."""
        known = settings()
        first, last = (known[f"{name}_settled"].toordinal() - _EPOCH for name in ("first", "last"))
        day = first + (uniform(self.seed, "settled", index) * (last - first)).astype(np.int64)
        return np.where(uniform(self.seed, "settles", index) < known["settles"], day, _NEVER)

    def _permanent(self, index: Ints) -> Ints:
        cell, born, serial = self._place(index)
        return _numbers(born, self.female[cell], serial, np.zeros(len(index), np.bool_))

    def _place(self, index: Ints) -> tuple[Ints, Ints, Ints]:
        """Cell, birth date, and number among those of one sex and birth date."""
        cell = np.searchsorted(self.ends, index, side="right")
        # A bijection of the band onto itself spreads neighbours over all its birth dates; what is
        # left over counts the persons of one sex and birth date, and makes their numbers differ.
        rank = index - self._first[cell]
        place = (rank * self._step[cell] + self._shift[cell]) % self._size[cell]
        return cell, self._oldest[cell] + place % self._days[cell], place // self._days[cell]


def is_synthetic(number: str) -> bool:
    """Whether eleven digits are a synthetic number: valid control digits and month 81–92."""
    return control_digits(number[:9]) == number[9:] and 81 <= int(number[2:4]) <= 92


def control_digits(nine: str) -> str | None:
    """The two control digits after nine digits, or None when there are none."""
    first = -sum(int(d) * w for d, w in zip(nine, _FIRST_WEIGHTS, strict=True)) % 11
    second = -sum(int(d) * w for d, w in zip(f"{nine}{first}"[:10], _SECOND_WEIGHTS, strict=True))
    second %= 11
    return None if 10 in (first, second) else f"{first}{second}"


def _numbers(
    born: Ints, female: NDArray[np.bool_], serial: Ints, temporary: NDArray[np.bool_]
) -> Ints:
    """The `serial`-th valid number of every birth date and sex."""
    when = born.astype("datetime64[D]")
    months = when.astype("datetime64[M]")
    years = when.astype("datetime64[Y]").astype(np.int64) + 1970
    month = months.astype(np.int64) % 12 + 1 + 80
    day = (when - months).astype(np.int64) + 1 + np.where(temporary, 40, 0)
    six = day * 10_000 + month * 100 + years % 100
    # Individual numbers 000–499 belong to the last century, 500–999 to this one; odd are men.
    low = np.where(years >= 2000, 500, 0) + np.where(female, 0, 1)
    individual = low[:, None] + 2 * np.arange(250)
    first = -(_weighed(six, _FIRST_WEIGHTS[:6])[:, None] + _FIRST_TAIL[individual]) % 11
    date_part = _weighed(six, _SECOND_WEIGHTS[:6])[:, None]
    second = -(date_part + _SECOND_TAIL[individual] + 2 * first) % 11
    rank = np.cumsum((first < 10) & (second < 10), axis=1, dtype=np.int16)
    chosen = np.argmax(rank > serial[:, None], axis=1)
    rows = np.arange(len(born))
    nine = six * 1000 + individual[rows, chosen]
    control = first[rows, chosen].astype(np.int64) * 10 + second[rows, chosen]
    return nine * 100 + control


def _weighed(digits: Ints, weights: Sequence[int]) -> NDArray[np.int16]:
    """The weighed sum of the last digits of every number, the last weight for the last digit."""
    total = np.zeros_like(digits)
    for power, weight in enumerate(reversed(weights)):
        total += digits // 10**power % 10 * weight
    return total.astype(np.int16)


_FIRST_TAIL = _weighed(np.arange(1000, dtype=np.int64), _FIRST_WEIGHTS[6:])
_SECOND_TAIL = _weighed(np.arange(1000, dtype=np.int64), _SECOND_WEIGHTS[6:9])


def _top(row: PopulationRow) -> int:
    return OLDEST if row.age_high is None else row.age_high


_EPOCH = date(1970, 1, 1).toordinal()
_NEVER = np.int64(1 << 40)


def _day(year: int, month: int, day: int) -> int:
    return date(year, month, day).toordinal() - _EPOCH


def _one(seed: int, purpose: str, index: int) -> np.uint64:
    return np.uint64(bits(seed, purpose, np.array([index], np.int64))[0])


def _coprime(count: int, wish: int) -> int:
    """A multiplier near `wish` that shares no factor with `count`: a bijection modulo `count`."""
    step = wish % count or 1
    while gcd(step, count) != 1:
        step = step % count + 1
    return step


def number_of(born: date, female: bool, serial: int, *, temporary: bool = False) -> str:
    """The `serial`-th synthetic number (from 0, below 150) of those of one birth date and sex.

    Args:
        temporary: a D number in place of a national number.
    """
    day, month = born.day + (40 if temporary else 0), born.month + 80
    first = (500 if born.year >= 2000 else 0) + (0 if female else 1)
    nines = (
        f"{day:02}{month:02}{born.year % 100:02}{individual:03}"
        for individual in range(first, first + 500, 2)
    )
    valid = (nine + digits for nine in nines if (digits := control_digits(nine)) is not None)
    return next(islice(valid, serial, None))
