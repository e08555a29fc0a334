"""HL7 version 2 laboratory answers (ORU^R01, versions 2.3 to 2.5.1 and near them) to lab reports.

One file holds one message or many, one message one report or many: an order (OBR) is a report with
the orders that are its children, or that have its number (`hl7v2_orders`).

Choices that the format leaves open:

- `generated` is OBR-22, when the report changed, where it has a time of day; else MSH-7, when the message
  was made. An old version that is sent again has a new MSH-7, and must not take the place of a newer one.
  Laboratories leave OBR-22 as it was in corrected versions: of two corrections with the same one MSH-7
  decides (`_tell_apart`).
- MSH-11 may say that a message is from an archive (table 0207): the report is then a historic copy.
- A time without zone is in MSH-7's zone, else Norwegian local time.
- A is partial in OBR-25 (some results are there), never an addition: each message holds the whole
  report. Correction (C) of an order or of any result makes the version a modified one.
- Messages marked as test or training (MSH-11) are refused: patients in them are not persons.
- Comments (NTE) have no place in the record and are not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import NamedTuple

from varde.messages.answers.looked_for import denies
from varde.messages.answers.settled import settle
from varde.messages.errors import InvalidContent, MessageError, UnreadableMessage
from varde.messages.hl7v2.names import (
    Sender,
    header_field,
    read_message_id,
    read_sender,
    salvage_message,
)
from varde.messages.hl7v2.orders import Order, collect_orders, group_orders
from varde.messages.hl7v2.patients import read_patient
from varde.messages.hl7v2.results import Results, read_results
from varde.messages.hl7v2.segments import (
    Encoding,
    Message,
    Segment,
    component,
    field,
    lines_of,
    read_message,
    split_messages,
)
from varde.messages.hl7v2.specimens import read_numbers, read_specimens
from varde.messages.hl7v2.values import legible, moment_of, zone_in
from varde.messages.hl7v2.words import words
from varde.messages.marks import is_marked
from varde.messages.names import Names, failure_of
from varde.messages.records import (
    Failure,
    LabReport,
    Patient,
    Scope,
    ServiceType,
    Specimen,
    Status,
)
from varde.messages.times import generated_fault, latest_moment, norwegian_day

WITH_HOUR = len("2026010510")
"""Characters of the shortest time that has an hour."""

MOST_MINUTES = 999_999


class Head(NamedTuple):
    """What stands above the reports of a message."""

    sender: Sender
    message_id: str
    zone: timezone | None
    latest: datetime
    country: str
    historic: bool


def read_hl7v2(data: bytes, received: datetime | None = None) -> Iterator[LabReport | Failure]:
    """The reports of one file; a message or report that cannot be used becomes a `Failure`.

    Args:
        data: the bytes of the file: messages, batches of them, or one as it came over MLLP.
        received: when it arrived; nothing in it can be from more than a day later.

    Raises:
        MessageError: when the file as a whole cannot be used.
    """
    found = split_messages(data)
    latest = latest_moment(received)
    last = len(found.messages) - 1
    item = 0
    for number, piece in enumerate(found.messages):
        for record in _read_piece(piece, item, latest, found.unfinished and number == last):
            yield record
            item += 1
    if found.promised is not None and found.promised > len(found.messages):
        counts = f"{len(found.messages)} < {found.promised}"
        error = UnreadableMessage("truncated", "BTS-1", counts)
        names = Names(salvage_message(found.messages[0]).sender)
        yield failure_of(error, item, names, LabReport.kind)


def count_items(data: bytes, received: datetime | None = None) -> list[tuple[bytes, int]]:
    """Each message of a file, and how many of the items that `read_hl7v2` gives are of it.

    Raises:
        MessageError: as `read_hl7v2`.
    """
    found = split_messages(data)
    latest = latest_moment(received)
    last = len(found.messages) - 1
    return [
        (piece, sum(1 for _ in _read_piece(piece, 0, latest, found.unfinished and number == last)))
        for number, piece in enumerate(found.messages)
    ]


def _read_piece(
    data: bytes, item: int, latest: datetime, unfinished: bool
) -> Iterator[LabReport | Failure]:
    """The reports of one message."""
    try:
        message = read_message(data)
        if unfinished:
            # Nothing shows whether the message is whole: what is missing is the end of its frame.
            raise UnreadableMessage("truncated", "MSH[1]", "0B ≠ 0B … 1C")
        _refuse_kind(message)
        orders = collect_orders(message)
        groups = group_orders(orders, message)
    except MessageError as error:
        yield failure_of(error, item, salvage_message(data), LabReport.kind, is_marked(data))
        return
    head = _read_head(message, latest)
    persons: dict[str, Segment | None] = {}
    marked: bool | None = None
    for number, group in enumerate(groups):
        message_id = f"{head.message_id}#{number + 1}" if number else head.message_id
        try:
            root = group[0]
            called = root.report_number(message)
            if persons.setdefault(called, root.person) is not root.person and called:
                raise InvalidContent("several-patients", message.place(root.segment, 3))
            yield read_report(message, head, group, message_id)
        except MessageError as error:
            names = Names(
                sender=head.sender.identifier,
                message_id=message_id if head.message_id else "",
                report_id=root.report_number(message) or message_id,
            )
            marked = is_marked(data) if marked is None else marked
            yield failure_of(error, item + number, names, LabReport.kind, marked)


def read_report(message: Message, head: Head, group: Sequence[Order], message_id: str) -> LabReport:
    """One report: an order and those that belong to it.

    Raises:
        InvalidContent: the reason says which field is missing, contradictory or out of bounds.
    """
    root = group[0]
    if not head.message_id:
        raise InvalidContent("missing-message-id", "MSH[1]-10")
    if not head.sender.identifier:
        raise InvalidContent("missing-sender", "MSH[1]-4")
    made = _read_made(message, head, group)
    service, status, cancelled = _read_state(group, message)
    generated = _read_generated(message, made, head, group, service)
    if service in ("N", "M") and head.historic:
        service = "H"
    if root.person is None and service != "C":
        raise InvalidContent("missing-patient", message.place(root.segment))
    discipline = component(field(root.segment, 24), 1, message.encoding)
    doubted = discipline.upper() not in words().disciplines
    specimens: tuple[Specimen, ...] = ()
    results = Results()
    if service != "C":
        specimens, places = read_specimens(
            group, message, head.zone, max(made, generated), head.latest
        )
        results = read_results(group, message, cancelled, places, doubted)
    # What the report holds decides over what its section says; of a cancelled one nothing is read.
    if doubted and service != "C" and not results.microbiology:
        raise InvalidContent("not-microbiology", message.place(root.segment, 24), discipline)
    if service == "C":
        _refuse_answered(group, message, doubted)
    sender = head.sender.identifier
    scope, withdraws = _read_scope(root, message, service)
    findings, looked_for = settle(results.findings, results.looked_for, specimens)
    return LabReport(
        sender=sender,
        sender_name=head.sender.name,
        message_id=message_id,
        report_id=root.report_number(message) or message_id,
        service_type=service,
        status=status,
        generated=generated,
        discipline=discipline,
        negative=results.negative and denies(looked_for),
        patient=read_patient(
            root.person, message, sender, head.country, specimens, norwegian_day(generated)
        )
        if root.person is not None
        else Patient(),
        specimens=specimens,
        findings=findings,
        looked_for=looked_for,
        scope=scope,
        withdraws=withdraws,
        by_order=service == "C" and bool(root.number) and not root.filler,
    )


def _refuse_answered(group: Sequence[Order], message: Message, doubted: bool) -> None:
    """Raise for an order that its ORC cancels and its own status says was answered, with something found: what was found
    must not be lost, and what was cancelled must not count.

    Raises:
        InvalidContent: ``contradictory-result``.
    """
    root = group[0]
    written = component(field(root.segment, 25), 1, message.encoding).upper()
    answered = words().order_status.get(written)
    if root.control is None or answered is None or answered[0] == "C" or not root.results:
        return
    try:
        places = {id(order): 1 for order in group}
        found = read_results(group, message, set(), places, doubted).findings
    except InvalidContent:
        return
    if found:
        said = field(root.control, 1).strip()
        raise InvalidContent(
            "contradictory-result", message.place(root.control, 1), f"{said} ≠ {written}"
        )


def _read_scope(
    root: Order, message: Message, service: ServiceType
) -> tuple[Scope, tuple[str, ...]]:
    """What of its number a report states: its own specimens. A withdrawal that does not say which test is of
    every test under the number: of the specimens that it names, or of all that stands."""
    if service != "C":
        return "part", ()
    named = read_numbers(root, message)
    ordered = field(root.segment, 4).strip(message.encoding.component + " ")
    return ("part" if ordered or not root.number else "number"), named


def _refuse_kind(message: Message) -> None:
    """Raise for anything but a result message, for a part of one, and for tests."""
    _refuse_header(header_field(message, 9), header_field(message, 11), message.encoding)
    for segment in lines_of(message, "DSC"):
        if field(segment, 1):
            raise UnreadableMessage("truncated", message.place(segment, 1))


@lru_cache(maxsize=1024)
def _refuse_header(written: str, processing: str, encoding: Encoding) -> None:
    known = words()
    kind, event = (component(written, n, encoding).upper() for n in (1, 2))
    if kind not in known.message_types or event not in known.events:
        detail = "^".join(filter(None, (kind, event)))
        raise UnreadableMessage("wrong-message-type", "MSH[1]-9", detail)
    mode = component(processing, 1, encoding).upper()
    if mode in known.test_processing:
        raise UnreadableMessage("test-message", "MSH[1]-11", mode)


def _read_head(message: Message, latest: datetime) -> Head:
    made = component(header_field(message, 7), 1, message.encoding)
    return Head(
        sender=read_sender(message.header, message.encoding),
        message_id=read_message_id(message.header, message.encoding),
        zone=zone_in(made),
        latest=latest,
        country=component(header_field(message, 17), 1, message.encoding),
        historic=_is_historic(header_field(message, 11), message.encoding),
    )


def _is_historic(processing: str, encoding: Encoding) -> bool:
    """Whether MSH-11 says that the message is from an archive."""
    if encoding.component not in processing:
        return False
    return component(processing, 2, encoding).upper() in words().historic


def _read_generated(
    message: Message, made: datetime, head: Head, group: Sequence[Order], service: ServiceType
) -> datetime:
    """When the report changed last (OBR-22), where its orders say so to the hour; else when the message was
    made."""
    changes: list[datetime] = []
    for order in group:
        written = component(field(order.segment, 22), 1, message.encoding)
        if len(written) >= WITH_HOUR:
            moment = moment_of(written, zone_in(written) or head.zone)
            if moment is not None and generated_fault(moment, head.latest) is None:
                changes.append(moment)
    if not changes:
        return made
    return _tell_apart(max(changes), made) if service in ("M", "C") else max(changes)


def _tell_apart(changed: datetime, made: datetime) -> datetime:
    """When a correction was made: as OBR-22 says, and of those with the same one the later message later, by
    one microsecond for each minute between."""
    minutes = int((made - changed).total_seconds() // 60)
    return changed.replace(microsecond=0) + timedelta(
        microseconds=min(max(minutes, 0), MOST_MINUTES)
    )


def _read_made(message: Message, head: Head, group: Sequence[Order]) -> datetime:
    """MSH-7, else the latest OBR-22 of the report.

    Raises:
        InvalidContent: ``missing-generated``, ``bad-date``, ``absurd-date`` or ``future-generated``.
    """
    written = component(header_field(message, 7), 1, message.encoding)
    place = "MSH[1]-7"
    moments = [moment_of(written, head.zone)] if written else []
    if not written:
        for order in group:
            changed = component(field(order.segment, 22), 1, message.encoding)
            if changed:
                written, place = changed, message.place(order.segment, 22)
                moments.append(moment_of(changed, zone_in(changed)))
    if not written:
        raise InvalidContent("missing-generated", place)
    known = [moment for moment in moments if moment is not None]
    if not known:
        raise InvalidContent("bad-date", place, legible(written))
    fault = generated_fault(max(known), head.latest)
    if fault is not None:
        raise InvalidContent(fault[0], place, fault[1])
    return max(known)


def _read_state(group: Sequence[Order], message: Message) -> tuple[ServiceType, Status, set[int]]:
    """Kind of version and status of a report, and the ids of those of its orders that are cancelled.

    The report is cancelled when its first order is. Its status is the one that all its orders have,
    else partial.
    """
    states = {id(order): _state_of(order, message) for order in group}
    cancelled = {key for key, (service, _) in states.items() if service == "C"}
    first = states[id(group[0])]
    if first[0] == "C":
        return first[0], first[1], cancelled
    living = [state for state in states.values() if state[0] != "C"]
    corrected = any(service == "M" for service, _ in living)
    said = {status for _, status in living}
    status: Status = first[1] if len(said) == 1 else "S"
    return ("M" if corrected else "N"), status, cancelled


def _state_of(order: Order, message: Message) -> tuple[ServiceType, Status]:
    """What OBR-25, the ORC and the results (OBX-11) say of one order.

    Raises:
        InvalidContent: ``unknown-code`` when none says anything known.
    """
    known = words()
    control = order.control
    if control is not None and field(control, 1).strip().upper() in known.cancelled_orders:
        return "C", "F"
    written = component(field(order.segment, 25), 1, message.encoding).upper()
    codes = {result[11] for result in order.results}
    if written == "F" and codes == {"F"}:
        return "N", "F"
    results = [
        state
        for code in codes
        if (state := known.result_status.get(code.strip().upper())) is not None
    ]
    corrected = any(service == "M" for service, _ in results)
    if written:
        state = known.order_status.get(written)
        if state is None:
            raise InvalidContent("unknown-code", message.place(order.segment, 25), written)
        return ("M", state[1]) if corrected and state[0] == "N" else state
    if control is not None and field(control, 5).strip().upper() == "CA":
        return "C", "F"
    if not results:
        raise InvalidContent("unknown-code", message.place(order.segment, 25))
    status = results[0][1] if len({status for _, status in results}) == 1 else "S"
    return ("M" if corrected else "N"), status
