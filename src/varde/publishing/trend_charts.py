"""Charts of a trend in a prescribing report: by quarter, or two periods that have other months between them.

The rules of `report_charts` hold here too: figures as the report writes them, no label covers another, periods told apart
by shape and words.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final, NamedTuple

from varde.prescribing.reports import Figure, Panel, Point, Stretch
from varde.publishing.axes import Axis, find_top
from varde.publishing.lettering import width_of, wrap
from varde.publishing.report_charts import BAND, GRID, INK, MARK, QUIET, SIZE, SMALL, say
from varde.publishing.svg import document, element, points, text, unbroken

PLOT, LOW_PLOT = 54.0, 36.0
LINE: Final = 9.0
MIDDLE: Final = timedelta(45)
"""From the first day of three months to their middle."""


def draw_quarters(
    panel: Panel, language: str, *, name: str, width: float = 190.0, low: bool = False
) -> str:
    """The trend by quarter, and where similar ones would lie by chance; broken where a quarter has no figure. In
    stretches: see `_draw_stretches`."""
    if panel.stretches:
        return _draw_stretches(panel, language, name=name, width=width, low=low)
    trend = panel.trend
    head = _heading(panel, language, width)
    top = LINE * len(head) + 8.0
    height = top + (LOW_PLOT if low else PLOT) + 12.0
    axis = _trend_axis(trend, (), (height - 12.0, top), percent=panel.percent)
    labels = [axis.write(value, language) for value in axis.ticks()]
    left = max(width_of(label, SMALL) for label in labels) + 4
    last = next((point for point in reversed(trend) if point.figure.value is not None), None)
    said = "" if last is None else say(last.figure.shown, language)
    right = width_of(said, SIZE, bold=True) + 7
    step = (width - left - right) / max(len(trend) - 1, 1)
    across = [left + step * index for index in range(len(trend))]
    body = _say_heading(head)
    body.append(_trend_ticks(axis, labels, (left, width - right)))
    for run in unbroken(range(len(trend)), lambda at: _is_banded(trend[at])):
        body.extend(_band(trend, run, across, axis))
    for run in unbroken(range(len(trend)), lambda at: _is_known(trend[at])):
        body.append(_line(trend, run, across, axis))
    if last is not None:
        body.append(_last(last, across[trend.index(last)], axis, said))
    body.append(_years(trend, across, height - 2.5, width, language))
    return document(
        body,
        width=width,
        height=height,
        name=name,
        title=f"{say(panel.title, language)}: {say(panel.trend_title, language)}",
        description=say(panel.trend_description, language),
        class_="report-chart",
    )


class _Drawn(NamedTuple):
    """A stretch and what of it is drawn: its points' places in the trend, its ends, the figure of the whole."""

    stretch: Stretch
    points: list[int]
    ends: tuple[float, float]
    whole: Figure


def _draw_stretches(panel: Panel, language: str, *, name: str, width: float, low: bool) -> str:
    """Two periods at their true places in time, with a gap for the months between them: of each its three months at a
    time, joined within it alone, and a line with the figure of the whole, which is the headline's."""
    trend = panel.trend
    whole = {mark.role: mark.figure for mark in panel.marks}
    figures = [whole[stretch.role] for stretch in panel.stretches]
    head = _heading(panel, language, width)
    top = LINE * len(head) + 8.0
    bottom = top + (LOW_PLOT if low else PLOT)
    axis = _trend_axis(trend, figures, (bottom, top), percent=panel.percent)
    labels = [axis.write(value, language) for value in axis.ticks()]
    left = max(width_of(label, SMALL) for label in labels) + 4
    said = [say(one.shown, language) if one.value is not None else "" for one in figures]
    right = width_of(said[-1], SIZE, bold=True) + 7
    first, last = panel.stretches[0].since, panel.stretches[-1].until + timedelta(1)
    day = max(width - left - right, 30.0) / (last - first).days
    across = [
        left if point.since is None else left + day * (point.since + MIDDLE - first).days
        for point in trend
    ]
    drawn = [
        _Drawn(
            stretch,
            [index for index, point in enumerate(trend) if stretch.holds(point)],
            (
                left + day * (stretch.since - first).days,
                left + day * (stretch.until + timedelta(1) - first).days,
            ),
            figure,
        )
        for stretch, figure in zip(panel.stretches, figures, strict=True)
    ]
    body = _say_heading(head)
    for one in drawn:
        body.append(_trend_ticks(axis, labels if one is drawn[0] else (), one.ends))
    for one in drawn:
        for run in unbroken(one.points, lambda at: _is_banded(trend[at])):
            body.extend(_band(trend, run, across, axis))
    for one in drawn:
        for run in unbroken(one.points, lambda at: _is_known(trend[at])):
            body.append(_line(trend, run, across, axis, hollow=one.stretch.role == "before"))
        body.append(_whole(one, axis, drawn[-1].ends[0], language))
    names, lines = _name_stretches(drawn, bottom, width, language)
    return document(
        [*body, *names],
        width=width,
        height=bottom + 3.5 + LINE * lines,
        name=name,
        title=f"{say(panel.title, language)}: {say(panel.trend_title, language)}",
        description=say(panel.trend_description, language),
        class_="report-chart",
    )


def _whole(drawn: _Drawn, axis: Axis, later: float, language: str) -> str:
    """The figure of a whole stretch: a line as long as it is, and the figure after it; one that the gap has no room for
    begins on the line.

    Args:
        later: where the last stretch begins.
    """
    if drawn.whole.value is None:
        return ""
    said = say(drawn.whole.shown, language)
    start = drawn.ends[1] + 4
    if start < later:
        start = min(start, later - 2 - width_of(said, SIZE, bold=True))
    y = axis.place(drawn.whole.value)
    line = {"x1": drawn.ends[0], "x2": drawn.ends[1], "y1": y, "y2": y}
    return element(
        "g",
        element("line", **line, stroke=INK, stroke_width=1.6, class_="chart-whole"),
        text(
            said,
            start,
            y + 2.8,
            font_size=SIZE,
            font_weight=600,
            fill=INK,
            class_="chart-value",
        ),
    )


def _name_stretches(
    drawn: Sequence[_Drawn], bottom: float, width: float, language: str
) -> tuple[list[str], int]:
    """Under each stretch its months and its name, within its half of the picture; and how many lines that takes."""
    half = width / len(drawn)
    marks, most = [], 0
    for place, one in enumerate(drawn):
        lines = []
        for words in (one.stretch.months, one.stretch.name):
            lines += wrap(say(words, language), SMALL, half - 4)
        for row, line in enumerate(lines, 1):
            room = width_of(line, SMALL)
            start = sum(one.ends) / 2 - room / 2
            start = min(max(start, half * place + 2 * (place > 0)), half * (place + 1) - room)
            y = bottom + 1.0 + LINE * row
            marks.append(text(line, start, y, font_size=SMALL, fill=QUIET, class_="chart-tick"))
        most = max(most, len(lines))
    return marks, most


def _say_heading(lines: Sequence[str]) -> list[str]:
    return [
        text(line, 0, 8.5 + LINE * index, font_size=SMALL, fill=QUIET, class_="chart-good")
        for index, line in enumerate(lines)
    ]


def _heading(panel: Panel, language: str, width: float) -> list[str]:
    words = say(panel.trend_title, language)
    if band := say(panel.band, language):
        words = f"{words}. {band}"
    return wrap(words, SMALL, width)


def _trend_axis(
    trend: Sequence[Point], whole: Sequence[Figure], down: tuple[float, float], *, percent: bool
) -> Axis:
    figures = [*(point.figure for point in trend), *whole]
    values = [figure.value for figure in figures if figure.value is not None]
    ends = [point.high for point in trend if point.high is not None]
    top = find_top(values, ends, percent=percent)
    return Axis(top=top, start=down[0], length=down[1] - down[0], percent=percent)


def _trend_ticks(axis: Axis, labels: Sequence[str], across: tuple[float, float]) -> str:
    """Lines at the ticks; without labels where another stretch has them already."""
    marks = []
    for value in axis.ticks():
        y = axis.place(value)
        line = {"x1": across[0], "x2": across[1], "y1": y, "y2": y}
        marks.append(element("line", **line, stroke=GRID, stroke_width=0.6, class_="chart-grid"))
    for value, label in zip(axis.ticks() if labels else (), labels, strict=True):
        y = axis.place(value)
        marks.append(
            text(
                label,
                across[0] - 4,
                y + 2.4,
                text_anchor="end",
                font_size=SMALL,
                fill=QUIET,
                class_="chart-tick",
            )
        )
    return element("g", *marks)


def _is_known(point: Point) -> bool:
    return point.figure.value is not None


def _is_banded(point: Point) -> bool:
    return point.low is not None and point.high is not None


def _band(
    trend: Sequence[Point], run: Sequence[int], across: Sequence[float], axis: Axis
) -> list[str]:
    upper = [(across[index], axis.place(trend[index].high or 0.0)) for index in run]
    lower = [(across[index], axis.place(trend[index].low or 0.0)) for index in run]
    if len(run) == 1:
        x, (high, low) = across[run[0]], (upper[0][1], lower[0][1])
        line = {"x1": x, "x2": x, "y1": high, "y2": low}
        return [element("line", **line, stroke=BAND, stroke_width=5, class_="chart-band")]
    edge = {"fill": "none", "stroke": QUIET, "stroke_width": 0.6, "stroke_dasharray": "1.5 1.5"}
    return [
        element("polygon", points=points(upper + lower[::-1]), fill=BAND, class_="chart-band"),
        element("polyline", points=points(upper), **edge),
        element("polyline", points=points(lower), **edge),
    ]


def _line(
    trend: Sequence[Point],
    run: Sequence[int],
    across: Sequence[float],
    axis: Axis,
    *,
    hollow: bool | None = None,
) -> str:
    """A run of points, joined. In stretches they are larger, and those of the year before are rings, as its mark is in
    the comparison.

    Args:
        hollow: whether they are rings; None where there are no stretches.
    """
    places = [(across[index], axis.place(trend[index].figure.value or 0.0)) for index in run]
    look: dict[str, float | str] = {"r": 1.5 if hollow is None else 2.2, "fill": MARK}
    if hollow:
        look |= {"fill": "#fff", "stroke": MARK, "stroke_width": 1.2}
    dots = [element("circle", cx=x, cy=y, **look) for x, y in places]
    line = element(
        "polyline",
        points=points(places),
        fill="none",
        stroke=MARK,
        stroke_width=1.6,
        stroke_linejoin="round",
        class_="chart-line",
    )
    return element("g", *([line] if len(places) > 1 else []), *dots)


def _last(point: Point, x: float, axis: Axis, said: str) -> str:
    y = axis.place(point.figure.value or 0.0)
    dot = element("circle", cx=x, cy=y, r=3, fill=MARK, class_="chart-own")
    label = text(
        said, x + 6, y + 2.8, font_size=SIZE, font_weight=600, fill=INK, class_="chart-value"
    )
    return element("g", dot, label)


def _years(
    trend: Sequence[Point], across: Sequence[float], y: float, width: float, language: str
) -> str:
    """The year under its first quarter, where it has room."""
    marks, taken = [], 0.0
    for point, x in zip(trend, across, strict=True):
        label = say(point.short, language)
        start = min(x, width - width_of(label, SMALL))
        if label and start >= taken:
            marks.append(text(label, start, y, font_size=SMALL, fill=QUIET, class_="chart-tick"))
            taken = start + width_of(label, SMALL) + 4
    return element("g", *marks) if marks else ""
