"""Hospitals and the trusts (helseforetak) that they belong to, by organisation number, with their periods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from varde.codes.errors import CodeFileError
from varde.codes.tables import (
    DATA,
    DATE,
    OPTIONAL_DATE,
    TEXT,
    check_period,
    check_unique,
    read_date,
    read_table,
)

HOSPITALS = DATA / "hospitals.csv"
_NUMBER = r"[89]\d{8}"


@dataclass(frozen=True, slots=True)
class Hospital:
    """A hospital in one trust between two days, both included; `valid_to` None: still so.

    Attributes:
        number, trust: organisation numbers.
    """

    number: str
    name: str
    trust: str
    trust_name: str
    valid_from: date
    valid_to: date | None


@lru_cache(maxsize=1)
def _all_hospitals() -> tuple[Hospital, ...]:
    schema = {
        "number": _NUMBER,
        "name": TEXT,
        "trust": _NUMBER,
        "trust_name": TEXT,
        "valid_from": DATE,
        "valid_to": OPTIONAL_DATE,
        "source": TEXT,
    }
    found = []
    for line, (number, name, trust, trust_name, start, end, _) in read_table(HOSPITALS, schema):
        first, last = read_date(HOSPITALS, line, start), read_date(HOSPITALS, line, end)
        if first is None:
            raise CodeFileError(HOSPITALS, line, "valid_from is empty")
        check_period(HOSPITALS, line, first, last)
        found.append((line, Hospital(number, name, trust, trust_name, first, last)))
    check_unique(HOSPITALS, ((line, (h.number, h.valid_from)) for line, h in found), "hospital")
    return tuple(hospital for _, hospital in found)


@lru_cache(maxsize=512)
def hospitals(on: date) -> Mapping[str, Hospital]:
    """The hospitals that the file has on a day, by number. It has some, not all: see ``SOURCES.md``."""
    return MappingProxyType(
        {
            one.number: one
            for one in _all_hospitals()
            if one.valid_from <= on and (one.valid_to is None or on <= one.valid_to)
        }
    )
