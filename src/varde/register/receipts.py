"""What became of messages, item by item: what a sender is told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from varde.register import ids, store
from varde.register.projection import Expression
from varde.register.store import connection
from varde.register.understanding import Understood

MOST_ITEMS = 10_000
MOST_MESSAGES = 1 << 39
"""More than there can be: see `ids`."""
"""Items a receipt lists; of a longer list, those in quarantine come first."""
ItemState = Literal["accepted", "duplicate", "quarantined"]
_STATES: Mapping[str, ItemState] = {
    "A": "accepted",
    "D": "duplicate",
    "R": "duplicate",
    "Q": "quarantined",
    "P": "quarantined",
}


@dataclass(frozen=True)
class ItemReceipt:
    """What became of one item.

    Attributes:
        position: its place in the message, from 1.
        message_ref: the sender's own id of it; empty when it could not be read.
        reason: a key of `varde.messages.reasons()` when it is in quarantine, else empty.
        place, detail: where in the message, and the offending value, identifiers masked.
        settled: it was in quarantine until a later message or a replay could use it.
        unmapped: expressions that no code map knows (only when a message is checked beforehand).
        understood: what was understood of it (then too).
    """

    position: int
    state: ItemState
    kind: str
    message_ref: str
    reason: str = ""
    place: str = ""
    detail: str = ""
    settled: bool = False
    unmapped: tuple[Expression, ...] = ()
    understood: Understood | None = None


@dataclass(frozen=True)
class MessageReceipt:
    """What became of one message.

    Attributes:
        message: its number in the log.
        received_at: when it became durable.
        folded: False while it is durable and waits to be read.
        items: at most `MOST_ITEMS`; `received` and the other counts are of all.
        kind: what it was handed in as; empty when nobody said.
    """

    message: int
    received_at: datetime
    folded: bool
    received: int = 0
    accepted: int = 0
    duplicate: int = 0
    quarantined: int = 0
    unmapped: int = 0
    items: tuple[ItemReceipt, ...] = field(default=())
    kind: str = ""


def read_receipts(
    messages: Iterable[int], submitter: str | None = None
) -> dict[int, MessageReceipt]:
    """Receipts of messages by their number; those that are not there are left out.

    Args:
        submitter: only of messages that this sender handed in; None for everybody's.
    """
    where, more = ("AND submitter = %s", [submitter]) if submitter is not None else ("", [])
    wanted = sorted({message for message in messages if message < MOST_MESSAGES})
    found = {
        message: (store.moment(received), str(kind))
        for message, received, kind in store.select_in(
            "message", "id, CAST(received_at AS TEXT), kind", "id", wanted, where, more
        )
    }
    columns = "message, items, accepted, duplicate, quarantined, unmapped"
    counts = {row[0]: row[1:] for row in store.select_in("receipt", columns, "message", found)}
    items = _read_items(counts)
    receipts = {}
    for message, (received, kind) in found.items():
        if message in counts:
            total, accepted, duplicate, quarantined, unmapped = counts[message]
            receipts[message] = MessageReceipt(
                message=message,
                received_at=received,
                folded=True,
                kind=kind,
                received=total,
                accepted=accepted,
                duplicate=duplicate,
                quarantined=quarantined,
                unmapped=unmapped,
                items=tuple(items[message]),
            )
        else:
            receipts[message] = MessageReceipt(message, received, False, kind=kind)
    return receipts


def standing_numbers(kind: str, sender: str, beginning: str) -> list[str]:
    """The sender's own numbers that begin so, of what it has stated and not withdrawn."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT report_ref FROM register_report WHERE kind = %s AND sender = %s "
            "AND report_ref >= %s AND report_ref < %s AND NOT cancelled ORDER BY report_ref",
            [kind, sender, beginning, f"{beginning}\U0010ffff"],
        )
        return [str(number) for (number,) in cursor.fetchall()]


def _read_items(messages: Iterable[int]) -> dict[int, list[ItemReceipt]]:
    items: dict[int, list[ItemReceipt]] = defaultdict(list)
    statement = (
        "SELECT i.id, i.state, i.kind, i.message_ref, q.reason, q.place, q.detail, q.resolved_at "
        "FROM register_item i LEFT JOIN register_quarantineentry q ON q.id = i.id "
        "WHERE i.id >= %s AND i.id < %s "
        "ORDER BY CASE WHEN i.state IN ('Q', 'P') THEN 0 ELSE 1 END, i.id LIMIT %s"
    )
    with connection.cursor() as cursor:
        for message in messages:
            first, after = ids.item_id(message, 0), ids.item_id(message + 1, 0)
            cursor.execute(statement, [first, after, MOST_ITEMS])
            items[message] = sorted(map(_item, cursor.fetchall()), key=lambda item: item.position)
    return items


def _item(row: tuple[Any, ...]) -> ItemReceipt:
    item, state, kind, message_ref, reason, place, detail, resolved = row
    waits = state in "QP"
    return ItemReceipt(
        position=ids.message_of(item)[1] + 1,
        state=_STATES[state],
        kind=kind,
        message_ref=message_ref,
        reason=(reason or "") if waits else "",
        place=(place or "") if waits else "",
        detail=(detail or "") if waits else "",
        settled=resolved is not None,
    )
