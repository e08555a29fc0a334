"""What a report found, where a name means one thing or another by the specimen, or by what else stands in the report.

"Chlamydia PCR" of urine looks for *C. trachomatis*, of the airways it says no more than the genus. "Difteritoksin" is of
*C. diphtheriae*, but where *C. ulcerans* grew it is of that. The names are in `settled.json`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple, TypeVar

import msgspec

from varde.codes import CodeMap, materials, refines
from varde.messages.answers.contradicted import hold_contradicted
from varde.messages.answers.known_names import concept_of
from varde.messages.records import Code, Finding, LookedFor, Specimen

UNTOLD = "hvilken bakterie er ikke sagt"
"""What a person is shown beside a toxin of which nobody can tell which of two bacteria it is of."""


class _Place(NamedTuple):
    organism: str
    methods: frozenset[str]
    means: str
    groups: frozenset[str]
    materials: frozenset[str]
    unsaid: frozenset[str]
    said: str


class _Toxin(NamedTuple):
    name: str
    usual: str
    usual_name: str
    others: Mapping[str, str]
    kind: str


class _Words(NamedTuple):
    places: tuple[_Place, ...]
    toxins: tuple[_Toxin, ...]


One = TypeVar("One", Finding, LookedFor)


@cache
def _words() -> _Words:
    raw = json.loads(files("varde.messages.answers").joinpath("settled.json").read_text("utf-8"))
    return _Words(
        tuple(
            _Place(
                row["organism"],
                frozenset(row["methods"]),
                row["means"],
                frozenset(row["groups"]),
                frozenset(row["materials"]),
                frozenset(row["unsaid"]["groups"]),
                row["unsaid"]["said"],
            )
            for row in raw["materials"]
        ),
        tuple(
            _Toxin(row["name"], row["usual"], row["usual_name"], row["others"], row["kind"])
            for row in raw["toxins"]
        ),
    )


@cache
def _code_map() -> CodeMap:
    return CodeMap.load()


def settle(
    findings: Sequence[Finding], looked_for: Sequence[LookedFor], specimens: Sequence[Specimen]
) -> tuple[tuple[Finding, ...], tuple[LookedFor, ...]]:
    """The findings and searches of a report, each by what its name means there."""
    places = {each.number: _material(each) for each in specimens}
    found = {key for each in findings if (key := _concept(each)) is not None}
    settled = [_settle(each, places.get(each.specimen, ""), found) for each in findings]
    return (
        hold_contradicted(_with_toxins(settled), looked_for),
        tuple(_settle(each, places.get(each.specimen, ""), found) for each in looked_for),
    )


def _settle(one: One, material: str, found: set[str]) -> One:
    text = one.organisms[0].text if one.organisms else ""
    for toxin in _words().toxins:
        if text == toxin.name:
            return _of_bacterium(one, toxin, found)
    key = _concept(one) if one.organisms else None
    for place in _words().places:
        if key != place.organism or one.method not in place.methods:
            continue
        group = materials()[material].group if material else ""
        if group in place.groups or material in place.materials:
            return msgspec.structs.replace(one, organisms=(Code(text=place.means),))
        if group in place.unsaid and isinstance(one, Finding):
            # No map knows it: a person tells which of them it is.
            return msgspec.structs.replace(one, organisms=(Code(text=place.said),))
    return one


def _of_bacterium(one: One, toxin: _Toxin, found: set[str]) -> One:
    others = [name for key, name in toxin.others.items() if _is_among(key, found)]
    if not others:
        return msgspec.structs.replace(one, organisms=(Code(text=toxin.usual_name),))
    if len(others) > 1 or toxin.usual in found:
        # Nobody can tell which of them has it.
        unknown = Code(text=f"{toxin.name} ({UNTOLD})")
        return msgspec.structs.replace(one, organisms=(unknown,))
    return msgspec.structs.replace(one, organisms=(Code(text=others[0]),))


def _with_toxins(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Without the toxins that are of what was found in their specimen, which then has them in one of its names."""
    found = list(findings)
    for toxin in _words().toxins if len(found) > 1 else ():
        toxins = [each for each in found if toxin.kind and _is_of(each, toxin)]
        for one in toxins:
            owners = (
                at
                for at, each in enumerate(found)
                if each.specimen == one.specimen
                and not _is_of(each, toxin)
                and _is_among(toxin.usual, {_concept(each) or ""})
            )
            if (at := next(owners, None)) is not None:
                name = Code(
                    text=f"{found[at].organisms[0].text or toxin.usual_name} ({toxin.kind})"
                )
                organisms = tuple(dict.fromkeys((*found[at].organisms, name)))
                found[at] = msgspec.structs.replace(found[at], organisms=organisms)
                found.remove(one)
    if len(found) == len(findings):
        return tuple(findings)
    return tuple(msgspec.structs.replace(each, number=at) for at, each in enumerate(found, 1))


def _is_of(one: Finding, toxin: _Toxin) -> bool:
    named = bool(one.organisms) and one.organisms[0].text == toxin.usual_name
    return named or (one.method == "toxin" and _is_among(toxin.usual, {_concept(one) or ""}))


def _is_among(key: str, found: set[str]) -> bool:
    return any(each == key or (each and refines(each, key)) for each in found)


def _concept(one: Finding | LookedFor) -> str | None:
    if one.organisms and one.organisms[0].text in {toxin.name for toxin in _words().toxins}:
        return None
    return concept_of(one.organisms)


def _material(specimen: Specimen) -> str:
    named = ((code.system, code.code, code.text) for code in specimen.materials)
    return _code_map().find("material", named) or ""
