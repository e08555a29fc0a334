"""The orders of an HL7 version 2 result message, and which of them make one report together.

An order is an OBR with what stands around it: its ORC, its results (OBX), its specimens (SPM), and
the patient (PID) and stay (PV1) above it. Orders are one report when one is the other's child (a
susceptibility panel of an isolate of a culture), or when the laboratory gave them one number for one test:
one accession number may stand over a blood culture and an antibody test, which are two reports.

A child names its parent by number (OBR-29, or ORC-8), by the result it was made for (OBR-26), or,
in messages that do neither, by the placer's number when it holds susceptibilities alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from varde.messages.errors import InvalidContent
from varde.messages.hl7v2.names import report_number
from varde.messages.hl7v2.observations import observe
from varde.messages.hl7v2.segments import Message, Segment, component, field
from varde.messages.hl7v2.values import number_in, pair_of

MAX_ORDERS = 500
MAX_GENERATIONS = 50
RESULT_FIELDS = 12
"""An OBX is filled up with empty fields to this length: up to its status (OBX-11)."""

_Index = dict[tuple[int, str], list["Order"]]
"""Patient and number → orders."""

_Holders = dict[tuple[int, str, str], list["Order"]]
"""Patient, code and sub-id of a result → the orders that hold it; by either alone too."""


class Order:
    """One OBR and what belongs to it.

    Attributes:
        segment: the OBR.
        control: the ORC right before it, or None.
        person: the PID it stands under, or None; the first one of several with the same numbers.
        stay: the PV1 it stands under, or None.
        results, specimens: its OBX and SPM segments.
        is_child: it says that it was made for a result of another order.
        parent: the order of this message that it is a child of, or None.
    """

    __slots__ = (
        "control", "filler", "is_child", "parent", "person", "placer", "results", "segment", "specimens", "stay",
    )  # fmt: skip

    def __init__(
        self,
        segment: Segment,
        control: Segment | None,
        person: Segment | None,
        stay: Segment | None,
        message: Message,
    ) -> None:
        self.segment = segment
        self.control = control
        self.person = person
        self.stay = stay
        self.results: list[Segment] = []
        self.specimens: list[Segment] = []
        self.parent: Order | None = None
        self.placer = self._number(2, message)
        self.filler = self._number(3, message)
        controlled = control is not None and field(control, 8)
        self.is_child = bool(field(segment, 26) or field(segment, 29) or controlled)

    @property
    def number(self) -> str:
        """The laboratory's number, else the placer's; empty when there is none."""
        return self.filler or self.placer

    def report_number(self, message: Message) -> str:
        """What a report of this order is called (`varde.messages.hl7v2.names.report_number`)."""
        return report_number(self.number, field(self.segment, 4), message.encoding)

    def _number(self, at: int, message: Message) -> str:
        own = field(self.segment, at)
        if not own and self.control is not None:
            own = field(self.control, at)
        return number_in(own, message.encoding) if own else ""


def collect_orders(message: Message) -> list[Order]:
    """The orders of a message, in order.

    Segments in odd order are put right where only one place is possible: a PID after its orders,
    results or specimens before the first order.

    Raises:
        InvalidContent: ``no-report`` or ``too-large``.
    """
    orders: list[Order] = []
    persons: dict[str, Segment] = {}
    person = stay = control = None
    early: list[Segment] = []
    for segment in message.segments:
        name = segment[0]
        if name == "OBX" or name == "SPM":
            if name == "OBX" and len(segment) < RESULT_FIELDS:
                segment.extend([""] * (RESULT_FIELDS - len(segment)))
            if not orders:
                early.append(segment)
            elif name == "OBX":
                orders[-1].results.append(segment)
            else:
                orders[-1].specimens.append(segment)
        elif name == "OBR":
            orders.append(Order(segment, control, person, stay, message))
            control = None
            if len(orders) > MAX_ORDERS:
                raise InvalidContent("too-large", "OBR", f"> {MAX_ORDERS}")
        elif name == "ORC":
            control = segment
        elif name == "PID":
            numbers = field(segment, 3) + field(segment, 2)
            person = persons.setdefault(numbers or f"\0{id(segment)}", segment)
            stay = None
        elif name == "PV1":
            stay = segment
    if not orders:
        raise InvalidContent("no-report", message.place(message.segments[-1]))
    _place_early(orders, early, list(persons.values()))
    return orders


def _place_early(orders: list[Order], early: list[Segment], persons: list[Segment]) -> None:
    orders[0].results[:0] = [segment for segment in early if segment[0] == "OBX"]
    orders[0].specimens[:0] = [segment for segment in early if segment[0] == "SPM"]
    if len(persons) == 1:
        for order in orders:
            order.person = persons[0]


def group_orders(orders: Sequence[Order], message: Message) -> list[list[Order]]:
    """The orders of each report, the one that others are children of first.

    Raises:
        InvalidContent: ``cyclic-reference``.
    """
    if len(orders) == 1:
        return [[orders[0]]]
    _link(orders, message)
    groups: dict[tuple[int, str], list[Order]] = {}
    for order in orders:
        root = _root(order, message)
        number = root.report_number(message)
        if root.number and _holds_susceptibilities_only(root, message):
            number = _culture_of(root, orders, message)
        key = (id(root.person), number or f"\0{id(root)}")
        groups.setdefault(key, []).append(order)
    return [_root_first(group, number, message) for (_, number), group in groups.items()]


def _root_first(group: list[Order], number: str, message: Message) -> list[Order]:
    """Orders with those first that others are children of, and of them those that have the report's name."""
    if len(group) == 1:
        return group
    return sorted(
        group,
        key=lambda order: (order.parent is not None, order.report_number(message) != number),
    )


def _culture_of(tests: Order, orders: Sequence[Order], message: Message) -> str:
    """What the report is called of which susceptibilities are that name no parent: that of the last order before them,
    else of the first after them, in which something grew under their number; the number itself where there is none."""
    same = [
        order
        for order in orders
        if (order.number, order.person, order.parent) == (tests.number, tests.person, None)
    ]
    at = same.index(tests)
    for order in (*reversed(same[:at]), *same[at + 1 :]):
        if _holds_organism(order, message):
            return order.report_number(message)
    return tests.number


def _link(orders: Sequence[Order], message: Message) -> None:
    """Set each child's parent, where it is in the message."""
    fillers: _Index = {}
    placers: _Index = {}
    for order in orders:
        fillers.setdefault((id(order.person), order.filler), []).append(order)
        placers.setdefault((id(order.person), order.placer), []).append(order)
    holders: _Holders | None = None
    for at, order in enumerate(orders):
        if order.is_child:
            found = _find_named(order, fillers, placers, message)
            code, sub, _ = parent_result(order, message)
            if len(found) != 1 and (code or sub):
                holders = holders or _index_results(orders, message)
                holding = holders.get((id(order.person), code, sub), [])
                before = [other for other in holding if other in orders[:at]]
                found = [other for other in found if other in holding] or found or before[-1:]
            order.parent = found[0] if found else None
        elif at and order.placer:
            same = placers[(id(order.person), order.placer)][0]
            if same in orders[:at] and _holds_susceptibilities_only(order, message):
                order.parent = same


def _index_results(orders: Sequence[Order], message: Message) -> _Holders:
    """The orders that hold a result, by patient, code and sub-id; by either alone too."""
    holders: _Holders = {}
    for order in orders:
        person = id(order.person)
        for result in order.results:
            code, sub = component(field(result, 3), 1, message.encoding), sub_id(result, message)
            for key in {(person, code, sub), (person, code, ""), (person, "", sub)}:
                held = holders.setdefault(key, [])
                if not held or held[-1] is not order:
                    held.append(order)
    return holders


def _find_named(order: Order, fillers: _Index, placers: _Index, message: Message) -> list[Order]:
    """The orders whose number OBR-29 or ORC-8 gives: the filler's first; some write it first."""
    named = field(order.segment, 29)
    if not named and order.control is not None:
        named = field(order.control, 8)
    if not named:
        return []
    placer, filler = pair_of(named, message.encoding)
    person = id(order.person)
    tries = ((fillers, filler), (placers, placer), (fillers, placer), (placers, filler))
    for index, number in tries:
        found = [o for o in index.get((person, number), ()) if o is not order] if number else []
        if found:
            return found
    return []


def _holds_susceptibilities_only(order: Order, message: Message) -> bool:
    roles = {observe(result, message).role for result in order.results}
    return "susceptibility" in roles and "organism" not in roles


def _holds_organism(order: Order, message: Message) -> bool:
    for result in order.results:
        seen = observe(result, message)
        if seen.role == "organism" and (seen.organisms or "growth" in seen.kinds):
            return True
    return False


def parent_result(order: Order, message: Message) -> tuple[str, str, str]:
    """OBR-26: the code (OBX-3), the sub-id (OBX-4) and the value of the result it was made for."""
    value = field(order.segment, 26)
    if not value:
        return "", "", ""
    code, sub, said = (component(value, number, message.encoding) for number in (1, 2, 3))
    return code, sub, said


def sub_id(result: Segment, message: Message) -> str:
    """OBX-4; of one with parts (2.8.2) the first that is not empty."""
    value = result[4]
    if not value or message.encoding.component not in value:
        return value.strip()
    return next((part for n in (1, 2, 4) if (part := component(value, n, message.encoding))), "")


def _root(order: Order, message: Message) -> Order:
    trail = order
    for _ in range(MAX_GENERATIONS):
        if trail.parent is None:
            return trail
        trail = trail.parent
    raise InvalidContent("cyclic-reference", message.place(order.segment, 29))
