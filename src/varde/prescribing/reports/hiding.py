"""Hides the own figures of a report that several persons are in, where some of them no longer agree that they are shown."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec

from varde.prescribing.layout import Words
from varde.prescribing.reports.composing import say_lead
from varde.prescribing.reports.figures import PERCENT, write_figure
from varde.prescribing.reports.forms import common, fill, indicator_words, kinds
from varde.prescribing.reports.inputs import TONES, WITHOUT, Missing, Tone
from varde.prescribing.reports.panels import NOTHING, describe
from varde.prescribing.reports.phrases import join
from varde.prescribing.reports.report import Figure, Panel, Report
from varde.prescribing.reports.sections import say_intervals
from varde.prescribing.reports.trends import describe_trend

OWN = ("own", "before")
SILENT = "too-few"


def hide_own(report: Report, indicators: Collection[str]) -> Report:
    """The report without its own figures of these indicators, and without all that was said of them; what it is compared
    with, and its dots, stay. With no indicator it is the report itself."""
    if not indicators:
        return report
    hidden = write_figure(Missing(why="suppressed"), PERCENT, 0)
    panels = tuple(
        _hide(report, panel, hidden) if panel.indicator in indicators else panel
        for panel in report.panels
    )
    rows = tuple(
        msgspec.structs.replace(row, cells=(hidden, hidden, *row.cells[len(OWN) :]))
        if row.indicator in indicators
        else row
        for row in report.table.rows
    )
    goal = report.goal
    notes = tuple(dict.fromkeys((*report.table.notes, common().missing_cell["suppressed"])))
    return msgspec.structs.replace(
        report,
        panels=panels,
        sections=tuple(say_intervals(section, panels) for section in report.sections),
        table=msgspec.structs.replace(report.table, rows=rows, notes=notes),
        lead=join(
            [say_lead([(one.indicator, _tone(one)) for one in panels]), *_why(report, panels)]
        ),
        goal=None if goal and goal.indicator in indicators else goal,
        facts=(),
        choices=(),
        by_consent=(),
    )


def _why(report: Report, panels: Sequence[Panel]) -> list[Words]:
    """Why own figures are hidden, once for all of them."""
    if not any(one.marks[0].figure.missing == "suppressed" for one in panels):
        return []
    return [one.own_hidden for one in kinds()[report.kind].counted if one.own_hidden][:1]


def _tone(panel: Panel) -> Tone:
    missing = panel.marks[0].figure.missing
    return TONES.get(panel.verdict, "unsure") if missing is None else WITHOUT[missing]


def _hide(report: Report, panel: Panel, hidden: Figure) -> Panel:
    words = indicator_words()[panel.indicator]
    marks = tuple(
        msgspec.structs.replace(mark, figure=hidden) if mark.role in OWN else mark
        for mark in panel.marks
    )
    trend = tuple(
        msgspec.structs.replace(point, figure=hidden, low=None, high=None) for point in panel.trend
    )
    return msgspec.structs.replace(
        panel,
        headline=fill(common().missing_headline["suppressed"], title=words.title),
        message=NOTHING,
        verdict=SILENT,
        unit=words.unit,
        marks=marks,
        description=describe(words.title, panel.good_words, marks),
        trend=trend,
        trend_description=describe_trend(words.title, trend, panel.stretches, marks),
        band=NOTHING,
        place=NOTHING,
    )
