"""How SQLite's driver takes the values of the register's rows.

For every value that is neither a number nor text the driver (Python's `sqlite3`) looks whether it has been told how to
write it, and where it has not, whether the value itself knows: a third of the time that a row takes, of which most
have something empty, a hash and a yes or no. So it is told: as they are.
"""

from __future__ import annotations

import sqlite3
from datetime import date


def teach_sqlite() -> None:
    """Tell the driver of this process how truth values, bytes, days and what is empty are written: as they would be."""
    sqlite3.register_adapter(bool, int)
    sqlite3.register_adapter(bytes, bytes)
    sqlite3.register_adapter(type(None), _nothing)
    sqlite3.register_adapter(date, date.isoformat)


def _nothing(_: None) -> None:
    return None
