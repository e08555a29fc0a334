"""Charts of an operation over time, drawn as SVG: how much came, and how long it took.

They show how the intake runs, to those who look after it: messages and hours, no persons. What is said about
infections goes through disclosure control and is drawn by `charts`. Every number also stands in a table
beside the chart, and no chart depends on colour: what differs in colour differs in pattern or shape too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil, floor, log10
from xml.sax.saxutils import escape

import msgspec

from varde.publishing.numbers import write_count, write_decimal, write_percent
from varde.publishing.svg import document, element, text

Scale = Callable[[float], float]
"""From a number or a time to a height in the picture."""

INK = "#24414d"
GRID = "#c8d3d8"
FILLS = ("#0b5c7a", "#9fc3d4", "#b3560b")
"""From the bottom of a column upwards."""
HOURS_A_DAY = 24


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One stretch of time.

    Attributes:
        label: under the column; empty for none.
        told: what a pointer on it is told: when, and how many of what.
        values: how many of each series, from the bottom upwards.
        unfinished: it is not over.
    """

    label: str
    told: str
    values: tuple[int, ...]
    unfinished: bool = False


class ColumnWords(msgspec.Struct, frozen=True, kw_only=True):
    """A chart's texts in the reader's language.

    Attributes:
        title: what the chart is.
        description: what it shows, in a sentence or two.
        axis: what is counted.
        series: the name of each series.
    """

    title: str
    description: str
    axis: str
    series: tuple[str, ...]
    language: str = "nb"


def draw_columns(
    columns: Sequence[Column], words: ColumnWords, *, name: str, width: float = 760.0
) -> str:
    """How many in each stretch of time: a column of up to three series on top of each other.

    Args:
        columns: in order of time.
        name: an id that is unique on the page.
        width: of the viewBox; 340 for a telephone.
    """
    left, right, top, height, bottom = 44.0, 8.0, 56.0, 260.0, 26.0
    highest = _round_up(max((sum(column.values) for column in columns), default=0))
    step = (width - left - right) / max(len(columns), 1)

    def up(value: float) -> float:
        return height - bottom - (height - top - bottom) * value / highest

    body = [
        _pattern(name),
        _legend(words.series, name),
        _grid(words.axis, highest, (left, width - right), up, words.language),
    ]
    for index, column in enumerate(columns):
        body.append(_column(column, left + step * index, step, up, name))
        if column.label:
            x = left + step * (index + 0.5)
            anchor = "end" if x > width - 24 else "middle"
            body.append(
                text(column.label, min(x, width - 2), height - 8, text_anchor=anchor, font_size=11)
            )
    return document(
        body,
        width=width,
        height=height,
        name=name,
        title=words.title,
        description=words.description,
        class_="chart-narrow" if width < 500 else "chart-wide",
    )


def _pattern(name: str) -> str:
    """Stripes for the series that must not be overlooked."""
    return element(
        "defs",
        element(
            "pattern",
            element("rect", width=6, height=6, fill=FILLS[2], class_="chart-part-3"),
            element("path", d="M-1 1l2-2M0 6L6 0M5 7l2-2", stroke="#fff", stroke_width=1.4),
            id=f"{name}-stripes",
            width=6,
            height=6,
            patternUnits="userSpaceOnUse",
        ),
    )


def _fill(series: int, name: str) -> dict[str, object]:
    if series == 2:
        return {"fill": f"url(#{name}-stripes)", "stroke": FILLS[2], "class_": "chart-edge-3"}
    return {"fill": FILLS[series], "class_": f"chart-part-{series + 1}"}


def _legend(series: Sequence[str], name: str) -> str:
    marks = []
    x = 2.0
    for index, words in enumerate(series):
        marks.append(element("rect", x=x, y=4, width=12, height=12, **_fill(index, name)))
        marks.append(text(words, x + 17, 14.5, font_size=12))
        x += 34 + 6.6 * len(words)
    return element("g", *marks)


def _grid(axis: str, highest: int, across: tuple[float, float], up: Scale, language: str) -> str:
    marks = [text(axis, 2, 38, font_weight=500, font_size=12, class_="chart-axis-name")]
    steps = 4 if highest % 4 == 0 else 2 if highest % 2 == 0 else 1
    for part in range(steps + 1):
        value = highest * part // steps
        y = up(value)
        line = {"x1": across[0], "x2": across[1], "y1": y, "y2": y}
        marks.append(element("line", **line, stroke=GRID, stroke_width=1, class_="chart-grid"))
        label = write_count(value, language)
        marks.append(
            text(label, across[0] - 6, y + 4, text_anchor="end", font_size=11, class_="chart-tick")
        )
    return element("g", *marks)


def _column(column: Column, x: float, step: float, up: Scale, name: str) -> str:
    gap = min(2.0, step * 0.18)
    parts = [element("title", escape(column.told))]
    # The whole height answers to the pointer: an empty column is told of as well.
    parts.append(
        element(
            "rect", x=x, y=up(0) - 178, width=step, height=178, fill="none", pointer_events="all"
        )
    )
    below = 0
    for series, value in enumerate(column.values):
        if value:
            y = up(below + value)
            parts.append(
                element(
                    "rect",
                    x=x + gap / 2,
                    y=y,
                    width=step - gap,
                    height=max(up(below) - y, 0.8),
                    **_fill(series, name),
                )
            )
            below += value
    if column.unfinished:
        mark = {"x1": x + gap / 2, "x2": x + step - gap / 2, "y1": up(0) + 3, "y2": up(0) + 3}
        parts.append(
            element(
                "line",
                **mark,
                stroke=INK,
                stroke_width=2,
                stroke_dasharray="2 2",
                class_="chart-whisker",
            )
        )
    return element("g", *parts)


def _round_up(value: int) -> int:
    """The smallest comfortable top of an axis that holds the value: 4, 8, 10, 20, 40, 80, 100 …"""
    if value <= 4:
        return 4
    size = 10 ** floor(log10(value))
    return next(size * top for top in (1, 2, 4, 8, 10) if size * top >= value)


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """One period and how long its answers took, in hours; None where there were no answers."""

    label: str
    told: str
    median: float | None = None
    ninth: float | None = None


class SpanWords(msgspec.Struct, frozen=True, kw_only=True):
    """A chart's texts.

    Attributes:
        axis: what the height is ("Days from specimen to here").
        median, ninth: what the dot and the bar are.
    """

    title: str
    description: str
    axis: str
    median: str
    ninth: str
    language: str = "nb"


def draw_spans(spans: Sequence[Span], words: SpanWords, *, name: str, width: float = 760.0) -> str:
    """How long it took in each period, in days: a dot for the half, a bar for nine of ten.

    Args:
        spans: in order of time.
        name: an id that is unique on the page.
        width: of the viewBox; 340 for a telephone.
    """
    left, right, top, height, bottom = 44.0, 8.0, 56.0, 260.0, 26.0
    longest = max((span.ninth or 0.0 for span in spans), default=0.0) / HOURS_A_DAY
    highest = _round_up(max(1, ceil(longest)))
    step = (width - left - right) / max(len(spans), 1)

    def up(days: float) -> float:
        return height - bottom - (height - top - bottom) * days / highest

    body = [
        element("circle", cx=8, cy=10, r=5, fill=FILLS[0], class_="chart-dot"),
        text(words.median, 19, 14.5, font_size=12),
        _cap(44 + 6.6 * len(words.median), 10, 10, 14),
        text(words.ninth, 56 + 6.6 * len(words.median), 14.5, font_size=12),
        _grid(words.axis, highest, (left, width - right), up, words.language),
    ]
    every = max(1, ceil(len(spans) * 46 / (width - left)))
    for index, span in enumerate(spans):
        x = left + step * (index + 0.5)
        if span.median is not None and span.ninth is not None:
            middle, far = up(span.median / HOURS_A_DAY), up(span.ninth / HOURS_A_DAY)
            body.append(
                element(
                    "g",
                    element("title", escape(span.told)),
                    _cap(x, far, middle, min(14.0, step * 0.6)),
                    element("circle", cx=x, cy=middle, r=5, fill=FILLS[0], class_="chart-dot"),
                )
            )
        if (len(spans) - 1 - index) % every == 0:
            body.append(text(span.label, x, height - 8, text_anchor="middle", font_size=11))
    return document(
        body,
        width=width,
        height=height,
        name=name,
        title=words.title,
        description=words.description,
        class_="chart-narrow" if width < 500 else "chart-wide",
    )


def _cap(x: float, y: float, down_to: float, width: float) -> str:
    path = f"M{x - width / 2:.1f} {y:.1f}h{width:.1f}M{x:.1f} {y:.1f}V{down_to:.1f}"
    return element("path", d=path, stroke=INK, stroke_width=2, fill="none", class_="chart-whisker")


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """One class of a distribution: its name and how many are in it."""

    label: str
    count: int


def draw_shares(
    shares: Sequence[Share],
    *,
    title: str,
    description: str,
    name: str,
    language: str = "nb",
    width: float = 520.0,
) -> str:
    """How many are in each class: a bar along the row, with the share and the number in words."""
    row, left, right = 30.0, 2.0, 118.0
    named = 16 + 7.2 * max((len(share.label) for share in shares), default=0)
    total = sum(share.count for share in shares)
    most = max((share.count for share in shares), default=0) or 1
    length = width - left - named - right
    body = []
    for index, share in enumerate(shares):
        y = 8 + row * index
        bar = max(length * share.count / most, 0.8 if share.count else 0.0)
        percent = write_percent(100 * share.count / total, 0, language) if total else "–"
        body.append(
            element(
                "g",
                text(share.label, left + named - 12, y + 17, text_anchor="end"),
                element(
                    "rect",
                    x=left + named,
                    y=y + 4,
                    width=bar,
                    height=18,
                    rx=2,
                    fill=FILLS[0],
                    class_="chart-part-1",
                ),
                element(
                    "text",
                    element("tspan", escape(percent), font_weight=600),
                    element(
                        "tspan",
                        f"n = {write_count(share.count, language)}",
                        dx=8,
                        font_size=11,
                        class_="chart-tick",
                    ),
                    x=left + named + bar + 8,
                    y=y + 17,
                ),
            )
        )
    return document(
        body,
        width=width,
        height=16 + row * len(shares),
        name=name,
        title=title,
        description=description,
        class_="chart-narrow" if width < 500 else "chart-wide",
    )


def write_days(hours: float, language: str = "nb") -> str:
    """A time in the unit that people would say it in: "5,5 timer", "2,3 døgn"."""
    if hours < 36:
        unit = {"en": "hours", "nb": "timer"}
        return (
            f"{write_decimal(hours, 1, language)}\u00a0{unit['en' if language == 'en' else 'nb']}"
        )
    unit = {"en": "days", "nb": "døgn"}
    days = write_decimal(hours / HOURS_A_DAY, 1, language)
    return f"{days}\u00a0{unit['en' if language == 'en' else 'nb']}"
