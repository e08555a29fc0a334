"""Resistance that a FHIR answer tells beside what grew, by `varde.messages.answers.resistance`."""

from __future__ import annotations

from collections.abc import Sequence

from varde.messages.answers.found import is_grown
from varde.messages.answers.resistance import (
    ANSWERS,
    Trait,
    about,
    is_resistance,
    named_with,
    noted,
    read_trait,
    trait_of,
)
from varde.messages.answers.searches import Search, text_of
from varde.messages.errors import MessageError
from varde.messages.fhir.detections import place_of, said_of
from varde.messages.fhir.items import Item
from varde.messages.fhir.links import Links
from varde.messages.fhir.words import FhirWords

Traits = list[tuple[Item, Trait]]


def take_names(items: Sequence[Item], known: FhirWords) -> None:
    """Results that stand among susceptibilities and are answers about a resistance ("ESBL": "Positiv") become
    searches."""
    for item in items:
        tested = item.role in ("susceptibility", "measurement")
        if tested and about(item.investigations, item.method).asked:
            kinds = said_of(item, known)
            if not kinds.isdisjoint(ANSWERS) or _trait_of(item, known) is not None:
                item.role = "other"


def read_traits(found: list[Item], asked: Sequence[Item], links: Links, known: FhirWords) -> Traits:
    """The resistances that are answered, with their items. One that stands where an organism is identified is taken
    from `found` when another organism is."""
    organisms = [item for item in found if not is_resistance(map(text_of, item.finding))]
    traits: Traits = []
    for item in found if organisms else ():
        if is_resistance(map(text_of, item.finding)) and not item.others:
            traits.append((item, trait_of(item.finding)))
            item.finding = ()
    found[:] = organisms or found
    for item in asked:
        if not (item.worded or links.is_taken_back(item)) and (trait := _trait_of(item, known)):
            traits.append((item, trait))
    return traits


def _trait_of(item: Item, known: FhirWords) -> Trait | None:
    texts = (item.lines or item.text, *(code.text or code.code for code in item.values))
    kinds = said_of(item, known)
    return read_trait(item.investigations, item.method, kinds, dict.fromkeys(texts))


def settle(traits: Traits, found: Sequence[Item], links: Links) -> None:
    """Give each resistance to the organism that it hangs on, else to the only one of its specimen; what is left is
    noted for a person.

    Args:
        found: what was identified or grown.
    """
    for item, trait in traits:
        try:
            nearest = links.nearest(item)
        except MessageError:
            owner = None
        else:
            if nearest.taken_back and not nearest.findings:
                item.detected = None
                continue
            owner = nearest.findings[0] if len(nearest.findings) == 1 else None
            if not nearest.findings:
                owner = links.only_in_group(item) or _only(item, found)
        if owner is not None and _give(owner, trait):
            item.detected = None
        else:
            item.detected = noted(item.investigations, item.method, trait, item.detected)


def _only(item: Item, found: Sequence[Item]) -> Item | None:
    place = place_of(item)
    beside = [each for each in found if not place or place_of(each) in ("", place)]
    return beside[0] if len(beside) == 1 else None


def _give(owner: Item, trait: Trait) -> bool:
    grown = is_grown(owner.detected)
    if owner.others or owner.also or not (owner.finding or grown):
        return False
    before = owner.detected.organisms if grown and owner.detected else owner.finding
    names = named_with(before, trait)
    if names and grown and owner.detected:
        owner.detected = Search(owner.detected.method, names)
    elif names:
        owner.finding = names
    return bool(names)
