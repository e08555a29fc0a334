"""Finding a recommendation by words, by code or by organ system.

Words are compared without case and accents, by their beginnings, so that "hals" finds "halsbetennelse";
a word in a title weighs more than one in the text. Small enough to look through all of an edition for
each question: there are hundreds of recommendations, not millions.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from varde.guidelines.library import Edition, Entry
from varde.guidelines.model import CODE_SYSTEMS, AnbefalingData
from varde.guidelines.treatments import iterate_doses

_WORD = re.compile(r"[^\W_]+(?:[.+-][^\W_]+)*")
_TAG = re.compile(r"<[^>]*>")
TITLE, SYNONYM, CHAPTER, DRUG, TEXT = 10, 9, 6, 5, 1
"""What a word weighs by where it stands."""
CODE_WEIGHT = 100
LONGEST = 100
"""Signs of a question that are looked at."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One recommendation that was found.

    Attributes:
        score: the higher, the better it fits.
        code: the code that was met, when it was found by one: (system, code).
    """

    entry: Entry
    score: int
    code: tuple[str, str] | None = None


class Index:
    """The recommendations of one edition, ready to be searched.

    Args:
        code_names: what codes are called, so that they are found by name; (system, code) to name.
    """

    def __init__(
        self, edition: Edition, code_names: Mapping[tuple[str, str], str] | None = None
    ) -> None:
        self.edition = edition
        self._code_names = code_names or {}

    @cached_property
    def _words(self) -> tuple[tuple[Entry, tuple[tuple[str, int], ...]], ...]:
        return tuple(
            (entry, tuple(self._weigh(entry))) for entry in self.edition.current("anbefaling")
        )

    def find(self, question: str) -> tuple[Hit, ...]:
        """What fits every word of the question, or its code; the best first.

        An empty question finds nothing.
        """
        asked = question[:LONGEST].strip()
        by_code = list(self._by_code(asked))
        found = {hit.entry.innhold.id for hit in by_code}
        by_words = [hit for hit in self._by_words(asked) if hit.entry.innhold.id not in found]
        by_words.sort(key=lambda hit: (-hit.score, hit.entry.innhold.tittel))
        return (*by_code, *by_words)

    def _by_code(self, asked: str) -> Iterator[Hit]:
        seen: set[str] = set()
        for system in CODE_SYSTEMS:
            for entry in self.edition.with_code(system, asked) if asked else ():
                if entry.innhold.info_type == "anbefaling" and entry.innhold.id not in seen:
                    seen.add(entry.innhold.id)
                    yield Hit(entry, CODE_WEIGHT, (system, asked.upper()))

    def _by_words(self, asked: str) -> Iterator[Hit]:
        wanted = split_words(asked)
        if not wanted:
            return
        for entry, words in self._words:
            score = 0
            for want in wanted:
                best = max((_fit(want, word, weight) for word, weight in words), default=0)
                if not best:
                    break
                score += best
            else:
                yield Hit(entry, score)

    def _weigh(self, entry: Entry) -> Iterator[tuple[str, int]]:
        innhold = entry.innhold
        data = innhold.data if isinstance(innhold.data, AnbefalingData) else AnbefalingData()
        texts: list[tuple[str, int]] = [(innhold.tittel, TITLE)]
        if innhold.kortTittel:
            texts.append((innhold.kortTittel, TITLE))
        texts += [(word, SYNONYM) for word in (data.varde and data.varde.sokeord) or ()]
        texts += [(parent.innhold.tittel, CHAPTER) for parent in self.edition.parents(innhold.id)]
        for dose in iterate_doses(data):
            texts += [(drug.display, DRUG) for drug in dose.data.legemiddeldoseringsregime.koder]
        for system in CODE_SYSTEMS:
            for code in innhold.koder.of(system) if innhold.koder else ():
                texts.append((self._code_names.get((system, code), ""), CHAPTER))
        texts += [
            (html.unescape(_TAG.sub(" ", text)), TEXT)
            for text in (innhold.intro, innhold.tekst, data.praktisk, data.rasjonale)
            if text
        ]
        best: dict[str, int] = {}
        for text, weight in texts:
            for word in split_words(text):
                best[word] = max(weight, best.get(word, 0))
        yield from best.items()


def split_words(text: str) -> list[str]:
    """The words of a text without case and accents; å, ø and æ are letters of their own."""
    return [fold(word) for word in _WORD.findall(text)]


def fold(word: str) -> str:
    """Without case, and without accents on letters that are not Norwegian: é is e, å stays å."""
    kept = word.casefold()
    out = []
    for sign in kept:
        if sign in "åøæ":
            out.append(sign)
        else:
            plain = unicodedata.normalize("NFKD", sign)
            out.append("".join(part for part in plain if not unicodedata.combining(part)))
    return "".join(out)


def _fit(want: str, word: str, weight: int) -> int:
    """How well a word of the question fits one of the text: whole, its beginning, or within it."""
    if word == want:
        return weight * 3
    if word.startswith(want):
        return weight * 2
    # Norwegian puts words together: "betennelse" is looked for in "halsbetennelse".
    return weight if len(want) >= 4 and want in word else 0
