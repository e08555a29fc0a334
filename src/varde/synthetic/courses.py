"""Courses of infection: who fell ill when, with what, and which specimens were taken.

One course is one person's story: a first specimen, perhaps a second organism in it, perhaps more
specimens of the same infection in the next days or weeks, perhaps a relapse months later. Course c
is a pure function of (seed, c); courses are numbered in the order of their first day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from math import cos, pi
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .draws import Floats, Ints, pick, uniform
from .knowledge import constant, material_shares, organism_shares, profile
from .laboratories import laboratories
from .persons import People, Population

EPOCH = date(1970, 1, 1).toordinal()
SLOTS = 8
"""Numbers set aside for the specimens of one course: more than the longest course has."""

REPEATS = 3
BLOCK = 4096
COUNT_BLOCK = 65_536

Flags = NDArray[np.bool_]


class Rise(NamedTuple):
    """From `day` on, specimens are `times` as frequent: more laboratories send, and more of what they have."""

    day: date
    times: float


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
        follow_up: 0 for the first specimen of its strain, larger for later ones.
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
    growth: Flags
    laboratory: Ints
    people: People


@cache
def organism_names() -> tuple[str, ...]:
    """Every organism that is drawn, in a fixed order."""
    keys = {share.organism for m in material_shares() for share in organism_shares(m.key)}
    return tuple(sorted(keys))


def specimens(
    isolates: int,
    seed: int,
    start: date,
    end: date,
    inhabitants: Population,
    rise: Rise | None = None,
) -> Iterator[Specimens]:
    """Specimens whose organisms are `isolates` in all, taken from `start` to `end` (both included).

    Args:
        inhabitants: where patients are drawn from; everybody is born when the specimen is taken.
    """
    shares = _Shares(inhabitants, start, end, rise)
    total = _count_courses(isolates, seed, shares)
    found = 0
    for first in range(0, total, BLOCK):
        course = np.arange(first, min(first + BLOCK, total), dtype=np.int64)
        batch = _shorten(_draw(course, total, seed, shares), found, isolates)
        found += int((batch.growth * (1 + (batch.companion >= 0))).sum())
        yield batch


class _Shares:
    """What is drawn from, prepared once."""

    def __init__(
        self, inhabitants: Population, start: date, end: date, rise: Rise | None = None
    ) -> None:
        self.inhabitants = inhabitants
        self.first = start.toordinal() - EPOCH
        self.last = end.toordinal() - EPOCH
        days = np.arange(self.first, self.last + 1)
        weekend = (days + 3) % 7 >= 5  # 1970-01-01 was a Thursday
        weights = np.where(weekend, constant("weekend"), 1.0)
        if rise is not None:
            weights[days >= rise.day.toordinal() - EPOCH] *= rise.times
        self.days = np.cumsum(weights)
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


class _Outline(NamedTuple):
    """When the specimens of some courses are taken: one row a course, one column a slot.

    Slot 0 is the first specimen, the next ones are repeats, the last one is a relapse.
    """

    day: Ints
    taken: Flags
    growth: Flags
    companion: Flags

    def isolates(self) -> Ints:
        """How many organisms each course gives."""
        total: Ints = self.growth * (self.taken.sum(axis=1) + self.companion)
        return total


def _outline(course: Ints, total: int, seed: int, shares: _Shares) -> _Outline:
    """Repeats come 1–24 days apart, a relapse 35–434 days after the beginning; none after the end."""
    place = (course + uniform(seed, "day", course)) / total
    offset = np.searchsorted(shares.days, place * shares.days[-1], side="right")
    begun = shares.first + np.minimum(offset, len(shares.days) - 1)
    slot = course[:, None] * SLOTS + np.arange(REPEATS + 2)
    after = 1 + (24 * uniform(seed, "gap", slot) ** 2).astype(np.int64)
    after[:, 0] = 0
    after = np.cumsum(after, axis=1)
    after[:, -1] = 35 + (400 * uniform(seed, "relapse-gap", course)).astype(np.int64)
    day = begun[:, None] + after
    draw = uniform(seed, "repeats", course)[:, None]
    taken = draw < constant("repeat") ** np.arange(REPEATS + 2)
    taken[:, -1] = uniform(seed, "relapse", course) < constant("relapse")
    growth = uniform(seed, "negative", course) >= constant("negative")
    taken[:, 1:] &= growth[:, None] & (day[:, 1:] <= shares.last)
    companion = growth & (uniform(seed, "companion", course) < constant("companion"))
    return _Outline(day, taken, growth, companion)


def _count_courses(isolates: int, seed: int, shares: _Shares) -> int:
    """The least number of courses found that gives `isolates` or a few more.

    What a course gives depends a little on how many there are: with more, each begins earlier, and
    fewer of its specimens fall after the end. So the number is approached step by step.
    """
    total = max(isolates, 1)
    for _ in range(20):
        found = _count_isolates(total, seed, shares)
        if isolates <= found <= isolates + isolates // 1000 + 1:
            break
        total += _step(isolates - found)
    while _count_isolates(total, seed, shares) < isolates:
        total += 1
    return total if isolates else 0


def _step(missing: int) -> int:
    """Courses to add: each gives about 1.25 isolates. At least one, so that the search moves."""
    return missing if abs(missing) < 3 else round(missing / 1.25)


def _count_isolates(total: int, seed: int, shares: _Shares) -> int:
    found = 0
    for first in range(0, total, COUNT_BLOCK):
        course = np.arange(first, min(first + COUNT_BLOCK, total), dtype=np.int64)
        found += int(_outline(course, total, seed, shares).isolates().sum())
    return found


def _shorten(batch: Specimens, before: int, wanted: int) -> Specimens:
    """Without the isolates after the `wanted`-th, when `before` came in earlier batches."""
    size = np.where(batch.growth, 1 + (batch.companion >= 0), 0)
    place = before + np.cumsum(size) - size
    companion = np.where(place + 1 >= wanted, -1, batch.companion)
    keep = np.flatnonzero(place < wanted)
    return _take(replace(batch, companion=companion), keep.astype(np.int64))


def _take(batch: Specimens, rows: Ints) -> Specimens:
    people = People(**{name: column[rows] for name, column in vars(batch.people).items()})
    columns = {n: column[rows] for n, column in vars(batch).items() if n != "people"}
    return Specimens(**columns, people=people)


def _draw(course: Ints, total: int, seed: int, shares: _Shares) -> Specimens:
    """The specimens of these courses."""
    outline = _outline(course, total, seed, shares)
    begun = outline.day[:, 0]
    material = _materials(course, begun, seed, shares)
    organism, profiles = _organisms(course, material, seed, "organism", shares)
    other, _ = _organisms(course, material, seed, "relapse-organism", shares)
    second, _ = _organisms(course, material, seed, "companion-organism", shares)
    # Two of one organism would be one isolate: the material's next organism is taken instead.
    second = np.where(second == organism, shares.next_organism[material, organism], second)
    second = np.where(outline.companion, second, -1)
    people = _persons(course, profiles, begun, seed, shares)
    row, slot = np.nonzero(outline.taken)
    identity = course[row] * SLOTS + slot
    changed = (slot == REPEATS + 1) & (
        uniform(seed, "other-organism", course)[row] < constant("other_organism")
    )
    return Specimens(
        identity=identity,
        day=outline.day[row, slot],
        begun=begun[row],
        material=material[row],
        organism=np.where(changed, other[row], organism[row]),
        companion=np.where(slot == 0, second[row], -1),
        strain=course[row] * 4 + np.where(changed, 2, 0),
        follow_up=np.where(changed, 0, slot),
        growth=outline.growth[row],
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
