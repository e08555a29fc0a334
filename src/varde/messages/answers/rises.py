"""A rise of antibodies between two samples, by which an infection is told: "Signifikant titerstigning", "Serokonversjon påvist",
"Firefold titerøkning (<1:16 til 1:128)".

Each word of such an answer must be of the rise: what doubts, denies, speaks of a small rise or of another thing leaves the
answer to a person. Where two titres stand in it, the second must be at least four times the first. Titres of two reports are
not compared.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from varde.messages.answers.known_names import is_known
from varde.messages.answers.search_words import words
from varde.messages.answers.searches import Search, analyse, left_of, text_of
from varde.messages.answers.words import result_words
from varde.messages.records import Code

NO_RISE = "titer"
"""What stands for an answer that says no more than that there was no rise: a word that neither finds nor denies."""

LONGEST = 120
"""Characters; a longer text is a remark."""

SIGNIFICANT = 4
"""How many times as high the second titre must be: a fourfold rise, two steps of dilution."""

TOKEN = re.compile(r"[^\W\d_](?:[\w'-]*\w)?")
PAIR = re.compile(
    r"(?P<below>[<≤]\s?)?(?:1\s?[:/]\s?)?(?P<one>\d{1,6})\s*(?:til|to|->|→|=>|–|—|-|og deretter|then)\s*"
    r"[>≥]?\s?(?:1\s?[:/]\s?)?(?P<other>\d{1,6})(?![\d./])",
    re.I,
)
"""Two titres of which the second follows the first."""

SKIPPED = re.compile(r"(?:\d{1,2}[./-]\d{1,2}(?:[./-](?:\d{2}){1,2})?|\d{4}-\d\d-\d\d)")
"""A date, which is no titre."""


class _Words(NamedTuple):
    rises: re.Pattern[str]
    plain: re.Pattern[str]
    significant: re.Pattern[str]
    beside: frozenset[str]
    yes: frozenset[str]
    alone: re.Pattern[str]
    none: re.Pattern[str]


@cache
def _words() -> _Words:
    raw: dict[str, Any] = json.loads(
        files("varde.messages.answers").joinpath("rises.json").read_text("utf-8")
    )
    rises, plain, significant = (
        re.compile("|".join(f"(?:{each})" for each in raw[name]["patterns"]), re.I)
        for name in ("rises", "plain", "significant")
    )
    none = "|".join(f"(?:{each})" for each in raw["none"]["patterns"])
    return _Words(
        rises,
        plain,
        significant,
        frozenset(raw["beside"]["words"]),
        frozenset(raw["yes"]["texts"]),
        re.compile("|".join(f"(?:{each})" for each in raw["alone"]["patterns"]), re.I),
        re.compile(none, re.I),
    )


def read_rise(
    names: tuple[Code, ...],
    field: tuple[Code, ...],
    value: tuple[Code, ...],
    said: Collection[str],
    amount: str = "",
) -> Search | None:
    """The rise that an answer says, to an analysis of antibodies against one organism; None for all others.

    Args:
        names, field: as `analyse` takes them.
        value: what the answer says beside words of a result; `said`: its words that are more than one of the whole
            answers; `amount`: where it is nothing but a number.
    """
    whole = [*map(_line, said), _line(amount)]
    # What a text names is of it (Antistoffstigning påvist i parsera).
    named_in = (text_of(code) for code in value)
    texts = dict.fromkeys((*whole, *(t for t in named_in if not any(t in each for each in whole))))
    texts.pop("", None)
    if not any(map(names_rise, texts)):
        if not (texts and all(_folded(text) in _words().yes for text in texts)):
            return None
        found = analyse(names, field)
        return found.search if found.method == "antibody-rise" else None
    if not all(is_rise(text) or result_words().plain.get(_folded(text)) for text in texts):
        return None
    found = analyse(names, field)
    if found.search is not None:
        rising = found.method.startswith("antibody")
        return Search("antibody-rise", found.search.organisms) if rising else None
    if found.method:
        return None
    named = tuple(Code(text=name) for code in names if (name := _named(text_of(code))))
    return Search("antibody-rise", named) if is_known(named) else None


def _named(name: str) -> str:
    """The organism that the name of an analysis names without a method, beside a test whose answer is a titre (Leptospira MAT)."""
    left = left_of(words().titres.sub(" ", name)) or left_of(name)
    return " ".join(left.split())


def is_rise(text: str) -> bool:
    """Whether a text says that antibodies rose as they do by an infection, and nothing else."""
    known = _words()
    if len(text) > LONGEST or "?" in text or not names_rise(text):
        return False
    pairs = list(PAIR.finditer(SKIPPED.sub(" ", text)))
    if any(not _is_significant(pair) for pair in pairs):
        return False
    rest = known.significant.sub(" ", known.plain.sub(" ", known.rises.sub(" ", text)))
    left = [token.group().casefold() for token in TOKEN.finditer(rest)]
    # A rise of titre and no more (Titerstigning) does not say how large it was, nor since when.
    certain = pairs or known.significant.search(text) or known.alone.search(text)
    if not (certain or (left and known.plain.search(text))):
        return False
    return all(low in known.beside or result_words().plain.get(low) for low in left)


def without_denied_rise(text: str) -> str:
    """An answer without the part that says that antibodies did not rise, which denies no antibodies; `NO_RISE` where it says
    nothing else."""
    if len(text) > 1000 or not names_rise(text):
        return text
    left = _words().none.sub(" ", text).strip(" \t,;.")
    if left == text.strip(" \t,;."):
        return text
    return left if re.search(r"[^\W\d_]{2}|\+", left) else NO_RISE


def _is_significant(pair: re.Match[str]) -> bool:
    one, other = int(pair["one"]), int(pair["other"])
    return one > 0 and other >= SIGNIFICANT * one


def _line(text: str) -> str:
    return " ".join(text.split())


def _folded(text: str) -> str:
    return text.casefold().strip(" .!")


def names_rise(text: str) -> bool:
    """Whether a text has a word of a rise, whatever it says of it."""
    return _words().rises.search(text) is not None
