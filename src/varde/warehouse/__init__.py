"""The register as columns: Parquet files, their schemas, an incremental refresh, a choice of engine.

Input: a `Source` (the register implements it): numbered partitions of isolates, results, cases, doses, surveys.
Output: immutable Parquet files named after their content, a `manifest.json` that is replaced in
one step, and Ibis tables over exactly the files of one snapshot, on DuckDB or on Spark.
No database, no web, no clock.
"""

from __future__ import annotations

from varde.warehouse.engines import Engine, OnEngine, connect_engine, view_files
from varde.warehouse.errors import (
    EngineMissing,
    InvalidPartition,
    ManifestDamaged,
    NoSnapshot,
    RefreshRunning,
    SchemaMismatch,
    SnapshotGone,
    UnknownEngine,
    WarehouseError,
)
from varde.warehouse.files import ROW_GROUP_ROWS, adopt_file, write_file
from varde.warehouse.manifest import (
    FileEntry,
    Manifest,
    Partition,
    read_manifest,
    replace_file,
    sync_folder,
)
from varde.warehouse.refresh import Progress, RefreshResult, Source, hold_lock, refresh
from varde.warehouse.schemas import (
    CASES,
    EVIDENCE,
    FINDINGS,
    INFECTIONS,
    ISOLATES,
    NOTIFICATIONS,
    OPERATIONS,
    SUSCEPTIBILITIES,
    TABLES,
    TREATMENTS,
    VACCINATIONS,
    WARDS,
)
from varde.warehouse.tables import Tables, open_tables

__all__ = [
    "CASES",
    "EVIDENCE",
    "FINDINGS",
    "INFECTIONS",
    "ISOLATES",
    "NOTIFICATIONS",
    "OPERATIONS",
    "ROW_GROUP_ROWS",
    "SUSCEPTIBILITIES",
    "TABLES",
    "TREATMENTS",
    "VACCINATIONS",
    "WARDS",
    "Engine",
    "EngineMissing",
    "FileEntry",
    "InvalidPartition",
    "Manifest",
    "ManifestDamaged",
    "NoSnapshot",
    "OnEngine",
    "Partition",
    "Progress",
    "RefreshResult",
    "RefreshRunning",
    "SchemaMismatch",
    "SnapshotGone",
    "Source",
    "Tables",
    "UnknownEngine",
    "WarehouseError",
    "adopt_file",
    "connect_engine",
    "hold_lock",
    "open_tables",
    "read_manifest",
    "refresh",
    "replace_file",
    "sync_folder",
    "view_files",
    "write_file",
]
