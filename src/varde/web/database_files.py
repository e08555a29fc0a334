"""A SQLite file under the connections that threads of the service keep open between requests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.signals import request_started
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created


def follow_files() -> None:
    """See, before each request of this process, that the file of a SQLite database lies where it did.

    A connection goes on reading and writing a file that was moved away, removed or put back from a backup.
    """
    connection_created.connect(_note_file, dispatch_uid="varde-files")
    request_started.connect(_close_moved, dispatch_uid="varde-files")


def _note_file(connection: BaseDatabaseWrapper, **_: Any) -> None:
    connection.varde_file = _file_of(connection)


def _close_moved(**_: Any) -> None:
    for connection in connections.all(initialized_only=True):
        open_ = connection.connection is not None and not connection.in_atomic_block
        if open_ and _file_of(connection) != getattr(connection, "varde_file", None):
            connection.close()


def _file_of(connection: BaseDatabaseWrapper) -> tuple[int, int] | None:
    """Device and number of the file; None where there is none."""
    if connection.vendor != "sqlite" or connection.is_in_memory_db():
        return None
    try:
        found = Path(connection.settings_dict["NAME"]).stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def never_make_files() -> None:
    """From now on, nobody who asks for the register makes its file anew, empty, when it is gone (SQLite)."""
    connection = connections["default"]
    if connection.vendor == "sqlite" and not connection.is_in_memory_db():
        place = Path(connection.settings_dict["NAME"]).absolute().as_uri()
        connection.settings_dict["OPTIONS"]["database"] = f"{place}?mode=rw"
