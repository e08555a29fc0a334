"""Which periods were delivered of what an indicator counts; and its figures over persons where months are missing.

What is of part of a year is set against the same months of the year before: a month that is missing in one of the two is
left out of both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from varde.prescribing.indicators import Definition, Delivered, Period, find_missing
from varde.prescribing.indicators.delivery import Months, read_months
from varde.prescribing.indicators.engine import fetch
from varde.prescribing.indicators.shapes import MONTHLY, SHAPES
from varde.prescribing.reports.measuring.adding import counts_persons_once, is_over_persons
from varde.prescribing.reports.measuring.plans import Span

if TYPE_CHECKING:
    import ibis


class Deliveries:
    """What was delivered of a span; each table is looked at once.

    Args:
        tables: by the keys of their layouts.
    """

    def __init__(self, tables: Mapping[str, ibis.Table], span: Span) -> None:
        self._tables, self._span = tables, span
        self._months: dict[str, Months] = {}
        self._days: dict[str, tuple[tuple[date, date], ...]] = {}
        self._is_delivered: dict[tuple[frozenset[str], bool, Period], bool] = {}

    def of(self, definitions: Iterable[Definition]) -> Delivered:
        """The months of each monthly table that some indicators count, as `compute` wants them."""
        return {key: self._read_months(key) for one in definitions for key in one.tables & MONTHLY}

    def missing(self, definition: Definition) -> Months:
        """The months of the span that are left out of an indicator."""
        return find_missing(definition, self._span.months, self.of([definition]))

    def is_delivered(self, definition: Definition, period: Period) -> bool:
        """Whether there is what an indicator counts of a period: some month with rows of each of its monthly tables, of
        whomever and whatever they say, and a row of each other table. Persons of whom each is counted once need all
        months: nobody can say whom those of the others would have been."""
        whole = is_over_persons(definition) and counts_persons_once(definition)
        key = (definition.tables, whole, period)
        if key not in self._is_delivered:
            self._is_delivered[key] = self._looks_delivered(definition.tables, whole, period)
        return self._is_delivered[key]

    def _looks_delivered(self, tables: frozenset[str], whole: bool, period: Period) -> bool:
        monthly = tables & MONTHLY
        others = {"wards" if one == "treatments" else one for one in tables} & SHAPES.keys()
        if not all(self._has_rows(one, period) for one in others - monthly):
            return False
        if not monthly:
            return True
        told = frozenset.intersection(*(self._read_months(one) for one in monthly))
        months = [month.since in told for month in period.months]
        return all(months) if whole else any(months)

    def _read_months(self, key: str) -> Months:
        if key not in self._months:
            there = key in self._tables
            found = read_months(self._tables[key], key, self._span.months) if there else frozenset()
            self._months[key] = found if self._span.is_of_a_year else self._keep_pairs(found)
        return self._months[key]

    def _keep_pairs(self, there: Months) -> Months:
        """Those months of part of a year that are there in both years, so that like is set against like: seasons differ.
        Where no month is, the report's own stand alone."""
        now, before = (
            [one.since for one in period.months] for period in (self._span.now, self._span.before)
        )
        both = {
            day for pair in zip(before, now, strict=True) if there.issuperset(pair) for day in pair
        }
        return frozenset(both) or there.intersection(now) or there

    def _has_rows(self, key: str, period: Period) -> bool:
        if key not in self._days:
            self._days[key] = self._read_days(key)
        return any(
            since <= period.until and period.since <= until for since, until in self._days[key]
        )

    def _read_days(self, key: str) -> tuple[tuple[date, date], ...]:
        """The times that a table's rows hold in, or their days."""
        if key not in self._tables:
            return ()
        table, day = self._tables[key], SHAPES[key].day
        if "until" in table.columns:
            rows = fetch(table.select("since", "until").distinct()).to_pylist()
            return tuple((row["since"], row["until"] or date.max) for row in rows)
        rows = fetch(table.filter(table[day].notnull()).select(_day=table[day]).distinct())
        return tuple((one, one) for one in sorted(rows["_day"].to_pylist()))


def share_persons(rows: pa.Table, definitions: Sequence[Definition], months: int) -> pa.Table:
    """One period's figures, those over persons as far as its months were delivered.

    Events of half of a year are set over half of the persons. Persons of whom each is counted once are in no figure of
    a period with a month missing.

    Args:
        rows: as `compute` gives them.
        months: how many the period has.
    """
    over = [one for one in definitions if is_over_persons(one)]
    once = pa.array([one.id for one in over if counts_persons_once(one)], pa.string())
    events = pa.array([one.id for one in over if not counts_persons_once(one)], pa.string())
    is_short = pc.less(rows["months"], months)
    rows = rows.filter(pc.invert(pc.and_(is_short, pc.is_in(rows["indicator"], once))))
    share = pc.divide(rows["months"].cast(pa.float64()), float(months))
    share = pc.if_else(pc.is_in(rows["indicator"], events), share, 1.0)
    scaled = pc.multiply(rows["denominator"].cast(pa.float64()), share)
    return rows.set_column(rows.column_names.index("denominator"), "denominator", scaled)
