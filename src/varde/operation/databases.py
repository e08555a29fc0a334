"""The databases of a site as a backup sees them: their tables, in one snapshot, row by row."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections, models, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader

from varde import deliveries, learning
from varde.access.key_files import KeySource
from varde.identity import DATABASE as VAULT
from varde.operation.errors import NothingThere
from varde.operation.manifest import Column, TableEntry
from varde.operation.rows import Row, columns_of, encode_row
from varde.register import APART, tables_of
from varde.register import was_made as made_in

APPS = ("access", "identity", "register", "followup", "learning")
"""Whose tables are backed up: sessions and what Django keeps for itself are not."""
DATABASES = (DEFAULT_DB_ALIAS, *APART)
"""The registers."""
HELD = (*DATABASES, VAULT)
"""All that a backup holds. The identity vault comes last: what a register knows is in it before the register is."""
SETTINGS = "register_setting"
_CHUNK = 200
_LARGE_CHUNK = 4
_LARGE = frozenset({"register_message", "register_mapping"})
"""Tables with rows of many megabytes: few at a time."""


def models_of(database: str) -> list[type[models.Model]]:
    """The tables that belong into a database and into its backup, referred to before referring."""
    return [
        model
        for app in APPS
        for model in apps.get_app_config(app).get_models()
        if router.allow_migrate_model(database, model)
    ]


def exists(database: str) -> bool:
    """Whether a database has been made; asking does not make it.

    Raises:
        OperationalError: the server cannot be reached.
    """
    connection = connections[database]
    if connection.vendor == "sqlite" and not _is_there(connection):
        return False
    with connection.cursor() as cursor:
        return _sealed_table(database) in connection.introspection.table_names(cursor)


def _sealed_table(database: str) -> str:
    """The table of a database that holds what is sealed."""
    return "identity_entry" if database == VAULT else "register_message"


State = Literal["there", "never", "gone"]
_seen: set[str] = set()
"""Databases that this process has seen."""


def state_of(home: Path, database: str) -> State:
    """Whether a register's database is there, was never made, or was there and is gone.

    It was there when this process has seen it, when its folder says so, and when there are keys of it.

    Raises:
        OperationalError: the server cannot be reached.
    """
    named = connections[database].settings_dict
    name = f"{named.get('HOST', '')}:{named.get('PORT', '')}/{named['NAME']}"
    if exists(database):
        _seen.add(name)
        return "there"
    source = source_of(home, database)
    keys = source.file.exists() or source.pseudonym_file.exists()
    return "gone" if name in _seen or keys or was_made(home, database) else "never"


def was_made(home: Path, database: str) -> bool:
    """Whether a register's tables were made in this folder at some time (SQLite)."""
    folder = folder_of(home, database)
    return connections[database].vendor == "sqlite" and made_in(folder)


def folder_of(home: Path, database: str) -> Path:
    """Where a database and its keys lie: that of the register of persons in the home folder itself."""
    return home if database == DEFAULT_DB_ALIAS else home / database


def source_of(home: Path, database: str) -> KeySource:
    """Where the keys of a database come from."""
    return KeySource(home, "" if database == DEFAULT_DB_ALIAS else database)


def say_gone(database: str) -> str:
    """What to tell of a database that was there and is gone."""
    connection = connections[database]
    if connection.vendor != "sqlite":
        return (
            "there are keys of this register, but the database has no tables: see whether its address is "
            "right, or restore a backup"
        )
    return (
        f"the database was here and is gone ({connection.settings_dict['NAME']}): stop the service, and put "
        "the file back or restore a backup into an empty folder"
    )


def need_register(home: Path) -> None:
    """See that there is a register to work on; asking makes nothing.

    Raises:
        NothingThere: there is none, or it is gone.
    """
    state = state_of(home, DEFAULT_DB_ALIAS)
    if state == "never":
        raise NothingThere(f"there is no register in {home}: set VARDE_HOME to its folder")
    if state == "gone":
        raise NothingThere(say_gone(DEFAULT_DB_ALIAS))


def _is_there(connection: BaseDatabaseWrapper) -> bool:
    name = str(connection.settings_dict["NAME"])
    return connection.is_in_memory_db() or Path(name).exists()


@contextmanager
def snapshot(database: str) -> Iterator[BaseDatabaseWrapper]:
    """The database as it is at one moment, whatever is written meanwhile; nobody is kept waiting."""
    connection = connections[database]
    if connection.in_atomic_block:
        yield connection
        return
    if connection.vendor == "postgresql":
        with transaction.atomic(using=database):
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield connection
        return
    # Not `atomic`: that would take SQLite's write lock and keep the intake waiting.
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")
        try:
            yield connection
        finally:
            cursor.execute("ROLLBACK")


def describe(model: type[models.Model]) -> TableEntry:
    """A table of today, with nothing counted yet."""
    return TableEntry(
        name=model._meta.db_table,
        key=model._meta.pk.column,
        columns=columns_of(model),
        rows=0,
        size=0,
        sha256="",
    )


def count_rows(connection: BaseDatabaseWrapper, table: str) -> int:
    """How many rows a table has."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {connection.ops.quote_name(table)}")
        return int(cursor.fetchone()[0])


def read_table(connection: BaseDatabaseWrapper, table: TableEntry) -> Iterator[Row]:
    """The rows of a table in the order of its key, a few in memory at a time."""
    quote = connection.ops.quote_name
    # PostgreSQL sorts text by language otherwise, SQLite by its bytes.
    text = any(column.name == table.key and column.kind == "text" for column in table.columns)
    collation = ' COLLATE "C"' if text and connection.vendor == "postgresql" else ""
    columns = ", ".join(quote(column.name) for column in table.columns)
    size = _LARGE_CHUNK if table.name in _LARGE else _CHUNK
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            f"SELECT {columns} FROM {quote(table.name)} ORDER BY {quote(table.key)}{collation}"
        )
        while rows := cursor.fetchmany(size):
            yield from rows


def encode_table(connection: BaseDatabaseWrapper, table: TableEntry) -> Iterator[bytes]:
    """The rows of a table as its stream keeps them, one at a time."""
    for row in read_table(connection, table):
        yield encode_row(row, table.columns)


def digest(connection: BaseDatabaseWrapper, table: TableEntry) -> str:
    """SHA-256 of the stream that the table would have now."""
    sha256 = hashlib.sha256()
    for data in encode_table(connection, table):
        sha256.update(data)
    return sha256.hexdigest()


def write_rows(
    connection: BaseDatabaseWrapper, table: str, columns: Sequence[Column], rows: Sequence[Row]
) -> None:
    """Insert rows, as `rows.adapt` made them."""
    quote = connection.ops.quote_name
    names = ", ".join(quote(column.name) for column in columns)
    marks = ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {quote(table)} ({names}) VALUES ({marks})", rows)


def apps_of(database: str) -> tuple[str, ...]:
    """The applications whose tables a database has."""
    return tables_of(database) or APPS


def newest_migrations(database: str) -> dict[str, str]:
    """App → the newest of its migrations that the database has."""
    loader = MigrationLoader(connections[database])
    found: dict[str, str] = {}
    for app in apps_of(database):
        node = loader.graph.leaf_nodes(app)[0]
        for key in loader.graph.forwards_plan(node):
            if key[0] == app and key in loader.applied_migrations:
                found[app] = key[1]
    return found


def known_migrations() -> set[tuple[str, str]]:
    """(app, migration) of all that this version of Varde knows."""
    return set(MigrationLoader(None, ignore_no_migrations=True).graph.nodes)


def newest_known(database: str) -> dict[str, str]:
    """App → the newest migration that this version of Varde knows, of those whose tables a database has."""
    graph = MigrationLoader(None, ignore_no_migrations=True).graph
    return {app: graph.leaf_nodes(app)[0][1] for app in apps_of(database)}


def read_settings(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """Facts about the register; of the vault there are none."""
    if connection.alias == VAULT:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT name, value FROM {SETTINGS}")
        return dict(cursor.fetchall())


def reset_sequences(database: str) -> None:
    """Let numbers go on after those that were put back (PostgreSQL; SQLite does so by itself)."""
    from django.core.management.color import no_style

    connection = connections[database]
    statements = connection.ops.sequence_reset_sql(no_style(), models_of(database))
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def storage_keys_used(connection: BaseDatabaseWrapper) -> dict[str, int]:
    """Storage key id → how many messages, or entries of the vault, it sealed."""
    table = _sealed_table(connection.alias)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT key_id, COUNT(*) FROM {table} GROUP BY key_id")
        return {str(key): int(count) for key, count in cursor.fetchall()}


def keys_in_use(home: Path, connection: BaseDatabaseWrapper) -> dict[str, int]:
    """Storage key id → how much it sealed: of the register of persons' keys, deliveries of prescribing too, and what
    readers' reports hold."""
    used = Counter(storage_keys_used(connection))
    if connection.alias == DEFAULT_DB_ALIAS:
        used += deliveries.storage_keys_used(home)
        used += learning.storage_keys_used()
    return dict(used)


def first_message(connection: BaseDatabaseWrapper) -> Any:
    """(id, SHA-256, key id, sealed bytes) of the oldest message; None when there is none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, sha256, key_id, sealed FROM register_message ORDER BY id LIMIT 1"
        )
        return cursor.fetchone()
