"""How the result items of a KITH svarrapport refer to each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from varde.messages.answers.searches import method_of
from varde.messages.errors import InvalidContent
from varde.messages.kith.items import MAX_NESTING, Item, place_of
from varde.messages.records import Method


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


def method_in(item: Item, index: Index) -> Method:
    """How an identified organism was found: as the test says that it was identified in. Grown, when
    none of them says otherwise."""
    holder: Item | None = item
    for _ in range(MAX_NESTING):
        if holder is None:
            break
        method = method_of(holder.investigations)
        if method:
            return method
        holder = referred_once(holder, index) or holder.parent
    return "culture"


def specimen_of(item: Item, index: Index, specimens: Mapping[str, int]) -> int:
    """The specimen that an item or the nearest above it names; else the first.

    Raises:
        InvalidContent: ``missing-specimen``, ``unknown-specimen`` or ``duplicate-result-id``.
    """
    if not specimens:
        raise InvalidContent("missing-specimen", place_of(item.element))
    holder: Item | None = item
    for _ in range(MAX_NESTING):
        if holder is None:
            break
        for reference in holder.specimens:
            if reference in specimens:
                return specimens[reference]
        if holder.specimens and len(specimens) > 1:
            raise InvalidContent("unknown-specimen", place_of(item.element), holder.specimens[0])
        holder = referred(holder, index) or holder.parent
    return next(iter(specimens.values()))
