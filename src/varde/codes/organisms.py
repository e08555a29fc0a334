"""Organisms: species, genera and named groups that laboratories report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from varde.codes.errors import CodeFileError
from varde.codes.tables import DATA, OPTIONAL_TEXT, SLUG, TEXT, check_unique, read_table

ORGANISMS = DATA / "organisms.csv"

_SCHEMA = {
    "key": SLUG,
    "name": TEXT,
    "genus": r"([A-Z][a-z]+)?",
    "species": OPTIONAL_TEXT,
    "kind": r"bacterium|fungus|virus|parasite|prion|unknown",
    "gram": r"(positive|negative)?",
    "group": SLUG,
    "snomed": r"(\d{6,18})?",
    "name_nb": OPTIONAL_TEXT,
}


@dataclass(frozen=True, slots=True)
class Organism:
    """A species, a genus, or a group that laboratories report as one thing.

    Attributes:
        key: stable slug ("escherichia-coli"); never reused.
        name: the scientific name shown and printed ("Escherichia coli").
        genus: empty for viruses and the unknown organism.
        species: the epithet, without subspecies; empty for a genus or a group.
        kind: bacterium, fungus, virus, parasite, prion or unknown.
        gram: positive, negative, or empty (no Gram stain, or not defined for the group).
        group: what is counted together in surveys ("enterobacterales").
        snomed: SNOMED CT code, empty when none is known for certain.
        name_nb: Norwegian name, empty when only the scientific one is used.
    """

    key: str
    name: str
    genus: str
    species: str
    kind: str
    gram: str
    group: str
    snomed: str
    name_nb: str

    @property
    def episode_key(self) -> str:
        """Which isolates of one person are repeats of each other.

        Genus and species, subspecies and serovar ignored; the name for a genus or a group.
        Empty when the organism is unknown: such an isolate is never a first isolate.
        """
        if self.kind == "unknown":
            return ""
        return f"{self.genus} {self.species}" if self.species else self.name


@lru_cache(maxsize=1)
def organisms() -> Mapping[str, Organism]:
    """Every organism by key, in the order of the file.

    Raises:
        CodeFileError: the file breaks its schema, or two rows share key, name or SNOMED CT code.
    """
    found = []
    for line, cells in read_table(ORGANISMS, _SCHEMA):
        organism = Organism(*cells)
        if organism.species and not organism.genus:
            raise CodeFileError(ORGANISMS, line, f"{organism.key} has a species but no genus")
        found.append((line, organism))
    check_unique(ORGANISMS, ((line, o.key) for line, o in found), "key")
    check_unique(ORGANISMS, ((line, o.name.casefold()) for line, o in found), "name")
    check_unique(ORGANISMS, ((line, o.snomed) for line, o in found if o.snomed), "snomed")
    return MappingProxyType({organism.key: organism for _, organism in found})
