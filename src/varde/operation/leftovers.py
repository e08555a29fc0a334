"""What a restore makes and must not leave behind when it fails: databases, folders, the site's own files.

Only what was not there when the restore began to write is ever removed. On PostgreSQL empty tables may stay in
an empty database: they are in nobody's way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.db import Error as DatabaseTrouble
from django.db import connections

from varde.operation.databases import folder_of
from varde.operation.errors import NotRestored
from varde.register import MADE

_BESIDE = ("", "-wal", "-shm", "-journal")
"""SQLite's files, by what their names end on."""


@contextmanager
def all_or_nothing(home: Path, databases: Iterable[str], files: Iterable[str]) -> Iterator[None]:
    """Leave nothing of what is made below a home folder, unless all goes well.

    Args:
        databases: those that are going to be made, where they are not there.
        files: the site's own files that are going to be made, below the folder.

    Raises:
        NotRestored: the disk is full, or a database or the folder cannot be written.
    """
    names = list(databases)
    new = [path for name in names for path in _files_of(home, name)]
    new += [path for file in files if not (path := home / file).exists()]
    folders = {folder for path in new for folder in path.parents if not folder.exists()}
    try:
        yield
    except BaseException as error:
        for name in names:
            connections[name].close()
        for path in new:
            path.unlink(missing_ok=True)
        for folder in sorted(folders, reverse=True):
            with suppress(OSError):  # somebody has put something into it
                folder.rmdir()
        if isinstance(error, DatabaseTrouble | OSError):
            raise NotRestored(
                f"the backup cannot be put back into {home}: {_say(error)}. Nothing was changed"
            ) from error
        raise


def _files_of(home: Path, database: str) -> list[Path]:
    """The files that a database on SQLite is going to have; none where it is there already."""
    connection = connections[database]
    if connection.vendor != "sqlite" or connection.is_in_memory_db():
        return []
    file = Path(connection.settings_dict["NAME"])
    if file.exists():
        return []
    folder = folder_of(home, database)
    made = [] if (folder / MADE).exists() else [folder / MADE]
    return [file.with_name(file.name + end) for end in _BESIDE] + made


def _say(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
