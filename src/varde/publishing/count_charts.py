"""Charts of disclosed counts, drawn as SVG: how many in each period or group. What is hidden is never drawn as nought:
it is a striped stub with words, and what is not computable or not published is a gap with words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil, floor, log10
from xml.sax.saxutils import escape

import msgspec

from varde.publishing.counts import HIDDEN, Figure
from varde.publishing.numbers import write_count, write_decimal
from varde.publishing.svg import document, element, text

Scale = Callable[[float], float]
"""From a number to a height in the picture."""

MARK, GRID, INK = "#0b5c7a", "#c8d3d8", "#24414d"
EDGE = "#b3560b"
LETTER = 7.2
"""About so wide is a letter of a name."""


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """One period or group.

    Attributes:
        label: its name.
        figure: how many.
        unfinished: the period is not over.
        mark: what began here (another case definition); empty for nothing.
    """

    label: str
    figure: Figure
    unfinished: bool = False
    mark: str = ""


class BarWords(msgspec.Struct, frozen=True, kw_only=True):
    """A chart's texts.

    Attributes:
        axis: what is counted.
        fewer: of a suppressed number, with {limit}: "< {limit}".
        hidden, missing: of a protected one; of one that is not computable or not published.
        unfinished: of a period that is not over.
    """

    title: str
    description: str
    axis: str
    fewer: str
    hidden: str
    missing: str
    unfinished: str = ""
    language: str = "nb"


def write_figure(figure: Figure, words: BarWords) -> str:
    """A number, or why there is none."""
    if figure.value is not None:
        if isinstance(figure.value, float):
            return write_decimal(figure.value, 1, words.language)
        return write_count(figure.value, words.language)
    if figure.status == "suppressed":
        return words.fewer.format(limit=figure.limit)
    return words.hidden if figure.status in HIDDEN else words.missing


def draw_counts(
    bars: Sequence[Bar],
    words: BarWords,
    *,
    name: str,
    width: float = 760.0,
    height: float = 260.0,
) -> str:
    """How many in each period: a column each.

    Args:
        bars: in order of time.
        name: an id that is unique on the page.
        width: of the viewBox; 340 for a telephone, less for small multiples.
    """
    left, right, top, bottom = 44.0, 6.0, 34.0, 28.0
    highest = _round_up(max((float(bar.figure.value or 0) for bar in bars), default=0.0))
    step = (width - left - right) / max(len(bars), 1)

    def up(value: float) -> float:
        return height - bottom - (height - top - bottom) * value / highest

    body = [draw_stripes(name), text(words.axis, 2, 14, font_weight=500, class_="chart-axis-name")]
    for part in range(3):
        value = highest * part / 2
        line = {"x1": left, "x2": width - right, "y1": up(value), "y2": up(value)}
        body.append(element("line", **line, stroke=GRID, stroke_width=1, class_="chart-grid"))
        said = write_decimal(value, 0 if value == int(value) else 1, words.language)
        body.append(
            text(
                said, left - 6, up(value) + 4, text_anchor="end", font_size=11, class_="chart-tick"
            )
        )
    every = max(1, ceil(len(bars) * 38 / (width - left)))
    for index, bar in enumerate(bars):
        x = left + step * index
        body.append(_column(bar, x, step, up, words, name, top))
        if (len(bars) - 1 - index) % every == 0:
            label = {"text_anchor": "middle", "font_size": 11}
            body.append(text(bar.label, min(x + step / 2, width - 16), height - 10, **label))
    return document(
        body,
        width=width,
        height=height,
        name=name,
        title=words.title,
        description=words.description,
        class_="chart-narrow" if width == 340 else "chart-wide" if width > 340 else "chart-small",
    )


def _column(
    bar: Bar, x: float, step: float, up: Scale, words: BarWords, name: str, top: float
) -> str:
    gap = min(6.0, step * 0.2)
    said = write_figure(bar.figure, words)
    told = f"{bar.label}: {said}" + (f", {words.unfinished}" if bar.unfinished else "")
    told += f". {bar.mark}" if bar.mark else ""
    across = {"x": x + gap / 2, "width": max(step - gap, 1.0)}
    parts = [element("title", escape(told))]
    # The whole height answers to the pointer: an empty column is told of as well.
    parts.append(
        element(
            "rect", x=x, y=top, width=step, height=up(0) - top, fill="none", pointer_events="all"
        )
    )
    if bar.figure.value:
        y = up(float(bar.figure.value))
        look: dict[str, object] = {"fill": MARK, "class_": "chart-part-1"}
        if bar.unfinished:
            look = {
                "fill": "none",
                "stroke": MARK,
                "stroke_width": 1.5,
                "stroke_dasharray": "4 2",
                "class_": "chart-line",
            }
        parts.append(element("rect", **across, y=y, height=max(up(0) - y, 1.0), **look))
    elif bar.figure.status in HIDDEN:
        stub = {"fill": f"url(#{name}-stripes)", "stroke": EDGE, "class_": "chart-edge-3"}
        parts.append(element("rect", **across, y=up(0) - 9, height=9, **stub))
    elif bar.figure.value is None:
        parts.append(
            text("–", x + step / 2, up(0) - 4, text_anchor="middle", class_="chart-missing")
        )
    if bar.mark:
        line = {"x1": x, "x2": x, "y1": top, "y2": up(0)}
        parts.append(
            element("line", **line, stroke=INK, stroke_dasharray="3 3", class_="chart-whisker")
        )
    return element("g", *parts)


def draw_groups(bars: Sequence[Bar], words: BarWords, *, name: str, width: float = 760.0) -> str:
    """How many in each group: a bar along the row, with its number in words.

    Args:
        bars: in the order in which they are to be read.
    """
    stacked = width < 420
    row, top, right = (44.0 if stacked else 30.0), 26.0, 92.0
    named = (
        2.0
        if stacked
        else min(16 + LETTER * max((len(b.label) for b in bars), default=0), 0.5 * width)
    )
    highest = _round_up(max((float(bar.figure.value or 0) for bar in bars), default=0.0))
    length = (width - named - right) / highest
    body = [
        draw_stripes(name),
        text(words.axis, named, 14, font_weight=500, class_="chart-axis-name"),
    ]
    for index, bar in enumerate(bars):
        y = top + row * index
        middle = y + (24.0 if stacked else 4.0)
        wide = max(float(bar.figure.value or 0) * length, 0.8 if bar.figure.value else 0.0)
        look: dict[str, object] = {"fill": MARK, "class_": "chart-part-1"}
        if bar.figure.status in HIDDEN:
            wide = 9.0
            look = {"fill": f"url(#{name}-stripes)", "stroke": EDGE, "class_": "chart-edge-3"}
        place = (
            {"x": named, "y": y + 16}
            if stacked
            else {"x": named - 12, "y": middle + 14, "text_anchor": "end"}
        )
        parts = [
            text(_fitted(bar.label, width if stacked else named), **place, class_="chart-name")
        ]
        if wide:
            parts.append(element("rect", x=named, y=middle, width=wide, height=16, rx=2, **look))
        shown = bar.figure.value is not None
        parts.append(
            text(
                write_figure(bar.figure, words),
                named + wide + 8,
                middle + 13,
                font_size=12,
                font_weight=600 if shown else None,
                class_="chart-value" if shown else "chart-missing",
            )
        )
        body.append(element("g", *parts))
    return document(
        body,
        width=width,
        height=top + row * len(bars) + 8,
        name=name,
        title=words.title,
        description=words.description,
        class_="chart-narrow" if stacked else "chart-wide",
    )


def _fitted(label: str, room: float) -> str:
    """As much of a name as there is room for; the table beside the chart has it whole."""
    most = int(room / LETTER)
    return label if len(label) <= most else f"{label[: most - 1].rstrip()}…"


def draw_stripes(name: str) -> str:
    """Stripes for what is hidden: it must not look like a number."""
    lines = "M-1 1l2-2M0 6L6 0M5 7l2-2"
    return element(
        "defs",
        element(
            "pattern",
            element("path", d=lines, stroke=EDGE, stroke_width=1.2, class_="chart-edge-3"),
            id=f"{name}-stripes",
            width=6,
            height=6,
            patternUnits="userSpaceOnUse",
        ),
    )


def _round_up(value: float) -> float:
    """The smallest comfortable top of an axis that holds the value."""
    if value <= 4:
        return 4.0
    size = 10.0 ** floor(log10(value))
    return next(size * top for top in (1, 2, 4, 6, 8, 10) if size * top >= value)
