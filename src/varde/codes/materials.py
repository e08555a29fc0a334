"""Materials: what a specimen consists of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from varde.codes.tables import DATA, SLUG, TEXT, check_unique, read_table

MATERIALS = DATA / "materials.csv"


@dataclass(frozen=True, slots=True)
class Material:
    """A specimen material.

    Attributes:
        key: stable slug ("urine").
        kith_code: code in the Norwegian list 8351; empty when none is known for certain.
        group: urine, blood, csf, airways, wound, stool, genital or other.
    """

    key: str
    name_nb: str
    name_en: str
    kith_code: str
    group: str


@lru_cache(maxsize=1)
def materials() -> Mapping[str, Material]:
    """Every material by key, in the order of the file.

    Raises:
        CodeFileError: the file breaks its schema, or two rows share key, name or KITH code.
    """
    schema = {
        "key": SLUG,
        "name_nb": TEXT,
        "name_en": TEXT,
        "kith_code": r"[A-ZÆØÅ0-9-]*",
        "group": r"urine|blood|csf|airways|wound|stool|genital|other",
    }
    found = [(line, Material(*cells)) for line, cells in read_table(MATERIALS, schema)]
    check_unique(MATERIALS, ((line, m.key) for line, m in found), "key")
    check_unique(MATERIALS, ((line, m.name_nb.casefold()) for line, m in found), "name_nb")
    check_unique(MATERIALS, ((line, m.name_en.casefold()) for line, m in found), "name_en")
    check_unique(MATERIALS, ((line, m.kith_code) for line, m in found if m.kith_code), "kith_code")
    return MappingProxyType({material.key: material for _, material in found})
