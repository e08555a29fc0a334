"""What the results of a report in HL7 version 2 looked for (`varde.messages.answers.looked_for`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from varde.messages.answers.looked_for import MAX_SEARCHES, Said, asked_in, look, once
from varde.messages.answers.searches import Search, method_of
from varde.messages.errors import InvalidContent
from varde.messages.hl7v2.items import Item, Panel
from varde.messages.hl7v2.segments import Message, Segment, component, field
from varde.messages.hl7v2.values import CODED, MAX_NAME, codes_of
from varde.messages.hl7v2.words import words
from varde.messages.records import Code, LookedFor

STATUS = 11
"""OBX-11."""


def read_searches(
    panels: Iterable[Panel],
    message: Message,
    cancelled: set[int],
    specimens: Mapping[int, int],
) -> tuple[LookedFor, ...]:
    """What was looked for in the specimens of a report.

    Args:
        panels: its orders with their results.
        cancelled: ids of the orders that are cancelled within the report.
        specimens: id of an order → `Specimen.number`; without it, or where it is 0, nobody can tell where it was looked for.

    Raises:
        InvalidContent: ``too-many-searches``.
    """
    found: list[LookedFor] = []
    last: Panel | None = None
    for panel in panels:
        specimen = specimens.get(id(panel.order))
        if specimen and id(panel.order) not in cancelled:
            found += filter(None, _read(panel, message, specimen))
            last = panel
    every = once(found)
    if len(every) > MAX_SEARCHES and last is not None:
        place = message.place(last.order.segment)
        raise InvalidContent("too-many-searches", place, str(len(every)))
    return every


def _read(panel: Panel, message: Message, specimen: int) -> Iterator[LookedFor | None]:
    ordered: tuple[Code, ...] | None = None
    if not panel.order.results and _is_waiting_order(panel, message):
        ordered = codes_of(field(panel.order.segment, 4), message.encoding)
        if (asked := asked_in(ordered)) is not None and (asked.one or asked.method == "culture"):
            yield look(specimen, ordered, asked, Said((), waiting=True))
        return
    told: set[int] = set()
    for item in (*panel.organisms, *panel.others):
        said = item.said
        if item.cancelled or said.role not in ("organism", "other") or id(item.segment) in told:
            continue
        told.add(id(item.segment))  # a result with two organisms is one search
        names, how, grown = said.names, said.method, said.role == "organism"
        asked = asked_in(names, how, grown)
        if asked is not None and grown and not asked.said:
            if item.organism:
                continue  # what is identified in a test is told by its finding
            if ordered is None:
                ordered = codes_of(field(panel.order.segment, 4), message.encoding)
            if method_of(ordered):
                names = ordered
                asked = asked_in(names, (), grown)
        if asked is not None:
            yield look(specimen, names, asked, _said(item, message))


def _said(item: Item, message: Message) -> Said:
    said = item.said
    found = [*said.detected, *(Search("culture", each) for each in said.organisms if item.organism)]
    read = found or said.kinds - {"no_result"}
    texts = () if read else _texts(item.segment, message)
    # What is identified tells more than that there was growth.
    kinds = () if item.organism and said.organisms else said.kinds
    return Said(kinds, found, texts, waiting=_is_waiting(item.segment))


def _texts(segment: Segment, message: Message) -> list[str]:
    """The words of a value, as far as they may be those of an answer."""
    value = segment[5][:MAX_NAME]
    if segment[2].strip().upper() not in CODED and message.encoding.component not in value:
        return [value.strip()] if value.strip() else []
    return [code.text or code.code for code in codes_of(value, message.encoding)]


def _is_waiting(segment: Segment) -> bool:
    """Whether a result is not final, by its status (OBX-11)."""
    state = words().result_status.get(segment[STATUS].strip().upper())
    return state is not None and state[1] != "F"


def _is_waiting_order(panel: Panel, message: Message) -> bool:
    """Whether an order that has no result is one whose result will come, by its status (OBR-25)."""
    written = component(field(panel.order.segment, 25), 1, message.encoding).upper()
    state = words().order_status.get(written)
    return state is not None and state[0] == "N" and state[1] != "F"
