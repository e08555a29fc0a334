"""Disclosed counts on a map, drawn as SVG: a mark for each place, on the outline of the land.

How many is told by area and in words. What is hidden is a striped square, never a circle, nought is a small ring: shape
tells them apart, colour never alone. Every mark has its name and number as a title; a table beside it must say the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import sqrt
from typing import NamedTuple
from xml.sax.saxutils import escape

import msgspec

from varde.publishing.count_charts import BarWords, draw_stripes, write_figure
from varde.publishing.counts import HIDDEN, Figure
from varde.publishing.svg import document, element, points, text

MARK, EDGE, LAND, COAST, INK = "#0b5c7a", "#b3560b", "#eef2f0", "#9fb0ad", "#24414d"
LARGEST, SMALLEST, HALF = 30.0, 3.0, 5.0
"""Radius of the largest and the least circle; half the side of a square."""
LETTER, LINE = 6.6, 14.0
"""About so wide and high is a letter of a name."""
MANY = 60
"""Of more places than these, those without a number have no name on the map."""
Ring = Sequence[tuple[float, float]]


class Spot(msgspec.Struct, frozen=True, kw_only=True):
    """One place.

    Attributes:
        label: its name.
        x, y: on the plane of `varde.codes.places`, in kilometres; y grows northwards.
        figure: how many.
        own: whether it is the reader's own, and marked as that.
    """

    label: str
    x: float
    y: float
    figure: Figure
    own: bool = False


class MapWords(msgspec.Struct, frozen=True, kw_only=True):
    """A map's texts.

    Attributes:
        figures: how numbers are written, and what is said where there is none.
        nought, hidden: what the marks mean, in the legend.
        inset: what the small map shows.
    """

    title: str
    description: str
    figures: BarWords
    nought: str
    hidden: str
    inset: str


class Frame(NamedTuple):
    """The part of the plane that is drawn: kilometres, and pixels for one of them."""

    left: float
    bottom: float
    right: float
    top: float
    scale: float

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a point stands in the picture."""
        return (x - self.left) * self.scale, (self.top - y) * self.scale

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the picture."""
        return (self.right - self.left) * self.scale, (self.top - self.bottom) * self.scale


def draw_map(
    spots: Sequence[Spot],
    land: Sequence[Ring],
    words: MapWords,
    *,
    name: str,
    width: float = 760.0,
    inset: Sequence[Ring] = (),
) -> str:
    """A map of the places, no larger than they need.

    Args:
        land: outlines, in kilometres; what lies outside the picture is left out.
        name: an id that is unique on the page.
        width: of the viewBox; 340 for a telephone.
        inset: outlines of the whole country, drawn small, with a frame where the map is.
    """
    frame = _frame(spots, width)
    height = frame.size[1]
    most = max((float(spot.figure.value or 0) for spot in spots), default=0.0)
    body = [draw_stripes(name), *_land(land, frame)]
    ordered = sorted(spots, key=lambda spot: (spot.own, -_radius(spot, most, width)))
    # The largest lie below, so that none is under another; the own one lies above all.
    body += [_spot(spot, frame, most, words, name, width) for spot in ordered]
    body += _names(spots, frame, most, width)
    hides = any(spot.figure.status in HIDDEN for spot in spots)
    body += _legend(words, name, height, most, width, hides)
    if inset:
        body.append(_inset(inset, frame, words, width))
    return document(
        body,
        width=width,
        height=height + (46 if width >= 420 else 66),
        name=name,
        title=words.title,
        description=words.description,
        class_="chart-map " + ("chart-narrow" if width < 420 else "chart-wide"),
    )


def _frame(spots: Sequence[Spot], width: float) -> Frame:
    """Around the places with room for their circles and names: never less than 60 km, never flatter than 4:3."""
    xs, ys = [spot.x for spot in spots] or [0.0], [spot.y for spot in spots] or [0.0]
    left, right, bottom, top = min(xs), max(xs), min(ys), max(ys)
    across = max(right - left, 0.62 * (top - bottom), 40.0) * 1.24 + 12
    high = max(top - bottom, 30.0) * 1.16 + 12
    high = max(high, across * 0.72)
    middle, centre = (left + right) / 2, (bottom + top) / 2
    return Frame(
        middle - across / 2,
        centre - high / 2,
        middle + across / 2,
        centre + high / 2,
        width / across,
    )


def _land(rings: Sequence[Ring], frame: Frame) -> Iterator[str]:
    width, height = frame.size
    yield element("rect", x=0, y=0, width=width, height=height, fill="none", class_="map-sea")
    for ring in rings:
        drawn = _clip([frame.at(x, y) for x, y in ring], width, height)
        if len(drawn) > 2:
            yield element(
                "polygon",
                points=points(_coarser(drawn)),
                fill=LAND,
                stroke=COAST,
                stroke_width=0.6,
                class_="map-land",
            )


def _coarser(ring: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The ring without points that are less than a pixel from the one before."""
    kept = [ring[0]]
    for x, y in ring[1:]:
        if abs(x - kept[-1][0]) + abs(y - kept[-1][1]) >= 1:
            kept.append((x, y))
    return kept if len(kept) > 2 else list(ring)


def _clip(
    ring: Sequence[tuple[float, float]], width: float, height: float
) -> list[tuple[float, float]]:
    """What of a ring lies in the picture (Sutherland and Hodgman 1974), a little beyond its edges."""
    out = 2.0
    found = list(ring)
    for axis, limit, sign in (
        (0, -out, 1),
        (0, width + out, -1),
        (1, -out, 1),
        (1, height + out, -1),
    ):
        before, found = found, []
        for here, there in zip(before, before[1:] + before[:1], strict=True):
            a, b = sign * (here[axis] - limit), sign * (there[axis] - limit)
            if a >= 0:
                found.append(here)
            if (a >= 0) != (b >= 0):
                part = a / (a - b)
                x = here[0] + part * (there[0] - here[0])
                y = here[1] + part * (there[1] - here[1])
                found.append((x, y))
    return found


def _radius(spot: Spot, most: float, width: float) -> float:
    value = float(spot.figure.value or 0)
    if spot.figure.value is None:
        return HALF
    if not value:
        return 2.0
    largest = LARGEST if width >= 420 else LARGEST * 0.7
    return max(SMALLEST, largest * sqrt(value / most))


def _spot(spot: Spot, frame: Frame, most: float, words: MapWords, name: str, width: float) -> str:
    x, y = frame.at(spot.x, spot.y)
    size = _radius(spot, most, width)
    told = f"{spot.label}: {write_figure(spot.figure, words.figures)}"
    parts = [element("title", escape(told))]
    if spot.figure.status in HIDDEN:
        parts.append(_square(x, y, name))
    elif spot.figure.value is None:
        parts.append(text("–", x, y + 4, text_anchor="middle", class_="chart-missing"))
    elif not spot.figure.value:
        look = {"fill": "none", "stroke": INK, "stroke_width": 0.9, "class_": "chart-whisker"}
        parts.append(element("circle", cx=x, cy=y, r=size, **look))
        parts.append(element("circle", cx=x, cy=y, r=6, fill="none", pointer_events="all"))
    else:
        look = {"fill": MARK, "fill_opacity": 0.72, "stroke": MARK, "class_": "map-spot"}
        parts.append(element("circle", cx=x, cy=y, r=size, **look))
        said = write_figure(spot.figure, words.figures)
        if size >= 4.2 * len(said) + 1:
            inner = {"text_anchor": "middle", "font_size": 12, "font_weight": 600}
            parts.append(text(said, x, y + 4, **inner, class_="map-number"))
    if spot.own:
        ring = {"fill": "none", "stroke": INK, "stroke_width": 2, "class_": "map-own"}
        parts.append(element("circle", cx=x, cy=y, r=max(size, 6.0) + 4, **ring))
    return element("g", *parts)


def _square(x: float, y: float, name: str) -> str:
    return element(
        "rect",
        x=x - HALF,
        y=y - HALF,
        width=2 * HALF,
        height=2 * HALF,
        fill=f"url(#{name}-stripes)",
        stroke=EDGE,
        class_="chart-edge-3",
    )


def _names(spots: Sequence[Spot], frame: Frame, most: float, width: float) -> Iterator[str]:
    """Names where there is room: the own place first, then the largest; of two that would meet, the later has none."""
    across, high = frame.size
    taken: list[tuple[float, float, float, float]] = []
    for spot in spots:
        if spot.figure.value or spot.own:
            x, y = frame.at(spot.x, spot.y)
            size = _radius(spot, most, width)
            taken.append((x - size, y - size, x + size, y + size))
    ordered = sorted(
        (spot for spot in spots if len(spots) <= MANY or spot.own or spot.figure.value),
        key=lambda spot: (not spot.own, -_radius(spot, most, width), spot.label),
    )
    for spot in ordered:
        x, y = frame.at(spot.x, spot.y)
        size = _radius(spot, most, width) + (8 if spot.own else 3)
        long = LETTER * len(spot.label)
        for start, line in (
            (x + size, y + 4),
            (x - size - long, y + 4),
            (x - long / 2, y - size - 2),
            (x - long / 2, y + size + 12),
        ):
            box = (start, line - 11, start + long, line + 3)
            inside = box[0] >= 2 and box[2] <= across - 2 and box[1] >= 2 and box[3] <= high - 2
            if inside and not any(_meet(box, other) for other in taken):
                taken.append(box)
                weight = 700 if spot.own else None
                look = {"font_size": 12, "font_weight": weight, "class_": "map-name"}
                yield text(spot.label, start, line, **look, pointer_events="none")
                break


def _meet(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _legend(
    words: MapWords, name: str, height: float, most: float, width: float, hides: bool
) -> Iterator[str]:
    """What the marks mean, below the map; that of a hidden number only where one is hidden."""
    y = height + 26
    x = 10.0
    look = {"fill": MARK, "fill_opacity": 0.72, "class_": "map-spot"}
    if most:
        yield element("circle", cx=x + 2, cy=y, r=7, **look)
        yield text(words.figures.axis, x + 14, y + 4, font_size=12)
        x += 34 + LETTER * len(words.figures.axis)
    yield element(
        "circle", cx=x, cy=y, r=2, fill="none", stroke=INK, stroke_width=0.9, class_="chart-whisker"
    )
    yield text(words.nought, x + 8, y + 4, font_size=12)
    if not hides:
        return
    x += 28 + LETTER * len(words.nought)
    if x + 12 + LETTER * len(words.hidden) > width:
        x, y = 12.0, y + 22
    yield _square(x, y, name)
    yield text(words.hidden, x + 10, y + 4, font_size=12)


def _inset(rings: Sequence[Ring], frame: Frame, words: MapWords, width: float) -> str:
    """The whole country, small, in the corner with most sea, and where the map is in it."""
    xs = [x for ring in rings for x, _ in ring]
    ys = [y for ring in rings for _, y in ring]
    tall = 96.0 if width >= 420 else 70.0
    scale = tall / (max(ys) - min(ys))
    small = Frame(min(xs), min(ys), max(xs), max(ys), scale)
    wide = small.size[0]
    parts = [
        element("title", escape(words.inset)),
        element(
            "rect",
            x=-6,
            y=-6,
            width=wide + 12,
            height=tall + 12,
            rx=3,
            fill="#fff",
            stroke=COAST,
            class_="map-inset",
        ),
    ]
    for ring in rings:
        drawn = _coarser([small.at(x, y) for x, y in ring])
        look = {"fill": LAND, "stroke": COAST, "stroke_width": 0.4, "class_": "map-land"}
        parts.append(element("polygon", points=points(drawn), **look))
    left, top = small.at(frame.left, frame.top)
    right, bottom = small.at(frame.right, frame.bottom)
    parts.append(
        element(
            "rect",
            x=left,
            y=top,
            width=max(right - left, 4.0),
            height=max(bottom - top, 4.0),
            fill="none",
            stroke=EDGE,
            stroke_width=1.5,
            class_="chart-edge-3",
        )
    )
    return element("g", *parts, transform=f"translate({width - wide - 12:.1f} 12)")
