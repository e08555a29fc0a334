"""Codes with their terms, and what an object is about."""

from __future__ import annotations

import re

from msgspec import UNSET, Struct, UnsetType, field

SNOMED = "http://snomed.info/sct"
_CODE = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.+/ -]*[A-Za-z0-9+])?", re.ASCII)


class Kode(Struct, frozen=True, forbid_unknown_fields=True):
    """A coded concept with its term, so that a reader needs no terminology server."""

    system: str
    code: str
    display: str

    def __post_init__(self) -> None:
        if not _CODE.fullmatch(self.code):
            raise ValueError(f"{self.code!r} is no code")
        if not self.display.strip():
            raise ValueError(f"code {self.code} has no term: term and code stand together")


class Koder(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an object is about: codes by code system (the core attribute ``koder``)."""

    snomed_ct: tuple[str, ...] | UnsetType = field(name="SNOMED-CT", default=UNSET)
    icd_10: tuple[str, ...] | UnsetType = field(name="ICD-10", default=UNSET)
    icpc_2: tuple[str, ...] | UnsetType = field(name="ICPC-2", default=UNSET)
    lis_spesialitet: tuple[str, ...] | UnsetType = field(name="lis-spesialitet", default=UNSET)
    lis_laeringsmaal: tuple[str, ...] | UnsetType = field(name="lis-laeringsmaal", default=UNSET)

    def __post_init__(self) -> None:
        for system, attribute in CODE_SYSTEMS.items():
            for code in getattr(self, attribute) or ():
                if not _CODE.fullmatch(code):
                    raise ValueError(f"{system}: {code!r} is no code")

    def of(self, system: str) -> tuple[str, ...]:
        """The codes of one system, by its published name ("ICPC-2")."""
        return getattr(self, CODE_SYSTEMS[system]) or ()


CODE_SYSTEMS = {
    "SNOMED-CT": "snomed_ct",
    "ICD-10": "icd_10",
    "ICPC-2": "icpc_2",
    "lis-spesialitet": "lis_spesialitet",
    "lis-laeringsmaal": "lis_laeringsmaal",
}
"""The published name of each code system, and the attribute of `Koder` that holds it."""


class Enhet(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A unit of strength: its term, and its code where the content gives it."""

    system: str | UnsetType = UNSET
    code: str | UnsetType = UNSET
    display: str

    def __post_init__(self) -> None:
        if not self.display.strip():
            raise ValueError("a unit has a term")


class Kodet(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Something said in codes: a drug, a route, a condition, an active ingredient."""

    koder: tuple[Kode, ...]
    tekst: str | UnsetType = UNSET

    def __post_init__(self) -> None:
        if not self.koder:
            raise ValueError("a coded field has at least one code with term; else leave it out")
