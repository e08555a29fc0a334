"""Resistance that is answered beside what grew, in a result of its own: "mecA": "Påvist", "ESBL": "Positiv".

Such a result names no organism. Which one it is of the reader says: what it hangs on, else the only one that was found
in its specimen. Then its words become one more name of that organism ("Staphylococcus aureus (mecA)"), from which the
resistance is read as from any other name (`varde.codes.markers_in`). Where it cannot be told of which organism it is, or
the organism cannot have it, a person decides.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import lru_cache
from typing import NamedTuple, Protocol, TypeVar

from varde.codes import (
    coarser_names,
    may_carry,
    read_resistant_name,
    resistance_markers,
    resistance_words,
)
from varde.messages.answers.cutting import cut
from varde.messages.answers.found import is_grown, named_in
from varde.messages.answers.known_names import concept_of, is_antibiotic
from varde.messages.answers.notes import Marker, Noted, is_never, note
from varde.messages.answers.said import LONGEST, is_short_answer, read_words, show
from varde.messages.answers.screened import read_screened
from varde.messages.answers.search_words import words
from varde.messages.answers.searches import Search, analyse, text_of
from varde.messages.records import Code

ANSWERS = frozenset(("growth", "no_growth"))
"""Kinds of result that say yes or no: what gives one among susceptibilities is an answer of its own."""
YES = frozenset(("ja", "yes", "true"))
"""What is answered where the name of an analysis is the resistance."""


class Trait(NamedTuple):
    """A resistance that an answer says was found.

    Attributes:
        words: as it is written; empty where the answer speaks of one, and not so that it can be taken as found.
        said: what a person is shown.
        organisms: the one that the answer says has it (`screened`); empty where it names none.
    """

    words: tuple[str, ...]
    said: str = "positiv"
    organisms: tuple[Code, ...] = ()


class About(NamedTuple):
    """What the names of an analysis say of resistance.

    Attributes:
        words: the resistances in them.
        asked: it asks about a resistance, or which one there is; no search for an organism, no antibiotic.
    """

    words: tuple[str, ...]
    asked: bool


# Analyses repeat for ever, and their names are short.
@lru_cache(maxsize=16384)
def about(names: tuple[Code, ...], field: tuple[Code, ...] = ()) -> About:
    """What the names of an analysis say of resistance.

    Args:
        names, field: as `varde.messages.answers.searches.analyse` takes them.
    """
    texts = [text_of(code) for code in names]
    own = tuple(dict.fromkeys(word for text in texts for word in resistance_words(text)))
    asked = bool(own) or any(words().genes.search(text) for text in texts)
    if not asked or analyse(names, field).search is not None or is_antibiotic(names):
        return About(own, False)
    return About(own, bool(own) or not is_never(names))


def trait_of(organisms: Iterable[Code]) -> Trait:
    """The resistance that stands in place of an organism (`is_resistance`)."""
    named = tuple(text_of(code) for code in organisms)
    return Trait(named, ", ".join(named))


def read_trait(
    names: tuple[Code, ...],
    field: tuple[Code, ...],
    kinds: Collection[str],
    texts: Iterable[str],
) -> Trait | None:
    """The resistance that an answer says was found; None for one that speaks of none, or denies it.

    Args:
        names, field: as `varde.messages.answers.searches.analyse` takes them. A search for an organism is none.
        kinds: what kinds of result its words, codes and flags are.
        texts: its words, as they stand.
    """
    own, gene = about(names, field)
    said = [text for text in texts if text and len(text) <= LONGEST]
    if not gene and not any(resistance_words(text) for text in said):
        return None
    if not gene and (
        analyse(names, field).search is not None or is_antibiotic(names) or is_never(names)
    ):
        return None
    found: list[str] = []
    doubtful = False
    for clause in (part for text in said for part in cut(text)):
        named, kind = resistance_words(clause), read_words(clause)
        if kind.kind == "growth":
            found += named or own
        elif not kind.kind and not kind.doubtful and (named if gene else is_resistance((clause,))):
            found += named if read_resistant_name(clause).markers else ()
            doubtful = doubtful or not read_resistant_name(clause).markers
        elif gene and clause.strip(" .").casefold() in YES:
            found += own
        elif kind.doubtful or kind.name:
            doubtful = True
    if not found and "growth" in kinds and not doubtful:
        found += own
    if not (found or doubtful):
        return None
    telling = (text for text in said if resistance_words(text) or not is_short_answer(text))
    shown = next(map(show, telling), "positiv")
    several = found == list(own) and len(markers_of(own)) > 1
    if doubtful or several or "no_growth" in kinds:
        return Trait((), shown)
    organisms = named_in((Code(text=text), read_words(text)) for text in said)
    screened = [each for each in organisms if read_screened(names, field, each) is not None]
    if len(screened) > 1 and screened == list(organisms):
        return None  # each is said to have its own
    of = screened[0] if len(screened) == 1 else ()
    return Trait(tuple(dict.fromkeys(found)), shown, of)


def is_resistance(texts: Iterable[str]) -> bool:
    """Whether texts name a resistance and nothing else: KPC, "ESBL-produserende"; not MRSA, which is an organism too."""
    read = [read_resistant_name(text) for text in texts if text]
    return bool(read) and all(one.markers and not one.plain for one in read)


def markers_of(found: Iterable[str]) -> frozenset[str]:
    """The markers of words of resistance."""
    return frozenset(marker for word in found for marker in read_resistant_name(word).markers)


def named_with(organisms: tuple[Code, ...], trait: Trait) -> tuple[Code, ...]:
    """The names of an organism and one more with its resistance; empty where it cannot have it, or nobody can tell
    which it is."""
    markers = markers_of(trait.words) & resistance_markers()
    if not (organisms and markers):
        return ()
    concept, said = concept_of(organisms), concept_of(trait.organisms)
    if concept is not None and not all(may_carry(concept, marker) for marker in markers):
        return ()
    if said is not None and concept not in (said, *coarser_names()[said]):
        return ()
    name = text_of(organisms[0]) if organisms[0].text else ""
    more = Code(text=f"{name} ({', '.join(trait.words)})".strip())
    return tuple(dict.fromkeys((*organisms, more)))


class Told(Protocol):
    """A result, as far as it says what was found; a reader's own.

    Attributes:
        finding, others: the organisms that it identifies.
        worded: by the words of an answer, and not by being its value.
        detected, also: what a search found.
    """

    finding: tuple[Code, ...]
    others: tuple[tuple[Code, ...], ...]
    worded: bool
    detected: Search | None
    also: tuple[Search, ...]


Some = TypeVar("Some", bound=Told)


def collect_traits(
    found: list[Some], asked: Iterable[Some], read: Callable[[Some], Trait | None]
) -> list[tuple[Some, Trait]]:
    """The resistances that are answered, with their items. One that stands where an organism is identified is taken
    from `found` when another organism is.

    Args:
        found: what identifies something.
        asked: what else there is; `read` says the resistance of one of them.
    """
    organisms = [item for item in found if not is_resistance(map(text_of, item.finding))]
    traits: list[tuple[Some, Trait]] = []
    for item in found if organisms else ():
        if is_resistance(map(text_of, item.finding)) and not item.others:
            traits.append((item, trait_of(item.finding)))
            item.finding = ()
    found[:] = organisms or found
    for item in asked:
        if not item.worded and (trait := read(item)) is not None:
            traits.append((item, trait))
    return traits


def give(owner: Told, trait: Trait) -> bool:
    """Make the words of a resistance one more name of the organism that an item found; False where it cannot have it, or
    nobody can tell of which organism it is."""
    grown = owner.detected if is_grown(owner.detected) else None
    if owner.others or owner.also or not (owner.finding or grown is not None):
        return False
    names = named_with(owner.finding if grown is None else grown.organisms, trait)
    if names and grown is not None:
        owner.detected = Search(grown.method, names)
    elif names:
        owner.finding = names
    return bool(names)


def noted(
    names: tuple[Code, ...], field: tuple[Code, ...], trait: Trait, before: Search | None
) -> Search | None:
    """What a person must look at of a resistance that is of no certain organism, whatever else was found.

    Args:
        before: what its answer came to without this: the organism that it says has it stays.
    """
    if before is not None and not isinstance(before, Noted) and trait.organisms:
        return before
    if isinstance(before, Noted) and not isinstance(before, Marker):
        return before
    one = before if isinstance(before, Marker) else note(names, field, (), trait.said)
    return None if one is None else Noted(one.method, one.organisms)
