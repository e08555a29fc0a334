"""How much comes from whom: items by hour, sender, kind and what became of them first.

The fold counts what comes, in the transaction in which it comes, so that nobody has to look through the
items of many millions of messages to draw a week. Only what comes for the first time is counted: neither
a replay nor a later correction changes what came at an hour.

Hours are those of UTC in the table. Norwegian time differs from them by whole hours, so that they are
Norwegian hours too; a Norwegian day is put together from its hours (23 or 25 of them, twice a year).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal, NamedTuple, get_args

from varde.messages.records.base import Kind
from varde.messages.times import OSLO
from varde.register import store
from varde.register.store import APART, connection
from varde.register.tally import Seen

State = Literal["accepted", "duplicate", "quarantined"]
STATES: tuple[State, ...] = get_args(State)
KINDS: tuple[str, ...] = (*get_args(Kind), *APART, "")
"""What an item may be; "" for one that could not be read so far."""

_STATES: Mapping[str, State] = {
    "A": "accepted",
    "D": "duplicate",
    "R": "duplicate",
    "Q": "quarantined",
}
_HOUR = timedelta(hours=1)
_START = datetime(1970, 1, 1, tzinfo=UTC)


class HourCount(NamedTuple):
    """Items of one kind that came in one hour and became the same.

    Attributes:
        hour: its number, see `hour_of`.
    """

    hour: int
    kind: str
    state: State
    items: int


class LastReceived(NamedTuple):
    """When something of a kind last came from a sender.

    Attributes:
        hour: the hour of `at`.
    """

    sender: str
    kind: str
    hour: int
    at: datetime


def hour_of(moment: datetime) -> int:
    """The number of the hour that a moment lies in, from 1970-01-01T00 UTC."""
    return (moment - _START) // _HOUR


def start_of(hour: int) -> datetime:
    """When an hour begins, in UTC."""
    return _START + hour * _HOUR


def day_of(hour: int) -> date:
    """The Norwegian day that an hour belongs to."""
    return start_of(hour).astimezone(OSLO).date()


def count_items(seen: Seen, received: Mapping[int, datetime]) -> None:
    """Count items that came now. Inside the caller's transaction.

    Args:
        seen: what became of the items of some messages.
        received: when each of the messages that are to be counted became durable; others are left out.
    """
    rows: dict[tuple[str, str, int, str], list[Any]] = {}
    for (message, sender, kind, state), items in seen.items():
        if message not in received:
            continue
        at = received[message]
        key = (sender, kind, hour_of(at), state)
        row = rows.setdefault(key, [0, message, at])
        row[0] += items
        row[1] = min(row[1], message)
        row[2] = max(row[2], at)
    least, greatest = ("LEAST", "GREATEST") if store.is_postgres() else ("MIN", "MAX")
    store.insert(
        "traffic",
        ("sender", "kind", "hour", "state", "items", "first_message", "last_at"),
        # Always in the same order: two that wait for each other's rows would wait for ever.
        [(*key, rows[key][0], rows[key][1], store.stamp(rows[key][2])) for key in sorted(rows)],
        "ON CONFLICT (sender, kind, hour, state) DO UPDATE SET "
        "items = register_traffic.items + excluded.items, "
        f"first_message = {least}(register_traffic.first_message, excluded.first_message), "
        f"last_at = {greatest}(register_traffic.last_at, excluded.last_at)",
    )


# One step through the index for each sender, in place of every row of it.
_SENDERS = (
    "WITH RECURSIVE senders(sender) AS (SELECT MIN(sender) FROM register_traffic "
    "UNION ALL SELECT (SELECT MIN(t.sender) FROM register_traffic t WHERE t.sender > s.sender) "
    "FROM senders s WHERE s.sender IS NOT NULL) "
)


def sender_names() -> dict[str, str]:
    """What senders call themselves, by their keys; those that never said are left out."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT key, name FROM register_sender WHERE name <> ''")
        return dict(cursor.fetchall())


def senders() -> list[str]:
    """Everybody who ever sent something; "" stands for those whose name could not be read."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_SENDERS} SELECT sender FROM senders WHERE sender IS NOT NULL")
        return [row[0] for row in cursor.fetchall()]


def count_hours(first: datetime, after: datetime, sender: str | None = None) -> list[HourCount]:
    """What came from `first` until before `after`, by hour, kind and state, in order of time.

    Whole hours: that of `first` is in, that of `after` is not.

    Args:
        sender: one sender's; None for everybody's together.
    """
    chosen = senders() if sender is None else [sender]
    counts: dict[tuple[int, str, State], int] = defaultdict(int)
    for hour, kind, state, items in _rows(
        "t.hour, t.kind, t.state, SUM(t.items)", chosen, first, after, "GROUP BY 1, 2, 3"
    ):
        counts[hour, kind, _STATES[state]] += int(items)
    return [HourCount(*key, counts[key]) for key in sorted(counts)]


def count_senders(first: datetime, after: datetime) -> dict[str, dict[State, int]]:
    """What came from each sender from `first` until before `after`, by state."""
    counts: dict[str, dict[State, int]] = {}
    for sender, state, items in _rows(
        "t.sender, t.state, SUM(t.items)", senders(), first, after, "GROUP BY 1, 2"
    ):
        of_sender = counts.setdefault(sender, dict.fromkeys(STATES, 0))
        of_sender[_STATES[state]] += int(items)
    return counts


def count_days(counts: Sequence[HourCount]) -> dict[date, dict[State, int]]:
    """Hours added up to Norwegian days; days on which nothing came are not there."""
    days: dict[date, dict[State, int]] = {}
    for hour, _kind, state, items in counts:
        of_day = days.setdefault(day_of(hour), dict.fromkeys(STATES, 0))
        of_day[state] += items
    return days


def last_received(sender: str | None = None) -> list[LastReceived]:
    """When something of each kind last came from each sender, or from one."""
    return [
        LastReceived(each, kind, int(hour), store.moment(at))
        for each, kind, hour, at in _select(
            # The newest hour of each is one step through the index, however long ago it was.
            "SELECT n.sender, n.kind, n.hour, CAST(MAX(t.last_at) AS TEXT) FROM ("
            "SELECT c.sender, k.kind, (SELECT MAX(t.hour) FROM register_traffic t "
            "WHERE t.sender = c.sender AND t.kind = k.kind) AS hour "
            "FROM chosen c CROSS JOIN kinds k) n JOIN register_traffic t "
            "ON t.sender = n.sender AND t.kind = n.kind AND t.hour = n.hour "
            "GROUP BY n.sender, n.kind, n.hour ORDER BY n.sender, n.kind",
            senders() if sender is None else [sender],
        )
    ]


def active_hours(last: LastReceived, hours: int) -> list[int]:
    """The hours in which something came, in order, among the `hours` up to the last one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT hour FROM register_traffic "
            "WHERE sender = %s AND kind = %s AND hour > %s ORDER BY hour",
            [last.sender, last.kind, last.hour - hours],
        )
        return [row[0] for row in cursor.fetchall()]


def first_message(after: datetime, sender: str | None = None) -> int | None:
    """The first message with something from the sender (or from anybody) since then."""
    chosen = senders() if sender is None else [sender]
    far = after + timedelta(days=36_500)
    rows = _rows("MIN(t.first_message)", chosen, after, far, "")
    return rows[0][0] if rows else None


def _rows(
    columns: str, chosen: Sequence[str], first: datetime, after: datetime, end: str
) -> list[tuple[Any, ...]]:
    """Rows of the chosen senders in a period: a stretch of the index for each sender and kind."""
    return _select(
        f"SELECT {columns} FROM chosen c CROSS JOIN kinds k JOIN register_traffic t "
        "ON t.sender = c.sender AND t.kind = k.kind AND t.hour >= %s AND t.hour < %s "
        f"{end}",
        chosen,
        hour_of(first),
        hour_of(after),
    )


def _select(statement: str, chosen: Sequence[str], *values: int) -> list[tuple[Any, ...]]:
    """Rows of a statement in which `chosen` are the senders and `kinds` all kinds."""
    if not chosen:
        return []
    senders_marks = ", ".join(["(%s)"] * len(chosen))
    kinds_marks = ", ".join(["(%s)"] * len(KINDS))
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH chosen(sender) AS (VALUES {senders_marks}), "
            f"kinds(kind) AS (VALUES {kinds_marks}) {statement}",
            [*chosen, *KINDS, *values],
        )
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
