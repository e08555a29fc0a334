"""Titres, and what was counted in the fields of a microscope: numbers that say how much there was, and not whether it counts.

"1:640", "RPR 1:64", "PT-IgG > 160", "1-9/100 synsfelt". Nobody but a person can tell what one of them means.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from varde.messages.answers.known_names import concept_of
from varde.messages.answers.names import known_in
from varde.messages.answers.rises import names_rise
from varde.messages.answers.search_words import words
from varde.messages.answers.searches import Analysis, text_of
from varde.messages.records import Code

if TYPE_CHECKING:
    from varde.messages.kith.words import ResultKind

TITRE = re.compile(
    r"(?<![\w<≤:.,/])(?<![<≤]\s)1\s?[:/]\s?(?!1(?!\d))[1-9]\d{0,5}(?![\w:/])"
    r"|(?<![^\W\d_])ig[gma]\s*[:=]?\s*[>≥]\s*\d"
    r"|(?<!\w)tit(?:er|re)\s*[:=]?\s*[>≥]?\s*[1-9]\d{0,5}(?![\w:/.,])",
    re.I,
)
"""A dilution in which there was still an answer, and antibodies above all that is counted; none that is below
what is counted ("<1:8")."""

AMOUNT = re.compile(
    r"\s*[>≥]?\s*[1-9]\d{0,5}(?:[.,]\d{1,3})?\s*(?:k?i[ue]|u|ie)\s?/\s?m?l\.?\s*", re.I
)
"""An amount of antibodies in units, not said to be below a limit."""

BY_AMOUNT = frozenset(("bordetella-pertussis", "bordetella"))
"""Organisms of which one amount of IgG may tell a recent infection (antibodies to pertussis toxin: ECDC's guidance on the
serology of whooping cough)."""

ALONE = re.compile(
    r"\s*(?:(?P<test>(?!tit)[^\W\d_]{2,6}(?:-[^\W\d_]{2})?)\s*:?\s+)?(?:tit(?:er|re)\s*:?\s*)?"
    r"(?P<sign>[<≤>≥]?)\s?1\s?[:/]\s?(?P<titre>[1-9]\d{0,5})\s*\.?\s*",
    re.I,
)
"""A titre, or that it was not reached, with no more than its test and the word for it."""

PARTS = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")

WHOLE = re.compile(r"(?:[^\W\d_-]{1,20}\s*:?\s+)?[>≥]?\s*1\s?[:/]\s?\d{1,6}")
"""A titre with no more than the test that it is of."""

IN_FIELDS = re.compile(
    r"(?<![\w.,<≤])(?:\d+\s*[-–]\s*)?[1-9]\d*\s*\+?\s*(?:/|per|pr\.?)\s*(?:\d+\s*)?"
    r"(?:synsfelt(?:er)?|felt(?:er)?|(?:visual\s+|microscopic\s+)?fields?|hpf|oif)(?!\w)",
    re.I,
)
"""So many in so many fields."""

NONE_IN_FIELDS = re.compile(
    r"\s*(?:0|ingen|none)\s*(?:/|per|pr\.?|i|in)\s*(?:\d+\s*)?"
    r"(?:synsfelt(?:er)?|felt(?:er)?|(?:visual\s+|microscopic\s+)?fields?|hpf|oif)\s*\.?\s*",
    re.I,
)
"""None in so many fields."""

INFECTED = re.compile(r"parasit\w*emi|\d\s?%\s*(?:av\s+)?(?:infis|infected|parasit|ery|røde)", re.I)
"""The share of the blood cells that have a parasite in them."""

RISE = re.compile(
    r"(?<!\w)(?:fire|4|four)\s?-?(?:dobl|gang|fold)\w*.*tit(?:er|re)|serokonver\w*|seroconver\w*"
    r"|(?<!\w)(?:økning|økende|stigning|stigende|økt|rise|rising|increase)(?!\w).*tit(?:er|re)"
    r"|tit(?:er|re)\w*\W+(?:rise|increase|økning|stigning)"
    r"|tit(?:er|re)\w*.*(?:fire|4|four)\s?-?(?:dobl|gang|fold)",
    re.I,
)
"""A rise between two samples, by which an infection is confirmed."""

DENIED = re.compile(r"(?<!\w)(?:ikke|ikkje|ingen|uten|no|not|without|none|nei)(?!\w)", re.I)


def is_measured(names: tuple[Code, ...], found: Analysis, text: str) -> bool:
    """Whether an answer is a titre of what may be an infection, or what a microscope showed of what was looked for."""
    if (
        found.method == "microscopy"
        and found.search is not None
        and (IN_FIELDS.search(text) is not None or INFECTED.search(text) is not None)
    ):
        return True
    if (RISE.search(text) is not None or names_rise(text)) and DENIED.search(text) is None:
        return bool(
            found.search is not None
            or found.method.startswith("antibody")
            or any(
                known_in(text_of(code)) or words().titres.search(text_of(code)) for code in names
            )
        )
    if (
        found.search is not None
        and found.method.startswith("antibody")
        and AMOUNT.fullmatch(text) is not None
        and concept_of(found.search.organisms) in BY_AMOUNT
    ):
        return True
    # Of a search for antibodies of one class the register has the search, whose answer is unclear; one that says that it is
    # a titre says how far the serum was diluted and still reacted.
    named = re.search(r"(?<!\w)tit(?:er|re)", text, re.I) is not None
    if TITRE.search(text) is None or (found.method.startswith("antibody-") and not named):
        return False
    texts = (text, *map(text_of, names))
    return found.search is not None or any(
        words().titres.search(each) or known_in(each) for each in texts
    )


def sign_of_titre(names: tuple[Code, ...], text: str) -> ResultKind:
    """What a titre alone says in answer to a test whose limit is known (`titres` in `searches.json`); empty for all else, and
    for what lies between reactive and not."""
    found = ALONE.fullmatch(text)
    if found is None:
        return ""
    limits = words().titre_limits
    asked = {
        word for code in names for word in PARTS.findall(text_of(code).casefold()) if word in limits
    }
    test = (found["test"] or "").casefold()
    if len(asked) != 1 or (test and test not in asked):
        return ""
    reactive, below = limits[asked.pop()]
    titre, sign = int(found["titre"]), found["sign"]
    if sign in ("<", "≤"):
        return "no_growth" if sign == "<" and titre <= below else ""
    return "growth" if titre >= reactive else ""


def is_titre(text: str) -> bool:
    """Whether a text is a titre, alone or behind the name of its test ("RPR 1:64")."""
    return WHOLE.fullmatch(text.strip()) is not None
