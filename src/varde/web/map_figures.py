"""Cases of one disease in one year by municipality, as they may be shown on a map.

The counties' figures are those of the register MSIS (`varde.web.figures`), which everybody who sees the map sees too; what
is shown of municipalities adds nothing to them: they are parts of their county (`varde.publishing.disclose_parts`), so
where its figure is hidden, nothing is told of what is in it. What the reader's own municipality has, the reader knows:
the others are protected as parts of what is left. Who follows up each case of the country knows them all, and has all
numbers as they are, which are not for publication. Svalbard and Jan Mayen are parts of what is in no county.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec
from django.utils import timezone

from varde import statistics
from varde.cases import catalogue
from varde.codes import counties, municipalities
from varde.followup.tables import tables as followup_tables
from varde.publishing import HIDDEN, Figure, disclose_parts
from varde.web import figures
from varde.web.answers import snapshot_name
from varde.web.figures import VIEWS, Question, warehouse

Level = Literal["municipality", "county", "country"]
NOUGHT = Figure(status="ok", value=0)


class MapAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What may be shown of one disease and year.

    Attributes:
        level: the smallest area that is published of the disease; what is smaller has no figures here, but for `own`.
        municipalities: number → figure, of every municipality, the unknown left out; the own one as it is.
        counties: number → figure, of every county.
        closed: counties of whose municipalities nothing is told, since their own figure is hidden.
        elsewhere: number → figure, of places that are in no county, such as Svalbard (`PlaceRow`); empty where what
            is in no county is hidden as a whole.
        unknown: of all others who are in no county; None where there are none.
        total: of the country.
        is_open: whether all numbers are as they are: not for publication.
    """

    disease: str
    year: int
    own: str
    level: Level
    municipalities: Mapping[str, Figure]
    counties: Mapping[str, Figure]
    closed: frozenset[str]
    elsewhere: Mapping[str, Figure]
    unknown: Figure | None
    total: Figure
    snapshot: int
    is_open: bool = False


def choices() -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Diseases, the most frequent first, and years, the newest first, of which there are cases.

    Raises:
        varde.warehouse.NoSnapshot: nothing has been refreshed into the warehouse yet.
    """
    read = figures.read_choices(VIEWS["msis"])
    return tuple(read["disease"]), tuple(sorted(read["year"], reverse=True))


def ask_map(disease: str, year: int, own: str = "") -> MapAnswer:
    """The answer now; raises as `choices` does.

    Args:
        own: the municipality of the reader, who may know its number as it is; empty for none.
    """
    folder = warehouse()
    return _answer(folder, snapshot_name(folder), disease, year, own, timezone.localdate())


def ask_open_map(disease: str, year: int) -> MapAnswer:
    """All numbers as they are, for those who may open each of the cases; raises as `choices` does."""
    from varde.warehouse import open_tables

    today = timezone.localdate()
    with open_tables(warehouse()) as tables:
        rows = statistics.count_by_municipality(tables, disease, year).to_pylist()
        version = tables.snapshot
    by_place, by_county, beside = Counter[str](), Counter[str](), Counter[str]()
    for row in rows:
        number = row["municipality"] or ""
        by_county[row["county"] or ""] += row["n"]
        if row["county"] and number in municipalities(today):
            by_place[number] += row["n"]
        else:
            beside[_place_of(number, today)] += row["n"]
    unknown = beside.pop("", 0)
    return MapAnswer(
        disease=disease,
        year=year,
        own="",
        level="municipality",
        municipalities={one: _as_it_is(by_place[one]) for one in municipalities(today)},
        counties={one: _as_it_is(by_county[one]) for one in counties(today)},
        closed=frozenset(),
        elsewhere={place: _as_it_is(number) for place, number in sorted(beside.items())},
        unknown=_as_it_is(unknown) if unknown else None,
        total=_as_it_is(by_county.total()),
        snapshot=version,
        is_open=True,
    )


def _as_it_is(number: int) -> Figure:
    return Figure(status="ok", value=number)


@lru_cache(maxsize=256)
def _answer(
    folder: Path, snapshot: str, disease: str, year: int, own: str, today: date
) -> MapAnswer:
    from varde.warehouse import open_tables

    chosen = (("disease", disease), ("year", year))
    published = figures.ask(Question(view="msis", table="cases", by=("county",), chosen=chosen))
    told = {row.key["county"]: row.figures["n"] for row in published.rows}
    with open_tables(folder) as tables:
        rows = statistics.count_by_municipality(tables, disease, year).to_pylist()
        version = tables.snapshot
    level = _level(disease, today)
    by_county = {number: told.get(number, NOUGHT) for number in counties(today)}
    if level == "country":
        by_county = dict.fromkeys(by_county, Figure(status="not-published"))
    counted = {row["municipality"] or "": row["n"] for row in rows if row["county"]}
    beside = Counter[str]()
    for row in rows:
        if not row["county"]:
            beside[_place_of(row["municipality"] or "", today)] += row["n"]
    nowhere = told.get(None, NOUGHT)
    elsewhere = {} if nowhere.status in HIDDEN else _elsewhere(beside, nowhere, level, today)
    unknown = elsewhere.pop("", nowhere)
    return MapAnswer(
        disease=disease,
        year=year,
        own=own,
        level=level,
        municipalities=_municipalities(counted, by_county, own, level, today),
        counties=by_county,
        closed=frozenset(n for n, figure in by_county.items() if figure.status in HIDDEN),
        elsewhere=elsewhere,
        unknown=unknown if unknown.value != 0 and level != "country" else None,
        total=published.total.figures["n"] if published.total else NOUGHT,
        snapshot=version,
    )


def _level(disease: str, today: date) -> Level:
    known = catalogue().diseases.get(disease)
    place = known.geography_on(today) if known else None
    return place.minimum if place else "country"


def _place_of(number: str, on: date) -> str:
    """The place in no county that a number is in; empty where it names none."""
    place = followup_tables().place(number, on)
    if place is None or not place.known:
        return ""
    return place.within or place.number


def _elsewhere(
    counted: Mapping[str, int], whole: Figure, level: Level, on: date
) -> dict[str, Figure]:
    """Places in no county, and under no name those who live nowhere that is known.

    Args:
        whole: what MSIS shows of all of them.
    """
    if level == "country":
        whole = Figure(status="not-published")
    there = {_place_of(row.number, on) for row in followup_tables().places if row.valid_from <= on}
    return disclose_parts({name: counted.get(name, 0) for name in sorted(there | {""})}, whole)


def _municipalities(
    counted: Mapping[str, int],
    by_county: Mapping[str, Figure],
    own: str,
    level: Level,
    today: date,
) -> dict[str, Figure]:
    groups: dict[str, list[str]] = defaultdict(list)
    for number, one in sorted(municipalities(today).items()):
        groups[one.county].append(number)
    found: dict[str, Figure] = {}
    for county, numbers in groups.items():
        others = [number for number in numbers if number != own]
        if level != "municipality":
            found |= dict.fromkeys(others, Figure(status="not-published"))
        else:
            numbered = {number: counted.get(number, 0) for number in others}
            found |= disclose_parts(numbered, by_county[county])
    if own:
        found[own] = Figure(status="ok", value=counted.get(own, 0))
    return found
