"""Large files under authenticated encryption: written and read in pieces, so that memory stays flat.

Every file has a data key of its own (256 bits, random), which is itself sealed by the storage key
(`varde.access.sealing`). Changing the storage key is then a matter of sealing some bytes anew, not gigabytes.

A file is a row of pieces of `PIECE` bytes, each AES-256-GCM (NIST SP 800-38D) with a random nonce. The associated
data bind a piece to its file, its number, and whether it is the last: pieces cannot be moved, left out or cut off
without being noticed. (The construction is that of STREAM: Hoang, Reyhanitabar, Rogaway, Vizár 2015.)
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from varde.access.keys import KEY_BYTES, KeyProblem
from varde.access.sealing import NONCE_BYTES, Sealer

PIECE: Final = 1 << 20
TAG_BYTES: Final = 16
_WHOLE: Final = NONCE_BYTES + PIECE + TAG_BYTES


@dataclass(frozen=True)
class DataKey:
    """The key of one file, opened.

    Attributes:
        name: what the file is called; its pieces open under no other name.
    """

    name: str
    _key: bytes = field(repr=False)

    def seal(self, sealer: Sealer) -> tuple[str, bytes]:
        """The id of the newest storage key, and this key sealed with it."""
        seal = sealer.current()
        return seal.key_id, seal.close(self._key, self._bound)

    @property
    def _bound(self) -> bytes:
        return b"data-key|" + self.name.encode()

    @property
    def cipher(self) -> AESGCM:
        """What seals and opens the pieces."""
        return AESGCM(self._key)


def new_data_key(name: str) -> DataKey:
    """A new key for a file of that name."""
    return DataKey(name, os.urandom(KEY_BYTES))


def open_data_key(sealer: Sealer, name: str, key_id: str, sealed: bytes) -> DataKey:
    """The key of a file.

    Raises:
        KeyProblem: the storage key is not at hand, or this is the key of another file.
    """
    return DataKey(name, sealer.open(sealed, b"data-key|" + name.encode(), key_id))


def _bound(name: str, number: int, last: bool) -> bytes:
    return b"%s|%d|%d" % (name.encode(), number, last)


class SealedWriter(io.RawIOBase):
    """A file that is sealed while it is written, durable once it is closed.

    Args:
        part: tells apart several files under one key.
    """

    def __init__(self, path: Path, key: DataKey, part: str = "") -> None:
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._cipher = key.cipher
        self._name = key.name + part
        self._held = bytearray()
        self._number = 0
        self._length = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        piece = memoryview(data).cast("B")
        self._held += piece
        # One piece is held back: only the end tells which is the last.
        while len(self._held) > PIECE:
            self._put(bytes(self._held[:PIECE]), last=False)
            del self._held[:PIECE]
        self._length += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._length

    def _put(self, piece: bytes, last: bool) -> None:
        nonce = os.urandom(NONCE_BYTES)
        self._file.write(nonce)
        self._file.write(self._cipher.encrypt(nonce, piece, _bound(self._name, self._number, last)))
        self._number += 1

    def close(self) -> None:
        if self.closed:
            return
        self._put(bytes(self._held), last=True)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        super().close()

    def abandon(self) -> None:
        """Close without an end: what was written does not open."""
        self._file.close()
        super().close()


class SealedReader(io.RawIOBase):
    """A sealed file opened for reading, from any place in it.

    Raises:
        KeyProblem: while reading: the file was changed or cut off, or is another one.
    """

    def __init__(self, path: Path, key: DataKey, part: str = "") -> None:
        self._file = path.open("rb")
        self._cipher = key.cipher
        self._name = key.name + part
        self._path = path
        size = os.fstat(self._file.fileno()).st_size
        self._pieces = max(1, -(-size // _WHOLE))
        self._size = size - self._pieces * (NONCE_BYTES + TAG_BYTES)
        self._at = 0
        self._number = -1
        self._piece = b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def size(self) -> int:
        """How many bytes were sealed."""
        return self._size

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        end = self._size if size is None or size < 0 else min(self._size, self._at + size)
        if self._number < 0:
            self._open(self._pieces - 1)  # nothing is believed of a file whose end is not its end
        pieces = []
        while self._at < end:
            number, start = divmod(self._at, PIECE)
            piece = self._open(number)[start : start + end - self._at]
            pieces.append(piece)
            self._at += len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def readinto(self, buffer: Any) -> int:
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def readall(self) -> bytes:
        return self.read()

    def _open(self, number: int) -> bytes:
        if number == self._number:
            return self._piece
        self._file.seek(number * _WHOLE)
        sealed = self._file.read(_WHOLE)
        bound = _bound(self._name, number, number == self._pieces - 1)
        try:
            piece = self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound)
        except (InvalidTag, ValueError):
            raise KeyProblem(
                f"{self._path} does not open: it was changed or cut off, or its key is another one"
            ) from None
        self._piece, self._number = piece, number
        return piece

    def close(self) -> None:
        self._file.close()
        super().close()


def copy_sealed(read: Callable[[int], bytes], writer: SealedWriter) -> None:
    """Seal everything that `read` gives, a piece at a time."""
    while data := read(PIECE):
        writer.write(data)
