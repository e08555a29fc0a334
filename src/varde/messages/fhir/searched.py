"""What the Observations of a FHIR answer looked for (`varde.messages.answers.looked_for`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import cast

from varde.messages.answers.found import weigh
from varde.messages.answers.looked_for import Said, asked_in, look, once, outcome_of
from varde.messages.answers.searches import Search, method_of
from varde.messages.errors import InvalidContent
from varde.messages.fhir.detections import said_of
from varde.messages.fhir.items import Item
from varde.messages.fhir.links import Links
from varde.messages.fhir.resources import Observation
from varde.messages.fhir.words import FhirWords
from varde.messages.kith.items import MAX_NESTING
from varde.messages.kith.words import ResultKind
from varde.messages.records import Code, LookedFor

MAX_SEARCHES = 900
"""Searches of one report that are placed: as many as it may have findings."""

NOT_FINAL = ("registered", "preliminary")
"""Statuses of an Observation (FHIR R4 observation-status) whose answer may still come."""


def read_searches(
    items: Sequence[Item],
    links: Links,
    place: Callable[[Item], int],
    waiting: bool,
    known: FhirWords,
) -> tuple[LookedFor, ...]:
    """What was looked for in the specimens of a report.

    Args:
        items: cultures, identifications and those of no other role, with what they found.
        place: gives the number of an item's specimen, or raises `InvalidContent` where it has none.
        waiting: the report is not final.
    """
    return once(_read(items, links, place, waiting, known))


def _read(
    items: Sequence[Item],
    links: Links,
    place: Callable[[Item], int],
    waiting: bool,
    known: FhirWords,
) -> Iterator[LookedFor | None]:
    groups: set[int] | None = None
    placed = 0
    for item in items:
        grown = item.role == "growth"
        names, field = item.investigations, item.method
        asked = None if links.is_taken_back(item) else asked_in(names, field, grown)
        if asked is None:
            continue
        said = _said(item, waiting, known)
        if not (said.kinds or said.found or said.texts or said.more):
            if groups is None:
                groups = {id(parent) for each in items for parent in each.parents}
            if id(item) in groups:
                continue  # a group of other answers, with none of its own
        if grown and not asked.said:
            if item.finding:
                continue  # what is identified in a test is told by its finding
            above = _asked_above(item)
            if len(above) > 1:
                continue  # nobody can tell in which of them
            names, field = above[0] if above else (names, field)
            asked = asked_in(names, field, grown)
            if asked is None:
                continue
        # Finding the specimen may walk a long way up: only for what is a search, and not without end.
        if placed == MAX_SEARCHES or outcome_of(names, asked, said) is None:
            continue
        placed += 1
        try:
            specimen = place(item)
        except InvalidContent:
            continue  # nobody can tell where it was looked for
        yield look(specimen, names, asked, said)


def _said(item: Item, waiting: bool, known: FhirWords) -> Said:
    if item.finding:
        named = (item.finding, *item.others)
        return Said((), [Search("culture", each) for each in named])
    kinds = cast(set[ResultKind], said_of(item, known) - {""})
    if len(kinds) > 1:
        kinds = weigh(kinds, (*item.values, *item.said, Code(text=item.text)))
    found = [each for each in (item.detected, *item.also) if each is not None]
    texts = [
        text for text in (item.text, *(code.text or code.code for code in item.values)) if text
    ]
    status = cast(Observation, item.held.resource).status.strip()
    return Said(kinds, found, texts, bool(item.number), waiting or status in NOT_FINAL)


def _asked_above(item: Item) -> list[tuple[tuple[Code, ...], tuple[Code, ...]]]:
    """Names and method of the nearest tests above an identification that say a method; none where none does."""
    seen: set[int] = set()
    level = list(item.parents)
    while level and len(seen) < MAX_NESTING:
        said = [each for each in level if method_of(each.investigations, each.method)]
        if said:
            return list(dict.fromkeys((each.investigations, each.method) for each in said))
        seen.update(map(id, level))
        level = [up for each in level for up in each.parents if id(up) not in seen]
    return []
