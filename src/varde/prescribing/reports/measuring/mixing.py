"""What is usual for the reader's own mix of ages and sexes: what similar ones do, in each age and sex, over the reader's
own contacts."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from varde.prescribing.comparison import NotComputable, standardise
from varde.prescribing.comparison.disclosure import refuse_sum
from varde.prescribing.indicators import Definition
from varde.prescribing.reports.measuring.counting import Counting, Floats
from varde.prescribing.reports.measuring.plans import Plan


class Mix:
    """One indicator by reader, age band and sex.

    Args:
        rows: as `compute` gives them with strata, of one indicator and one period.
    """

    def __init__(self, rows: pa.Table) -> None:
        units, ages, sexes = (rows[name].to_pylist() for name in ("unit", "age_band", "sex"))
        strata = sorted(set(zip(ages, sexes, strict=True)))
        self._at = {unit: place for place, unit in enumerate(sorted(set(units)))}
        where = {stratum: place for place, stratum in enumerate(strata)}
        at = [self._at[unit] for unit in units]
        of = [where[one] for one in zip(ages, sexes, strict=True)]
        self._x, self._d = (np.zeros((len(self._at), len(strata))) for _ in range(2))
        self._x[at, of] = np.asarray(rows["numerator"].cast(pa.float64()))
        self._d[at, of] = np.asarray(rows["denominator"].cast(pa.float64()))
        self._known: dict[frozenset[str], tuple[Floats, Floats, Floats]] = {}

    def expect(self, unit: str, similar: frozenset[str]) -> float | None:
        """What the indicator would be, were similar ones to see the reader's own mix.

        Args:
            similar: the units that are compared with, the reader among them or not.

        Returns:
            None where too little would be expected, or where in some age and sex that the reader sees there are too
            few similar ones: their numbers would be told.
        """
        row = self._at.get(unit)
        if row is None or not similar:
            return None
        if similar not in self._known:
            rows = [self._at[one] for one in sorted(similar) if one in self._at]
            x, d = self._x[rows], self._d[rows]
            enough = [
                refuse_sum(column[column > 0].tolist(), anybody=True) is None for column in d.T
            ]
            self._known[similar] = (x.sum(axis=0), d.sum(axis=0), np.array(enough, np.float64))
        x, d, told = self._known[similar]
        own = self._d[row]
        if own.sum() <= 0 or (own[told == 0] > 0).any():
            return None
        [found] = standardise([self._x[row].sum()], [own], x, d)
        return None if isinstance(found, NotComputable) else found.expected / float(own.sum())


def mix(
    counting: Counting, plan: Plan, definitions: Sequence[Definition], keys: Collection[str]
) -> dict[str, Mix]:
    """By indicator, for those of some keys that have ages and sexes above and below; none where the plan asks for none."""
    if not plan.rules.case_mix:
        return {}
    asked = [one for one in definitions if one.id in keys]
    rows = counting.strata(asked, plan.by, plan.role)
    return {
        one.id: Mix(some)
        for one in asked
        if (some := rows.filter(pc.equal(rows["indicator"], one.id))).num_rows
        and len(pc.unique(some["age_band"])) > 1
    }
