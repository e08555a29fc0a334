"""From tables of prescribing to reports: counted once for all readers, compared and composed one at a time.

In: Ibis tables by the keys of their layouts, a kind of report, a year. Out: `Report` objects, in flat memory.

The way through the modules: `plans` (what is counted for whom) → `counting` (arrays) → `standing` (who is what) →
`around` (those who are alike) → `comparing` (one indicator of one reader) → `making` (reports). No clock, no database.
"""

from __future__ import annotations

from varde.prescribing.reports.measuring.counting import Counting
from varde.prescribing.reports.measuring.making import (
    Findings,
    Found,
    NothingDelivered,
    UnknownUnit,
    count_for,
    make_reports,
)
from varde.prescribing.reports.measuring.plans import Plan, Span, months_of, plans_of, span_of

__all__ = [
    "Counting",
    "Findings",
    "Found",
    "NothingDelivered",
    "Plan",
    "Span",
    "UnknownUnit",
    "count_for",
    "make_reports",
    "months_of",
    "plans_of",
    "span_of",
]
