"""Where municipalities are, and Norway's outline, as kilometres on a plane: what a map is drawn with.

There are no borders of municipalities here: each is the point of its largest place, or of its seat. The outline is the
land's, without counties.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

import msgspec

from varde.codes.errors import CodeFileError
from varde.codes.geography import all_municipalities
from varde.codes.tables import DATA, TEXT, check_unique, read_table

PLACES = DATA / "places.csv"
OUTLINE = DATA / "outline.json"
UNIT: Final = 0.1
"""Kilometres of one step in the outline's file."""

RADIUS: Final = 6371.0
_FIRST, _SECOND, _MIDDLE, _LOWEST = map(math.radians, (60.0, 69.0, 15.0, 57.0))
_CONE = math.log(math.cos(_FIRST) / math.cos(_SECOND)) / math.log(
    math.tan(math.pi / 4 + _SECOND / 2) / math.tan(math.pi / 4 + _FIRST / 2)
)
_SCALE = math.cos(_FIRST) * math.tan(math.pi / 4 + _FIRST / 2) ** _CONE / _CONE

Detail = Literal["fine", "coarse"]
Ring = tuple[tuple[float, float], ...]


class Place(NamedTuple):
    """The point that stands for a municipality.

    Attributes:
        place: the largest place in it, or its seat.
        x, y: kilometres east of 15° E and north of 57° N on the plane (`project`).
        source: how it was found.
    """

    number: str
    place: str
    x: float
    y: float
    source: str


class _Outline(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    source: str
    unit_km: float
    fine: tuple[tuple[int, ...], ...]
    coarse: tuple[tuple[int, ...], ...]


def project(lat: float, lon: float) -> tuple[float, float]:
    """A point on the earth as kilometres on a plane: Lambert's conformal conic on a sphere, true at 60° and 69° N."""
    turned = _CONE * (math.radians(lon) - _MIDDLE)
    away = _distance(math.radians(lat))
    return away * math.sin(turned), _distance(_LOWEST) - away * math.cos(turned)


def _distance(lat: float) -> float:
    return RADIUS * _SCALE / math.tan(math.pi / 4 + lat / 2) ** _CONE


@cache
def places() -> Mapping[str, Place]:
    """The point of each municipality, by number.

    Raises:
        CodeFileError: a number that no municipality has, or a point that is not in Norway.
    """
    schema = {
        "number": r"\d{4}",
        "place": TEXT,
        "lat": r"\d\d\.\d{3}",
        "lon": r"\d{1,2}\.\d{3}",
        "source": TEXT,
    }
    known = {one.number for one in all_municipalities()}
    found = []
    for line, (number, place, lat, lon, source) in read_table(PLACES, schema):
        if number not in known:
            raise CodeFileError(PLACES, line, f"there is no municipality {number}")
        if not (57 < float(lat) < 72 and 4 < float(lon) < 32):
            raise CodeFileError(PLACES, line, "the point is not in Norway")
        found.append((line, Place(number, place, *project(float(lat), float(lon)), source)))
    check_unique(PLACES, ((line, one.number) for line, one in found), "municipality")
    return MappingProxyType({one.number: one for _, one in found})


@cache
def outline(detail: Detail = "fine") -> tuple[Ring, ...]:
    """Norway's land and islands, Svalbard and Jan Mayen with them: rings of points on the plane of `project`."""
    read = msgspec.json.decode(OUTLINE.read_bytes(), type=_Outline)
    return tuple(_walk(steps, read.unit_km) for steps in getattr(read, detail))


def _walk(steps: tuple[int, ...], unit: float) -> Ring:
    x = y = 0
    ring = []
    for dx, dy in zip(steps[::2], steps[1::2], strict=True):
        x, y = x + dx, y + dy
        ring.append((x * unit, y * unit))
    return tuple(ring)
