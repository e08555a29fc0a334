"""Analyses that look for one organism otherwise than by growing it: which organism, by which method.

"P-Morbillivirus IgM" is a search for measles virus by antibodies of class M. What the name of an analysis
holds beside the organism (the specimen, the method, words such as "detection of") is taken off with the
words of `searches.json`, and what is left names the organism, for a code map to know. Codes stay as sent.
A name without a word of a method is no search: nothing is guessed from a code, nor from the organism.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple, cast

from varde.messages.records import Code, Method

LONGEST = 200
"""Characters; a longer text is a remark and no name."""

EDGES = " \t,;:/+-–—.*()[]"
"""Signs that are left at the ends when words are taken off."""


class Search(NamedTuple):
    """What an analysis looks for.

    Attributes:
        method: how; never empty.
        organisms: the names of the analysis, the words of specimen and method taken off.
    """

    method: Method
    organisms: tuple[Code, ...]


class Words(NamedTuple):
    """The file, shaped for looking up; keys are in lower case but for `written_of`."""

    methods: re.Pattern[str]
    method_of: Mapping[str, Method]
    written: re.Pattern[str]
    written_of: Mapping[str, Method]
    endings: re.Pattern[str]
    ending_of: Mapping[str, Method]
    order: tuple[Method, ...]
    whole: re.Pattern[str]
    whole_of: Mapping[str, tuple[Method, str]]
    prefix: re.Pattern[str]
    fillers: re.Pattern[str]
    links: frozenset[str]
    specimens: re.Pattern[str]
    groups: frozenset[str]
    never: re.Pattern[str]


@cache
def words() -> Words:
    """The words, read once."""
    raw: dict[str, Any] = json.loads(
        files("varde.messages").joinpath("searches.json").read_text("utf-8")
    )
    methods = raw["methods"]
    method_of = {
        word: cast(Method, method) for method, listed in methods["words"].items() for word in listed
    }
    specimens = _any_of(raw["specimens"]["texts"])
    return Words(
        methods=_words(_any_of(method_of), re.I),
        method_of=method_of,
        written=_words(_any_of(methods["written"])),
        written_of=methods["written"],
        endings=re.compile(rf"(?<=\w\w\w)(?:{_any_of(methods['endings'])})(?!\w)", re.I),
        ending_of=methods["endings"],
        order=tuple(raw["which"]["order"]),
        whole=_words(_any_of(raw["whole"]["words"]), re.I),
        whole_of={word: (pair[0], pair[1]) for word, pair in raw["whole"]["words"].items()},
        prefix=re.compile(
            rf"(?:{_any_of(raw['prefixes']['texts'])})(?:\([^()]{{1,20}}\))?\s?[-–—]\s?(?=\w)"
        ),
        fillers=_words(_any_of(raw["fillers"]["texts"]), re.I),
        links=frozenset(raw["links"]["texts"]),
        specimens=re.compile(
            rf"(?<!\w)(?:i|in|fra|from) (?:{specimens})(?!\w)"
            rf"|\( ?(?:{specimens}) ?\)|, ?(?:{specimens})$",
            re.I,
        ),
        groups=frozenset(raw["groups"]["texts"]),
        never=re.compile(rf"(?<!\w)(?:{_any_of(raw['never']['begins'])})", re.I),
    )


def _any_of(texts: Iterable[str]) -> str:
    """A pattern of all of them, the longest first."""
    return "|".join(re.escape(text) for text in sorted(texts, key=lambda text: (-len(text), text)))


def _words(pattern: str, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    """A pattern that stands alone: letters and digits around it would make another word of it."""
    return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", flags)


# Analyses repeat for ever, and their names are short: what is written about a patient does not come here.
@lru_cache(maxsize=16384)
def find_search(names: tuple[Code, ...]) -> Search | None:
    """What an analysis of these names looks for; None when it is no search for one organism.

    Args:
        names: the alternatives that name the analysis: codes with or without text.
    """
    said: set[Method] = set()
    organisms: list[Code] = []
    for code in names:
        name = " ".join((code.text or code.code).split())
        if words().never.search(name):
            return None
        methods, rest = _split(name)
        said |= methods
        if not methods:
            organisms.append(code)
        elif rest or (code.code and code.system):
            organisms.append(Code(system=code.system, code=code.code, text=rest))
    method = _choose(said)
    if method in ("", "culture") or not any(_names_one(code.text) for code in organisms):
        return None
    return Search(method, tuple(dict.fromkeys(organisms)))


@lru_cache(maxsize=16384)
def method_of(names: tuple[Code, ...]) -> Method:
    """The method that the names of an analysis say, culture among them; empty when they say none."""
    said: set[Method] = set()
    for code in names:
        said |= _split(" ".join((code.text or code.code).split()))[0]
    return _choose(said)


def _names_one(text: str) -> bool:
    """Whether a text may name one organism: it has letters, and not of panels and kinds alone."""
    parts = re.findall(r"[^\W\d_][\w-]*", text.casefold())
    return sum(map(len, parts)) > 2 and not all(part in words().groups for part in parts)


def _choose(said: set[Method]) -> Method:
    """Of several methods the one that claims least, as `searches.json` orders them."""
    classes = {method for method in said if method.startswith("antibody-")}
    if classes and said <= {*classes, "antibody"}:
        return classes.pop() if len(classes) == 1 else "antibody"
    kinds = said - classes | ({"antibody"} if classes else set())
    return next((method for method in words().order if method in kinds), "")


def _split(name: str) -> tuple[set[Method], str]:
    """The methods that a name says, and what is left of it without them."""
    if len(name) > LONGEST:
        return set(), ""
    known = words()
    # LOINC's brackets and NPU's semicolon end the component; how it was found may stand behind them.
    head, _, tail = name.replace("[", ";").partition(";")
    prefix = known.prefix.match(head)
    head = head[prefix.end() :] if prefix is not None else head
    methods: set[Method] = set()

    def take(pattern: re.Pattern[str], of: Mapping[str, Method], text: str) -> str:
        """The text without the words of a pattern, whose methods are noted."""

        def note(found: re.Match[str]) -> str:
            word = found.group()
            methods.add(of[word] if of is known.written_of else of[word.casefold()])
            return " "

        return pattern.sub(note, text)

    def name_whole(found: re.Match[str]) -> str:
        method, organism = known.whole_of[found.group().casefold()]
        methods.add(method)
        return organism

    rest = known.specimens.sub(" ", known.whole.sub(name_whole, head))
    rest = take(known.methods, known.method_of, rest)
    rest = take(known.written, known.written_of, rest)
    rest = take(known.endings, known.ending_of, rest)
    if not methods:
        take(known.methods, known.method_of, tail)
        take(known.written, known.written_of, tail)
    return methods, _tidy(known.fillers.sub(" ", rest)) if methods else ""


def _tidy(rest: str) -> str:
    """Without empty brackets, doubled signs, and signs and link words at the ends."""
    rest = re.sub(r"\(\s*[/+,]?\s*\)", " ", rest)
    rest = re.sub(r"\s*([,;:])(?:\s*[,;:])+", r"\1", rest)
    rest = re.sub(r"(?<=\w)[-/+]+(?=\s)", "", rest)
    parts = re.sub(r"\s+([,;:)])", r"\1", " ".join(rest.split())).split(" ")
    while parts and _is_loose(parts[0]):
        del parts[0]
    while parts and _is_loose(parts[-1]):
        del parts[-1]
    rest = " ".join(parts)
    trimmed = rest.strip(EDGES)
    closed = rest.rstrip(" ,;:").endswith(")") and trimmed.count("(") > trimmed.count(")")
    return f"{trimmed})" if closed else trimmed


def _is_loose(part: str) -> bool:
    bare = part.strip(EDGES)
    return not bare or bare.casefold() in words().links
