"""Answers that say in words what an organism is resistant to, under a heading that names it: "M. tuberculosis resistens".

A resistance found means that the organism was there, and by it a case may be of another kind (resistant tuberculosis). Where no
result of susceptibility can be read of the words, a person must look.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from varde.codes import refines
from varde.messages.answers.kind_answers import concepts_in
from varde.messages.answers.notes import Noted, expression
from varde.messages.answers.said import show
from varde.messages.answers.searches import text_of
from varde.messages.records import Code

COMPLEX = "mycobacterium-tuberculosis-complex"
"""Whose resistance to a drug is told by itself."""

HEADING = re.compile(r"resisten[st]|resistance", re.I)
RESISTANT = re.compile(
    r"(?<![^\W\d_])(?-i:R)(?![^\W\d_])|(?<!\w)resistent|(?<!\w)resistant"
    r"|mutasjon(?:er)?\W+(?:er\W+)?påvist|mutations?\W+detected",
    re.I,
)
DENIED = re.compile(r"(?<!\w)(?:ikke|ikkje|ingen|uten|no|not|without|negativ\w*)(?!\w)", re.I)


class Resisting(Noted):
    """An answer that finds a resistance, which no organism by its name alone says too."""


def read_resistance(names: tuple[Code, ...], texts: Iterable[str]) -> Resisting | None:
    """An answer that finds a resistance of tuberculosis bacteria, noted with its words; None for all others.

    Args:
        names: of the analysis.
        texts: the words of the answer.
    """
    if not any(HEADING.search(text_of(code)) for code in names):
        return None
    if not any(key == COMPLEX or refines(key, COMPLEX) for key in concepts_in(names)):
        return None
    for text in texts:
        if RESISTANT.search(text) is not None and DENIED.search(text) is None:
            return Resisting("", (expression(names, show(text)),))
    return None
