"""The rows a code map is made of: read from files, or derived from the tables of this room."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Literal

from varde.codes.antibiotics import ANTIBIOTICS, antibiotics
from varde.codes.antivirals import ANTIVIRALS, antivirals
from varde.codes.errors import CodeFileError
from varde.codes.materials import MATERIALS, materials
from varde.codes.organisms import ORGANISMS, organisms
from varde.codes.serovars import SEROVARS, serovar_names
from varde.codes.tables import DATA, DATE, OPTIONAL_TEXT, TEXT, read_date, read_table
from varde.codes.vaccines import VACCINES, vaccines

Kind = Literal["organism", "antibiotic", "material", "sir", "vaccine", "disease"]

MAPS = DATA / "maps"
SYSTEMS = DATA / "systems.csv"
ANY = "*"
SNOMED = "http://snomed.info/sct"
ATC = "http://www.whocc.no/atc"
WHONET = "WHONET"
KITH_MATERIAL = "2.16.578.1.12.4.1.1.8351"

KINDS = "organism|antibiotic|material|sir|vaccine|disease"
_DISEASE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_MAP_SCHEMA = {
    "kind": KINDS,
    "system": OPTIONAL_TEXT,
    "code": OPTIONAL_TEXT,
    "text": OPTIONAL_TEXT,
    "concept": OPTIONAL_TEXT,
    "source": TEXT,
    "valid_from": DATE,
}


@dataclass(frozen=True, slots=True)
class MapRow:
    """One expression that means one concept.

    Attributes:
        kind: organism, antibiotic, material, sir, vaccine or disease.
        system: code system as `systems.csv` names it; ``*`` for every system.
        code: matched exactly in its system; under ``*`` case and blanks do not count, and it
            matches whatever text came with it: only for codes that can mean nothing else.
        text: matched as a word, see `CodeMap`.
        concept: key of the organism, antibiotic (or antiviral), material or vaccine; S, I, R, or empty
            for "no category"; or what has the shape of a disease's key: which diseases there are is told by
            `varde.cases`, and whoever asks for one looks whether it is there.
        file, line: where the row stands.
    """

    kind: str
    system: str
    code: str
    text: str
    concept: str
    file: Path
    line: int


def fold(text: str) -> str:
    """A text as words are compared: composed characters, lower case, single blanks."""
    text = text if text.isascii() else unicodedata.normalize("NFC", text)
    return " ".join(text.casefold().split())


@lru_cache(maxsize=1)
def concepts() -> dict[str, frozenset[str]]:
    """The concept keys that a row of each kind may point to; diseases are not of this room."""
    return {
        "organism": frozenset(organisms()),
        "antibiotic": frozenset((*antibiotics(), *antivirals())),
        "material": frozenset(materials()),
        "sir": frozenset(("S", "I", "R", "")),
        "vaccine": frozenset(vaccines()),
    }


MAP_COLUMNS = tuple(_MAP_SCHEMA)


def read_map(path: Path, systems: dict[str, str]) -> Iterator[MapRow]:
    """Read one map file.

    Raises:
        CodeFileError: schema, a row with neither code nor text, or an unknown concept.
    """
    for line, (kind, system, code, text, concept, _source, day) in read_table(path, _MAP_SCHEMA):
        read_date(path, line, day)
        if not (code or text):
            raise CodeFileError(path, line, "neither code nor text")
        known = _DISEASE.fullmatch(concept) if kind == "disease" else concept in concepts()[kind]
        if not known:
            raise CodeFileError(path, line, f"there is no {kind} {concept!r}")
        yield MapRow(kind, systems.get(system, system), code, text, concept, path, line)


def read_cells(path: Path) -> Iterator[tuple[str, str, str, str, str, str, date]]:
    """The rows of a map file as they are written.

    Raises:
        CodeFileError: schema.
    """
    for line, (kind, system, code, text, concept, source, day) in read_table(path, _MAP_SCHEMA):
        since = read_date(path, line, day)
        if since is None:
            raise CodeFileError(path, line, "valid_from is empty")
        yield kind, system, code, text, concept, source, since


def derived_rows() -> Iterator[MapRow]:
    """The names and codes that the tables of organisms, drugs, materials and vaccines hold."""
    for line, organism in enumerate(organisms().values(), start=2):
        for name in (organism.name, organism.name_nb):
            if name:
                yield MapRow("organism", ANY, "", name, organism.key, ORGANISMS, line)
        if organism.snomed:
            yield MapRow("organism", SNOMED, organism.snomed, "", organism.key, ORGANISMS, line)
    for line, name, organism_key in serovar_names():
        yield MapRow("organism", ANY, "", name, organism_key, SEROVARS, line)
    for line, drug in enumerate(antibiotics().values(), start=2):
        for name in (drug.name_en, drug.name_nb):
            yield MapRow("antibiotic", ANY, "", name, drug.code, ANTIBIOTICS, line)
        yield MapRow("antibiotic", WHONET, drug.code, "", drug.code, ANTIBIOTICS, line)
        if drug.atc:
            yield MapRow("antibiotic", ATC, drug.atc, "", drug.code, ANTIBIOTICS, line)
    for line, antiviral in enumerate(antivirals().values(), start=2):
        for name in (antiviral.name_en, antiviral.name_nb):
            yield MapRow("antibiotic", ANY, "", name, antiviral.code, ANTIVIRALS, line)
        if antiviral.atc:
            yield MapRow("antibiotic", ATC, antiviral.atc, "", antiviral.code, ANTIVIRALS, line)
    for line, material in enumerate(materials().values(), start=2):
        for name in (material.name_en, material.name_nb):
            yield MapRow("material", ANY, "", name, material.key, MATERIALS, line)
        if material.kith_code:
            code = material.kith_code
            yield MapRow("material", KITH_MATERIAL, code, "", material.key, MATERIALS, line)
    for line, vaccine in enumerate(vaccines().values(), start=2):
        for name in (vaccine.name_en, vaccine.name_nb):
            yield MapRow("vaccine", ANY, "", name, vaccine.atc, VACCINES, line)
        for system in (ATC, ANY):  # nothing else looks like a code of J07
            yield MapRow("vaccine", system, vaccine.atc, "", vaccine.atc, VACCINES, line)


def read_systems() -> dict[str, str]:
    """Other names of a code system → the name its rows are kept under."""
    schema = {"alias": OPTIONAL_TEXT, "system": TEXT, "source": TEXT}
    found: dict[str, str] = {}
    for line, (alias, system, _source) in read_table(SYSTEMS, schema):
        if alias in found or alias in found.values() or system in found:
            raise CodeFileError(SYSTEMS, line, f"{alias!r} is already an alias or a system")
        found[alias] = system
    return found
