"""What can be wrong with the warehouse.

The whole tree::

    WarehouseError
    ├── NoSnapshot          nothing has been refreshed into the folder yet
    ├── SnapshotGone        the files of a snapshot were swept while it was being opened
    ├── ManifestDamaged     manifest.json cannot be read, or is of a newer kind
    ├── RefreshRunning      another process refreshes, and the caller would not wait
    ├── SchemaMismatch      the source gave columns other than the schema's
    ├── InvalidPartition    the source named a partition that is no month (``2026-01``)
    ├── UnknownEngine       neither "duckdb" nor "spark"
    └── EngineMissing       the engine asked for is not installed
"""

from __future__ import annotations


class WarehouseError(Exception):
    """Anything wrong with the warehouse; the message says what, where, and what to do."""


class NoSnapshot(WarehouseError):
    """The folder holds no snapshot yet: run ``varde refresh``."""


class SnapshotGone(WarehouseError):
    """Files of the snapshot are missing: open the tables anew, or refresh into an empty folder."""


class ManifestDamaged(WarehouseError):
    """The manifest is not what this version writes: remove the folder and run ``varde refresh``."""


class RefreshRunning(WarehouseError):
    """Another process holds the folder's lock: wait for it, or run again later."""


class SchemaMismatch(WarehouseError):
    """A record batch of the source does not have the table's schema."""


class InvalidPartition(WarehouseError):
    """A partition must be a month written ``YYYY-MM``."""


class UnknownEngine(WarehouseError):
    """The engine must be ``duckdb`` or ``spark``."""


class EngineMissing(WarehouseError):
    """PySpark or Java is absent: install the extra ``spark`` and Java 17, or use ``duckdb``."""
