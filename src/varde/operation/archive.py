"""The file that a backup is: a zip container, written and read as streams.

What is sealed is stored as it is (it does not get smaller); everything else is packed. The manifest comes last,
because it holds the hashes of what is before it.
"""

from __future__ import annotations

import hashlib
import lzma
import os
import secrets
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO

import msgspec

from varde.operation.errors import ArchiveInvalid, NotEmpty, NotWritten
from varde.operation.manifest import FORMAT, MANIFEST, Manifest, file_path, table_path

PIECE = 1 << 20
LARGEST_MANIFEST = 16 << 20
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError),
    *(NotImplementedError, RuntimeError, ValueError, OSError),
)
"""What the reading of damaged zip files raises."""


class ArchiveWriter:
    """Adds streams to a new archive. Make it with `new_archive`."""

    def __init__(self, archive: zipfile.ZipFile, at: datetime) -> None:
        self._archive = archive
        self._at = at.timetuple()[:6]

    def add(self, path: str, pieces: Iterable[bytes], sealed: bool = False) -> tuple[int, str]:
        """Write one stream.

        Args:
            sealed: what it holds cannot be packed.

        Returns:
            Its size and SHA-256 in hexadecimal digits.
        """
        info = zipfile.ZipInfo(path, self._at)
        info.compress_type = zipfile.ZIP_STORED if sealed else zipfile.ZIP_DEFLATED
        info.external_attr = 0o600 << 16
        sha256 = hashlib.sha256()
        size = 0
        with self._archive.open(info, "w", force_zip64=True) as entry:
            for piece in pieces:
                entry.write(piece)
                sha256.update(piece)
                size += len(piece)
        return size, sha256.hexdigest()

    def close(self, manifest: Manifest) -> None:
        """Write what the archive says of itself."""
        self.add(MANIFEST, [msgspec.json.format(msgspec.json.encode(manifest), indent=1)])


@contextmanager
def new_archive(path: Path, at: datetime) -> Iterator[ArchiveWriter]:
    """A new archive, there under its name only when it is whole and durable; for its owner alone.

    Raises:
        NotEmpty: there is a file of this name.
        NotWritten: it cannot be written there. Nothing is left of it.
    """
    if path.exists():
        raise NotEmpty(f"there is a file {path} already: give another name")
    if not path.parent.is_dir():
        raise NotWritten(f"there is no folder {path.parent}: make it, or give another place")
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}.part")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            with zipfile.ZipFile(file, "w", allowZip64=True) as archive:
                yield ArchiveWriter(archive, at)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(path)
        sync_folder(path.parent)
    except OSError as error:
        if error.filename is not None and str(error.filename) != str(temporary):
            raise
        raise NotWritten(
            f"cannot write {path}: {error.strerror or error}. Nothing is left of it; make room, or give "
            "another place"
        ) from None
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Entry:
    """One stream of an archive, to be read from."""

    def __init__(self, path: str, entry: IO[bytes]) -> None:
        self._path = path
        self._entry = entry

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes; none at the end.

        Raises:
            ArchiveInvalid: it is damaged.
        """
        try:
            return self._entry.read(size)
        except _BROKEN:
            raise ArchiveInvalid(
                f"the backup is damaged: {self._path} cannot be read. Take another backup"
            ) from None


class ArchiveReader:
    """An archive that is there, with its manifest. Make it with `open_archive`."""

    def __init__(self, archive: zipfile.ZipFile, manifest: Manifest) -> None:
        self._archive = archive
        self.manifest = manifest

    @contextmanager
    def stream(self, path: str) -> Iterator[Entry]:
        """One stream of the archive.

        Raises:
            ArchiveInvalid: it is not there, or damaged.
        """
        try:
            entry = self._archive.open(path)
        except KeyError:
            raise ArchiveInvalid(f"the backup is damaged: {path} is missing") from None
        except _BROKEN:
            raise ArchiveInvalid(f"the backup is damaged: {path} cannot be read") from None
        with entry:
            yield Entry(path, entry)

    def read(self, path: str) -> bytes:
        """A small stream, whole."""
        with self.stream(path) as entry:
            return entry.read()

    def verify(self) -> None:
        """See that every stream is there and is what the manifest says, and that there is nothing else.

        Raises:
            ArchiveInvalid: one is not.
        """
        expected = {
            table_path(database.name, table.name): (table.size, table.sha256)
            for database in self.manifest.databases
            for table in database.tables
        } | {file_path(file.path): (file.size, file.sha256) for file in self.manifest.files}
        names = [name for name in self._archive.namelist() if name != MANIFEST]
        if sorted(names) != sorted(expected):
            raise ArchiveInvalid("the backup is damaged: its content is not what its manifest says")
        for path, (size, sha256) in expected.items():
            if self._measure(path, size) != (size, sha256):
                raise ArchiveInvalid(
                    f"the backup is damaged: {path} is not what was written. Take another backup"
                )

    def _measure(self, path: str, most: int) -> tuple[int, str]:
        """Size and hash of a stream; reads little more than `most`, however much there is packed."""
        sha256 = hashlib.sha256()
        size = 0
        with self.stream(path) as entry:
            while size <= most and (piece := entry.read(PIECE)):
                sha256.update(piece)
                size += len(piece)
        return size, sha256.hexdigest()


@contextmanager
def open_archive(path: Path) -> Iterator[ArchiveReader]:
    """Open a backup.

    Raises:
        ArchiveInvalid: it is none, is cut short, or is of another format.
        OSError: the file cannot be opened.
    """
    with path.open("rb") as file:
        try:
            archive = zipfile.ZipFile(file)
        except _BROKEN:
            raise ArchiveInvalid(f"{path} is no backup of Varde, or is cut short") from None
        with archive:
            yield ArchiveReader(archive, _read_manifest(archive, path))


def _read_manifest(archive: zipfile.ZipFile, path: Path) -> Manifest:
    try:
        if archive.getinfo(MANIFEST).file_size > LARGEST_MANIFEST:
            raise ArchiveInvalid(f"{path} is no backup of Varde: its manifest is too large")
        content = archive.read(MANIFEST)
    except KeyError:
        raise ArchiveInvalid(f"{path} is no backup of Varde: it has no manifest") from None
    except _BROKEN:
        raise ArchiveInvalid(f"{path} is damaged: its manifest cannot be read") from None
    try:
        version = msgspec.json.decode(content, type=_Format).format
        if version != FORMAT:
            raise ArchiveInvalid(
                f"{path} is a backup of format {version}; this version of Varde reads format {FORMAT}"
            )
        return msgspec.json.decode(content, type=Manifest)
    except msgspec.MsgspecError as error:
        raise ArchiveInvalid(f"{path} is no backup of Varde: {error}") from None


class _Format(msgspec.Struct):
    """What can be read of a manifest of any format."""

    format: int
