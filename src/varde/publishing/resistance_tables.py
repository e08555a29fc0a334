"""One organism against one antibiotic by period, county and material: a fixed set of tables that are protected together.

Whoever may ask for each of them, in any period, county, material and way of choosing isolates, knows no more of what is
hidden than one of them tells. Each year stands for itself, and each table is protected within what the one above shows:

    a year     its quarters
    by place   quarter x county, quarter x material, with the sums of the year
    by both    county x material, of the whole year alone

Where a number of one table is hidden, all that it is made up of is hidden in those below. Then whatever may move in one
table may move in all: what is added in one hidden row and taken from another fits into any column of theirs. A longer
period is made up of years and quarters, and stands where each of them does, so it says nothing new.

First isolates are chosen within each selection, so their quarters do not quite add up to their year. They are protected as
if they did; where two ways of choosing count the same isolates, a number hidden in one is hidden in both.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final, Literal

from varde.publishing.cross_tables import CrossTable, Place
from varde.publishing.disclosure import Rules
from varde.publishing.protection import Mark, protect

ALL: Final = "*"
QUARTERS: Final = ("Q1", "Q2", "Q3", "Q4")

Cell = tuple[str, str, str]
"""Period ("2026" or "2026-Q1"), county and material group, `ALL` for all of them."""
Counts = Mapping[Cell, tuple[int, int]]
"""Isolates tested, and of them resistant; what is left out is nought."""
Hidden = Literal["n", "share"]
"""What of a cell must not be known: how many were tested, and of them how many are resistant or not."""


class ResistanceTables:
    """What must be hidden of the results of one organism against one antibiotic.

    Args:
        counts: for each way of choosing isolates, the counts of every cell; quarters of county and material together
            are not among them.
        rules: when a count is small, and a share shown.
    """

    def __init__(self, counts: Mapping[str, Counts], rules: Rules) -> None:
        self._counts, self._rules = counts, rules
        self._limit = rules.small_cell.below
        self._places = {
            axis: sorted({cell[axis] for one in counts.values() for cell in one} - {ALL})
            for axis in (1, 2)
        }
        self._done: dict[tuple[str, str], _Shown] = {}

    def hides(self, what: Hidden, method: str, cell: Cell) -> bool:
        """Whether something of a cell must be hidden, for its own sake or that of another.

        Raises:
            ValueError: a quarter of both a county and a material: there is no such table.
        """
        period, county, material = cell
        year = period[:4]
        if county != ALL and material != ALL:
            if period != year:
                raise ValueError("a county and a material together have whole years alone")
            shown = self._of_both(year)
        elif county != ALL:
            shown = self._by(year, 1)
        else:
            shown = self._by(year, 2) if material != ALL else self._of_quarters(year)
        return cell in shown.hidden[method, what]

    def _of_quarters(self, year: str) -> _Shown:
        if (year, "") not in self._done:
            cells = [(f"{year}-{quarter}", ALL, ALL) for quarter in QUARTERS]
            shown = self._begin([*cells, (year, ALL, ALL)])
            while True:
                for method in self._counts:
                    self._protect_quarters(shown, method, (year, ALL, ALL), cells)
                if not self._agree(shown):
                    break
            self._done[year, ""] = shown
        return self._done[year, ""]

    def _protect_quarters(
        self, shown: _Shown, method: str, whole: Cell, cells: Sequence[Cell]
    ) -> None:
        for what in ("n", "share"):
            hidden = shown.hidden[method, what]
            if whole in hidden:
                hidden.update(cells)
                continue
            for counts in self._parts(method, what, cells):
                marks = [self._mark(one, count, hidden) for one, count in counts.items()]
                after = protect(list(counts.values()), marks, self._limit, sum_told=True)
                hidden.update(
                    one for one, mark in zip(cells, after, strict=True) if mark != "shown"
                )
            if what == "n":
                shown.hidden[method, "share"].update(hidden)

    def _by(self, year: str, axis: int) -> _Shown:
        """Quarter by county (1) or by material (2)."""
        if (year, str(axis)) not in self._done:
            above = self._of_quarters(year)
            periods = [*(f"{year}-{quarter}" for quarter in QUARTERS), year]
            places = [*self._places[axis], ALL]
            grid = [
                [(period, place, ALL) if axis == 1 else (period, ALL, place) for place in places]
                for period in periods
            ]
            given = {row[-1]: above for row in grid}
            self._done[year, str(axis)] = self._settle(grid, given)
        return self._done[year, str(axis)]

    def _of_both(self, year: str) -> _Shown:
        """County by material of a year."""
        if (year, "both") not in self._done:
            above = self._by(year, 1), self._by(year, 2)
            grid = [
                [(year, county, material) for material in (*self._places[2], ALL)]
                for county in (*self._places[1], ALL)
            ]
            given = {row[-1]: above[0] for row in grid} | dict.fromkeys(grid[-1], above[1])
            self._done[year, "both"] = self._settle(grid, given)
        return self._done[year, "both"]

    def _settle(self, grid: Sequence[Sequence[Cell]], given: Mapping[Cell, _Shown]) -> _Shown:
        """A table with its sums in the last row and column, of which `given` are decided by the tables above."""
        shown = self._begin([cell for row in grid for cell in row])
        settled: dict[str, int] = {}
        while True:
            for method in self._counts:
                if settled.get(method) != shown.size(method):  # what agreeing hid may ask for more
                    self._protect_method(method, grid, given, shown)
                    settled[method] = shown.size(method)
            if not self._agree(shown, given):
                return shown

    def _protect_method(
        self,
        method: str,
        grid: Sequence[Sequence[Cell]],
        given: Mapping[Cell, _Shown],
        shown: _Shown,
    ) -> None:
        for what in ("n", "share"):
            hidden = shown.hidden[method, what]
            closed = {one for one in given if one in given[one].hidden[method, what]}
            hidden -= given.keys() - closed
            hidden |= closed | {
                cell
                for row in grid
                for cell, last in zip(row, grid[-1], strict=True)
                if cell not in given and (row[-1] in closed or last in closed)
            }
            self._protect_table(method, what, grid, given, hidden)
            if what == "n":
                shown.hidden[method, "share"].update(hidden)

    def _protect_table(
        self,
        method: str,
        what: Hidden,
        grid: Sequence[Sequence[Cell]],
        given: Collection[Cell],
        hidden: set[Cell],
    ) -> None:
        cells = {(r, c): cell for r, row in enumerate(grid) for c, cell in enumerate(row)}
        for counts in self._parts(method, what, list(cells.values())):
            if not hidden:
                return
            marks: dict[Place, Mark] = {
                place: self._mark(cell, counts[cell], hidden) for place, cell in cells.items()
            }
            table = CrossTable(
                [[counts[cell] for cell in row[:-1]] for row in grid[:-1]],
                self._limit,
                hidden={place for place, mark in marks.items() if mark == "protected"},
                given={place: marks[place] for place, cell in cells.items() if cell in given},
            )
            after = table.protect()
            hidden.update(
                cell
                for place, cell in cells.items()
                if cell not in given and after[place] != "shown"
            )

    def _parts(self, method: str, what: Hidden, cells: Sequence[Cell]) -> list[dict[Cell, int]]:
        """The counts that must not be found by subtracting: of those tested, or of the resistant and of the others."""
        pairs = {cell: self._counts[method].get(cell, (0, 0)) for cell in cells}
        if what == "n":
            return [{cell: n for cell, (n, _) in pairs.items()}]
        return [
            {cell: resistant for cell, (_, resistant) in pairs.items()},
            {cell: n - resistant for cell, (n, resistant) in pairs.items()},
        ]

    def _mark(self, cell: Cell, count: int, hidden: Collection[Cell]) -> Mark:
        if cell not in hidden:
            return "shown"
        return "suppressed" if 0 < count < self._limit else "protected"

    def _begin(self, cells: Sequence[Cell]) -> _Shown:
        """What is hidden of each cell for its own sake."""
        shown = _Shown(self._counts)
        for method, counts in self._counts.items():
            for cell in cells:
                n, resistant = counts.get(cell, (0, 0))
                if 0 < n < self._limit:
                    shown.hidden[method, "n"].add(cell)
                few = any(0 < part < self._limit for part in (resistant, n - resistant))
                if n and (few or n < self._rules.percentage.least):
                    shown.hidden[method, "share"].add(cell)
        return shown

    def _agree(self, shown: _Shown, given: Collection[Cell] = ()) -> bool:
        """Hides in every way of choosing what is hidden in one that counts as many of the cell; whether it hid more."""
        more = False
        for (method, what), hidden in shown.hidden.items():
            for other, theirs in self._counts.items():
                same = {
                    cell
                    for cell in hidden - shown.hidden[other, what]
                    if cell not in given and theirs.get(cell) == self._counts[method].get(cell)
                }
                shown.hidden[other, what] |= same
                more = more or bool(same)
        return more


class _Shown:
    """What is hidden of a table: way of choosing and what → cells."""

    def __init__(self, methods: Collection[str]) -> None:
        self.hidden: dict[tuple[str, Hidden], set[Cell]] = {
            (method, what): set() for method in methods for what in ("n", "share")
        }

    def size(self, method: str) -> int:
        """How much is hidden of what one way of choosing counts."""
        return len(self.hidden[method, "n"]) + len(self.hidden[method, "share"])


def split_period(first: str, last: str, years: Collection[str]) -> list[str]:
    """The fewest years and quarters that a period is made up of, of those years that there are.

    Args:
        first: its first quarter ("2026-Q1"); likewise `last`, its last.
    """
    found: list[str] = []
    for year in sorted(years):
        quarters = [
            name for name in (f"{year}-{quarter}" for quarter in QUARTERS) if first <= name <= last
        ]
        found += [year] if len(quarters) == len(QUARTERS) else quarters
    return found
