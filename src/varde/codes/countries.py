"""Countries by their two-letter codes (ISO 3166-1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from varde.codes.tables import DATA, TEXT, check_unique, read_table

COUNTRIES = DATA / "countries.csv"


@dataclass(frozen=True, slots=True)
class Country:
    """A country or territory.

    Attributes:
        code: ISO 3166-1 alpha-2; XK for Kosovo, which has none of its own there.
    """

    code: str
    name_nb: str
    name_en: str


@lru_cache(maxsize=1)
def countries() -> Mapping[str, Country]:
    """Every country by code.

    Raises:
        CodeFileError: the file breaks its schema, or two rows share a code or a name.
    """
    schema = {"code": r"[A-Z]{2}", "name_nb": TEXT, "name_en": TEXT}
    found = [(line, Country(*cells)) for line, cells in read_table(COUNTRIES, schema)]
    check_unique(COUNTRIES, ((line, c.code) for line, c in found), "code")
    check_unique(COUNTRIES, ((line, c.name_nb.casefold()) for line, c in found), "name_nb")
    check_unique(COUNTRIES, ((line, c.name_en.casefold()) for line, c in found), "name_en")
    return MappingProxyType({country.code: country for _, country in found})
