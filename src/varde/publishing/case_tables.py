"""Cases by disease and year, and what they are broken down by: a fixed set of tables that are protected together.

Whoever may ask for each of them, by every column and with every choice, knows no more of what is hidden than one of them
tells. The tables hang on each other, and each is protected within what the one above it shows:

    all        disease x year, with their sums
    a disease  year x county, year x age group …, with the sums of all years; a year's months
    a year     of a disease: county x age group, county x sex …

Where a number is hidden, all that it is made up of is hidden too, noughts as well. Any other number (all diseases of a
county, all years of a county and age group) stands where each number that it is the sum of is shown, so that it says nothing new.
Infected abroad are both a column and a row: where one of the two is hidden, so is the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Literal

from varde.publishing.counts import Figure
from varde.publishing.cross_tables import CrossTable, Place
from varde.publishing.protection import Mark, protect

ALL: Literal["*"] = "*"
COUNTS = ("n", "suspected")
PARTS = ("imported", "form_missing")
"""Of `n`."""
FIXED = ("disease", "year", "county")
ABROAD = "abroad"
NOUGHT: tuple[int, Mark] = (0, "shown")

Cell = tuple[Any, Any]
"""What a row and a column are of; `ALL` for the sums."""
Cells = Mapping[Cell, tuple[int, Mark]]
Load = Callable[[tuple[str, ...], Mapping[str, Any]], Sequence[Mapping[str, Any]]]


class CaseTables:
    """What may be shown of the cases of a register.

    Args:
        load: counts (`COUNTS`, `PARTS`) by some columns, of what is chosen.
        limit: counts below it are small.
        withheld: whether nothing of a disease is published by county.
    """

    def __init__(self, load: Load, limit: int, withheld: Callable[[str], bool]) -> None:
        self._load, self._limit, self._withheld = load, limit, withheld
        self._loaded: dict[Any, Sequence[Mapping[str, Any]]] = {}
        self._done: dict[tuple[Any, ...], Cells] = {}
        self._sorted: dict[str, dict[str, list[Mapping[str, Any]]]] = {}

    @cached_property
    def diseases(self) -> tuple[str, ...]:
        """Of which there are cases."""
        return tuple(sorted({row["disease"] for row in self._rows(("disease", "year"))}))

    @cached_property
    def years(self) -> tuple[int, ...]:
        """In which there are cases."""
        return tuple(sorted({row["year"] for row in self._rows(("disease", "year"))}))

    def values(self, column: str) -> tuple[Any, ...]:
        """What stands in a column for any disease and year, the unknown (None) last."""
        if column in ("disease", "year"):
            return self.diseases if column == "disease" else self.years
        found = {row[column] for row in self._rows(("disease", "year", column))}
        if column == "infected":
            found.add(ABROAD)  # a number of its own in each table, also where it is nought
        return (*sorted(found - {None}), *([None] if None in found else []))

    def figure(self, name: str, key: Mapping[str, Any]) -> Figure:
        """What may be known of a number.

        Args:
            name: of `COUNTS` or `PARTS`.
            key: column → value of what it is about: of `FIXED`, and one other column at most.
        """
        parts = list(self._parts(name, key))
        marks = {mark for _, mark in parts}
        if "not-published" in marks:
            return Figure(status="not-published")
        if marks <= {"shown"}:
            return Figure(status="ok", value=sum(count for count, _ in parts))
        if len(parts) == 1 and "suppressed" in marks:
            return Figure(status="suppressed", limit=self._limit)
        return Figure(status="protected")

    def _parts(self, name: str, key: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
        """The number with its mark, or those that it is the sum of."""
        if name in ("n", "imported") and key.get("infected") == ABROAD:
            name, key = "imported", {k: v for k, v in key.items() if k != "infected"}
        others = [column for column in key if column not in FIXED]
        year = key.get("year", ALL)
        if not others and "county" not in key:
            yield self._root(name).get((key.get("disease", ALL), year), NOUGHT)
            return
        other = others[0] if others else ""
        if other == "month":
            of = int(str(key["month"])[:4])
            if year not in (ALL, of):
                return
            year = of
        if year not in (ALL, *self.years):
            return
        for disease in self.diseases:
            if key.get("disease", disease) != disease:
                continue
            if "county" in key and self._withheld(disease):
                yield 0, "not-published"
            elif not other or "county" not in key:
                column = other or "county"
                yield self._by(name, disease, column).get((year, key[column]), NOUGHT)
            else:
                for one in self.years if year == ALL else (year,):
                    cells = self._within(name, disease, one, other)
                    yield cells.get((key["county"], key[other]), NOUGHT)

    # All: disease x year.

    def _root(self, name: str) -> Cells:
        if ("root", name) not in self._done:
            if name == "imported":
                self._settle_abroad()
            else:
                self._done["root", name] = self._make_root(name)
        return self._done["root", name]

    def _make_root(self, name: str, hidden: Collection[Cell] = ()) -> Cells:
        rows, columns = self.diseases, self.years
        counted = {
            (row["disease"], row["year"]): row[name] for row in self._rows(("disease", "year"))
        }
        whole = self._root("n") if name in PARTS else {}
        return self._protect(rows, columns, counted, whole, hidden, {})

    def _settle_abroad(self) -> None:
        """Infected abroad as a column of all diseases, and as a row of each: hidden in both or in none."""
        hidden: set[Cell] = set()
        while True:
            rows = {
                (disease, year)
                for disease in self.diseases
                for (year, value), (_, mark) in self._make_by(
                    "n", disease, "infected", {(y, ABROAD) for d, y in hidden if d == disease}
                ).items()
                if value == ABROAD and mark != "shown"
            }
            self._done["root", "imported"] = root = self._make_root("imported", hidden | rows)
            both = {cell for cell, (_, mark) in root.items() if mark != "shown"} | hidden | rows
            both -= {cell for cell in both if cell[0] == ALL}
            if both == hidden:
                return
            hidden = both

    # A disease: year x something.

    def _by(self, name: str, disease: str, column: str) -> Cells:
        key = (name, disease, column)
        if key not in self._done:
            if column == "month":
                self._done[key] = self._make_months(name, disease)
            elif column == "infected" and name == "imported":
                self._done[key] = self._of_infected(disease)
            else:
                if column == "infected" and name == "n":
                    self._root("imported")  # which settles it
                if key not in self._done:
                    self._done[key] = self._make_by(name, disease, column)
        return self._done[key]

    def _make_by(
        self, name: str, disease: str, column: str, hidden: Collection[Cell] = ()
    ) -> Cells:
        rows, columns = self.years, self.values(column)
        counted = {
            (row["year"], row[column]): row[name] for row in self._of_disease(disease, column)
        }
        root = self._root(name)
        given = {(year, ALL): root[disease, year] for year in (*rows, ALL)}
        whole = self._by("n", disease, column) if name in PARTS else {}
        made = self._protect(rows, columns, counted, whole, hidden, given)
        self._done[name, disease, column] = made
        return made

    def _of_infected(self, disease: str) -> Cells:
        """Of those infected abroad all are, and of the others none: as their own number is shown."""
        return {
            cell: (count if cell[1] == ABROAD else 0, mark)
            for cell, (count, mark) in self._by("n", disease, "infected").items()
        }

    def _make_months(self, name: str, disease: str) -> Cells:
        counted = {row["month"]: row[name] for row in self._of_disease(disease, "month")}
        whole = self._by("n", disease, "month") if name in PARTS else {}
        found: dict[Cell, tuple[int, Mark]] = {}
        for year in self.years:
            months = [month for month in self.values("month") if int(month[:4]) == year]
            counts = [counted.get(month, 0) for month in months]
            places = [(year, month) for month in months]
            marks = [
                "protected"
                if place in self._hidden_parts({place: count}, whole)
                else "suppressed"
                if 0 < count < self._limit
                else "shown"
                for place, count in zip(places, counts, strict=True)
            ]
            if self._root(name)[disease, year][1] != "shown":
                after: Sequence[Mark] = ["protected"] * len(months)
            else:
                after = protect(counts, marks, self._limit, sum_told=True)  # type: ignore[arg-type]
            found |= dict(zip(places, zip(counts, after, strict=True), strict=True))
        return found

    # A year of a disease: county x something.

    def _within(self, name: str, disease: str, year: int, column: str) -> Cells:
        key = (name, disease, year, column)
        if key in self._done:
            return self._done[key]
        rows, columns = self.values("county"), self.values(column)
        loaded = self._rows(("county", column), {"disease": disease, "year": year})
        counted = {(row["county"], row[column]): row[name] for row in loaded}
        by_county, by_column = self._by(name, disease, "county"), self._by(name, disease, column)
        given = {(county, ALL): by_county[year, county] for county in rows}
        if column == "month":
            columns = tuple(month for month in columns if int(month[:4]) == year)
        given |= {(ALL, value): by_column[year, value] for value in columns}
        given[ALL, ALL] = self._root(name)[disease, year]
        hidden: Collection[Cell] = ()
        if column == "infected" and counted:
            hidden = [(county, value) for county in rows for value in columns]
        whole = self._within("n", disease, year, column) if name in PARTS else {}
        self._done[key] = self._protect(rows, columns, counted, whole, hidden, given)
        return self._done[key]

    # What they have in common.

    def _protect(
        self,
        rows: Sequence[Any],
        columns: Sequence[Any],
        counted: Mapping[Cell, int],
        whole: Cells,
        hidden: Collection[Cell],
        given: Cells,
    ) -> Cells:
        """The cells of a table and its sums when enough is hidden.

        Args:
            whole: of what the counts are parts; empty for none.
            hidden: what is hidden already.
            given: sums that another table shows or hides: all that they are made up of is hidden with them.
        """
        cells = [(row, column) for row in (*rows, ALL) for column in (*columns, ALL)]
        across = [*range(len(columns) + 1)]
        places: dict[Cell, Place] = dict(
            zip(cells, ((r, c) for r in range(len(rows) + 1) for c in across), strict=True)
        )
        counts = [[counted.get((row, column), 0) for column in columns] for row in rows]
        table = CrossTable(counts, self._limit)
        told = {cell: table.counts[place] for cell, place in places.items()}
        closed = {cell for cell, (_, mark) in given.items() if mark != "shown"}
        covered = set(hidden) | self._hidden_parts(told, whole)
        covered |= {
            (row, column)
            for row, column in cells
            if ((row, ALL) in closed and column != ALL) or ((ALL, column) in closed and row != ALL)
        }
        table = CrossTable(
            counts,
            self._limit,
            hidden={places[cell] for cell in covered},
            given={places[cell]: mark for cell, (_, mark) in given.items()},
        )
        marks = table.protect()
        return {cell: (table.counts[place], marks[place]) for cell, place in places.items()}

    def _hidden_parts(self, told: Mapping[Cell, int], whole: Cells) -> set[Cell]:
        """Parts whose whole is hidden, or of which what is left of the whole is small."""
        return {
            cell
            for cell, count in told.items()
            if cell in whole
            and (whole[cell][1] != "shown" or 0 < whole[cell][0] - count < self._limit)
        }

    def _rows(
        self, by: tuple[str, ...], where: Mapping[str, Any] | None = None
    ) -> Sequence[Mapping[str, Any]]:
        key = (by, tuple(sorted((where or {}).items())))
        if key not in self._loaded:
            self._loaded[key] = self._load(by, where or {})
        return self._loaded[key]

    def _of_disease(self, disease: str, column: str) -> Sequence[Mapping[str, Any]]:
        if column not in self._sorted:
            self._sorted[column] = defaultdict(list)
            for row in self._rows(("disease", "year", column)):
                self._sorted[column][row["disease"]].append(row)
        return self._sorted[column][disease]
