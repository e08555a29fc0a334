"""Charts of reports, whatever the values: no label covers another, nothing is outside, and all is said in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import combinations, pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from varde.prescribing.layout import Words
from varde.prescribing.reports import (
    Choice,
    Comparator,
    Described,
    Figure,
    Known,
    Measured,
    Missing,
    Panel,
    Part,
    Quarter,
    Value,
    Verdict,
    kinds,
)
from varde.prescribing.reports.measuring.words import measuring_words
from varde.prescribing.reports.panels import compose_panel
from varde.publishing import axes, group_charts, report_charts
from varde.publishing.group_charts import draw_choice, draw_dots, spread
from varde.publishing.lettering import width_of
from varde.publishing.report_charts import MARK, draw_comparison
from varde.publishing.trend_charts import draw_quarters

SVG = "{http://www.w3.org/2000/svg}"
WHITE = "#ffffff"
Box = tuple[float, float, float, float]

NONE = Words("", "")
TOLD = Words("Hva som ble valgt.", "What was chosen.")
QUIET = Verdict(key="unsure", tone="unsure", sentence=Words("", ""))
LETTERS = st.text("abcdeiklmnorstæøåABDFGÅØ -", min_size=1, max_size=60).map(str.strip).filter(bool)
WHY = st.sampled_from(["not-computable", "too-few", "suppressed", "unknown"])


@st.composite
def values(draw: Any, percent: bool) -> Value:
    """From nought to far beyond, with and without intervals, or nothing."""
    if draw(st.integers(0, 5)) == 0:
        return Missing(why=draw(WHY))
    most = 1.0 if percent else 50_000.0
    one = draw(st.one_of(st.just(0.0), st.just(most), st.floats(0, most), st.floats(0, most / 1e6)))
    if draw(st.booleans()):
        return Known(value=one)
    low = draw(st.floats(-most / 10, one))
    return Known(value=one, low=low, high=draw(st.floats(one, most * (1 if percent else 20))))


@st.composite
def panels(draw: Any, kind: Any = "rak") -> Panel:
    """A panel of a percentage or of an amount, with anything in it."""
    percent = draw(st.booleans())
    key = "ab3" if percent else "ab1"
    some = values(percent)
    comparators = tuple(
        Comparator(role=role, value=draw(some), name=Words(name, name))
        for role, name in (("benchmark", draw(LETTERS)), ("peers", draw(LETTERS)))
    )
    quarters = []
    for index in range(draw(st.integers(1, 24))):
        low = draw(st.one_of(st.none(), st.floats(0, 1 if percent else 1e4)))
        quarters.append(
            Quarter(
                since=date(2020 + index // 4, 1 + 3 * (index % 4), 1),
                value=draw(some),
                low=low,
                high=None if low is None else low * draw(st.floats(1, 3)),
            )
        )
    dots = draw(st.lists(st.floats(0, 1 if percent else 1e4), min_size=5, max_size=14))
    measured = Measured(
        described=Described(
            key=key,
            good=draw(st.sampled_from(["lower", "higher", "none"])),
            per=100,
        ),
        own=draw(some),
        before=draw(some),
        comparators=comparators,
        quarters=tuple(quarters),
        verdict=QUIET,
        dots=tuple(dots),
        own_dot=draw(st.one_of(st.none(), st.integers(0, len(dots) - 1))),
    )
    form = kinds()[kind]
    variant = "member" if kind == "peer-group" else "year"
    return compose_panel(form, variant, measured, advice=None, nearby=None)


@st.composite
def choices(draw: Any) -> Choice:
    """Shares of up to eight drugs, some of them nought or not known."""
    count = draw(st.integers(1, 8))
    columns = []
    for _ in range(2):
        raw = [draw(st.floats(0, 1)) for _ in range(count)]
        columns.append([100 * one / (sum(raw) or 1) for one in raw])
    none = Words("", "")
    parts = []
    for own, other in zip(*columns, strict=True):
        name = draw(LETTERS)
        figures = [
            Figure(
                value=one,
                shown=Words(f"{one:.0f}\u00a0%", f"{one:.0f}%"),
                interval=none,
            )
            for one in (own, other)
        ]
        parts.append(Part(name=Words(name, name), own=figures[0], other=figures[1]))
    heads = [draw(LETTERS) for _ in range(2)]
    return Choice(
        title=Words("Valg", "Choice"),
        description=Words("Hva som ble valgt.", "What was chosen."),
        own_name=Words(heads[0], heads[0]),
        other_name=Words(heads[1], heads[1]),
        parts=tuple(parts),
    )


def parse(svg: str) -> etree._Element:
    return etree.fromstring(svg.encode())


def label_boxes(root: etree._Element) -> list[tuple[str, Box]]:
    """What each line of text covers: as wide as it is, from the top of a capital to the baseline."""
    found = []
    for one in root.iter(f"{SVG}text"):
        size = float(one.get("font-size"))
        width = 0.0
        pieces = [one] if one.text else []
        for piece in (*pieces, *one.iter(f"{SVG}tspan")):
            weight = piece.get("font-weight") or one.get("font-weight")
            width += float(piece.get("dx") or 0)
            width += width_of(
                piece.text or "", float(piece.get("font-size") or size), bold=weight == "600"
            )
        x, y = float(one.get("x")), float(one.get("y"))
        start = (
            x - {"start": 0.0, "middle": 0.5, "end": 1.0}[one.get("text-anchor", "start")] * width
        )
        found.append(("".join(one.itertext()), (start, y - 0.73 * size, start + width, y)))
    return found


def mark_places(root: etree._Element) -> Iterator[tuple[float, float]]:
    """The outermost places of every mark."""
    for one in root.iter():
        match etree.QName(one).localname:
            case "circle":
                r = float(one.get("r"))
                x, y = float(one.get("cx")), float(one.get("cy"))
                yield from ((x - r, y - r), (x + r, y + r))
            case "rect":
                x, y = float(one.get("x")), float(one.get("y"))
                yield from ((x, y), (x + float(one.get("width")), y + float(one.get("height"))))
            case "line":
                yield from (
                    (float(one.get(f"x{end}")), float(one.get(f"y{end}"))) for end in (1, 2)
                )
            case "polygon" | "polyline":
                for pair in one.get("points").split():
                    x, y = pair.split(",")
                    yield float(x), float(y)
            case "path":
                for x, y in re.findall(r"M([-\d.]+) ([-\d.]+)", one.get("d")):
                    yield float(x), float(y)
                for x in re.findall(r"H([-\d.]+)", one.get("d")):
                    yield float(x), 1.0


def check(svg: str) -> etree._Element:
    """The rules of every chart."""
    root = parse(svg)
    _, _, width, height = (float(one) for one in root.get("viewBox").split())
    labels = label_boxes(root)
    for (words, one), (other, two) in combinations(labels, 2):
        apart = (
            one[2] <= two[0] + 0.5
            or two[2] <= one[0] + 0.5
            or one[3] <= two[1] + 0.5
            or two[3] <= one[1] + 0.5
        )
        assert apart, f"{words!r} at {one} and {other!r} at {two} cover each other"
    for words, (x1, y1, x2, y2) in labels:
        assert words.strip()
        assert x1 >= -0.5 and x2 <= width + 0.5 and y1 >= 0 and y2 <= height, (words, x1, x2, width)
    for x, y in mark_places(root):
        assert -0.5 <= x <= width + 0.5 and -0.5 <= y <= height + 0.5
    title, description = root.findtext(f"{SVG}title"), root.findtext(f"{SVG}desc")
    assert title and description and description.endswith(".") and " " in description
    for one in root.iter(f"{SVG}text"):
        assert contrast(one.get("fill"), WHITE) >= 4.5
    return root


def contrast(one: str, other: str) -> float:
    """WCAG 2.2: relative luminance of the lighter over the darker."""

    def luminance(colour: str) -> float:
        parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
        linear = [
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


LANGUAGES = st.sampled_from(["nb", "en"])


@settings(max_examples=60)
@given(panels(), LANGUAGES)
def test_a_comparison_holds_whatever_the_values(panel: Panel, language: str) -> None:
    check(draw_comparison(panel, language, name="a", low=True))
    root = check(draw_comparison(panel, language, name="a"))
    said = " ".join(words for words, _ in label_boxes(root))
    for mark in panel.marks:
        if mark.figure.value is not None:
            assert getattr(mark.figure.shown, language) in said
    grids = [
        float(one.get("x1")) for one in root.iter(f"{SVG}line") if one.get("class") == "chart-grid"
    ]
    own = [one for one in root.iter(f"{SVG}circle") if one.get("class") == "chart-own"]
    assert len(own) == (panel.marks[0].figure.value is not None)
    for one in own:
        assert min(grids) - 0.1 <= float(one.get("cx")) <= max(grids) + 0.1


@settings(max_examples=40)
@given(panels(), LANGUAGES, st.sampled_from([150.0, 190.0, 330.0]))
def test_a_trend_holds_whatever_the_values(panel: Panel, language: str, width: float) -> None:
    check(draw_quarters(panel, language, name="a", width=width, low=True))
    root = check(draw_quarters(panel, language, name="a", width=width))
    there = [point for point in panel.trend if point.figure.value is not None]
    dots = [one for one in root.iter(f"{SVG}circle") if one.get("class") != "chart-own"]
    assert len(dots) == len(there)
    grids = [
        float(one.get("y1")) for one in root.iter(f"{SVG}line") if one.get("class") == "chart-grid"
    ]
    for one in dots:
        assert min(grids) - 0.1 <= float(one.get("cy")) <= max(grids) + 0.1


@st.composite
def follow_ups(draw: Any) -> Panel:
    """A panel of six months and the same ones a year before, with anything in it."""
    percent = draw(st.booleans())
    some = values(percent)
    first = draw(st.integers(1, 7))
    measured = Measured(
        described=Described(key="ab3" if percent else "ab1", good="lower", per=100),
        own=draw(some),
        before=draw(some),
        quarters=tuple(
            Quarter(
                since=date(year, month, 1),
                value=draw(some),
                low=draw(st.sampled_from([None, 0.1])),
                high=0.2,
            )
            for year in (2024, 2025)
            for month in (first, first + 3)
        ),
        verdict=QUIET,
    )
    until = date(2025 + (first + 5) // 12, (first + 5) % 12 + 1, 1) - timedelta(1)
    return compose_panel(
        kinds()["rak"], "follow-up", measured, advice=None, nearby=None, until=until
    )


@settings(max_examples=60)
@given(follow_ups(), LANGUAGES, st.sampled_from([190.0, 330.0]))
def test_a_follow_up_holds_whatever_the_values(panel: Panel, language: str, width: float) -> None:
    check(draw_quarters(panel, language, name="a", width=width, low=True))
    root = check(draw_quarters(panel, language, name="a", width=width))
    there = [point for point in panel.trend if point.figure.value is not None]
    assert len(list(root.iter(f"{SVG}circle"))) == len(there)


def test_a_follow_up_has_the_headlines_figures_and_a_gap_between_its_two_half_years() -> None:
    """The reader sees whether the course helped: the figures of the whole half-years, and no line from one to the other."""
    measured = Measured(
        described=Described(key="ab3", good="lower", per=100),
        own=Known(value=0.152),
        before=Known(value=0.163),
        quarters=tuple(
            Quarter(since=date(*day, 1), value=Known(value=value), low=0.1, high=0.2)
            for day, value in (
                ((2024, 5), 0.171),
                ((2024, 8), 0.133),
                ((2025, 5), 0.12),
                ((2025, 8), 0.192),
            )
        ),
        verdict=QUIET,
    )
    panel = compose_panel(
        kinds()["rak"],
        "follow-up",
        measured,
        advice=None,
        nearby=None,
        until=date(2025, 10, 31),
    )
    root = check(draw_quarters(panel, "nb", name="a"))
    lines = [one for one in root.iter(f"{SVG}polyline") if one.get("class") == "chart-line"]
    ends = [[float(pair.split(",")[0]) for pair in one.get("points").split()] for one in lines]
    assert [len(one) for one in ends] == [2, 2]
    # At their true places in time: over the gap it is nine months to the next, not three.
    [(first, second), (third, fourth)] = ends
    assert third - second == pytest.approx(3 * (second - first), rel=0.05)
    assert fourth - third == pytest.approx(second - first, rel=0.05)
    whole = [one for one in root.iter(f"{SVG}line") if one.get("class") == "chart-whole"]
    assert [float(one.get("y1")) for one in whole] == sorted(float(one.get("y1")) for one in whole)
    said = [words for words, _ in label_boxes(root)]
    figures = [words for words in said if words in ("16\u00a0%", "15\u00a0%")]
    assert figures == ["16\u00a0%", "15\u00a0%"]
    for words in ("Samme måneder året før", "mai–oktober 2024", "Etter kurset", "mai–oktober 2025"):
        assert words in said
    assert "kvartal" not in " ".join(root.itertext())
    assert panel.trend_title.nb == "Tre og tre måneder"
    assert panel.band.nb == "Strek: alle 6\u00a0måneder. Grått: 95\u00a0% av like store"
    assert any(
        words.startswith("Tre og tre måneder. Strek: alle 6\u00a0måneder. Grått") for words in said
    )
    rings = [one.get("fill") for one in root.iter(f"{SVG}circle")]
    assert rings == ["#fff", "#fff", MARK, MARK]
    assert panel.trend_description.nb == (
        "«Antibiotika ved luftveisinfeksjon» tre og tre måneder. "
        "Samme måneder året før, mai–oktober 2024: 16\u00a0% "
        "(mai–juli 2024 17\u00a0%, august–oktober 2024 13\u00a0%). "
        "Etter kurset, mai–oktober 2025: 15\u00a0% "
        "(mai–juli 2025 12\u00a0%, august–oktober 2025 19\u00a0%)."
    )


@settings(max_examples=40)
@given(panels("peer-group"), LANGUAGES)
def test_dots_hold_whatever_the_values(panel: Panel, language: str) -> None:
    assert panel.dots is not None
    root = check(draw_dots(panel, language, name="a"))
    own = [one for one in root.iter(f"{SVG}circle") if one.get("class") == "chart-own"]
    others = [one for one in root.iter(f"{SVG}circle") if one.get("class") == "chart-one"]
    assert len(own) == (panel.dots.own is not None)
    assert len(own) + len(others) == len(panel.dots.values)
    # Every figure that the panel may speak of stands there, with a line where it is.
    said = [words for words, _ in label_boxes(root)]
    for mark in panel.marks:
        shown = mark.figure.shown.en if language == "en" else mark.figure.shown.nb
        assert any(words.endswith(shown) for words in said), shown


@settings(max_examples=40)
@given(choices(), LANGUAGES)
def test_shares_hold_whatever_the_values(choice: Choice, language: str) -> None:
    root = check(draw_choice(choice, language, name="a"))
    blocks = [one for one in root.iter(f"{SVG}rect") if one.get("class") == "chart-part"]
    assert len(blocks) == 2 * len(choice.parts)
    for index, part in enumerate(choice.parts):
        for block, figure in zip(
            blocks[2 * index : 2 * index + 2], (part.own, part.other), strict=True
        ):
            assert float(block.get("height")) == pytest.approx(0.96 * (figure.value or 0), abs=0.02)


@given(st.lists(st.floats(-50, 200), min_size=1, max_size=8), st.floats(1, 30))
def test_labels_are_spread_in_order_within_bounds(wanted: list[float], apart: float) -> None:
    wanted = sorted(wanted)
    places = spread(wanted, apart, (0.0, 100.0))
    step = min(apart, 100.0 / max(len(wanted) - 1, 1))
    assert all(-1e-9 <= place <= 100 + 1e-9 for place in places)
    assert all(later - earlier >= step - 1e-9 for earlier, later in pairwise(places))
    free = all(b - a >= step for a, b in pairwise(wanted))
    if free and wanted[0] >= 0 and wanted[-1] <= 100:
        assert places == pytest.approx(wanted)


@given(
    st.lists(st.floats(0, 1e6), max_size=5), st.lists(st.floats(0, 1e9), max_size=5), st.booleans()
)
def test_an_axis_holds_all_values(shown: list[float], ends: list[float], percent: bool) -> None:
    if percent:
        shown, ends = [one % 100 for one in shown], [one % 100 for one in ends]
    top = axes.find_top(shown, ends, percent=percent)
    assert top > 0 and all(one <= top for one in shown)
    assert not percent or top <= 100
    if shown and max(shown) > 1e-9:
        assert top <= 5 * max(shown)  # an interval never squeezes the values into a corner


def test_an_interval_beyond_the_axis_is_an_arrow() -> None:
    measured = Measured(
        described=Described(key="ab1", good="lower", per=100),
        own=Known(value=0.02, low=0.001, high=4.0),
        before=Known(value=0.01),
        verdict=QUIET,
    )
    panel = compose_panel(kinds()["rak"], "year", measured, advice=None, nearby=None)
    root = check(draw_comparison(panel, "nb", name="a"))
    assert [one.get("class") for one in root.iter(f"{SVG}polygon")] == ["chart-beyond"]
    assert any("400,0" in words for words, _ in label_boxes(root))


def test_marks_differ_in_shape_and_not_in_colour_alone() -> None:
    measured = Measured(
        described=Described(key="ab3", good="lower", per=100),
        own=Known(value=0.3),
        before=Known(value=0.3),
        comparators=(
            Comparator(role="benchmark", value=Known(value=0.3)),
            Comparator(role="peers", value=Known(value=0.3)),
        ),
        verdict=QUIET,
    )
    panel = compose_panel(kinds()["rak"], "year", measured, advice=None, nearby=None)
    root = check(draw_comparison(panel, "nb", name="a"))
    shapes = [
        (etree.QName(one).localname, one.get("fill") == "#fff")
        for one in root.iter(f"{SVG}circle", f"{SVG}polygon", f"{SVG}rect")
    ]
    assert len(shapes) == len(set(shapes)) == 4


def test_names_over_the_columns_of_a_choice_are_whole() -> None:
    chosen = {key for one in measuring_words().choice for key in one.kinds}
    for kind in (kinds()[key] for key in sorted(chosen)):
        for variant, form in kind.variants.items():
            own = form.short or form.who
            names = [
                kind.name(role, variant) for role in ("county", "country") if role in kind.roles
            ]
            names += [one.peers for one in kind.circles[form.circle].values()]
            for other in names:
                for language in ("nb", "en"):
                    share = Figure(value=50.0, shown=Words("50,1\u00a0%", "50.1%"), interval=NONE)
                    parts = (
                        Part(
                            name=Words("Fenoksymetylpenicillin", "Phenoxymethylpenicillin"),
                            own=share,
                            other=share,
                        ),
                    )
                    choice = Choice(
                        title=TOLD, description=TOLD, own_name=own, other_name=other, parts=parts
                    )
                    root = check(draw_choice(choice, language, name="a"))
                    said = " ".join(words for words, _ in label_boxes(root))
                    assert "…" not in said, (kind.key, said)


def test_colours_are_told_apart_in_black_and_white() -> None:
    for colour in (report_charts.INK, report_charts.MARK, report_charts.QUIET):
        assert contrast(colour, WHITE) >= 4.5
        assert contrast(colour, report_charts.BAND) >= 4.5
    for one, other in pairwise(group_charts.FILLS):
        assert contrast(one, other) >= 1.6


@pytest.mark.parametrize("width", [250.0, 300.0])
def test_names_of_rows_are_whole_on_a_telephone_too(width: float) -> None:
    """Beside figures as wide as any: all of each name is read, in the lines that it takes."""
    wide = Known(value=0.123, low=0.101, high=0.145)
    for kind in kinds().values():
        for variant, form in kind.variants.items():
            circles = kind.circles[form.circle].values()
            beside = [("benchmark", one.benchmark) for one in circles]
            beside += [("peers", one.peers) for one in circles]
            roles = kind.roles | form.roles
            beside += [(role, roles[role]) for role in roles if role not in ("own", "before")]
            for role, name in beside:
                measured = Measured(
                    described=Described(key="ab3", good="lower", per=100),
                    own=wide,
                    before=wide,
                    comparators=(Comparator(role=role, value=wide, name=name),),
                    verdict=QUIET,
                )
                panel = compose_panel(kind, variant, measured, advice=None, nearby=None)
                for language in ("nb", "en"):
                    root = check(draw_comparison(panel, language, name="a", width=width))
                    said = [one.text for one in root.iter(f"{SVG}text")]
                    names = " ".join(
                        one.text
                        for one in root.iter(f"{SVG}text")
                        if one.get("class") == "chart-name"
                    )
                    assert names == " ".join(getattr(mark.name, language) for mark in panel.marks)
                    assert "…" not in "".join(filter(None, said))


def test_a_trend_is_broken_where_a_quarter_has_no_figure() -> None:
    shares = (0.1, 0.2, None, 0.3, 0.2)
    measured = Measured(
        described=Described(key="ab3", good="lower", per=100),
        own=Known(value=0.3),
        before=Known(value=0.3),
        quarters=tuple(
            Quarter(
                since=date(2024 + index // 4, 1 + 3 * (index % 4), 1),
                value=Missing(why="too-few") if one is None else Known(value=one),
            )
            for index, one in enumerate(shares)
        ),
        verdict=QUIET,
    )
    panel = compose_panel(kinds()["rak"], "year", measured, advice=None, nearby=None)
    root = check(draw_quarters(panel, "nb", name="a"))
    lines = [one for one in root.iter(f"{SVG}polyline") if one.get("class") == "chart-line"]
    assert [len(one.get("points").split()) for one in lines] == [2, 2]
    assert panel.band.nb == "" and "Grått" not in "".join(root.itertext())
