"""How the result items of a KITH svarrapport refer to each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from varde.messages.errors import InvalidContent
from varde.messages.kith.items import Item, place_of


class Index(NamedTuple):
    """The items by their own id; of an id that several have, the first."""

    by_identifier: dict[str, Item]
    repeated: set[str]


def index_of(items: Sequence[Item]) -> Index:
    """Where the items of a report are found."""
    index = Index({}, set())
    for item in items:
        if item.identifier:
            if item.identifier in index.by_identifier:
                index.repeated.add(item.identifier)
            else:
                index.by_identifier[item.identifier] = item
    return index


def referred(item: Item, index: Index) -> Item | None:
    """The item that a reference points to. A repeated id is an error only once it is used.

    Raises:
        InvalidContent: ``duplicate-result-id``.
    """
    if not item.reference:
        return None
    if item.reference in index.repeated:
        raise InvalidContent("duplicate-result-id", place_of(item.element), item.reference)
    return index.by_identifier.get(item.reference)


def referred_once(item: Item, index: Index) -> Item | None:
    """The item that a reference points to; None when it points to several."""
    if not item.reference or item.reference in index.repeated:
        return None
    return index.by_identifier.get(item.reference)
