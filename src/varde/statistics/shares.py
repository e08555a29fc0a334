"""Shares with their intervals, and whether one differs from another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
import pyarrow as pa

from varde.uncertainty import difference, wilson

Direction = Literal["up", "down", "no-change", "not-computable"]
"""Above or below with 95 % confidence; neither; no numbers to tell by."""


def with_shares(table: pa.Table, count: str = "count", n: str = "n") -> pa.Table:
    """The table with ``pct`` (percent of `n`), ``low`` and ``high`` (95 % interval of Wilson), each null where `n` is 0
    or where more are counted than there are."""
    counted, total = (table[name].to_numpy(zero_copy_only=False) for name in (count, n))
    sound = (total > 0) & (counted >= 0) & (counted <= total)
    low, high = wilson(np.where(sound, counted, 0), np.where(sound, total, 1))
    percent = 100.0 * np.where(sound, counted, 0) / np.where(sound, total, 1)
    for name, values in (("pct", percent), ("low", 100.0 * low), ("high", 100.0 * high)):
        table = table.append_column(name, pa.array(values, pa.float64(), mask=~sound))
    return table


class Change(NamedTuple):
    """What became of a share.

    Attributes:
        points: percentage points more than before; None when not computable.
        low, high: 95 % interval of that.
    """

    direction: Direction
    points: float | None = None
    low: float | None = None
    high: float | None = None


def change(before: tuple[int, int], after: tuple[int, int]) -> Change:
    """How a share (count, n) differs from what it was before (`varde.uncertainty.difference`)."""
    found = difference(before, after)
    if found is None:
        return Change("not-computable")
    direction: Direction = "up" if found.low > 0 else "down" if found.high < 0 else "no-change"
    return Change(direction, *(100 * each for each in found))


def pick(table: pa.Table, column: str, label: str) -> pa.Table:
    """The rows of one label of a stacked table."""
    wanted = pa.array([one == label for one in table[column].to_pylist()], pa.bool_())
    return table.filter(wanted)


def stack(tables: Sequence[pa.Table], name: str, labels: Sequence[str]) -> pa.Table:
    """Tables of the same columns on top of each other, with a column that says which."""
    named = [
        table.add_column(0, name, pa.array([label] * table.num_rows, pa.string()))
        for table, label in zip(tables, labels, strict=True)
    ]
    return pa.concat_tables(named)
