"""What a backup says of itself: which tables, in which form, how many rows, and their hashes."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

FORMAT = 1
MANIFEST = "manifest.json"
ColumnKind = Literal["integer", "boolean", "text", "bytes", "moment", "day", "json"]


class Column(Struct, frozen=True, forbid_unknown_fields=True):
    """One column: its name in the database, and what is in it on every database alike."""

    name: str
    kind: ColumnKind


class TableEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """One table.

    Attributes:
        key: the column that the rows are in the order of.
        rows: how many.
        size: bytes of its stream.
        sha256: over its stream.
    """

    name: str
    key: str
    columns: tuple[Column, ...]
    rows: int
    size: int
    sha256: str


class DatabaseEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """One register's database.

    Attributes:
        name: "default", "ravn" or "norm".
        migrations: app → its newest migration.
        key_check: check value of the pseudonym key that the register was made with.
        storage_keys: id of each storage key that sealed a message → its check value, empty when the key
            was not at hand.
    """

    name: str
    migrations: dict[str, str]
    key_check: str
    storage_keys: dict[str, str]
    tables: tuple[TableEntry, ...]


class FileEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """One file of the home folder: code maps, the site's own guideline, its own rules."""

    path: str
    size: int
    sha256: str


class Manifest(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole backup.

    Attributes:
        format: of the archive.
        varde: the version that made it.
        made_at: ISO 8601, UTC.
    """

    format: int
    varde: str
    made_at: str
    databases: tuple[DatabaseEntry, ...]
    files: tuple[FileEntry, ...]

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(table.rows for each in self.databases for table in each.tables)


def table_path(database: str, table: str) -> str:
    """Where a table's stream lies in the archive."""
    return f"{database}/{table}.rows"


def file_path(path: str) -> str:
    """Where a file of the home folder lies in the archive."""
    return f"files/{path}"
