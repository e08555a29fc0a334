"""Resistance that a FHIR answer tells beside what grew, by `varde.messages.answers.resistance`."""

from __future__ import annotations

from collections.abc import Sequence

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
from varde.messages.fhir.detections import place_of, said_of
from varde.messages.fhir.items import Item
from varde.messages.fhir.links import Links
from varde.messages.fhir.words import FhirWords
from varde.messages.kith.words import normal

Traits = list[tuple[Item, Trait]]


def take_names(items: Sequence[Item], known: FhirWords) -> None:
    """Results that stand among susceptibilities and are answers about a resistance ("ESBL": "Positiv") become
    searches; those of the genes of one drug are susceptibilities."""
    for item in items:
        drug = drug_of(item.investigations)
        if drug is not None and normal(item.text) in known.sir_texts:
            item.role = "susceptibility"
            item.investigations += (drug,)
        tested = item.role in ("susceptibility", "measurement")
        if tested and about(item.investigations, item.method).asked:
            kinds = said_of(item, known)
            if not kinds.isdisjoint(ANSWERS) or _trait_of(item, known) is not None:
                item.role = "other"


def read_traits(found: list[Item], asked: Sequence[Item], links: Links, known: FhirWords) -> Traits:
    """The resistances that are answered, with their items (`resistance.collect_traits`)."""

    def read(item: Item) -> Trait | None:
        return None if links.is_taken_back(item) else _trait_of(item, known)

    return collect_traits(found, asked, read)


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
        if owner is not None and give(owner, trait):
            item.detected = None
        else:
            item.detected = noted(item.investigations, item.method, trait, item.detected)


def _only(item: Item, found: Sequence[Item]) -> Item | None:
    place = place_of(item)
    beside = [each for each in found if not place or place_of(each) in ("", place)]
    return beside[0] if len(beside) == 1 else None
