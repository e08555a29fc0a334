"""Bring the Parquet files up to date with the source: only the months that changed are rewritten.

The order of the steps is what makes a crash harmless: new files first, under names that nobody
reads yet; then the manifest, in one step; then the sweep of what neither this snapshot nor the one
before it needs. A crash anywhere leaves the old snapshot whole, and the next refresh cleans up.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import pyarrow as pa

from varde.warehouse.errors import (
    InvalidPartition,
    ManifestDamaged,
    NoSnapshot,
    RefreshRunning,
)
from varde.warehouse.files import write_file
from varde.warehouse.manifest import (
    SCHEMA_VERSION,
    FileEntry,
    Manifest,
    Partition,
    load_manifest,
    sync_folder,
    write_manifest,
)
from varde.warehouse.schemas import TABLES

LOCK: Final = ".refresh.lock"

Progress = Callable[[str, int, int], None]
"""Called as ``progress(month, done, total)`` after each rewritten month."""


class Source(Protocol):
    """What the warehouse asks of the register.

    An isolate belongs to the month it was collected in, and its results to the same month; what the other tables
    hold to the month of its own day.
    The rows of one month should come from one consistent read and in a fixed order: then equal
    content gives the same file. When a month changes while it is being read, its version as
    `partitions` gave it is what the manifest records, so that the next refresh rewrites it.
    """

    @property
    def code_map_version(self) -> str:
        """Version of the code map behind `organism`, `antibiotic` and `material`."""
        ...

    def partitions(self) -> Mapping[str, int]:
        """Month ("2026-01") → version; every change of the month's rows changes its version."""
        ...

    def isolates(self, partition: str) -> Iterator[pa.RecordBatch]:
        """The month's isolates, in the schema `ISOLATES`."""
        ...

    def susceptibilities(self, partition: str) -> Iterator[pa.RecordBatch]:
        """The results of the same isolates, in the schema `SUSCEPTIBILITIES`."""
        ...

    def others(self, table: str, partition: str) -> Iterator[pa.RecordBatch]:
        """The month's rows of any other of `TABLES`, in its schema; nothing of what the source does not have."""
        ...


@dataclass(frozen=True)
class RefreshResult:
    """What a refresh did.

    Attributes:
        snapshot: number of the snapshot that is now current.
        changed: False when the source had nothing new and the snapshot stayed.
        written: the months that were rewritten.
        dropped: the months that the source no longer has.
        unchanged: how many months were left alone.
        rows: rows written, by table.
    """

    snapshot: int
    changed: bool
    written: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    unchanged: int = 0
    rows: Mapping[str, int] | None = None


def refresh(
    folder: Path, source: Source, progress: Progress | None = None, *, wait: bool = True
) -> RefreshResult:
    """Make the folder's snapshot equal to the source; without changes nothing is written.

    Args:
        folder: is made when absent.
        wait: False raises at once when another refresh runs, instead of waiting for it.

    Raises:
        RefreshRunning: only with ``wait=False``.
        SchemaMismatch, InvalidPartition: the source is wrong; the old snapshot stays.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder, wait):
        return _refresh(folder, source, progress)


def _refresh(folder: Path, source: Source, progress: Progress | None) -> RefreshResult:
    old = _current(folder)
    if old.snapshot:
        _sweep(folder, old.paths() | set(old.previous))
    versions = dict(source.partitions())
    code_map_version = source.code_map_version
    stale = sorted(month for month, version in versions.items() if _is_stale(old, month, version))
    dropped = tuple(sorted(old.partitions.keys() - versions.keys()))
    same_codes = old.code_map_version == code_map_version
    if old.snapshot and same_codes and not stale and not dropped:
        return RefreshResult(old.snapshot, changed=False, unchanged=len(versions), rows={})
    for month in stale:
        _check_partition(month)
    partitions = {month: old.partitions[month] for month in versions.keys() - set(stale)}
    for done, month in enumerate(stale, start=1):
        partitions[month] = _write_partition(folder, source, month, versions[month])
        if progress is not None:
            progress(month, done, len(stale))
    new = Manifest(
        schema_version=SCHEMA_VERSION,
        snapshot=old.snapshot + 1,
        code_map_version=code_map_version,
        partitions=partitions,
        previous=tuple(sorted(old.paths())),
    )
    write_manifest(folder, new)
    _sweep(folder, new.paths() | old.paths())
    return RefreshResult(
        snapshot=new.snapshot,
        changed=True,
        written=tuple(stale),
        dropped=dropped,
        unchanged=len(versions) - len(stale),
        rows={table: _count(partitions, stale, table) for table in TABLES},
    )


def _current(folder: Path) -> Manifest:
    """The snapshot to build on; one numbered 0, without months, when there is none to build on.

    Everything here is derived, so an unreadable manifest is a reason to write all of it anew, not
    to stop. One of another version keeps its number and, until it is replaced, its files.
    """
    try:
        found = load_manifest(folder)
    except (NoSnapshot, ManifestDamaged):
        return Manifest(
            schema_version=SCHEMA_VERSION, snapshot=0, code_map_version="", partitions={}
        )
    return found


def _is_stale(old: Manifest, month: str, version: int) -> bool:
    if old.schema_version != SCHEMA_VERSION or month not in old.partitions:
        return True
    return old.partitions[month].version != version


def _count(partitions: Mapping[str, Partition], months: list[str], table: str) -> int:
    return sum(entry.rows for month in months for entry in partitions[month].files.get(table, ()))


def _check_partition(month: str) -> None:
    """Months become folder names: nothing else may."""
    if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", month):
        raise InvalidPartition(f"the source names a partition {month!r}: must be like '2026-01'")


def _write_partition(folder: Path, source: Source, month: str, version: int) -> Partition:
    own = {"isolates": source.isolates, "susceptibilities": source.susceptibilities}
    files: dict[str, tuple[FileEntry, ...]] = {}
    for table, schema in TABLES.items():
        batches = own[table](month) if table in own else source.others(table, month)
        entry = write_file(folder, f"{table}/period={month}", schema, batches)
        files[table] = () if entry is None else (entry,)
    return Partition(version=version, files=files)


def _sweep(folder: Path, keep: frozenset[str] | set[str]) -> None:
    """Remove every file below the tables' folders that is not kept, and folders left empty."""
    for table in TABLES:
        for month in sorted((folder / table).glob("period=*")):
            for path in month.iterdir():
                if path.relative_to(folder).as_posix() not in keep:
                    path.unlink()
            if not any(month.iterdir()):
                month.rmdir()
        if (folder / table).is_dir():
            sync_folder(folder / table)


@contextmanager
def _alone(folder: Path, wait: bool) -> Iterator[None]:
    """Hold the folder's lock."""
    with hold_lock(folder / LOCK, wait) as held:
        if not held:
            raise RefreshRunning(
                f"another refresh of {folder} is running: wait for it to end, then run again"
            )
        yield


@contextmanager
def hold_lock(path: Path, wait: bool = True) -> Iterator[bool]:
    """Hold a lock file; the kernel frees it when the process dies, however it dies.

    Args:
        wait: False: give False at once when another process holds it.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            held = True
        except BlockingIOError:
            held = False
        yield held
    finally:
        os.close(descriptor)
