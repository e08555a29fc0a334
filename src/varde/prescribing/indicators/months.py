"""Indicators over bed days: months of which no bed days are told are left out, above and below.

What was sold in a month over the bed days of other months would be too much: a home that told its days for half of a
year would seem to use twice as much as it does. So a period's figure is the sum of the months that can be divided:
those in which the unit has bed days, and in which nothing is of an amount that nobody can say. Every month is of the
units as they are on the whole period's last day. How many months were counted is always said.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
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


def fold_months(counted: pa.Table, periods: Sequence[Period], schema: pa.Schema) -> pa.Table:
    """One row for each indicator, unit and period, of the period's months.

    A unit that has rows in the denominator, all of which come to 0, is there with 0 and no month.

    Args:
        counted: by month, in the columns of `schema`, without strata.
        periods: they do not overlap, and every month is of one of them.
    """
    spans = sorted(periods)
    begins = pa.array([one.since for one in spans], pa.date32())
    firsts = np.asarray(begins.cast(pa.int32()))
    at = np.searchsorted(firsts, np.asarray(counted["since"].cast(pa.int32())), "right") - 1
    is_told = pc.greater(counted["denominator"], 0)
    nothing = pa.scalar(0, schema.field("numerator").type)
    summed = pa.table(
        {
            "indicator": counted["indicator"],
            "unit": counted["unit"],
            "at": pa.array(at, pa.int64()),
            "numerator": pc.if_else(is_told, counted["numerator"], nothing),
            "denominator": pc.if_else(is_told, counted["denominator"], nothing),
            "months": is_told.cast(pa.int32()),
        }
    )
    names = ("numerator", "denominator", "months")
    folded = summed.group_by(["indicator", "unit", "at"], use_threads=False).aggregate(
        [(name, "sum") for name in names]
    )
    blank = pa.array([""], pa.string()).take(pa.array(np.zeros(folded.num_rows, np.int64)))
    ends = pa.array([one.until for one in spans], pa.date32())
    columns = {name: folded[f"{name}_sum"] for name in names}
    columns |= {"indicator": folded["indicator"], "unit": folded["unit"]}
    columns |= {"since": begins.take(folded["at"]), "until": ends.take(folded["at"])}
    columns |= {"age_band": blank, "sex": blank}
    return pa.table([columns[field.name].cast(field.type) for field in schema], schema)
