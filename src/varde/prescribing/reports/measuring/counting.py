"""What indicators count, as arrays: a row for each unit, a column for each period of a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from varde.guidelines import Library
from varde.prescribing.indicators import Definition, Period, Role, UnitKind, Who, compute
from varde.prescribing.reports.measuring.plans import Span

if TYPE_CHECKING:
    import ibis

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


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
        found: Bools = self.there.any(axis=0)
        return found


@dataclass(frozen=True, eq=False)
class Counted:
    """One indicator of all units.

    Attributes:
        definition: as it holds on the period's last day.
        units: in ascending order: the rows of all arrays.
        years: the year before, and the report's own.
        quarters, months: as of `Span`.
    """

    definition: Definition
    units: tuple[str, ...]
    years: Columns
    quarters: Columns
    months: Columns


def count_all(
    tables: Mapping[str, ibis.Table],
    definitions: Sequence[Definition],
    by: UnitKind,
    role: Role | None,
    span: Span,
    library: Library | None,
    *,
    only_years: bool = False,
) -> dict[str, Counted]:
    """All indicators, by key, in one question. An indicator whose tables are missing has no units.

    Args:
        only_years: no quarters and months, which those who are compared with do not need.
    """
    years = (span.before, span.now)
    quarters, months = ((), ()) if only_years else (span.quarters, span.months)
    periods = tuple(dict.fromkeys((*years, *quarters, *months)))
    asked = [one for one in definitions if by in one.kinds and one.tables <= set(tables)]
    found = compute(tables, asked, by, periods, role=role, library=library)
    who = Who(tables)
    # An institution that was merged within the year has its earlier months under its own number.
    becomes = by in ("institution", "out-of-hours-unit")
    parts = {}
    for one in definitions:
        rows = found.filter(pc.equal(found["indicator"], one.id))
        names = rows["unit"].to_pylist()
        if becomes:
            known = {name: who.became(name, span.now.until)[0] for name in set(names)}
            names = [known[name] for name in names]
        units = tuple(sorted(set(names)))
        at = {unit: place for place, unit in enumerate(units)}
        rows = rows.append_column("_at", pa.array([at[name] for name in names], pa.int64()))
        columns = [_columns(rows, len(units), some) for some in (years, quarters, months)]
        if one.kind == "density":
            columns = _settle_returns(*columns)
        parts[one.id] = Counted(one, units, *columns)
    return parts


def _settle_returns(years: Columns, quarters: Columns, months: Columns) -> list[Columns]:
    """What is sent back counts against what was bought before: a month in which more came back than went out lends
    from the months before it in its year, then from those after it. Years keep their sums. Where more came back in
    a whole year or quarter, nothing can be divided by it.
    """
    x, d = months.x.copy(), months.d.copy()
    half = d.shape[1] // 2
    for row in np.flatnonzero((d < 0).any(axis=1)):
        for part in (slice(0, half), slice(half, None)):
            _settle(x[row, part], d[row, part])
    return [*(_without_debts(one) for one in (years, quarters)), _without_debts(Columns(x, d, months.there))]


def _settle(x: Floats, d: Floats) -> None:
    for debtor in np.flatnonzero(d < 0):
        for lender in (*range(debtor - 1, -1, -1), *range(debtor + 1, d.size)):
            if d[lender] > 0 and d[debtor] < 0:
                # The whole month, with its numerator: what was bought of what cannot be told apart.
                x[debtor], d[debtor] = x[debtor] + x[lender], d[debtor] + d[lender]
                x[lender] = d[lender] = 0.0


def _without_debts(columns: Columns) -> Columns:
    sound = columns.d >= 0
    return Columns(
        np.where(sound, columns.x, 0.0), np.where(sound, columns.d, 0.0), columns.there & sound
    )


def _columns(rows: pa.Table, units: int, periods: Sequence[Period]) -> Columns:
    shape = (units, len(periods))
    x, d, there = np.zeros(shape), np.zeros(shape), np.zeros(shape, np.bool_)
    since, until = (np.asarray(rows[name].cast(pa.int32())) for name in ("since", "until"))
    at = np.asarray(rows["_at"])
    upper, lower = (
        np.asarray(rows[name].cast(pa.float64())) for name in ("numerator", "denominator")
    )
    epoch = 719_163  # 1 January 1970 as an ordinal
    for place, period in enumerate(periods):
        mine = (since == period.since.toordinal() - epoch) & (
            until == period.until.toordinal() - epoch
        )
        np.add.at(x[:, place], at[mine], upper[mine])
        np.add.at(d[:, place], at[mine], lower[mine])
        there[at[mine], place] = True
    return Columns(x, d, there)
