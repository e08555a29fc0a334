"""Resistance that HL7 version 2 answers beside what grew, by `varde.messages.answers.resistance`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

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
from varde.messages.hl7v2.detections import kinds_of, kinds_of_flags
from varde.messages.hl7v2.items import Item, Panel, is_grown
from varde.messages.hl7v2.observations import values_of
from varde.messages.hl7v2.segments import Message, field
from varde.messages.kith.words import ResultKind

Traits = list[tuple[Item, Panel, Trait]]


def read_traits(panels: Mapping[int, Panel], found: list[Item], message: Message) -> Traits:
    """The resistances that are answered. One that stands where an organism is identified is taken from `found` when
    another organism is; one that stands among susceptibilities ("ESBL": "POS") is one of them no more."""
    traits: Traits = []
    organisms = [item for item in found if not is_resistance(map(text_of, item.organism))]
    for panel in panels.values():
        for item in panel.others:
            if not item.cancelled and (trait := _take(item, message)):
                traits.append((item, panel, trait))
        for item in [i for i in found if organisms and i not in organisms and i in panel.organisms]:
            traits.append((item, panel, trait_of(item.organism)))
            panel.organisms.remove(item)
            panel.others.append(item)
            item.said = item.said._replace(role="other")
    found[:] = organisms or found
    return traits


def _take(item: Item, message: Message) -> Trait | None:
    said = item.said
    tested = said.role in ("susceptibility", "measurement")
    if said.role not in ("other", "organism") and not tested:
        return None
    if tested and (said.susceptibility or not about(said.names, said.method).asked):
        return None
    parts = values_of(item.segment[2].strip().upper(), item.segment[5], message.encoding)
    kinds: set[ResultKind] = {*kinds_of(parts), *_flags_of(item, message)}
    texts = dict.fromkeys(code.text or code.code for part in parts for code in part)
    trait = read_trait(said.names, said.method, kinds, texts)
    if tested and (trait is not None or not kinds.isdisjoint(ANSWERS)):
        item.said = said._replace(role="other", fault=None)
    return trait


def _flags_of(item: Item, message: Message) -> frozenset[ResultKind]:
    return kinds_of_flags(field(item.segment, 8), message.encoding)


def settle(
    traits: Traits,
    found: Sequence[Item],
    specimens: Mapping[int, int],
    owner_of: Callable[[Item, Panel], Item | None],
) -> None:
    """Give each resistance to the organism that it belongs to, else to the only one of its specimen; what is left is
    noted for a person.

    Args:
        found: what was identified or grown.
        owner_of: the organism that a result belongs to.
    """
    for item, panel, trait in traits:
        owner = owner_of(item, panel)
        if owner is None:
            place = specimens.get(id(item.order))
            beside = [each for each in found if specimens.get(id(each.order)) == place]
            owner = beside[0] if len(beside) == 1 else None
        if owner is not None and owner.cancelled:
            item.detected = None
        elif owner is None or not _give(owner, trait):
            item.detected = noted(item.said.names, item.said.method, trait, item.detected)
        else:
            item.detected = None


def _give(owner: Item, trait: Trait) -> bool:
    grown = owner.detected if is_grown(owner) else None
    names = named_with(grown.organisms if grown is not None else owner.organism, trait)
    if names and grown is not None:
        owner.detected = Search(grown.method, names)
    elif names:
        owner.organism = names
    return bool(names)
