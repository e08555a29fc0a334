"""Shares with their intervals, and whether one differs from another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from varde.resistance import wilson

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
    """How a share (count, n) differs from what it was before.

    The interval is the hybrid score interval of R. G. Newcombe, Interval estimation for the difference between
    independent proportions, Stat Med 1998;17:873–890, method 10: Wilson's intervals of the two, put together.
    """
    if before[1] <= 0 or after[1] <= 0:
        return Change("not-computable")
    shares: npt.NDArray[np.float64] = np.array([after[0] / after[1], before[0] / before[1]])
    low, high = wilson([after[0], before[0]], [after[1], before[1]])
    points = shares[0] - shares[1]
    lower = points - np.hypot(shares[0] - low[0], high[1] - shares[1])
    upper = points + np.hypot(high[0] - shares[0], shares[1] - low[1])
    direction: Direction = "up" if lower > 0 else "down" if upper < 0 else "no-change"
    return Change(direction, *(float(100 * each) for each in (points, lower, upper)))


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
