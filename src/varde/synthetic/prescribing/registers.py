"""The tables that say who is what: institutions, prescribers, list populations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from varde.codes import municipalities
from varde.synthetic.draws import Ints

from .calendar import Month, number_of
from .columns import decimal_text, organisation_numbers, table
from .homes import FOREVER, Homes
from .people import YEAR, People
from .places import COUNTED, Places, cells, numbers_over
from .staff import Post, Staff, days_of, hpr

OLD = date(2020, 1, 1)
"""Institutions have been there from this day at the latest: `varde.codes` knows no municipalities before it."""

Period = tuple[date, date | None]


@dataclass(frozen=True, eq=False)
class Numbers:
    """The organisation numbers, by position."""

    places: Ints
    units: Ints
    practices: Ints
    homes: Ints


def number_all(places: Places, staff: Staff, homes: Homes) -> Numbers:
    """Numbers for all, none twice; a home of the surveys has the number it has there."""
    sizes = len(places.numbers), len(staff.unit_place), len(staff.practice_place), len(homes.beds)
    numbers = Numbers(*np.split(organisation_numbers(sum(sizes)), np.cumsum(sizes)[:-1]))
    for home, known_as in enumerate(homes.surveyed):
        if known_as:
            numbers.homes[home] = int(known_as)
    return numbers


def institution_table(
    places: Places, staff: Staff, homes: Homes, numbers: Numbers, months: tuple[Month, ...]
) -> pa.Table:
    """The table ``institutions``: a new row where a name, or the municipality's number, changes."""
    rows: list[dict[str, object]] = []
    known = municipalities(COUNTED)

    def add(
        number: int, name: str, kind: str, place: int, over: Period, above: int = 0, after: int = 0
    ) -> None:
        spans = list(numbers_over(places.numbers[place], *over))
        for at, (municipality, since, until) in enumerate(spans):
            rows.append(
                {
                    "institution": f"{number:09d}",
                    "since": since,
                    "until": until,
                    "name": name,
                    "kind": kind,
                    "part_of": f"{above:09d}" if above else None,
                    "municipality": municipality,
                    "successor": f"{after:09d}" if after and at == len(spans) - 1 else None,
                }
            )

    for place, number in enumerate(numbers.places.tolist()):
        name = known[places.numbers[place]].name
        add(number, f"Syntetisk kommune {name}", "municipality", place, (OLD, None))
    above = numbers.places.tolist()
    for unit, (number, place) in enumerate(
        zip(numbers.units.tolist(), staff.unit_place.tolist(), strict=True)
    ):
        name = f"Syntetisk legevakt {known[places.numbers[place]].name}"
        more = int((staff.unit_place[:unit] == place).sum())
        add(
            number,
            name + (f" {more + 1}" if more else ""),
            "out-of-hours",
            place,
            (OLD, None),
            above[place],
        )
    for room, (number, place) in enumerate(
        zip(numbers.practices.tolist(), staff.practice_place.tolist(), strict=True)
    ):
        add(number, f"Syntetisk legekontor {room + 1}", "practice", place, (OLD, None))
    for home, number in enumerate(numbers.homes.tolist()):
        place = int(homes.place[home])
        kind = "home-care" if homes.care[home] else "nursing-home"
        after = int(homes.successor[home])
        successor = int(numbers.homes[after]) if after >= 0 else 0
        for name, over in _named(homes, home, months):
            last = over[1] is not None and over[1] == _end(homes, home, months)
            add(number, name, kind, place, over, above[place], successor if last else 0)
    return _table("institutions", rows)


def _end(homes: Homes, home: int, months: tuple[Month, ...]) -> date | None:
    until = int(homes.until[home])
    return None if until == FOREVER else months[until].last


def _named(homes: Homes, home: int, months: tuple[Month, ...]) -> Iterator[tuple[str, Period]]:
    since = months[int(homes.since[home])].first if homes.since[home] else OLD
    end, renamed = _end(homes, home, months), int(homes.renamed[home])
    if renamed < 0:
        yield homes.names[home], (since, end)
        return
    change = months[renamed].first
    yield homes.names[home], (since, change - timedelta(days=1))
    yield f"{homes.names[home]} bo- og behandlingssenter", (change, end)


def prescriber_table(
    places: Places, staff: Staff, numbers: Numbers, months: tuple[Month, ...]
) -> pa.Table:
    """The table ``prescribers``: each post, and each unit at which a doctor takes shifts."""
    rows: list[dict[str, object]] = []

    def add(doctor: int, over: Period, role: str, unit: int, place: int, group: int) -> None:
        for municipality, since, until in numbers_over(places.numbers[place], *over):
            rows.append(
                {
                    "prescriber": f"{int(hpr(np.int64(doctor))):09d}",  # type: ignore[arg-type]
                    "since": since,
                    "until": until,
                    "role": role,
                    "unit": f"{unit:09d}",
                    "municipality": municipality,
                    "peer_group": f"gruppe-{group + 1}" if group >= 0 else None,
                }
            )

    for post in staff.posts:
        place = int(staff.practice_place[post.practice])
        unit = int(numbers.practices[post.practice])
        add(post.prescriber, days_of(post, months), "gp", unit, place, post.group)
    for at, pools in enumerate(staff.pools):
        for doctor in np.concatenate(pools).tolist():
            place, unit = int(staff.unit_place[at]), int(numbers.units[at])
            add(doctor, (months[0].first, None), "out-of-hours", unit, place, -1)
    return _table("prescribers", rows)


def list_population_table(people: People, staff: Staff, months: tuple[Month, ...]) -> pa.Table:
    """The table ``list-populations``: the list on 1 January of each year, for as long as the doctor had it in that year."""
    by_list: dict[int, list[Post]] = {}
    for post in staff.posts:
        by_list.setdefault(post.list, []).append(post)
    lows = [low for low, _ in cells()]
    parts = []
    for first in months[::12]:
        counts = _counts(people, first.first)
        columns: list[tuple[int, int, int, int]] = []  # list, prescriber, since, until
        for each, posts in by_list.items():
            for post in posts:
                begin = max(post.since, first.at)
                end = min(post.until, first.at + 11)
                if begin <= end:
                    columns.append((each, post.prescriber, begin, end))
        each, doctor, begin, end = np.array(columns).T
        width = 2 * len(lows)
        row = np.repeat(np.arange(len(each)), width)
        cell = np.tile(np.arange(width), len(each))
        starts = np.array([number_of(month.first) for month in months], np.int32)
        ends = np.array([number_of(month.last) for month in months], np.int32)
        high = np.array([*(low - 1 for low in lows[1:]), -1])[cell // 2]
        parts.append(
            table(
                "list-populations",
                {
                    "prescriber": decimal_text(hpr(doctor[row]), 9),
                    "since": pa.array(starts[begin[row]]).cast(pa.date32()),
                    "until": pa.array(ends[end[row]]).cast(pa.date32()),
                    "age_low": np.array(lows, np.int32)[cell // 2],
                    "age_high": pa.array(high.astype(np.int32), mask=high < 0),
                    "sex": pa.array(np.array(["F", "M"])[cell % 2]),
                    "persons": counts[each[row], cell].astype(np.int32),
                },
            )
        )
    return pa.concat_tables(parts)


def _counts(people: People, day: date) -> Ints:
    """Persons by list and cell, on a day."""
    age = np.floor((number_of(day) - people.born + 0.5) / YEAR).astype(np.int64)
    lows = np.array([low for low, _ in cells()])
    band = np.searchsorted(lows, age, side="right") - 1
    lists = np.repeat(np.arange(len(people.starts) - 1), np.diff(people.starts))
    width = 2 * len(lows)
    born = band >= 0
    key = lists[born] * width + 2 * band[born] + ~people.female[born]
    return np.bincount(key, minlength=(len(people.starts) - 1) * width).reshape(-1, width)


def _table(key: str, rows: list[dict[str, object]]) -> pa.Table:
    names = rows[0].keys()
    return table(key, {name: [row[name] for row in rows] for name in names})
