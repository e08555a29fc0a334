"""Analyses that ask which kind of an organism there was: "Subtype: H5N1", "Genotype: D8", beside the search that found it.

Such an answer names no organism. Where the organism was found in the same specimen it says which kind of it: an organism of
its own (influenza A(H5N1)), one that no file tells apart, or one by which no infection is told (genotype A of measles, the
vaccine), and then a person must look. Alone it waits where it may be of a virus that was found before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from varde.codes import all_kinds, kinds_of, organisms, subtypes
from varde.messages.answers.known_names import concept_of, find_named
from varde.messages.answers.names import known_in
from varde.messages.answers.notes import Noted, expression
from varde.messages.answers.search_words import WORD
from varde.messages.answers.searches import Search, left_of, text_of
from varde.messages.answers.words import result_words
from varde.messages.records import Code

LONGEST = 30
"""Characters of a kind; a longer text is a remark."""

SUBTYPE = re.compile(r"h\d{1,2}(?:n\d{1,2})?v?", re.I)
"""A subtype of influenza A virus."""


class Told(Protocol):
    """A result with what it found or what is noted of it; a reader's own."""

    detected: Search | None


Some = TypeVar("Some", bound=Told)


class OfKind(Noted):
    """An answer that is a kind of an organism which it does not name; its text stands behind the name of the analysis."""


def asks_for_kind(names: tuple[Code, ...]) -> bool:
    """Whether the names of an analysis ask which kind there was (Subtype, Influensa A genotyping)."""
    asking = result_words().asking
    return any(
        not asking.isdisjoint(WORD.findall(text_of(code).casefold().replace("-", " ")))
        for code in names
    )


def read_kind(
    names: tuple[Code, ...], value: tuple[Code, ...], found: bool = False
) -> OfKind | None:
    """An answer that says a kind, noted; None for all others.

    Args:
        found: it is positive, so that a kind that the analysis is called by was found (H5 RNA).
    """
    called = [left_of(text_of(code)) for code in names] if found and not value else []
    if called and all(SUBTYPE.fullmatch(each) for each in called if each) and any(called):
        return OfKind("", (expression(names, next(filter(None, called))),))
    text = text_of(value[0]) if len(value) == 1 else ""
    if not text or len(text) > LONGEST or not asks_for_kind(names) or not _is_kind(text):
        return None
    return OfKind("", (expression(names, text),))


def _is_kind(text: str) -> bool:
    known = result_words()
    return (
        known.mark.fullmatch(text) is not None
        or SUBTYPE.fullmatch(text) is not None
        or all_kinds().fullmatch(text) is not None
    )


def settle_kinds(
    items: Sequence[Some], told: Callable[[Some], tuple[tuple[Code, ...], object]]
) -> list[Some]:
    """What was found, each with its kind where one was answered in the same specimen.

    Args:
        items: what was found or noted.
        told: the names of an item's analysis, and its specimen.
    """
    dropped: set[int] = set()
    for item in items:
        noted = item.detected
        if not isinstance(noted, OfKind):
            continue
        names, place = told(item)
        kind = noted.organisms[0].text.rpartition(": ")[2]
        own = [
            other
            for other in items
            if other.detected is not None
            and not isinstance(other.detected, Noted)
            and told(other)[1] == place
        ]
        outcome = {_settle(other, kind) for other in own} - {""}
        if "doubtful" in outcome:
            dropped.update(id(o) for o in own if _settle(o, kind) == "doubtful")
        elif outcome or not _may_wait(names, kind):
            dropped.add(id(item))
    return [item for item in items if id(item) not in dropped]


def _settle(item: Told, kind: str) -> str:
    """What a kind is to what was found: ``finer``, which is then found by its own name, ``counting`` or ``doubtful``; empty for
    nothing."""
    found = item.detected
    concept = concept_of(found.organisms) if found is not None else None
    if found is None or concept is None:
        return ""
    if (concept, kind.casefold()) in subtypes():
        name = f"{text_of(found.organisms[0])} {kind.upper()}"
        item.detected = Search(found.method, (Code(text=name),))
        return "finer"
    kinds = kinds_of(concept)
    if kinds is None:
        return ""
    said = (kind, f"genotype {kind}", f"type {kind}", f"serotype {kind}", f"clade {kind}")
    if any(kinds.doubtful.fullmatch(each) for each in said):
        return "doubtful"
    counts = any(kinds.counting.fullmatch(each) or kinds.beside.fullmatch(each) for each in said)
    return "counting" if counts else ""


def _may_wait(names: tuple[Code, ...], kind: str) -> bool:
    """Whether a kind of which nothing was found beside it may be of an infection by a virus."""
    if SUBTYPE.fullmatch(kind) is not None:
        return True
    named = (find_named(name) for code in names for name in known_in(text_of(code)))
    return any(organisms()[key].kind == "virus" for key in named if key is not None)
