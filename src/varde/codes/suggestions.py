"""What an expression that no map knows may mean: candidates for a person to choose from, each with why.

Nothing here is ever applied by itself: a suggestion that looks right and is wrong is the worst of all
answers. Five ways of being alike, the strongest first:

- ``same-name``: a known name, but for accents, punctuation and blanks;
- ``other-code``: a code that is known in another code system, or is written otherwise;
- ``abbreviation``: every word is the beginning of the known name's word ("Staph aur", "ESCCOL");
- ``contains``: a known name and more ("Escherichia coli, ESBL", "stortåsår"); never when the text denies
  something;
- ``spelling``: nearly the same letters. Three-letter pieces in common choose the names that are worth
  comparing, Ratcliff and Obershelp's measure (difflib) compares them.

A text of several parts ("Staf. aureus (MRSA)") is also looked at part by part, and by its first words.

What stands for "nobody knows" is never suggested: whoever sends "unknown organism 7" means something.

Pure: the same map and expression give the same suggestions.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from math import sqrt
from typing import Literal

from varde.codes.code_map import LONGEST, CodeMap
from varde.codes.map_rows import fold
from varde.codes.organisms import organisms

Why = Literal["same-name", "other-code", "abbreviation", "contains", "spelling"]

LEAST = 0.6
"""A weaker likeness is none."""
IN_PART = 0.88
"""What a likeness weighs that is one of the first part of a text, or of its first words."""
IN_REST = 0.72
"""What it weighs in a later part."""
COMPARED = 30
"""Names whose spelling is compared letter by letter."""
_DENIALS = frozenset(
    ("ikke", "ingen", "uten", "negativ", "neg", "not", "no", "non", "without", "negative")
)
_LETTERS = str.maketrans({"æ": "ae", "ø": "o", "ß": "ss", "œ": "oe"})
_APART = re.compile(r"[^a-z0-9]+")
_PARTS = re.compile(r"[(),;\[\]]")
_CATCH_ALLS = {"material": frozenset(("other",))}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One concept that an expression may mean.

    Attributes:
        concept: its key.
        score: from `LEAST` to 1; for putting suggestions in order, and no probability.
        why: how it is like what is known.
        known: the known name or code that it is like.
    """

    concept: str
    score: float
    why: Why
    known: str


@dataclass(frozen=True, slots=True)
class _Name:
    """A known name: as shown, in plain letters, its words, the concept, and of how many three-letter pieces it is."""

    shown: str
    plain: str
    words: tuple[str, ...]
    concept: str
    pieces: int


class _Known:
    """The names and codes of one kind, ready to be searched."""

    def __init__(self, codes: CodeMap, kind: str) -> None:
        self.names: list[_Name] = []
        self.codes: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self.by_plain: dict[str, list[_Name]] = defaultdict(list)
        self.by_piece: dict[str, list[int]] = defaultdict(list)
        self.by_letter: dict[str, list[_Name]] = defaultdict(list)
        self.of_concept: dict[str, list[_Name]] = defaultdict(list)
        for row in codes.rows:
            if row.kind != kind or is_catch_all(kind, row.concept):
                continue
            if row.text:
                self._add(row.text, codes.bare(kind, row.text), row.concept)
            if row.code:
                self.codes[fold(row.code)].append((row.code, row.concept))

    def _add(self, shown: str, bare: str, concept: str) -> None:
        plain = plain_letters(bare) or plain_letters(shown)
        if not plain or any(
            concept == name.concept for name in self.by_plain[plain.replace(" ", "")]
        ):
            return
        pieces = _pieces(plain)
        name = _Name(shown, plain, tuple(plain.split()), concept, len(pieces))
        for piece in pieces:
            self.by_piece[piece].append(len(self.names))
        self.names.append(name)
        self.by_letter[plain[0]].append(name)
        self.by_plain[plain.replace(" ", "")].append(name)
        self.of_concept[concept].append(name)

    def nearest(self, plain: str) -> list[_Name]:
        """The names with most three-letter pieces in common."""
        pieces = _pieces(plain)
        shared: dict[int, int] = defaultdict(int)
        for piece in pieces:
            for number in self.by_piece.get(piece, ()):
                shared[number] += 1
        ranked = sorted(
            shared,
            key=lambda n: (
                -2 * shared[n] / (len(pieces) + self.names[n].pieces),
                self.names[n].plain,
                n,
            ),
        )
        return [self.names[number] for number in ranked[:COMPARED]]


@lru_cache(maxsize=8)
def _known(codes: CodeMap, kind: str) -> _Known:
    return _Known(codes, kind)


def suggest(
    codes: CodeMap, kind: str, code: str, text: str, limit: int = 5
) -> tuple[Suggestion, ...]:
    """The concepts that an expression most probably means, the likeliest first; none when nothing is
    like it.

    Args:
        kind: organism, antibiotic, material or vaccine.
        code, text: as sent; either may be empty. The system is no help: nothing in it is known.
    """
    known = _known(codes, kind)
    material = kind == "material"
    best: dict[str, Suggestion] = {}
    text = text[:LONGEST]
    for found in _all(known, code[:LONGEST], text, codes.bare(kind, text), material):
        if found.score < LEAST:
            continue
        old = best.get(found.concept)
        if old is None or found.score > old.score:
            best[found.concept] = found
    return tuple(sorted(best.values(), key=lambda each: (-each.score, each.concept))[:limit])


def is_catch_all(kind: str, concept: str) -> bool:
    """Whether a concept only says that nobody knows which one it is ("unknown organism", "other")."""
    found = organisms().get(concept) if kind == "organism" else None
    return concept in _CATCH_ALLS.get(kind, ()) or (found is not None and found.kind == "unknown")


def _all(known: _Known, code: str, text: str, bare: str, material: bool) -> Iterator[Suggestion]:
    yield from _by_code(known, code, text)
    if text:
        yield from _by_words(known, text, 1.0, material)
        if plain_letters(bare) != plain_letters(text):
            yield from _by_words(known, bare, 0.97, material)
        yield from _by_parts(known, text)
    elif code:
        yield from _by_words(known, code, 0.95, material)
    if code and text:
        yield from _abbreviated(known, plain_letters(code), 0.8)


def _by_words(known: _Known, words: str, weight: float, material: bool) -> Iterator[Suggestion]:
    plain = plain_letters(words)
    if not plain:
        return
    for name in known.by_plain.get(plain.replace(" ", ""), ()):
        yield Suggestion(name.concept, 0.97 * weight, "same-name", name.shown)
    yield from _abbreviated(known, plain, weight)
    yield from _contained(known, plain, weight, 3 if material else 5)
    if material:
        yield from _compounded(known, plain, weight)
    yield from _spelt(known, plain, weight)


def _spelt(known: _Known, plain: str, weight: float) -> Iterator[Suggestion]:
    denied = _DENIALS.intersection(plain.split())
    for name in known.nearest(plain):
        if denied and not denied.intersection(name.plain.split()):
            continue  # "Ingen vekst av Salmonella enterica" is no spelling of a name
        likeness = max(_likeness(plain, name.plain), _in_order(plain, name.plain))
        if _marks(plain) != _marks(name.plain):
            likeness *= 0.85
        if likeness >= 0.75:
            yield Suggestion(name.concept, 0.95 * likeness * weight, "spelling", name.shown)


def _by_parts(known: _Known, text: str) -> Iterator[Suggestion]:
    """What the parts of a text are like that brackets and commas set apart, and its first two words when
    there are more: what follows a name is most often a remark on it."""
    whole = plain_letters(text)
    words = whole.split()
    if _DENIALS.intersection(words):
        return
    parts = [plain_letters(part) for part in _PARTS.split(text)]
    if len(words) > 2:
        parts.append(" ".join(words[:2]))
    for part in dict.fromkeys(parts):
        if part == whole or len(part) < 4:
            continue
        weight = IN_PART if whole.startswith(part) else IN_REST
        weight *= 0.9 + 0.1 * len(part) / len(whole)
        for name in known.by_plain.get(part.replace(" ", ""), ()):
            yield Suggestion(name.concept, weight, "contains", name.shown)
        if " " in part:
            # One word is not like the first of many.
            yield from (each for each in _spelt(known, part, weight) if " " in each.known)


def _compounded(known: _Known, plain: str, weight: float) -> Iterator[Suggestion]:
    """The longest known name that a compound word ends in, as words are put together in Norwegian:
    "leggsår" is a kind of "sår"."""
    first = plain.split()[0]
    for start in range(3, len(first) - 2):
        names = known.by_plain.get(first[start:])
        if names:
            for name in names:
                yield Suggestion(name.concept, 0.75 * weight, "contains", name.shown)
            return


def _in_order(one: str, other: str) -> float:
    """The likeness of two names whose words stand in another order ("coli, Escherichia")."""
    if " " not in one or " " not in other:
        return 0.0
    first, second = (" ".join(sorted(name.split())) for name in (one, other))
    return 0.97 * _likeness(first, second)


def _marks(plain: str) -> list[str]:
    """The words of a name that are one letter or hold a digit: group A is not group B."""
    return sorted(
        word for word in plain.split() if len(word) == 1 or any(sign.isdigit() for sign in word)
    )


def _by_code(known: _Known, code: str, text: str) -> Iterator[Suggestion]:
    """A code known elsewhere counts for little when the words that came with it speak of something
    else: PEN is penicillin to most, and penicillinase to one."""
    for shown, concept in known.codes.get(fold(code), ()) if code else ():
        score = 0.9
        if text:
            plain = plain_letters(text)
            likeness = max(
                (_likeness(plain, name.plain) for name in known.of_concept[concept]), default=0.0
            )
            score = 0.92 if likeness > 0.9 else 0.62
        yield Suggestion(concept, score, "other-code", shown)


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _abbreviated(known: _Known, plain: str, weight: float) -> Iterator[Suggestion]:
    """Names whose words the words begin; the more concepts it may be, the less it says."""
    words = plain.split()
    alike = known.by_letter.get(plain[:1], ())  # a beginning has the first letter of what it begins
    whole = {
        name.concept: name
        for name in alike
        if _begins(words, name.words) or (len(words) == 1 and _runs_together(words[0], name.words))
    }
    # "Staph aur var": words that follow the name say more about it.
    longer = {
        name.concept: name
        for name in alike
        if 2 <= len(name.words) < len(words) and _begins(words[: len(name.words)], name.words)
    }
    denied = _DENIALS.intersection(words)
    for found, score in ((whole, 0.9), (longer if not denied else {}, 0.87)):
        for concept, name in sorted(found.items()):
            yield Suggestion(concept, score * weight / sqrt(len(found)), "abbreviation", name.shown)


def _begins(words: Sequence[str], name: Sequence[str]) -> bool:
    """Whether each word is the beginning of the name's word in its place, and one is shorter."""
    if len(words) != len(name) or (len(words) == 1 and len(words[0]) < 4):
        return False
    short = [
        whole.startswith(part) and len(part) < len(whole)
        for part, whole in zip(words, name, strict=True)
    ]
    same = [part == whole for part, whole in zip(words, name, strict=True)]
    return any(short) and all(a or b for a, b in zip(short, same, strict=True))


def _runs_together(word: str, name: Sequence[str]) -> bool:
    """Whether a word is the beginnings of two words, at least two letters of each: "esccol"."""
    if not 5 <= len(word) <= 10 or len(name) < 2:
        return False
    first, second = name[0], name[1]
    return any(
        first.startswith(word[:cut]) and second.startswith(word[cut:])
        for cut in range(2, len(word) - 1)
    )


def _contained(known: _Known, plain: str, weight: float, least: int) -> Iterator[Suggestion]:
    """The longest known names that stand as whole words in a longer text; the first of its words may have
    as few as `least` letters ("sår fot"), others five."""
    words = plain.split()
    if _DENIALS.intersection(words):
        return
    spans: list[tuple[int, int, _Name]] = []
    for start in range(len(words)):
        for end in range(start + 1, len(words) + 1):
            if end - start == len(words):
                continue
            part = "".join(words[start:end])
            if len(part) < (5 if start else least):
                continue
            spans.extend((start, end, name) for name in known.by_plain.get(part, ()))
    for start, end, name in spans:
        inside = any(s <= start and end <= e and (s, e) != (start, end) for s, e, _ in spans)
        if not inside:
            share = len(name.plain) / len(plain)
            yield Suggestion(name.concept, (0.6 + 0.3 * share) * weight, "contains", name.shown)


def plain_letters(text: str) -> str:
    """A text in small letters a to z and digits, words parted by single blanks."""
    small = unicodedata.normalize("NFKD", text).casefold().translate(_LETTERS)
    return " ".join(_APART.sub(" ", _without_marks(small)).split())


def _without_marks(text: str) -> str:
    if text.isascii():
        return text
    return "".join(sign for sign in text if not unicodedata.combining(sign))


def _pieces(plain: str) -> frozenset[str]:
    padded = f" {plain} "
    return frozenset(padded[start : start + 3] for start in range(len(padded) - 2))
