"""The access log's table past Django: written fast, and read as what was hashed, in batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.db import connection, transaction

from varde.access.audit.encoding import COLUMNS, START

TABLE = "access_accesslogentry"
HEADS = "access_signedhead"
_LOCK = 0x7661726466  # the access log's own advisory lock; the register has another
_BATCH = 2_000

Row = tuple[Any, ...]
"""The values of `COLUMNS`, then the version of the encoding and the hash."""

_MOMENT = {
    "sqlite": (
        "CASE WHEN length(at) = 26 AND substr(at, 11, 1) = ' ' "
        "THEN substr(at, 1, 10) || 'T' || substr(at, 12) || 'Z' "
        "WHEN length(at) = 19 AND substr(at, 11, 1) = ' ' "
        "THEN substr(at, 1, 10) || 'T' || substr(at, 12) || '.000000Z' ELSE at END"
    ),
    "postgresql": """to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""",
}
"""The time as it is hashed, from the database's own form."""


_NEWEST = f"SELECT id, digest FROM {TABLE} ORDER BY id DESC LIMIT 1"


def last_entry() -> tuple[int, str]:
    """(number, hash) of the newest entry; 0 and `START` when there is none."""
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST)
        return _read_last(cursor.fetchone())


def last_entry_alone() -> tuple[int, str]:
    """The same, after a wait for the turn of this transaction: nobody else adds an entry until it ends.

    SQLite's write lock does it by itself, PostgreSQL needs a named one.
    """
    if connection.vendor != "postgresql":
        return last_entry()
    with connection.cursor() as cursor:
        # Two statements on one way to the server; the second sees what was committed during the wait.
        cursor.execute(f"SELECT pg_advisory_xact_lock({_LOCK}); {_NEWEST}")
        cursor.nextset()
        return _read_last(cursor.fetchone())


def _read_last(found: Row | None) -> tuple[int, str]:
    return (int(found[0]), str(found[1])) if found else (0, START)


def hash_at(sequence: int) -> str | None:
    """The hash of an entry; of number 0 `START`; None when it is not there."""
    if sequence == 0:
        return START
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT digest FROM {TABLE} WHERE id = %s", [sequence])
        found = cursor.fetchone()
    return str(found[0]) if found else None


def insert(rows: Sequence[Row]) -> None:
    """Insert entries: `COLUMNS` with the time as the driver takes it, then version and hash."""
    columns = (*COLUMNS, "version", "digest")
    marks = ", ".join(["%s"] * len(columns))
    statement = f"INSERT INTO {TABLE} ({', '.join(columns)}) VALUES ({marks})"
    with connection.cursor() as cursor:
        if len(rows) == 1:
            cursor.execute(statement, rows[0])
        else:
            cursor.executemany(statement, rows)


def read_back(since: int) -> list[Row]:
    """The few entries after number `since`, as `read_rows` gives them."""
    columns = ", ".join(_MOMENT[connection.vendor] if c == "at" else c for c in COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {columns}, version, digest FROM {TABLE} WHERE id > %s ORDER BY id", [since]
        )
        return list(cursor.fetchall())


def read_rows(since: int = 0) -> Iterator[Row]:
    """The entries after number `since` in order of their numbers, a few in memory at a time; with 0 all of them."""
    columns = ", ".join(_MOMENT[connection.vendor] if c == "at" else c for c in COLUMNS)
    with _steady(), connection.chunked_cursor() as cursor:
        after = "WHERE id > %s" if since else ""
        cursor.execute(
            f"SELECT {columns}, version, digest FROM {TABLE} {after} ORDER BY id",
            [since] if since else [],
        )
        while rows := cursor.fetchmany(_BATCH):
            yield from rows


def _steady() -> AbstractContextManager[Any]:
    """PostgreSQL keeps a cursor cheaply within a transaction; SQLite's would keep writers waiting."""
    if connection.vendor == "postgresql" and not connection.in_atomic_block:
        steady: AbstractContextManager[Any] = transaction.atomic()
        return steady
    return nullcontext()


def find_about(hashes: Sequence[str]) -> list[int]:
    """Numbers of the entries that are about somebody with one of these hashes."""
    marks = ", ".join(["%s"] * len(hashes))
    with connection.cursor() as cursor:
        # The second condition is that of the index.
        cursor.execute(
            f"SELECT id FROM {TABLE} WHERE about IN ({marks}) AND about <> ''", [*hashes]
        )
        return [int(row[0]) for row in cursor.fetchall()]


def any_about() -> bool:
    """Whether any entry is about a person."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {TABLE} WHERE about <> '' LIMIT 1")
        return cursor.fetchone() is not None


def known_heads() -> Iterator[tuple[int, bytes]]:
    """(number, line) of each head as the database remembers it, in their order."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT number, line FROM {HEADS} ORDER BY number")
        while rows := cursor.fetchmany(_BATCH):
            yield from ((int(number), str(line).encode()) for number, line in rows)


def last_known_head() -> tuple[int, bytes] | None:
    """(number, line) of the last head that the database remembers."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT number, line FROM {HEADS} ORDER BY number DESC LIMIT 1")
        found = cursor.fetchone()
    return (int(found[0]), str(found[1]).encode()) if found else None


def remember_heads(heads: Sequence[tuple[int, bytes]]) -> None:
    """Let the database remember heads that are in the file."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(
            # The condition comes first: SQLite's trigger refuses a number that is there.
            f"INSERT INTO {HEADS} (number, line) SELECT %s, %s "
            f"WHERE NOT EXISTS (SELECT 1 FROM {HEADS} WHERE number = %s) "
            "ON CONFLICT (number) DO NOTHING",
            [(number, line.decode(), number) for number, line in heads],
        )
