"""Which drug a code means: a product, clinical drug or substance of SNOMED CT, or an ATC code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

import msgspec
from msgspec import Struct

from varde.guidelines.advice.patients import Code
from varde.guidelines.library import Edition
from varde.guidelines.matching import Terminology
from varde.guidelines.model import (
    SNOMED,
    AnbefalingData,
    Doseringsregime,
    DoseringsregimeData,
    DoseringsregimeVarde,
    Kode,
    Kodet,
)
from varde.guidelines.treatments import iterate_doses

DATA = Path(__file__).with_name("data") / "atc_ingredients.json"


class _Antibacterials(Struct, frozen=True, forbid_unknown_fields=True):
    atc: tuple[str, ...]
    classes: tuple[str, ...]


class _AtcDrug(Struct, frozen=True, forbid_unknown_fields=True):
    atc: str
    ingredients: tuple[Kode, ...]


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    source: str
    antibacterials: _Antibacterials
    drugs: tuple[_AtcDrug, ...]


@cache
def _file() -> _File:
    return msgspec.json.decode(DATA.read_bytes(), type=_File)


@cache
def ingredients_by_atc() -> Mapping[str, tuple[Kode, ...]]:
    """The active ingredients of each ATC code that the guideline's drugs have."""
    return MappingProxyType({drug.atc: drug.ingredients for drug in _file().drugs})


@dataclass(frozen=True, slots=True)
class Drug:
    """A drug, and what is in it as far as the guideline knows it.

    Attributes:
        name: for a reader.
        codes: the SNOMED CT codes that it came with.
        ingredients: active ingredients of the guideline that it contains; empty for a drug that
            the guideline says nothing about.
        is_antibacterial: whether it is an antibiotic at all.
        note: how its ingredients were found, where that is not plain; empty otherwise.
    """

    name: str
    codes: tuple[Kode, ...]
    ingredients: tuple[Kode, ...]
    is_antibacterial: bool
    note: str = ""

    @property
    def meaning(self) -> frozenset[str]:
        """What two codes of the same drug share."""
        return frozenset(code.code for code in self.ingredients)

    def as_regimen(self) -> Doseringsregime | None:
        """A dosing regimen of this drug alone, to match contra-indications; None when unknown."""
        codes = (*self.codes, *self.ingredients)
        if not codes:
            return None
        return Doseringsregime(
            data=DoseringsregimeData(
                legemiddeldoseringsregime=Kodet(koder=self.codes or self.ingredients),
                varde=DoseringsregimeVarde(virkestoff=Kodet(koder=self.ingredients)),
            )
        )


class Formulary:
    """The drugs and ingredients of one edition, looked up by code.

    Args:
        edition: whose regimens say which products there are and what is in them.
        terminology: finds ingredients of products that the content does not have.
    """

    def __init__(self, edition: Edition, terminology: Terminology | None) -> None:
        self._terminology = terminology
        self._products: dict[str, tuple[Kode, ...]] = {}
        self._known: dict[str, Kode] = {}
        for ingredients in ingredients_by_atc().values():
            self._known.update((code.code, code) for code in ingredients)
        for entry in edition.current("anbefaling"):
            data = entry.innhold.data
            for dose in iterate_doses(data) if isinstance(data, AnbefalingData) else ():
                self._add(dose)

    def _add(self, dose: Doseringsregime) -> None:
        varde = dose.data.varde
        given = varde.virkestoff.koder if varde and varde.virkestoff else ()
        self._known.update((code.code, code) for code in given)
        for product in dose.data.legemiddeldoseringsregime.koder:
            self._products.setdefault(product.code, given)

    def of_regimen(self, dose: Doseringsregime) -> Drug:
        """The drug of a dosing regimen."""
        varde = dose.data.varde
        given = varde.virkestoff.koder if varde and varde.virkestoff else ()
        codes = dose.data.legemiddeldoseringsregime.koder
        name = " og ".join(code.display for code in codes)
        return Drug(name, codes, self._reach((*codes, *given), given), is_antibacterial=True)

    def of_order(self, codes: Sequence[Code], text: str = "") -> Drug:
        """The drug of an order, by whichever of its codes are known.

        Args:
            codes: as the order gives them, in any systems.
            text: what the order calls it; shown when no code has a term.
        """
        snomed = tuple(
            self._term(code) for code in codes if code.system == "SNOMED-CT" and code.code.isdigit()
        )
        atc = [code for code in codes if code.system == "ATC"]
        given = [one for code in snomed for one in self._products.get(code.code, ())]
        given += [self._known[code.code] for code in snomed if code.code in self._known]
        by_atc = [one for code in atc for one in ingredients_by_atc().get(code.code.upper(), ())]
        found = self._reach((*snomed, *given, *by_atc), (*given, *by_atc))
        named = next((code.display for code in codes if code.display), "")
        name = text or named or " og ".join(code.display for code in (*given, *by_atc) or found)
        note = ""
        if by_atc and not given:
            terms = " og ".join(code.display for code in by_atc)
            note = f"ATC {atc[0].code} er {terms}."
        return Drug(
            name or "legemidlet",
            snomed,
            found,
            bool(found) or self._is_antibacterial(snomed, atc),
            note,
        )

    def _term(self, code: Code) -> Kode:
        """With a term: the order's own, the terminology's, or the code itself."""
        term = code.display.strip()
        if not term and self._terminology is not None and code.code in self._terminology:
            term = self._terminology.term(code.code)
        return Kode(SNOMED, code.code, term or f"SNOMED CT {code.code}")

    def _reach(self, codes: Iterable[Kode], given: Iterable[Kode]) -> tuple[Kode, ...]:
        """The guideline's ingredients that are in any of these, each once, by code."""
        found = {code.code: code for code in given}
        terminology = self._terminology
        for code in {code.code for code in codes} if terminology is not None else ():
            if terminology is None or code not in terminology:
                continue
            for known in self._known.values():
                if (
                    known.code in terminology
                    and terminology.correspondence(code, known.code) is not None
                ):
                    found.setdefault(known.code, known)
        return tuple(found[code] for code in sorted(found))

    def _is_antibacterial(self, snomed: Iterable[Kode], atc: Iterable[Code]) -> bool:
        groups = _file().antibacterials
        if any(code.code.upper().startswith(groups.atc) for code in atc):
            return True
        terminology = self._terminology
        return terminology is not None and any(
            code.code in terminology
            and wanted in terminology
            and terminology.correspondence(code.code, wanted) is not None
            for code in snomed
            for wanted in groups.classes
        )
