"""How resistance moves: one organism against one antibiotic, year by year or quarter by quarter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, Unpack

import pyarrow as pa

from varde.resistance.antibiogram import CATEGORIES, add_percentages, count_categories
from varde.resistance.errors import InvalidSelection
from varde.resistance.first_isolates import first_isolates
from varde.resistance.methods import Method
from varde.resistance.selection import Circumstances, Selection, select_isolates

if TYPE_CHECKING:
    from varde.warehouse import Tables

Step = Literal["year", "quarter"]


def trend(
    tables: Tables,
    organism: str,
    antibiotic: str,
    by: Step = "year",
    method: str | Method = "episode:365",
    **circumstances: Unpack[Circumstances],
) -> pa.Table:
    """Resistance over time, without holes.

    First isolates are chosen over the whole of the selection, not anew for each step.

    Returns:
        ``step`` ("2026" or "2026-Q1") and the columns of `antibiogram` from ``n`` on. A step
        between the first and the last in which nothing was tested has n = 0 and the status
        ``not-computable``. No rows when nothing was ever tested.

    Raises:
        InvalidSelection, InvalidMethod: the question cannot be answered as put.
    """
    if by not in ("year", "quarter"):
        raise InvalidSelection(f"cannot follow a trend by {by!r}: use 'year' or 'quarter'")
    isolates = select_isolates(tables.isolates, Selection(organism=organism, **circumstances))
    first = first_isolates(tables, isolates, method)
    counted = count_categories(tables, first, (by,), antibiotic=antibiotic)
    found = {str(row[by]): row for row in counted.to_pylist()}
    nothing = dict.fromkeys(("n", *CATEGORIES), 0)
    rows = [{"step": step, **(found.get(step) or nothing)} for step in _steps(found)]
    schema = pa.schema([("step", pa.string()), *((name, pa.int64()) for name in nothing)])
    return add_percentages(pa.Table.from_pylist(rows, schema), ("step",))


def _steps(found: dict[str, object]) -> Iterator[str]:
    """Every step from the first to the last."""
    if not found:
        return
    first, last = min(found), max(found)
    for year in range(int(first[:4]), int(last[:4]) + 1):
        names = [str(year)] if len(first) == 4 else [f"{year}-Q{number}" for number in range(1, 5)]
        yield from (name for name in names if first <= name <= last)
