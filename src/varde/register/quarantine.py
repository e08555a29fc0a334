"""The quarantine, and the codes nobody knows: what a laboratory can do something about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from varde.messages.errors import mask_digits
from varde.register import ids, store
from varde.register.store import connection

State = Literal["open", "resolved"]


@dataclass(frozen=True)
class QuarantineItem:
    """One item in quarantine.

    Attributes:
        id: of the item.
        sender: the laboratory's key ("HER:91843"); empty when it could not be read.
        laboratory_name: what the laboratory calls itself; empty when unknown.
        reason: a key of `varde.messages.reasons()`.
        place, detail: where in the message, and the offending value, identifiers masked.
        received_at: when the message was made durable.
        message: its number in the log; `position` the item's place in it, from 0.
        message_ref: the sender's own message id; empty when it could not be read.
        report_ref: the sender's own number of the answer; empty when it could not be read.
        state: "open" until it could be used after all, or somebody closed it.
        kind: what it would have been; empty when that could not be seen.
        closed_by, closed_reason: who closed it by hand, and why; else empty.
    """

    id: int
    sender: str
    laboratory_name: str
    reason: str
    place: str
    detail: str
    received_at: datetime
    message: int
    position: int
    message_ref: str
    report_ref: str
    state: State
    kind: str = ""
    closed_by: str = ""
    closed_reason: str = ""


@dataclass(frozen=True)
class UnmappedCode:
    """An expression that no code map knows, with the number of current answers it stands in."""

    kind: str
    system: str
    code: str
    text: str
    count: int


def quarantine_items(
    sender: str | None = None,
    reason: str | None = None,
    state: State | None = "open",
    limit: int = 100,
    offset: int = 0,
) -> list[QuarantineItem]:
    """Items in quarantine, newest first; None means all senders, reasons or states."""
    where, values = _where(sender, reason, state)
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_ITEMS} {where} ORDER BY q.id DESC LIMIT %s OFFSET %s", [*values, limit, offset]
        )
        return [_item(row) for row in cursor.fetchall()]


_ITEMS = (
    "SELECT q.id, q.sender, COALESCE(s.name, ''), q.reason, q.place, q.detail, "
    "CAST(m.received_at AS TEXT), q.resolved_at, q.message_ref, q.report_ref, "
    "q.kind, q.closed_by, q.closed_reason FROM register_quarantineentry q "
    f"JOIN register_message m ON m.id = q.id / {ids.ITEMS} "
    "LEFT JOIN register_sender s ON s.key = q.sender"
)


def quarantine_item(item: int, sender: str | None = None) -> QuarantineItem | None:
    """One item that is or was in quarantine; None when there is none, or it is not the sender's.

    Args:
        sender: only this sender's; None for anybody's.
    """
    where, values = _where(sender, None, None)
    joined = f"{where} AND q.id = %s" if where else "WHERE q.id = %s"
    with connection.cursor() as cursor:
        cursor.execute(f"{_ITEMS} {joined}", [*values, item])
        row = cursor.fetchone()
    return None if row is None else _item(row)


def entries_of(message: int, sender: str | None = None, limit: int = 200) -> list[QuarantineItem]:
    """What one message has in quarantine, or had, in its order.

    Args:
        sender: only this sender's; None for anybody's.
    """
    where, values = _where(sender, None, None)
    joined = f"{where} AND" if where else "WHERE"
    span = [ids.item_id(message, 0), ids.item_id(message + 1, 0)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_ITEMS} {joined} q.id >= %s AND q.id < %s ORDER BY q.id LIMIT %s",
            [*values, *span, limit],
        )
        return [_item(row) for row in cursor.fetchall()]


def close_entry(item: int, by: str, reason: str, now: datetime) -> bool:
    """Close an entry that nothing will ever settle by itself; a replay leaves it closed.

    Args:
        by: the user who closes it.
        reason: why; digits that may be of a person are masked.

    Returns:
        False when it does not wait.
    """
    said = store.fit(mask_digits(" ".join(reason.split())), 200)
    with store.alone(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE register_quarantineentry SET resolved_at = %s, closed_by = %s, closed_reason = %s "
            "WHERE id = %s AND resolved_at IS NULL",
            [store.stamp(now), by, said, item],
        )
        return bool(cursor.rowcount)


def reopen_entry(item: int) -> bool:
    """Take back that an entry was closed by hand.

    Returns:
        False when nobody closed it.
    """
    with store.alone(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE register_quarantineentry SET resolved_at = NULL, closed_by = '', "
            "closed_reason = '' WHERE id = %s AND closed_by <> ''",
            [item],
        )
        return bool(cursor.rowcount)


def list_quarantined_notifiable(limit: int = 100) -> tuple[int, list[QuarantineItem]]:
    """What waits in quarantine and says that it is notifiable: nobody is told of it as long as it waits.

    Returns:
        How many there are, and the items, the newest first.
    """
    waits = "WHERE q.resolved_at IS NULL AND q.marked"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM register_quarantineentry q {waits}")
        number = int(cursor.fetchone()[0])
        cursor.execute(f"{_ITEMS} {waits} ORDER BY q.id DESC LIMIT %s", [limit])
        return number, [_item(row) for row in cursor.fetchall()]


def quarantine_counts(
    sender: str | None = None, state: State | None = "open"
) -> list[tuple[str, int]]:
    """(reason, number of items), most frequent first."""
    where, values = _where(sender, None, state)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT q.reason, COUNT(*) FROM register_quarantineentry q {where} "
            "GROUP BY q.reason ORDER BY COUNT(*) DESC, q.reason",
            values,
        )
        return [(str(reason), int(count)) for reason, count in cursor.fetchall()]


def waiting_entries(sender: str | None = None) -> dict[str, int]:
    """How many items of each sender wait in quarantine; senders with none are left out."""
    where, values = _where(sender, None, "open")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT q.sender, COUNT(*) FROM register_quarantineentry q {where} GROUP BY q.sender",
            values,
        )
        return {str(key): int(count) for key, count in cursor.fetchall()}


def unmapped_codes(sender: str | None = None, limit: int = 100) -> list[UnmappedCode]:
    """Expressions of current answers that no code map knows, most frequent first."""
    join, values = "", []
    if sender is not None:
        join = f"JOIN register_report r ON r.id = u.id / {ids.EXPRESSIONS} AND r.sender = %s"
        values = [sender]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT u.kind, u.system, u.code, u.text, COUNT(*) FROM register_unmapped u {join} "
            "GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC, 1, 2, 3, 4 LIMIT %s",
            [*values, limit],
        )
        return [UnmappedCode(*row) for row in cursor.fetchall()]


def quarantined_messages() -> Iterator[int]:
    """Messages with items that wait in quarantine, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT id / {ids.ITEMS} FROM register_quarantineentry "
            "WHERE resolved_at IS NULL ORDER BY 1"
        )
        yield from (row[0] for row in cursor.fetchall())


def _where(sender: str | None, reason: str | None, state: State | None) -> tuple[str, list[Any]]:
    parts: list[str] = []
    values: list[Any] = []
    if sender is not None:
        parts.append("q.sender = %s")
        values.append(sender)
    if reason is not None:
        parts.append("q.reason = %s")
        values.append(reason)
    if state is not None:
        parts.append(f"q.resolved_at IS {'NULL' if state == 'open' else 'NOT NULL'}")
    return ("WHERE " + " AND ".join(parts) if parts else "", values)


def _item(row: tuple[Any, ...]) -> QuarantineItem:
    item, sender, name, reason, place, detail, received, resolved, message_ref, report_ref = row[
        :10
    ]
    kind, closed_by, closed_reason = row[10:]
    message, position = ids.message_of(item)
    return QuarantineItem(
        id=item,
        sender=sender,
        laboratory_name=name,
        reason=reason,
        place=place,
        detail=detail,
        received_at=store.moment(received),
        message=message,
        position=position,
        message_ref=message_ref,
        report_ref=report_ref,
        state="open" if resolved is None else "resolved",
        kind=kind,
        closed_by=closed_by,
        closed_reason=closed_reason,
    )
