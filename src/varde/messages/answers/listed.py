"""Answers that are no more than names: a list of organisms, and an organism with how much of it there was.

"E. coli + K. pneumoniae", "1) E. coli 2) K. pneumoniae", "Syrefaste staver: 2+", "Syrefaste staver: 0". Only what the code maps know
by its whole name is one of a list, and nothing may stand beside the names: a list of what was looked for, or a sign that
denies one of them, is left as it is, for a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

from varde.codes import refines, resistance_words
from varde.messages.answers.known_names import INITIAL, concept_of
from varde.messages.answers.names import is_organism
from varde.messages.answers.search_words import words
from varde.messages.answers.words import result_words
from varde.messages.records import Code

LONGEST = 200
"""Characters; a longer text is a remark."""

MOST = 9
"""Names of a list; numbers in a longer one may be anything."""

_PLUS = re.compile(r"\s+\+\s+|\s*\n\s*\+\s*")
_NUMBERED = re.compile(r"(?:\A|(?<=\s))([1-9])\s?[).:]\s*(?=[^\W\d_])")
_GRADED = re.compile(
    r"(?P<name>.*[^\W_])(?:\s*[:=]\s*|\s+)(?P<open>\()?(?P<grade>(?P<number>[1-4]\s?)?\+{1,4})(?(open)\))\s*\.?"
)
_NUMBER = r"(?:10\s?(?:\^|\*\*?)\s?\d|10[⁰¹²³⁴⁵⁶⁷⁸⁹]|[1-9]\d{0,2}(?:[ .,\u202f\u00a0]?\d{3}){1,3}|[1-9]\d{0,7})"
_UNIT = (
    r"(?:(?:kbe|kde|cfu|kfu|kolonidannende\s(?:enheter|bakterier)|colony[ -]forming\sunits|kolonier|colonies|bakterier|bakt\.?|bacteria)"
    r"\s?(?:/|per\s|pr\.?\s?)\s?m?l(?:\s(?:urin|urine))?(?!\w)"
    r"|(?<=\d)\s?(?:/|per\s|pr\.?\s?)\s?ml(?:\s(?:urin|urine))?(?!\w))"
)
COLONIES = re.compile(
    r"(?<![\w<≤])(?<![<≤]\s)(?<!under )(?<!mindre enn )(?<!less than )"
    r"(?:[>≥~]\s?|(?:over|mer enn|more than|minst|ca\.?)\s)?(?<![\w^])"
    rf"{_NUMBER}(?:\s?[-–]\s?{_NUMBER})?\s?{_UNIT}\.?",
    re.I,
)
"""How many colonies there were, or more; not that there were fewer than so many."""

_FEWER = re.compile(rf"(?:[<≤]\s?|under\s|mindre enn\s|less than\s){_NUMBER}\s?{_UNIT}", re.I)
_BEFORE = re.compile(rf"\A\s*{COLONIES.pattern}[\s,:]+(?:(?:av|of)\s+)?", re.I)
_COUNTED = re.compile(rf"(?P<name>.*[^\W_])[\s,:(\[]+{COLONIES.pattern}\s*[)\]]?\s*\.?", re.I)
_APART = re.compile(
    r"[\n;]|(?:(?<=[+)\d])|(?<=/m[lL])|(?<=[:=][-–−])|(?<=[:=]\s[-–−]))\.\s+(?=[^\W\d_]{3})"
)
_NONE_AMONG = re.compile(
    r"(?P<name>[^,;:=\n]*[^\W_])(?:\s*[:=]\s*(?:0|[-–−])|\s+[-–−](?=\s+(?:og|and|men|but|samt|mens|while)\s))"
    r"(?=\s*[,;\n]|\s*\.?\s*\Z|\s*\.\s|\s+(?:[-–—+&]|og|and|men|but|samt|mens|while)\s)",
    re.I,
)
_LAST = re.compile(r"\.\s|\s(?:[-–—+&]|og|and|men|but|samt|mens|while)\s", re.I)
_SIGNED = re.compile(r"[:=(\s]\s*[0–−-]|-0")
_SIGNS = re.compile(r"\+|[:=(]\s*[0–−-]")
_NONE_OF_IT = r"(?:\s*[:=]\s*(?:0|[-–−])|\s*\((?:0|[-–−])\)|\s+(?:0|[-–−]))(?=\s*(?:[,;.\n]|\Z))"
_NONE_HYPHENED = r"-0(?=\s*(?:[,;.\n]|\Z))"
_NONE = re.compile(r"(?P<name>.*[^\W_])\s*(?:[:=]\s*0|\(0\)|[:=]\s*[-–−])\s*\.?")


class Graded(NamedTuple):
    """An organism with how much of it there was: found, or nothing."""

    name: str
    found: bool


@lru_cache(maxsize=8192)
def listed(text: str) -> tuple[str, ...]:
    """The organisms of a text that is a list of them and nothing else; empty for what is none."""
    if len(text) > LONGEST:
        return ()
    parts = _numbered(text) or [part.strip() for part in _PLUS.split(text.strip())]
    if not 1 < len(parts) <= MOST:
        return ()
    parts = [each["name"] if (each := _COUNTED.fullmatch(part)) else part for part in parts]
    names = [part.strip(" \t\n.,;") for part in parts]
    means = [_meant(name) for name in names]
    if None in means or _meant(text) is not None:
        return ()
    # S. aureus + MRSA is one isolate.
    for one, other in combinations(filter(None, means), 2):
        if one == other or refines(one, other) or refines(other, one):
            return ()
    return tuple(names)


def _numbered(text: str) -> list[str]:
    """The parts behind the numbers of a list, which count from 1; none where they do not."""
    marks = list(_NUMBERED.finditer(text))
    if len(marks) < 2 or [mark[1] for mark in marks] != [str(n + 1) for n in range(len(marks))]:
        return []
    if text[: marks[0].start()].strip():
        return []
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    return [text[mark.end() : end].strip() for mark, end in zip(marks, ends, strict=True)]


def spell_out(text: str) -> str:
    """A text in which a word denies each resistance that a nought or a minus denies ("E. coli, ESBL: 0"): it is then the
    resistance that there was none of, and not the organism; and each organism that one of them stands right behind."""
    if len(text) > LONGEST or _SIGNED.search(text) is None:
        return text
    named = (*resistance_words(text), *result_words().resistances.findall(text))
    for word in dict.fromkeys(named):
        name = rf"(?<![\w-]){re.escape(word)}"
        text = re.sub(rf"({name}){_NONE_OF_IT}", r"\1: negativ", text)
        # A name of its own behind a comma; without one it may be of a longer name (KPC-0).
        text = re.sub(rf"(,\s*{name}){_NONE_HYPHENED}", r"\1: negativ", text)
    return _NONE_AMONG.sub(_deny_named, text)


def _deny_named(found: re.Match[str]) -> str:
    name = found["name"]
    last = _LAST.split(name)[-1]
    known = any(_meant(each.strip()) is not None for each in (name, last))
    return f"{name}: negativ" if known else found.group()


def may_be_graded(text: str) -> bool:
    """Whether a text has a sign of how much there was of something."""
    return len(text) <= LONGEST and (
        _SIGNS.search(text) is not None or COLONIES.search(text) is not None
    )


def without_colonies(text: str) -> str:
    """A text without how many colonies there were before and behind its names."""
    left = COLONIES.sub(" ", _BEFORE.sub("", text)) if len(text) <= LONGEST else text
    if left == text:
        return text
    left = " ".join(re.sub(r"[(\[]\s*[)\]]", " ", left).split())
    return re.sub(r"\s+(?=[,;.])", "", left).strip(" ,;")


def has_few_colonies(text: str) -> bool:
    """Whether a text says that there were fewer colonies than so many, which may be none that count."""
    return _FEWER.search(text) is not None


def pieces_of(text: str) -> list[str]:
    """The lines of a text and the sentences that end with an amount."""
    return [piece for piece in _APART.split(text) if piece.strip()]


@lru_cache(maxsize=8192)
def graded(text: str) -> Graded | None:
    """An organism with how much of it was seen (1+ to 4+) or counted (10^5 CFU/ml), or that none was (0, -); None for all else.

    A number that may be of the name (HIV 1+, parainfluensa 2+) is no amount.
    """
    if len(text) > LONGEST or "\n" in text.strip():
        return None
    for pattern in (_GRADED, _COUNTED, _NONE):
        found = pattern.fullmatch(text.strip())
        if found is None or (name := found["name"].strip(" \t,;")) == "" or not _is_graded(name):
            continue
        # Behind a comma stands a kind of it, of which there was none.
        if pattern is _NONE and "," in name:
            return None
        number = found["number"] if pattern is _GRADED else None
        if number and ":" not in text and any(_alike(name, number.strip())):
            return None
        return Graded(name, pattern is not _NONE)
    return None


def _is_graded(name: str) -> bool:
    return name.casefold() in words().stains or _meant(name) is not None


def _alike(name: str, number: str) -> Iterator[bool]:
    """Whether a name with a number is one too."""
    for between in (" ", "-", ""):
        yield concept_of((Code(text=f"{name}{between}{number}"),)) is not None


def _meant(name: str) -> str | None:
    """The organism that a whole name is; None for none, and for a kind of bacteria."""
    if len(name) < 2 or not is_organism(name):
        return None
    spaced = INITIAL.sub(r"\1. ", name)
    return concept_of((Code(text=name),)) or concept_of((Code(text=spaced),))
