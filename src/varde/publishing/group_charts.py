"""Charts of prescribing reports that show many at once: a group's dots without names, and what was chosen among drugs."""

from __future__ import annotations

from collections.abc import Sequence

from varde.prescribing.reports import Choice, Figure, Mark, Panel
from varde.publishing.axes import Axis, find_top
from varde.publishing.lettering import shorten, width_of, wrap
from varde.publishing.report_charts import (
    GAP,
    GRID,
    INK,
    MARK,
    QUIET,
    SIZE,
    SMALL,
    draw_mark,
    say,
)
from varde.publishing.svg import document, element, points, text

FILLS = ("#0b5c7a", "#8fb8c9", "#48616c", "#cfdde3", "#17303b", "#a9c3a0")
HEAD = 62.0
"""How wide the name over the second column may be."""
LINE = 10.0
SIGNS = 38.0
"""How far down the signs stand on their lines."""
"""Dark and light by turns, so that neighbours differ in black and white."""
DOTS_HIGH = 34.0
DOT = 3.0


def draw_dots(panel: Panel, language: str, *, name: str, width: float = 300.0) -> str:
    """A peer group as dots on one axis, stacked where they are alike. Nobody has a name; the reader's own dot is filled
    and named, in the reader's own report alone. Every figure that the panel speaks of has a line and a name: the group's
    own above the dots; the others have the signs of their roles on their lines, and in rows with their names below."""
    dots = panel.dots
    values = dots.values if dots else ()
    marks = panel.marks
    known = [mark.figure.value for mark in marks if mark.figure.value is not None]
    top = find_top([*values, *known], (), percent=panel.percent)
    axis = Axis(top=top, start=6.0, length=width - 12.0, percent=panel.percent)
    base = 34.0 + DOTS_HIGH
    aims = [mark.figure.value for mark in marks if mark.role != "own"]
    body = [
        _direction(panel, language, width),
        _say_dots(panel, language, width),
        _base(axis, base, language, [axis.place(aim) for aim in aims if aim is not None]),
    ]
    for row, mark in enumerate(marks):
        if row:
            body.append(
                _signed_line(mark, axis, (SIGNS, base), base + LINE * row + 11, language, width)
            )
        else:
            body.append(_named_line(mark, axis, 21.0, (24.0, base), language, width))
    places = _stack([axis.place(value) for value in values])
    if dots is not None and dots.own is not None:
        body.extend(_name_own(say(panel.own_dot, language), places[dots.own], base, width))
    for index, (x, up) in enumerate(places):
        own = dots is not None and index == dots.own
        body.append(_dot(x, base - DOT - 1 - up, own))
    return document(
        body,
        width=width,
        height=base + LINE * max(len(marks) - 1, 1) + 15,
        name=name,
        title=say(panel.title, language),
        description=say(panel.dots_description, language),
        class_="report-chart",
    )


def _direction(panel: Panel, language: str, width: float) -> str:
    words = say(panel.good_words, language)
    if panel.good == "higher":
        words = f"{words} →"
        start = width - width_of(words, SMALL)
    else:
        words, start = (f"← {words}" if panel.good == "lower" else words), 0.0
    return text(words, start, 8.5, font_size=SMALL, fill=QUIET, class_="chart-good")


def _say_dots(panel: Panel, language: str, width: float) -> str:
    """What a dot is, on the line of the direction, at its other end."""
    words = say(panel.dots_title, language)
    start = 0.0 if panel.good == "higher" else width - width_of(words, SMALL)
    return text(words, start, 8.5, font_size=SMALL, fill=QUIET, class_="chart-good")


def _base(axis: Axis, y: float, language: str, crossing: Sequence[float]) -> str:
    """The axis; a tick that a line crosses has no label."""
    line = {"x1": axis.place(0.0), "x2": axis.place(axis.top), "y1": y, "y2": y}
    marks = [element("line", **line, stroke=QUIET, stroke_width=0.8)]
    for index, value in enumerate(axis.ticks()):
        words = axis.write(value, language)
        room = width_of(words, SMALL)
        start = axis.place(value) + (-4, -room / 2, 4 - room)[index]
        if not any(start - 3 < x < start + room + 3 for x in crossing):
            marks.append(
                text(words, start, y + 10, font_size=SMALL, fill=QUIET, class_="chart-tick")
            )
    return element("g", *marks)


def _signed_line(
    mark: Mark, axis: Axis, ends: tuple[float, float], y: float, language: str, width: float
) -> str:
    """A line through the dots with the sign of its role, which stands before its name in a row below."""
    between = ": " if mark.figure.value is None else " "  # a word is no figure
    shown = f"{between}{say(mark.figure.shown, language)}"
    start = axis.start + 8
    room = width - start - width_of(shown, SIZE)
    said = shorten(say(mark.name, language), SIZE, room) + shown
    row = text(said, start, y, font_size=SIZE, fill=INK, class_="chart-value")
    sign = draw_mark(mark.role, axis.start, y - 3)
    if mark.figure.value is None:
        return row
    x = axis.place(mark.figure.value)
    across = {"x1": x, "x2": x, "y1": ends[0], "y2": ends[1]}
    line = element("line", **across, stroke=INK, stroke_width=0.9, stroke_dasharray="2 2")
    return element("g", line, draw_mark(mark.role, x, ends[0]), sign, row)


def _named_line(
    mark: Mark, axis: Axis, y: float, ends: tuple[float, float], language: str, width: float
) -> str:
    """A line through the dots, named in a row of its own."""
    if mark.figure.value is None:
        return _label(
            f"{say(mark.name, language)}: {say(mark.figure.shown, language)}", 0.0, y, width
        )
    x = axis.place(mark.figure.value)
    own = mark.role == "own"
    line = element(
        "line",
        x1=x,
        x2=x,
        y1=ends[0],
        y2=ends[1],
        stroke=MARK if own else INK,
        stroke_width=1.4 if own else 0.9,
        stroke_dasharray=None if own else "2 2",
    )
    shown = f" {say(mark.figure.shown, language)}"
    room = width - width_of(shown, SIZE, bold=own)
    words = shorten(say(mark.name, language), SIZE, room, bold=own) + shown
    return element("g", line, _label(words, x, y, width, bold=own))


def _label(words: str, x: float, y: float, width: float, *, bold: bool = False) -> str:
    """Words around a place, inside the picture."""
    words = shorten(words, SIZE, width, bold=bold)
    room = width_of(words, SIZE, bold=bold)
    start = min(max(x - room / 2, 0.0), max(width - room, 0.0))
    weight = {"font_weight": 600} if bold else {}
    return text(words, start, y, font_size=SIZE, fill=INK, class_="chart-value", **weight)


def _dot(x: float, y: float, own: bool) -> str:
    if own:
        return element("circle", cx=x, cy=y, r=DOT, fill=INK, class_="chart-own")
    return element(
        "circle",
        cx=x,
        cy=y,
        r=DOT - 0.5,
        fill="#fff",
        stroke=MARK,
        stroke_width=1,
        class_="chart-one",
    )


def _name_own(words: str, place: tuple[float, float], base: float, width: float) -> list[str]:
    """The reader's name above all dots, and a line down to the reader's."""
    x, up = place
    line = {"x1": x, "x2": x, "y1": 33.5, "y2": base - DOT - 1 - up}
    return [
        element("line", **line, stroke=INK, stroke_width=0.6),
        _label(words, x, 31.0, width, bold=True),
    ]


def _stack(places: Sequence[float]) -> list[tuple[float, float]]:
    """Each dot's place, and how far up it lies so that it covers no other: as long as there is room for all."""
    levels: list[int] = []
    last: list[float] = []
    for x in places:
        level = next((index for index, end in enumerate(last) if x - end >= 2 * DOT), len(last))
        if level == len(last):
            last.append(x)
        last[level] = x
        levels.append(level)
    step = min(2 * DOT, (DOTS_HIGH - 2 * DOT) / max(max(levels, default=0), 1))
    return [(x, step * level) for x, level in zip(places, levels, strict=True)]


def draw_choice(choice: Choice, language: str, *, name: str, width: float = 240.0) -> str:
    """Shares of a choice among drugs: a column for the reader and one beside, and each drug's name with both figures."""
    high, column = 96.0, 28.0
    lefts = (0.0, column + 20.0)
    heads = (say(choice.own_name, language), say(choice.other_name, language))
    # The whole names stand above, each over its column; the figures at the right are in the same order.
    columns = [
        wrap(words, SMALL, room, bold=True)
        for words, room in zip(heads, (lefts[1] - 3, HEAD), strict=True)
    ]
    beside = wrap(" / ".join(heads), SMALL, width - lefts[1] - HEAD - GAP, bold=True)
    lines = max(map(len, (*columns, beside)))
    top = 9.0 * lines + 5.0
    body = [
        _head(words, x, 8.5 + 9 * (lines - len(some) + row), anchor)
        for some, x, anchor in (
            (columns[0], 0.0, "start"),
            (columns[1], lefts[1], "start"),
            (beside, width, "end"),
        )
        for row, words in enumerate(some)
    ]
    own = _heights([part.own for part in choice.parts], top, high)
    other = _heights([part.other for part in choice.parts], top, high)
    for index in range(len(choice.parts)):
        fill = FILLS[index % len(FILLS)]
        for (begin, end), x in ((own[index], lefts[0]), (other[index], lefts[1])):
            body.append(_block(x, begin, end, column, fill))
        body.append(_joint(own[index], other[index], column, lefts[1]))
    room = lefts[1] + column + 14
    wanted = [(begin + end) / 2 for begin, end in other]
    for index, y in enumerate(spread(wanted, 9.5, (top + 3, top + high - 1))):
        part = choice.parts[index]
        body.append(
            element(
                "polyline",
                points=points([(room - 13, wanted[index]), (room - 7, y), (room - 3, y)]),
                fill="none",
                stroke=QUIET,
                stroke_width=0.7,
            )
        )
        figures = f"{say(part.own.shown, language)} / {say(part.other.shown, language)}"
        body.append(_part_label(say(part.name, language), figures, room, y + 2.8, width))
    return document(
        body,
        width=width,
        height=top + high + 6,
        name=name,
        title=say(choice.title, language),
        description=say(choice.description, language),
        class_="report-chart",
    )


def _head(words: str, x: float, y: float, anchor: str) -> str:
    return text(
        words,
        x,
        y,
        text_anchor=anchor,
        font_size=SMALL,
        fill=INK,
        font_weight=600,
        class_="chart-name",
    )


def _heights(figures: Sequence[Figure], top: float, high: float) -> list[tuple[float, float]]:
    """From where to where each part of a column goes, the first at the top."""
    places, y = [], top
    for figure in figures:
        end = min(y + high * (figure.value or 0.0) / 100, top + high)
        places.append((y, end))
        y = end
    return places


def _block(x: float, begin: float, end: float, width: float, fill: str) -> str:
    return element(
        "rect",
        x=x,
        y=begin,
        width=width,
        height=max(end - begin, 0.0),
        fill=fill,
        stroke="#fff",
        stroke_width=0.6,
        class_="chart-part",
    )


def _joint(own: tuple[float, float], other: tuple[float, float], column: float, x: float) -> str:
    corners = [(column, own[1]), (x, other[1])]
    return element("polyline", points=points(corners), fill="none", stroke=GRID, stroke_width=0.8)


def _part_label(words: str, figures: str, x: float, y: float, width: float) -> str:
    room = width - x - width_of(figures, SMALL, bold=True) - GAP
    return element(
        "g",
        text(shorten(words, SMALL, room), x, y, font_size=SMALL, fill=INK, class_="chart-name"),
        text(
            figures,
            width,
            y,
            text_anchor="end",
            font_size=SMALL,
            font_weight=600,
            fill=INK,
            class_="chart-value",
        ),
    )


def spread(wanted: Sequence[float], apart: float, within: tuple[float, float]) -> list[float]:
    """Places as near as may be to those wanted, in the same order, so far apart, within bounds.

    Neighbours that are too near are one block around the mean of what they want (pooling of adjacent violators). Where
    there is not room for all, they stand as far apart as there is room for.
    """
    count = len(wanted)
    if count > 1:
        apart = min(apart, (within[1] - within[0]) / (count - 1))
    blocks: list[tuple[float, int]] = []
    for index, one in enumerate(wanted):
        blocks.append((one - apart * index, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (first, many), (second, few) = blocks[-2], blocks[-1]
            blocks[-2:] = [((first * many + second * few) / (many + few), many + few)]
    low, high = within[0], within[1] - apart * max(count - 1, 0)
    places = [min(max(mean, low), high) for mean, many in blocks for _ in range(many)]
    return [place + apart * index for index, place in enumerate(places)]
