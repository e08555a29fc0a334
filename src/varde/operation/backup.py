"""Backup: everything that cannot be made again, in one file, while the service goes on.

In it: every table of the registers and of access (not sessions), deliveries of prescribing, and the site's own
files. Not in it: keys,
without which nobody can open the messages in it, and the warehouse, which is made again.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from msgspec.structs import replace

from varde import __version__
from varde.access.keys import KeyProblem
from varde.deliveries import keep_still
from varde.operation.archive import PIECE, ArchiveWriter, new_archive
from varde.operation.databases import (
    DATABASES,
    HELD,
    count_rows,
    describe,
    encode_table,
    exists,
    keys_in_use,
    models_of,
    need_register,
    newest_migrations,
    read_settings,
    say_gone,
    snapshot,
    source_of,
    state_of,
)
from varde.operation.errors import NothingThere
from varde.operation.manifest import (
    FORMAT,
    DatabaseEntry,
    FileEntry,
    Manifest,
    TableEntry,
    file_path,
    table_path,
)
from varde.register import make_tables, work

_logger = logging.getLogger(__name__)

Progress = Callable[[int], None]
"""Called with the number of rows that were done since the last call."""
SITE_FILES = (
    "retention.json",
    "followup.json",
    "maps/*.csv",
    "guidelines/**/*.json",
    "deliveries/manifest.json",
    "deliveries/sealed/*",
    "deliveries/rows/**/*.parquet",
)
"""What lies below a home folder beside the databases: what a site makes itself, and deliveries of prescribing. Of
these alone there are rows about patients: sealed as they came, and under pseudonyms."""
_PACKED = frozenset({".raw", ".rejected", ".parquet"})
_STEP = 1_000
_SEALED = frozenset({"register_message", "identity_entry"})


@dataclass(frozen=True)
class BackupResult:
    """What a backup holds.

    Attributes:
        rows: database → rows in it.
        messages: database → messages in it.
        keys: database → ids of the storage keys that are needed to open them.
    """

    file: Path
    size: int
    sha256: str
    rows: Mapping[str, int]
    messages: Mapping[str, int]
    keys: Mapping[str, tuple[str, ...]]
    files: int


def backup(
    home: Path, file: Path, made_at: datetime, progress: Progress | None = None
) -> BackupResult:
    """Write everything into one new file.

    Each database is read as it is at one moment; the intake goes on meanwhile.

    Args:
        home: the folder of all state.
        made_at: now.

    Raises:
        NothingThere: there is no register.
        NotEmpty: there is a file of this name.
        NotWritten: the file cannot be written.
    """
    with work(_logger, "backup") as told:
        result = _write(home, file, made_at, progress)
        told |= {
            "registers": list(result.rows),
            "messages": sum(result.messages.values()),
            "rows": sum(result.rows.values()),
            "files": result.files,
            "megabytes": result.size / 1_000_000,
        }
    return result


def _write(home: Path, file: Path, made_at: datetime, progress: Progress | None) -> BackupResult:
    with new_archive(file, made_at) as writer:
        databases = tuple(_add_database(home, name, writer, progress) for name in _present(home))
        with keep_still(home):
            files = tuple(_add_files(home, writer))
        manifest = Manifest(
            format=FORMAT,
            varde=__version__,
            made_at=made_at.astimezone(UTC).isoformat(timespec="seconds"),
            databases=databases,
            files=files,
        )
        writer.close(manifest)
    return BackupResult(
        file=file,
        size=file.stat().st_size,
        sha256=_hash(file),
        rows={each.name: sum(table.rows for table in each.tables) for each in databases},
        messages={
            each.name: next(t.rows for t in each.tables if t.name == "register_message")
            for each in databases
            if each.name in DATABASES
        },
        keys={each.name: tuple(each.storage_keys) for each in databases},
        files=len(files),
    )


def count_all(home: Path) -> int:
    """About how many rows a backup will hold."""
    return sum(
        count_rows(connections[name], model._meta.db_table)
        for name in _present(home)
        for model in models_of(name)
    )


def _present(home: Path) -> list[str]:
    """The databases that there are, with the tables that this version of Varde expects.

    Raises:
        NothingThere: there is no register, or one of them is gone.
    """
    need_register(home)
    present = [name for name in HELD if state_of(home, name) != "never"]
    for name in present:
        if not exists(name):
            raise NothingThere(say_gone(name))
    for name in present:
        make_tables(home, name)
    return present


def _add_database(
    home: Path, name: str, writer: ArchiveWriter, progress: Progress | None
) -> DatabaseEntry:
    with snapshot(name) as connection:
        tables = [describe(model) for model in models_of(name)]
        entries = [_add_table(connection, name, table, writer, progress) for table in tables]
        return DatabaseEntry(
            name=name,
            migrations=newest_migrations(name),
            key_check=read_settings(connection).get("key_check", ""),
            storage_keys=_key_checks(home, name, keys_in_use(home, connection)),
            tables=tuple(entries),
        )


def _add_table(
    connection: BaseDatabaseWrapper,
    database: str,
    table: TableEntry,
    writer: ArchiveWriter,
    progress: Progress | None,
) -> TableEntry:
    done = 0

    def counted() -> Iterator[bytes]:
        nonlocal done
        for row in encode_table(connection, table):
            yield row
            done += 1
            if progress is not None and done % _STEP == 0:
                progress(_STEP)

    size, sha256 = writer.add(table_path(database, table.name), counted(), table.name in _SEALED)
    if progress is not None:
        progress(done % _STEP)
    return replace(table, rows=done, size=size, sha256=sha256)


def _key_checks(home: Path, database: str, used: Mapping[str, int]) -> dict[str, str]:
    """The keys that sealed something, with check values as far as the keys are at hand."""
    try:
        checks = source_of(home, database).read().storage_checks()
    except KeyProblem:
        checks = {}
    return {key_id: checks.get(key_id, "") for key_id in sorted(used)}


def _add_files(home: Path, writer: ArchiveWriter) -> Iterator[FileEntry]:
    for path in site_files(home):
        name = path.relative_to(home).as_posix()
        with path.open("rb") as file:
            pieces = iter(partial(file.read, PIECE), b"")
            size, sha256 = writer.add(file_path(name), pieces, path.suffix in _PACKED)
        yield FileEntry(name, size, sha256)


def site_files(home: Path) -> list[Path]:
    """The site's own files below its home folder, in order."""
    found = {path for pattern in SITE_FILES for path in home.glob(pattern) if path.is_file()}
    return sorted(found)


def _hash(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
