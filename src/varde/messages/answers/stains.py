"""Acid-fast rods as a microscopist writes of them: how many were seen, in how many fields, or that there were some.

"1-9 syrefaste staver per 100 synsfelt", "Sparsomt med syrefaste staver", "3+ AFB seen". These have no word of an answer;
they are positive, and a smear that is lost is a patient with open tuberculosis. One rod alone may be of anything, and a
person looks; so is everything beside them that is not understood.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from varde.messages.answers.search_words import words as search_words
from varde.messages.answers.words import result_words

LONGEST = 120
"""Characters; a longer text is a remark."""

NONE_SEEN = re.compile(r"[\s:=]*(?:0|null|zero)(?![\w.,-])", re.I)
BELOW = re.compile(r"[<≤]|(?<!\w)(?:inntil|under|mindre|færre|less|fewer|up to)(?!\w)", re.I)
ONE_SEEN = re.compile(r"(?<![\w.,-])(?:1|en|ett|one|single|enkel)(?![\w.,+-])(?!\s*[-–+])", re.I)
NUMBER = re.compile(r"(?<![\w.,])\d[\d ]*(?:\s?[-–]\s?\d+)?\s?\+?(?![\w,])")
TOKEN = re.compile(r"[^\W\d_][\w-]*|[?]")


class Stained(NamedTuple):
    """Acid-fast rods in an answer.

    Attributes:
        name: as they are called there.
        found: some were seen; None where nobody but a person can tell.
    """

    name: str
    found: bool | None


def stained(text: str) -> Stained | None:
    """What a text without a word of an answer says of acid-fast rods; None where it says none, or no more than a method."""
    named = _names().search(text) if len(text) <= LONGEST else None
    if named is None:
        return None
    rest = text[: named.start()] + " " + text[named.end() :]
    known = search_words()
    said = {token.casefold() for token in TOKEN.findall(rest)}
    signs = {result_words().sign_of[word] for word in said if word in result_words().sign_of}
    if signs & {"+", "-", "denial", "past"}:
        return None  # a word of an answer, by which it is judged as others are
    if signs & {"doubt", "uncertain"}:
        return Stained(named.group(), None)
    seen = not said.isdisjoint((*known.seen, *known.amounts))
    number = NUMBER.search(rest)
    plus = "+" in rest
    if not (seen or number is not None or plus):
        return None
    plain = said <= {*known.seen, *known.amounts, *known.fields, *result_words().harmless}
    if signs or not plain or "?" in said or BELOW.search(rest) is not None:
        return Stained(named.group(), None)
    if NONE_SEEN.match(rest) is not None or NONE_SEEN.match(text[named.end() :]) is not None:
        return Stained(named.group(), False)
    if ONE_SEEN.search(_without_fields(rest)) is not None and not plus:
        return Stained(named.group(), None)
    return Stained(named.group(), True)


def _without_fields(rest: str) -> str:
    """Without what the rods were counted in."""
    return re.sub(
        r"(?:/|(?<!\w)(?:per|pr|i|in)(?!\w)\.?)\s*\d*\s*[^\W\d_]*.*", " ", rest, flags=re.I
    )


@cache
def _names() -> re.Pattern[str]:
    texts = sorted(search_words().stains, key=lambda text: -len(text))
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, texts))})(?![\w-])", re.I)
