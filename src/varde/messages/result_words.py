"""What an answer in words says: that something was found, that nothing was, or neither.

Laboratories write more than one word: "Påvist (Ct 24)", "Ingen vekst etter 5 døgn", "Ikke påvist Salmonella. Vekst av
Campylobacter jejuni". An answer is what it begins with, sentence by sentence, with the words of
`result_words.json`. The readers of all formats ask here when a text is none of their whole answers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

from varde.messages.search_words import words as search_words

if TYPE_CHECKING:
    from varde.messages.kith.words import ResultKind

LONGEST = 1000
"""Characters that are looked at: what an answer says stands at its beginning."""

LONGEST_CACHED = 60
LONGEST_NAME = 60
"""Characters of what may be the name of an organism."""

MOST_WORDS = 7
EDGES = " \t.,:;!?*()[]-–—"
WORD = re.compile(r"[^\W\d_][\w-]*")


class Said(NamedTuple):
    """What an answer in words says.

    Attributes:
        kind: found, not found, neither, no result; empty where the words are none of these, or deny one
            thing and find another.
        name: what it found by its own words ("Campylobacter jejuni" of "Vekst av …"); several with
            semicolons between them; empty when it names nothing.
        doubtful: it speaks of something that was found, and not so that it can be taken as found.
    """

    kind: ResultKind
    name: str = ""
    doubtful: bool = False


NOTHING = Said("")


class ResultWords(NamedTuple):
    """The file, shaped for looking up; all in lower case."""

    positive: re.Pattern[str]
    negative: re.Pattern[str]
    no_result: re.Pattern[str]
    found_last: re.Pattern[str]
    denied_last: re.Pattern[str]
    denials: re.Pattern[str]
    any_positive: re.Pattern[str]
    any_answer: re.Pattern[str]
    doubt: frozenset[str]
    spoiling: frozenset[str]
    turned: frozenset[str]
    links: frozenset[str]
    beside: frozenset[str]
    unnamed: tuple[str, ...]
    sentences: re.Pattern[str]


@cache
def result_words() -> ResultWords:
    """The words, read once."""
    raw: dict[str, Any] = json.loads(
        files("varde.messages").joinpath("result_words.json").read_text("utf-8")
    )
    positive, negative = raw["positive"], raw["negative"]
    found = _any_of((*positive["begins"], *negative["begins"]))
    return ResultWords(
        positive=_begin(positive["begins"]),
        negative=_begin(negative["begins"]),
        no_result=_begin(raw["no_result"]["begins"]),
        found_last=_end(positive["ends"]),
        denied_last=_end(negative["ends"]),
        denials=_begin(negative["denials"]),
        any_positive=_anywhere(positive["ends"]),
        any_answer=_anywhere((*positive["ends"], *negative["ends"])),
        doubt=frozenset(raw["doubt"]["words"]),
        spoiling=frozenset(raw["doubt"]["spoiling"]),
        turned=frozenset(raw["doubt"]["after"]),
        links=frozenset(raw["beside"]["links"]),
        beside=frozenset(raw["beside"]["begins"]),
        unnamed=tuple(raw["never_names"]["contains"]),
        # A full stop after a short word may be of an abbreviation (E. coli), unless an answer begins behind it.
        sentences=re.compile(
            rf"[;!?\n]+\s*|(?<=[^\W\d_]{{4}})\.\s+|(?<=[)\]])\.\s+|\.\s+(?=(?:{found})(?![\w-]))"
            rf"|,\s+(?:men|but|aber)\s+|\s+(?:men|but|aber)\s+(?=(?:{found})(?![\w-]))|,\s+(?=(?:{_any_of(positive['begins'])})(?![\w-]))",
            re.I,
        ),
    )


def read_words(text: str) -> Said:
    """What a text says of whether something was found."""
    if len(text) > LONGEST_CACHED:
        return _read_words.__wrapped__(text[:LONGEST])
    return _read_words(text)


# Long texts are left out, so that what is written about a patient is never kept.
@lru_cache(maxsize=16384)
def _read_words(text: str) -> Said:
    known = result_words()
    if not (
        known.positive.match(text)
        or known.negative.match(text)
        or known.no_result.match(text)
        or known.any_answer.search(text)
    ):
        return NOTHING
    parts = [part for part in known.sentences.split(text) if part.strip(EDGES)]
    return _sum_up([_read_sentence(each) for part in parts for each in _members(part)])


def _members(sentence: str) -> list[str]:
    """A sentence, or its parts between commas where each of them is an answer ("A påvist, B ikke påvist")."""
    known = result_words()
    parts = re.split(r",\s+", sentence)
    if len(parts) > 1 and all(
        known.found_last.search(end) or known.denied_last.search(end)
        for end in (part.rstrip(EDGES) for part in parts)
    ):
        return parts
    return [sentence]


class _Sentence(NamedTuple):
    kind: ResultKind
    name: str = ""
    whole: bool = False
    """It is the words of a result and nothing else."""
    doubtful: bool = False
    spoiling: bool = False


def _sum_up(said: list[_Sentence]) -> Said:
    """Of the sentences of an answer: what the first says, unless another one finds something."""
    found = [
        each
        for at, each in enumerate(said)
        if each.kind == "growth" and (at == 0 or each.name or each.whole)
    ]
    doubtful = any(each.doubtful for each in said)
    if found and any(each.spoiling for each in said):
        return Said("", doubtful=True)
    names = tuple(dict.fromkeys(each.name for each in found if each.name))
    kinds = [each.kind for each in said if each.kind and (each.kind != "growth" or each in found)]
    doubtful = doubtful or any(each.kind == "growth" and each not in found for each in said)
    if found and "no_growth" in kinds:
        return Said("", "; ".join(names), doubtful=not names)
    if found:
        return Said("growth", "; ".join(names))
    kind: ResultKind = kinds[0] if kinds else ""
    return Said(kind, doubtful=doubtful and not kind)


def _read_sentence(text: str) -> _Sentence:
    known = result_words()
    words = [word.casefold() for word in WORD.findall(text)]
    doubted = not known.doubt.isdisjoint(words)
    spoiling = not known.spoiling.isdisjoint(words)
    start = text.lstrip(EDGES)
    if known.no_result.match(start):
        return _Sentence("no_result")
    if known.negative.match(start):
        return _Sentence("no_growth")
    doubtful = doubted and known.any_positive.search(text) is not None
    nothing = _Sentence("", doubtful=doubtful, spoiling=spoiling)
    if (begun := known.positive.match(start)) is not None:
        return nothing._replace(doubtful=True) if doubted else _read_found(start[begun.end() :])
    end = start.rstrip(EDGES)
    if known.denied_last.search(end):
        return _Sentence("no_growth")
    last = known.found_last.search(end)
    if last is None:
        return nothing
    if known.denials.match(start):
        return _Sentence("no_growth")
    before = [word for word in words if not known.any_positive.fullmatch(word)]
    if doubted or not before:
        return nothing
    name = _name_in(end[: last.start()])
    if name or before[0] in known.beside:
        return _Sentence("growth", name)
    return nothing


def _read_found(rest: str) -> _Sentence:
    """What follows a positive word."""
    known = result_words()
    words = [word.casefold() for word in WORD.findall(rest)]
    if not words:
        return _Sentence("growth", whole=not rest.strip(EDGES))
    if words[0] in known.turned and rest[:1].isspace():
        return _Sentence("no_growth")
    if any(part in rest.casefold() for part in known.unnamed):
        return _Sentence("no_organism")
    if not rest.startswith((" ", ":")):
        return _Sentence("growth")
    return _Sentence("growth", _name_in(rest.lstrip(" :")))


def _name_in(text: str) -> str:
    """The name of what was found, without the words before it; empty when it is none."""
    known = result_words()
    parts = re.split(r"[,(;]|\s[-–—]\s", text, maxsplit=1)[0].strip(EDGES).split()
    while parts and parts[0].casefold() in known.links:
        del parts[0]
    name = " ".join(parts)
    words = WORD.findall(name.casefold())
    if (
        not words
        or not name[0].isalpha()
        or len(name) > LONGEST_NAME
        or len(parts) > MOST_WORDS
        or words[0] in known.beside
        or any(part in name.casefold() for part in known.unnamed)
        or not search_words().remarks.isdisjoint(words)
        or all(len(word) == 1 for word in words)
    ):
        return ""
    return name


def _any_of(texts: Iterable[str]) -> str:
    return "|".join(re.escape(text) for text in sorted(texts, key=lambda text: (-len(text), text)))


def _begin(texts: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"\s*(?:{_any_of(texts)})(?![\w-])", re.I)


def _anywhere(texts: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{_any_of(texts)})(?![\w-])", re.I)


def _end(texts: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{_any_of(texts)})$", re.I)
