"""Charts of disclosed tables, drawn as SVG: share resistant by antibiotic, and over time.

Only what disclosure control let through can be drawn, because that is all a chart is given. What
could not be computed stands there as words; it is never drawn as nought. Every value is also
written out, so that no chart depends on colour.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from math import ceil
from xml.sax.saxutils import escape

import msgspec

from varde.publishing.disclosure import Disclosed, Status
from varde.publishing.numbers import write_count, write_interval, write_percent
from varde.publishing.svg import document, element, points, text, unbroken

Scale = Callable[[float], float]
"""From a percentage to a height in the picture."""

INK = "#24414d"
MARK = "#0b5c7a"
BAND = "#9fc3d4"
GRID = "#c8d3d8"


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """A chart's texts in the reader's language.

    Attributes:
        title: what the chart is.
        axis: the name of the value axis.
        status: the words for each status that has no percentage; "{n}" is replaced by the count,
            "{limit}" by the small-cell limit.
        extremes: the description, with {low_name} {low} {high_name} {high}; used when at least
            one row has a percentage.
        nothing: the description when no row has one.
        unfinished: said of a period that may still get more isolates.
        language: "nb" or "en"; decides how numbers are written.
    """

    title: str
    axis: str
    status: Mapping[Status, str]
    extremes: str
    nothing: str
    unfinished: str = ""
    language: str = "nb"


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """The measures of a bar chart, in units of its viewBox; `stacked` puts names above bars.

    `left` is the room for names: as much as they need, up to this.
    """

    width: float
    left: float
    right: float
    row: float
    stacked: bool


WIDE = Shape(width=600, left=230, right=110, row=38, stacked=False)
NARROW = Shape(width=330, left=2, right=8, row=46, stacked=True)


def sort_rows(rows: Sequence[Disclosed], names: Mapping[str, str]) -> list[Disclosed]:
    """Least resistant first; rows without a percentage last, by name."""
    return sorted(
        rows,
        key=lambda row: (row.percent_r is None, row.percent_r or 0.0, names.get(row.key, row.key)),
    )


def draw_resistance(
    rows: Sequence[Disclosed],
    names: Mapping[str, str],
    words: Words,
    *,
    name: str = "resistance",
    shape: Shape = WIDE,
) -> str:
    """Share resistant by antibiotic: a bar, a dot, a 95 % whisker, and the numbers in words.

    Args:
        rows: the disclosed table; drawn least resistant first.
        names: what to call each row's key.
        words: the texts.
        name: an id that is unique on the page.
        shape: `WIDE`, or `NARROW` for a telephone.
    """
    top = 48.0
    ordered = sort_rows(rows, names)
    shape = _fit_names(shape, [names.get(row.key, row.key) for row in ordered])
    highest = max(_round_up(max((row.high or 0.0 for row in ordered), default=0.0)), 20.0)
    length = (shape.width - shape.left - shape.right) / highest

    def along(share: float) -> float:
        return shape.left + share * length

    height = top + shape.row * len(ordered) + 8
    body = [_value_axis(along, highest, (top, height - 8), words)]
    for index, row in enumerate(ordered):
        y = top + shape.row * index
        body.append(_bar_row(row, names.get(row.key, row.key), y, along, shape, words))
    return document(
        body,
        width=shape.width,
        height=height,
        name=name,
        title=words.title,
        description=_describe(ordered, names, words),
        class_="chart-narrow" if shape.stacked else "chart-wide",
    )


def _fit_names(shape: Shape, names: Sequence[str]) -> Shape:
    """No more room for names than they need; a letter is about seven units wide."""
    if shape.stacked:
        return shape
    needed = 16 + 7.2 * max((len(name) for name in names), default=0)
    return msgspec.structs.replace(shape, left=min(shape.left, needed))


def _value_axis(along: Scale, highest: float, down: tuple[float, float], words: Words) -> str:
    top, bottom = down
    marks = [text(words.axis, along(0), 14, class_="chart-axis-name", font_weight=500)]
    for part in range(5):
        share = highest * part / 4
        x = along(share)
        line = {"x1": x, "x2": x, "y1": top - 4, "y2": bottom}
        marks.append(element("line", **line, stroke=GRID, stroke_width=1, class_="chart-grid"))
        anchor = ("start", "middle", "middle", "middle", "end")[part]
        label = write_percent(share, 0, words.language)
        marks.append(
            text(label, x, top - 10, text_anchor=anchor, font_size=11, class_="chart-tick")
        )
    return element("g", *marks)


def _bar_row(row: Disclosed, name: str, y: float, along: Scale, shape: Shape, words: Words) -> str:
    middle = y + (32.0 if shape.stacked else shape.row / 2)
    baseline = y + 19.0 if shape.stacked else middle + 4.5
    label = (
        {"text_anchor": "start", "font_weight": 500} if shape.stacked else {"text_anchor": "end"}
    )
    label_x = shape.left if shape.stacked else shape.left - 12
    return element(
        "g",
        text(name, label_x, baseline, class_="chart-name", **label),
        *_marks(row, middle, along),
        _row_words(row, middle, baseline, along, shape, words),
        class_=f"chart-row {row.status}",
    )


def _row_words(
    row: Disclosed, middle: float, baseline: float, along: Scale, shape: Shape, words: Words
) -> str:
    """The numbers at the row's end; for a row without a share, the reason in place of the bar."""
    if row.percent_r is None:
        missing = status_words(row, words)
        return text(missing, along(0) + 8, middle + 4.5, class_="chart-missing", font_size=12)
    if shape.stacked:
        x, y, anchor = shape.width - shape.right, baseline, "end"
    else:
        x, y, anchor = shape.width - shape.right + 12, baseline, "start"
    said = write_percent(row.percent_r, 1, words.language)
    count = f"n = {write_count(row.n or 0, words.language)}"
    return element(
        "text",
        element("tspan", said, font_weight=600),
        element("tspan", count, dx=8, font_size=11, class_="chart-tick"),
        x=x,
        y=y,
        text_anchor=anchor,
        class_="chart-value",
    )


def _marks(row: Disclosed, y: float, along: Scale) -> list[str]:
    if row.percent_r is None or row.low is None or row.high is None:
        return []
    zero, x, low, high = (along(share) for share in (0, row.percent_r, row.low, row.high))
    bar = {"x": zero, "y": y - 6, "width": max(x - zero, 0.5), "height": 12, "rx": 2}
    line = f"M{low:.1f} {y - 5:.1f}v10M{low:.1f} {y:.1f}H{high:.1f}M{high:.1f} {y - 5:.1f}v10"
    return [
        element("rect", **bar, fill=BAND, class_="chart-bar"),
        element("path", d=line, stroke=INK, stroke_width=1.5, fill="none", class_="chart-whisker"),
        element("circle", cx=x, cy=y, r=4.5, fill=MARK, class_="chart-dot"),
    ]


def status_words(row: Disclosed, words: Words) -> str:
    """What stands in place of a percentage: never a nought."""
    n = "" if row.n is None else write_count(row.n, words.language)
    return words.status.get(row.status, "").format(n=n, limit=row.limit)


def _describe(rows: Sequence[Disclosed], names: Mapping[str, str], words: Words) -> str:
    known = [row for row in rows if row.percent_r is not None]
    if not known:
        return words.nothing
    low = min(known, key=lambda row: row.percent_r or 0.0)
    high = max(known, key=lambda row: row.percent_r or 0.0)
    return words.extremes.format(
        low_name=names.get(low.key, low.key),
        low=write_percent(low.percent_r or 0.0, 1, words.language),
        high_name=names.get(high.key, high.key),
        high=write_percent(high.percent_r or 0.0, 1, words.language),
    )


def draw_trend(
    rows: Sequence[Disclosed],
    names: Mapping[str, str],
    words: Words,
    *,
    unfinished: Collection[str] = (),
    name: str = "trend",
    width: float = 760.0,
) -> str:
    """Share resistant over time: a line with its 95 % ribbon, broken where a period has no share.

    A period that is not over is marked with a ring in place of a dot, and with words.

    Args:
        rows: one disclosed row for each period, in order of time.
        names: what to call each period.
        words: the texts.
        unfinished: keys of periods that are not over.
        name: an id that is unique on the page.
        width: of the viewBox; 340 for a telephone.
    """
    left, right, top, height = 44.0, 16.0, 28.0, 300.0
    bottom = 60.0 if unfinished else 46.0
    highest = _round_up(max((row.high or 0.0 for row in rows), default=0.0))
    step = (width - left - right) / max(len(rows), 1)
    places = {row.key: left + step * (index + 0.5) for index, row in enumerate(rows)}

    def up(share: float) -> float:
        return height - bottom - (height - top - bottom) * share / highest

    body = [_trend_axis(words, highest, up, (left, width - right))]
    for run in unbroken(rows, lambda row: row.percent_r is not None):
        body.extend(_ribbon_and_line(run, places, up))
    every = max(1, ceil(len(rows) * 64 / (width - left)))
    for index, row in enumerate(rows):
        body.append(_trend_mark(row, places[row.key], up, words, row.key in unfinished))
        if row.key in unfinished:
            body.append(_unfinished_words(words, places[row.key], height - bottom, width))
        if (len(rows) - 1 - index) % every == 0:
            body.append(_period_words(row, names, places[row.key], height - bottom, words))
    return document(
        body,
        width=width,
        height=height,
        name=name,
        title=words.title,
        description=_describe(rows, names, words),
        class_="chart-narrow" if width < 500 else "chart-wide",
    )


def _trend_axis(words: Words, highest: float, up: Scale, across: tuple[float, float]) -> str:
    marks = [text(words.axis, 2, 12, font_weight=500, class_="chart-axis-name")]
    for part in range(5):
        share = highest * part / 4
        y = up(share)
        marks.append(
            element(
                "line",
                x1=across[0],
                x2=across[1],
                y1=y,
                y2=y,
                stroke=GRID,
                stroke_width=1,
                class_="chart-grid",
            )
        )
        places = 0 if (highest / 4).is_integer() else 1
        label = write_percent(share, places, words.language)
        marks.append(
            text(label, across[0] - 6, y + 4, text_anchor="end", font_size=11, class_="chart-tick")
        )
    return element("g", *marks)


def _ribbon_and_line(run: Sequence[Disclosed], places: Mapping[str, float], up: Scale) -> list[str]:
    if len(run) < 2:
        return []
    upper = [(places[row.key], up(row.high or 0.0)) for row in run]
    lower = [(places[row.key], up(row.low or 0.0)) for row in reversed(run)]
    line = [(places[row.key], up(row.percent_r or 0.0)) for row in run]
    return [
        element("polygon", points=points(upper + lower), fill=BAND, class_="chart-ribbon"),
        element(
            "polyline",
            points=points(line),
            fill="none",
            stroke=MARK,
            stroke_width=2.5,
            stroke_linejoin="round",
            class_="chart-line",
        ),
    ]


def _trend_mark(row: Disclosed, x: float, up: Scale, words: Words, unfinished: bool) -> str:
    if row.percent_r is None or row.low is None or row.high is None:
        return ""
    said = write_percent(row.percent_r, 1, words.language)
    interval = write_interval(row.low, row.high, 1, words.language)
    told = f"{said} ({interval}), n = {write_count(row.n or 0, words.language)}"
    if unfinished:
        told = f"{told}, {words.unfinished}"
    return element(
        "g",
        element("title", escape(told)),
        element(
            "path",
            d=f"M{x:.1f} {up(row.low):.1f}V{up(row.high):.1f}",
            stroke=INK,
            stroke_width=1.5,
            class_="chart-whisker",
        ),
        _ring(x, up(row.percent_r))
        if unfinished
        else element("circle", cx=x, cy=up(row.percent_r), r=4.5, fill=MARK, class_="chart-dot"),
    )


def _ring(x: float, y: float) -> str:
    return element(
        "circle", cx=x, cy=y, r=4.5, fill="#fff", stroke=MARK, stroke_width=2, class_="chart-ring"
    )


def _unfinished_words(words: Words, x: float, y: float, width: float) -> str:
    """Under the period; at the picture's edge the words end there."""
    half = 3.2 * len(words.unfinished)
    over = x + half > width
    return text(
        words.unfinished,
        width - 2 if over else x,
        y + 50,
        text_anchor="end" if over else "middle",
        font_size=11,
        class_="chart-missing",
    )


def _period_words(
    row: Disclosed, names: Mapping[str, str], x: float, y: float, words: Words
) -> str:
    known = row.percent_r is not None and row.n is not None
    below = f"n = {write_count(row.n or 0, words.language)}" if known else status_words(row, words)
    return element(
        "g",
        text(names.get(row.key, row.key), x, y + 18, text_anchor="middle", font_size=12),
        text(
            below,
            x,
            y + 34,
            text_anchor="middle",
            font_size=11,
            class_="chart-tick" if known else "chart-missing",
        ),
    )


def _round_up(share: float) -> float:
    """The smallest comfortable top of an axis that holds `share` percent."""
    for top in (4, 8, 12, 20, 40, 60, 80, 100):
        if share <= top:
            return float(top)
    return 100.0
