"""One person's history as a picture: a row for each organism, for answers without finding and for vaccinations, along time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from varde.publishing.svg import document, element, text
from varde.register import History
from varde.web.names import organism_words

MOST_ORGANISMS = 8
LEAST_DAYS = 60
"""A history of a day would otherwise be a point in the middle of nothing."""
ROW = 34.0
TOP = 26.0
Along = Callable[[date], float]
"""From a day to how far to the right it is."""


class Row(NamedTuple):
    """One row.

    Attributes:
        mark: "dot", "ring" or "square": never colour alone tells the rows apart.
    """

    name: str
    mark: str
    days: Sequence[date]


def rows_of(history: History) -> list[Row]:
    """The rows of a history; those of organisms the newest first."""
    by_organism: dict[str, list[date]] = {}
    for found in history.findings:
        by_organism.setdefault(found.organism, []).append(found.day)
    named = [(key, days) for key, days in by_organism.items() if key]
    rows = [Row(organism_words(key), "dot", days) for key, days in named[:MOST_ORGANISMS]]
    others = [day for _key, days in named[MOST_ORGANISMS:] for day in days] + by_organism.get(
        "", []
    )
    if others:
        rows.append(Row(_("Other findings"), "dot", others))
    if history.answers:
        rows.append(Row(_("Answers without finding"), "ring", [one.day for one in history.answers]))
    if history.doses:
        rows.append(Row(_("Vaccinations"), "square", [one.day for one in history.doses]))
    return rows


def draw_history(history: History, today: date, *, narrow: bool = False) -> str:
    """The picture; empty when all there is to draw is of one day, or nothing.

    Args:
        today: the right edge.
        narrow: for a telephone: the names stand above their rows.
    """
    rows = rows_of(history)
    days = [day for row in rows for day in row.days]
    if len(set(days)) < 2:
        # One point in time is no course: the tables say when it was.
        return ""
    width, left = (340.0, 8.0) if narrow else (720.0, 210.0)
    first = min(*days, today - timedelta(days=LEAST_DAYS))
    last = max(*days, today)
    length = (last - first).days

    def along(day: date) -> float:
        return left + (width - left - 14) * (day - first).days / length

    height = TOP + ROW * len(rows) + 8
    body = [_axis(first, last, left, width, height, along)]
    for number, row in enumerate(rows):
        middle = TOP + ROW * number + (24 if narrow else ROW / 2)
        label = (
            text(row.name, left, middle - 11, font_size=12)
            if narrow
            else text(row.name, left - 12, middle + 4.5, text_anchor="end")
        )
        body.append(element("g", label, *(_mark(row.mark, along(day), middle) for day in row.days)))
    return document(
        body,
        width=width,
        height=height,
        name="history-narrow" if narrow else "history",
        title=_("What was found, and when"),
        description=_(
            "Each mark is one finding, answer or vaccination. All stand in the tables below."
        ),
        class_="chart-narrow" if narrow else "chart-wide",
    )


def _mark(kind: str, x: float, y: float) -> str:
    if kind == "ring":
        return element("circle", cx=x, cy=y, r=4.5, stroke_width=1.5, class_="chart-ring")
    if kind == "square":
        return element("rect", x=x - 4.5, y=y - 4.5, width=9.0, height=9.0, class_="chart-part-2")
    return element("circle", cx=x, cy=y, r=5.0, class_="chart-dot")


def _axis(first: date, last: date, left: float, width: float, height: float, along: Along) -> str:
    parts = []
    taken = -1000.0
    for mark, label in _ticks(first, last):
        x = along(mark)
        parts.append(
            element(
                "line", x1=x, x2=x, y1=TOP - 6, y2=height - 6, stroke_width=1, class_="chart-grid"
            )
        )
        if x - taken >= 52 and x <= width - 16:
            anchor = "start" if x - left < 12 else "middle"
            parts.append(
                text(label, x, TOP - 11, font_size=11, text_anchor=anchor, class_="chart-tick")
            )
            taken = x
    return element("g", *parts)


def _ticks(first: date, last: date) -> list[tuple[date, str]]:
    """New years; of less than two years, months."""
    if (last - first).days > 730:
        return [(date(year, 1, 1), str(year)) for year in range(first.year + 1, last.year + 1)]
    found = []
    year, month = first.year, first.month
    while date(year, month, 1) <= last:
        begins = date(year, month, 1)
        if begins >= first:
            found.append((begins, date_format(begins, "M y")))
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return found
