"""Signed heads of the access log, in a file outside the database that is only added to.

A head says: "entry `sequence` has this hash", and with it that no entry up to there can be changed. Each is one line
of JSON, signed with Ed25519 over (RFC 8785)

    ["varde.audit.head/1", number, kind, sequence, hash, at, count, since, previous, public_key, key_id]

`previous` is the SHA-256 of all bytes of the file from the beginning of the head before up to the beginning of this
one, so that nothing in the file can be changed, put in between or taken out. The first head, and each new key, is of
kind "key": it names the public key of the heads after it, signed by the key before. The new key signs at once.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from varde.access.audit.encoding import START, canonical, write_moment
from varde.access.audit.keys import key_id_of, private_key, raw_public

VERSION = 1
NAME = f"varde.audit.head/{VERSION}"
PLACE = "VARDE_AUDIT_HEADS"
FILE = "audit-heads.jsonl"
_TAIL = 64 << 10
_encode = msgspec.json.Encoder().encode

Kind = Literal["key", "entries", "restored"]


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One head.

    Attributes:
        version: of the form of heads.
        number: 1, 2, 3 … in the file.
        kind: "entries": the log up to here; "key": from here on another key signs; "restored": a backup was put
            back, and what earlier heads say beyond entry `since` is not in the log any more.
        sequence: number of the newest entry; 0: there is none.
        hash: of that entry.
        at: when it was signed, UTC.
        count: entries since the head before (since entry `since` of a restored one).
        since: see kind; else 0.
        previous: hash of the file from the head before up to here; of the first, 64 zeros.
        public_key: of the heads after this one, 64 hexadecimal digits; empty unless kind is "key".
        key_id: of the key that signed.
        signature: 128 hexadecimal digits.
    """

    version: int
    number: int
    kind: Kind
    sequence: int
    hash: str
    at: str
    count: int
    since: int
    previous: str
    public_key: str
    key_id: str
    signature: str

    @property
    def signs_next(self) -> str:
        """Id of the key that signs the head after this one."""
        return key_id_of(bytes.fromhex(self.public_key)) if self.public_key else self.key_id

    def signed_bytes(self) -> bytes:
        """What the signature is over."""
        content = (self.number, self.kind, self.sequence, self.hash, self.at, self.count)
        return canonical((NAME, *content, self.since, self.previous, self.public_key, self.key_id))

    def line(self) -> bytes:
        """The line of the file, with its end."""
        return _encode(self) + b"\n"

    def is_signed_by(self, public: bytes) -> bool:
        """Whether the signature is that key's."""
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(
                bytes.fromhex(self.signature), self.signed_bytes()
            )
        except (InvalidSignature, ValueError):
            return False
        return True


def make_head(
    seed: bytes,
    number: int,
    kind: Kind,
    sequence: int,
    digest: str,
    at: datetime,
    count: int,
    previous: str,
    since: int = 0,
    public_key: str = "",
) -> Head:
    """A head, signed with the private key `seed`."""
    key = private_key(seed)
    head = Head(
        version=VERSION,
        number=number,
        kind=kind,
        sequence=sequence,
        hash=digest,
        at=write_moment(at),
        count=count,
        since=since,
        previous=previous,
        public_key=public_key,
        key_id=key_id_of(raw_public(key.public_key())),
        signature="",
    )
    return msgspec.structs.replace(head, signature=key.sign(head.signed_bytes()).hex())


def read_line(line: bytes) -> Head | None:
    """The head that a line is; None when it is none, or is not written as heads are."""
    try:
        head = msgspec.json.decode(line, type=Head)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    well = head.version == VERSION and head.line() == line
    return head if well and _is_hex(head.public_key, (0, 64)) else None


def _is_hex(text: str, lengths: tuple[int, ...]) -> bool:
    return len(text) in lengths and all(sign in "0123456789abcdef" for sign in text)


@dataclass(frozen=True)
class End:
    """The end of a file of heads.

    Attributes:
        head: the last; None when there is none.
        link: what the next must have as `previous`.
        torn: the last line has no end: whoever wrote it was interrupted.
    """

    head: Head | None
    link: str
    torn: bool


def follow(lines: Iterable[bytes]) -> Iterator[tuple[int, bytes, Head | None, str]]:
    """(number of the line, the line, its head or None, what the head must have as `previous`) of a file."""
    running, any_before = hashlib.sha256(), False
    for number, line in enumerate(lines, 1):
        head = read_line(line)
        yield number, line, head, running.hexdigest() if any_before else START
        if head is not None:
            running = hashlib.sha256()
        running.update(line)
        any_before = True


def find_end(path: Path) -> End:
    """The end of a file of heads; there may be no file.

    Raises:
        OSError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL))
            if size > _TAIL:
                file.readline()  # the rest of a line
            end = _end_of(file)
            if end.head is None and size > _TAIL:
                file.seek(0)
                end = _end_of(file)
            return end
    except FileNotFoundError:
        return End(None, START, False)


def _end_of(lines: Iterable[bytes]) -> End:
    last: Head | None = None
    running, any_before, torn = hashlib.sha256(), False, False
    for line in lines:
        head = read_line(line)
        if head is not None:
            last, running = head, hashlib.sha256()
        running.update(line)
        any_before, torn = True, not line.endswith(b"\n")
    if torn:
        running.update(b"\n")  # with which whoever adds the next head ends that line
    return End(last, running.hexdigest() if any_before else START, torn)


@contextmanager
def alone_with(path: Path) -> Iterator[int]:
    """The file open for adding to, made where it is not there; nobody else adds to it meanwhile.

    Raises:
        OSError: it cannot be opened, made or locked.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)


def add_lines(handle: int, path: Path, content: bytes) -> None:
    """Add to the file, durably.

    Raises:
        OSError: it cannot be written; a part of a line may be left, which the next head tells.
    """
    while content:
        content = content[os.write(handle, content) :]
    os.fsync(handle)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def place_of(home: Path) -> Path:
    """Where the heads lie: as the environment says, else in the home folder."""
    named = os.environ.get(PLACE)
    return Path(named) if named else home / FILE
