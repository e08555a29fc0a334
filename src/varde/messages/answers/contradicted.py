"""A resistance in the name of what grew that a test of the same isolate denies (Klebsiella pneumoniae, KPC-produserende; KPC: Ikke
påvist).

One of the two is a slip, and a person must look: what grew then has a name that no map knows, with both in it. A search for the
carriers of a resistance in the specimen (MRSA PCR) is no test of the isolate: a culture finds what it does not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import msgspec

from varde.codes import markers_in, may_carry, read_resistant_name, resistance_words
from varde.messages.answers.known_names import concept_of
from varde.messages.answers.searches import LONGEST, text_of
from varde.messages.records import Code, Finding, LookedFor


class _Genes(NamedTuple):
    """What is known of the genes of resistances (`contradicted` in `settled.json`).

    Attributes:
        words: how they are written.
        alike: those that are found as another one.
        needed: those without which there is no such resistance, as a name says it.
        in_place: those that may be there instead of what is needed.
    """

    words: re.Pattern[str]
    alike: Mapping[str, str]
    needed: Mapping[str, frozenset[str]]
    in_place: frozenset[str]


@cache
def _known() -> _Genes:
    path = files("varde.messages.answers").joinpath("settled.json")
    raw = json.loads(path.read_text("utf-8"))["contradicted"]
    return _Genes(
        re.compile("|".join(raw["genes"]), re.I),
        raw["alike"],
        {marker: frozenset(genes) for marker, genes in raw["needed"].items()},
        frozenset(raw["in_place"]),
    )


def hold_contradicted(
    findings: Sequence[Finding], looked_for: Sequence[LookedFor]
) -> tuple[Finding, ...]:
    """The findings of a report; one whose resistance is denied has a name that waits for a person."""
    denied = [
        one
        for one in looked_for
        if one.answer == "not-found"
        and one.organisms
        and (words := resistance_words(text_of(one.organisms[0])))
        and not (one.method and any(read_resistant_name(word).bearers for word in words))
    ]
    if not denied:
        return tuple(findings)
    found = [one for one in looked_for if one.answer == "found" and one.organisms]
    return tuple(_hold(each, findings, denied, found) for each in findings)


def _hold(
    one: Finding,
    findings: Sequence[Finding],
    denied: Sequence[LookedFor],
    found: Sequence[LookedFor],
) -> Finding:
    for marker in markers_in((code.code, code.text) for code in one.organisms):
        beside = [
            each
            for each in findings
            if each.specimen == one.specimen
            and (key := concept_of(each.organisms)) is not None
            and may_carry(key, marker)
        ]
        if len(beside) != 1:
            continue  # nobody can tell which of them was tested
        tests = [each for each in denied if each.specimen == one.specimen and _is_of(each, marker)]
        also = _genes(each for each in found if each.specimen == one.specimen)
        if tests and _is_denied(one, marker, tests, also):
            name, test = (
                text_of(one.organisms[0]),
                min(text_of(each.organisms[0]) for each in tests),
            )
            said = Code(text=f"{name} ({test}: ikke påvist)"[:LONGEST])
            return msgspec.structs.replace(one, organisms=(said,))
    return one


def _is_denied(one: Finding, marker: str, tests: Sequence[LookedFor], also: frozenset[str]) -> bool:
    own = frozenset(
        gene
        for code in one.organisms
        for word in resistance_words(text_of(code))
        if marker in read_resistant_name(word).markers
        for gene in _genes_in(word)
    )
    if not all(_genes([each]) for each in tests):
        return True  # the resistance itself (Karbapenemase: Ikke påvist)
    missing = _genes(tests)
    if own:
        return own <= missing
    needed = _known().needed.get(marker, frozenset())
    return bool(needed) and needed <= missing and also.isdisjoint(_known().in_place)


def _is_of(one: LookedFor, marker: str) -> bool:
    return any(
        marker in read_resistant_name(word).markers
        for word in resistance_words(text_of(one.organisms[0]))
    )


def _genes(tests: Iterable[LookedFor]) -> frozenset[str]:
    return frozenset(gene for one in tests for gene in _genes_in(text_of(one.organisms[0])))


def _genes_in(text: str) -> frozenset[str]:
    """The genes in a text, each by one name; mecA/C is two."""
    found: set[str] = set()
    for match in _known().words.finditer(text):
        gene = re.sub(r"[- ]|^bla", "", match.group().casefold())
        head, _, second = gene.partition("/")
        found.add(_known().alike.get(head, head))
        if second:
            found.add(f"{head[:3]}{second}")
    return frozenset(found)
