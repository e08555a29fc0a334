"""Archives (zip, gzip) to their members, within bounds.

A zip holds messages, and mapping files beside them; it may hold no archive. Members come out one at a
time, so that memory is that of the archive and its largest member. Names are for people: nothing is
ever written under them.

Sources: PKWARE APPNOTE 6.3.9 (zip), RFC 1952 (gzip). Only members that are stored or deflated are
unpacked: the other methods of zip give no bound on what a few bytes become.
"""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import NoReturn, Protocol

import msgspec

from varde.messages.errors import UnreadableMessage

ZIP = (b"PK\x03\x04", b"PK\x05\x06")
GZIP = b"\x1f\x8b"
SUFFIXES = (".zip", ".gz")
STEP = 64 << 10
LONGEST_NAME = 300

ZIP_ENTRY = b"PK\x01\x02"
_GZIP_MEMBER = b"\x1f\x8b\x08"
_ENCRYPTED = 0x41
"""General purpose flags of zip: bit 0 encrypted, bit 6 strong encryption."""
FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    LookupError,
    OverflowError,
)
"""What the standard library says of a damaged archive, in one place or another."""


class _Source(Protocol):
    def read(self, size: int, /) -> bytes: ...


_Member = tuple[str, _Source, int | None]
"""A name, what its bytes are read from, and how many the archive says there are."""


class Limits(msgspec.Struct, frozen=True):
    """How much may come out of an archive.

    Attributes:
        total: bytes of all members together.
        members: how many.
        ratio: how many times larger than the archive they may be together, beyond `unasked`.
        unasked: bytes that any archive may hold, whatever its ratio.
    """

    total: int = 512 << 20
    members: int = 50_000
    ratio: int = 200
    unasked: int = 32 << 20


LIMITS = Limits()


def is_packed(data: bytes) -> bool:
    """Whether bytes begin as a zip or gzip does."""
    return data.startswith((*ZIP, GZIP))


def is_archive(name: str, data: bytes) -> bool:
    """Whether a file is an archive of messages: by its name too, since a spreadsheet is a zip."""
    return name.lower().endswith(SUFFIXES) and is_packed(data)


def unpack(name: str, data: bytes, limits: Limits = LIMITS) -> Iterator[tuple[str, bytes]]:
    """The files of an archive, in its order: the name of each within it, and its bytes.

    Args:
        name: the archive's own; the one file of a gzip is called so without ``.gz``.

    Raises:
        UnreadableMessage: ``damaged-archive``, ``encrypted-archive``, ``nested-archive`` or
            ``archive-too-large``; perhaps after some files have come out.
    """
    size = 0
    most = min(limits.total, max(limits.unasked, limits.ratio * len(data)))
    try:
        for member, source, expected in _open(name, data, most, limits.members):
            content = bytearray()
            while step := source.read(STEP):
                content += step
                if size + len(content) > most:
                    raise _too_large(size + len(content))
            size += len(content)
            if expected is not None and len(content) != expected:
                raise UnreadableMessage("damaged-archive", detail=f"{len(content)} ≠ {expected}")
            if is_archive(member, bytes(content[:4])):
                raise UnreadableMessage("nested-archive", detail=member)
            yield member, bytes(content)
    except FAULTS as error:
        raise UnreadableMessage("damaged-archive", detail=type(error).__name__) from None


def refuse_packed(data: bytes) -> NoReturn:
    """Say why an archive was kept as it came.

    Raises:
        UnreadableMessage: as `unpack`; ``empty`` of one without files, and ``unknown-format`` of one
            that can be unpacked: whoever takes it in has to.
    """
    raise UnreadableMessage("unknown-format" if sum(1 for _ in unpack("", data)) else "empty")


def _open(name: str, data: bytes, most: int, members: int) -> Iterator[_Member]:
    if data.startswith(GZIP):
        yield from _open_gzip(name, data, members)
    elif data.startswith(ZIP):
        yield from _open_zip(data, most, members)
    else:
        raise zipfile.BadZipFile


def _open_gzip(name: str, data: bytes, members: int) -> Iterator[_Member]:
    # Parts one after the other are one file; many without content would take long and give nothing.
    if data.count(_GZIP_MEMBER) > members:
        raise _too_large(len(data))
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as source:
        yield _shown(name[:-3] if name.lower().endswith(".gz") else name), source, None


def _open_zip(data: bytes, most: int, members: int) -> Iterator[_Member]:
    # Before the directory is read into objects, each larger than its entry.
    if data.count(ZIP_ENTRY) > members:
        raise _too_large(len(data))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        declared = sum(entry.file_size for entry in entries)
        if declared > most:
            raise _too_large(declared)
        for entry in entries:
            if entry.flag_bits & _ENCRYPTED:
                raise UnreadableMessage("encrypted-archive", detail=_shown(entry.filename))
            if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise UnreadableMessage("damaged-archive", detail=f"method {entry.compress_type}")
            with archive.open(entry) as source:
                yield _shown(entry.filename), source, entry.file_size


def _shown(name: str) -> str:
    """A name that can be shown and kept, with ``/`` between folders also where Windows made it."""
    name = name.encode("utf-8", "replace").decode("utf-8").replace("\\", "/")
    return "".join(c if c.isprintable() else "?" for c in name)[:LONGEST_NAME]


def _too_large(size: int) -> UnreadableMessage:
    return UnreadableMessage("archive-too-large", detail=f"{size / 1e6:.0f} MB")
