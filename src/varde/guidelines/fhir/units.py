"""Units and timings of FHIR: UCUM codes and abbreviations, to and from the guideline's own."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from pathlib import Path

import msgspec
from msgspec import Struct

DATA = Path(__file__).with_name("data") / "ucum.json"
UCUM = "http://unitsofmeasure.org"


class _Read(Struct, frozen=True, forbid_unknown_fields=True):
    codes: tuple[str, ...]
    unit: str
    factor: Decimal


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    source: str
    write: dict[str, str]
    read: tuple[_Read, ...]
    periods: dict[str, Decimal]
    timings: dict[str, Decimal]


@cache
def _file() -> _File:
    return msgspec.json.decode(DATA.read_bytes(), type=_File)


@cache
def _readable() -> dict[str, tuple[str, Decimal]]:
    return {code.casefold(): (one.unit, one.factor) for one in _file().read for code in one.codes}


def ucum_of(unit: str) -> str | None:
    """The UCUM code of one of the guideline's units; None for what UCUM has none for."""
    return _file().write.get(unit)


def read_unit(code: str) -> tuple[str, Decimal] | None:
    """The guideline's unit that a code or written unit means, with the factor to it."""
    return _readable().get(code.strip().casefold())


def days_of(unit: str) -> Decimal | None:
    """How many days a unit of time is (R4 UnitsOfTime); None for no unit of time."""
    return _file().periods.get(unit)


def times_a_day(abbreviation: str) -> Decimal | None:
    """How often a day an abbreviation means (BID is 2); None for one without a fixed number."""
    return _file().timings.get(abbreviation.strip().upper())
