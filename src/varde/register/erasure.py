"""Erasure by order: the only way that something leaves the message log.

An order (`register_erasure`: which message, by which rule, when, and the hash of what it was) is written in the
transaction that removes the message, and stays. The database refuses to remove a message without one. Orders
also keep the numbers of what was erased from being given to others.

**What a replay means afterwards.** The register is a function of the messages that are in the log. A message
that gave nothing but items in quarantine is part of no report, so that the register is the same with and
without it: it is removed with its receipt, its items and its quarantine, and nothing else changes. A message
that reports stand in cannot go alone: the reports are made anew from what is left (`replay`), in the same
transaction, as if it had never come. Messages with a reused message id are never taken for unusable: they
decide which of two contents counts.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from varde.register import ids, store
from varde.register.casework.link_rows import forget_reports, there_are_links
from varde.register.casework.traces import Origin
from varde.register.store import connection

_RANGE = f"id >= m.id * {ids.ITEMS} AND id < (m.id + 1) * {ids.ITEMS}"


def unusable_messages(
    before: datetime,
    settled: bool = False,
    spared: Collection[str] = (),
    among: Collection[int] | None = None,
) -> list[int]:
    """Messages that came before a moment and of which nothing could be used, oldest first.

    Args:
        settled: those whose every item was settled by something later (True), or those of which
            something still waits (False).
        spared: reasons; a message with one of them is left alone.
        among: only of these; None for all.
    """
    reasons = sorted(spared)
    marks = ", ".join(["%s"] * len(reasons)) or "NULL"
    within, numbers = "", []
    if among is not None:
        numbers = sorted(among)
        within = f"AND m.id IN ({', '.join(['%s'] * len(numbers)) or 'NULL'}) "
    waits = (
        f"EXISTS (SELECT 1 FROM register_quarantineentry WHERE {_RANGE} AND resolved_at IS NULL)"
    )
    statement = (
        "SELECT m.id FROM register_message m JOIN register_receipt r ON r.message = m.id "
        f"WHERE m.received_at < %s {within}AND r.items > 0 AND r.quarantined = r.items "
        f"AND NOT EXISTS (SELECT 1 FROM register_item WHERE {_RANGE} "
        "AND (state <> 'Q' OR version_key <> '')) "
        f"AND NOT EXISTS (SELECT 1 FROM register_quarantineentry WHERE {_RANGE} "
        f"AND reason IN ({marks})) AND {'NOT ' if settled else ''}{waits} ORDER BY m.id"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [store.stamp(before), *numbers, *reasons])
        return [row[0] for row in cursor.fetchall()]


def folded_messages(before: datetime) -> list[int]:
    """Messages that came before a moment and have been read, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT m.id FROM register_message m JOIN register_receipt r ON r.message = m.id "
            "WHERE m.received_at < %s ORDER BY m.id",
            [store.stamp(before)],
        )
        return [row[0] for row in cursor.fetchall()]


def _reports_only_in(messages: Collection[int], ranges: Sequence[tuple[int, int]]) -> list[Origin]:
    """The reports of which every version stands in some of the messages."""
    reports: set[int] = set()
    with connection.cursor() as cursor:
        for span in ranges:
            cursor.execute(
                "SELECT DISTINCT report FROM register_item WHERE id >= %s AND id < %s AND report > 0",
                span,
            )
            reports.update(row[0] for row in cursor.fetchall())
    gone = set(messages)
    for report, item in store.select_in("item", "report, id", "report", sorted(reports)):
        if ids.message_of(item)[0] not in gone:
            reports.discard(report)
    rows = store.select_in("report", "kind, sender, report_ref", "id", sorted(reports))
    return [Origin(*row) for row in rows]


def erase(messages: Sequence[int], rule: str, ordered_at: datetime) -> int:
    """Remove messages from the log by order, with their receipts, items and quarantine.

    Inside the caller's transaction, which has `store.lock`. Whoever erases messages that reports stand in
    must `replay` in the same transaction.

    Args:
        rule: the key of the rule that orders it.

    Returns:
        How many were there to be removed.
    """
    found = list(store.select_in("message", "id, sha256", "id", messages))
    ordered = store.stamp(ordered_at)
    store.insert(
        "erasure",
        ("id", "rule", "ordered_at", "sha256"),
        [(message, rule, ordered, bytes(sha256)) for message, sha256 in found],
    )
    ranges = [(ids.item_id(message, 0), ids.item_id(message + 1, 0)) for message, _ in found]
    numbers = [(message,) for message, _ in found]
    if there_are_links():
        forget_reports(_reports_only_in([message for message, _ in found], ranges))
    with connection.cursor() as cursor:
        for table in ("quarantineentry", "item"):
            cursor.executemany(f"DELETE FROM register_{table} WHERE id >= %s AND id < %s", ranges)
        cursor.executemany("DELETE FROM register_receipt WHERE message = %s", numbers)
        cursor.executemany("DELETE FROM register_message WHERE id = %s", numbers)
    return len(found)
