"""Courses of infection: who fell ill when, with what, and which specimens were taken.

One course is one person's story: a first specimen, perhaps a second organism in it, perhaps more
specimens of the same infection in the next days or weeks, perhaps a relapse months later. Course c
is a pure function of (seed, c); courses are numbered in the order of their first day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from math import cos, pi

import numpy as np

from .draws import Floats, Ints, pick, uniform
from .knowledge import constant, material_shares, organism_shares, profile
from .laboratories import laboratories
from .persons import People, Population

EPOCH = date(1970, 1, 1).toordinal()
SLOTS = 8
"""Numbers set aside for the specimens of one course: more than the longest course has."""

REPEATS = 3
BLOCK = 4096


@dataclass(frozen=True)
class Specimens:
    """A batch of specimens as columns of equal length, ordered by course and date.

    Attributes:
        identity: course × SLOTS + position in the course; what later draws depend on.
        day: days since 1970-01-01.
        begun: first day of the course: never earlier than that of the course before.
        material, organism: positions in `material_shares()` and `organism_names()`.
        companion: a second organism, or -1.
        strain: what the isolates' resistance is drawn from: equal for isolates of one strain.
        follow_up: position of the specimen among those of its strain, from 0.
        growth: False for a specimen in which nothing grew.
        laboratory: position in `laboratories()`.
        people: one person a specimen.
    """

    identity: Ints
    day: Ints
    begun: Ints
    material: Ints
    organism: Ints
    companion: Ints
    strain: Ints
    follow_up: Ints
    growth: np.ndarray
    laboratory: Ints
    people: People


@cache
def organism_names() -> tuple[str, ...]:
    """Every organism that is drawn, in a fixed order."""
    keys = {share.organism for m in material_shares() for share in organism_shares(m.key)}
    return tuple(sorted(keys))


def specimens(
    isolates: int, seed: int, start: date, end: date, inhabitants: Population
) -> Iterator[Specimens]:
    """Specimens whose organisms are `isolates` in all, taken from `start` to `end` (both included).

    Args:
        inhabitants: where patients are drawn from; everybody is born when the specimen is taken.
    """
    shares = _Shares(inhabitants, start, end)
    total, last = _count_courses(isolates, seed)
    for first in range(0, total, BLOCK):
        course = np.arange(first, min(first + BLOCK, total), dtype=np.int64)
        batch = _draw(course, total, seed, shares)
        if course[-1] == total - 1:
            batch = _shorten(batch, total - 1, last)
        yield batch


class _Shares:
    """What is drawn from, prepared once."""

    def __init__(self, inhabitants: Population, start: date, end: date) -> None:
        self.inhabitants = inhabitants
        self.first = start.toordinal() - EPOCH
        self.last = end.toordinal() - EPOCH
        days = np.arange(self.first, self.last + 1)
        weekend = (days + 3) % 7 >= 5  # 1970-01-01 was a Thursday
        self.days = np.cumsum(np.where(weekend, constant("weekend"), 1.0))
        self.months = [_month_weights(month) for month in range(1, 13)]
        self.names = {name: i for i, name in enumerate(organism_names())}
        self.next_organism = _next_organisms(self.names)
        self.cells: dict[str, Floats] = {}
        self.counties = _county_weights()
        self.everywhere = np.sum(list(self.counties.values()), axis=0)

    def profile(self, name: str) -> Floats:
        """Weight of every population cell for an infection of this profile."""
        if name not in self.cells:
            people = self.inhabitants
            rates = np.zeros(len(people.counts))
            for sex, (ages, values) in profile(name).items():
                mask = people.female if sex == "F" else ~people.female
                step = np.searchsorted(np.array(ages), people.age[mask], side="right") - 1
                rates[mask] = np.array(values)[step]
            self.cells[name] = np.cumsum(rates * people.counts)
        return self.cells[name]


def _month_weights(month: int) -> Floats:
    return np.array(
        [m.share * (1 + m.swing * cos((month - m.peak) * pi / 6)) for m in material_shares()]
    )


def _next_organisms(names: dict[str, int]) -> Ints:
    """For material and organism: the organism after it in the material's list, round and round."""
    found = np.zeros((len(material_shares()), len(names)), np.int64)
    for number, share in enumerate(material_shares()):
        mine = [names[choice.organism] for choice in organism_shares(share.key)]
        found[number, mine] = [*mine[1:], mine[0]]
    return found


def _county_weights() -> dict[str, Floats]:
    labs = laboratories()
    counties = sorted({county for lab in labs for county in lab.counties})
    return {c: np.array([float(lab.counties.get(c, 0)) for lab in labs]) for c in counties}


def _lengths(course: Ints, seed: int) -> tuple[np.ndarray, Ints, np.ndarray, np.ndarray]:
    """For every course: is there growth, how many repeats, a relapse, a companion?"""
    growth = uniform(seed, "negative", course) >= constant("negative")
    draw = uniform(seed, "repeats", course)
    repeats = np.zeros(len(course), np.int64)
    for number in range(1, REPEATS + 1):
        repeats += draw < constant("repeat") ** number
    relapse = uniform(seed, "relapse", course) < constant("relapse")
    companion = uniform(seed, "companion", course) < constant("companion")
    return growth, repeats * growth, relapse & growth, companion & growth


def _isolates(course: Ints, seed: int) -> Ints:
    growth, repeats, relapse, companion = _lengths(course, seed)
    total: Ints = growth * (1 + repeats + relapse + companion)
    return total


def _count_courses(isolates: int, seed: int) -> tuple[int, int]:
    """How many courses give `isolates`, and how many of the last one's isolates are wanted."""
    found, first = 0, 0
    while found < isolates:
        course = np.arange(first, first + 65_536, dtype=np.int64)
        running = found + np.cumsum(_isolates(course, seed))
        if running[-1] >= isolates:
            at = int(np.searchsorted(running, isolates))
            before = int(running[at - 1]) if at else found
            return first + at + 1, isolates - before
        found, first = int(running[-1]), first + 65_536
    return 0, 0


def _shorten(batch: Specimens, course: int, wanted: int) -> Specimens:
    """Leave only as many of the last course's isolates as are wanted."""
    mine = batch.identity // SLOTS == course
    size = np.where(mine & batch.growth, 1 + (batch.companion >= 0), 0)
    before = np.cumsum(size) - size
    companion = np.where(mine & (before + 1 >= wanted), -1, batch.companion)
    keep = ~mine | (before < wanted)
    return _take(
        Specimens(**{**vars(batch), "companion": companion}), np.flatnonzero(keep).astype(np.int64)
    )


def _take(batch: Specimens, rows: Ints) -> Specimens:
    people = People(**{name: column[rows] for name, column in vars(batch.people).items()})
    columns = {n: column[rows] for n, column in vars(batch).items() if n != "people"}
    return Specimens(**columns, people=people)


def _draw(course: Ints, total: int, seed: int, shares: _Shares) -> Specimens:
    """The specimens of these courses."""
    growth, repeats, relapse, companion = _lengths(course, seed)
    place = (course + uniform(seed, "day", course)) / total
    offset = np.searchsorted(shares.days, place * shares.days[-1], side="right")
    begun = shares.first + np.minimum(offset, len(shares.days) - 1)
    material = _materials(course, begun, seed, shares)
    organism, profiles = _organisms(course, material, seed, "organism", shares)
    size = 1 + repeats + relapse
    row = np.repeat(np.arange(len(course)), size)
    position = np.arange(len(row)) - np.repeat(np.cumsum(size) - size, size)
    identity = course[row] * SLOTS + position
    is_relapse = relapse[row] & (position == size[row] - 1)
    changed = is_relapse & (
        uniform(seed, "other-organism", course)[row] < constant("other_organism")
    )
    other, _ = _organisms(course, material, seed, "relapse-organism", shares)
    second, _ = _organisms(course, material, seed, "companion-organism", shares)
    # Two of one organism would be one isolate: the material's next organism is taken instead.
    second = np.where(second == organism, shares.next_organism[material, organism], second)
    second = np.where(companion, second, -1)
    people = _persons(course, profiles, begun, seed, shares)
    return Specimens(
        identity=identity,
        day=_days(identity, begun[row], position, is_relapse, row, seed, shares),
        begun=begun[row],
        material=material[row],
        organism=np.where(changed, other[row], organism[row]),
        companion=np.where(position == 0, second[row], -1),
        strain=course[row] * 4 + np.where(changed, 2, 0),
        follow_up=np.where(changed, 0, position),
        growth=growth[row],
        laboratory=_laboratories(identity, people.municipality[row], course[row], seed, shares),
        people=People(**{name: column[row] for name, column in vars(people).items()}),
    )


def _materials(course: Ints, day: Ints, seed: int, shares: _Shares) -> Ints:
    months = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    draw = uniform(seed, "material", course)
    found = np.zeros(len(course), np.int64)
    for month in np.unique(months):
        mask = months == month
        found[mask] = pick(shares.months[month], draw[mask])
    return found


def _organisms(
    course: Ints, material: Ints, seed: int, purpose: str, shares: _Shares
) -> tuple[Ints, np.ndarray]:
    draw = uniform(seed, purpose, course)
    found = np.zeros(len(course), np.int64)
    profiles = np.empty(len(course), dtype=object)
    for number, share in enumerate(material_shares()):
        mask = material == number
        choices = organism_shares(share.key)
        chosen = pick(np.array([choice.share for choice in choices]), draw[mask])
        found[mask] = np.array([shares.names[choice.organism] for choice in choices])[chosen]
        profiles[mask] = np.array([choice.profile for choice in choices], dtype=object)[chosen]
    return found, profiles


def _persons(course: Ints, profiles: np.ndarray, begun: Ints, seed: int, shares: _Shares) -> People:
    """One person a course, born before it begins: the first of four draws who is."""
    inhabitants = shares.inhabitants
    chosen = np.full(len(course), -1, np.int64)
    for attempt in range(4):
        index = np.zeros(len(course), np.int64)
        draw = uniform(seed, "cell", course * 4 + attempt)
        within = uniform(seed, "inhabitant", course * 4 + attempt)
        for name in sorted(set(profiles)):
            mask = profiles == name
            weights = shares.profile(name)
            cell = np.searchsorted(weights, draw[mask] * weights[-1], side="right")
            cell = np.minimum(cell, len(weights) - 1)
            index[mask] = inhabitants.starts[cell] + (
                within[mask] * inhabitants.counts[cell]
            ).astype(np.int64)
        born = inhabitants.born(index)
        chosen = np.where((chosen < 0) & (born < begun), index, chosen)
    # The last inhabitants of the table are the oldest band: always born.
    chosen = np.where(chosen < 0, len(inhabitants) - 1 - course % 1000, chosen)
    return inhabitants.people(chosen)


def _days(
    identity: Ints,
    begun: Ints,
    position: Ints,
    relapse: np.ndarray,
    row: Ints,
    seed: int,
    shares: _Shares,
) -> Ints:
    """Repeats 1–25 days apart, relapses 35–435 days after the beginning, none after the end."""
    gap = np.where(position > 0, 1 + (24 * uniform(seed, "gap", identity) ** 2).astype(int), 0)
    running = np.cumsum(gap)
    start = np.flatnonzero(position == 0)
    running -= np.repeat(running[start], np.diff(np.append(start, len(row))))
    later = 35 + (400 * uniform(seed, "relapse-gap", identity)).astype(np.int64)
    day = begun + np.where(relapse, later, running)
    left = shares.last - begun + 1
    fold = begun + (uniform(seed, "fold", identity) * left).astype(np.int64)
    return np.where(day > shares.last, fold, day)


def _laboratories(
    identity: Ints, municipality: np.ndarray, course: Ints, seed: int, shares: _Shares
) -> Ints:
    own = uniform(seed, "laboratory", course)
    elsewhere = uniform(seed, "elsewhere", identity)
    found = pick(shares.everywhere, uniform(seed, "other-laboratory", identity))
    county = municipality.astype("U2")
    near = elsewhere >= constant("elsewhere")
    for number, weights in shares.counties.items():
        mask = near & (county == number)
        found[mask] = pick(weights, own[mask])
    return found
