"""What the result items of a KITH svarrapport looked for (`varde.messages.answers.looked_for`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import cast

from varde.messages.answers.found import weigh
from varde.messages.answers.looked_for import Said, asked_in, look, once
from varde.messages.answers.searches import Search, method_of
from varde.messages.errors import InvalidContent
from varde.messages.kith.detections import said_of
from varde.messages.kith.items import MAX_NESTING, Item
from varde.messages.kith.links import Index, referred_once
from varde.messages.kith.words import ResultKind, Words
from varde.messages.records import Code, LookedFor


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
    """
    return once(_read(items, index, place, waiting, known))


def _read(
    items: Sequence[Item],
    index: Index,
    place: Callable[[Item], int],
    waiting: bool,
    known: Words,
) -> Iterator[LookedFor | None]:
    for item in items:
        grown = item.role == "growth"
        names = item.investigations
        asked = None if item.cancelled else asked_in(names, (), grown)
        if asked is not None and grown and not asked.said:
            if item.finding:
                continue  # what is identified in a test is told by its finding
            names = _asked_above(item, index) or names
            asked = asked_in(names, (), grown)
        if asked is None:
            continue
        try:
            specimen = place(item)
        except InvalidContent:
            continue  # nobody can tell where it was looked for
        yield look(specimen, names, asked, _said(item, waiting, known))


def _said(item: Item, waiting: bool, known: Words) -> Said:
    if item.finding:
        named = (item.finding, *item.others)
        return Said((), [Search("culture", each) for each in named])
    kinds = cast(set[ResultKind], said_of(item, known) - {""})
    if len(kinds) > 1:
        kinds = weigh(kinds, (*item.codes, Code(text=item.text)))
    found = [each for each in (item.detected, *item.also) if each is not None]
    texts = [text for text in (item.text, *(code.text or code.code for code in item.codes)) if text]
    return Said(kinds, found, texts, bool(item.number), waiting)


def _asked_above(item: Item, index: Index) -> tuple[Code, ...]:
    """The names of the nearest test above an identification that says a method; empty where none does."""
    holder = referred_once(item, index) or item.parent
    for _ in range(MAX_NESTING):
        if holder is None:
            break
        if method_of(holder.investigations):
            return holder.investigations
        holder = referred_once(holder, index) or holder.parent
    return ()
