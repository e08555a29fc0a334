"""Resistance that a KITH svarrapport answers beside what grew, by `varde.messages.answers.resistance`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from varde.messages.answers.genotypic import drug_of
from varde.messages.answers.resistance import (
    ANSWERS,
    Trait,
    about,
    collect_traits,
    give,
    noted,
    read_trait,
)
from varde.messages.errors import MessageError
from varde.messages.kith.detections import said_of, specimens_of
from varde.messages.kith.items import Item
from varde.messages.kith.links import Index
from varde.messages.kith.words import Words, normal

Traits = list[tuple[Item, Trait]]


def take_names(items: Sequence[Item], known: Words) -> None:
    """Results that stand among susceptibilities and are answers about a resistance ("ESBL": "Positiv") become
    searches; those of the genes of one drug are susceptibilities."""
    for item in items:
        drug = drug_of(item.investigations)
        if drug is not None and normal(item.text) in known.sir_texts:
            item.role = "susceptibility"
            item.investigations += (drug,)
        if item.role in ("susceptibility", "measurement") and about(item.investigations).asked:
            kinds = said_of(item, known)
            if not kinds.isdisjoint(ANSWERS) or _trait_of(item, known) is not None:
                item.role = "other"


def read_traits(found: list[Item], asked: Sequence[Item], known: Words) -> Traits:
    """The resistances that are answered, with their items (`resistance.collect_traits`)."""

    def read(item: Item) -> Trait | None:
        return None if item.cancelled else _trait_of(item, known)

    return collect_traits(found, asked, read)


def _trait_of(item: Item, known: Words) -> Trait | None:
    texts = (item.lines or item.text, *(code.text or code.code for code in item.codes))
    return read_trait(item.investigations, (), said_of(item, known), texts)


def settle(
    traits: Traits, found: Sequence[Item], index: Index, owner_of: Callable[[Item, Index], Item | None]
) -> None:  # fmt: skip
    """Give each resistance to the organism that it hangs on, else to the only one of its specimen; what is left is
    noted for a person.

    Args:
        found: what was identified or grown.
        owner_of: the finding that an item belongs to.
    """
    for item, trait in traits:
        try:
            owner = owner_of(item, index)
        except MessageError:
            owner = None
        else:
            owner = owner or _only(item, found, index)
        if owner is not None and owner.cancelled:
            item.detected = None
        elif owner is None or not give(owner, trait):
            item.detected = noted(item.investigations, (), trait, item.detected)
        else:
            item.detected = None


def _only(item: Item, found: Sequence[Item], index: Index) -> Item | None:
    place = specimens_of(item, index)
    beside = [
        each
        for each in found
        if not place or not (own := specimens_of(each, index)) or own == place
    ]
    return beside[0] if len(beside) == 1 else None
