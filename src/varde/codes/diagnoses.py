"""Diagnosis codes: what the codes of ICPC-2 and ICD-10 that the guideline uses are called."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from varde.codes.errors import CodeFileError
from varde.codes.tables import DATA, TEXT, check_unique, read_table

DIAGNOSES: Final = DATA / "diagnosis_codes.csv"

SHAPES: Final = {
    "ICPC-2": re.compile(r"[ABDFHKLNPRSTUWXYZ]\d{2}"),
    "ICD-10": re.compile(r"[A-Z]\d{2}(\.\d)?"),
}
"""How a code is written in each system: ICD-10 with its full stop."""


@dataclass(frozen=True, slots=True)
class DiagnosisCode:
    """One code of a diagnosis classification.

    Attributes:
        system: "ICPC-2" (primary care) or "ICD-10" (specialist care), named as the published
            guideline names them.
        code: "R81", "J18", "J18.9".
        name_nb: Norwegian name, abbreviations written out.
        name_en: English name.
        source: edition-2026 (name of the Norwegian edition), category (three characters that the
            edition does not list as a code of its own) or published-example (only the example of
            the published guideline has the code).
    """

    system: str
    code: str
    name_nb: str
    name_en: str
    source: str


@lru_cache(maxsize=1)
def diagnosis_codes() -> Mapping[tuple[str, str], DiagnosisCode]:
    """Every diagnosis code by (system, code), in the order of the file.

    Raises:
        CodeFileError: the file breaks its schema, a code has not the shape of its system, or two
            rows share system and code.
    """
    schema = {
        "system": r"ICPC-2|ICD-10",
        "code": TEXT,
        "name_nb": TEXT,
        "name_en": TEXT,
        "source": r"edition-2026|category|published-example",
    }
    found = [(line, DiagnosisCode(*cells)) for line, cells in read_table(DIAGNOSES, schema)]
    for line, diagnosis in found:
        shape = SHAPES[diagnosis.system]
        if not shape.fullmatch(diagnosis.code):
            problem = f"{diagnosis.system} code {diagnosis.code!r} must match {shape.pattern}"
            raise CodeFileError(DIAGNOSES, line, problem)
    check_unique(DIAGNOSES, ((line, (d.system, d.code)) for line, d in found), "code")
    return MappingProxyType({(d.system, d.code): d for _, d in found})
