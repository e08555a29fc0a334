"""What is compared and how alike two descriptions can be in it: ``data/fields.toml``, checked."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

import msgspec

from varde.linkage.errors import LinkageFileError

FILE = Path(__file__).parent / "data" / "fields.toml"
MISSING = "missing"
LEVELS = MappingProxyType({
    "number": ("certain", "same", "near", "different", "contrary"),
    "family": ("exact", "swapped", "part", "near", "alike", "different"),
    "given": ("exact", "swapped", "part", "near", "alike", "initial", "different"),
    "born": ("exact", "swapped", "near", "year", "different"),
    "sex": ("exact", "different"),
    "place": ("postal", "municipality", "county", "different"),
    "phone": ("exact", "near", "different"),
})  # fmt: skip
"""What the comparison can tell apart, the most alike first. The file has the words for it."""


class Text(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same in bokmål and in English."""

    nb: str
    en: str


class Field(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that is compared.

    Attributes:
        nb, en: its name.
        least: the least alike level that may be joined without asking.
        missing_asks: whether nothing is joined without asking when it cannot be compared.
        levels: the words of each level, and of `MISSING`.
    """

    nb: str
    en: str
    least: str
    missing_asks: bool
    levels: dict[str, Text]

    def asks(self, name: str) -> frozenset[str]:
        """The levels of this field, called `name`, at which a person is asked in place of joining."""
        known = LEVELS[name]
        below = known[known.index(self.least) + 1 :]
        return frozenset((*below, MISSING) if self.missing_asks else below)


@lru_cache(maxsize=1)
def fields() -> Mapping[str, Field]:
    """Every field by its name, in the order of `LEVELS`.

    Raises:
        LinkageFileError: the file breaks its schema, or has other fields or levels than are compared.
    """
    try:
        raw = tomllib.loads(FILE.read_text("utf-8"))
        found = {
            name: msgspec.convert(table, Field)
            for name, table in raw.items()
            if isinstance(table, dict)
        }
    except (msgspec.ValidationError, tomllib.TOMLDecodeError) as error:
        raise LinkageFileError(FILE.name, str(error)) from error
    if tuple(found) != tuple(LEVELS):
        raise LinkageFileError(FILE.name, f"fields are {', '.join(LEVELS)}, not {', '.join(found)}")
    for name, field in found.items():
        if tuple(field.levels) != (*LEVELS[name], MISSING):
            raise LinkageFileError(FILE.name, f"{name}: levels are {', '.join(LEVELS[name])}")
        if field.least not in LEVELS[name]:
            raise LinkageFileError(FILE.name, f"{name}: there is no level {field.least!r}")
    return MappingProxyType(found)
