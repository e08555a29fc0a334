"""Cases of one disease in one year by municipality, as they may be shown on a map.

The counties' figures are those of the register MSIS (`varde.web.figures`), which everybody who sees the map sees too; what
is shown of municipalities must add nothing to them. So where a county's figure is hidden, every number in it is; where
it is shown, its municipalities are protected as parts of it. What the reader's own municipality has, the reader knows:
the others are protected as parts of what is left.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec
import pyarrow as pa
from django.utils import timezone

from varde import statistics
from varde.cases import catalogue
from varde.codes import counties, municipalities
from varde.publishing import HIDDEN, Figure, Measures, disclose_counts, rules
from varde.web import figures
from varde.web.answers import snapshot_name
from varde.web.figures import VIEWS, Question, warehouse

COUNTS = Measures(counts=("n",))
Level = Literal["municipality", "county", "country"]
NOUGHT = Figure(status="ok", value=0)


class MapAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What may be shown of one disease and year.

    Attributes:
        level: the smallest area that is published of the disease; what is smaller has no figures here, but for `own`.
        municipalities: number → figure, of every municipality, the unknown left out; the own one as it is.
        counties: number → figure, of every county.
        unknown: of those whose municipality is not known; None where there are none.
        total: of the country.
    """

    disease: str
    year: int
    own: str
    level: Level
    municipalities: Mapping[str, Figure]
    counties: Mapping[str, Figure]
    unknown: Figure | None
    total: Figure
    snapshot: int


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
    counted = {row["municipality"]: row["n"] for row in rows if row["municipality"]}
    return MapAnswer(
        disease=disease,
        year=year,
        own=own,
        level=level,
        municipalities=_municipalities(counted, by_county, own, level, today),
        counties=by_county,
        unknown=told.get(None) if level != "country" else None,
        total=published.total.figures["n"] if published.total else NOUGHT,
        snapshot=version,
    )


def _level(disease: str, today: date) -> Level:
    known = catalogue().diseases.get(disease)
    place = known.geography_on(today) if known else None
    return place.minimum if place else "country"


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
            found |= _disclose(others, counted, by_county[county])
    if own:
        found[own] = Figure(status="ok", value=counted.get(own, 0))
    return found


def _disclose(numbers: list[str], counted: Mapping[str, int], county: Figure) -> dict[str, Figure]:
    """The municipalities of one county.

    Args:
        county: what is shown of it: where it is a number, the sum of these is known.
    """
    rows = [{"municipality": number, "n": counted.get(number, 0)} for number in numbers]
    table = pa.Table.from_pylist(
        rows, schema=pa.schema([("municipality", pa.string()), ("n", pa.int64())])
    )
    known = county.status not in HIDDEN
    adds_up = ("municipality",) if known else ()
    shown = disclose_counts(table, ("municipality",), COUNTS, adds_up=adds_up)
    found = {row.key["municipality"]: row.figures["n"] for row in shown}
    if not known:
        # One that is large enough would, alone with noughts, say what the county has.
        found |= {
            number: Figure(status="protected") for number, figure in found.items() if figure.value
        }
    states = [figure.status for figure in found.values()]
    few, more = states.count("suppressed"), states.count("protected")
    hidden = sum(counted.get(number, 0) for number in numbers if found[number].value is None)
    sums = [hidden] if known else range(1, county.limit) if county.limit else ()
    if few and sums and not is_open(few, more, sums):
        return dict.fromkeys(found, Figure(status="protected"))
    return found


def is_open(few: int, more: int, sums: Iterable[int]) -> bool:
    """Whether numbers that are told to be few could each be more than one number.

    Args:
        few: how many are told to be from 1 to under the limit; at least one.
        more: how many are hidden beside them: each is nought, or the limit or more.
        sums: what they may all add up to, as far as a reader can know.
    """
    limit = rules().small_cell.below
    least, most = few - 1, (few - 1) * (limit - 1)

    def fits(one: int, total: int) -> bool:
        left = total - one
        # What is hidden beside them takes nothing, or any number from the limit on.
        return least <= left <= most or (more > 0 and left - limit >= least)

    return sum(any(fits(one, total) for total in sums) for one in range(1, limit)) > 1
