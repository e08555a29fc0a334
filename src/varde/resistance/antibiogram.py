"""How much is resistant: counts and percentages by organism, antibiotic and what else is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Unpack

import numpy as np
import pyarrow as pa

from varde.resistance.errors import InvalidSelection
from varde.resistance.first_isolates import first_isolates
from varde.resistance.methods import Method
from varde.resistance.selection import Selection, select_isolates
from varde.uncertainty import wilson

if TYPE_CHECKING:
    import ibis

    from varde.warehouse import Tables

MINIMUM: Final = 30
"""Below this many tested isolates no percentage is given (CLSI M39)."""

DIMENSIONS: Final = (
    "organism",
    "antibiotic",
    "county",
    "municipality",
    "laboratory",
    "material_group",
    "year",
    "quarter",
    "period",
    "age_group",
    "sex",
    "ward",
)
"""What an antibiogram can be broken down by."""

AGE_GROUPS: Final = (
    (0, "0-4"),
    (5, "5-14"),
    (15, "15-24"),
    (25, "25-44"),
    (45, "45-64"),
    (65, "65-79"),
    (80, "80+"),
)
"""Lowest age and name of each group."""

CATEGORIES: Final = ("S", "I", "R")


def antibiogram(
    tables: Tables,
    by: Sequence[str] = ("organism", "antibiotic"),
    method: str | Method = "episode:365",
    **selection: Unpack[Selection],
) -> pa.Table:
    """Susceptible, increased exposure and resistant, of the isolates that were tested.

    The isolates are selected first, and first isolates are chosen within the selection. Results
    of an antibiotic that is not mapped are not counted here but by `unmapped`.

    Args:
        tables: from `varde.warehouse.open_tables`.
        by: columns of `DIMENSIONS`, ``antibiotic`` among them; the answer has one row for each
            combination that occurs.
        method: how isolates are chosen, see `parse_method`.
        selection: see `Selection`.

    Returns:
        The columns of `by`, then ``n`` (isolates with S, I or R), ``S``, ``I``, ``R``,
        ``pct_S``, ``pct_I``, ``pct_R`` (percent of n), ``R_low``, ``R_high`` (95 % interval of
        pct_R, see `wilson`) and ``status``: ``ok``; ``too-few`` (n below `MINIMUM`) and
        ``not-computable`` (tested, but never with a category: n is 0), where the percentages and
        the interval are null. Sorted by the columns of `by`, unknown (null) last.

    Raises:
        InvalidSelection, InvalidMethod: the question cannot be answered as put.
    """
    _check_dimensions(by)
    isolates = select_isolates(tables.isolates, selection)
    counted = count_categories(tables, first_isolates(tables, isolates, method), by)
    return add_percentages(sort_rows(counted, by), by)


def count_categories(
    tables: Tables, isolates: ibis.Table, by: Sequence[str], antibiotic: str | None = None
) -> pa.Table:
    """n, S, I and R of these isolates for each combination of `by`, in no order.

    Args:
        antibiotic: only results of this one.
    """
    results = tables.susceptibilities
    wanted = (
        results.antibiotic.notnull() if antibiotic is None else results.antibiotic == antibiotic
    )
    results = results.filter(wanted).select("isolate_id", "antibiotic", "sir")
    columns = {name: dimension(isolates, name) for name in by if name != "antibiotic"}
    joined = results.join(isolates.select("isolate_id", **columns), "isolate_id")
    # Counting rows by category first leaves little to add up: cheaper than three sums over all.
    rows = joined.group_by([*by, "sir"]).aggregate(rows=joined.count())
    counts = {
        name: (rows.sir == name).ifelse(rows.rows, 0).sum().fill_null(0).cast("int64")
        for name in CATEGORIES
    }
    counted = (rows.group_by(list(by)) if by else rows).aggregate(**counts)
    total = counted.S + counted.I + counted.R
    return tables.fetch(counted.mutate(n=total).select(*by, "n", *CATEGORIES))


def sort_rows(table: pa.Table, by: Sequence[str]) -> pa.Table:
    """In the order of the columns' values (text by code point), null last, on every engine."""
    if not by or not table.num_rows:
        return table
    return table.sort_by([(name, "ascending") for name in by])


def add_percentages(table: pa.Table, by: Sequence[str]) -> pa.Table:
    """The answer of `antibiogram` from its counts."""
    n = table["n"].to_numpy()
    counts = {name: table[name].to_numpy() for name in CATEGORIES}
    enough = n >= MINIMUM
    low, high = wilson(counts["R"], n)
    divisor = np.where(n > 0, n, 1)
    columns = {name: table[name] for name in (*by, "n", *CATEGORIES)}
    for name, values in counts.items():
        columns[f"pct_{name}"] = pa.array(100.0 * values / divisor, mask=~enough)
    columns["R_low"] = pa.array(100.0 * low, mask=~enough)
    columns["R_high"] = pa.array(100.0 * high, mask=~enough)
    status = np.where(enough, "ok", np.where(n > 0, "too-few", "not-computable"))
    columns["status"] = pa.array(status.tolist(), pa.string())
    return pa.table(columns)


@dataclass(frozen=True)
class Unmapped:
    """What a selection holds that no antibiogram counts.

    Attributes:
        isolates: isolates whose organism is not mapped.
        results: results, of any of the selection's isolates, whose antibiotic is not mapped.
    """

    isolates: int
    results: int


def unmapped(tables: Tables, **selection: Unpack[Selection]) -> Unmapped:
    """How much of the selection is left out because its codes are not mapped yet."""
    isolates = select_isolates(tables.isolates, selection)
    results = tables.susceptibilities
    results = results.filter(results.antibiotic.isnull())
    results = results.semi_join(isolates, "isolate_id")
    lost = isolates.filter(isolates.organism.isnull())
    return Unmapped(isolates=_count(tables, lost), results=_count(tables, results))


def _count(tables: Tables, table: ibis.Table) -> int:
    return int(tables.fetch(table.aggregate(count=table.count()))["count"][0].as_py())


def _check_dimensions(by: Sequence[str]) -> None:
    unknown = [name for name in by if name not in DIMENSIONS]
    if unknown or isinstance(by, str) or len(set(by)) < len(by):
        raise InvalidSelection(
            f"cannot break down by {by!r}: give columns, each once, of {', '.join(DIMENSIONS)}"
        )
    if "antibiotic" not in by:
        raise InvalidSelection(
            f"cannot break down by {by!r}: 'antibiotic' must be among the columns, since an isolate "
            "has a result for each antibiotic"
        )


def dimension(isolates: ibis.Table, name: str) -> ibis.Value:
    """The column of that name, or what it is made from."""
    if name == "quarter":
        quarter = isolates.collected.quarter().cast("string")
        return isolates.year.cast("string") + "-Q" + quarter
    if name == "age_group":
        import ibis

        limits = zip(AGE_GROUPS[1:], AGE_GROUPS, strict=False)
        branches = [(isolates.age < limit, group) for (limit, _), (_, group) in limits]
        return ibis.cases((isolates.age.isnull(), None), *branches, else_=AGE_GROUPS[-1][1])
    return isolates[name]
