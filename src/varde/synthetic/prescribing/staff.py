"""The invented doctors: who has which list when, practices, peer groups, and who works out of hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from varde.synthetic.draws import Ints

from .calendar import Month
from .columns import FIRST_HPR, generator
from .people import People
from .places import Places, apportion
from .settings import Size, level

PRACTICE = 4
"""About how many doctors share a practice."""


class Post(NamedTuple):
    """A doctor in a practice for some months.

    Attributes:
        prescriber: position among the prescribers.
        list: whose patients; a position among the lists.
        practice: position among the practices.
        group: position among the peer groups; -1 for none.
        since, until: months, both included.
    """

    prescriber: int
    list: int
    practice: int
    group: int
    since: int
    until: int


@dataclass(frozen=True, eq=False)
class Staff:
    """Who prescribes.

    Attributes:
        posts: of the general practitioners and their locums.
        holder: prescriber of each list in each month.
        practice: practice of each list in each month.
        practice_place, unit_place: the municipality of each practice and each out-of-hours unit.
        pools: for each unit the general practitioners, and the others, who take shifts there.
        place: the municipality of each prescriber.
        elsewhere: how many others prescribe: those in hospitals and dentists.
    """

    posts: tuple[Post, ...]
    holder: Ints
    practice: Ints
    practice_place: Ints
    unit_place: Ints
    pools: tuple[tuple[Ints, Ints], ...]
    place: Ints
    elsewhere: int

    @property
    def count(self) -> int:
        """General practitioners, locums and those who only work out of hours."""
        return len(self.place)


def hpr(prescribers: Ints) -> Ints:
    """The numbers of prescribers."""
    return prescribers + FIRST_HPR


def employ(places: Places, people: People, size: Size, months: int, seed: int) -> Staff:
    """All doctors."""
    draw = generator(seed, "staff")
    lists = len(people.place)
    practice, practice_place = _practices(people.place)
    groups = _groups(draw, lists, size.peer_group)
    holder = np.tile(np.arange(lists)[:, None], (1, months))
    at = np.tile(practice[:, None], (1, months))
    group = np.tile(groups[:, None], (1, months))
    locum_place = _locums(draw, people.place, holder, group, months)
    _movers(draw, people.place, practice, groups, holder, at, group, months)
    own_place = np.concatenate([people.place, locum_place])
    pools, other_place = _pools(draw, places, people, size, len(own_place))
    unit_place = np.array(
        [
            places_of[np.argmax(places.inhabitants[places_of])]
            for places_of in (
                np.flatnonzero(places.unit == unit) for unit in range(int(places.unit.max()) + 1)
            )
        ]
    )
    return Staff(
        posts=tuple(_posts(holder, at, group)),
        holder=holder,
        practice=at,
        practice_place=practice_place,
        unit_place=unit_place,
        pools=pools,
        place=np.concatenate([own_place, other_place]),
        elsewhere=max(20, lists // 2),
    )


def _practices(place: Ints) -> tuple[Ints, Ints]:
    practice = np.zeros(len(place), np.int64)
    places: list[int] = []
    for number in np.unique(place):
        mine = np.flatnonzero(place == number)
        rooms = max(1, round(len(mine) / PRACTICE))
        practice[mine] = len(places) + np.arange(len(mine)) * rooms // len(mine)
        places += [number] * rooms
    return practice, np.array(places, np.int64)


def _groups(draw: np.random.Generator, lists: int, wanted: float) -> Ints:
    """Neighbours meet in groups of about that size, a fifth more or less."""
    sizes = apportion(draw.uniform(0.8, 1.2, max(1, round(lists / wanted))), lists)
    return np.repeat(np.arange(len(sizes)), sizes)


def _locums(draw: np.random.Generator, place: Ints, holder: Ints, group: Ints, months: int) -> Ints:
    """Some lists have a locum for three to six months; the locum is in no peer group."""
    lists = len(place)
    absent = np.sort(draw.choice(lists, max(1, round(lists * level("locums"))), replace=False))
    for number, each in enumerate(absent.tolist()):
        begin = int(draw.integers(2, months - 8))
        end = begin + int(draw.integers(3, 7))
        holder[each, begin:end] = lists + number
        group[each, begin:end] = -1
    return place[absent]


def _movers(
    draw: np.random.Generator,
    place: Ints,
    practice: Ints,
    groups: Ints,
    holder: Ints,
    at: Ints,
    group: Ints,
    months: int,
) -> None:
    """Some doctors change practice within the municipality, and peer group with it, in the middle of a year; the list goes with them."""
    lists = len(place)
    wanted, moved = max(1, round(lists * level("movers"))), 0
    for each in draw.permutation(lists).tolist():
        there = np.flatnonzero((place == place[each]) & (groups != groups[each]))
        if moved == wanted or len(there) == 0 or (holder[each] != each).any():
            continue
        beside = int(there[int(draw.random() * len(there))])
        begin = min(months - 1, int(draw.integers(0, months // 12)) * 12 + int(draw.integers(4, 8)))
        at[each, begin:] = practice[beside]
        group[each, begin:] = groups[beside]
        moved += 1


def _posts(holder: Ints, at: Ints, group: Ints) -> list[Post]:
    """The months in which nothing changed, as one row each."""
    months = holder.shape[1]
    found = []
    for each in range(len(holder)):
        state = np.stack([holder[each], at[each], group[each]])
        cuts = [0, *(np.flatnonzero((np.diff(state) != 0).any(axis=0)) + 1).tolist(), months]
        for since, end in pairwise(cuts):
            doctor, room, peers = (int(value) for value in state[:, since])
            found.append(Post(doctor, each, room, peers, since, end - 1))
    return found


def _pools(
    draw: np.random.Generator, places: Places, people: People, size: Size, first: int
) -> tuple[tuple[tuple[Ints, Ints], ...], Ints]:
    """For each unit the doctors who take its shifts; those who are no general practitioners are numbered from `first`."""
    units = int(places.unit.max()) + 1
    inhabitants = np.bincount(places.unit, places.inhabitants, minlength=units)
    doctors = _shared(inhabitants, size.out_of_hours_doctors)
    pools: list[tuple[Ints, Ints]] = []
    other_place: list[int] = []
    for unit in range(units):
        near = np.flatnonzero(places.unit[people.place] == unit)
        others = max(2, round(doctors[unit] * level("non_gp_doctors")))
        own = min(len(near), max(2, int(doctors[unit]) - others))
        pools.append(
            (
                np.sort(draw.choice(near, own, replace=False)),
                first + len(other_place) + np.arange(others),
            )
        )
        host = np.flatnonzero(places.unit == unit)
        other_place += [int(host[np.argmax(places.inhabitants[host])])] * others
    return tuple(pools), np.array(other_place, np.int64)


def _shared(weights: Ints, count: int) -> Ints:
    return apportion(weights.astype(np.float64), count, least=min(4, count // len(weights)))


def days_of(post: Post, months: tuple[Month, ...]) -> tuple[date, date | None]:
    """First and last day of a post; no last day when it goes on after the invented years."""
    last = None if post.until == len(months) - 1 else months[post.until].last
    return months[post.since].first, last
