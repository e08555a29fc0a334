"""Draws the dots of a group's report anew, from the values of those who may be shown now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from varde.prescribing.reports.figures import Scale, choose_places, write_figure
from varde.prescribing.reports.forms import common, fill, indicator_words
from varde.prescribing.reports.inputs import Known
from varde.prescribing.reports.panels import FEWEST_DOTS, NOTHING
from varde.prescribing.reports.phrases import join
from varde.prescribing.reports.report import Dots, Panel, Report


def redraw_dots(report: Report, values: Mapping[str, Sequence[float]]) -> Report:
    """The report with these dots and no others, and with words that say so. A panel whose dots are too few has none.

    Args:
        values: by indicator, as the report writes figures: 31.2 for 31.2 %. Nobody of them is the reader.
    """
    panels = tuple(_redraw(panel, values.get(panel.indicator, ())) for panel in report.panels)
    return msgspec.structs.replace(report, panels=panels)


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
