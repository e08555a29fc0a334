"""How many live there: denominators, for the days that they are known for, and for no others.

Inhabitants are known by municipality, age band and sex on 1 January of the years in the file of
`varde.codes.population` (Statistics Norway). A rate of another year is not computable: nothing is carried forward.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any, Final

import pyarrow as pa

from varde.codes import municipalities, population
from varde.statistics.dimensions import Where, group_of, values_of

PER: Final = 100_000
DIMENSIONS: Final = ("county", "age_group", "sex")
"""What inhabitants are known by, beside the year."""


@cache
def years() -> frozenset[int]:
    """The years whose inhabitants are known."""
    return frozenset(row.year for row in population())


@cache
def _cells() -> Mapping[tuple[int, str, str, str], int]:
    """Year, county, age group, sex → inhabitants."""
    found: dict[tuple[int, str, str, str], int] = defaultdict(int)
    for row in population():
        county = municipalities(date(row.year, 1, 1))[row.municipality].county
        found[row.year, county, group_of(row.age_low), row.sex] += row.count
    return found


@cache
def inhabitants(
    year: int, county: tuple[str, ...], ages: tuple[str, ...], sex: tuple[str, ...]
) -> int:
    """Inhabitants on 1 January of a year; an empty choice is everybody."""
    chosen = (county, ages, sex)
    return sum(
        count
        for (when, *cell), count in _cells().items()
        if when == year
        and all(not some or one in some for one, some in zip(cell, chosen, strict=True))
    )


def denominators(
    rows: Sequence[Mapping[str, Any]], by: Sequence[str], where: Where
) -> list[int | None]:
    """Of each row of a table, how many people it is about; None when that is not known.

    Args:
        rows: with the columns of `by`.
        by: what the rows are for: each row is about those of its county, age group and sex.
        where: what was chosen by: rows are about those chosen.
    """
    chosen = {
        name: tuple(values_of(where[name])) for name in DIMENSIONS if where.get(name) is not None
    }
    asked = values_of(where["year"]) if where.get("year") is not None else []
    return [_denominator(row, by, chosen, asked) for row in rows]


def _denominator(
    row: Mapping[str, Any],
    by: Sequence[str],
    chosen: Mapping[str, tuple[str, ...]],
    asked: list[Any],
) -> int | None:
    year = row["year"] if "year" in by else asked[0] if len(asked) == 1 else None
    if year not in years() or "month" in by:
        return None
    cell: list[tuple[str, ...]] = []
    for name in DIMENSIONS:
        if name in by:
            if row[name] is None:
                return None
            cell.append((row[name],))
        else:
            cell.append(chosen.get(name, ()))
    return inhabitants(int(year), *cell)


def with_rates(table: pa.Table, by: Sequence[str], where: Where, per: int = PER) -> pa.Table:
    """The table with ``population`` and ``rate`` (n for each `per` inhabitants), null where nobody knows how many."""
    counts = denominators(table.to_pylist(), by, where)
    rates = [
        per * n / count if count else None
        for n, count in zip(table["n"].to_pylist(), counts, strict=True)
    ]
    table = table.append_column("population", pa.array(counts, pa.int64()))
    return table.append_column("rate", pa.array(rates, pa.float64()))
