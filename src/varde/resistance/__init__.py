"""What still works: first isolates, antibiograms, trends, and how sure one can be of them.

Input: the warehouse's tables (`varde.warehouse.open_tables`) and a selection of isolates.
Output: Arrow tables of counts, percentages and intervals, the same on every engine.
No database, no web, no clock.
"""

from __future__ import annotations

from varde.resistance.antibiogram import (
    DIMENSIONS,
    MINIMUM,
    Unmapped,
    add_percentages,
    antibiogram,
    unmapped,
)
from varde.resistance.errors import InvalidMethod, InvalidSelection, ResistanceError
from varde.resistance.first_isolates import first_isolates, mark_first
from varde.resistance.methods import Method, parse_method
from varde.resistance.selection import Circumstances, Selection, select_isolates
from varde.resistance.trend import trend
from varde.resistance.within import Within
from varde.uncertainty import wilson

__all__ = [
    "DIMENSIONS",
    "MINIMUM",
    "Circumstances",
    "InvalidMethod",
    "InvalidSelection",
    "Method",
    "ResistanceError",
    "Selection",
    "Unmapped",
    "Within",
    "add_percentages",
    "antibiogram",
    "first_isolates",
    "mark_first",
    "parse_method",
    "select_isolates",
    "trend",
    "unmapped",
    "wilson",
]
