"""Files that people send and that hold no message as such: spreadsheets, documents, pictures, mail.

They are told by what they hold, never by their name, so that the sender is told what it is and what to do with it. What
they are is in `file_kinds.json`.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Collection
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from varde.messages.packing import FAULTS, ZIP, ZIP_ENTRY

OLE = bytes.fromhex("d0cf11e0a1b11ae1")
"""How a compound file begins: the office files of old, and mail of Outlook."""

WINDOW = 8192
MOST_MEMBERS = 10_000
"""A zip with more is no document."""

_HEADER = re.compile(rb"\A(?:[\x21-\x39\x3b-\x7e]+:[^\n]*\n(?:[ \t][^\n]*\n)*){2,}")
_HEADER_NAME = re.compile(rb"^([\x21-\x39\x3b-\x7e]+):", re.M)


class FileKind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of file; exactly one of the signs is given.

    Attributes:
        name: as a person knows it, in no language.
        reason: why it is no message, of `reasons.json`.
        begins: its first bytes, in hexadecimal digits.
        member: a file that its zip holds.
        mimetype: how the first member of its zip begins, which is called so.
        stream: a stream of its compound file.
        headers: mail headers, of which it begins with two at least.
    """

    name: str
    reason: Literal["spreadsheet-file", "document-file", "mail-file"]
    begins: str = ""
    member: str = ""
    mimetype: str = ""
    stream: str = ""
    headers: tuple[str, ...] = ()


class _Kinds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    valid_from: str
    source: str
    kinds: tuple[FileKind, ...]


@cache
def file_kinds() -> tuple[FileKind, ...]:
    """All kinds, the more certain before the less.

    Raises:
        msgspec.ValidationError: the file breaks its schema.
    """
    data = files("varde.messages").joinpath("file_kinds.json").read_bytes()
    return msgspec.json.decode(data, type=_Kinds).kinds


def find_kind(data: bytes) -> FileKind | None:
    """What kind of file some bytes are; None for a message, for plain text, and for all that is not listed."""
    members, mimetype = _look_inside(data) if data.startswith(ZIP) else (frozenset(), "")
    headers = _headers_of(data)
    return next(
        (kind for kind in file_kinds() if _is(kind, data, members, mimetype, headers)), None
    )


def _is(
    kind: FileKind, data: bytes, members: Collection[str], mimetype: str, headers: Collection[str]
) -> bool:
    if kind.begins:
        return data.startswith(bytes.fromhex(kind.begins))
    if kind.member:
        # Only what says that it is a document: an archive of messages may hold a folder of any name.
        return kind.member in members and "[Content_Types].xml" in members
    if kind.mimetype:
        return mimetype.startswith(kind.mimetype)
    if kind.stream:
        return data.startswith(OLE) and _names_stream(data, kind.stream)
    return sum(name.casefold() in headers for name in kind.headers) >= 2


def _names_stream(data: bytes, name: str) -> bool:
    """Whether a directory entry has the name: 64 bytes of UTF-16, the rest of them empty."""
    return name.encode("utf-16-le") + b"\x00\x00" in data


def _look_inside(data: bytes) -> tuple[frozenset[str], str]:
    """The names in a zip, and what its member ``mimetype`` says; nothing of a damaged one."""
    if data.count(ZIP_ENTRY) > MOST_MEMBERS:
        return frozenset(), ""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = frozenset(archive.namelist())
            if "mimetype" not in names:
                return names, ""
            with archive.open("mimetype") as source:
                return names, source.read(200).decode("ascii", "replace").strip()
    except FAULTS:
        return frozenset(), ""


def _headers_of(data: bytes) -> frozenset[str]:
    """The names of the headers that a text begins with, in lower case; none where it begins otherwise."""
    found = _HEADER.match(data[:WINDOW].replace(b"\r\n", b"\n"))
    if found is None:
        return frozenset()
    return frozenset(
        name.decode("ascii").casefold() for name in _HEADER_NAME.findall(found.group())
    )
