"""How the databases' drivers take the values of the register's rows.

For every value that is neither a number nor text SQLite's driver (Python's `sqlite3`) looks whether it has been told how to
write it, and where it has not, whether the value itself knows: a third of the time that a row takes, of which most
have something empty, a hash and a yes or no. So it is told: as they are. PostgreSQL's driver looks at every value of
an array; it is given the array as text.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any


def teach_sqlite() -> None:
    """Tell the driver of this process how truth values, bytes, days and what is empty are written: as they would be."""
    sqlite3.register_adapter(bool, int)
    sqlite3.register_adapter(bytes, bytes)
    # Called for very many: a method that Python has built in takes a fraction of what one of ours would.
    sqlite3.register_adapter(type(None), {None: None}.get)
    sqlite3.register_adapter(date, date.isoformat)


_ELEMENT: Mapping[type, Callable[[Any], str]] = {
    int: str,
    bytes: lambda value: f'"\\\\x{value.hex()}"',
    str: lambda value: '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"',
}
"""How values stand in an array of PostgreSQL that is written as text, its array_in(3)."""


def array_of(values: Sequence[Any]) -> Any:
    """Values as PostgreSQL takes an array. Of many of one type as its text, of the type that it is compared with: the
    driver would look at each of them by itself, which takes longer than finding it in the index."""
    kinds = {type(value) for value in values}
    write = _ELEMENT.get(kinds.pop()) if len(kinds) == 1 else None
    return list(values) if write is None else f"{{{','.join(map(write, values))}}}"
