"""Names of organisms that the code maps of every site know, as they stand in what laboratories write."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from varde.codes import CodeMap, kinds_of
from varde.messages.answers.search_words import WORD
from varde.messages.answers.searches import left_of
from varde.messages.records import Code

LONGEST = 100
"""Characters; a longer text is no name."""

INITIAL = re.compile(r"(?<![^\W\d_])([^\W\d_])\.(?=[^\W\d_]{3})")
"""An initial that the epithet stands close to: P.falciparum."""

LONGEST_VALUE = 60
"""Characters of a value that may be a name; a longer one is a remark, unless it is coded."""

MOST_WORDS = 7
"""Words of a value that may be a name: "Salmonella enterica subsp. enterica serovar Paratyphi B"."""

PARTED = re.compile(r"[\n;!?]|[^\W\d_]{4,}\.\s+[^\W\d_]")
"""Two sentences, not an abbreviation and an epithet (E. coli)."""

NUMBER = re.compile(r"\s*(?:[<>≤≥=~]|[+-]?\d)")


def is_known(organisms: tuple[Code, ...]) -> bool:
    """Whether the code maps of every site know an organism by one of its names."""
    return concept_of(organisms) is not None


def concept_of(organisms: tuple[Code, ...]) -> str | None:
    """What the code maps of every site take an organism for, by the first of its names that they know."""
    expressions = ((code.system, code.code, code.text) for code in organisms)
    return _code_map().find("organism", expressions)


def is_antibiotic(names: tuple[Code, ...]) -> bool:
    """Whether the code maps of every site know an antibiotic by one of its names."""
    expressions = ((code.system, code.code, code.text) for code in names)
    return _code_map().find("antibiotic", expressions) is not None


def is_no_name(text: str) -> bool:
    """Whether an uncoded value is a number, too short for a name, or a remark by its length or its parts."""
    return (
        len(text) > LONGEST_VALUE
        or NUMBER.match(text) is not None
        or (re.search(r"[^\W\d_]{2}", text) is None and not is_known((Code(text=text),)))
        or text.count(" ") >= MOST_WORDS
        or PARTED.search(text) is not None
    )


# Names repeat for ever; what is written about a patient is longer than one.
def find_named(text: str) -> str | None:
    """What a text means that is a name, with or without words of method and specimen; None for no name."""
    return _find_named(text) if 1 < len(text) <= LONGEST else None


@lru_cache(maxsize=8192)
def _find_named(text: str) -> str | None:
    spaced = INITIAL.sub(r"\1. ", text)
    names = (text, spaced, left_of(spaced))
    found = _code_map().find("organism", (("", "", name) for name in names if len(name) > 1))
    if found is None and (head := head_of(spaced)) != spaced:
        return concept_of((Code(text=head),))
    return found


@lru_cache(maxsize=8192)
def head_of(text: str) -> str:
    """The name in a text that is a name and kinds of its organism (EHEC O103:H2); the text for what is none."""
    words = text.split()
    for count in range(len(words) - 1, 0, -1) if len(words) <= MOST_WORDS else ():
        head = " ".join(words[:count]).rstrip(" ,")
        concept = concept_of((Code(text=head),)) if len(head) > 2 else None
        kinds = kinds_of(concept) if concept is not None else None
        if concept is None:
            continue
        if kinds is None:
            return text
        rest = " ".join(words[count:])
        left = kinds.beside.sub(" ", kinds.counting.sub(" ", rest))
        return head if left != rest and not any(map(str.isalnum, left)) else text
    return text


@cache
def words_of_names() -> frozenset[str]:
    """All words that names of organisms are made of, in lower case."""
    return frozenset(
        word
        for row in _code_map().rows
        if row.kind == "organism"
        for word in WORD.findall(row.text.casefold())
        if len(word) > 2
    )


@cache
def _code_map() -> CodeMap:
    return CodeMap.load()
