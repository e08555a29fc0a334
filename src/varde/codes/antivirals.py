"""Antivirals: drugs against viruses, and the classes that resistance is reported for.

They are a table of their own. A `CodeMap` knows them as it knows antibiotics, since a laboratory's
answer does not tell the two apart; what lists antibiotics never lists them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from varde.codes.antibiotics import ATC, antibiotics
from varde.codes.errors import CodeFileError
from varde.codes.tables import DATA, TEXT, check_unique, read_table

ANTIVIRALS = DATA / "antivirals.csv"


@dataclass(frozen=True, slots=True)
class Antiviral:
    """A drug against viruses, or a whole class that laboratories report as one.

    Attributes:
        code: four to eight capital letters or digits ("OSEL"): never the three of an antibiotic, and
            Varde's own, because the abbreviations in use (DOR, FOS) also name antibiotics.
        atc: ATC code; empty for a class, and where WHO has only combinations of the substance
            (J05AE30 is nirmatrelvir with ritonavir, as it is always given).
        drug_class: class in English; `class_nb` in Norwegian.
    """

    code: str
    name_nb: str
    name_en: str
    atc: str
    drug_class: str
    class_nb: str


@lru_cache(maxsize=1)
def antivirals() -> Mapping[str, Antiviral]:
    """Every antiviral by code, in the order of the file.

    Raises:
        CodeFileError: the file breaks its schema, two rows share a code, a name or an ATC code, or an
            antibiotic has the ATC code.
    """
    schema = {
        "code": r"[A-Z0-9]{4,8}",
        "name_nb": TEXT,
        "name_en": TEXT,
        "atc": rf"({ATC})?",
        "drug_class": TEXT,
        "class_nb": TEXT,
    }
    found = [(line, Antiviral(*cells)) for line, cells in read_table(ANTIVIRALS, schema)]
    check_unique(ANTIVIRALS, ((line, a.code) for line, a in found), "code")
    check_unique(ANTIVIRALS, ((line, a.name_nb.casefold()) for line, a in found), "name_nb")
    check_unique(ANTIVIRALS, ((line, a.name_en.casefold()) for line, a in found), "name_en")
    check_unique(ANTIVIRALS, ((line, a.atc) for line, a in found if a.atc), "atc")
    taken = {drug.atc: drug.code for drug in antibiotics().values() if drug.atc}
    for line, antiviral in found:
        if antiviral.atc in taken:
            other = taken[antiviral.atc]
            raise CodeFileError(ANTIVIRALS, line, f"{antiviral.atc} is the antibiotic {other}")
    return MappingProxyType({antiviral.code: antiviral for _, antiviral in found})
