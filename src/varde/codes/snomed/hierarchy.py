"""The is-a hierarchy as rows of whole numbers: who is above whom, worked out once.

Concepts are numbered in the order of their codes. A `Ragged` holds one row of numbers for each.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np

Numbers = np.ndarray[Any, np.dtype[Any]]

PAIRS_AT_ONCE: Final = 4_000_000
"""Pairs of concept and ancestor that are sorted at a time: it bounds the memory of the closure."""


class Ragged(NamedTuple):
    """Rows of different length: row i is ``values[starts[i]:starts[i + 1]]``, ascending."""

    starts: Numbers
    values: Numbers

    @property
    def lengths(self) -> Numbers:
        return np.diff(self.starts)


class CycleFound(Exception):
    """Concepts that are below themselves, by number: each a child of the next."""

    def __init__(self, concepts: list[int]) -> None:
        self.concepts = concepts
        super().__init__(f"cycle of {len(concepts)} concepts")


def make_ragged(rows: Numbers, values: Numbers, size: int) -> Ragged:
    """Collect the pairs (row, value), each once, into rows."""
    pairs = np.unique(rows.astype(np.int64) * max(size, 1) + values)
    starts = np.searchsorted(pairs, np.arange(size + 1) * max(size, 1))
    return Ragged(starts, (pairs % max(size, 1)).astype(np.int32))


def spread(starts: Numbers, lengths: Numbers) -> Numbers:
    """The positions of all elements of the runs, one run after the other."""
    shifts = starts - (np.cumsum(lengths) - lengths)
    return np.arange(int(lengths.sum())) + np.repeat(shifts, lengths)


def take_rows(table: Ragged, rows: Numbers) -> tuple[Numbers, Numbers]:
    """How long these rows are, and their values one after the other."""
    starts = table.starts[rows]
    lengths = table.starts[rows + 1] - starts
    return lengths, table.values[spread(starts, lengths)]


def turn_round(table: Ragged) -> Ragged:
    """The same pairs from the other side: from parents of each concept to its children."""
    size = table.starts.size - 1
    return make_ragged(table.values, np.repeat(np.arange(size), table.lengths), size)


def sort_levels(parents: Ragged, children: Ragged) -> list[Numbers]:
    """The concepts by level: each comes in a level after those of all its parents.

    Raises:
        CycleFound: there is no such order.
    """
    waiting = parents.lengths.copy()
    level = np.flatnonzero(waiting == 0)
    levels, placed = [], 0
    while level.size:
        levels.append(level)
        placed += level.size
        below, times = np.unique(take_rows(children, level)[1], return_counts=True)
        waiting[below] -= times
        level = below[waiting[below] == 0]
    if placed < waiting.size:
        raise CycleFound(_find_cycle(parents, waiting))
    return levels


def _find_cycle(parents: Ragged, waiting: Numbers) -> list[int]:
    """Whoever still waits has a parent that waits: going up, one comes round in the end."""
    concept = int(np.flatnonzero(waiting > 0)[0])
    seen: dict[int, int] = {}
    way: list[int] = []
    while concept not in seen:
        seen[concept] = len(way)
        way.append(concept)
        above = parents.values[parents.starts[concept] : parents.starts[concept + 1]]
        concept = int(above[waiting[above] > 0][0])
    return way[seen[concept] :]


def close(parents: Ragged, levels: list[Numbers]) -> Ragged:
    """All ancestors of each concept, without itself."""
    size = parents.starts.size - 1
    closure = _Closure(size)
    for level in levels[1:]:
        for piece in _split(level, _count_pairs(level, parents, closure)):
            closure.add(piece, *_collect(piece, parents, closure))
    return closure.ragged()


class _Closure:
    """The rows found so far, in the order in which they were found."""

    def __init__(self, size: int) -> None:
        self.starts: Numbers = np.zeros(size, np.int64)
        self.lengths: Numbers = np.zeros(size, np.int64)
        self._values: Numbers = np.empty(1 << 16, np.int32)
        self._used = 0

    def take(self, rows: Numbers) -> tuple[Numbers, Numbers]:
        lengths = self.lengths[rows]
        return lengths, self._values[spread(self.starts[rows], lengths)]

    def add(self, rows: Numbers, lengths: Numbers, values: Numbers) -> None:
        end = self._used + values.size
        if end > self._values.size:
            grown = np.empty(max(end, self._values.size * 2), np.int32)
            grown[: self._used] = self._values[: self._used]
            self._values = grown
        self._values[self._used : end] = values
        self.starts[rows] = self._used + np.cumsum(lengths) - lengths
        self.lengths[rows] = lengths
        self._used = end

    def ragged(self) -> Ragged:
        values = np.empty(self._used, np.int32)
        starts = np.concatenate(([0], np.cumsum(self.lengths)))
        for rows in _split(np.arange(self.lengths.size), self.lengths):
            first, last = starts[rows[0]], starts[rows[-1] + 1]
            values[first:last] = self.take(rows)[1]
        return Ragged(starts, values)


def _count_pairs(level: Numbers, parents: Ragged, closure: _Closure) -> Numbers:
    """How many pairs each concept of the level will make, counting shared ancestors repeatedly."""
    edges, above = take_rows(parents, level)
    return np.add.reduceat(closure.lengths[above] + 1, np.cumsum(edges) - edges)


def _split(rows: Numbers, sizes: Numbers) -> list[Numbers]:
    """The rows in pieces of about `PAIRS_AT_ONCE`."""
    if not rows.size:
        return []
    piece = np.cumsum(sizes) // PAIRS_AT_ONCE
    return np.split(rows, np.flatnonzero(np.diff(piece)) + 1)


def _collect(piece: Numbers, parents: Ragged, closure: _Closure) -> tuple[Numbers, Numbers]:
    """The ancestors of these concepts: their parents, and the ancestors of those."""
    size = max(parents.starts.size - 1, 1)
    edges, above = take_rows(parents, piece)
    child = np.repeat(np.arange(piece.size), edges)
    lengths, further = closure.take(above)
    pairs = np.unique(
        np.concatenate((child * size + above, np.repeat(child, lengths) * size + further))
    )
    return np.bincount(pairs // size, minlength=piece.size), (pairs % size).astype(np.int32)
