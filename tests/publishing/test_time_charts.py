"""Charts of the intake: what is drawn, what is told, and nothing that a strict policy refuses."""

from __future__ import annotations

import pytest
from lxml import etree

from varde.publishing import (
    Column,
    ColumnWords,
    Share,
    Span,
    SpanWords,
    draw_columns,
    draw_shares,
    draw_spans,
    write_days,
)

SVG = "{http://www.w3.org/2000/svg}"
WORDS = ColumnWords(
    title="What <came>",
    description="Three & more",
    axis="Items",
    series=("In", "Duplicate", "Quarantine"),
    language="nb",
)
SPAN_WORDS = SpanWords(title="T", description="D", axis="Days", median="Half", ninth="Nine of ten")


def columns(*values: tuple[int, int, int]) -> list[Column]:
    return [Column(label=f"{n}", told=f"hour {n}", values=each) for n, each in enumerate(values)]


def rectangles(svg: str, of: str) -> list[etree._Element]:
    root = etree.fromstring(svg)
    return [
        one for one in root.iter(f"{SVG}rect") if one.get("class") == of and one.get("x") != "2"
    ]


def test_columns_are_as_high_as_what_they_count() -> None:
    svg = draw_columns(columns((4, 0, 0), (8, 0, 0), (0, 0, 0)), WORDS, name="c")
    low, high = (float(one.get("height", "")) for one in rectangles(svg, "chart-part-1")[-2:])
    assert high == pytest.approx(2 * low, rel=0.02)
    assert "What &lt;came&gt;" in svg and "Three &amp; more" in svg
    titles = [one.text for one in etree.fromstring(svg).iter(f"{SVG}title")]
    assert titles == ["What <came>", "hour 0", "hour 1", "hour 2"]


def test_what_must_not_be_overlooked_has_stripes_as_well_as_a_colour() -> None:
    svg = draw_columns(columns((1, 1, 1)), WORDS, name="c")
    assert 'fill="url(#c-stripes)"' in svg and 'id="c-stripes"' in svg
    assert 'patternUnits="userSpaceOnUse"' in svg
    assert svg.count("In</text>") == 1


def test_no_chart_holds_style_script_or_foreign_address() -> None:
    for svg in (
        draw_columns(columns((1, 2, 3)), WORDS, name="a"),
        draw_spans([Span(label="1", told="t", median=10, ninth=20)], SPAN_WORDS, name="b"),
        draw_shares([Share(label="a", count=1)], title="t", description="d", name="c"),
    ):
        assert "style=" not in svg and "<script" not in svg
        assert svg.count("http") == 1  # the name space
        assert etree.fromstring(svg).get("role") == "img"


@pytest.mark.parametrize(
    ("highest", "top"), [(0, 4), (3, 4), (5, 8), (21, 40), (99, 100), (101, 200)]
)
def test_the_axis_ends_at_a_comfortable_number(highest: int, top: int) -> None:
    svg = draw_columns(columns((highest, 0, 0)), WORDS, name="c")
    ticks = [
        one.text
        for one in etree.fromstring(svg).iter(f"{SVG}text")
        if one.get("class") == "chart-tick"
    ]
    assert ticks[-1] == str(top)
    assert len(set(ticks)) == len(ticks)


def test_an_hour_that_is_not_over_is_marked() -> None:
    over = draw_columns(columns((1, 0, 0)), WORDS, name="c")
    running = draw_columns(
        [Column(label="", told="now", values=(1, 0, 0), unfinished=True)], WORDS, name="c"
    )
    assert "stroke-dasharray" in running and "stroke-dasharray" not in over


def test_a_period_without_answers_has_no_mark() -> None:
    spans = [Span(label="1", told="t"), Span(label="2", told="u", median=24.0, ninth=72.0)]
    svg = draw_spans(spans, SPAN_WORDS, name="s")
    root = etree.fromstring(svg)
    assert len(list(root.iter(f"{SVG}circle"))) == 2  # the legend's and one period's
    assert "u</title>" in svg and "t</title>" not in svg
    assert "chart-narrow" in draw_spans(spans, SPAN_WORDS, name="s", width=340)


def test_shares_are_written_out_and_an_empty_distribution_has_none() -> None:
    svg = draw_shares(
        [Share(label="a", count=30), Share(label="b", count=10)],
        title="t",
        description="d",
        name="x",
    )
    assert "75\u00a0%" in svg and "25\u00a0%" in svg and "n = 30" in svg
    empty = draw_shares([Share(label="a", count=0)], title="t", description="d", name="x")
    assert ">–<" in empty and "%" not in empty


@pytest.mark.parametrize(
    ("hours", "nb", "en"),
    [
        (0.25, "0,3 timer", "0.3 hours"),
        (35.9, "35,9 timer", "35.9 hours"),
        (50, "2,1 døgn", "2.1 days"),
    ],
)
def test_times_are_in_the_unit_one_would_say_them_in(hours: float, nb: str, en: str) -> None:
    assert write_days(hours, "nb").replace("\u00a0", " ") == nb
    assert write_days(hours, "en").replace("\u00a0", " ") == en
