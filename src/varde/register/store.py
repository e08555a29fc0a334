"""The register's SQL: batched reads and writes that mean the same on SQLite and PostgreSQL.

The hot path goes past the ORM: a message is about twenty rows, and the ORM's objects cost more than
the database. Every function works inside the caller's transaction, which `lock` has made the only
writing one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, NamedTuple

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections, transaction

from varde.register import ids
from varde.register.drivers import array_of

CHUNK = 5_000
COPIED = 10
"""From so many rows on, PostgreSQL takes them faster by COPY."""
_LOCK = 0x7661726465  # the register's own advisory lock; the access log has another


APART = ("ravn", "norm")
"""The de-identified registers, each in a database of its own with keys of its own."""
REGISTERS: Mapping[str, str] = {"persons": DEFAULT_DB_ALIAS} | {name: name for name in APART}
"""What people call each register → the name of its database."""
_ALIAS: ContextVar[str] = ContextVar("the register's database", default=DEFAULT_DB_ALIAS)


class _Current:
    """The connection to the database in use: see `using`."""

    def __getattr__(self, name: str) -> Any:
        return getattr(connections[_ALIAS.get()], name)


connection = _Current()


@contextmanager
def using(alias: str) -> Iterator[None]:
    """Work in the database of this name (a key of Django's ``DATABASES``): a de-identified register
    lies in one of its own."""
    token = _ALIAS.set(alias)
    try:
        yield
    finally:
        _ALIAS.reset(token)


def alias() -> str:
    """Name of the database in use."""
    return _ALIAS.get()


def atomic() -> AbstractContextManager[None]:
    """A transaction in the database in use."""
    found: AbstractContextManager[None] = transaction.atomic(using=_ALIAS.get())
    return found


def has_persons() -> bool:
    """Whether the register in use is about persons: a de-identified one has no table of them."""
    return _ALIAS.get() not in APART


@cache
def columns_of(table: str) -> tuple[str, ...]:
    """The columns of one of the register's tables, in the order of its model."""
    return tuple(field.column for field in apps.get_model("register", table)._meta.fields)


def is_postgres() -> bool:
    """Whether the register lives in PostgreSQL (else SQLite)."""
    engine: str = connections.settings[_ALIAS.get()]["ENGINE"]
    return engine.endswith(".postgresql")


def lock() -> None:
    """Make this transaction the only one that writes to the register, until it ends.

    SQLite has locked the whole database already (transaction mode IMMEDIATE).
    """
    if is_postgres():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def widen_cache() -> None:
    """Let SQLite hold 64 MB of pages for this connection, which is about to read and write much."""
    if not is_postgres():
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA cache_size=-65536")


@contextmanager
def alone() -> Iterator[None]:
    """A transaction that no other writes beside."""
    with atomic():
        lock()
        yield


_UTC = "+00:00"
"""So ends a moment in UTC as text."""


def stamp(moment: datetime) -> Any:
    """A time as the database's driver takes it (Django stores naive UTC text in SQLite)."""
    moment = moment.astimezone(UTC)
    return moment if is_postgres() else str(moment)[: -len(_UTC)]


def moment(text: str) -> datetime:
    """A time as the database writes it in text; SQLite's are in UTC and do not say so."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def day(value: date) -> Any:
    """A date as the database's driver takes it."""
    return value if is_postgres() else value.isoformat()


def fit(text: str, length: int) -> str:
    """The text as a column takes it: cut to its length, without NUL (which PostgreSQL refuses)."""
    return text.replace("\0", "")[:length] if "\0" in text else text[:length]


def insert(
    table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], end: str = ""
) -> None:
    """Insert many rows; `end` is an ON CONFLICT clause."""
    if not rows:
        return
    if is_postgres() and not end and len(rows) >= COPIED:
        _copy(table, columns, rows)
        return
    marks = ", ".join(["%s"] * len(columns))
    statement = f"INSERT INTO register_{table} ({', '.join(columns)}) VALUES ({marks}) {end}"
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)


def _copy(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert with PostgreSQL's COPY: one statement for all rows, where each INSERT is one by itself."""
    statement = f"COPY register_{table} ({', '.join(columns)}) FROM STDIN"
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(statement) as copy,
    ):
        for row in rows:
            copy.write_row(row)


def select_in(
    table: str,
    columns: str,
    column: str,
    values: Iterable[Any],
    where: str = "",
    more: Sequence[Any] = (),
) -> Iterator[tuple[Any, ...]]:
    """Rows whose `column` is one of `values`, asked for in chunks; `more` are the values in `where`."""
    wanted = list(values)
    for start in range(0, len(wanted), CHUNK):
        chunk = wanted[start : start + CHUNK]
        among, given = _among(chunk)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {columns} FROM register_{table} WHERE {column} {among} {where}",
                [*given, *more],
            )
            yield from cursor.fetchall()


def _among(values: Sequence[Any]) -> tuple[str, Sequence[Any]]:
    """A condition that something is one of `values`, and its parameters."""
    if is_postgres():
        return "= ANY(%s)", [array_of(values)]
    return f"IN ({', '.join(['%s'] * len(values))})", values


def next_id(table: str) -> int:
    """The id after the largest; safe because `lock` lets only one transaction write."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COALESCE(MAX(id), 0) + 1 FROM register_{table}")
        return int(cursor.fetchone()[0])


_SPAN = {
    "specimen": ids.PARTS,
    "finding": ids.PARTS,
    "susceptibility": ids.PARTS * ids.RESULTS,
    "infectioncount": ids.PARTS,
    "treatment": ids.PARTS,
    "unmapped": ids.EXPRESSIONS,
    "confirmed": ids.EXPRESSIONS,
}
"""How many ids of a table belong to one report; 1 for those not here."""


def remove_parts(reports: Sequence[int], tables: Iterable[str]) -> None:
    """Remove what `tables` hold of the reports."""
    if not reports:
        return
    with connection.cursor() as cursor:
        for table in tables:
            span = _SPAN.get(table, 1)
            if is_postgres():
                cursor.execute(
                    f"DELETE FROM register_{table} USING unnest(%s::bigint[]) AS gone (number) "
                    f"WHERE id >= gone.number * {span} AND id < (gone.number + 1) * {span}",
                    [list(reports)],
                )
                continue
            cursor.executemany(
                f"DELETE FROM register_{table} WHERE id >= %s AND id < %s",
                [(report * span, (report + 1) * span) for report in reports],
            )


def write_parts(tables: Mapping[str, Sequence[Sequence[Any]]]) -> None:
    """Insert rows of several tables, each row in the order of the table's columns."""
    for table, rows in tables.items():
        insert(table, columns_of(table), rows)


def remove_reports(reports: Sequence[int]) -> None:
    """Remove report rows (their parts are removed by `remove_parts`)."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "DELETE FROM register_report WHERE id = %s", [(report,) for report in reports]
        )


def remove_orphans(persons: Iterable[int]) -> None:
    """Remove those of `persons` whom no report is about any more."""
    rows = [(person, person) for person in persons]
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            "DELETE FROM register_person WHERE id = %s "
            "AND NOT EXISTS (SELECT 1 FROM register_report WHERE person = %s)",
            rows,
        )


def touch_periods(periods: Iterable[str]) -> None:
    """Count one more change of each month, so that the warehouse writes it anew."""
    insert(
        "period",
        ("period", "version"),
        [(period, 1) for period in sorted(periods)],
        "ON CONFLICT (period) DO UPDATE SET version = register_period.version + 1",
    )


def touch_every_period() -> None:
    """Count one more change of every month."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE register_period SET version = version + 1")


def find_persons(pseudonyms: set[bytes]) -> dict[bytes, int]:
    """Ids of persons by pseudonym; those not known yet are added."""
    known = {
        bytes(pseudonym): person
        for person, pseudonym in select_in("person", "id, pseudonym", "pseudonym", pseudonyms)
    }
    fresh = sorted(pseudonyms - known.keys())
    if fresh:
        first = next_id("person")
        rows = list(enumerate(fresh, first))
        insert("person", ("id", "pseudonym"), rows)
        known.update((pseudonym, person) for person, pseudonym in rows)
    return known


class ReportRow(NamedTuple):
    """One row of `Report`, as the database's driver gives and takes it."""

    id: int
    kind: str
    sender: str
    report_ref: str
    item: int
    version_key: str
    cancelled: bool
    status: str
    notifiable: str
    negative: bool
    generated_at: Any
    person: int | None
    sex: str
    municipality: str
    periods: str
    digest: bytes
    begins: bool
    node: int | None
    notices: str
    accession: str


REPORT_COLUMNS = ReportRow._fields
_UPDATED = ", ".join(f"{column} = excluded.{column}" for column in REPORT_COLUMNS[4:])


def write_reports(rows: Sequence[ReportRow], first_new: int) -> None:
    """Insert reports, those of ids from `first_new` on, and replace what is known of the others."""
    known = [row for row in rows if row.id < first_new]
    if is_postgres() and len(known) >= COPIED:
        with connection.cursor() as cursor:
            numbers = [row.id for row in known]
            cursor.execute("DELETE FROM register_report WHERE id = ANY(%s)", [numbers])
        insert("report", REPORT_COLUMNS, rows)
        return
    insert("report", REPORT_COLUMNS, known, f"ON CONFLICT (id) DO UPDATE SET {_UPDATED}")
    insert("report", REPORT_COLUMNS, [row for row in rows if row.id >= first_new])


_QUARANTINE = (
    "id",
    "kind",
    "sender",
    "reason",
    "place",
    "detail",
    "message_ref",
    "report_ref",
    "opened_at",
    "marked",
)


def open_quarantine(rows: Sequence[tuple[Any, ...]]) -> None:
    """Put items in quarantine (columns as `QuarantineEntry` has them). One that was there before, in
    an earlier replay, keeps the time it came and is open again, unless a person has closed it."""
    changed = ", ".join(f"{column} = excluded.{column}" for column in (*_QUARANTINE[1:8], "marked"))
    insert(
        "quarantineentry",
        _QUARANTINE,
        rows,
        f"ON CONFLICT (id) DO UPDATE SET {changed}, resolved_at = CASE "
        "WHEN register_quarantineentry.closed_by = '' THEN NULL "
        "ELSE register_quarantineentry.resolved_at END",
    )


def exists_open_quarantine() -> bool:
    """Whether anything waits in quarantine."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM register_quarantineentry WHERE resolved_at IS NULL)"
        )
        return bool(cursor.fetchone()[0])


def close_quarantine(items: Iterable[int], now: datetime) -> None:
    """Note that items in quarantine could be used after all."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE register_quarantineentry SET resolved_at = %s WHERE id = %s",
            [(stamp(now), item) for item in items],
        )


def settle_retries(messages: Sequence[int], now: datetime) -> None:
    """Close the quarantine of files that have now been read with another mapping.

    A line list that came without its mapping, or with a wrong one, is sent again with the right one:
    the same bytes, another message. What the first attempt could not use is settled by the second.
    """
    if not messages:
        return
    hashes = [row[0] for row in select_in("message", "sha256", "id", messages, "AND mapping > 0")]
    taken = set(messages)
    earlier = [
        row[0] for row in select_in("message", "id", "sha256", hashes) if row[0] not in taken
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE register_quarantineentry SET resolved_at = %s "
            "WHERE id >= %s AND id < %s AND resolved_at IS NULL",
            [(stamp(now), ids.item_id(m, 0), ids.item_id(m + 1, 0)) for m in earlier],
        )
