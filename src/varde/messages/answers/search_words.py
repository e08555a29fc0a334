"""The words by which searches and their answers are read, from `searches.json`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from varde.messages.kith.words import ResultKind

WORD = re.compile(r"[^\W\d_][\w-]*")
APART = r"(?:\s?[,:]\s?|\s?\(\s?|\s[-–—]\s|[\s-])"
"""What stands between a toxin and the bacterium that makes it."""


class Toxin(NamedTuple):
    """Names of tests for a toxin that say which bacterium makes it.

    Attributes:
        name: what a test looks for that names no bacterium.
        named: both, with the groups ``bearer`` and ``test``, or ``bearer_`` and ``test_``, or ``made`` alone.
        again: the bacterium beside `name`, with the groups ``before`` and ``behind``.
        repeated: what is looked for, as the group ``once``, with names of its test behind it (Difteri (tox), of Difteritoksingen,
            and (tox)).
        bearer_of: name of a bacterium in lower case → what is looked for.
        method_of: name of a test in lower case → its method.
    """

    name: str
    named: re.Pattern[str]
    again: re.Pattern[str]
    repeated: re.Pattern[str]
    bearer_of: Mapping[str, str]
    method_of: Mapping[str, str]


class Words(NamedTuple):
    """The file, shaped for looking up; keys are in lower case but for `written_of`.

    Kinds of method are methods and the keys of `weak`, and ``isolate``.
    """

    methods: re.Pattern[str]
    method_of: Mapping[str, str]
    written: re.Pattern[str]
    written_of: Mapping[str, str]
    endings: re.Pattern[str]
    ending_of: Mapping[str, str]
    weak: Mapping[str, str]
    field_systems: frozenset[str]
    field_codes: Mapping[str, str]
    refined: Mapping[str, tuple[str, ...]]
    order: tuple[str, ...]
    whole: re.Pattern[str]
    whole_of: Mapping[str, tuple[str, str]]
    toxins: tuple[Toxin, ...]
    prefix: re.Pattern[str]
    fillers: re.Pattern[str]
    fillers_of: tuple[str, ...]
    links: frozenset[str]
    specimens: re.Pattern[str]
    specimens_of: tuple[str, ...]
    groups: frozenset[str]
    unnamed: frozenset[str]
    cultures: frozenset[str]
    cells: re.Pattern[str]
    stains: frozenset[str]
    seen: frozenset[str]
    amounts: frozenset[str]
    fields: frozenset[str]
    reactive: frozenset[str]
    reactive_words: frozenset[str]
    reactive_names: frozenset[str]
    titres: re.Pattern[str]
    titre_limits: Mapping[str, tuple[int, int]]
    undecided: frozenset[str]
    signs: Mapping[str, ResultKind]
    results: frozenset[str]
    remarks: frozenset[str]
    never: re.Pattern[str]
    genes: re.Pattern[str]
    controls: re.Pattern[str]
    confirming: re.Pattern[str]
    genetics: re.Pattern[str]
    around: re.Pattern[str]
    devices: re.Pattern[str]


def _devices() -> list[str]:
    """Names of instruments and test kits, of `asides.json`."""
    raw: dict[str, Any] = json.loads(
        files("varde.messages.answers").joinpath("asides.json").read_text("utf-8")
    )
    return [str(word) for word in raw["devices"]["words"]]


@cache
def words() -> Words:
    """The words, read once."""
    raw: dict[str, Any] = json.loads(
        files("varde.messages.answers").joinpath("searches.json").read_text("utf-8")
    )
    methods = raw["methods"]
    method_of = {word: method for method, listed in methods["words"].items() for word in listed}
    specimen = rf"(?:{_any_of(raw['specimens']['texts'])})"
    specimens = rf"{specimen}(?:\s?(?:/|(?<=\s)og\s|(?<=\s)and\s)\s?{specimen})*"
    groups = frozenset(raw["groups"]["texts"])
    materials = {part for text in raw["specimens"]["texts"] for part in WORD.findall(text)}
    cells = raw["cells"]
    return Words(
        methods=_words(_any_of(method_of), re.I),
        method_of=method_of,
        written=_words(_any_of(methods["written"])),
        written_of=methods["written"],
        endings=re.compile(rf"(?<=\w\w\w)(?:{_any_of(methods['endings'])})(?!\w)", re.I),
        ending_of=methods["endings"],
        weak=methods["weak"],
        field_systems=frozenset(raw["fields"]["systems"]),
        field_codes=raw["fields"]["codes"],
        refined={said: tuple(more) for said, more in raw["refined"]["methods"].items()},
        order=tuple(raw["which"]["order"]),
        whole=_words(_any_of(raw["whole"]["words"]), re.I),
        whole_of={word: (pair[0], pair[1]) for word, pair in raw["whole"]["words"].items()},
        toxins=tuple(_read_toxin(each, raw["toxins"]["made"]) for each in raw["toxins"]["each"]),
        prefix=re.compile(
            rf"(?:{_any_of(raw['prefixes']['texts'])})(?:\([^()]{{1,20}}\))?\s?[-–—]\s?(?=\w)"
        ),
        fillers=_words(_any_of(raw["fillers"]["texts"]), re.I),
        fillers_of=tuple(raw["fillers"]["texts"]),
        links=frozenset(raw["links"]["texts"]),
        specimens_of=tuple(raw["specimens"]["texts"]),
        specimens=re.compile(
            rf"(?<!\w)(?:i|in|fra|from) (?:{specimens})(?!\w)"
            rf"|\( ?(?:{specimens}) ?\)|, ?(?:{specimens})$",
            re.I,
        ),
        genetics=re.compile(rf"(?:{_any_of(raw['genetics']['begins'])})", re.I),
        around=re.compile(rf"\A\s*(?:{specimens})(?:\s*:)?\s|\s(?:{specimens})\s*\Z", re.I),
        devices=re.compile(rf"\(\s*(?:(?:{_any_of(_devices())})(?!\w)[\s,/]*)+\)", re.I),
        confirming=re.compile(rf"(?<!\w)(?:{_any_of(raw['confirming']['begins'])})", re.I),
        groups=groups,
        unnamed=groups | materials,
        cultures=groups
        | materials
        | frozenset((*raw["cultures"]["texts"], *raw["links"]["texts"])),
        cells=re.compile(
            rf"(?<!\w)(?:{_any_of(cells['begins'])}|(?:{_any_of(cells['words'])})(?!\w))", re.I
        ),
        stains=frozenset(cells["organisms"]),
        seen=frozenset(cells["seen"]),
        amounts=frozenset(cells["amounts"]),
        fields=frozenset(cells["fields"]),
        reactive=frozenset(raw["reactive"]["organisms"]),
        reactive_words=frozenset(raw["reactive"]["words"]),
        reactive_names=frozenset(raw["reactive"]["names"]),
        titres=_words(_any_of(raw["titres"]["words"]), re.I),
        titre_limits={
            test: (reactive, below)
            for test, (reactive, below) in raw["titres"]["limits"]["tests"].items()
        },
        undecided=frozenset(raw["answers"]["undecided"]),
        signs=raw["answers"]["signs"],
        results=frozenset(raw["answers"]["results"]),
        remarks=frozenset(raw["answers"]["remarks"]),
        never=re.compile(
            rf"(?<!\w)(?:{_any_of(raw['never']['begins'])}|(?:{_any_of(raw['never']['words'])})(?!\w))",
            re.I,
        ),
        controls=re.compile(
            rf"(?<!\w)(?:{_any_of(raw['controls']['anywhere'])})(?!\w)"
            rf"|\A\W*(?:{_any_of(raw['controls']['whole'])})(?:\s?[(,:-]?\s?(?:pcr|[1-9]|[a-z]{{2,4}}))?\W*\Z",
            re.I,
        ),
        genes=re.compile(rf"(?<!\w)(?:{_any_of(raw['genes']['begins'])})", re.I),
    )


def _read_toxin(raw: Mapping[str, Any], made: Iterable[str]) -> Toxin:
    bearers, name = _any_of(raw["bearers"]), re.escape(raw["name"])
    method_of = {test: method for method, tests in raw["tests"].items() for test in tests}
    tests = _any_of(method_of)
    named = (
        rf"(?P<bearer>{bearers}){APART}(?P<test>{tests})|(?P<test_>{tests}){APART}(?P<bearer_>{bearers})"
        rf"|(?:{_any_of(made)}) (?P<made>{bearers})(?=[\s,(-]+(?:pcr|dna)(?!\w))"
    )
    again = (
        rf"(?<!\w)(?P<before>{bearers})[\s,:;/(–—-]+{name}\)?"
        rf"|{name}[\s,:;/(–—-]+(?P<behind>{bearers})(?!\w| \()\)?"
    )
    once = _any_of({raw["name"], *raw["bearers"].values()})
    repeated = rf"(?P<once>{once})(?:[\s,:;/(–—-]+(?:{tests})(?!\w)\)?)+"
    return Toxin(
        raw["name"],
        _words(named, re.I),
        re.compile(again, re.I),
        re.compile(repeated, re.I),
        raw["bearers"],
        method_of,
    )


def _any_of(texts: Iterable[str]) -> str:
    """A pattern of all of them, the longest first."""
    return "|".join(re.escape(text) for text in sorted(texts, key=lambda text: (-len(text), text)))


def _words(pattern: str, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    """A pattern that stands alone: letters and digits around it would make another word of it."""
    return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", flags)
