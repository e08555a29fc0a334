"""The manifest: which files make up the snapshot. One small JSON file, replaced in one step.

Whoever reads it once has a consistent picture: the files it names never change (they are named
after their content), and the files of the snapshot before it are kept too.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from varde.warehouse.errors import ManifestDamaged, NoSnapshot

MANIFEST: Final = "manifest.json"
SCHEMA_VERSION: Final = 2


class FileEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One Parquet file: path relative to the folder, rows, size in bytes, SHA-256 of its bytes."""

    path: str
    rows: int
    bytes: int
    sha256: str


class Partition(msgspec.Struct, frozen=True, kw_only=True):
    """One month: the source's version of it, and its files by table (a table without rows: none)."""

    version: int
    files: Mapping[str, tuple[FileEntry, ...]]


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """One snapshot.

    Attributes:
        schema_version: of the manifest and of the tables; a difference means: rewrite everything.
        snapshot: counts the snapshots from 1.
        code_map_version: of the codes the source mapped with.
        partitions: by month.
        previous: paths of the snapshot before this one, kept for those who still read it.
    """

    schema_version: int
    snapshot: int
    code_map_version: str
    partitions: Mapping[str, Partition]
    previous: tuple[str, ...] = ()

    def files(self, table: str) -> tuple[FileEntry, ...]:
        """The table's files, in the order of the months."""
        return tuple(
            entry
            for _, partition in sorted(self.partitions.items())
            for entry in partition.files.get(table, ())
        )

    def file_paths(self, folder: Path, table: str) -> list[str]:
        """Absolute paths of the table's files below `folder`, in the order of the months."""
        return [str((folder / entry.path).absolute()) for entry in self.files(table)]

    def paths(self) -> frozenset[str]:
        """Every file of this snapshot, relative to the folder."""
        return frozenset(
            entry.path
            for partition in self.partitions.values()
            for entries in partition.files.values()
            for entry in entries
        )

    def rows(self, table: str) -> int:
        """How many rows the table has, without opening a file."""
        return sum(entry.rows for entry in self.files(table))


def read_manifest(folder: Path) -> Manifest:
    """The current snapshot, read in one go.

    Raises:
        NoSnapshot: nothing was refreshed into the folder yet.
        ManifestDamaged: not readable as a manifest of this version.
    """
    manifest = load_manifest(folder)
    if manifest.schema_version != SCHEMA_VERSION:
        raise ManifestDamaged(
            f"{folder / MANIFEST} has schema version {manifest.schema_version}, this program "
            f"reads {SCHEMA_VERSION}: run 'varde refresh' with this version"
        )
    return manifest


def load_manifest(folder: Path) -> Manifest:
    """As `read_manifest`, of whatever schema version."""
    path = folder / MANIFEST
    try:
        return msgspec.json.decode(path.read_bytes(), type=Manifest)
    except (FileNotFoundError, NotADirectoryError):
        raise NoSnapshot(f"no snapshot in {folder}: run 'varde refresh' first") from None
    except msgspec.MsgspecError as error:
        raise ManifestDamaged(
            f"{path} is not a manifest ({error}): run 'varde refresh' to write it anew"
        ) from None


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Replace the manifest: readers see the old one or the new one, also after a power cut."""
    data = msgspec.json.format(msgspec.json.encode(manifest, order="sorted"), indent=1)
    replace_file(folder / MANIFEST, data)


def replace_file(path: Path, data: bytes) -> None:
    """Put a file in another's place: readers see the old one or the new one, also after a power cut."""
    temporary = path.with_name(f".{path.name}.tmp")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make new names in the folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        # Some network file systems refuse this; there the rename alone has to do.
        with suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
