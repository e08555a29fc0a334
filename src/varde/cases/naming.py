"""Words: which disease a sender means, what a form says of the clinical picture, what reasons are called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from varde.cases.disease import Definition, Disease, Part, Text, Words
from varde.cases.evidence import Evidence, Known, LaboratoryFinding, Vaccinated
from varde.cases.files import DATA, diseases, read_toml

WORDS = DATA / "words.toml"
NOTIFICATION = DATA / "notification.toml"


class Named(NamedTuple):
    """The disease that a word or code names, and what it says about the clinical picture."""

    disease: str
    clinical: Known


class _FormAnswers(Part, frozen=True, kw_only=True):
    indications: frozenset[str] = frozenset()
    pictures: frozenset[str] = frozenset()


class _Form(Part, frozen=True, kw_only=True):
    source: Words
    met: _FormAnswers
    unmet: _FormAnswers


class _Vocabulary(Part, frozen=True, kw_only=True):
    criteria: dict[str, Text]
    classes: dict[str, Text]
    states: dict[str, Text]
    set_aside: dict[str, Text]
    imported: dict[str, Text]
    receivers: dict[str, Text]
    methods: dict[str, Text]


@lru_cache(maxsize=1)
def vocabulary() -> _Vocabulary:
    """Words for all that is the same in every disease.

    Raises:
        DiseaseFileError: the file breaks its schema.
    """
    return read_toml(WORDS.read_bytes(), WORDS.name, _Vocabulary)


def words_of(definition: Definition, criterion: str) -> Text:
    """What a criterion of a definition is called.

    Raises:
        KeyError: the definition has no such criterion.
    """
    if criterion == "clinical" and definition.clinical:
        return definition.clinical
    if criterion == "epidemiological" and definition.epidemiological:
        return definition.epidemiological
    for one in definition.laboratory:
        if one.id == criterion:
            return one
    return vocabulary().criteria[criterion]


def disease_named(said: str) -> Named | None:
    """The disease that a sender means by a word (in any case) or by a code of list 80012; None if unknown."""
    return _names().get(" ".join(said.split()).casefold())


@lru_cache(maxsize=1)
def _names() -> Mapping[str, Named]:
    found: dict[str, Named] = {}
    for disease in diseases().values():
        for name in disease.names():
            found[name.word.casefold()] = Named(disease.key, name.clinical)
        for code in disease.codes.msis:
            found[code] = Named(disease.key, "unknown")
    return MappingProxyType(found)


def clinical_state(
    disease: Disease,
    day: date,
    *,
    named: Known = "unknown",
    picture: str = "",
    indication: str = "",
    onset: date | None = None,
) -> Known:
    """What a notification form says about the clinical picture of a disease.

    A form does not ask for each symptom: who notifies the disease because of symptoms, or says when they
    began, says that the person has its picture.

    Args:
        day: whose definition counts.
        named: what the name of the disease says (`Named.clinical`).
        picture, indication: codes of the lists 80015 and 80014, or their words.
    """
    if named != "unknown":
        return named
    definition = disease.definition_on(day)
    form = _form()
    if definition and definition.clinical and picture in definition.clinical.pictures:
        return "met"
    if picture in form.unmet.pictures or indication in form.unmet.indications:
        return "unmet"
    if onset or picture in form.met.pictures or indication in form.met.indications:
        return "met"
    return "unknown"


@lru_cache(maxsize=1)
def _form() -> _Form:
    return read_toml(NOTIFICATION.read_bytes(), NOTIFICATION.name, _Form)


def concerned(evidence: Iterable[Evidence]) -> frozenset[str]:
    """Keys of the diseases that some evidence may make a case of. A dose alone makes none."""
    found: set[str] = set()
    for one in evidence:
        if isinstance(one, LaboratoryFinding):
            found |= _by_organism().get(one.organism, frozenset())
        elif not isinstance(one, Vaccinated):
            found.add(one.disease)
    return frozenset(found & diseases().keys())


@lru_cache(maxsize=1)
def _by_organism() -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for disease in diseases().values():
        named = [criterion.organisms for row in disease.definition for criterion in row.laboratory]
        for organism in disease.organisms.union(*named):
            found.setdefault(organism, set()).add(disease.key)
    return MappingProxyType({key: frozenset(keys) for key, keys in found.items()})
