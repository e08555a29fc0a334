"""A map says each number once in words, never draws what is hidden as a circle, and draws area in proportion."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from varde.publishing import BarWords, Figure, MapWords, Spot, draw_map

WORDS = MapWords(
    title="Title",
    description="Description",
    figures=BarWords(
        title="",
        description="",
        axis="Cases",
        fewer="< {limit}",
        hidden="hidden",
        missing="no number",
    ),
    nought="none",
    hidden="hidden",
    inset="inset",
)
LAND = [((-50.0, -50.0), (150.0, -50.0), (150.0, 150.0), (-50.0, 150.0))]


def ok(value: int) -> Figure:
    return Figure(status="ok", value=value)


SPOTS = [
    Spot(label="Large", x=0, y=0, figure=ok(400), own=True),
    Spot(label="Small", x=60, y=60, figure=ok(100)),
    Spot(label="None <&>", x=30, y=90, figure=ok(0)),
    Spot(label="Few", x=90, y=0, figure=Figure(status="suppressed", limit=5)),
    Spot(label="Kept", x=0, y=90, figure=Figure(status="protected")),
]


def test_each_place_has_its_name_and_number_as_a_title() -> None:
    drawn = draw_map(SPOTS, LAND, WORDS, name="m", inset=LAND)
    ElementTree.fromstring(drawn)  # noqa: S314  (our own)
    titles = re.findall(r"<title>([^<]*)</title>", drawn)
    assert {
        "Large: 400",
        "Small: 100",
        "Few: &lt; 5",
        "Kept: hidden",
        "None &lt;&amp;&gt;: 0",
    } <= set(titles)


def test_four_times_as_many_have_twice_the_radius_and_nothing_hidden_has_a_circle() -> None:
    drawn = draw_map(SPOTS, LAND, WORDS, name="m")
    radius = {
        label: [float(r) for r in re.findall(r'<circle[^>]* r="([\d.]+)"', group)]
        for label, group in re.findall(r"<title>(\w+): [^<]*</title>(.*?)</g>", drawn)
    }
    assert radius["Large"][0] == 2 * radius["Small"][0]
    assert radius["Few"] == radius["Kept"] == []
    few, kept = (
        re.search(rf"<title>{one}: .*?</title>(<rect[^>]*/>)", drawn) for one in ("Few", "Kept")
    )
    assert few is not None and kept is not None
    size = re.compile(r'(width|height)="([\d.]+)"')
    assert size.findall(few[1]) == size.findall(kept[1])  # a mark says nothing of how many


def test_what_lies_outside_is_cut_off() -> None:
    far = [(9_000.0, 9_000.0), (9_100.0, 9_000.0), (9_100.0, 9_100.0)]
    drawn = draw_map(SPOTS, [far, *LAND], WORDS, name="m", width=340.0)
    assert drawn.count("<polygon") == 1
    assert "chart-narrow" in drawn
    assert draw_map([], LAND, WORDS, name="m")


def test_the_mark_of_hidden_numbers_is_explained_only_where_it_is_drawn() -> None:
    shown = [spot for spot in SPOTS if spot.figure.status == "ok"]
    assert ">hidden</text>" in draw_map(SPOTS, LAND, WORDS, name="m")
    assert ">hidden</text>" not in draw_map(shown, LAND, WORDS, name="m")
