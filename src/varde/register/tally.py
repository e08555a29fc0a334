"""How many messages and items have ever come, by door, kind and what became of them.

Counted in the transaction in which they come: nobody has to count the log to say how much there was, and
the figures survive a restart. They only ever grow: neither a replay nor an erasure changes what has come.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from varde.register import store
from varde.register.store import connection

FOLDED = "folded"
NEWEST = 10_000
"""Messages that are looked at first for those that wait."""
Seen = Counter[tuple[int, str, str, str]]
"""(message, sender, kind, state) of items → how many"""


class Arrived(NamedTuple):
    """How many of a sort have ever come.

    Attributes:
        door: the way they came: "file", "api", "fhir", "mllp", "form".
        kind: of messages what they were handed in as, of items what they state; empty when unknown.
        state: of items what became of them first: "A", "R", "D" or "Q"; of messages empty.
    """

    door: str
    kind: str
    state: str
    number: int


def count_messages(doors_and_kinds: Iterable[tuple[str, str]]) -> None:
    """Count messages that were made durable now. Inside the caller's transaction."""
    _add(Counter(f"messages/{door}/{kind}" for door, kind in doors_and_kinds))


def count_items(seen: Seen, messages: Collection[int]) -> None:
    """Count messages that were folded now, and their items. Inside the caller's transaction."""
    if not messages:
        return
    doors = dict(store.select_in("message", "id, door", "id", messages))
    names: Counter[str] = Counter({FOLDED: len(messages)})
    for (message, _sender, kind, state), count in seen.items():
        if message in doors:
            names[f"items/{doors[message]}/{kind}/{state}"] += count
    _add(names)


def _add(names: Mapping[str, int]) -> None:
    store.insert(
        "tally",
        ("name", "count"),
        sorted(names.items()),
        "ON CONFLICT (name) DO UPDATE SET count = register_tally.count + excluded.count",
    )


def read_tally() -> tuple[list[Arrived], list[Arrived], int]:
    """Messages, items, and how many messages are durable but not folded yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, count FROM register_tally ORDER BY name")
        counts = dict(cursor.fetchall())
    folded = counts.pop(FOLDED, 0)
    messages: list[Arrived] = []
    items: list[Arrived] = []
    for name, count in counts.items():
        what, door, kind, *state = name.split("/")
        found = messages if what == "messages" else items
        found.append(Arrived(door, kind, state[0] if state else "", count))
    return messages, items, sum(each.number for each in messages) - folded


def oldest_waiting(waiting: int) -> datetime | None:
    """When the oldest of the messages that are not folded yet was made durable.

    Args:
        waiting: how many there are, as `read_tally` says.
    """
    if waiting <= 0:
        return None
    statement = (
        "SELECT CAST(m.received_at AS TEXT) FROM register_message m "
        "WHERE m.id > %s AND NOT EXISTS (SELECT 1 FROM register_receipt r WHERE r.message = m.id) "
        "ORDER BY m.id"
    )
    with connection.cursor() as cursor:
        # They are among the newest, unless an intake was interrupted long ago.
        for first in (store.next_id("message") - NEWEST, 0):
            cursor.execute(statement, [first])
            found = cursor.fetchall()
            if len(found) >= waiting:
                break
    return store.moment(found[0][0]) if found else None
