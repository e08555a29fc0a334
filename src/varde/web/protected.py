"""What must be hidden of an organism's resistance in a snapshot, whatever is asked (`publishing.ResistanceTables`)."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from varde.publishing import Disclosed, ResistanceTables, cover, rules, split_period
from varde.web.names import METHODS

if TYPE_CHECKING:
    from varde.web.answers import Question

ISOLATES = ""
"""In place of an antibiotic: isolates that count, whatever they were tested against."""
ALL = "*"
WHATS: tuple[Literal["n", "share"], ...] = ("n", "share")
Columns = tuple[str, ...]
PLACES: Columns = ("county", "material_group")
CHOICES: tuple[Columns, ...] = ((), PLACES[:1], PLACES[1:], PLACES)
Counts = dict[tuple[str, str, str], tuple[int, int]]


class Protected:
    """What must be hidden of one organism; the counts are read when it is first asked.

    Args:
        folder: the warehouse.
        organism: its key.
    """

    def __init__(self, folder: Path, organism: str) -> None:
        self._folder, self._organism = folder, organism
        self._tables: dict[tuple[str, Columns], ResistanceTables] = {}

    def conceal(
        self, row: Disclosed, antibiotic: str, question: Question, period: str = ""
    ) -> Disclosed:
        """A row without what must not be known of it.

        Args:
            row: as disclosed for itself.
            period: the year or quarter that it is about; by default the question's.
        """
        hidden = self.of(antibiotic, question, question.method, period)
        if not hidden:
            return row
        if self._is_of_several(question, period) and row.n != 0:
            # Why each part is hidden is told where it is asked for, and no more of all of them together.
            whole = row.n is not None and "n" not in hidden
            return Disclosed(key=row.key, status="protected", n=row.n if whole else None)
        return cover(row, n="n" in hidden)

    def of(self, antibiotic: str, question: Question, method: str, period: str = "") -> set[str]:
        """What is hidden: "n" (how many were tested), "share" (how many of them are resistant)."""
        place = (question.county or ALL, question.material_group or ALL)
        tables = self._of_antibiotic(
            antibiotic, tuple(name for name, one in zip(PLACES, place, strict=True) if one != ALL)
        )
        periods = [period] if period else self._periods(question)
        return {
            what for one in periods for what in WHATS if tables.hides(what, method, (one, *place))
        }

    def _is_of_several(self, question: Question, period: str) -> bool:
        return not period and len(self._periods(question)) > 1

    def _periods(self, question: Question) -> list[str]:
        first, last = _quarter(question.date_from), _quarter(question.date_to)
        return split_period(first, last, self._years)

    def _of_antibiotic(self, antibiotic: str, chosen: Columns) -> ResistanceTables:
        """The tables that a question hangs on, by what is chosen in it."""
        if (antibiotic, chosen) not in self._tables:
            needed = [by for by in CHOICES if set(by) <= set(chosen)]
            counts: dict[str, Counts] = {
                method: {
                    cell: count
                    for by in needed
                    for cell, count in self._counts[by][method].get(antibiotic, {}).items()
                }
                for method in METHODS
            }
            self._tables[antibiotic, chosen] = ResistanceTables(counts, rules())
        return self._tables[antibiotic, chosen]

    @cached_property
    def _years(self) -> set[str]:
        return {cell[0][:4] for cell in self._counts[()]["none"].get(ISOLATES, {})}

    @cached_property
    def _counts(self) -> dict[Columns, dict[str, dict[str, Counts]]]:
        """What is chosen → way of choosing → antibiotic → the counts by year, quarter and what is chosen."""
        from varde.resistance import Within
        from varde.warehouse import open_tables

        with open_tables(self._folder) as tables:
            within = Within(tables, self._organism, ("year", "quarter", *PLACES))
        found: dict[Columns, dict[str, dict[str, Counts]]] = {}
        for by, method, step in product(CHOICES, METHODS, ("year", "quarter")):
            counts = found.setdefault(by, {}).setdefault(method, {})
            if by == PLACES and step == "quarter":
                continue  # which is not to be asked for
            for antibiotic, (period, *values), n, resistant in within.count((step, *by), method):
                of = dict(zip(by, values, strict=True))
                cell = (period, of.get(PLACES[0], ALL), of.get(PLACES[1], ALL))
                counts.setdefault(antibiotic, {})[cell] = (n, resistant)
        return found


def _quarter(day: date) -> str:
    return f"{day.year:04}-Q{(day.month + 2) // 3}"
