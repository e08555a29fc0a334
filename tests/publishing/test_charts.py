"""Charts are well-formed, described, free of inline style, and never draw what is not known."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from varde.publishing import (
    NARROW,
    WIDE,
    Bar,
    BarWords,
    Disclosed,
    Figure,
    Words,
    draw_groups,
    draw_resistance,
    draw_trend,
    sort_rows,
)

SVG = "{http://www.w3.org/2000/svg}"
WORDS = Words(
    title="Share resistant: <E. coli> & others",
    axis="Share",
    status={
        "ok": "",
        "too-few": "Too few (n = {n})",
        "suppressed": "Hidden (n < {limit})",
        "not-tested": "Not tested",
    },
    extremes="Lowest {low_name} {low}, highest {high_name} {high}.",
    nothing="No share.",
    unfinished="not over <yet>",
    language="nb",
)


def ok(key: str, share: float, n: int = 100) -> Disclosed:
    return Disclosed(
        key=key,
        status="ok",
        n=n,
        s=n,
        i=0,
        r=0,
        percent_s=100 - share,
        percent_i=0.0,
        percent_r=share,
        low=max(0.0, share - 3),
        high=min(100.0, share + 4),
    )


MISSING = [
    Disclosed(key="few", status="too-few", n=12),
    Disclosed(key="hidden", status="suppressed", limit=5),
    Disclosed(key="none", status="not-tested", n=0),
]
ROWS = [ok("high", 40.04, 1234), *MISSING, ok("low", 0.0)]
NAMES = {"high": "Ampicillin & more", "low": "Meropenem"}


def parse(svg: str) -> etree._Element:
    return etree.fromstring(svg.encode())


def texts(root: etree._Element) -> list[str]:
    return ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]


@pytest.mark.parametrize(
    "svg",
    [
        draw_resistance(ROWS, NAMES, WORDS, shape=WIDE),
        draw_resistance(ROWS, NAMES, WORDS, shape=NARROW),
        draw_resistance([], NAMES, WORDS),
        draw_trend(ROWS, NAMES, WORDS),
        draw_trend(ROWS, NAMES, WORDS, unfinished={"low"}),
        draw_trend([], NAMES, WORDS, width=340.0),
    ],
)
def test_a_chart_is_a_named_picture_without_inline_style_or_script(svg: str) -> None:
    root = parse(svg)
    assert root.get("role") == "img"
    labels = (root.get("aria-labelledby") or "").split()
    found = [root.find(f".//{SVG}*[@id='{label}']") for label in labels]
    assert [one.tag for one in found] == [f"{SVG}title", f"{SVG}desc"]  # type: ignore[union-attr]
    assert found[0].text == WORDS.title  # type: ignore[union-attr]
    for element in root.iter():
        assert element.tag not in (f"{SVG}style", f"{SVG}script")
        assert not any(name == "style" or name.startswith("on") for name in element.attrib)
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize("shape", [WIDE, NARROW])
def test_what_is_not_known_is_words_and_never_a_bar_of_nought(shape) -> None:  # type: ignore[no-untyped-def]
    root = parse(draw_resistance(ROWS, NAMES, WORDS, shape=shape))
    assert len(root.findall(f".//{SVG}circle")) == 2
    for said in ("Too few (n = 12)", "Hidden (n < 5)", "Not tested"):
        assert said in texts(root)
    assert any(
        "40,0 %" in said.replace("\u00a0", " ") and "1 234" in said.replace("\u00a0", " ")
        for said in texts(root)
    )


def test_rows_stand_least_resistant_first_and_the_unknown_last() -> None:
    assert [row.key for row in sort_rows(ROWS, NAMES)] == ["low", "high", "few", "hidden", "none"]


@settings(deadline=None)
@given(st.lists(st.floats(0, 100), min_size=1, max_size=12))
def test_marks_lie_inside_the_picture_and_in_order_of_their_values(shares: list[float]) -> None:
    rows = [ok(f"A{index}", share) for index, share in enumerate(shares)]
    for shape in (WIDE, NARROW):
        root = parse(draw_resistance(rows, {}, WORDS, shape=shape))
        across = [float(circle.get("cx") or -1) for circle in root.iter(f"{SVG}circle")]
        assert across == sorted(across) and across[0] >= 0 and across[-1] <= shape.width
        for path in root.iter(f"{SVG}path"):
            numbers = [
                float(number) for number in re.findall(r"[MH](-?[\d.]+)", path.get("d") or "")
            ]
            assert all(0 <= number <= shape.width for number in numbers)


def test_the_description_names_the_extremes_as_people_write_numbers() -> None:
    said = parse(draw_resistance(ROWS, NAMES, WORDS)).findtext(f"{SVG}desc")
    assert said == "Lowest Meropenem 0,0\u00a0%, highest Ampicillin & more 40,0\u00a0%."
    assert parse(draw_resistance(MISSING, {}, WORDS)).findtext(f"{SVG}desc") == "No share."


def test_a_trend_is_not_drawn_across_a_gap() -> None:
    rows = [ok("1", 10.0), ok("2", 12.0), MISSING[0], ok("4", 9.0), ok("5", 8.0), ok("6", 8.5)]
    root = parse(draw_trend(rows, {}, WORDS))
    lines = [line.get("points") or "" for line in root.iter(f"{SVG}polyline")]
    assert [len(line.split()) for line in lines] == [2, 3]
    assert len(root.findall(f".//{SVG}polygon")) == 2
    assert len(root.findall(f".//{SVG}circle")) == 5
    assert "Too few (n = 12)" in texts(root)


@pytest.mark.parametrize("width", [340.0, 760.0])
@pytest.mark.parametrize("count", [1, 6, 40])
def test_a_period_that_is_not_over_has_a_ring_and_words(count: int, width: float) -> None:
    rows = [ok(f"{index}", 10.0) for index in range(count)]
    root = parse(draw_trend(rows, {}, WORDS, unfinished={f"{count - 1}"}, width=width))
    circles = [circle.get("class") for circle in root.iter(f"{SVG}circle")]
    assert circles == ["chart-dot"] * (count - 1) + ["chart-ring"]
    titles = [title.text or "" for title in root.iter(f"{SVG}title")][1:]
    assert [title.endswith(", not over <yet>") for title in titles] == [
        *[False] * (count - 1),
        True,
    ]
    [words] = [text for text in root.iter(f"{SVG}text") if text.text == "not over <yet>"]
    assert float(words.get("x") or -1) <= width


@pytest.mark.parametrize("width", [340.0, 760.0])
@pytest.mark.parametrize("count", [1, 4, 12, 40])
def test_names_of_periods_do_not_run_into_each_other(count: int, width: float) -> None:
    rows = [ok(f"{index}", 10.0) for index in range(count)]
    names = {f"{index}": f"Q{index}" for index in range(count)}
    root = parse(draw_trend(rows, names, WORDS, width=width))
    across = [
        float(text.get("x") or 0)
        for text in root.iter(f"{SVG}text")
        if (text.text or "") in names.values()
    ]
    assert across and all(later - earlier >= 55 for earlier, later in pairwise(across))
    assert names[f"{count - 1}"] in texts(root)  # the newest period is always named


def test_a_name_that_there_is_no_room_for_is_cut_with_a_mark_and_not_by_the_edge() -> None:
    words = BarWords(
        title="T", description="D", axis="n", fewer="< {limit}", hidden="hidden", missing="none"
    )
    name = "Karbapenemaseproduserende gramnegative bakterier (CPO)"
    bars = [Bar(label=name, figure=Figure(status="ok", value=7))]
    narrow = draw_groups(bars, words, name="n", width=340)
    assert name not in narrow and "…</text>" in narrow
    assert name in draw_groups(bars, words, name="w", width=900)
