"""Finding a recommendation by words, by code or by organ system.

Words are compared without case and accents, by their beginnings, so that "hals" finds "halsbetennelse";
a word in a title weighs more than one in the text. Words that begin alike are taken for forms of one
("urinveier", "urinveisinfeksjoner"). What nothing fits is passed over, and said; for what may be misspelt
there are suggestions. Small enough to look through all of an edition for each question: there are
hundreds of recommendations, not millions.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property

from varde.guidelines.library import Edition, Entry
from varde.guidelines.model import CODE_SYSTEMS, AnbefalingData
from varde.guidelines.treatments import iterate_doses

_WORD = re.compile(r"[^\W_]+(?:[.+-][^\W_]+)*")
_TAG = re.compile(r"<[^>]*>")
_JOINT = re.compile(r"[.+-]")
TITLE, SYNONYM, CHAPTER, DRUG, TEXT = 10, 9, 6, 5, 1
"""What a word weighs by where it stands."""
CODE_WEIGHT = 100
LONGEST = 100
"""Signs of a question that are looked at."""
STEM = 6
"""Letters that two words begin with when they may be forms of one."""
SHORTEST = 3
"""Letters of a word that is searched for without the others."""
WITHIN = 4
"""Letters that a part in the middle of a word must have."""
LIKENESS = 0.78
"""How like a word of the index another must be to be suggested (0 to 1, as `difflib` counts)."""
MOST_SUGGESTIONS, MOST_WORDS = 3, 12


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


@dataclass(frozen=True, slots=True)
class Found:
    """What a question found.

    Attributes:
        hits: the best first.
        missing: words of the question, as it was written, that the hits were found without.
        suggestions: the question as it may have been meant, with words that there are.
    """

    hits: tuple[Hit, ...]
    missing: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()


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
        """The hits of `look_up`."""
        return self.look_up(question).hits

    def look_up(self, question: str) -> Found:
        """What fits the question's codes and words; where nothing fits all, what fits most of them.

        An empty question finds nothing.
        """
        asked = question[:LONGEST].strip()
        words = _WORD.findall(asked)[:MOST_WORDS]
        scores = {word: self._score(fold(word)) for word in words}
        by_code, rest = self._by_code(asked, words)
        if by_code:
            return self._rank(by_code, rest, scores)
        hits = self._join(list(scores.values()), needed=len(scores))
        if not hits:
            # One or two letters begin so many words that what they find answers nothing.
            known = [scores[word] for word in words if scores[word] and len(word) >= SHORTEST]
            hits = self._join(known, needed=len(known)) or self._join(known, needed=1)
        return Found(
            tuple(hits),
            tuple(word for word in words if not scores[word]),
            tuple(self._suggest(asked, words)),
        )

    def _by_code(self, asked: str, words: list[str]) -> tuple[dict[str, Hit], list[str]]:
        """What is about a code that is asked for, by id, and the words that are no codes."""
        found: dict[str, Hit] = {}
        rest = []
        for text in [asked] if any(self._coded(asked)) else words:
            coded = list(self._coded(text))
            for hit in coded:
                found.setdefault(hit.entry.innhold.id, hit)
            if not coded:
                rest.append(text)
        return found, rest

    def _coded(self, text: str) -> Iterator[Hit]:
        for system in CODE_SYSTEMS if text else ():
            for entry in self.edition.with_code(system, text):
                if entry.innhold.info_type == "anbefaling":
                    yield Hit(entry, CODE_WEIGHT, (system, text.upper()))

    def _rank(
        self, by_code: Mapping[str, Hit], rest: list[str], scores: Mapping[str, Mapping[str, int]]
    ) -> Found:
        """What the codes found, by how well the other words fit it; then what has all as words."""
        hits = [
            replace(hit, score=hit.score + sum(scores[word].get(id_, 0) for word in rest))
            for id_, hit in by_code.items()
        ]
        hits.sort(key=lambda hit: -hit.score)
        by_words = self._join(list(scores.values()), needed=len(scores))
        hits += [hit for hit in by_words if hit.entry.innhold.id not in by_code]
        return Found(
            tuple(hits), tuple(word for word in rest if not scores[word].keys() & by_code.keys())
        )

    def _join(self, scores: Sequence[Mapping[str, int]], needed: int) -> list[Hit]:
        """What fits at least so many of the words: what fits more first, then by how well."""
        met: dict[str, list[int]] = {}
        for one in scores:
            for id_, score in one.items():
                met.setdefault(id_, []).append(score)
        kept = [
            (len(found), Hit(self._entries[id_], sum(found)))
            for id_, found in met.items()
            if len(found) >= needed
        ]
        kept.sort(key=lambda pair: (-pair[0], -pair[1].score, pair[1].entry.innhold.tittel))
        return [hit for _, hit in kept]

    def _score(self, want: str) -> dict[str, int]:
        """How well each recommendation fits a word, those that do, by id."""
        scores = {}
        for entry, words in self._words:
            best = max((_fit(want, word, weight) for word, weight in words), default=0)
            if best:
                scores[entry.innhold.id] = best
        return scores

    @cached_property
    def _entries(self) -> Mapping[str, Entry]:
        return {entry.innhold.id: entry for entry, _ in self._words}

    @cached_property
    def _vocabulary(self) -> Mapping[str, int]:
        """Every word, with the most that it weighs anywhere."""
        best: dict[str, int] = {}
        for _, words in self._words:
            for word, weight in words:
                best[word] = max(weight, best.get(word, 0))
        return best

    def _suggest(self, asked: str, words: list[str]) -> Iterator[str]:
        """The question with words that are not known replaced by those most like them."""
        for word in words:
            want = fold(word)
            if len(want) < WITHIN or any(_meets(want, own) for own in self._vocabulary):
                continue
            alike = self._words_like(want)
            if alike:
                yield from (asked.replace(word, own, 1) for own in alike)
                return

    def _words_like(self, want: str) -> list[str]:
        """Words of titles and names first: what stands in running text may be anything."""
        for least in (TEXT + 1, TEXT):
            known = [own for own, weight in self._vocabulary.items() if weight >= least]
            alike = get_close_matches(want, known, MOST_SUGGESTIONS, LIKENESS)
            if alike:
                return alike
        return []

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
                for part in {word, *_JOINT.split(word)}:
                    best[part] = max(weight, best.get(part, 0))
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
    if _meets(want, word):
        return weight
    # Forms of one word; not in running text, where too much begins alike.
    return 1 if weight > TEXT and len(want) >= STEM and word.startswith(want[:STEM]) else 0


def _meets(want: str, word: str) -> bool:
    """Whether a word is there as it is written, alone or in a longer one.

    Norwegian puts words together: "betennelse" is looked for in "halsbetennelse". Two or three letters
    are too few for that: they must begin a word.
    """
    return word.startswith(want) or (len(want) >= WITHIN and want in word)
