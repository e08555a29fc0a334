"""The answer to "was this analysis made before": what the API gives and what the card says."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from django.utils.translation import override
from msgspec import Struct

from varde import codes
from varde.cases import vocabulary
from varde.register import Analysis, Earlier
from varde.web.names import antibiotic_name, organism_words
from varde.web.registers import laboratory_names

KEEPS = (
    "Registeret har det som er funnet. Av svar uten funn har det dag, materiale og laboratorium, og ikke hva det "
    "ble lett etter. At det ikke er kjent om en analyse er gjort, betyr derfor ikke at den ikke er gjort."
)
KEEPS_EN = (
    "The register has what was found. Of answers without finding it has day, material and laboratory, and not what was "
    "looked for. That it is not known whether an analysis was made therefore does not mean that it was not."
)


class Name(Struct, frozen=True):
    """Something by its key and what it is called in bokmål."""

    key: str
    name: str


class Understood(Struct, frozen=True, kw_only=True):
    """What the question was taken to be about; None for whatever it is.

    Attributes:
        material: a group of materials, such as ``urine``.
    """

    organism: Name | None
    method: Name | None
    material: str | None


class Specimen(Struct, frozen=True, kw_only=True):
    """An earlier specimen.

    Attributes:
        days: since it was taken.
        sir: antibiotic → S, I or R, by names of antibiotics.
        preliminary: the answer was not final.
    """

    taken: date
    days: int
    laboratory: Name
    material: Name | None
    organism: Name | None = None
    method: Name | None = None
    sir: dict[str, str] = {}
    preliminary: bool = False


class Answer(Struct, frozen=True, kw_only=True):
    """The whole answer.

    Attributes:
        done: ``yes``, ``possibly`` or ``not-known``; never no.
        days: since the specimen that `done` is about.
        found: the newest finding that the analysis looks for.
        without_finding: a newer specimen of that material in which nothing was found, whatever was looked for.
        findings: how many findings there are that it looks for.
        repeat: whether another analysis is of use.
        why, why_en: what says so.
        keeps, keeps_en: what the register does not know.
    """

    analysis: Understood
    done: Literal["yes", "possibly", "not-known"]
    days: int | None
    found: Specimen | None
    without_finding: Specimen | None
    findings: int
    repeat: Literal["rarely-useful", "may-be-useful", "not-known"]
    why: str | None
    why_en: str | None
    source: str | None
    keeps: str = KEEPS
    keeps_en: str = KEEPS_EN


def answer_of(analysis: Analysis, earlier: Earlier) -> Answer:
    """What is known, written out: names in bokmål, whatever the language of the one who asks."""
    with override("nb"):
        return _answer(analysis, earlier)


def _answer(analysis: Analysis, earlier: Earlier) -> Answer:
    return Answer(
        analysis=Understood(
            organism=_organism(analysis.organism),
            method=_method(analysis.method),
            material=analysis.material or None,
        ),
        done=earlier.done,
        days=earlier.days,
        found=_found(earlier),
        without_finding=_without(earlier),
        findings=earlier.count,
        repeat=earlier.repeat,
        why=earlier.rule.nb if earlier.rule else None,
        why_en=earlier.rule.en if earlier.rule else None,
        source=earlier.rule.source if earlier.rule else None,
    )


def _found(earlier: Earlier) -> Specimen | None:
    found = earlier.found
    if found is None:
        return None
    return Specimen(
        taken=found.day,
        days=(earlier.today - found.day).days,
        laboratory=_laboratory(found.sender),
        material=_material(found.material),
        organism=_organism(found.organism),
        method=_method(found.method),
        sir={antibiotic_name(one.antibiotic): one.sir for one in found.results if one.sir},
        preliminary=found.status != "F",
    )


def _without(earlier: Earlier) -> Specimen | None:
    answer = earlier.without
    if answer is None:
        return None
    return Specimen(
        taken=answer.day,
        days=(earlier.today - answer.day).days,
        laboratory=_laboratory(answer.sender),
        material=_material(answer.material),
        preliminary=answer.status != "F",
    )


def _laboratory(key: str) -> Name:
    return Name(key, laboratory_names().get(key, key))


def _material(key: str) -> Name | None:
    known = codes.materials().get(key)
    return Name(key, known.name_nb) if known else None


def _organism(key: str) -> Name | None:
    return Name(key, organism_words(key)) if key in codes.organisms() else None


def _method(key: str) -> Name | None:
    words: dict[str, Any] = vocabulary().methods
    return Name(key, words[key].nb) if key in words else None
