"""Indicators over bed days: months of which no bed days are told are left out, above and below.

What was sold in a month over the bed days of other months would be too much: a home that told its days for half of a
year would seem to use twice as much as it does. So a period's figure is the sum of the months that can be divided:
those in which the institution has bed days, and in which nothing is of an amount that nobody can say. That is judged of
each institution by itself, as it is in that month: once two are merged they are one, and before that each tells its own
days. Only then are the months summed to the unit (a home with those it took over, a municipality, the country) as it is
on the period's last day: what one home sold is never set over another's days. How many months were counted is always
said; of a larger unit those in which any institution can be counted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from varde.prescribing.indicators.definition import Definition
from varde.prescribing.indicators.periods import Period

Place = Callable[[str, date], str | None]
"""The unit that an institution belongs to on a day; None for none."""


def is_by_month(definition: Definition) -> bool:
    """Whether a period's figure is of those of its months that have a denominator: densities over bed days."""
    return definition.kind == "density" and definition.denominator.counts == "bed-days"


def pick_told(
    counted: pa.Table, months: Sequence[Period], unit: str, day: date, place: Place
) -> tuple[pa.Table, bool]:
    """The institutions of a unit and the numbers of the months that are counted of each, and whether any is: where none
    is, those that have rows in the denominator, all of which come to 0.

    Args:
        counted: one indicator by institution and month.
        day: as of which it is asked who is of the unit.
    """
    at = {month.since: number for number, month in enumerate(months)}
    rows = [row for row in counted.to_pylist() if place(row["unit"], day) == unit]
    told = [row for row in rows if row["denominator"] > 0]
    return name_pairs([(row["unit"], at[row["since"]]) for row in told or rows]), bool(told)


def name_pairs(pairs: Sequence[tuple[str, int]]) -> pa.Table:
    """Units and numbers of periods, to be joined to rows."""
    return pa.table(
        {
            "t_unit": pa.array([unit for unit, _ in pairs], pa.string()),
            "t_period": pa.array([number for _, number in pairs], pa.int32()),
        }
    )


def fold_months(
    counted: pa.Table, periods: Sequence[Period], place: Place, schema: pa.Schema
) -> pa.Table:
    """One row for each indicator, unit and period, of the period's months.

    A unit that has rows in the denominator, all of which come to 0, is there with 0 and no month.

    Args:
        counted: by institution and month, in the columns of `schema`, without strata.
        periods: they do not overlap, and every month is of one of them.
    """
    spans = sorted(periods)
    begins = pa.array([one.since for one in spans], pa.date32())
    months = np.asarray(counted["since"].cast(pa.int32()))
    at = np.searchsorted(np.asarray(begins.cast(pa.int32())), months, "right") - 1
    is_told = pc.greater(counted["denominator"], 0)
    nothing = pa.scalar(0, schema.field("numerator").type)
    summed = pa.table(
        {
            "indicator": counted["indicator"],
            "unit": _units(counted["unit"], at, spans, place),
            "at": pa.array(at, pa.int64()),
            "month": pa.array(months, pa.int32()),
            "numerator": pc.if_else(is_told, counted["numerator"], nothing),
            "denominator": pc.if_else(is_told, counted["denominator"], nothing),
            "months": is_told.cast(pa.int32()),
        }
    )
    summed = summed.filter(pc.is_valid(summed["unit"]))
    amounts = ("numerator", "denominator")
    by_month = summed.group_by(["indicator", "unit", "at", "month"], use_threads=False).aggregate(
        [*((name, "sum") for name in amounts), ("months", "max")]
    )
    by_month = by_month.rename_columns({f"{name}_sum": name for name in amounts})
    by_month = by_month.rename_columns({"months_max": "months"})
    names = (*amounts, "months")
    folded = by_month.group_by(["indicator", "unit", "at"], use_threads=False).aggregate(
        [(name, "sum") for name in names]
    )
    blank = pa.array([""], pa.string()).take(pa.array(np.zeros(folded.num_rows, np.int64)))
    ends = pa.array([one.until for one in spans], pa.date32())
    columns = {name: folded[f"{name}_sum"] for name in names}
    columns |= {"indicator": folded["indicator"], "unit": folded["unit"]}
    columns |= {"since": begins.take(folded["at"]), "until": ends.take(folded["at"])}
    columns |= {"age_band": blank, "sex": blank}
    return pa.table([columns[field.name].cast(field.type) for field in schema], schema)


def _units(
    institutions: pa.ChunkedArray,
    at: np.ndarray[tuple[int], np.dtype[np.int64]],
    periods: Sequence[Period],
    place: Place,
) -> pa.Array:
    """The unit of each institution on the last day of its row's period; null for none."""
    names = pc.unique(institutions)
    numbers = np.asarray(pc.index_in(institutions, names), np.int64)
    pairs, where = np.unique(numbers * len(periods) + at, return_inverse=True)
    known = names.to_pylist()
    units = [
        place(known[pair // len(periods)], periods[pair % len(periods)].as_of)
        for pair in pairs.tolist()
    ]
    return pa.array(units, pa.string()).take(pa.array(where.ravel(), pa.int64()))
