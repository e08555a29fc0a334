"""Reports for prescribers, units and regions: one object of which a document and a page are made.

In: what `comparison` found for one unit, typed (`Measured`), the guideline as of a day, local resistance as disclosed.
Out: a `Report`: figures with the words they are written with, in bokmål and English.
"""

from __future__ import annotations

from varde.prescribing.reports.composing import compose
from varde.prescribing.reports.dots import redraw_dots
from varde.prescribing.reports.errors import ReportError
from varde.prescribing.reports.figures import Scale, write_target
from varde.prescribing.reports.forms import (
    KindOfReport,
    common,
    fill,
    indicator_words,
    kinds,
)
from varde.prescribing.reports.goals import open_with
from varde.prescribing.reports.inputs import (
    Comparator,
    Described,
    DrugChoice,
    DrugShare,
    Known,
    Measured,
    Missing,
    Nearby,
    PickedGoal,
    Quarter,
    Reader,
    Tested,
    Tone,
    Value,
    Verdict,
)
from varde.prescribing.reports.panels import read_advice
from varde.prescribing.reports.report import (
    Advice,
    Choice,
    Dots,
    Fact,
    Figure,
    Goal,
    Good,
    Kind,
    LocalResistance,
    Mark,
    Panel,
    Part,
    Point,
    Report,
    Resistance,
    Role,
    Row,
    Section,
    Stretch,
    Table,
    Why,
)
from varde.prescribing.reports.wording import OnPage

__all__ = [
    "Advice",
    "Choice",
    "Comparator",
    "Described",
    "Dots",
    "DrugChoice",
    "DrugShare",
    "Fact",
    "Figure",
    "Goal",
    "Good",
    "Kind",
    "KindOfReport",
    "Known",
    "LocalResistance",
    "Mark",
    "Measured",
    "Missing",
    "Nearby",
    "OnPage",
    "Panel",
    "Part",
    "PickedGoal",
    "Point",
    "Quarter",
    "Reader",
    "Report",
    "ReportError",
    "Resistance",
    "Role",
    "Row",
    "Scale",
    "Section",
    "Stretch",
    "Table",
    "Tested",
    "Tone",
    "Value",
    "Verdict",
    "Why",
    "compose",
    "fill",
    "indicator_words",
    "kinds",
    "open_with",
    "page_words",
    "read_advice",
    "redraw_dots",
    "write_target",
]


def page_words() -> OnPage:
    """Words that stand on the page alone, beside the report's own."""
    return common().page
