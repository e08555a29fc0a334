"""One isolate, one finding: what gives way where the results of a report say the same thing twice."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Protocol, TypeVar

from varde.messages.answers.found import is_grown
from varde.messages.answers.kind_answers import settle_kinds
from varde.messages.answers.known_names import concept_of
from varde.messages.answers.notes import Marker, Noted, Vague
from varde.messages.answers.searches import Search, find_search, left_of, long_words, text_of
from varde.messages.answers.wanted import all_divisions, divisions_of
from varde.messages.records import Code


class Detecting(Protocol):
    """An item of an answer, as far as it says what a search found; a reader's own."""

    detected: Search | None


Some = TypeVar("Some", bound=Detecting)


def leave_identified(
    detected: Sequence[Detecting],
    found: bool,
    settled: bool,
    above: Collection[int],
    loose: Collection[tuple[Code, ...]],
) -> None:
    """Take from the cultures that found what their names say, and from what is noted, those whose organism is
    identified: by a result that hangs on them, or by one that hangs on nothing and is of a like name.
    A panel or a culture that names nothing is left out where anything else was found, or it is settled; a gene
    of resistance where anything grew.

    Args:
        found: whether anything was identified.
        above: ``id`` of the items that what was identified hangs on.
        loose: what was identified and hangs on nothing.
    """
    named = any(not isinstance(item.detected, Vague) for item in detected)
    grew = found or any(is_grown(item.detected) for item in detected)
    for item in detected:
        one = item.detected
        if one is None or not (one.method == "culture" or isinstance(one, Noted)):
            continue
        if (
            (isinstance(one, Vague) and (found or named or settled))
            or (isinstance(one, Marker) and grew)
            or id(item) in above
            or is_like(one.organisms, loose)
        ):
            item.detected = None


def asked_for(
    detected: Iterable[tuple[Search | None, tuple[Code, ...], tuple[Code, ...], object]],
) -> list[tuple[Search, object]]:
    """Of what was found, with the names of its analysis, its method and its specimen: what the analysis itself
    looks for."""
    return [
        (one, place)
        for one, names, field, place in detected
        if one is not None and not isinstance(one, Noted) and find_search(names, field) is not None
    ]


def is_repeated(one: Search, place: object, asked: Iterable[tuple[Search, object]]) -> bool:
    """Whether what a panel's answer names is found by the analysis for it too, in the same specimen."""
    return any(
        one is not other
        and one.method == other.method
        and place == its
        and is_same(one.organisms, other.organisms)
        for other, its in asked
    )


def settle_subtypes(
    items: Sequence[Some], told: Callable[[Some], tuple[tuple[Code, ...], object]]
) -> list[Some]:
    """What was found without an organism of which a subtype that is one of its own is found in the same specimen too
    (Influensa A RNA and Influensa A H5 RNA): one infection, by its more precise name. A subtype whose analysis says no
    method was found as the organism was.

    Args:
        items: what was found or noted.
        told: the names of an item's analysis, and its specimen.
    """
    items = settle_kinds(items, told)
    dropped: set[int] = set()
    for fine in items:
        one = fine.detected
        if one is None:
            continue
        names, place = told(fine)
        noted = isinstance(one, Noted)
        meant = _asked_plainly(names, one) if noted else one.organisms
        key = concept_of(meant)
        for coarse in items if key in all_divisions() else ():
            other = coarse.detected
            if other is None or isinstance(other, Noted) or coarse is fine:
                continue
            whole = concept_of(other.organisms)
            if whole is None or key not in divisions_of(whole) or told(coarse)[1] != place:
                continue
            if noted:
                fine.detected = Search(other.method, meant)
            dropped.add(id(coarse))
    return [item for item in items if id(item) not in dropped]


def _asked_plainly(names: tuple[Code, ...], noted: Search) -> tuple[Code, ...]:
    """What an analysis without a method asks for, where its answer says no more than that it was there."""
    if not noted.organisms[0].text.endswith(": positiv"):
        return ()
    return tuple(Code(text=left_of(text_of(code)) or text_of(code)) for code in names)


def is_like(one: tuple[Code, ...], others: Iterable[tuple[Code, ...]]) -> bool:
    """Whether an organism shares a word with one of others, or is the same by the code maps."""
    others = tuple(others)
    if not others:
        return False
    own = long_words(one)
    if any(not own.isdisjoint(long_words(other)) for other in others):
        return True
    concept = concept_of(one)
    return concept is not None and any(concept_of(other) == concept for other in others)


def is_same(one: tuple[Code, ...], other: tuple[Code, ...]) -> bool:
    """Whether two names may be of one organism: by the code maps, or as a kind and its species."""
    mine, its = concept_of(one), concept_of(other)
    if mine is not None and mine == its:
        return True
    for first in one:
        for second in other:
            short, long = sorted((_parts_of(first), _parts_of(second)), key=len)
            if short and (short == long or (len(short) == 1 and short == long[:1])):
                return True
    return False


def _parts_of(code: Code) -> list[str]:
    return text_of(code).casefold().split()
