"""What the result items of a KITH svarrapport looked for (`varde.messages.answers.looked_for`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

from varde.messages.answers.looked_for import Names, Said, answered, identified, read_tree
from varde.messages.answers.searches import method_of
from varde.messages.errors import InvalidContent
from varde.messages.kith.detections import said_of
from varde.messages.kith.items import MAX_NESTING, Item, place_of
from varde.messages.kith.links import Index, referred_once
from varde.messages.kith.words import ResultKind, Words
from varde.messages.records import LookedFor


def read_searches(
    items: Sequence[Item],
    index: Index,
    place: Callable[[Item], int],
    waiting: bool,
    known: Words,
) -> tuple[LookedFor, ...]:
    """What was looked for in the specimens of a report.

    Args:
        items: cultures, identifications and those of no other role, with what they found.
        place: gives the number of an item's specimen, or raises `InvalidContent` where it has none.
        waiting: the report is not final.

    Raises:
        InvalidContent: ``too-many-searches``.
    """
    return read_tree(items, _Tree(index, place, waiting, known))


class _Tree:
    """How items hang together: by nesting and by reference."""

    def __init__(
        self, index: Index, place: Callable[[Item], int], waiting: bool, known: Words
    ) -> None:
        self._index = index
        self._waiting = waiting
        self._known = known
        self.specimen_of = place

    def names_of(self, item: Item) -> Names | None:
        return None if item.cancelled else (item.investigations, ())

    def said_of(self, item: Item) -> Said:
        if item.finding:
            return identified(item)
        kinds = cast(set[ResultKind], said_of(item, self._known) - {""})
        return answered(item, kinds, item.codes, (), self._waiting)

    def above(self, item: Item) -> list[Names]:
        holder = referred_once(item, self._index) or item.parent
        for _ in range(MAX_NESTING):
            if holder is None:
                break
            if method_of(holder.investigations):
                return [(holder.investigations, ())]
            holder = referred_once(holder, self._index) or holder.parent
        return []

    def refuse(self, item: Item, reason: str, number: int) -> InvalidContent:
        return InvalidContent(reason, place_of(item.element), str(number))
