"""What indicators count, as arrays: a row for each unit, a column for each period of a report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from varde.guidelines import Library
from varde.prescribing.indicators import (
    Definition,
    Period,
    Role,
    UnitKind,
    compute,
)
from varde.prescribing.indicators.delivery import Months, count_months, split_by_missing
from varde.prescribing.indicators.shapes import MONTHLY
from varde.prescribing.reports.measuring.adding import (
    counts_persons_once,
    is_in_months,
    is_over_persons,
    may_be_spoiled,
    pieces_of,
)
from varde.prescribing.reports.measuring.delivering import Deliveries, share_persons
from varde.prescribing.reports.measuring.freezing import freeze
from varde.prescribing.reports.measuring.left_out import LeftOut
from varde.prescribing.reports.measuring.plans import Span

if TYPE_CHECKING:
    import ibis

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
EPOCH: Final = 719_163
"""1 January 1970 as an ordinal."""


@dataclass(frozen=True, eq=False)
class Columns:
    """Some periods of one indicator.

    Attributes:
        x, d: numerators and denominators, shape (units, periods); 0 where a unit is not there.
        there: whether it is: units without rows in the denominator are not.
    """

    x: Floats
    d: Floats
    there: Bools

    @property
    def delivered(self) -> Bools:
        """Whether anybody is there, by period: where nobody is, nothing was delivered."""
        return np.asarray(self.there.any(axis=0), np.bool_)

    def pick(self, places: Sequence[int]) -> Columns:
        """Only those rows."""
        rows = np.array(places, np.intp)
        return Columns(self.x[rows], self.d[rows], self.there[rows])


@dataclass(frozen=True, eq=False)
class Counted:
    """One indicator of all units.

    Attributes:
        definition: as it holds on the period's last day.
        units: in ascending order: the rows of all arrays.
        years: the year before, and the report's own.
        quarters, months: as of `Span`; of indicators that do not add up no month is counted.
    """

    definition: Definition
    units: tuple[str, ...]
    years: Columns
    quarters: Columns
    months: Columns

    @property
    def all(self) -> tuple[Columns, Columns, Columns]:
        """Years, quarters, months."""
        return (self.years, self.quarters, self.months)


class Counting:
    """Counts for the reports of one span; what was counted is remembered, so that several kinds of report share it.

    Args:
        tables: by the keys of their layouts; "wards" and "treatments" for surveys. On any one engine.
        library: the guideline; the shipped one when None.
        tables_before: who belonged where as the reports of the year before had it; ``tables`` when None.
    """

    def __init__(
        self,
        tables: Mapping[str, ibis.Table],
        span: Span,
        library: Library | None = None,
        tables_before: Mapping[str, ibis.Table] | None = None,
    ) -> None:
        self.tables, self.span, self.library = tables, span, library
        self.tables_before = tables_before or tables
        self._frozen = freeze(tables, span.now.until)
        self._known: dict[tuple[UnitKind, Role | None, str], Counted] = {}
        self._levels: dict[
            tuple[UnitKind, Role | None, str], Mapping[str, tuple[float, float]]
        ] = {}
        self.left_out = LeftOut(self._frozen, span.now)
        self.deliveries = Deliveries(tables, span)

    def count(
        self, definitions: Iterable[Definition], by: UnitKind, role: Role | None
    ) -> dict[str, Counted]:
        """Indicators by key. One whose tables are missing has no units.

        Parts that add up are counted by month, all in one question, and so is what is of its months by its definition;
        others for each period, as are those whose months leave out what nobody can say the amount of. Months in which
        not all was delivered that an indicator counts are in none of its parts.
        """
        asked = list(definitions)
        new = [one for one in asked if (by, role, one.id) not in self._known]
        delivered = self.deliveries.of(new)
        for missing, some in split_by_missing(new, self.span.months, delivered).items():
            pieces = {one.id: pieces_of(one) for one in some}
            found = self._count(
                [each for parts in pieces.values() for each in parts], by, role, missing
            )
            for one in some:
                counted = _join(one, *(found[piece.id] for piece in pieces[one.id]))
                self._known[by, role, one.id] = _finish(counted, self.span, missing)
        return {one.id: self._known[by, role, one.id] for one in asked}

    def _count(
        self, pieces: Sequence[Definition], by: UnitKind, role: Role | None, missing: Months
    ) -> dict[str, Counted]:
        """Pieces by key, all without the same months: those of the whole indicator."""
        span = self.span
        whole = tuple(dict.fromkeys((span.before, span.now, *span.quarters)))
        found: dict[str, Counted] = {}
        known = [one for one in pieces if by in one.kinds and one.tables <= set(self.tables)]
        there = frozenset(one.since for one in span.months) - missing
        delivered = dict.fromkeys(MONTHLY, there) if missing else None
        ask = partial(compute, role=role, library=self.library, delivered=delivered)
        by_month, by_period = (
            ask(self._frozen, some, by, periods)
            for some, periods in (
                ([one for one in known if is_in_months(one)], span.months),
                ([one for one in known if not is_in_months(one) or may_be_spoiled(one)], whole),
            )
        )
        for one in pieces:
            first, second = (
                rows.filter(pc.equal(rows["indicator"], one.id)) for rows in (by_month, by_period)
            )
            added = is_in_months(one) and not may_be_spoiled(one)
            found[one.id] = _arrange(one, first, second, span, added)
        return found

    def level(
        self, definitions: Iterable[Definition], by: UnitKind, role: Role | None
    ) -> dict[str, Mapping[str, tuple[float, float]]]:
        """Numerators and denominators of larger units in the report's period, as `compute` has them and over persons as
        far as months were delivered (`share_persons`): by key and unit.

        An indicator that is not computed by that kind, or whose tables are missing, has no units.
        """
        asked = list(definitions)
        new = [one for one in asked if (by, role, one.id) not in self._levels]
        known = [one for one in new if by in one.kinds and one.tables <= set(self.tables)]
        found: dict[str, dict[str, tuple[float, float]]] = {one.id: {} for one in new}
        rows = self._compute_now(known, by, role)
        for row in rows.to_pylist():
            figures = (float(row["numerator"]), float(row["denominator"]))
            found[row["indicator"]][row["unit"]] = figures
        self._levels |= {(by, role, key): some for key, some in found.items()}
        return {one.id: self._levels[by, role, one.id] for one in asked}

    def sizes_then(
        self, definitions: Iterable[Definition], role: Role | None
    ) -> dict[str, dict[str, list[float]]]:
        """Denominators of the year before and of each of its quarters, of those who were in a role at its end: by key and
        prescriber."""
        asked, before = list(definitions), self.span.before
        periods = [before, *(one for one in self.span.quarters if one.until <= before.until)]
        places = {(one.since, one.until): place for place, one in enumerate(periods)}
        known = [
            one for one in asked if "prescriber" in one.kinds and one.tables <= set(self.tables)
        ]
        found: dict[str, dict[str, list[float]]] = {one.id: {} for one in asked}
        rows = compute(
            freeze(self.tables_before, before.until),
            known,
            "prescriber",
            periods,
            role=role,
            library=self.library,
            delivered=self.deliveries.of(known),
        )
        for row in rows.to_pylist():
            sizes = found[row["indicator"]].setdefault(row["unit"], [0.0] * len(periods))
            sizes[places[row["since"], row["until"]]] = float(row["denominator"])
        return found

    def strata(
        self, definitions: Iterable[Definition], by: UnitKind, role: Role | None
    ) -> pa.Table:
        """The report's period by age band and sex, as `level` has it; of those indicators that can be counted so."""
        known = [one for one in definitions if by in one.kinds and one.tables <= set(self.tables)]
        return self._compute_now(known, by, role, strata=True)

    def _compute_now(
        self, some: Sequence[Definition], by: UnitKind, role: Role | None, strata: bool = False
    ) -> pa.Table:
        now, delivered = self.span.now, self.deliveries.of(some)
        ask = partial(compute, role=role, library=self.library, delivered=delivered)
        return share_persons(ask(self._frozen, some, by, [now], strata), some, len(now.months))


def _arrange(
    definition: Definition, by_month: pa.Table, by_period: pa.Table, span: Span, added: bool
) -> Counted:
    """An indicator as it was counted by month and by longer periods; `added`: these are sums of the months."""
    names = [pc.unique(rows["unit"]) for rows in (by_month, by_period)]
    units = tuple(sorted({unit for some in names for unit in some.to_pylist()}))
    at = pa.array(units, pa.string())
    of_months, of_periods = (
        rows.append_column("_at", pc.index_in(rows["unit"], at)) for rows in (by_month, by_period)
    )
    months = _columns(of_months, len(units), span.months)
    years, quarters = (
        _add_up(months, span.months, some) if added else _columns(of_periods, len(units), some)
        for some in ((span.before, span.now), span.quarters)
    )
    return Counted(definition, units, years, quarters, months)


def _join(definition: Definition, first: Counted, second: Counted | None = None) -> Counted:
    """An indicator of its pieces."""
    if second is None:
        return Counted(definition, first.units, *first.all)
    units = tuple(sorted({*first.units, *second.units}))
    at = {unit: place for place, unit in enumerate(units)}

    def join(upper: Columns, lower: Columns) -> Columns:
        shape = (len(units), upper.x.shape[1])
        x, d, there = np.zeros(shape), np.zeros(shape), np.zeros(shape, np.bool_)
        places = [at[unit] for unit in second.units]
        x[[at[unit] for unit in first.units]] = upper.d
        d[places], there[places] = lower.d, lower.there
        return Columns(x, d, there)

    pairs = zip(first.all, second.all, strict=True)
    years, quarters, months = (join(*pair) for pair in pairs)
    return Counted(definition, units, years, quarters, months)


def _finish(counted: Counted, span: Span, missing: Months) -> Counted:
    definition = counted.definition
    if definition.kind == "density":
        return Counted(definition, counted.units, *_settle_returns(*counted.all))
    years, quarters, months = counted.all
    if is_over_persons(definition):
        once = counts_persons_once(definition)
        years = _over_persons(years, (span.before, span.now), missing, once)
        quarters = _over_persons(quarters, span.quarters, missing, once)
        if not once:
            # So many events a person and year: a quarter has a quarter of the year's.
            share = np.array([len(one.months) / 12 for one in span.quarters])
            quarters = Columns(quarters.x, quarters.d * share, quarters.there)
    return Counted(definition, counted.units, years, quarters, months)


def _over_persons(
    columns: Columns, periods: Sequence[Period], missing: Months, once: bool
) -> Columns:
    """Events of some of a period's months over as large a part of its persons; persons who are counted `once` not at
    all where a month is missing."""
    share = np.array([count_months(one, missing) / len(one.months) for one in periods], np.float64)
    if once:
        share = np.floor(share)
    return Columns(columns.x * (share > 0), columns.d * share, columns.there & (share > 0))


def _columns(rows: pa.Table, units: int, periods: Sequence[Period]) -> Columns:
    shape = (units, len(periods))
    x, d, there = np.zeros(shape), np.zeros(shape), np.zeros(shape, np.bool_)
    since, until = (np.asarray(rows[name].cast(pa.int32())) for name in ("since", "until"))
    at = np.asarray(rows["_at"])
    upper, lower = (
        np.asarray(rows[name].cast(pa.float64())) for name in ("numerator", "denominator")
    )
    for place, period in enumerate(periods):
        mine = (since == period.since.toordinal() - EPOCH) & (
            until == period.until.toordinal() - EPOCH
        )
        x[at[mine], place], d[at[mine], place] = upper[mine], lower[mine]
        there[at[mine], place] = True
    return Columns(x, d, there)


def _add_up(months: Columns, of: Sequence[Period], periods: Sequence[Period]) -> Columns:
    """Longer periods of months, in thousandths as they are counted: sums of binary fractions must not differ."""
    within = np.array(
        [[period.since <= one.since <= period.until for period in periods] for one in of],
        np.float64,
    ).reshape(len(of), len(periods))
    x, d, there = (array @ within for array in (months.x, months.d, months.there.astype(float)))
    return Columns(np.round(x, 3), np.round(d, 3), there > 0)


def gather(parts: Sequence[tuple[Counted, Mapping[str, str]]], definition: Definition) -> Counted:
    """Units that are made of others: each of `parts` with what each of its units belongs to; others are left out.

    For indicators of which doctors are a sum (`is_a_sum`).
    """
    into = sorted({group for _, belongs in parts for group in belongs.values()})
    at = {unit: place for place, unit in enumerate(into)}

    def add(of: Callable[[Counted], Columns]) -> Columns:
        shape = (len(into), of(parts[0][0]).x.shape[1])
        x, d, there = np.zeros(shape), np.zeros(shape), np.zeros(shape, np.bool_)
        for counted, belongs in parts:
            rows = [row for row, unit in enumerate(counted.units) if unit in belongs]
            places = [at[belongs[counted.units[row]]] for row in rows]
            some = of(counted).pick(rows)
            np.add.at(x, places, some.x)
            np.add.at(d, places, some.d)
            np.logical_or.at(there, places, some.there)
        return Columns(np.round(x, 3), np.round(d, 3), there)

    found = Counted(
        definition,
        tuple(into),
        *(
            add(of)
            for of in (lambda one: one.years, lambda one: one.quarters, lambda one: one.months)
        ),
    )
    kept = np.flatnonzero(
        np.logical_or.reduce(
            [one.there.any(axis=1) | (one.x > 0).any(axis=1) for one in (found.months, found.years)]
        )
    ).tolist()
    return Counted(
        definition,
        tuple(into[row] for row in kept),
        *(one.pick(kept) for one in (found.years, found.quarters, found.months)),
    )


def _settle_returns(years: Columns, quarters: Columns, months: Columns) -> list[Columns]:
    """What is sent back counts against what was bought before: a month in which more came back than went out is put
    together with the months before it in its year, then with those after it. Years keep their sums. Where more came
    back in a whole year or quarter, nothing can be divided by it.
    """
    x, d = months.x.copy(), months.d.copy()
    half = d.shape[1] // 2
    for row in np.flatnonzero((d < 0).any(axis=1)):
        for part in (slice(0, half), slice(half, None)):
            _settle(x[row, part], d[row, part])
    settled = Columns(x, d, months.there)
    return [_without_debts(one) for one in (years, quarters, settled)]


def _settle(x: Floats, d: Floats) -> None:
    for debtor in np.flatnonzero(d < 0):
        for lender in (*range(debtor - 1, -1, -1), *range(debtor + 1, d.size)):
            if d[lender] > 0 and d[debtor] < 0:
                # The whole month, with its numerator: what came back of which part cannot be told.
                x[debtor], d[debtor] = x[debtor] + x[lender], d[debtor] + d[lender]
                x[lender] = d[lender] = 0.0


def _without_debts(columns: Columns) -> Columns:
    sound = columns.d >= 0
    return Columns(
        np.where(sound, columns.x, 0.0), np.where(sound, columns.d, 0.0), columns.there & sound
    )
