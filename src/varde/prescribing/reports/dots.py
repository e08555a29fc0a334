"""Draws the dots of a group's report anew, from the values of those who may be shown now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from varde.prescribing.reports.figures import Scale, choose_places, write_figure
from varde.prescribing.reports.forms import common, fill, indicator_words, kinds
from varde.prescribing.reports.inputs import Known
from varde.prescribing.reports.panels import FEWEST_DOTS, NOTHING
from varde.prescribing.reports.phrases import join
from varde.prescribing.reports.report import Dots, Panel, Report, Section


def redraw_dots(report: Report, values: Mapping[str, Sequence[float]]) -> Report:
    """The report with these dots and no others, and with words that say so. A panel whose dots are too few has none.

    Args:
        values: by indicator, as the report writes figures: 31.2 for 31.2 %. Nobody of them is the reader.
    """
    panels = tuple(_redraw(panel, values.get(panel.indicator, ())) for panel in report.panels)
    sections = tuple(_say(section, report, panels) for section in report.sections)
    return msgspec.structs.replace(report, panels=panels, sections=sections)


def _say(section: Section, report: Report, panels: Sequence[Panel]) -> Section:
    """A section with its lines on dots, and without them where none is shown."""
    form = kinds()[report.kind]
    found = {form.method.title: form.dotted.method, form.not_shown.title: form.dotted.not_shown}
    about = found.get(section.title, ())
    own = len((form.method if section.title == form.method.title else form.not_shown).lines)
    lines = [line for line in section.lines if line not in about]
    if any(panel.dots is not None for panel in panels):
        lines[own:own] = about
    return msgspec.structs.replace(section, lines=tuple(lines))


def _redraw(panel: Panel, values: Sequence[float]) -> Panel:
    if len(values) < FEWEST_DOTS:
        return msgspec.structs.replace(panel, dots=None, dots_description=NOTHING)
    dots = Dots(values=tuple(sorted(values)))
    ends = [Known(value=dots.values[0]), Known(value=dots.values[-1])]
    scale = Scale(1, indicator_words()[panel.indicator].percent)
    low, high = (write_figure(end, scale, choose_places(ends, 1)).shown for end in ends)
    said = fill(common().sentences.dots, count=str(len(values)), low=low, high=high)
    return msgspec.structs.replace(
        panel, dots=dots, dots_description=join([panel.description, said])
    )
