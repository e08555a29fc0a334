"""Which more cells of a table with two directions must be hidden, when its sums both ways are told too.

Hiding enough in each row and each column alone is not enough: with several of them a reader may still work a cell out. A
hidden cell can be another number only where there is a ring of hidden cells, turning from row to column and back, along
which one can be added and taken away in turn, so that every sum stays. The sums are a last row and a last column, with
the sign turned: they may be hidden, and be part of a ring, as any cell. As in L. H. Cox, *Network models for
complementary cell suppression*, J Am Stat Assoc 1995;90:1453.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from heapq import heappop, heappush
from typing import Literal

from varde.publishing.protection import LEAST_ANSWERS, Mark

Place = tuple[int, int]
"""Row and column; the last of each is that of the sums."""
Node = tuple[Literal["row", "column"], int]
AMPLE = 1_000_000
"""A hidden cell that is not told to be small can be this much larger."""


class CrossTable:
    """A table of counts with its sums both ways, and which of its cells are hidden.

    Args:
        counts: rows of counts, without the sums.
        limit: counts below it are small; those from 1 are hidden from the start.
        hidden: what else is hidden, sums among them.
        given: marks of sums that another table decides about: those that it hides can be other numbers as far as this
            one goes, and none is hidden here.
    """

    def __init__(
        self,
        counts: Sequence[Sequence[int]],
        limit: int,
        *,
        hidden: Collection[Place] = (),
        given: Mapping[Place, Mark] | None = None,
    ) -> None:
        columns = len(counts[0]) if counts else 0
        rows = [[*row, sum(row)] for row in counts]
        rows.append([sum(row[place] for row in rows) for place in range(columns + 1)])
        self.limit, self.given = limit, given or {}
        self.last = (len(rows) - 1, columns)
        self.counts: dict[Place, int] = {
            (row, column): count
            for row, line in enumerate(rows)
            for column, count in enumerate(line)
        }
        self.marks: dict[Place, Mark] = dict.fromkeys(self.counts, "shown")
        for place, count in self.counts.items():
            if place in self.given:
                self.marks[place] = self.given[place]
            elif place in hidden:
                self.marks[place] = "protected"
            elif 0 < count < limit:
                self.marks[place] = "suppressed"
        self._nodes = {place: (*_nodes(place), self._is_plain(place)) for place in self.counts}
        self._arcs: Mapping[Node, Sequence[tuple[Node, Place, bool, int]]] = self._hidden_arcs()

    def protect(self) -> Mapping[Place, Mark]:
        """The marks when each cell that was hidden from the start can be enough different numbers."""
        asked = [place for place in self._own() if self.marks[place] != "shown"]
        asked.sort(key=lambda one: (self.counts[one], one))
        for place in asked:  # which grows
            while not self.is_safe(place):
                if not self._hide_ring(place):
                    self._hide_alike(place)
                    break
            for line in self._lines(place):
                while self._is_few_together(line):
                    more = self._smallest_shown(line)
                    if more is None:
                        self._hide_alike(place)
                        break
                    self._hide([more])
                    asked.append(more)
        if not all(self.is_safe(place) for place in asked):
            self._hide(self._own())
        return self.marks

    def _lines(self, place: Place) -> tuple[list[Place], list[Place]]:
        """The cells of a row and of a column, the sum last."""
        row, column = place
        return (
            [(row, other) for other in range(self.last[1] + 1)],
            [(other, column) for other in range(self.last[0] + 1)],
        )

    def _is_few_together(self, line: Sequence[Place]) -> bool:
        """Whether what is hidden of a line is known to be few in all: a few in two cells are found as easily as in
        one."""
        if self.marks[line[-1]] != "shown":
            return False
        hidden = sum(self.counts[one] for one in line[:-1] if self.marks[one] != "shown")
        return 0 < hidden < self.limit

    def _smallest_shown(self, line: Sequence[Place]) -> Place | None:
        large = [
            one
            for one in line
            if self.marks[one] == "shown" and self.counts[one] and one not in self.given
        ]
        return min(large, key=lambda one: (self.counts[one], one), default=None)

    def _own(self) -> list[Place]:
        return [place for place in self.counts if place not in self.given]

    def is_safe(self, place: Place) -> bool:
        """Whether a reader is left with enough numbers that a hidden cell can be."""
        wanted = LEAST_ANSWERS - 1
        found = 0
        for up in (True, False):
            if found < wanted:
                found += self._moves(place, up, wanted - found)
        return found >= wanted

    def _moves(self, place: Place, up: bool, most: int) -> int:
        """By how much a cell can be more (or less) when others of the hidden ones make up for it, up to `most`."""
        moved: dict[Place, int] = defaultdict(int)
        start, end = _ends(place, up == self._is_plain(place))
        found = 0
        while found < most and self._room(place, up, found) > 0:
            ring = self._find(start, end, place, moved)
            if ring is None:
                break
            for one, more in ring:
                moved[one] += 1 if more else -1
            found += 1
        return found

    def _find(
        self, start: Node, end: Node, without: Place, moved: Mapping[Place, int]
    ) -> list[tuple[Place, bool]] | None:
        """A way between nodes along hidden cells that have room: cells, and whether each becomes more."""
        came: dict[Node, tuple[Node, Place, bool]] = {}
        waiting, seen = [start], {start}
        for node in waiting:
            for after, place, up, room in self._arcs.get(node, ()):
                if after in seen or place == without:
                    continue
                change = moved.get(place, 0)
                if room <= (change if up else -change):
                    continue
                came[after] = (node, place, up)
                if after == end:
                    return list(_way(came, start, end))
                seen.add(after)
                waiting.append(after)
        return None

    def _room(self, place: Place, up: bool, used: int, mark: Mark | None = None) -> int:
        """How much more, or less, a hidden cell can be than it is, of what its mark tells, less what is used."""
        count = self.counts[place]
        if (mark or self.marks[place]) == "suppressed":
            return (self.limit - 1 - count if up else count - 1) - used
        if up:
            return AMPLE - used
        # Whoever knows by which rule it is hidden may know of a large one that it is large.
        return (count - self.limit if count >= self.limit else count) - used

    def _hide_ring(self, place: Place) -> bool:
        """Hide the smallest that make a ring through a cell; whether there were any."""
        best: tuple[int, list[tuple[Place, bool]]] | None = None
        for room in (2, 1):
            for up in (True, False):
                if self._room(place, up, 0) >= room:
                    found = self._cheapest(place, up, room)
                    if found and (best is None or found[0] < best[0]):
                        best = found
            if best:
                break
        fresh = [one for one, _ in best[1] if self.marks[one] == "shown"] if best else []
        self._hide(fresh)
        return bool(fresh)

    def _cheapest(
        self, place: Place, up: bool, room: int
    ) -> tuple[int, list[tuple[Place, bool]]] | None:
        start, end = _ends(place, up == self._is_plain(place))
        came: dict[Node, tuple[Node, Place, bool]] = {}
        costs, done = {start: 0}, set[Node]()
        waiting = [(0, start)]
        while waiting:
            cost, node = heappop(waiting)
            if node == end:
                return cost, list(_way(came, start, end))
            if node in done:
                continue
            done.add(node)
            for after, one, more in self._all_arcs(node):
                price = self._price(one, more, room)
                if one == place or price is None or cost + price >= costs.get(after, AMPLE**2):
                    continue
                costs[after] = cost + price
                came[after] = (node, one, more)
                heappush(waiting, (cost + price, after))
        return None

    def _price(self, place: Place, up: bool, room: int) -> int | None:
        """What it costs to have a cell in a ring: nothing when it is hidden; None where it cannot be."""
        if self.marks[place] != "shown":
            return 0 if self._room(place, up, 0) >= room else None
        if place in self.given or not self.counts[place]:
            return None
        return self.counts[place] + 1 if self._room(place, up, 0, "protected") >= room else None

    def _hide_alike(self, place: Place) -> None:
        """Where there is nothing large enough left: small ones and noughts of the row, then of the column, alike."""
        for direction in (0, 1):
            self._hide(
                one
                for one in self._own()
                if one[direction] == place[direction] and self.counts[one] < self.limit
            )
            if self.is_safe(place):
                return

    def _hide(self, places: Iterable[Place]) -> None:
        for place in places:
            self.marks[place] = "protected"
        self._arcs = self._hidden_arcs()

    def _is_plain(self, place: Place) -> bool:
        """Whether a cell counts for its row and column, not against them as a sum of the one does."""
        return (place[0] == self.last[0]) == (place[1] == self.last[1])

    def _hidden_arcs(self) -> dict[Node, list[tuple[Node, Place, bool, int]]]:
        """From each row and column where a hidden cell leads to, whether that adds to it, and how much room it has: worked
        out when a cell is hidden, for it is asked many times as often."""
        arcs: dict[Node, list[tuple[Node, Place, bool, int]]] = defaultdict(list)
        for place, mark in self.marks.items():
            if mark != "shown":
                row, column, plain = self._nodes[place]
                arcs[row].append((column, place, plain, self._room(place, plain, 0)))
                arcs[column].append((row, place, not plain, self._room(place, not plain, 0)))
        return arcs

    def _all_arcs(self, node: Node) -> Iterator[tuple[Node, Place, bool]]:
        kind, number = node
        for other in range(self.last[1 if kind == "row" else 0] + 1):
            place = (number, other) if kind == "row" else (other, number)
            row, column = _nodes(place)
            plain = self._is_plain(place)
            yield (column, place, plain) if kind == "row" else (row, place, not plain)


def _nodes(place: Place) -> tuple[Node, Node]:
    return ("row", place[0]), ("column", place[1])


def _ends(place: Place, adds: bool) -> tuple[Node, Node]:
    """Where a ring through a cell must begin and end: what the cell adds to its column is taken from it again."""
    row, column = _nodes(place)
    return (column, row) if adds else (row, column)


def _way(
    came: Mapping[Node, tuple[Node, Place, bool]], start: Node, end: Node
) -> Iterator[tuple[Place, bool]]:
    node = end
    while node != start:
        before, place, up = came[node]
        yield place, up
        node = before
