"""Words: which disease a sender means, what a form says of the clinical picture, what reasons are called."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from varde.cases.catalogue import Named, catalogue
from varde.cases.disease import Definition, Disease, Part, Text
from varde.cases.evidence import Evidence, Known, Picture
from varde.cases.files import DATA, read_toml
from varde.cases.form import read_form

WORDS = DATA / "words.toml"


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
    named: dict[str, Text] = {one.id: one for one in definition.negative}
    named.update((one.id, one) for one in definition.laboratory)
    if criterion in named:
        return named[criterion]
    return vocabulary().criteria[criterion]


def disease_named(said: str) -> Named | None:
    """The disease that a sender means by a word (in any case) or by a code of list 80012; None if unknown."""
    return catalogue().named(said)


def clinical_state(
    disease: Disease,
    day: date,
    *,
    named: Known = "unknown",
    picture: str = "",
    indication: str = "",
    onset: date | None = None,
) -> Picture:
    """What a notification form says about the clinical picture of a disease.

    A form does not ask for each symptom: who notifies the disease because of symptoms says that the person has its
    picture. Who only says when they began says that the person fell ill, not of what: the picture is presumed.

    Args:
        day: whose definition counts.
        named: what the name of the disease says (`Named.clinical`).
        picture, indication: codes of the lists 80015 and 80014, or their words.
    """
    if named != "unknown":
        return named
    definition = disease.definition_on(day)
    form = read_form()
    if definition and definition.clinical and picture in definition.clinical.pictures:
        return "met"
    if picture in form.unmet.pictures or indication in form.unmet.indications:
        return "unmet"
    if picture in form.met.pictures or indication in form.met.indications:
        return "met"
    return "presumed" if onset else "unknown"


def day_of_form(
    disease: Disease,
    sampled: date | None,
    onset: date | None,
    made: date,
    first: date | None = None,
) -> date:
    """The day that a clinician's form is of: when the specimen was taken, else the onset, else when it was first made. A
    form on a disease that people are ill with for long (`Definition.long_ill`) tells of an illness there is now, whenever
    it began: without a specimen's day it is of the day it was made.

    Args:
        made: when this version of it was made.
        first: when its first version was, where that is known: what is put right later is of the same day.
    """
    if sampled is not None:
        return sampled
    begun = made if first is None else min(first, made)
    definition = disease.definition_on(begun)
    if onset is None or onset > made or (definition is not None and definition.long_ill):
        return begun
    return onset


def concerned(evidence: Iterable[Evidence]) -> frozenset[str]:
    """Keys of the diseases that some evidence may make a case of. A dose alone makes none."""
    return catalogue().concerned(evidence)
