"""The answer to "was this analysis made before": what the API gives and what the card says."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from django.utils.translation import override
from msgspec import Struct

from varde import codes
from varde.cases import vocabulary
from varde.messages.records import Outcome
from varde.register import Analysis, Earlier
from varde.web.names import antibiotic_name, organism_words
from varde.web.registers import laboratory_names

KEEPS = (
    "Registeret har det som er funnet, og det som ble lett etter når svaret sier det. Av eldre svar, av undersøkelser av mange "
    "mikrober på én gang og av svar som ikke sier det, har det bare dag, materiale og laboratorium. At det ikke er kjent om "
    "en analyse er gjort, betyr derfor ikke at den ikke er gjort."
)
KEEPS_EN = (
    "The register has what was found, and what was looked for where the answer says so. Of older answers, of tests for many "
    "microbes at once and of answers that do not say it, it has day, material and laboratory alone. That it is not known "
    "whether an analysis was made therefore does not mean that it was not."
)
SAID: dict[Outcome, str] = {
    "found": "påvist",
    "not-found": "ikke påvist",
    "inconclusive": "uavklart, se svaret",
    "pending": "under arbeid",
}
GREW: dict[Outcome, str] = SAID | {"found": "vekst", "not-found": "ingen vekst"}
"""The same of a culture of whatever grows."""


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
        under_way: there is no result yet.
    """

    taken: date
    days: int
    laboratory: Name
    material: Name | None
    organism: Name | None = None
    method: Name | None = None
    sir: dict[str, str] = {}
    preliminary: bool = False
    under_way: bool = False


class Search(Struct, frozen=True, kw_only=True):
    """What the newest specimen that was searched came to.

    Attributes:
        text: all of it in one line, in bokmål.
        organism: None for a culture of whatever grows.
        resistance: what alone was looked for of the organism (``mrsa``); None for the organism itself.
        preliminary: the answer was not final: of ``not-found``, not found so far.
    """

    answer: Outcome
    text: str
    taken: date
    days: int
    laboratory: Name
    material: Name | None
    organism: Name | None
    resistance: str | None
    method: Name | None
    preliminary: bool


class Answer(Struct, frozen=True, kw_only=True):
    """The whole answer.

    Attributes:
        done: ``yes``, ``possibly`` or ``not-known``; never no.
        days: since the specimen that `done` is about.
        latest: of ``yes``: the newest specimen in which the same was looked for, and what came of it.
        found: the newest finding that the analysis looks for.
        without_finding: a newer specimen of that material in which nothing was found, or whose answer is under way
            (`under_way`), and of which nobody knows what was looked for.
        findings: how many findings there are that it looks for.
        repeat: whether another analysis is of use.
        why, why_en: what says so.
        keeps, keeps_en: what the register does not know.
    """

    analysis: Understood
    done: Literal["yes", "possibly", "not-known"]
    days: int | None
    latest: Search | None
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
        latest=_latest(earlier),
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


def _latest(earlier: Earlier) -> Search | None:
    one = earlier.looked or earlier.found
    if one is None or earlier.answer is None:
        return None
    days = (earlier.today - one.day).days
    organism, method, material = (
        _organism(one.organism), _method(one.method), _material(one.material)
    )  # fmt: skip
    answer = earlier.answer
    preliminary = one.status != "F"
    what = organism.name if organism else "Dyrkning" if not one.organism else one.organism
    if one.markers:
        what += f" ({one.markers.upper().replace(',', ', ')})"
    if method and not (organism is None and one.method == "culture"):
        what += f", {method.name}"
    if material:
        what += f" i {material.name}"
    said = (SAID if one.organism or earlier.looked is None else GREW)[answer]
    if preliminary and answer != "pending":
        said += " så langt (foreløpig svar)"
    ago = f"prøven tatt for {ago_words(days)}" if answer == "pending" else f"for {ago_words(days)}"
    laboratory = _laboratory(one.sender)
    joint = ", " if answer == "pending" or preliminary else " "
    return Search(
        answer=answer,
        text=f"{what}: {said}{joint}{ago} ({laboratory.name})",
        taken=one.day,
        days=days,
        laboratory=laboratory,
        material=material,
        organism=organism,
        resistance=one.markers or None,
        method=method,
        preliminary=preliminary,
    )


def ago_words(days: int) -> str:
    """How long ago a day is, in bokmål, after «for»."""
    return {0: "under ett døgn siden", 1: "1 dag siden"}.get(days, f"{days} dager siden")


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
        under_way=answer.under_way,
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
