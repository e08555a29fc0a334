"""Whom hospital trusts serve: the municipalities of their areas."""

from __future__ import annotations

from datetime import date
from functools import cache, lru_cache
from typing import NamedTuple

from varde.codes.errors import CodeFileError
from varde.codes.geography import counties, municipalities
from varde.codes.tables import DATA, DATE, TEXT, check_unique, read_date, read_table

CATCHMENTS = DATA / "catchments.csv"


class _Row(NamedTuple):
    trust: str
    areas: frozenset[str]
    valid_from: date


@cache
def _rows() -> tuple[_Row, ...]:
    """Every row of the file, the oldest first.

    Raises:
        CodeFileError: an area that there is not.
    """
    areas = r"\d\d(\d\d)?( \d\d(\d\d)?)*"
    schema = {"trust": r"[89]\d{8}", "areas": areas, "valid_from": DATE, "source": TEXT}
    found = []
    for line, (trust, said, start, _source) in read_table(CATCHMENTS, schema):
        first = read_date(CATCHMENTS, line, start)
        if first is None:
            raise CodeFileError(CATCHMENTS, line, "valid_from is empty")
        for area in said.split():
            if area not in counties(first) and area not in municipalities(first):
                raise CodeFileError(CATCHMENTS, line, f"area {area} does not exist on {first}")
        found.append((line, _Row(trust, frozenset(said.split()), first)))
    check_unique(CATCHMENTS, ((line, (row.trust, row.valid_from)) for line, row in found), "trust")
    return tuple(sorted((row for _, row in found), key=lambda row: row.valid_from))


@lru_cache(maxsize=256)
def catchment(trust: str, on: date) -> frozenset[str]:
    """The municipalities that a trust serves on a day; empty where the file does not say.

    Args:
        trust: its organisation number.
    """
    rows = [row for row in _rows() if row.trust == trust and row.valid_from <= on]
    if not rows:
        return frozenset()
    areas = rows[-1].areas
    return frozenset(
        number
        for number, one in municipalities(on).items()
        if number in areas or one.county in areas
    )
