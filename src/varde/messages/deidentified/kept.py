"""The form that is kept: JSON, one object a line, in the order of the file that was sent.

The first line says what the file is, or why none of it could be taken. A line follows for each row:
what is kept of it, or why it was refused. The last line is a seal: a keyed hash over the lines before,
so that what was minimised is known as such, and nobody can hand in something that only looks so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from varde.messages.deidentified.published import Measure, Register

FORM = 1
BEGINNING = b'{"is":"file",'

Keyed = Callable[[bytes], bytes]
"""A keyed hash of at least 16 bytes (HMAC-SHA-256, say). The key is the register's alone."""

Hash = Annotated[str, Meta(pattern=r"\A[0-9a-f]{32}\Z")]
Maybe = Annotated[str, Meta(pattern=r"\A(?:[0-9a-f]{32})?\Z")]
Sender = Annotated[str, Meta(pattern=r"\A(?:HER|ENH|RSH):[0-9]{1,10}\Z")]
MaybeSender = Annotated[str, Meta(pattern=r"\A(?:(?:HER|ENH|RSH):[0-9]{1,10})?\Z")]
Day = Annotated[str, Meta(pattern=r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")]
Period = Annotated[str, Meta(pattern=r"\A[0-9]{4}-[0-9]{2}(?:-[0-9]{2})?\Z")]
Municipality = Annotated[str, Meta(pattern=r"\A(?:[0-9]{4})?\Z")]
Key = Annotated[str, Meta(pattern=r"\A(?:[0-9]{4}|[A-Z]{2}|[a-z0-9]+(?:-[a-z0-9]+)*)?\Z")]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Place = Annotated[str, Meta(max_length=200)]
Reason = Annotated[str, Meta(pattern=r"\A(?:[a-z]+(?:-[a-z]+)*)?\Z")]
Result = Annotated[str, Meta(max_length=16)]
Mutation = Annotated[str, Meta(pattern=r"\A(?:[A-Z0-9]{1,8}:)?[A-Z][0-9]{1,4}[A-Z*/a-z]{1,11}\Z")]
Number = Annotated[int, Meta(ge=0, le=2**31)]

_LONG_NUMBER = re.compile(r"[0-9]{11}")


class Column(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A column of results: the drug as its heading names it, and whether it holds measurements."""

    drug: Name
    holds: Measure | Literal["sir"] = "sir"


class File(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True,
    tag_field="is", tag="file",
):  # fmt: skip
    """The first line.

    Attributes:
        results: the columns of results.
        refused: why nothing of the file could be taken; empty when it could.
        place: where in it.
        original: a keyed hash over the SHA-256 of what was sent, of a refused file: the same file sent
            again is known as such.
    """

    register: Register
    form: Literal[1] = FORM  # type: ignore[assignment]
    results: tuple[Column, ...] = ()
    refused: Reason = ""
    place: Place = ""
    original: Maybe = ""


class Row(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True,
    tag_field="is", tag="row",
):  # fmt: skip
    """A row that was taken.

    Attributes:
        line: where it stood in the file.
        isolate: the keyed hash of the laboratory's number.
        sampled: the month (or the day, when ``data/kept.json`` says so).
        age: whole years; the first of the oldest for all of them.
        results: the cells of the columns of results.
    """

    line: Number
    sender: Sender
    isolate: Hash
    year: Annotated[int, Meta(ge=2000, le=2099)]
    generated: Day
    version: Annotated[int, Meta(ge=0, le=999)] = 0
    service_type: Literal["N", "M", "C"] = "N"
    sampled: Period
    sex: Literal["F", "M", ""] = ""
    age: Annotated[int, Meta(ge=0, le=130)] | None = None
    municipality: Municipality = ""
    material: Name
    organism: Name
    infected_in: Key = ""
    method: Key = ""
    mutations: tuple[Mutation, ...] = ()
    results: tuple[Result, ...] = ()


class Refused(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True,
    tag_field="is", tag="refused",
):  # fmt: skip
    """A row that was refused, and nothing of what it said.

    Attributes:
        column: the published heading of the cell, or the drug's; empty for the whole row.
        sender, isolate: whose it is, as far as that is sure: a later row of the same isolate settles it.
    """

    line: Number
    reason: Reason
    column: Place = ""
    sender: MaybeSender = ""
    isolate: Maybe = ""


class Seal(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="is",
    tag="seal",
):
    """The last line."""

    of: Hash


Line = File | Row | Refused | Seal

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Line).decode


def decode_line(line: bytes) -> Line:
    """One line.

    Raises:
        msgspec.DecodeError, UnicodeDecodeError, RecursionError: it is none.
    """
    return _decode(line)


def write_kept(file: File, rows: Iterable[Row | Refused], keyed: Keyed) -> bytes:
    """The bytes that are kept."""
    lines = [_encode(file), *map(_encode, rows), b""]
    body = b"\n".join(lines)
    return body + _encode(_seal(file.register, body, keyed)) + b"\n"


def is_sealed(register: Register, data: bytes, keyed: Keyed) -> bool:
    """Whether these bytes were written by `write_kept` for this register, with this key."""
    if not data.startswith(BEGINNING) or not data.endswith(b"\n"):
        return False
    body, _, last = data[:-1].rpartition(b"\n")
    body += b"\n"
    return last == _encode(_seal(register, body, keyed))


def hash_keyed(keyed: Keyed, purpose: str, *parts: str) -> str:
    """32 hexadecimal digits of a keyed hash; what is hashed for one purpose tells nothing of another.

    Never eleven decimal digits in a row: whoever looks for identity numbers in what is kept must find
    none. One hash in eleven or so has them; the next one is taken then, always the same.

    Raises:
        ValueError: the keyed hash is shorter than 16 bytes, or always the same.
    """
    for attempt in range(1000):
        text = "\x1f".join((purpose, str(attempt), *parts))
        digest = keyed(text.encode("utf-8", "surrogatepass"))
        if len(digest) < 16:
            break
        written = digest[:16].hex()
        if not _LONG_NUMBER.search(written):
            return written
    raise ValueError(
        "no keyed hash: it must give at least 16 bytes that depend on what it is given"
    )


def _seal(register: Register, body: bytes, keyed: Keyed) -> Seal:
    return Seal(of=hash_keyed(keyed, "seal", register, sha256(body).hexdigest()))
