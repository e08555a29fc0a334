"""Analyses that ask which kind of an organism there was: "Subtype: H5N1", "Genotype: D8", beside the search that found it.

Such an answer names no organism. Where the organism was found in the same specimen it says which kind of it: an organism of
its own (influenza A(H5N1)), one that no file tells apart, or one by which no infection is told (genotype A of measles, the
vaccine), and then a person must look. Alone it waits where it may be of a virus that was found before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Protocol, TypeVar

from varde.codes import all_kinds, coarser_names, kinds_of, organisms, refines, subtypes
from varde.messages.answers.known_names import concept_of, find_named
from varde.messages.answers.names import known_in
from varde.messages.answers.notes import Noted, expression
from varde.messages.answers.search_words import WORD
from varde.messages.answers.searches import Search, left_of, text_of
from varde.messages.answers.words import result_words
from varde.messages.records import Code

LONGEST = 60
"""Characters of a kind with what explains it; a longer text is a remark."""

PARTS = re.compile(r"[()\[\],;]")
"""What parts a kind from what explains it: L2b (LGV)."""

PLAINEST = frozenset(("serovar", "serotype", "genotype", "genotypen", "type", "gruppe", "serogruppe", "subtype"))  # fmt: skip
"""Words that may stand before the mark of a kind and are no part of its name."""

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
    if not text or len(text) > LONGEST or not asks_for_kind(names):
        return None
    own = concepts_in(names)
    is_kind = is_of_vaccine(text) or any(
        _is_kind(part) or any(finer_name(key, part) or counts_as_kind(key, part) for key in own)
        for part in pieces_of(text)
    )
    return OfKind("", (expression(names, text),)) if is_kind else None


def _is_kind(text: str) -> bool:
    known = result_words()
    return (
        known.mark.fullmatch(text) is not None
        or SUBTYPE.fullmatch(text) is not None
        or all_kinds().fullmatch(text) is not None
        or any((key, text.casefold()) in subtypes() for key in subtype_holders())
        or find_named(text) is not None
        or text.casefold() in _serovars()
    )


@lru_cache(maxsize=1)
def _serovars() -> frozenset[str]:
    """What stands behind the genus in the names of serovars (typhi, paratyphi a), in lower case."""
    return frozenset(
        one.name.removeprefix(f"{one.genus} ").casefold()
        for one in organisms().values()
        if one.genus and one.species and one.name.removeprefix(f"{one.genus} ")[:1].isupper()
    )


@lru_cache(maxsize=1)
def subtype_holders() -> frozenset[str]:
    """The organisms with subtypes that are organisms of their own."""
    return frozenset(of for of, _ in subtypes())


def concepts_in(names: tuple[Code, ...]) -> frozenset[str]:
    """The organisms that the names of an analysis speak of."""
    named = (find_named(name) for code in names for name in known_in(text_of(code)))
    return frozenset(key for key in named if key is not None)


def pieces_of(kind: str) -> tuple[str, ...]:
    """A kind, and what it is called besides: "L2b (LGV)" is also "L2b" and "LGV"."""
    parts = (part.strip(" .:") for part in (kind, *PARTS.split(kind)))
    return tuple(dict.fromkeys(part for part in parts if part))


def is_of_vaccine(kind: str) -> bool:
    """Whether a kind is said to be that of a vaccine."""
    return result_words().vaccine.search(kind) is not None


def finer_name(concept: str, kind: str) -> str:
    """The name of the organism of its own that a kind of another one is; empty for none."""
    words = kind.split()
    bare = " ".join(words[1:]) if words and words[0].casefold() in PLAINEST else kind
    whole = organisms()[concept].name
    for name in (kind, f"{whole} {bare}" if bare else ""):
        found = find_named(name) if name else None
        if found is not None and refines(found, concept):
            return name
    if (concept, bare.casefold()) in subtypes():
        name = f"{whole} {bare.upper()}"
        return (
            name
            if find_named(name) is not None
            else organisms()[subtypes()[concept, bare.casefold()]].name
        )
    return ""


def kind_of(noted: Noted) -> str:
    """The kind that an answer says."""
    return noted.organisms[0].text.partition(": ")[2] or noted.organisms[0].text


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
        kind = kind_of(noted)
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
    if is_of_vaccine(kind):
        return "doubtful"
    outcome = [_settle_part(item, found, concept, part) for part in pieces_of(kind)]
    return next((each for each in ("doubtful", "finer", "counting") if each in outcome), "")


def _settle_part(item: Told, found: Search, concept: str, kind: str) -> str:
    if (concept, kind.casefold()) in subtypes():
        name = f"{text_of(found.organisms[0])} {kind.upper()}"
        name = name if find_named(name) is not None else finer_name(concept, kind)
        item.detected = Search(found.method, (Code(text=name),))
        return "finer"
    if name := finer_name(concept, kind):
        item.detected = Search(found.method, (Code(text=name),))
        return "finer"
    return counts_as_kind(concept, kind)


def counts_as_kind(concept: str, kind: str) -> str:
    """What a kind that is no organism of its own is to an organism: ``counting``, ``doubtful``, or empty for nothing."""
    kinds = kinds_of(concept)
    one = organisms()[concept]
    if find_named(kind) == concept or one.name.casefold().endswith(f" {kind.casefold()}"):
        return "counting"
    for coarse in coarser_names()[concept]:
        other = find_named(finer_name(coarse, kind))
        if other is not None and other != concept and not refines(concept, other):
            return ""  # a sister: Typhi beside S. Typhimurium
    if kinds is None:
        return ""
    said = (kind, f"genotype {kind}", f"type {kind}", f"serotype {kind}", f"clade {kind}")
    if any(kinds.doubtful.fullmatch(each) for each in said):
        return "doubtful"
    counts = any(kinds.counting.fullmatch(each) or kinds.beside.fullmatch(each) for each in said)
    return "counting" if counts else ""


def _may_wait(names: tuple[Code, ...], kind: str) -> bool:
    """Whether a kind of which nothing was found beside it may be of an infection by a virus, is said to be of a vaccine, or
    is an organism of its own."""
    own = concepts_in(names)
    return (
        is_of_vaccine(kind)
        or any(organisms()[key].kind == "virus" for key in own)
        or any(
            SUBTYPE.fullmatch(part) is not None
            or find_named(part) is not None
            or part.casefold() in _serovars()
            or any(finer_name(key, part) for key in own)
            or any((key, part.casefold()) in subtypes() for key in subtype_holders())
            for part in pieces_of(kind)
        )
    )
