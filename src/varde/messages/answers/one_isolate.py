"""One isolate, one finding: what gives way where the results of a report say the same thing twice."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple, Protocol, TypeVar

from varde.codes import coarser_names, markers_in, organisms
from varde.messages.answers.found import is_grown
from varde.messages.answers.kind_answers import OfKind, kind_of
from varde.messages.answers.kind_settling import Isolate, settle_kinds
from varde.messages.answers.kind_weighing import (
    counts_as_kind,
    finer_name,
    is_of_vaccine,
    pieces_of,
)
from varde.messages.answers.known_names import concept_of, find_named
from varde.messages.answers.names import is_harmless, known_in, targets_in
from varde.messages.answers.notes import Marker, Noted, Vague
from varde.messages.answers.resistance_answers import Resisting
from varde.messages.answers.searches import Search, find_search, left_of, long_words, text_of
from varde.messages.answers.wanted import all_divisions, divisions_of
from varde.messages.answers.words import result_words
from varde.messages.records import Code


class Detecting(Protocol):
    """An item of an answer, as far as it says what a search found; a reader's own."""

    detected: Search | None


Some = TypeVar("Some", bound=Detecting)


def leave_identified(
    detected: Sequence[Detecting],
    identified: Collection[tuple[Code, ...]],
    settled: bool,
    above: Collection[int],
    loose: Collection[tuple[Code, ...]],
) -> None:
    """Take from the cultures that found what their names say, and from what is noted, those whose organism is
    identified: by a result that hangs on them, or by one that hangs on nothing and says as much (`is_said_by`).
    A panel or a culture that names nothing is left out where anything else was found, or it is settled; a gene
    of resistance where anything grew.

    Args:
        identified: all that was identified.
        above: ``id`` of the items that what was identified hangs on.
        loose: what was identified and hangs on nothing.
    """
    named = any(not isinstance(item.detected, Vague) for item in detected)
    grew = bool(identified) or any(is_grown(item.detected) for item in detected)
    told, beside, every = (
        all_of(identified),
        all_of(loose),
        all_of(
            (
                *identified,
                *(one.organisms for i in detected if (one := i.detected) and is_grown(one)),
            )
        ),
    )
    for item in detected:
        one = item.detected
        if one is None or not (one.method == "culture" or isinstance(one, Noted)):
            continue
        if (
            (
                isinstance(one, Vague)
                and (identified or named or settled)
                and not names_more(one, every)
            )
            or (isinstance(one, Marker) and grew)
            or (id(item) in above and not is_finer(one, told))
            or is_said_by(one, beside)
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
        and is_covered(one.organisms, other.organisms)
        for other, its in asked
    )


def settle_subtypes(
    items: Sequence[Some],
    told: Callable[[Some], tuple[tuple[Code, ...], object]],
    isolates: Iterable[Isolate] = (),
) -> list[Some]:
    """What was found without an organism of which a subtype that is one of its own is found in the same specimen too
    (Influensa A RNA and Influensa A H5 RNA): one infection, by its more precise name. A subtype whose analysis says no
    method was found as the organism was.

    Args:
        items: what was found or noted.
        told: the names of an item's analysis, and its specimen.
        isolates: what grew.
    """
    items = settle_kinds(items, told, isolates)
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


class All(NamedTuple):
    """What several names say together.

    Attributes:
        meant: what they are taken for.
        covered: the same, and all less precise names of it.
        parts: the words of each name, and of each the first word alone.
        words: the long words of each name (`long_words`).
        markers: the resistances that they name.
    """

    meant: frozenset[str]
    covered: frozenset[str]
    parts: frozenset[tuple[str, ...]]
    words: frozenset[frozenset[str]]
    markers: frozenset[str]


def all_of(others: Iterable[tuple[Code, ...]]) -> All:
    """What several names say together, taken for `is_said_by` and its like."""
    others = tuple(dict.fromkeys(others))
    meant = frozenset(key for other in others if (key := _meant_by(other)) is not None)
    covered = {coarse for key in meant for coarse in (key, *coarser_names()[key])}
    # Tests for the species of a complex find the complex (M. tuberculosis).
    covered |= {key.removesuffix("-complex") for key in meant}
    parts = {tuple(_parts_of(code)) for other in others for code in other}
    return All(
        meant,
        frozenset(covered),
        frozenset(parts | {each[:1] for each in parts}),
        frozenset(frozenset(long_words(other)) for other in others),
        frozenset().union(*map(_markers_of, others)),
    )


def is_said_by(one: Search, others: All) -> bool:
    """Whether what was identified says all that a culture found by its name, or that is noted: the same organism or a
    more precise name of it. Another organism of the same genus, a more precise name and a word that nobody knows
    (toksinproduksjon) are said by nothing else."""
    if not isinstance(one, Noted):
        return _is_covered(one.organisms, others)
    if not others.parts or isinstance(one, Resisting) or names_more(one, others):
        return False
    text = text_of(one.organisms[0])
    names = known_in(text)
    if isinstance(one, OfKind):
        parts = pieces_of(kind_of(one))
        counted = [counts_as_kind(key, part) for key in others.meant for part in parts]
        return "counting" in counted and "doubtful" not in counted
    if not names:
        own = long_words(one.organisms[:1]) - {"positiv"}
        return bool(own) and any(own <= words for words in others.words)
    rest = left_of(text.partition(": ")[0])
    for name in (*names, *map(left_of, names)):
        rest = rest.replace(name, " ") if name else rest
    return is_harmless(rest, result_words())


def names_more(one: Search, others: All) -> bool:
    """Whether what is noted names an organism, a resistance or a gene of an organism that none of others says."""
    text = text_of(one.organisms[0])
    if isinstance(one, OfKind):
        kind = kind_of(one)
        parts = pieces_of(kind)
        finer = (finer_name(key, part) for key in others.covered for part in parts)
        if is_of_vaccine(kind) or any(
            name and not _is_covered((Code(text=name),), others) for name in finer
        ):
            return True
    return (
        bool(targets_in(text))
        or not others.markers.issuperset(_markers_of(one.organisms[:1]))
        or not all(_is_covered((Code(text=name),), others) for name in known_in(text))
    )


def is_finer(one: Search, others: All) -> bool:
    """Whether what a culture found by its name is a more precise name of one of others, and none of them says as much."""
    mine = concept_of(one.organisms)
    if mine is None or mine in others.covered:
        return False
    return any(key in others.meant and organisms()[key].genus for key in coarser_names()[mine])


def is_covered(one: tuple[Code, ...], other: tuple[Code, ...]) -> bool:
    """Whether another name says all that one says: the same organism, or a more precise name of it."""
    mine, its = _meant_by(one), _meant_by(other)
    if mine is not None and its is not None:
        return mine == its or mine in coarser_names()[its] or its == f"{mine}-complex"
    parts = [_parts_of(code) for code in other]
    return any((own := _parts_of(code)) in parts or own in [p[:1] for p in parts] for code in one)


def _is_covered(one: tuple[Code, ...], others: All) -> bool:
    mine = _meant_by(one)
    if mine is not None and others.meant:
        return mine in others.covered
    return any(tuple(_parts_of(code)) in others.parts for code in one)


def _meant_by(names: tuple[Code, ...]) -> str | None:
    """What a name is taken for, also with words of method and specimen in it."""
    found = concept_of(names)
    if found is not None:
        return found
    return next((key for code in names if (key := find_named(text_of(code)))), None)


def _markers_of(names: tuple[Code, ...]) -> frozenset[str]:
    return frozenset(markers_in((code.code, code.text) for code in names))


def is_like(one: tuple[Code, ...], others: Iterable[tuple[Code, ...]]) -> bool:
    """Whether an organism shares a word with one of others, or is the same by the code maps: enough to tell that it was
    looked for, where it is known to be no other organism; never that it is found already."""
    others = tuple(others)
    if not others:
        return False
    own = long_words(one)
    if any(not own.isdisjoint(long_words(other)) for other in others):
        return True
    concept = concept_of(one)
    return concept is not None and any(concept_of(other) == concept for other in others)


def _parts_of(code: Code) -> list[str]:
    return text_of(code).casefold().split()
