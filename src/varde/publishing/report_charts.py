"""Charts of prescribing reports: own value beside what others reach, the trend, a group's dots.

Every mark has its name and its figure beside it, as the report writes them; marks differ in shape, so that they can be
told apart in black and white. Names stand in rows of their own and labels are measured, so that none covers another.
What cannot be shown stands there as words; what lies beyond the axis is an arrow at its end.
"""

from __future__ import annotations

from collections.abc import Sequence

from varde.prescribing.layout import Words
from varde.prescribing.reports import Figure, Mark, Panel, Role
from varde.publishing.axes import Axis, find_top
from varde.publishing.lettering import shorten, width_of, wrap
from varde.publishing.svg import document, element, points, text

INK = "#17303b"
MARK = "#0b5c7a"
QUIET = "#48616c"
GRID = "#c8d3d8"
BAND = "#d9e4e9"
SIZE, SMALL = 8.5, 7.5
ROW, LOW_ROW = 15.0, 11.5
NAME, MOST_LINES = 9.5, 2
"""How far a name's lines are apart, and how many it may have."""
GAP = 6.0


def say(words: Words, language: str) -> str:
    """The words in the reader's language."""
    return words.en if language == "en" else words.nb


def draw_comparison(
    panel: Panel, language: str, *, name: str, width: float = 300.0, low: bool = False
) -> str:
    """Own value with its interval, own year before, and at most two comparators: a row for each on one axis.

    Args:
        name: an id that is unique on the page.
        width: of the viewBox, in the unit of its letters.
        low: rows lie closely, where many charts share a page.
    """
    axis, lefts, top = _comparison_axis(panel, language, width)
    rows = [max(LOW_ROW if low else ROW, NAME * len(lines) + 1.5) for lines in lefts]
    bottom = top + sum(rows)
    body = [
        _good(panel, axis, language, width),
        _ticks(axis, (top, bottom), language),
        _aim(panel.marks, axis, (top, bottom)),
    ]
    for index, mark in enumerate(panel.marks):
        y = top + sum(rows[:index]) + rows[index] / 2
        body.append(_row(mark, lefts[index], y, axis, language, width))
    return document(
        body,
        width=width,
        height=bottom + 13,
        name=name,
        title=say(panel.title, language),
        description=say(panel.description, language),
        class_="report-chart",
    )


def _comparison_axis(
    panel: Panel, language: str, width: float
) -> tuple[Axis, list[list[str]], float]:
    """The axis, the lines of the rows' names, and where the rows begin. A name is read whole: it has several lines where
    there is no room for it in one."""
    names = [say(mark.name, language) for mark in panel.marks]
    lefts = [
        wrap(words, SIZE, width * 0.4, most=MOST_LINES, bold=not index)
        for index, words in enumerate(names)
    ]
    left = GAP + max(
        width_of(line, SIZE, bold=not index) for index, lines in enumerate(lefts) for line in lines
    )
    right = max(_said_width(mark.figure, language) for mark in panel.marks) + GAP
    figures = [mark.figure for mark in panel.marks]
    top = find_top(
        [figure.value for figure in figures if figure.value is not None],
        [figure.high for figure in figures if figure.high is not None],
        percent=panel.percent,
    )
    length = max(width - left - right, 30.0)
    return Axis(top=top, start=left, length=length, percent=panel.percent), lefts, 13.0


def _said_width(figure: Figure, language: str) -> float:
    if figure.value is None:
        return 0.0
    said = width_of(say(figure.shown, language), SIZE, bold=True)
    interval = say(figure.interval, language)
    return said + (3 + width_of(f"({interval})", SMALL) if interval else 0.0)


def _good(panel: Panel, axis: Axis, language: str, width: float) -> str:
    """Which way is better, at the axis's end that it points to."""
    words = say(panel.good_words, language)
    if panel.good == "higher":
        words = f"{words} →"
        x = min(axis.start + axis.length, width)
        start = max(x - width_of(words, SMALL), 0.0)
    else:
        words = f"← {words}" if panel.good == "lower" else words
        start = min(axis.start, max(width - width_of(words, SMALL), 0.0))
    return text(words, start, 8.5, font_size=SMALL, fill=QUIET, class_="chart-good")


def _ticks(axis: Axis, down: tuple[float, float], language: str) -> str:
    """Lines at nought, the half and the top, each with its value where that has room: the top's first, the half's last."""
    marks = []
    labels = [axis.write(value, language) for value in axis.ticks()]
    rooms = [width_of(label, SMALL) for label in labels]
    for index, value in enumerate(axis.ticks()):
        x = axis.place(value)
        line = {"x1": x, "x2": x, "y1": down[0], "y2": down[1]}
        marks.append(element("line", **line, stroke=GRID, stroke_width=0.6, class_="chart-grid"))
        if index == 1 and max(rooms[0], rooms[2]) + rooms[1] / 2 + 3 > axis.length / 2:
            continue
        if index == 0 and rooms[0] + rooms[2] + 3 > axis.length:
            continue
        marks.append(
            text(
                labels[index],
                x,
                down[1] + 9,
                text_anchor=("start", "middle", "end")[index],
                font_size=SMALL,
                fill=QUIET,
                class_="chart-tick",
            )
        )
    return element("g", *marks)


def _aim(marks: Sequence[Mark], axis: Axis, down: tuple[float, float]) -> str:
    """A line from the benchmark's mark up to the reader's row."""
    aims = [mark.figure.value for mark in marks if mark.role == "benchmark"]
    if not aims or aims[0] is None or axis.beyond(aims[0]):
        return ""
    x = axis.place(aims[0])
    line = {"x1": x, "x2": x, "y1": down[0], "y2": down[1]}
    return element("line", **line, stroke=QUIET, stroke_width=0.8, stroke_dasharray="2 2")


def _row(mark: Mark, name: Sequence[str], y: float, axis: Axis, language: str, width: float) -> str:
    own = mark.role == "own"
    weight = {"font_weight": 600} if own else {}
    first = y + 2.8 - NAME * (len(name) - 1) / 2
    label = element(
        "g",
        *(
            text(
                line,
                axis.start - GAP,
                first + NAME * place,
                text_anchor="end",
                font_size=SIZE,
                fill=INK,
                class_="chart-name",
                **weight,
            )
            for place, line in enumerate(name)
        ),
    )
    figure = mark.figure
    if figure.value is None:
        words = shorten(say(figure.shown, language), SIZE, width - axis.start - 4)
        missing = text(
            words, axis.start + 4, y + 2.8, font_size=SIZE, fill=QUIET, class_="chart-missing"
        )
        return element("g", label, missing)
    return element(
        "g",
        label,
        *_interval(figure, y, axis),
        _shape(mark, axis, y),
        _said(figure, width, y + 2.8, language),
    )


def _said(figure: Figure, x: float, y: float, language: str) -> str:
    """The figure at the row's end: the value, and its interval after it."""
    spans = [element("tspan", say(figure.shown, language), font_weight=600)]
    if interval := say(figure.interval, language):
        spans.append(element("tspan", f"({interval})", dx=3, font_size=SMALL))
    start = x - _said_width(figure, language)
    return element("text", *spans, x=start, y=y, font_size=SIZE, fill=INK, class_="chart-value")


def _interval(figure: Figure, y: float, axis: Axis) -> list[str]:
    if figure.low is None or figure.high is None:
        return []
    low, high = axis.place(figure.low), axis.place(figure.high)
    ends = "".join(
        f"M{x:.1f} {y - 3:.1f}v6"
        for x, value in ((low, figure.low), (high, figure.high))
        if not axis.beyond(value)
    )
    line = element(
        "path",
        d=f"M{low:.1f} {y:.1f}H{high:.1f}{ends}",
        stroke=INK,
        stroke_width=1.2,
        fill="none",
        class_="chart-whisker",
    )
    return [line, _arrow(high, y)] if figure.high > axis.top else [line]


def _arrow(x: float, y: float) -> str:
    """It goes on beyond the axis."""
    corners = points([(x, y), (x - 4, y - 3), (x - 4, y + 3)])
    return element("polygon", points=corners, fill=INK, class_="chart-beyond")


def _shape(mark: Mark, axis: Axis, y: float) -> str:
    """A dot for the reader, a ring for a year before, a diamond for the benchmark, a bar for the similar, a square for
    a place."""
    return draw_mark(mark.role, axis.place(mark.figure.value or 0.0), y)


def draw_mark(role: Role, x: float, y: float) -> str:
    """What stands for a role, the same in every chart."""
    match role:
        case "own":
            return element("circle", cx=x, cy=y, r=3.8, fill=MARK, class_="chart-own")
        case "before":
            return element("circle", cx=x, cy=y, r=3, fill="#fff", stroke=MARK, stroke_width=1.3)
        case "benchmark":
            corners = points([(x, y - 4), (x + 4, y), (x, y + 4), (x - 4, y)])
            return element("polygon", points=corners, fill=INK, class_="chart-aim")
        case "peers":
            return element("rect", x=x - 1.3, y=y - 4.5, width=2.6, height=9, fill=QUIET)
        case _:
            side = {"width": 5.6, "height": 5.6}
            look = {"fill": "#fff", "stroke": QUIET, "stroke_width": 1.2}
            return element("rect", x=x - 2.8, y=y - 2.8, **side, **look)
