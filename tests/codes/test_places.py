"""Every municipality has a point, in Norway and near its county's others; the outline is Norway's; the script that made them."""

from __future__ import annotations

import importlib.util
from datetime import date
from math import hypot, isclose
from pathlib import Path
from types import ModuleType

import pytest

from varde.codes import catchment, counties, hospitals, municipalities, outline, places
from varde.codes.geography import Municipality
from varde.codes.places import project

TODAY = date(2026, 11, 26)
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_map", ROOT / "benchmarks/make_map.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_municipality_has_one_point_near_another_of_its_county() -> None:
    known, points = municipalities(TODAY), places()
    assert set(points) == set(known)
    for number, point in points.items():
        others = [
            p
            for p in points.values()
            if p is not point and known[p.number].county == known[number].county
        ]
        far = min((hypot(point.x - p.x, point.y - p.y) for p in others), default=0)
        assert far < 110, known[number].name


def test_distances_on_the_plane_are_those_on_the_earth() -> None:
    oslo, bergen, tromso = (places()[number] for number in ("0301", "4601", "5501"))
    assert isclose(hypot(oslo.x - bergen.x, oslo.y - bergen.y), 305, rel_tol=0.02)
    assert isclose(hypot(oslo.x - tromso.x, oslo.y - tromso.y), 1149, rel_tol=0.02)


def test_the_outline_holds_the_places() -> None:
    mainland = max(outline("fine"), key=len)
    for number in ("0301", "3403", "5610", "3420"):
        assert inside(mainland, places()[number].x, places()[number].y), number
    assert not inside(mainland, *project(60.0, 3.0))
    assert sum(map(len, outline("coarse"))) < sum(map(len, outline("fine"))) / 2
    assert min(y for ring in outline("fine") for _x, y in ring) > 0


def inside(ring: tuple[tuple[float, float], ...], x: float, y: float) -> bool:
    found = False
    for (ax, ay), (bx, by) in zip(ring, ring[1:] + ring[:1], strict=True):
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            found = not found
    return found


def test_trusts_serve_municipalities_and_no_municipality_is_served_twice() -> None:
    trusts = {one.trust for one in hospitals(TODAY).values()}
    served = [number for trust in sorted(trusts) for number in catchment(trust, TODAY)]
    assert len(served) == len(set(served)) > 300
    assert catchment("993467049", TODAY) == {"0301"}
    assert catchment("999999999", TODAY) == frozenset()
    assert catchment("993467049", date(2019, 1, 1)) == frozenset()


TOPOLOGY = {
    "transform": {"scale": [0.5, 0.5], "translate": [8.0, 60.0]},
    "arcs": [[[0, 0], [2, 0], [0, 2]], [[2, 2], [-2, 0], [0, -2]], [[9, 9], [1, 1]]],
    "objects": {
        "countries": {
            "geometries": [
                {"id": "752", "type": "Polygon", "arcs": [[2]]},
                {"id": "578", "type": "MultiPolygon", "arcs": [[[0, 1]], [[-2, -1]]]},
            ]
        }
    },
}


def test_arcs_are_put_together_also_backwards(script: ModuleType) -> None:
    forwards, backwards = script.read_rings(TOPOLOGY)
    assert forwards == [(8, 60), (9, 60), (9, 61), (8, 61), (8, 60)]
    assert backwards == forwards[::-1]
    made = script.make_outline(TOPOLOGY, "a test")
    assert len(made["fine"]) == 2 and len(made["fine"][0]) == 8  # four corners


def test_a_line_loses_what_lies_on_it(script: ModuleType) -> None:
    line = [(0.0, 0.0), (1.0, 0.1), (2.0, 0.0), (3.0, 5.0), (4.0, 0.0)]
    assert script.simplify(line, 0.2) == [(0, 0), (2, 0), (3, 5), (4, 0)]
    assert script.simplify(line, 9.0) == [(0, 0), (4, 0)]


def test_a_municipality_gets_its_most_populous_place_and_none_of_a_namesake(
    script: ModuleType,
) -> None:
    cities = {
        str(n): {
            "name": name,
            "alternatenames": [],
            "latitude": 60.0 + n,
            "longitude": 10.0,
            "countrycode": "NO",
            "population": people,
        }
        for n, (name, people) in enumerate((("Lita", 10), ("Storå", 900), ("Annasted", 5000)))
    }
    rows = [
        ("60.0", "10.0", "Lita", "Nordland", "Heroy", "NO"),
        ("61.0", "10.0", "Stora", "Nordland", "Heroy", "NO"),
        ("62.0", "10.0", "Annasted", "More og Romsdal", "Heroy", "NO"),
        ("55.0", "12.0", "Fremmed", "Nordland", "Heroy", "DK"),
    ]
    found = script.read_places(cities, rows)
    heroy = Municipality("1818", "Herøy", "18", date(2020, 1, 1), None)
    place, how = script.choose(heroy, found)
    assert (place.name, place.people, how) == ("Storå", 900, "most inhabitants")
    assert (
        script.choose(Municipality("1999", "Ukjent", "18", date(2020, 1, 1), None), found) is None
    )
    assert counties(TODAY)["18"].name == "Nordland"
