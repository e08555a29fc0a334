"""Flora in place of what was looked for, with remarks behind it (Blandingsflora. Ny prøve anbefales): no organism was found, and no map
needs to know the text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import Protocol

from varde.messages.answers.cutting import cut
from varde.messages.answers.known_names import find_named
from varde.messages.answers.search_words import words

LONGEST = 200
"""Characters; a longer text is a remark."""

_END = re.compile(r"[.,;]\s*")
_ELSEWHERE = re.compile(r"(?<!\w)(?:se|sjå|see)\s", re.I)
"""What is to be read in another place (se merknad) may name an organism."""


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
    if not rest:
        return True
    return (
        not _ELSEWHERE.search(rest[0])
        and find_named(rest[0]) is None
        and _is_remark(rest[0], judge)
    )


def _is_remark(text: str, judge: Callable[[str], Iterable[Judged]]) -> bool:
    return all(each.kind in ("neutral", "doubtful") for part in cut(text) for each in judge(part))


@cache
def _flora() -> frozenset[str]:
    return frozenset(text for text in words().undecided if text.endswith("flora"))
