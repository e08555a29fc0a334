"""The results of a report in HL7 version 2 with their orders, and what searches among them found."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from varde.messages.answers.kind_settling import Isolate
from varde.messages.answers.notes import Marker, Noted, Vague
from varde.messages.answers.one_isolate import (
    All,
    all_of,
    asked_for,
    is_covered,
    is_finer,
    is_repeated,
    is_said_by,
    names_more,
    settle_subtypes,
)
from varde.messages.answers.searches import Search, find_search
from varde.messages.hl7v2.observations import Observation
from varde.messages.hl7v2.orders import Order, parent_result
from varde.messages.hl7v2.segments import Message, Segment, component, field
from varde.messages.records import Code, Susceptibility


class Item:
    """One result while its report is being read; an OBX with two organisms is two items.

    `detected` is what a search found, by its answer.
    """

    __slots__ = (
        "cancelled", "detected", "order", "organism", "quantity", "said", "segment", "sub", "tests",
    )  # fmt: skip

    def __init__(
        self, segment: Segment, order: Order, said: Observation, sub: str, off: bool
    ) -> None:
        self.segment = segment
        self.order = order
        self.said = said
        self.sub = sub
        self.organism: tuple[Code, ...] = ()
        self.detected: Search | None = None
        if said.detected:
            self.detected = said.detected[0]
        self.cancelled = off
        self.quantity = ""
        self.tests: list[Susceptibility] = []


class Panel(NamedTuple):
    """One order's results, read.

    Attributes:
        order: the order.
        organisms: the items that name an organism, or did before they were deleted.
        others: all other items.
    """

    order: Order
    organisms: list[Item]
    others: list[Item]


def is_named(item: Item, code: str, sub: str, message: Message) -> bool:
    own = component(field(item.segment, 3), 1, message.encoding)
    return (not code or own == code) and (not sub or item.sub == sub)


def is_detection(item: Item) -> bool:
    """Whether it is a search that found what it looked for; what is only noted has no susceptibilities."""
    return item.detected is not None and not is_noted(item) and not item.cancelled


def is_noted(item: Item) -> bool:
    return isinstance(item.detected, Noted)


def says_something(said: Observation) -> bool:
    """Whether a result is of an organism: an amount, or a susceptibility with a result."""
    if said.role == "quantity":
        return bool(said.text)
    return said.susceptibility is not None or said.fault is not None


def is_grown(item: Item) -> bool:
    return item.detected is not None and item.detected.method == "culture" and not is_noted(item)


def leave_vague(noted: Sequence[Item], named: bool, grown: Collection[tuple[Code, ...]]) -> None:
    """Take from the panels and cultures that name nothing what they found, where anything else was found, and
    from the genes of resistance, where anything grew.

    Args:
        named: anything else was found.
        grown: what grew.
    """
    told = all_of(grown)
    for item in noted:
        one = item.detected
        if (named and isinstance(one, Vague) and not names_more(one, told)) or (
            grown and isinstance(one, Marker)
        ):
            item.detected = None


def leave_worded(panel: Panel, below: Sequence[Sequence[Item]]) -> None:
    """Take from what is identified in an order what only the words of an answer name ("Growth of E. coli"), and a
    value in it, or in an order made for it, says too: one isolate is one finding."""
    worded = [item for item in panel.organisms if item.said.worded and not item.cancelled]
    if not worded:
        return
    valued = [
        item.organism
        for items in (panel.organisms, *below)
        for item in items
        if not item.said.worded and not item.cancelled
    ]
    for item in worded:
        if any(is_covered(item.organism, other) for other in valued):
            panel.organisms.remove(item)


def names_of(item: Item) -> tuple[Code, ...]:
    """The names of the organism that an item found."""
    return item.detected.organisms if item.detected is not None else item.organism


def rename(item: Item, organisms: tuple[Code, ...]) -> None:
    """Give the organism that an item found a more precise name."""
    if item.detected is not None:
        item.detected = Search(item.detected.method, organisms)
    else:
        item.organism = organisms


def leave_repeated(
    detected: Sequence[Item], grown: Sequence[Item], specimens: Mapping[int, int]
) -> list[Item]:
    """What was found without what a panel names and the analysis for it found too (`one_isolate.is_repeated`), each with
    its kind; so too what grew."""
    isolates = (
        Isolate(names_of(item), specimens.get(id(item.order)), partial(rename, item))
        for item in grown
    )
    detected = settle_subtypes(
        detected, lambda item: (item.said.names, specimens.get(id(item.order))), isolates
    )
    asked = asked_for(
        (i.detected, i.said.names, i.said.method, specimens.get(id(i.order))) for i in detected
    )
    if not asked:
        return list(detected)
    return [
        item
        for item in detected
        if item.detected is None
        or isinstance(item.detected, Noted)
        or find_search(item.said.names, item.said.method) is not None
        or not is_repeated(item.detected, specimens.get(id(item.order)), asked)
    ]


def leave_identified(
    cultures: Sequence[Item], panels: dict[int, Panel], message: Message
) -> list[Item]:
    """The cultures whose organism, which their names say, is not identified in a result: of the same sub-id or
    a name that says as much in their order, or in an order made for them. Of the others the result counts. So too what is
    noted."""
    if not cultures:
        return []
    subs: set[tuple[int, str]] = set()
    named: dict[int, All] = {}
    made_for: set[tuple[int, str, str]] = set()
    for panel in panels.values():
        grown = [other for other in panel.organisms if not other.cancelled]
        subs.update((id(panel.order), other.sub) for other in grown if other.sub)
        named[id(panel.order)] = all_of(other.organism for other in grown)
        code, sub, _ = parent_result(panel.order, message)
        if grown and panel.order.parent is not None and (code or sub):
            made_for.add((id(panel.order.parent), code, sub))
    every = all_of(
        item.organism for p in panels.values() for item in p.organisms if not item.cancelled
    )
    left: list[Item] = []
    for item in cultures:
        order, own = id(item.order), component(field(item.segment, 3), 1, message.encoding)
        pointed = {(order, own, item.sub), (order, own, ""), (order, "", item.sub)}
        one, told = item.detected, named[order]
        if one is None or is_said_by(one, told):
            item.detected = None
        elif not made_for.isdisjoint(pointed) or (order, item.sub) in subs:
            # A laboratory may give all results of an order one sub-id.
            linked = not is_finer(one, every) and not (
                isinstance(one, Noted) and made_for.isdisjoint(pointed) and names_more(one, told)
            )
            item.detected = None if linked else one
        if item.detected is None:
            continue
        left.append(item)
    return left


def find_detection(order: Order, panels: dict[int, Panel], message: Message) -> Item | None:
    """The positive search that an order was made for (OBR-26); None when there is none, or several."""
    above = panels.get(id(order.parent)) if order.parent is not None else None
    code, sub, _ = parent_result(order, message)
    if above is None or not (code or sub):
        return None
    return _only_detection(other for other in above.others if is_named(other, code, sub, message))


def alike_detection(item: Item, panel: Panel, grown: Sequence[Item]) -> Item | None:
    """Where nothing grew: the positive search with a result's sub-id in its own order."""
    if grown or not item.sub:
        return None
    return _only_detection(other for other in panel.others if other.sub == item.sub)


def _only_detection(items: Iterable[Item]) -> Item | None:
    found = [item for item in items if is_detection(item)]
    return found[0] if len(found) == 1 else None
