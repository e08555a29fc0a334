"""Analyses that ask which kind of an organism there was: "Subtype: H5N1", "Genotype: D8", beside the search that found it.

Such an answer names no organism. Where the organism was found in the same specimen it says which kind of it
(`varde.messages.answers.kind_settling`). One that nobody understands waits, unless it is a remark (Følger, Ikke utført).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import lru_cache

from varde.codes import all_kinds, organisms, subtypes
from varde.messages.answers.kind_weighing import (
    counts_as_kind,
    finer_name,
    is_of_vaccine,
    is_remark,
    pieces_of,
)
from varde.messages.answers.known_names import find_named
from varde.messages.answers.names import known_in
from varde.messages.answers.notes import Noted, expression, is_never
from varde.messages.answers.said import show
from varde.messages.answers.search_words import WORD
from varde.messages.answers.searches import analyse, left_of, text_of
from varde.messages.answers.words import result_words
from varde.messages.records import Code

LONGEST = 60
"""Characters of a kind with what explains it; a longer text is a remark."""

ASKING = re.compile(r"(?<=\w\w)(?:sekvensering|sequencing|typing|typering)(?!\w)", re.I)
"""How words end that ask for a kind, whatever was done for it."""

SUBTYPE = re.compile(r"h\d{1,2}(?:n\d{1,2})?v?", re.I)
"""A subtype of influenza A virus."""


class OfKind(Noted):
    """An answer that is a kind of an organism which it does not name; its text stands behind the name of the analysis."""


class Unread(OfKind):
    """The same where nobody knows the kind: it waits, unless it is one of what was found beside it."""


def asks_for_kind(names: tuple[Code, ...]) -> bool:
    """Whether the names of an analysis ask which kind there was (Subtype, Influensa A genotyping)."""
    return _has_word(names, result_words().asking)


def asks_which(names: tuple[Code, ...]) -> bool:
    """The same, or which species there was (Artsbestemmelse, Salmonella sekvensering)."""
    known = result_words()
    return (
        _has_word(names, known.asking)
        or _has_word(names, known.identifying)
        or any(ASKING.search(text_of(code)) for code in names)
    )


def _has_word(names: tuple[Code, ...], asking: frozenset[str]) -> bool:
    return any(
        not asking.isdisjoint(WORD.findall(text_of(code).casefold().replace("-", " ")))
        for code in names
    )


def read_kind(
    names: tuple[Code, ...],
    value: tuple[Code, ...],
    found: bool = False,
    said: Collection[str] = (),
) -> OfKind | None:
    """An answer that says a kind, noted; None for all others.

    Args:
        found: it is positive, so that a kind that the analysis is called by was found (H5 RNA).
        said: the words of the answer that are more than one of the whole answers.
    """
    called = [left_of(text_of(code)) for code in names] if found and not value else []
    if called and all(SUBTYPE.fullmatch(each) for each in called if each) and any(called):
        return OfKind("", (expression(names, next(filter(None, called))),))
    if not asks_for_kind(names):
        return None
    if (
        not (value or said)
        and found
        and analyse(names).search is None
        and (named := _subtypes_in(names))
    ):
        # Its name is the kind (LGV-genotype: Påvist).
        return OfKind("", (expression(names, named[0]),))
    text = text_of(value[0]) if len(value) == 1 else ""
    if not text or len(text) > LONGEST:
        return None
    own = concepts_in(names)
    is_kind = is_of_vaccine(text) or any(
        _is_kind(part) or any(finer_name(key, part) or counts_as_kind(key, part) for key in own)
        for part in pieces_of(text)
    )
    return OfKind("", (expression(names, text),)) if is_kind else None


def read_called_kind(names: tuple[Code, ...]) -> OfKind | None:
    """What a plain positive answer to an analysis for a kind says, by the name of the analysis (Poliovirus genotype: Positiv,
    Meslingvirus vaksinestamme genotype: Påvist); None for all others."""
    if not asks_for_kind(names):
        return None
    for code in names:
        text = text_of(code)
        kind = text if is_of_vaccine(text) else next(iter(known_in(text.replace("-", " "))), "")
        if kind:
            return OfKind("", (expression(names, kind),))
    return None


def _subtypes_in(names: tuple[Code, ...]) -> list[str]:
    """The kinds that are organisms of their own, by which an analysis is called."""
    kinds = set(subtypes().values())
    return [
        name
        for code in names
        for name in known_in(text_of(code).replace("-", " "))
        if find_named(name) in kinds
    ]


def read_unknown_kind(names: tuple[Code, ...], said: Sequence[str]) -> Unread | None:
    """An answer that nobody understood, to an analysis that asks which kind or species there was; None for a remark (Følger,
    Sendt FHI), and of all other analyses.

    Args:
        said: the words of the answer, as they stand.
    """
    if not asks_which(names):
        return None
    text = "; ".join(said)
    if not text or is_remark(text) or is_never(names, text):
        return None
    return Unread("", (expression(names, show(text)),))


def _is_kind(text: str) -> bool:
    known = result_words()
    return (
        known.mark.fullmatch(text) is not None
        or SUBTYPE.fullmatch(text) is not None
        or all_kinds().fullmatch(text) is not None
        or any((key, text.casefold()) in subtypes() for key in subtype_holders())
        or find_named(text) is not None
        or names_serovar(text)
    )


def names_serovar(text: str) -> bool:
    """Whether a text is what stands behind the genus in the name of a serovar (Typhi)."""
    return text.casefold() in _serovars()


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


def kind_of(noted: Noted) -> str:
    """The kind that an answer says."""
    return noted.organisms[0].text.partition(": ")[2] or noted.organisms[0].text
