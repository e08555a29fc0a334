"""Which contra-indications are listed under a dosing regimen, and why.

A contra-indication names a condition and active ingredients. It is listed under a dosing regimen when
an active ingredient of the regimen's drug corresponds to one of them (Helsedirektoratet, the antibiotic
model, "Kobling mellom doseringsregime og kontraindikasjon", 05.11.2021). Equality of codes is not enough:
drugs are defined by salts and esters, in hierarchies, and several to a product, so the terminology is
asked (`varde.codes.snomed`). Where it is not loaded, or does not hold the drug, the ingredients that stand
in the content are compared, and the match says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, Protocol

from msgspec import UNSET

from varde.guidelines.library import Entry
from varde.guidelines.model import (
    SNOMED,
    Doseringsregime,
    Kode,
    KontraindikasjonData,
    ListetKontraindikasjon,
    ListetVarde,
    Steg,
    Treff,
)

_Codes = frozenset[tuple[str, str]]


class PathStep(Protocol):
    """One relationship between two concepts."""

    @property
    def source(self) -> str: ...
    @property
    def relation(self) -> str: ...
    @property
    def target(self) -> str: ...


class Terminology(Protocol):
    """What is asked of SNOMED CT; `varde.codes.snomed.Terminology` answers it."""

    def __contains__(self, code: str) -> bool: ...

    def term(self, code: str, language: str = "nb") -> str:
        """What the concept is called."""
        ...

    def correspondence(self, product: str, substance: str) -> Sequence[PathStep] | None:
        """How an active ingredient of the product is, or is a kind of, the substance."""
        ...


def list_contraindications(
    regimen: Doseringsregime, known: Iterable[Entry], terminology: Terminology | None
) -> tuple[ListetKontraindikasjon, ...]:
    """What must be listed under a dosing regimen: what the content lists itself, then what matches.

    Args:
        known: the objects of type kontraindikasjon that are valid on the day.
        terminology: None when none is loaded.
    """
    own = regimen.data.kontraindikasjoner or ()
    seen = {_meaning(one.data) for one in own}
    listed = list(own)
    for entry in known:
        data = entry.innhold.data
        if not isinstance(data, KontraindikasjonData) or _meaning(data) in seen:
            continue
        matches = find_matches(regimen, data, terminology)
        if matches:
            listed.append(
                ListetKontraindikasjon(
                    tittel=entry.innhold.tittel,
                    tekst=entry.innhold.tekst,
                    data=data,
                    varde=ListetVarde(
                        id=entry.innhold.id, treff=matches[0], andreTreff=matches[1:] or UNSET
                    ),
                )
            )
    return tuple(listed)


def say_coupling(
    regimen: Doseringsregime, terminology: Terminology | None
) -> Literal["snomed", "innhold", "ingen"]:
    """By what the regimen's drug is looked for in contra-indications.

    ``ingen`` means that neither the terminology nor the content knows what is in it: that nothing is
    listed then says nothing.
    """
    drugs = regimen.data.legemiddeldoseringsregime.koder
    if terminology is not None and any(_held(code, terminology) for code in drugs):
        return "snomed"
    return "innhold" if _given_ingredients(regimen) else "ingen"


def _meaning(data: KontraindikasjonData) -> tuple[_Codes, _Codes]:
    return (
        frozenset((code.system, code.code) for code in data.tilstand.koder),
        frozenset((code.system, code.code) for code in data.virkestoff.koder),
    )


def find_matches(
    regimen: Doseringsregime, data: KontraindikasjonData, terminology: Terminology | None
) -> tuple[Treff, ...]:
    """How the regimen's drug meets the contra-indication's ingredients: one match for each ingredient
    that is met, the nearest first; a class above one that is met already is left out.

    The drug's codes are looked up in the terminology, then the ingredients that the content gives.
    What the content gives is compared as it stands last, also where the terminology holds the drug:
    an editor who says that it is there must not be overruled by a release in which it is missing.
    """
    drugs = regimen.data.legemiddeldoseringsregime.koder
    given = _given_ingredients(regimen)
    if terminology is not None:
        for codes in (drugs, given):
            held = [code for code in codes if _held(code, terminology)]
            found = _through_terminology(held, data, terminology)
            if found:
                return found
    return _by_content(given, data)


def _held(code: Kode, terminology: Terminology) -> bool:
    return code.system == SNOMED and code.code in terminology


def _given_ingredients(regimen: Doseringsregime) -> tuple[Kode, ...]:
    varde = regimen.data.varde
    return varde.virkestoff.koder if varde and varde.virkestoff else ()


def _through_terminology(
    drugs: Sequence[Kode], data: KontraindikasjonData, terminology: Terminology
) -> tuple[Treff, ...]:
    found = []
    for ingredient in data.virkestoff.koder:
        if not _held(ingredient, terminology):
            continue
        ways = [
            (len(way), place, drug, way)
            for place, drug in enumerate(drugs)
            if (way := terminology.correspondence(drug.code, ingredient.code)) is not None
        ]
        if ways:
            found.append((*min(ways, key=lambda one: one[:2]), ingredient))
    found.sort(key=lambda one: (one[0], one[1], one[4].code))
    met = {ingredient.code for *_, ingredient in found}
    return tuple(
        _match(drug, ingredient, way, terminology)
        for _, _, drug, way, ingredient in found
        if not any(step.target in met for step in way[:-1])
    )


def _match(
    drug: Kode, ingredient: Kode, way: Sequence[PathStep], terminology: Terminology
) -> Treff:
    steps = _write_steps(drug, ingredient, way, terminology)
    return Treff(
        metode="snomed",
        virkestoff=ingredient,
        vei=steps,
        forklaring=_explain(drug, ingredient, steps),
    )


def _write_steps(
    drug: Kode, ingredient: Kode, path: Sequence[PathStep], terminology: Terminology
) -> tuple[Steg, ...]:
    """The path with terms; the content's own terms for its own codes."""
    own = {drug.code: drug, ingredient.code: ingredient}

    def named(code: str) -> Kode:
        return own.get(code) or Kode(SNOMED, code, terminology.term(code))

    return tuple(
        Steg(fra=named(step.source), relasjon=named(step.relation), til=named(step.target))
        for step in path
    )


def _explain(drug: Kode, ingredient: Kode, steps: Sequence[Steg]) -> str:
    if not steps:
        return f"{drug.display} er virkestoffet {ingredient.display}."
    way = "; ".join(f"{s.fra.display} – {s.relasjon.display} – {s.til.display}" for s in steps)
    return f"Funnet i SNOMED CT: {way}."


def _by_content(given: Iterable[Kode], data: KontraindikasjonData) -> tuple[Treff, ...]:
    wanted = {(code.system, code.code): code for code in data.virkestoff.koder}
    met = [wanted[one.system, one.code] for one in given if (one.system, one.code) in wanted]
    return tuple(
        Treff(
            metode="innhold",
            virkestoff=one,
            vei=(),
            forklaring=(
                f"Innholdet oppgir selv virkestoffet {one.display}; "
                "terminologien er ikke lastet, eller har det ikke."
            ),
        )
        for one in dict.fromkeys(met)
    )


def say_terminology(terminology: Terminology | None, name: str | None) -> str:
    """How an answer's contra-indications were matched, for the answer itself."""
    if terminology is None:
        return (
            "Ingen SNOMED CT-utgave er lastet: kontraindikasjoner er koblet på virkestoffene som "
            "innholdet selv oppgir."
        )
    return (
        f"SNOMED CT-utgaven {name} er lastet: kontraindikasjoner er koblet gjennom den der den har "
        "legemiddelet (kobling snomed), ellers på virkestoffene som innholdet selv oppgir."
    )
