"""Whether a reader's own figure has surely changed since the year before."""

from __future__ import annotations

import numpy as np

from varde.prescribing.comparison import compare_years, find_alerts, own_change, series_of
from varde.prescribing.comparison.change import Change
from varde.prescribing.indicators import is_by_month
from varde.prescribing.indicators.delivery import Months
from varde.prescribing.reports.measuring.adding import adds_up, may_be_spoiled
from varde.prescribing.reports.measuring.counting import Counted
from varde.prescribing.reports.measuring.plans import Span


def find_change(counted: Counted, row: int, span: Span, missing: Months) -> Change:
    """One reader's change from the year before to the report's own.

    Where other months are missing in one year than in the other, what differs may be the months: seasons are unlike.
    Then a change is sure only if it is so too over the months that both have.

    Args:
        missing: the months in which not all was delivered.
    """
    kind, months = counted.definition.kind, counted.months
    half = months.x.shape[1] // 2
    x, d = months.x[row], months.d[row]
    there = np.array([one.since not in missing for one in span.months], np.bool_)
    both = there[:half] & there[half:]

    def compare_months(some: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Change:
        before, now = ((x[part][some], d[part][some]) for part in (slice(half), slice(half, None)))
        return compare_years(before, now, kind)

    if kind == "density":
        year = compare_months(np.ones(half, np.bool_))
    else:
        years = counted.years
        before, now = ((years.x[row, [at]], years.d[row, [at]]) for at in (0, 1))
        year = compare_years(before, now, kind)
    if year not in ("up", "down"):
        return year  # nothing that the months say would be told
    if (there[:half] != there[half:]).any() and not (
        _has_all_in_months(counted) and both.any() and compare_months(both) == year
    ):
        return "not-computable"
    series = series_of(x, d, kind, float(counted.definition.per))
    return own_change(year, find_alerts(series))


def _has_all_in_months(counted: Counted) -> bool:
    definition = counted.definition
    return is_by_month(definition) or (adds_up(definition) and not may_be_spoiled(definition))
