"""The specimens of a report in HL7 version 2: SPM segments, or the OBR's own fields before 2.5.

A child order (a susceptibility panel) is about its parent's specimen: its own SPM repeats that one,
or describes the isolate that was grown from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import NamedTuple

from varde.messages.errors import InvalidContent
from varde.messages.hl7v2.orders import Order
from varde.messages.hl7v2.segments import Message, Segment, component, field, text_of
from varde.messages.hl7v2.values import MAX_NAME, codes_of, legible, moment_of, pair_of, subcodes_of
from varde.messages.hl7v2.words import words
from varde.messages.kith.reports import MAX_SPECIMENS
from varde.messages.records import Code, Specimen
from varde.messages.times import collection_fault

Sample = tuple[str, tuple[Code, ...], datetime]
"""The laboratory's number, the materials, when it was taken."""


class Limits(NamedTuple):
    """What times are read with: zone of those without one, when the report was made, and the latest."""

    zone: timezone | None
    generated: datetime
    latest: datetime


def read_specimens(
    group: Sequence[Order],
    message: Message,
    zone: timezone | None,
    generated: datetime,
    latest: datetime,
) -> tuple[tuple[Specimen, ...], dict[int, int]]:
    """The specimens of a report, and for each order's id the number of its own.

    The number is 0 where an order has several different ones, so that a finding would be of any.

    Raises:
        InvalidContent: ``missing-collected``, ``bad-date``, ``absurd-date``, ``future-collected``,
            ``not-human`` or ``too-many-specimens``.
    """
    ward = _read_ward(group[0], message)
    limits = Limits(zone, generated, latest)
    numbers: dict[Sample, int] = {}
    places: dict[int, int] = {}
    for order in group:
        above = places.get(id(order.parent)) if order.parent is not None else None
        if above is not None:
            places[id(order)] = above
            continue
        own = [numbers.setdefault(s, len(numbers) + 1) for s in _samples(order, message, limits)]
        if own:
            places[id(order)] = own[0] if len(set(own)) == 1 else 0
        if len(numbers) > MAX_SPECIMENS:
            raise InvalidContent("too-many-specimens", message.place(order.segment))
    for order in group:
        if numbers and id(order) not in places:
            places[id(order)] = 1 if len(numbers) == 1 else 0
    specimens = tuple(
        Specimen(number=number, specimen_id=name, materials=materials, collected=at, ward=ward)
        for (name, materials, at), number in numbers.items()
    )
    return specimens, places


def read_numbers(order: Order, message: Message) -> tuple[str, ...]:
    """The laboratory's numbers of the specimens of an order, sorted; whatever else is said of them."""
    pairs = (pair_of(field(each, 2), message.encoding) for each in order.specimens)
    return tuple(sorted({filler or placer for placer, filler in pairs} - {""}))


def _read_ward(order: Order, message: Message) -> str:
    """Where the patient was (PV1-3: point of care, or its description), else who ordered (ORC-21)."""
    encoding = message.encoding
    if order.stay is not None:
        at = field(order.stay, 3)
        ward = component(at, 9, encoding) or component(at, 1, encoding)
        if ward:
            return ward[:MAX_NAME]
    if order.control is not None:
        return component(field(order.control, 21), 1, encoding)[:MAX_NAME]
    return ""


def _samples(order: Order, message: Message, limits: Limits) -> list[Sample]:
    encoding = message.encoding
    own = order.segment
    fallback = component(field(own, 7), 1, encoding)
    samples: list[Sample] = []
    for segment in order.specimens:
        role = component(field(segment, 11), 1, encoding).upper()
        if role in words().not_of_patients:
            raise InvalidContent("not-human", message.place(segment, 11), role)
        written = component(field(segment, 17), 1, encoding)
        where = (segment, 17) if written else (own, 7)
        collected = _collected(written or fallback, where, message, limits)
        placer, filler = pair_of(field(segment, 2), encoding)
        samples.append((filler or placer, codes_of(field(segment, 4), encoding), collected))
    source = field(own, 15)
    if samples or not (fallback or source):
        return samples
    return [("", _source(source, message), _collected(fallback, (own, 7), message, limits))]


def _collected(
    written: str, where: tuple[Segment, int], message: Message, limits: Limits
) -> datetime:
    if not written:
        raise InvalidContent("missing-collected", message.place(*where))
    collected = moment_of(written, limits.zone)
    if collected is None:
        raise InvalidContent("bad-date", message.place(*where), legible(written))
    fault = collection_fault(collected, limits.generated, limits.latest)
    if fault is not None:
        raise InvalidContent(fault[0], message.place(*where), fault[1])
    return collected


def _source(value: str, message: Message) -> tuple[Code, ...]:
    """The material in OBR-15: a code in the first component, and free text in the third.

    Some write a coded value into the components themselves, as later versions do.
    """
    encoding = message.encoding
    parts = value[:1000].split(encoding.component)
    third = text_of(parts[2], encoding) if len(parts) > 2 else ""
    known = words()
    if third in known.systems or third.startswith(known.system_starts):
        return codes_of(value, encoding)
    coded = list(subcodes_of(parts[0], encoding))
    if third and all(code.text != third for code in coded):
        coded.append(Code(text=third[:MAX_NAME]))
    return tuple(coded)
