"""Which drug a code means: a product, clinical drug or substance of SNOMED CT, or an ATC code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType

import msgspec
from msgspec import UNSET, Struct

from varde.guidelines.advice.comparing import is_atc
from varde.guidelines.advice.facts import facts
from varde.guidelines.advice.patients import Allergy, Code, Patient
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
        is_known: whether anybody knows what it is; False for text and for codes that nobody has.
        note: how its ingredients were found, where that is not plain; empty otherwise.
    """

    name: str
    codes: tuple[Kode, ...]
    ingredients: tuple[Kode, ...]
    is_antibacterial: bool
    is_known: bool = True
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
                varde=DoseringsregimeVarde(
                    virkestoff=Kodet(koder=self.ingredients) if self.ingredients else UNSET
                ),
            )
        )


def _key(name: str) -> str:
    return " ".join(name.split()).casefold()


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
        self._names: dict[str, tuple[Kode, ...]] = {}
        for ingredients in ingredients_by_atc().values():
            self._known.update((code.code, code) for code in ingredients)
            self._name(" og ".join(code.display for code in ingredients), ingredients)
        for entry in edition.current("anbefaling"):
            data = entry.innhold.data
            for dose in iterate_doses(data) if isinstance(data, AnbefalingData) else ():
                self._add(dose)
        for code in tuple(self._known.values()):
            self._name_concept(code, (code,))

    def _name(self, name: str, ingredients: tuple[Kode, ...]) -> None:
        if ingredients:
            self._names.setdefault(_key(name), ingredients)

    def _name_concept(self, code: Kode, ingredients: tuple[Kode, ...]) -> None:
        self._name(code.display, ingredients)
        if self._terminology is not None and code.code in self._terminology:
            for language in ("nb", "en"):
                self._name(self._terminology.term(code.code, language), ingredients)

    def named(self, text: str) -> tuple[Kode, ...]:
        """The ingredients of the drug that is called exactly this; none when no drug is."""
        return self._names.get(_key(text), ())

    def _add(self, dose: Doseringsregime) -> None:
        varde = dose.data.varde
        given = varde.virkestoff.koder if varde and varde.virkestoff else ()
        self._known.update((code.code, code) for code in given)
        for product in dose.data.legemiddeldoseringsregime.koder:
            self._products.setdefault(product.code, given)
            self._name_concept(product, given)
        products = dose.data.legemiddeldoseringsregime.koder
        self._name(" og ".join(one.display for one in products), given)

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
        is_known = (
            bool(given)
            or any(is_atc(code.code) for code in atc)
            or any(
                self._terminology is not None and code.code in self._terminology for code in snomed
            )
        )
        if not is_known:
            called = (text, *(code.display for code in codes))
            given += next((found for one in called if (found := self.named(one))), ())
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
            is_known or bool(found),
            note,
        )

    def recognise(self, patient: Patient) -> Patient:
        """The patient with those allergies coded that the content, or a name in it, tells."""
        if patient.allergies is None:
            return patient
        return replace(patient, allergies=tuple(map(self._recognise, patient.allergies)))

    def _recognise(self, allergy: Allergy) -> Allergy:
        found = [one for code in allergy.codes for one in self._products.get(code.code, ())]
        found += [self._known[one.code] for one in allergy.codes if one.code in self._known]
        called = {_key(name) for name in (allergy.text, *(one.display for one in allergy.codes))}
        found += [one for name in called for one in self._names.get(name, ())]
        found += [one for one in self._classes() if _key(one.display) in called]
        new = (Code("SNOMED-CT", one.code, one.display) for one in found)
        held = {one.code for one in allergy.codes}
        return allergy._replace(
            codes=(*allergy.codes, *(code for code in new if code.code not in held))
        )

    def _classes(self) -> Iterator[Kode]:
        """Classes of drugs that people are allergic to, by each of their names."""
        for rule in facts().tilstander:
            for code in rule.codes:
                if rule.allergy and code in facts().groups[rule.allergy.group].substances:
                    yield Kode(SNOMED, code, rule.name)
        for group in facts().groups.values():
            for code in group.classes:
                if self._terminology is not None and code in self._terminology:
                    for language in ("nb", "en"):
                        yield Kode(SNOMED, code, self._terminology.term(code, language))

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
