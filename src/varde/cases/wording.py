"""Whether the words beside a disease's code are of that disease: its names, in part, abbreviated or in a sentence.

A code says which disease; words beside it that nobody knows may be of another one. They are compared as people write
them, without case, punctuation and blanks, so that no ordinary form waits: "713 Koronavirus m. utbruddspot.",
"Covid-19, virus påvist", "U07.1", "COVID19-infeksjon".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from varde.cases.disease import Disease
from varde.codes import CodeMap, organisms

WORD = re.compile(r"[^\W_]+")
SHORTEST_NAME = 4
"""Letters of another disease's name that is looked for within words: HUS is a house too."""

LONGEST_NAME = 60
"""Characters of what is remembered: the names of diseases, and no words of a form that are longer."""

SHORTEST_STEM = 6
"""Letters of a name that another word may be built on: Koronavirusinfeksjon."""

SHORTEST_PART = 3
"""Letters of a word that may stand for a longer one (utbrudd. for utbruddspotensial); shorter ones are passed over."""

TELLING = 4
"""Letters that one word of an abbreviated name must have."""


def is_of(disease: Disease, words: str, others: Iterable[str], denials: frozenset[str]) -> bool:
    """Whether words are of a disease: they hold one of its names, its ICD-10 code or what causes it, or abbreviate one
    of its names, and neither deny it nor name another disease beside it.

    Args:
        others: the names of all other diseases.
        denials: words that take back what they stand beside, in lower case.
    """
    said = _words_in(words)
    if all(word.isdigit() for word in said):
        return True  # "713", "--": nothing is said beside the code.
    own = [_words_in(name.word) for name in disease.names()]
    agents = [_words_in(organisms()[key].name) for key in disease.organisms]
    codes = [[code.casefold().replace(".", "")] for code in disease.codes.icd10]
    rest = said
    for name in sorted((*own, *agents, *codes), key=lambda name: -len("".join(name))):
        rest = _without(rest, name, len("".join(name)) >= SHORTEST_STEM)
    if not denials.isdisjoint(rest):
        return False
    if rest == said:
        caused = _organism(words) in disease.organisms
        return caused or any(_abbreviates(said, name) for name in own)
    left = "".join(rest)
    foreign = (name for word in others if (name := _words_in(word)) and name[0] in left)
    return not any(
        len("".join(name)) >= SHORTEST_NAME and _without(rest, name, False) != rest
        for name in foreign
    )


def plain(words: str, code: str) -> str:
    """Words without the code that may stand before them, and without punctuation at their ends."""
    return words.strip().removeprefix(code).strip(" .,:;-–—()")


def _words_in(text: str) -> list[str]:
    return list(_read_words(text)) if len(text) < LONGEST_NAME else _split(text)


def _split(text: str) -> list[str]:
    return WORD.findall(unicodedata.normalize("NFC", text).casefold())


@lru_cache(maxsize=2048)
def _read_words(text: str) -> tuple[str, ...]:
    return tuple(_split(text))


def _without(said: list[str], name: list[str], is_stem: bool) -> list[str]:
    """Words without those that write a name, however it is parted (COVID19, covid 19)."""
    whole = "".join(name)
    for start in range(len(said)):
        written = ""
        for end in range(start, len(said)):
            written += said[end]
            if written == whole or (is_stem and written.startswith(whole)):
                return [*said[:start], "", *_without(said[end + 1 :], name, is_stem)]
            if len(written) >= len(whole):
                break
    return said


def _abbreviates(said: list[str], name: list[str]) -> bool:
    """Whether each word, but for numbers and short ones, begins a word of the name, in its order."""
    parts = [word for word in said if len(word) >= SHORTEST_PART and not word.isdigit()]
    if not any(len(part) >= TELLING for part in parts):
        return False
    rest = iter(name)
    return all(any(word.startswith(part) for word in rest) for part in parts)


def _organism(words: str) -> str | None:
    return _code_map().find("organism", [("", "", words)])


@lru_cache(maxsize=1)
def _code_map() -> CodeMap:
    return CodeMap.load()
