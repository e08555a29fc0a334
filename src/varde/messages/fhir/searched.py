"""What the Observations of a FHIR answer looked for (`varde.messages.answers.looked_for`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import cast

from varde.messages.answers.looked_for import (
    MAX_SEARCHES,
    Names,
    Said,
    TooFar,
    answered,
    identified,
    read_tree,
)
from varde.messages.answers.searches import method_of
from varde.messages.errors import InvalidContent
from varde.messages.fhir.detections import said_of
from varde.messages.fhir.items import Item
from varde.messages.fhir.links import Links
from varde.messages.fhir.resources import Observation
from varde.messages.fhir.words import FhirWords
from varde.messages.kith.items import MAX_NESTING
from varde.messages.kith.words import ResultKind
from varde.messages.records import LookedFor

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

    Raises:
        InvalidContent: ``too-many-searches``.
    """
    return read_tree(items, _Tree(items, links, place, waiting, known))


class _Tree:
    """How Observations hang together: by their members, and by what they are derived from."""

    def __init__(
        self,
        items: Sequence[Item],
        links: Links,
        place: Callable[[Item], int],
        waiting: bool,
        known: FhirWords,
    ) -> None:
        self._items = items
        self._links = links
        self._waiting = waiting
        self._known = known
        self._place = place
        self._placed: dict[tuple[int, ...], int | InvalidContent] = {}

    def specimen_of(self, item: Item) -> int:
        # What has none of its own may walk a long way up: once for all that hang on the same, and not without end.
        if item.specimen is not None or not item.parents:
            return self._place(item)
        above = tuple(map(id, item.parents))
        found = self._placed.get(above)
        if found is None:
            if len(self._placed) == MAX_SEARCHES:
                raise TooFar
            try:
                found = self._place(item)
            except InvalidContent as error:
                found = error
            self._placed[above] = found
        if isinstance(found, InvalidContent):
            raise found
        return found

    @cached_property
    def _groups(self) -> set[int]:
        return {id(parent) for each in self._items for parent in each.parents}

    def names_of(self, item: Item) -> Names | None:
        return None if self._links.is_taken_back(item) else (item.investigations, item.method)

    def said_of(self, item: Item) -> Said | None:
        if item.finding:
            return identified(item)
        kinds = cast(set[ResultKind], said_of(item, self._known) - {""})
        status = cast(Observation, item.held.resource).status.strip()
        waiting = self._waiting or status in NOT_FINAL
        said = answered(item, kinds, item.values, item.said, waiting)
        alone = said.kinds or said.found or said.texts or said.more
        # A group of other answers, with none of its own, was not looked for.
        return said if alone or id(item) not in self._groups else None

    def above(self, item: Item) -> list[Names]:
        seen: set[int] = set()
        level = list(item.parents)
        while level and len(seen) < MAX_NESTING:
            said = [each for each in level if method_of(each.investigations, each.method)]
            if said:
                return list(dict.fromkeys((each.investigations, each.method) for each in said))
            seen.update(map(id, level))
            level = [up for each in level for up in each.parents if id(up) not in seen]
        return []

    def refuse(self, item: Item, reason: str, number: int) -> InvalidContent:
        return InvalidContent(reason, item.at(), str(number))
