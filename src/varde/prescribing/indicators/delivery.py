"""Months of which nobody delivered what an indicator counts: they are not months of zero.

A month without a single row of a table that has rows of every month (`shapes.MONTHLY`) was not delivered, or not yet.
An indicator over two such tables is of the months in which both are: contacts of months without prescriptions would
make it look as if nothing had been prescribed. What is left out is left out above and below, for all units alike, and
is said: in the column ``months``, and by whoever prints the figures.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from varde.prescribing.indicators.definition import Definition
from varde.prescribing.indicators.engine import fetch
from varde.prescribing.indicators.periods import Period
from varde.prescribing.indicators.shapes import MONTHLY, SHAPES

if TYPE_CHECKING:
    import ibis

Months = frozenset[date]
Delivered = Mapping[str, Months]
"""By monthly table the first days of the months of which anybody delivered any row."""


def find_delivered(
    tables: Mapping[str, ibis.Table], indicators: Iterable[Definition], periods: Sequence[Period]
) -> Delivered:
    """The months of some periods of which there is any row, of each monthly table that the indicators count; tables that
    are missing are left out."""
    asked = {key for one in indicators for key in one.tables} & MONTHLY & set(tables)
    return {key: read_months(tables[key], key, periods) for key in sorted(asked)}


def read_months(table: ibis.Table, key: str, periods: Sequence[Period]) -> Months:
    """The months, from the first of the periods to the last, of which a monthly table has any row."""
    import ibis

    first, last = min(one.since for one in periods), max(one.until for one in periods)
    day = table[SHAPES[key].day]
    rows = table.filter(
        (day >= ibis.date(first.isoformat())) & (day <= ibis.date(last.isoformat()))
    )
    months = rows.select(_month=rows[SHAPES[key].day].truncate("M")).distinct()
    found = [row["_month"] for row in fetch(months).to_pylist()]
    return frozenset(one.date() if isinstance(one, datetime) else one for one in found)


def find_missing(
    definition: Definition, periods: Iterable[Period], delivered: Delivered | None
) -> Months:
    """The first days of those months of some periods in which not all is delivered that an indicator counts.

    Args:
        delivered: of a table that is not there all is delivered; None: all of all.
    """
    known = [some for key, some in (delivered or {}).items() if key in definition.tables]
    if not known:
        return frozenset()
    asked = {month.since for period in periods for month in period.months}
    return frozenset(asked - frozenset.intersection(*known))


def split_by_missing(
    indicators: Iterable[Definition], periods: Sequence[Period], delivered: Delivered | None
) -> Mapping[Months, list[Definition]]:
    """The indicators by the months that are left out of them: what misses the same is one pass over the rows."""
    found: dict[Months, list[Definition]] = defaultdict(list)
    for one in indicators:
        found[find_missing(one, periods, delivered)].append(one)
    return found


def count_months(period: Period, missing: Months) -> int:
    """How many of a period's months are not missing."""
    return sum(one.since not in missing for one in period.months)
