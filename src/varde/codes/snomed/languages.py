"""Choose one term of each concept for each language.

Which descriptions belong to a language, and which reference sets say what is preferred in it, is in
``data/languages.csv``; a language of the release that is not there takes its own descriptions and any
reference set.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np

from varde.codes.snomed.concepts import FULLY_SPECIFIED_NAME, PREFERRED, SYNONYM
from varde.codes.snomed.hierarchy import Numbers
from varde.codes.tables import DATE, TEXT, read_table

FILE: Final = Path(__file__).parent / "data" / "languages.csv"
LANGUAGE: Final = r"[a-z]{2}"
SCHEMA: Final = {
    "language": LANGUAGE,
    "codes": rf"{LANGUAGE}( {LANGUAGE})*",
    "refsets": r"\d+( \d+)*",
    "source": TEXT,
    "checked": DATE,
}

NONE: Final = -1


@dataclass(frozen=True)
class Language:
    """A language that can be asked for.

    Attributes:
        name: its ISO 639 code.
        codes: the `languageCode` of descriptions that belong to it, the best first.
        refsets: its language reference sets, the one that decides first; empty for any.
    """

    name: str
    codes: tuple[str, ...]
    refsets: tuple[int, ...] = ()


@dataclass(frozen=True)
class Descriptions:
    """Active descriptions of active concepts, in the order of their ids.

    Attributes:
        concepts: number of the concept of each.
        types: `typeId` of each.
        languages: `languageCode` of each, as its place in `language_codes`.
        language_codes: all that occur.
    """

    concepts: Numbers
    types: Numbers
    languages: Numbers
    language_codes: tuple[str, ...]

    def in_language(self, code: str) -> Numbers:
        """Which of them have this `languageCode`."""
        known = code in self.language_codes
        return self.languages == (self.language_codes.index(code) if known else NONE)


@dataclass(frozen=True)
class Members:
    """Active members of language reference sets: which description is how acceptable in which."""

    descriptions: Numbers
    refsets: Numbers
    acceptabilities: Numbers


@lru_cache(maxsize=1)
def known_languages() -> dict[str, Language]:
    """The languages of the data file, by name.

    Raises:
        CodeFileError: the file breaks a rule.
    """
    return {
        name: Language(name, tuple(codes.split()), tuple(map(int, refsets.split())))
        for _, (name, codes, refsets, *_) in read_table(FILE, SCHEMA)
    }


def list_languages(descriptions: Descriptions) -> list[Language]:
    """The languages in which something is said here, in the order of their names."""
    used = np.unique(descriptions.languages).tolist()
    present = {descriptions.language_codes[number] for number in used}
    known = {
        name: language
        for name, language in known_languages().items()
        if present.intersection(language.codes)
    }
    return [known.get(name, Language(name, (name,))) for name in sorted(present.union(known))]


def choose_preferred(
    descriptions: Descriptions, members: Members, language: Language, size: int
) -> Numbers:
    """The best synonym of each of the `size` concepts in the language, -1 where there is none.

    Best is what the first reference set prefers, then what the next ones prefer, then what one of them
    accepts, then what stands in none of another language, by the order of the language's codes; of
    equals the one with the lowest id.
    """
    place = _rank_codes(descriptions, language)
    rank = _rank_members(members, language, descriptions.types.size) * (len(language.codes) + 1)
    fits = np.flatnonzero((descriptions.types == SYNONYM) & (place != NONE))
    return _choose_first(descriptions.concepts, fits, rank + place, size)


def choose_full_names(descriptions: Descriptions, size: int) -> Numbers:
    """The fully specified name of each concept: the English one if there is one, -1 for none."""
    fits = np.flatnonzero(descriptions.types == FULLY_SPECIFIED_NAME)
    return _choose_first(descriptions.concepts, fits, ~descriptions.in_language("en"), size)


def _rank_codes(descriptions: Descriptions, language: Language) -> Numbers:
    place = np.full(descriptions.types.size, NONE)
    for number, code in enumerate(language.codes):
        place[descriptions.in_language(code)] = number
    return place


def _rank_members(members: Members, language: Language, size: int) -> Numbers:
    """0 for the first reference set's preference, rising; see `choose_preferred`."""
    refsets = language.refsets or tuple(np.unique(members.refsets).tolist())
    preferring = len(language.refsets) or 1
    accepted, unlisted, foreign = preferring, preferring + 1, preferring + 2
    rank = np.full(size, unlisted)
    if language.refsets:
        rank[members.descriptions[~np.isin(members.refsets, refsets)]] = foreign
    rank[members.descriptions[np.isin(members.refsets, refsets)]] = accepted
    for number, refset in reversed(list(enumerate(refsets))):
        preferred = (members.refsets == refset) & (members.acceptabilities == PREFERRED)
        rank[members.descriptions[preferred]] = number if language.refsets else 0
    return rank


def _choose_first(concepts: Numbers, fits: Numbers, rank: Numbers, size: int) -> Numbers:
    """Of the fitting descriptions of each concept the one with the lowest rank, then number."""
    order = fits[np.lexsort((fits, rank[fits], concepts[fits]))]
    chosen = np.full(size, NONE, np.int32)
    chosen[concepts[order[::-1]]] = order[::-1]
    return chosen
