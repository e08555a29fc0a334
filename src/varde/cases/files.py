"""Disease files: read, checked against everything they refer to, and found by key."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import msgspec

from varde.cases.disease import (
    CLASSES,
    Alternative,
    Definition,
    Disease,
    Laboratory,
    Negative,
    Text,
    Words,
)
from varde.cases.errors import DiseaseFileError
from varde.cases.negatives import UNDECIDED
from varde.cases.shapes import shape_faults, split_message
from varde.codes import (
    antibiotics,
    materials,
    organisms,
    refines,
    resistance_markers,
    vaccine_diseases,
)

DATA = Path(__file__).parent / "data"
DISEASES = DATA / "diseases"
MATERIAL_SETS = DATA / "material_sets.toml"
GENERAL = frozenset(
    {"laboratory", "laboratory-probable", "clinical", "no-clinical", "epidemiological", "notified"}
)
"""What rules may name beside the ids of laboratory criteria."""

_Content = TypeVar("_Content")
_Criterion = TypeVar("_Criterion", Laboratory, Negative)


class Problem(msgspec.Struct, frozen=True, order=True):
    """What is wrong in a disease file: where, and which rule it breaks."""

    file: str
    field: str
    problem: str


class MaterialSet(Text, frozen=True, kw_only=True):
    """Materials that criteria name together."""

    materials: frozenset[str]
    source: Words


@lru_cache(maxsize=1)
def material_sets() -> Mapping[str, MaterialSet]:
    """Every set of materials by the name that criteria use for it.

    Raises:
        DiseaseFileError: the file breaks its schema, or names a material that does not exist.
    """
    name = MATERIAL_SETS.name
    found = read_toml(MATERIAL_SETS.read_bytes(), name, dict[str, MaterialSet])
    for key, one in found.items():
        if key in materials():
            raise DiseaseFileError(name, key, "is the key of a material")
        for material in sorted(one.materials - set(materials())):
            raise DiseaseFileError(name, f"{key}.materials", f"there is no material {material!r}")
    return MappingProxyType(found)


@lru_cache(maxsize=1)
def diseases() -> Mapping[str, Disease]:
    """Every disease by key, in alphabetical order.

    Raises:
        DiseaseFileError: a file breaks a rule.
    """
    return read_diseases(DISEASES)


def read_diseases(folder: Path) -> Mapping[str, Disease]:
    """Every disease of a folder by key: the room's own, or one with definitions to try out.

    Raises:
        DiseaseFileError: a file breaks a rule, or two say the same name.
    """
    found = [read_disease(path.read_bytes(), path.name) for path in sorted(folder.glob("*.toml"))]
    for problem in _shared_names(found):
        raise DiseaseFileError(problem.file, problem.field, problem.problem)
    return MappingProxyType({disease.key: disease for disease in found})


def check_diseases(folder: Path = DISEASES) -> list[Problem]:
    """Everything that is wrong in a folder of disease files, by file; empty when all can be used.

    Of a file with fields of another shape than they should have, those are all told; what it refers to is looked at when
    they are mended.
    """
    problems: list[Problem] = []
    found: list[Disease] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            disease = _decode(path.read_bytes(), path.name)
        except DiseaseFileError as error:
            problems += _all_shapes(path) or [Problem(error.file, error.field, error.problem)]
            continue
        found.append(disease)
        problems += (Problem(path.name, *said) for said in _faults(disease, path.name))
    problems += _shared_names(found)
    return sorted(problems)


def _all_shapes(path: Path) -> list[Problem]:
    """All fields of a file that are not of their shape; none when it is no TOML at all."""
    try:
        held = tomllib.loads(path.read_bytes().decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError):
        return []
    return [Problem(path.name, *said) for said in shape_faults(held, Disease)]


def read_disease(content: bytes, name: str) -> Disease:
    """The disease that a file holds, ready for use: defaults filled in, sets of materials opened.

    Raises:
        DiseaseFileError: names the file, the field and the rule that it breaks.
    """
    disease = _decode(content, name)
    for field, problem in _faults(disease, name):
        raise DiseaseFileError(name, field, problem)
    return msgspec.structs.replace(
        disease, definition=tuple(_complete(one, disease) for one in disease.definition)
    )


def read_toml(content: bytes, name: str, kind: type[_Content]) -> _Content:
    """A TOML file as what it should hold.

    Raises:
        DiseaseFileError: it is no TOML in UTF-8, or not of that shape.
    """
    try:
        return msgspec.convert(tomllib.loads(content.decode("utf-8")), kind)
    except UnicodeDecodeError as error:
        raise DiseaseFileError(name, "", f"must be UTF-8: byte {error.start} is not") from error
    except tomllib.TOMLDecodeError as error:
        raise DiseaseFileError(name, "", f"no TOML: {error}") from error
    except RecursionError as error:
        raise DiseaseFileError(name, "", "nested too deeply") from error
    except msgspec.ValidationError as error:
        raise DiseaseFileError(name, *split_message(error)) from error


def _decode(content: bytes, name: str) -> Disease:
    return read_toml(content, name, Disease)


def _complete(definition: Definition, disease: Disease) -> Definition:
    return msgspec.structs.replace(
        definition,
        laboratory=tuple(_complete_one(one, disease) for one in definition.laboratory),
        negative=tuple(_complete_one(one, disease) for one in definition.negative),
    )


def _complete_one(criterion: _Criterion, disease: Disease) -> _Criterion:
    methods = criterion.methods
    # A test that confirms antibodies, and a rise of them, are of antibodies too.
    if isinstance(criterion, Laboratory) and "antibody" in methods:
        methods |= {"antibody-blot", "antibody-rise"}
    return msgspec.structs.replace(
        criterion,
        methods=methods,
        organisms=criterion.organisms or disease.organisms,
        materials=frozenset(_open(criterion.materials)),
    )


def _open(names: frozenset[str]) -> Iterator[str]:
    for name in names:
        if name in material_sets():
            yield from material_sets()[name].materials
        else:
            yield name


_Fault = tuple[str, str]
"""Field, problem."""


def _faults(disease: Disease, file: str) -> Iterator[_Fault]:
    if file != f"{disease.key}.toml":
        yield "key", f"the file must be named {disease.key}.toml"
    yield from _unknown("organisms", disease.organisms, organisms(), "organism")
    yield from _unknown("vaccine", disease.vaccine, vaccine_diseases(), "disease of vaccines")
    for field, rows in (
        ("duty", disease.duty),
        ("geography", disease.geography),
        ("definition", disease.definition),
    ):
        yield from _order(field, [row.valid_from for row in rows])
    for number, duty in enumerate(disease.duty):
        receivers = [tell.receiver for tell in duty.tell]
        if len(set(receivers)) != len(receivers):
            yield f"duty[{number}].tell", "a receiver stands twice"
        if duty.at_once and all(tell.within_hours for tell in duty.tell):
            yield f"duty[{number}].tell", "notice at once, and nobody is told within 0 hours"
    for number, definition in enumerate(disease.definition):
        for field, problem in _definition_faults(definition, disease):
            yield f"definition[{number}].{field}", problem


def _definition_faults(definition: Definition, disease: Disease) -> Iterator[_Fault]:
    if definition.lifetime == (definition.episode_days is not None):
        yield "episode_days", "either a number of days, or lifetime = true"
    elif definition.episode_days is not None and definition.window_days > definition.episode_days:
        yield "window_days", "is longer than episode_days"
    if definition.known_from:
        if not definition.lifetime:
            yield "known_from", "is of diseases that a person has for life"
        if definition.known_from >= definition.valid_from:
            yield "known_from", "is not before valid_from"
        if definition is not disease.definition[0]:
            yield "known_from", "stands in the first row alone"
    ids: set[str] = {*GENERAL, UNDECIDED}
    for place, criterion in _criteria(definition):
        if criterion.id in ids:
            yield f"{place}.id", f"{criterion.id!r} names another criterion too"
        ids.add(criterion.id)
        for field, problem in _criterion_faults(criterion, disease):
            yield f"{place}.{field}", problem
    shown = [one.id for one in definition.presentation]
    for number, presentation in enumerate(definition.presentation):
        if presentation.id in shown[:number]:
            yield f"presentation[{number}].id", f"{presentation.id!r} stands twice"
        if not presentation.when and number + 1 < len(shown):
            yield f"presentation[{number}].when", "always applies, and others follow"
    known = frozenset(one.id for one in definition.laboratory)
    for number, negative in enumerate(definition.negative):
        yield from _unknown(
            f"negative[{number}].despite",
            negative.despite,
            dict.fromkeys(known),
            "laboratory criterion",
        )
    denials = dict.fromkeys(one.id for one in definition.negative)
    for number, row in enumerate(definition.laboratory):
        yield from _unknown(
            f"laboratory[{number}].unless", row.unless, denials, "negative criterion"
        )
    yield from _rule_faults(definition)


def _criteria(definition: Definition) -> Iterator[tuple[str, Laboratory | Negative]]:
    """The laboratory criteria and the negative ones, each with the field that it stands in."""
    for number, one in enumerate(definition.laboratory):
        yield f"laboratory[{number}]", one
    for number, other in enumerate(definition.negative):
        yield f"negative[{number}]", other


def _criterion_faults(criterion: Laboratory | Negative, disease: Disease) -> Iterator[_Fault]:
    yield from _unknown("organisms", criterion.organisms, organisms(), "organism")
    named = {**materials(), **material_sets()}
    yield from _unknown("materials", criterion.materials, named, "material or set of materials")
    if not criterion.organisms and not disease.organisms:
        yield "organisms", "neither the criterion nor the disease names an organism"
    if isinstance(criterion, Negative):
        first, last = criterion.days_after_onset or (0, 0)
        if last < first:
            yield "days_after_onset", "the last day comes before the first"
        if criterion.markers and not criterion.same_specimen:
            yield "markers", "are of same_specimen = true"
        if criterion.every and (not criterion.same_specimen or criterion.markers):
            yield "every", "is of same_specimen = true without markers"
        if criterion.instead and not criterion.markers:
            yield "instead", "is of markers"
        if criterion.same_specimen and (
            criterion.days_after_onset or criterion.despite or criterion.at_least > 1
        ):
            yield "same_specimen", "stands without days_after_onset, despite and at_least"
        return
    resistances = {**antibiotics(), **dict.fromkeys(resistance_markers())}
    yield from _unknown("resistant_to", criterion.resistant_to, resistances, "antibiotic")
    yield from _unknown(
        "unless_susceptible_to", criterion.unless_susceptible_to, antibiotics(), "antibiotic"
    )
    for field in ("unless_found", "beside_denied"):
        named = getattr(criterion, field)
        yield from _unknown(field, named, organisms(), "organism")
        for key in sorted((named & organisms().keys()) - disease.organisms):
            yield field, f"{key!r} is no organism of the disease"
    yield from _unknown("unless_finer", criterion.unless_finer, organisms(), "organism")
    for key in sorted(criterion.unless_finer & organisms().keys()):
        if key in disease.organisms:
            yield "unless_finer", f"{key!r} is an organism of the disease itself"
        elif not any(refines(key, one) for one in criterion.organisms or disease.organisms):
            yield "unless_finer", f"{key!r} is no more precise name of an organism of the criterion"
    if criterion.unless_vaccinated_days is not None and not disease.vaccine:
        yield "unless_vaccinated_days", "the disease says no vaccine"
    for field in ("though_linked", "only_live"):
        if getattr(criterion, field) and criterion.unless_vaccinated_days is None:
            yield field, "is of unless_vaccinated_days"
    if disease.key in criterion.unless_notified:
        yield "unless_notified", "names the disease itself"


def _rule_faults(definition: Definition) -> Iterator[_Fault]:
    there = {one.id for one in definition.laboratory} | {"notified"}
    strengths = {one.strength for one in definition.laboratory}
    if strengths:
        there.add("laboratory-probable")
    if "confirmed" in strengths:
        there.add("laboratory")
    if definition.clinical:
        there |= {"clinical", "no-clinical"}
    if definition.epidemiological:
        there.add("epidemiological")
    if not any(definition.rules.of(one) for one in CLASSES):
        yield "rules", "there is no rule: nothing is ever a case"
    denials = {one.id for one in definition.negative}
    for field, alternative in definition.alternatives():
        is_denial = field.startswith("rules.discarded")
        if is_denial and denials.isdisjoint(alternative):
            yield field, "names no negative criterion"
        for name in alternative:
            if name not in there and not (is_denial and name in denials):
                yield field, f"the definition has no criterion {name!r}"
    for number, name in enumerate(definition.presume):
        if name not in there:
            yield f"presume[{number}]", f"the definition has no criterion {name!r}"
    asked = definition.epidemiological
    if asked and asked.carriers and "human" not in asked.links:
        yield "epidemiological.carriers", "no link is from person to person"
    used = _used([alternative for _, alternative in definition.alternatives()], definition)
    for place, criterion in _criteria(definition):
        if criterion.id not in used:
            yield f"{place}.id", f"no rule uses {criterion.id!r}"
    for name in ("clinical", "epidemiological"):
        if name in there and name not in used:
            yield name, "no rule uses it"


def _used(alternatives: Sequence[Alternative], definition: Definition) -> set[str]:
    used = {name for alternative in alternatives for name in alternative}
    if "no-clinical" in used:
        used.add("clinical")
    for criterion in definition.laboratory:
        used |= criterion.unless
        if "laboratory-probable" in used:
            used.add(criterion.id)
        if "laboratory" in used and criterion.strength == "confirmed":
            used.add(criterion.id)
    return used


def _unknown(
    field: str, keys: frozenset[str], there: Mapping[str, Any], what: str
) -> Iterator[_Fault]:
    for key in sorted(keys - there.keys()):
        yield field, f"there is no {what} {key!r}"


def _order(field: str, days: Sequence[date]) -> Iterator[_Fault]:
    for number, (one, other) in enumerate(pairwise(days), start=1):
        if one >= other:
            yield f"{field}[{number}].valid_from", "rows must be in the order of their days"


def _shared_names(found: Sequence[Disease]) -> Iterator[Problem]:
    """Names and codes that two diseases use: a notification with them could be either."""
    owners: dict[str, str] = {}
    for disease in found:
        said = [("also", name.word.casefold()) for name in disease.names()]
        said += [("codes.msis", code) for code in disease.codes.msis]
        for field, word in said:
            owner = owners.setdefault(word, disease.key)
            if owner != disease.key:
                problem = f"{word!r} is a name of {owner} too"
                yield Problem(f"{disease.key}.toml", field, problem)
