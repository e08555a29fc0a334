"""Indicators over bed days: months of which no bed days are told are left out, above and below.

What was sold in a month over the bed days of other months would be too much: a home that told its days for half of a
year would seem to use twice as much as it does. So a period's figure is the sum of the months that can be divided:
those in which the unit has bed days, and in which nothing is of an amount that nobody can say. Every month is of the
units as they are on the whole period's last day. How many months were counted is always said.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from varde.prescribing.indicators.definition import Definition
from varde.prescribing.indicators.periods import Period, Slice


def is_by_month(definition: Definition) -> bool:
    """Whether a period's figure is of those of its months that have a denominator: densities over bed days."""
    return definition.kind == "density" and definition.denominator.counts == "bed-days"


def slice_months(period: Period) -> list[Period]:
    """The months of a period, each of units as they are on the whole period's last day."""
    return [Slice(one.since, one.until, period.as_of) for one in period.months]


def told_months(counted: pa.Table, unit: str) -> set[Any]:
    """The first days of those months in which a unit has something to divide by.

    Args:
        counted: one indicator by month.
    """
    is_told = pc.greater(counted["denominator"], 0)
    mine = counted.filter(pc.and_(pc.equal(counted["unit"], unit), is_told))
    return set(mine["since"].to_pylist())


def fold_months(counted: pa.Table, period: Period, schema: pa.Schema) -> pa.Table:
    """One row for each indicator and unit, of its months.

    A unit that has rows in the denominator, all of which come to 0, is there with 0 and no month.

    Args:
        counted: by month, in the columns of `schema`.
    """
    folded: dict[tuple[str, str], dict[str, Any]] = {}
    for row in counted.to_pylist():
        found = folded.setdefault((row["indicator"], row["unit"]), _nothing(row, period))
        if row["denominator"] > 0:
            found["numerator"] += row["numerator"]
            found["denominator"] += row["denominator"]
            found["months"] += 1
    return pa.Table.from_pylist(list(folded.values()), schema)


def _nothing(row: Mapping[str, Any], period: Period) -> dict[str, Any]:
    zero = Decimal("0.000")
    span = {"since": period.since, "until": period.until}
    return {**row, **span, "numerator": zero, "denominator": zero, "months": 0}
