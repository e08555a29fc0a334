"""The tables of an empty register, made once in a process: to migrate takes more than a second each time."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from django.db import connection

from varde.register import make_tables

_made: list[bytes] = []


def lay_tables(home: Path) -> None:
    """Make the tables of the register in a folder, in the file that Django's connection is to (SQLite)."""
    file = Path(connection.settings_dict["NAME"])
    if _made:
        file.touch(0o600)
        file.write_bytes(_made[0])
        return
    make_tables(home)
    connection.close()
    with closing(sqlite3.connect(file)) as database:
        _made.append(database.serialize())
