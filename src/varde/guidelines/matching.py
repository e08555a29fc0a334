"""Which contra-indications are listed under a dosing regimen, and why.

A contra-indication names a condition and active ingredients. It is listed under a dosing regimen when
an active ingredient of the regimen's drug corresponds to one of them (Helsedirektoratet, the antibiotic
model, "Kobling mellom doseringsregime og kontraindikasjon", 05.11.2021). Equality of codes is not enough:
drugs are defined by salts and esters, in hierarchies, and several to a product, so the terminology is
asked (`varde.codes.snomed`). Where it is not loaded, or does not hold the drug, the ingredients that stand
in the content are compared, and the match says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

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
        match = find_match(regimen, data, terminology)
        if match:
            listed.append(
                ListetKontraindikasjon(
                    tittel=entry.innhold.tittel,
                    tekst=entry.innhold.tekst,
                    data=data,
                    varde=ListetVarde(id=entry.innhold.id, treff=match),
                )
            )
    return tuple(listed)


def _meaning(data: KontraindikasjonData) -> tuple[frozenset[str], frozenset[str]]:
    return (
        frozenset(code.code for code in data.tilstand.koder),
        frozenset(code.code for code in data.virkestoff.koder),
    )


def find_match(
    regimen: Doseringsregime, data: KontraindikasjonData, terminology: Terminology | None
) -> Treff | None:
    """How the regimen's drug meets the contra-indication's ingredients; None when it does not.

    The drug's codes are looked up in the terminology, then the ingredients that the content gives.
    What the content gives is compared as it stands last, also where the terminology holds the drug:
    an editor who says that it is there must not be overruled by a release in which it is missing.
    """
    drugs = regimen.data.legemiddeldoseringsregime.koder
    given = _given_ingredients(regimen)
    if terminology is not None:
        held = [code for code in (*drugs, *given) if _held(code, terminology)]
        found = next(_through_terminology(held, data, terminology), None)
        if found:
            return found
    return _by_content(given, data)


def _held(code: Kode, terminology: Terminology) -> bool:
    return code.system == SNOMED and code.code in terminology


def _given_ingredients(regimen: Doseringsregime) -> tuple[Kode, ...]:
    varde = regimen.data.varde
    return varde.virkestoff.koder if varde and varde.virkestoff else ()


def _through_terminology(
    drugs: Iterable[Kode], data: KontraindikasjonData, terminology: Terminology
) -> Iterator[Treff]:
    """The matches, the shortest path of each drug first."""
    for drug in drugs:
        paths = []
        for ingredient in data.virkestoff.koder:
            if _held(ingredient, terminology):
                path = terminology.correspondence(drug.code, ingredient.code)
                if path is not None:
                    paths.append((len(path), ingredient.code, ingredient, path))
        if paths:
            _, _, ingredient, path = min(paths, key=lambda found: found[:2])
            steps = _write_steps(drug, ingredient, path, terminology)
            yield Treff(
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


def _by_content(given: Iterable[Kode], data: KontraindikasjonData) -> Treff | None:
    wanted = {(code.system, code.code): code for code in data.virkestoff.koder}
    for ingredient in given:
        met = wanted.get((ingredient.system, ingredient.code))
        if met:
            return Treff(
                metode="innhold",
                virkestoff=met,
                vei=(),
                forklaring=(
                    f"Innholdet oppgir selv virkestoffet {met.display}; "
                    "terminologien er ikke lastet, eller har det ikke."
                ),
            )
    return None


def say_terminology(terminology: Terminology | None, name: str | None) -> str:
    """How an answer's contra-indications were matched, for the answer itself."""
    if terminology is None:
        return (
            "Ingen SNOMED CT-utgave er lastet: kontraindikasjoner er koblet på virkestoffene som "
            "innholdet selv oppgir."
        )
    return f"Kontraindikasjoner er koblet gjennom SNOMED CT-utgaven {name}."
