"""Antibiotics by their three-letter codes, and defined daily doses by their dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType

from varde.codes.errors import CodeFileError
from varde.codes.tables import (
    DATA,
    OPTIONAL_DATE,
    TEXT,
    check_period,
    check_unique,
    read_date,
    read_table,
)

ANTIBIOTICS = DATA / "antibiotics.csv"
DAILY_DOSES = DATA / "daily_doses.csv"
ATC = r"[A-Z]\d\d[A-Z][A-Z]\d\d"


@dataclass(frozen=True, slots=True)
class Antibiotic:
    """A drug, or a laboratory screen that is reported like one.

    Attributes:
        code: the three-letter code of WHONET and EARS-Net ("CIP").
        atc: ATC code; empty when WHO has assigned none, or for a screen.
        drug_class: class in English; `class_nb` in Norwegian.
    """

    code: str
    name_nb: str
    name_en: str
    atc: str
    drug_class: str
    class_nb: str


@dataclass(frozen=True, slots=True)
class DailyDose:
    """WHO's defined daily dose of one substance and route, with the period it is valid.

    Attributes:
        atc: the ATC code.
        route: O oral, P parenteral, R rectal, V vaginal, I inhaled.
        value: amount in `unit` per day.
        unit: g, mg, MU (million units) or TU (thousand units).
        valid_from: first day; `date.min` when older than the file.
        valid_to: last day; None when still valid.
        version: the year of the ATC/DDD index that the row was in.
    """

    atc: str
    route: str
    value: Decimal
    unit: str
    valid_from: date
    valid_to: date | None
    version: str


@lru_cache(maxsize=1)
def antibiotics() -> Mapping[str, Antibiotic]:
    """Every antibiotic by code, in the order of the file.

    Raises:
        CodeFileError: the file breaks its schema, or two rows share a code, a name or an ATC code.
    """
    schema = {
        "code": r"[A-Z0-9]{3}",
        "name_nb": TEXT,
        "name_en": TEXT,
        "atc": rf"({ATC})?",
        "drug_class": TEXT,
        "class_nb": TEXT,
    }
    found = [(line, Antibiotic(*cells)) for line, cells in read_table(ANTIBIOTICS, schema)]
    check_unique(ANTIBIOTICS, ((line, a.code) for line, a in found), "code")
    check_unique(ANTIBIOTICS, ((line, a.name_nb.casefold()) for line, a in found), "name_nb")
    check_unique(ANTIBIOTICS, ((line, a.name_en.casefold()) for line, a in found), "name_en")
    check_unique(ANTIBIOTICS, ((line, a.atc) for line, a in found if a.atc), "atc")
    return MappingProxyType({antibiotic.code: antibiotic for _, antibiotic in found})


@lru_cache(maxsize=1)
def daily_doses() -> tuple[DailyDose, ...]:
    """Every dated daily dose. The column `source` of the file says where each one is from.

    Raises:
        CodeFileError: the file breaks its schema, or two rows of a substance and route overlap.
    """
    schema = {
        "atc": ATC,
        "route": r"[OPRVI]",
        "value": r"\d+(\.\d+)?",
        "unit": r"g|mg|MU|TU",
        "valid_from": OPTIONAL_DATE,
        "valid_to": OPTIONAL_DATE,
        "version": r"\d{4}",
        "source": TEXT,
    }
    found: list[DailyDose] = []
    for line, (atc, route, value, unit, start, end, version, _source) in read_table(
        DAILY_DOSES, schema
    ):
        first = read_date(DAILY_DOSES, line, start) or date.min
        last = read_date(DAILY_DOSES, line, end)
        check_period(DAILY_DOSES, line, first, last)
        dose = DailyDose(atc, route, Decimal(value), unit, first, last, version)
        if any(_overlap(dose, other) for other in found):
            raise CodeFileError(DAILY_DOSES, line, f"{atc} {route} overlaps an earlier row in time")
        found.append(dose)
    return tuple(found)


def _overlap(one: DailyDose, other: DailyDose) -> bool:
    if (one.atc, one.route) != (other.atc, other.route):
        return False
    return one.valid_from <= (other.valid_to or date.max) and other.valid_from <= (
        one.valid_to or date.max
    )


def daily_dose(atc: str, route: str, on: date) -> DailyDose | None:
    """The daily dose of a substance and route valid on a day; None when the file has none."""
    return next((dose for dose in daily_doses() if _applies(dose, atc, route, on)), None)


def _applies(dose: DailyDose, atc: str, route: str, on: date) -> bool:
    if (dose.atc, dose.route) != (atc, route):
        return False
    return dose.valid_from <= on and (dose.valid_to is None or on <= dose.valid_to)
