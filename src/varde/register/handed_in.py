"""What a place has handed in on pages: its messages, what they stated, and its newest ward.

Found by the sender of the items, which is whoever handed them in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from varde.messages import WardPrevalence, read
from varde.register import ids, log
from varde.register.opening import Register
from varde.register.store import connection

MOST_ITEMS = 5_000
"""Items that are looked at for the newest messages: a table has many in one message."""


@dataclass(frozen=True)
class Standing:
    """Something that was stated, as it stands now.

    Attributes:
        number: the sender's own.
        withdrawn: the newest version of it cancels it.
        cancels: what was asked about is that withdrawal, or an earlier one.
    """

    kind: str
    number: str
    withdrawn: bool
    cancels: bool = False


@dataclass(frozen=True)
class KnownWard:
    """Where the newest ward of a place was: number, name and municipality of its institution."""

    institution: str
    name: str
    municipality: str


def list_handed_in(kind: str, submitter: str, limit: int = 100) -> list[int]:
    """Numbers of the newest messages that a place handed in by a form, newest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT m.id FROM (SELECT id / {ids.ITEMS} AS message FROM register_item "
            "WHERE sender = %s AND kind = %s ORDER BY id DESC LIMIT %s) i "
            "JOIN register_message m ON m.id = i.message "
            "WHERE m.submitter = %s AND m.kind = %s AND m.door = 'form' ORDER BY m.id DESC LIMIT %s",
            [submitter, kind, MOST_ITEMS, submitter, kind, limit],
        )
        return [int(number) for (number,) in cursor.fetchall()]


def read_standing(messages: Sequence[int], submitter: str) -> list[Standing]:
    """What messages of a sender stated, as it stands now, each once, by its number."""
    found: dict[tuple[str, str], Standing] = {}
    with connection.cursor() as cursor:
        for message in messages:
            cursor.execute(
                "SELECT r.kind, r.report_ref, r.cancelled, MIN(i.service_type), MAX(i.service_type) "
                "FROM register_item i "
                "JOIN register_report r ON r.id = i.report "
                "WHERE i.id >= %s AND i.id < %s AND i.state <> 'Q' AND r.sender = %s "
                "GROUP BY r.id, r.kind, r.report_ref, r.cancelled",
                [ids.item_id(message, 0), ids.item_id(message + 1, 0), submitter],
            )
            for kind, number, gone, first, last in cursor.fetchall():
                cancels = (first, last) == ("C", "C")
                found[kind, number] = Standing(kind, number, bool(gone), cancels)
    return [standing for _number, standing in sorted(found.items())]


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
