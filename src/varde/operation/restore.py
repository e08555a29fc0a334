"""Restore: a backup put back where there is nothing, all of it or nothing of it.

The archive is read through and compared with its manifest before anything is touched. Then every database gets
its rows in one transaction, is read back and compared with the backup's hashes, and only then do all commit.
A database that holds exactly what the backup does is left as it is, so that a restore that was interrupted
between two commits is simply done again.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from django.core.management import call_command
from django.db import connections, transaction

from varde.identity import DATABASE as VAULT
from varde.operation.archive import PIECE, ArchiveReader, open_archive, sync_folder
from varde.operation.backup import SITE_FILES, Progress
from varde.operation.databases import (
    HELD,
    SETTINGS,
    apps_of,
    digest,
    exists,
    folder_of,
    known_migrations,
    models_of,
    newest_known,
    newest_migrations,
    reset_sequences,
    write_rows,
)
from varde.operation.errors import ArchiveInvalid, NotEmpty, NotRestored
from varde.operation.key_check import check_keys
from varde.operation.leftovers import all_or_nothing
from varde.operation.manifest import (
    DatabaseEntry,
    FileEntry,
    Manifest,
    TableEntry,
    file_path,
    table_path,
)
from varde.operation.rows import Row, adapt, read_rows
from varde.register import alone, make_tables, note_storage_checks, using, work

_logger = logging.getLogger(__name__)

BATCH_ROWS = 500
BATCH_BYTES = 4 << 20
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}", re.ASCII)


@dataclass(frozen=True)
class RestoreResult:
    """What was put back.

    Attributes:
        made_at: when the backup was made.
        rows: database → rows put back; 0 for one that held them already.
        warnings: what stands in the way of using it: keys that are missing or other ones.
    """

    varde: str
    made_at: str
    rows: Mapping[str, int]
    files: int
    warnings: tuple[str, ...]


def restore(home: Path, file: Path, progress: Progress | None = None) -> RestoreResult:
    """Put a backup back into an empty home folder and empty databases.

    The warehouse is not in it: refresh afterwards.

    Args:
        progress: is told of every row twice: when it is written, and when it was compared.

    Raises:
        ArchiveInvalid: the file is damaged, cut short, of a newer Varde, or no backup. Nothing was changed.
        NotEmpty: there is something already. Nothing was changed.
        NotRestored: a database cannot be filled, or does not hold what the backup does. Nothing was
            changed.
    """
    with work(_logger, "restore") as told:
        result = _restore(home, file, progress)
        told |= {
            "registers": list(result.rows),
            "rows": sum(result.rows.values()),
            "files": result.files,
            "count": len(result.warnings),
        }
    return result


def _restore(home: Path, file: Path, progress: Progress | None) -> RestoreResult:
    with open_archive(file) as archive:
        manifest = archive.manifest
        _check_manifest(manifest)
        archive.verify()
        _check_files(home, manifest.files)
        todo = [each for each in manifest.databases if not _is_there_already(each)]
        if todo:
            _check_warehouse(home)
        for name in HELD:
            if name not in {each.name for each in manifest.databases}:
                _check_empty(name)
        with all_or_nothing(
            home, [each.name for each in todo], [file.path for file in manifest.files]
        ):
            _put_back(home, archive, todo, progress or (lambda _: None))
    filled = {each.name for each in todo}
    return RestoreResult(
        varde=manifest.varde,
        made_at=manifest.made_at,
        rows={
            each.name: sum(t.rows for t in each.tables) if each.name in filled else 0
            for each in manifest.databases
        },
        files=len(manifest.files),
        warnings=tuple(
            warning for each in manifest.databases for warning in check_keys(home, each)
        ),
    )


def _put_back(
    home: Path, archive: ArchiveReader, todo: Sequence[DatabaseEntry], progress: Progress
) -> None:
    for each in todo:
        _make_tables_as_then(home, each)
    # Before the databases commit: a full disk is noticed while nothing is lost by it.
    for entry in archive.manifest.files:
        with archive.stream(file_path(entry.path)) as content:
            _write_file(home / entry.path, iter(partial(content.read, PIECE), b""))
    _fill(archive, todo, progress)
    for each in archive.manifest.databases:
        make_tables(home, each.name)
        reset_sequences(each.name)
        _note_keys(each)


def _check_manifest(manifest: Manifest) -> None:
    """See that the manifest speaks of this program's tables and of no others."""
    known = known_migrations()
    for database in manifest.databases:
        if database.name not in HELD:
            raise ArchiveInvalid(
                f"the backup holds a database {database.name!r} that Varde has not"
            )
        for app, migration in database.migrations.items():
            if (app, migration) not in known:
                raise ArchiveInvalid(
                    f"the backup was made by Varde {manifest.varde}, whose tables this version does "
                    "not know yet: install that version, or a newer one"
                )
        tables = {model._meta.db_table for model in models_of(database.name)}
        for table in database.tables:
            names = [column.name for column in table.columns]
            fits = all(map(_NAME.fullmatch, names)) and table.key in names
            if table.name not in tables or not fits:
                raise ArchiveInvalid(f"the backup holds a table {table.name!r} that Varde has not")
    for file in manifest.files:
        path = PurePosixPath(file.path)
        below = not path.is_absolute() and ".." not in path.parts
        if not below or not any(_fits(path, pattern) for pattern in SITE_FILES):
            raise ArchiveInvalid(f"the backup holds a file {file.path!r} that has no place here")


def _fits(path: PurePosixPath, pattern: str) -> bool:
    folder, _, name = pattern.rpartition("/")
    if not PurePosixPath(path.name).match(name):
        return False
    if folder.endswith("/**"):
        return PurePosixPath(folder.removesuffix("/**")) in path.parents
    return path.parent == PurePosixPath(folder)


def _is_there_already(database: DatabaseEntry) -> bool:
    """Whether the database holds exactly what the backup does.

    Raises:
        NotEmpty: it holds something else.
    """
    if not exists(database.name) or not _filled_tables(database.name):
        return False
    connection = connections[database.name]
    with connection.cursor() as cursor:
        present = set(connection.introspection.table_names(cursor))
    if all(
        table.name in present and digest(connection, table) == table.sha256
        for table in database.tables
        if table.name != SETTINGS
    ):
        return True
    _check_empty(database.name)
    return False


def _check_empty(database: str) -> None:
    filled = _filled_tables(database) if exists(database) else []
    if filled:
        raise NotEmpty(
            f"there is a register already (database {database}, table {filled[0]}): a backup goes into "
            "an empty one only. Set VARDE_HOME to a new folder and, with PostgreSQL, DATABASE_URL to "
            "a new database"
        )


def _check_warehouse(home: Path) -> None:
    """Months of another register may have the numbers that those of this one are going to have."""
    if (home / "warehouse").exists():
        raise NotEmpty(
            f"there is a folder warehouse in {home}, of another register: remove it first"
        )


def _filled_tables(database: str) -> list[str]:
    """Tables with rows. Facts about the register do not count: every command that opens it notes some."""
    connection = connections[database]
    found = []
    with connection.cursor() as cursor:
        present = set(connection.introspection.table_names(cursor))
        for model in models_of(database):
            table = model._meta.db_table
            if table == SETTINGS or table not in present:
                continue
            cursor.execute(f"SELECT 1 FROM {table} LIMIT 1")
            if cursor.fetchone() is not None:
                found.append(table)
    return found


def _note_keys(database: DatabaseEntry) -> None:
    """Let the register say which keys it needs, where they are not put back with it."""
    if database.name == VAULT:
        return
    with using(database.name), alone():
        note_storage_checks(database.storage_keys)


def _make_tables_as_then(home: Path, database: DatabaseEntry) -> None:
    """Empty tables of the form that the backup's rows have: an older Varde may have made it."""
    apps = apps_of(database.name)
    made = {app: database.migrations[app] for app in apps if app in database.migrations}
    if made == newest_known(database.name):
        make_tables(home, database.name)
        return
    folder_of(home, database.name).mkdir(parents=True, exist_ok=True)
    for app in reversed(apps):
        then = made.get(app, "zero")
        if newest_migrations(database.name).get(app) != then:
            call_command(
                "migrate", app, then, database=database.name, interactive=False, verbosity=0
            )


def _fill(archive: ArchiveReader, databases: Sequence[DatabaseEntry], progress: Progress) -> None:
    """All rows of all databases, committed when all of them are there and right."""
    with ExitStack() as stack:
        for database in databases:
            stack.enter_context(transaction.atomic(using=database.name))
            connection = connections[database.name]
            if any(table.name == SETTINGS for table in database.tables):
                with connection.cursor() as cursor:
                    cursor.execute(f"DELETE FROM {SETTINGS}")
            for table in database.tables:
                _fill_table(archive, database.name, table, progress)
        for database in databases:
            for table in database.tables:
                if digest(connections[database.name], table) != table.sha256:
                    raise NotRestored(
                        f"{table.name} of the database {database.name} does not hold what the backup "
                        "does. Nothing was changed"
                    )
                progress(table.rows)


def _fill_table(
    archive: ArchiveReader, database: str, table: TableEntry, progress: Progress
) -> None:
    connection = connections[database]
    adapted = adapt(connection, table.columns)
    with archive.stream(table_path(database, table.name)) as stream:
        for batch in _batches(read_rows(stream, table.columns)):
            write_rows(connection, table.name, table.columns, [adapted(row) for row in batch])
            progress(len(batch))


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    """Rows in batches of bounded number and size."""
    batch: list[Row] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += sum(len(value) for value in row if isinstance(value, bytes | str))
        if len(batch) >= BATCH_ROWS or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _check_files(home: Path, files: Sequence[FileEntry]) -> None:
    for file in files:
        path = home / file.path
        if path.exists() and _hash(path) != file.sha256:
            raise NotEmpty(f"there is another {file.path} in {home} already: move it away first")


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_file(path: Path, pieces: Iterable[bytes]) -> None:
    """A file that is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with temporary.open("xb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)
