"""Flora in place of what was looked for, with remarks behind it (Blandingsflora. Ny prøve anbefales): no organism was found, and no map
needs to know the text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import Protocol

from varde.codes import resistance_words
from varde.messages.answers.cutting import cut
from varde.messages.answers.known_names import find_named
from varde.messages.answers.names import known_in, targets_in
from varde.messages.answers.search_words import WORD, words

LONGEST = 200
"""Characters; a longer text is a remark."""

_END = re.compile(r"[.,;]\s*")
_ELSEWHERE = re.compile(r"(?<!\w)(?:se|sjå|see)\s", re.I)
"""What is to be read in another place (se merknad) may name an organism."""

_CONTAMINATED = re.compile(r"(?<!\w)(?:forurens|ureins|kontamin|contamin)", re.I)
"""The doubt is of the specimen, and of nothing in it."""


class Judged(Protocol):
    """A part of an answer, as far as it says what kind of a statement it is."""

    @property
    def kind(self) -> str: ...


def is_flora_alone(text: str, judge: Callable[[str], Iterable[Judged]]) -> bool:
    """Whether a text is flora and remarks on it: doubts of the specimen, what to do next.

    Args:
        text: without a word that says positive or negative.
        judge: what the statements of a part of an answer are.
    """
    first, *rest = _END.split(text.strip(), maxsplit=1)
    if len(text) > LONGEST or first.casefold() not in _flora():
        return False
    return not rest or _is_remark(rest[0], judge)


def _is_remark(text: str, judge: Callable[[str], Iterable[Judged]]) -> bool:
    """Whether a text is nothing but remarks: one that names an organism, a gene or a resistance anywhere is more."""
    if _ELSEWHERE.search(text) or known_in(text) or targets_in(text) or resistance_words(text):
        return False
    if any(find_named(word) for word in WORD.findall(text)):
        return False  # groups too, as yeast
    return all(
        each.kind == "neutral"
        or (each.kind == "doubtful" and _CONTAMINATED.search(part) is not None)
        for part in cut(text)
        for each in judge(part)
    )


@cache
def _flora() -> frozenset[str]:
    return frozenset(text for text in words().undecided if text.endswith("flora"))
