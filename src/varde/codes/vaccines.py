"""Vaccines by their ATC codes, and the diseases that they protect against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from varde.codes.errors import CodeFileError
from varde.codes.tables import (
    DATA,
    OPTIONAL_DATE,
    SLUG,
    TEXT,
    check_period,
    check_unique,
    read_date,
    read_table,
)

VACCINES = DATA / "vaccines.csv"
DISEASES = DATA / "vaccine_diseases.csv"
ATC = r"J07[A-Z][A-Z]\d\d"
SYSVAK = r"[A-ZÆØÅ]{2,3}\d\d"
"""A code of the national vaccination register: two or three letters, then two digits, which are those
of the ATC code where that was possible. One code may stand for several products."""


@dataclass(frozen=True, slots=True)
class VaccineDisease:
    """A disease that some vaccine protects against.

    Attributes:
        key: stable slug ("measles").
    """

    key: str
    name_nb: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Vaccine:
    """A kind of vaccine, whoever makes it.

    Attributes:
        atc: ATC code of the fifth level ("J07BD52").
        diseases: keys of the diseases that it protects against.
        valid_from: first day of the ATC code; None when older than the file says.
        valid_to: last day; None when still valid. A vaccination of that time keeps its code.
    """

    atc: str
    name_nb: str
    name_en: str
    diseases: tuple[str, ...]
    valid_from: date | None
    valid_to: date | None


@lru_cache(maxsize=1)
def vaccine_diseases() -> Mapping[str, VaccineDisease]:
    """Every disease by key, in the order of the file.

    Raises:
        CodeFileError: the file breaks its schema, or two rows share a key or a name.
    """
    schema = {"key": SLUG, "name_nb": TEXT, "name_en": TEXT}
    found = [(line, VaccineDisease(*cells)) for line, cells in read_table(DISEASES, schema)]
    check_unique(DISEASES, ((line, d.key) for line, d in found), "key")
    check_unique(DISEASES, ((line, d.name_nb.casefold()) for line, d in found), "name_nb")
    check_unique(DISEASES, ((line, d.name_en.casefold()) for line, d in found), "name_en")
    return MappingProxyType({disease.key: disease for _, disease in found})


@lru_cache(maxsize=1)
def vaccines() -> Mapping[str, Vaccine]:
    """Every vaccine by ATC code, in the order of the file.

    Raises:
        CodeFileError: the file breaks its schema, names a disease that is not in the file of
            diseases, or two rows share an ATC code or a name.
    """
    schema = {
        "atc": ATC,
        "name_nb": TEXT,
        "name_en": TEXT,
        "diseases": rf"{SLUG}( {SLUG})*",
        "valid_from": OPTIONAL_DATE,
        "valid_to": OPTIONAL_DATE,
        "source": TEXT,
    }
    found: list[tuple[int, Vaccine]] = []
    for line, (atc, name_nb, name_en, against, start, end, _source) in read_table(VACCINES, schema):
        diseases = tuple(against.split())
        for disease in diseases:
            if disease not in vaccine_diseases():
                raise CodeFileError(VACCINES, line, f"there is no disease {disease!r}")
        if len(set(diseases)) != len(diseases):
            raise CodeFileError(VACCINES, line, f"a disease stands twice in {against!r}")
        first, last = read_date(VACCINES, line, start), read_date(VACCINES, line, end)
        check_period(VACCINES, line, first, last)
        found.append((line, Vaccine(atc, name_nb, name_en, diseases, first, last)))
    check_unique(VACCINES, ((line, v.atc) for line, v in found), "atc")
    check_unique(VACCINES, ((line, v.name_nb.casefold()) for line, v in found), "name_nb")
    check_unique(VACCINES, ((line, v.name_en.casefold()) for line, v in found), "name_en")
    return MappingProxyType({vaccine.atc: vaccine for _, vaccine in found})
