"""What was found in a specimen, each with its kind where one was answered beside it.

A kind is an organism of its own (influenza A(H5N1)), which then is what was found, one that no file tells apart, or one by
which no infection is told (genotype A of measles, the vaccine), and then a person must look. A kind that is none of what was
found there waits; alone it waits where it may be of something that was found before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, partial
from typing import NamedTuple, Protocol, TypeVar

from varde.codes import markers_in, organisms, refines, subtypes
from varde.messages.answers.kind_answers import (
    LONGEST,
    SUBTYPE,
    OfKind,
    Unread,
    asks_which,
    concepts_in,
    kind_of,
    names_serovar,
    subtype_holders,
)
from varde.messages.answers.kind_weighing import (
    denied_in,
    finer_name,
    is_of_vaccine,
    pieces_of,
    weigh_kind,
)
from varde.messages.answers.known_names import concept_of, find_named
from varde.messages.answers.notes import Noted
from varde.messages.answers.searches import Search, text_of
from varde.messages.answers.words import result_words
from varde.messages.records import Code

MOST_SETTLED = 20_000
"""Pairs of a kind and what was found beside it that are looked at in one specimen; the kinds of a larger report all wait."""


class Told(Protocol):
    """A result with what it found or what is noted of it; a reader's own."""

    detected: Search | None


Some = TypeVar("Some", bound=Told)


class Isolate(NamedTuple):
    """What grew, for its kind.

    Attributes:
        organisms: its names.
        place: its specimen, as `settle_kinds` is told those of what was found.
        rename: gives it another name.
    """

    organisms: tuple[Code, ...]
    place: object
    rename: Callable[[tuple[Code, ...]], None]


class Grown(Protocol):
    """A result with what grew in it: named by its value, or by a culture's name; a reader's own.

    Attributes:
        finding: the organism that its value names; `others` where its words name several.
        detected: what a search found; `also` where its words name several.
    """

    finding: tuple[Code, ...]
    others: tuple[tuple[Code, ...], ...]
    detected: Search | None
    also: tuple[Search, ...]


def isolate_of(item: Grown, place: object) -> Isolate:
    """What grew in an item, by its one organism; without a name where it names several, so that no kind is of it."""
    if item.detected is not None:
        names = () if item.also else item.detected.organisms
    else:
        names = () if item.others else item.finding
    return Isolate(names, place, partial(_rename, item))


def _rename(item: Grown, organisms_: tuple[Code, ...]) -> None:
    if item.detected is not None:
        item.detected = Search(item.detected.method, organisms_)
    else:
        item.finding = organisms_


def settle_kinds(
    items: Sequence[Some],
    told: Callable[[Some], tuple[tuple[Code, ...], object]],
    isolates: Iterable[Isolate] = (),
) -> list[Some]:
    """What was found, each with its kind where one was answered in the same specimen. A kind that is none of what was found
    there waits.

    Args:
        items: what was found or noted.
        told: the names of an item's analysis, and its specimen.
        isolates: what grew.
    """
    grown: dict[object, list[Isolate]] = {}
    for isolate in isolates:
        grown.setdefault(isolate.place, []).append(isolate)
    items = _settle_named(items, told, grown)
    asked = [(item, *told(item)) for item in items if isinstance(item.detected, Noted)]
    strains = {id(item): strain for item, *_ in asked if (strain := _strains_of(item))}
    asked = [
        each for each in asked if isinstance(each[0].detected, OfKind) or id(each[0]) in strains
    ]
    if not asked:
        return items
    own: dict[object, list[Some]] = {}
    for item in items:
        if item.detected is not None and not isinstance(item.detected, Noted):
            own.setdefault(told(item)[1], []).append(item)
    dropped: set[int] = set()
    for item, names, place in asked:
        beside, isolated = own.get(place, []), grown.get(place, [])
        if len(asked) * (len(beside) + len(isolated)) > MOST_SETTLED:
            continue
        noted = item.detected
        if not isinstance(noted, OfKind):
            strain = strains[id(item)]
            dropped |= {id(other) for other in beside if _is_held_back(other.detected, strain)}
            continue
        kind = kind_of(noted)
        outcome = {id(other): _settle(other, kind) for other in beside}
        settled = False
        for at, isolate in enumerate(isolated):
            name, verdict = _told_of(isolate.organisms, kind)
            settled |= verdict in ("finer", "counting")
            if name:
                isolate.rename(name)
                isolated[at] = isolate._replace(organisms=name)
        if "doubtful" in outcome.values():
            dropped.update(id(o) for o in beside if outcome[id(o)] == "doubtful")
        elif (
            settled
            or any(outcome.values())
            or not (beside or isolated or _may_wait(names, noted, kind))
        ):
            dropped.add(id(item))
    return [item for item in items if id(item) not in dropped]


def _settle_named(
    items: Sequence[Some],
    told: Callable[[Some], tuple[tuple[Code, ...], object]],
    grown: dict[object, list[Isolate]],
) -> list[Some]:
    """What was found without what an analysis that asks which kind there was names in full (Salmonella sekvensering: Salmonella
    Typhi): what was found or grew under a less precise name in its specimen then has that name."""
    found = [
        (item, item.detected, *told(item))
        for item in items
        if item.detected is not None and not isinstance(item.detected, Noted)
    ]
    kinds = [each for each in found if asks_which(each[2])]
    if not kinds or len(kinds) * (len(found) + sum(map(len, grown.values()))) > MOST_SETTLED:
        return list(items)
    dropped: set[int] = set()
    for item, kind, _, place in kinds:
        finer, markers = concept_of(kind.organisms), _markers(kind.organisms)
        if finer is None:
            continue
        for other, search, _, its in found:
            if other is not item and its == place and _is_coarser(search.organisms, finer, markers):
                other.detected = Search(search.method, kind.organisms)
                dropped.add(id(item))
        isolated = grown.get(place, [])
        for at, isolate in enumerate(isolated):
            if _is_coarser(isolate.organisms, finer, markers):
                isolate.rename(kind.organisms)
                isolated[at] = isolate._replace(organisms=kind.organisms)
                dropped.add(id(item))
    return [item for item in items if id(item) not in dropped]


def _is_coarser(organisms_: tuple[Code, ...], finer: str, markers: frozenset[str]) -> bool:
    """Whether what was found is a less precise name of an organism, and names no resistance that it does not."""
    concept = concept_of(organisms_)
    return concept is not None and refines(finer, concept) and _markers(organisms_) <= markers


def _strains_of(item: Told) -> frozenset[str]:
    noted = item.detected
    plain = isinstance(noted, Noted) and not isinstance(noted, OfKind)
    return vaccine_strains_in(noted) if noted is not None and plain else frozenset()


def vaccine_strains_in(noted: Search) -> frozenset[str]:
    """The organisms whose vaccine strain was found by the name of its analysis, where nobody says how (Meslingvirus vaksinestamme:
    Påvist)."""
    name, _, said = noted.organisms[0].text.partition(": ")
    keys = concepts_in((Code(text=name),)) if said == "positiv" else frozenset()
    return frozenset(key for key in keys if is_of_vaccine(f"{name}; {organisms()[key].name}"))


def _is_held_back(found: Search | None, strains: frozenset[str]) -> bool:
    """Whether what was found may be no more than one of vaccine strains, so that a person must look first."""
    if found is None or isinstance(found, Noted):
        return False
    concept = concept_of(found.organisms)
    return concept is not None and any(key == concept or refines(key, concept) for key in strains)


def _settle(item: Told, kind: str) -> str:
    """What a kind is to what was found: ``finer``, which is then found by its own name, ``counting`` or ``doubtful``; empty where
    any part of it is not known to be one of these."""
    found = item.detected
    if found is None:
        return ""
    name, verdict = _told_of(found.organisms, kind)
    if name:
        item.detected = Search(found.method, name)
    return verdict


def _told_of(names: tuple[Code, ...], kind: str) -> tuple[tuple[Code, ...], str]:
    if len(kind) > LONGEST:  # what is written about a patient is longer than a kind, and never kept
        return _read_kind_of.__wrapped__(names, kind)
    return _read_kind_of(names, kind)


@lru_cache(maxsize=8192)
def _read_kind_of(organisms_: tuple[Code, ...], kind: str) -> tuple[tuple[Code, ...], str]:
    """What a kind is to an organism, as `_settle` says it, with its more precise name where it is ``finer``. One that would lose
    a resistance by it is not known."""
    concept = concept_of(organisms_)
    own = _markers(organisms_)
    if concept is None or not _markers((Code(text=kind),)) <= own:
        return (), ""
    told = weigh_kind(concept, kind)
    if told.verdict != "finer":
        return (), told.verdict
    called = f"{text_of(organisms_[0])} {told.kind.upper()}"
    names = (called, told.name) if (concept, told.kind.casefold()) in subtypes() else (told.name,)
    finer = next((name for name in names if concept_of((Code(text=name),)) is not None), "")
    found = find_named(told.name)
    if not finer and found is not None:
        finer = organisms()[found].name
    named = (Code(text=finer),)
    return (named, "finer") if finer and own <= _markers(named) else ((), "")


def _markers(names: tuple[Code, ...]) -> frozenset[str]:
    return frozenset(markers_in((code.code, code.text) for code in names))


def _may_wait(names: tuple[Code, ...], noted: Noted, kind: str) -> bool:
    """Whether a kind of which nothing was found beside it is not known, may be of an infection by a virus, is said to be of a
    vaccine, or is an organism of its own."""
    own = concepts_in(names)
    if own and all(weigh_kind(key, kind).verdict == "counting" and _says_none(kind) for key in own):
        return False
    return (
        isinstance(noted, Unread)
        or is_of_vaccine(kind)
        or any(organisms()[key].kind == "virus" for key in own)
        or any(
            SUBTYPE.fullmatch(part) is not None
            or find_named(part) is not None
            or names_serovar(part)
            or any(finer_name(key, part) for key in own)
            or any((key, part.casefold()) in subtypes() for key in subtype_holders())
            for part in pieces_of(kind)
        )
    )


def _says_none(kind: str) -> bool:
    """Whether an answer says that the kind could not be told, or that it is not one."""
    return result_words().untypable.search(kind) is not None or denied_in(kind) is not None
