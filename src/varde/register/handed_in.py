"""What a place has handed in on pages: its messages, what they stated, and that as it was sent.

Found by the sender of the items, which is whoever handed them in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

from varde.messages import WardPrevalence, read
from varde.register import ids, log
from varde.register.opening import Register
from varde.register.store import connection

MOST_NUMBER = (1 << 63) - 1
MOST_ITEMS = 5_000
"""Items that are looked at for the newest messages: a table has many in one message."""


@dataclass(frozen=True)
class Standing:
    """Something that was stated, as it stands now.

    Attributes:
        number: the sender's own.
        withdrawn: the newest version of it cancels it.
        cancels: what was asked about is that withdrawal, or an earlier one.
        before, after: the message with the version before those that were asked about, and with the newest
            after them; None where there is none.
    """

    kind: str
    number: str
    withdrawn: bool
    cancels: bool = False
    before: int | None = None
    after: int | None = None


@dataclass(frozen=True)
class Recognised:
    """By what somebody who stated something knows it again; nothing of it is about a person.

    Attributes:
        kind: "notification", "prevalence" or "surgery".
        name: the disease, the ward, or the code of the operation, as the register has it.
        day: of specimen or first symptoms, of the survey, of the operation; None when there is none.
        group: key of the group of operations; empty for all else.
    """

    kind: str
    name: str
    day: date | None
    group: str = ""


@dataclass(frozen=True)
class AsSent:
    """The newest version of something that a place stated by a form, as it was sent.

    Attributes:
        number: the sender's own, as `Standing` has it.
        data: the whole message, opened.
        message, position: where it stands: the message in the log, and the item in it, from 0.
    """

    number: str
    data: bytes
    message: int
    position: int
    received_at: datetime


@dataclass(frozen=True)
class KnownWard:
    """Where the newest ward of a place was: number, name and municipality of its institution."""

    institution: str
    name: str
    municipality: str


def list_handed_in(
    kind: str, submitter: str, limit: int = 100, before: int | None = None
) -> list[int]:
    """Numbers of the newest messages that a place handed in by a form, newest first.

    Args:
        before: only of messages before this one.
    """
    first = ids.item_id(before, 0) if before is not None else MOST_NUMBER
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT m.id FROM (SELECT id / {ids.ITEMS} AS message FROM register_item "
            "WHERE sender = %s AND kind = %s AND id < %s ORDER BY id DESC LIMIT %s) i "
            "JOIN register_message m ON m.id = i.message "
            "WHERE m.submitter = %s AND m.kind = %s AND m.door = 'form' ORDER BY m.id DESC LIMIT %s",
            [submitter, kind, first, MOST_ITEMS, submitter, kind, limit],
        )
        return [int(number) for (number,) in cursor.fetchall()]


def read_standing(messages: Sequence[int], submitter: str) -> list[Standing]:
    """What messages of a sender stated, as it stands now, each once, by its number."""
    found: dict[tuple[str, str], Standing] = {}
    with connection.cursor() as cursor:
        for message in messages:
            first, after = ids.item_id(message, 0), ids.item_id(message + 1, 0)
            cursor.execute(
                "SELECT r.kind, r.report_ref, r.cancelled, MIN(i.service_type), MAX(i.service_type), "
                "MAX(CASE WHEN o.id < %s THEN o.id END), MAX(CASE WHEN o.id >= %s THEN o.id END) "
                "FROM register_item i "
                "JOIN register_report r ON r.id = i.report "
                "LEFT JOIN register_item o ON o.report = r.id AND o.state = 'A' AND o.service_type <> 'C' "
                "WHERE i.id >= %s AND i.id < %s AND i.state <> 'Q' AND r.sender = %s "
                "GROUP BY r.id, r.kind, r.report_ref, r.cancelled",
                [first, after, first, after, submitter],
            )
            for kind, number, gone, least, most, earlier, later in cursor.fetchall():
                cancels = (least, most) == ("C", "C")
                found[kind, number] = Standing(
                    kind, number, bool(gone), cancels, _message(earlier), _message(later)
                )
    return [standing for _number, standing in sorted(found.items())]


def _message(item: int | None) -> int | None:
    return None if item is None else ids.message_of(item)[0]


def recognise(messages: Sequence[int], submitter: str, limit: int = 5) -> list[Recognised]:
    """By what a sender knows what its messages stated, as it stands now, at most `limit` of each kind.

    What is withdrawn is left out, and prescriptions of a ward are known by their ward.
    """
    found: list[Recognised] = []
    with connection.cursor() as cursor:
        for message in messages:
            first, after = ids.item_id(message, 0), ids.item_id(message + 1, 0)
            for kind, (table, columns) in _KNOWN_BY.items():
                cursor.execute(
                    f"SELECT DISTINCT {columns} FROM register_item i "
                    f"JOIN register_report r ON r.id = i.report JOIN {table} s ON s.id = r.id "
                    "WHERE i.id >= %s AND i.id < %s AND i.state <> 'Q' AND r.sender = %s "
                    "AND NOT r.cancelled LIMIT %s",
                    [first, after, submitter, limit],
                )
                found += [
                    Recognised(kind, name, date.fromisoformat(day[:10]) if day else None, group)
                    for name, day, group in cursor.fetchall()
                ]
    return list(dict.fromkeys(found))


_KNOWN_BY = {
    "notification": (
        "register_notification",
        "CASE WHEN s.diagnosis_name = '' THEN s.diagnosis ELSE s.diagnosis_name END, "
        "CAST(COALESCE(s.sampled, s.onset, s.died) AS TEXT), ''",
    ),
    "prevalence": ("register_wardprevalence", "s.ward, CAST(s.surveyed AS TEXT), ''"),
    "surgery": ("register_surgery", "s.procedure, CAST(s.operated AS TEXT), s.procedure_group"),
}
"""Kind → the table of what it states, and name, day and group of a row in it."""


def read_as_sent(
    register: Register, kind: str, sender: str, numbers: Sequence[str]
) -> dict[str, AsSent]:
    """What has these numbers, as a place sent it last, by number.

    What was withdrawn is left out, and so is what did not come by a form: a machine that stated it would
    not know what was changed.

    Raises:
        KeyProblem: a storage key is missing or something sealed was changed.
    """
    places: dict[str, tuple[int, int]] = {}
    with connection.cursor() as cursor:
        for number in numbers:
            cursor.execute(
                "SELECT item FROM register_report WHERE kind = %s AND sender = %s "
                "AND report_ref = %s AND NOT cancelled",
                [kind, sender, number],
            )
            row: Any = cursor.fetchone()
            if row is not None and _by_form(cursor, ids.message_of(row[0])[0], sender):
                places[number] = ids.message_of(row[0])
    wanted = sorted({message for message, _position in places.values()})
    stored = {each.message: each for each in log.read(wanted, register.sealer)}
    return {
        number: AsSent(number, kept.data, message, position, kept.received_at)
        for number, (message, position) in places.items()
        if (kept := stored.get(message)) is not None
    }


def _by_form(cursor: Any, message: int, sender: str) -> bool:
    cursor.execute(
        "SELECT 1 FROM register_message WHERE id = %s AND submitter = %s AND door = 'form'",
        [message, sender],
    )
    return cursor.fetchone() is not None


def newest_ward(register: Register, sender: str) -> KnownWard | None:
    """Where the newest ward is that a place has stated and not withdrawn; None when there is none.

    Read from the message itself: the register keeps no long number.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.item FROM register_report r JOIN register_wardprevalence w ON w.id = r.id "
            "WHERE r.kind = 'prevalence' AND r.sender = %s AND NOT r.cancelled "
            "ORDER BY w.id DESC LIMIT 1",
            [sender],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    message, position = ids.message_of(row[0])
    for stored in log.read([message], register.sealer):
        records = read(stored.data, stored.mapping, stored.received_at)
        record = next(islice(records, position, None), None)
        if isinstance(record, WardPrevalence):
            place = record.institution
            return KnownWard(place.code, place.text, record.municipality)
    return None
