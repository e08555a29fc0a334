"""From a file to messages: the file itself with its column mapping, or the members of an archive."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from varde.messages import (
    UnreadableMessage,
    detect,
    find_kind,
    find_mapping,
    is_archive,
    unpack,
)
from varde.register.log import Incoming

LARGEST_MAPPING = 1 << 20
MOST_MAPPINGS = 1_000
LONGEST_NAME = 240


def open_file(
    name: str, data: bytes, mapping: bytes | None = None, *, only: bool = False, kind: str = ""
) -> Iterator[Incoming]:
    """The messages of a file: one, or of an archive one for each member, called "archive/member".

    An archive is looked through first. When anything in it cannot be unpacked, or nothing in it is a
    message, it is itself the one message, and reading it says why. Hidden members and column mappings
    are no messages, as in a folder.

    Args:
        mapping: the column mapping beside the file.
        only: whether that is the mapping of everything, also where an archive has its own.
        kind: what it is handed in as.
    """
    if find_kind(data) is not None:  # a spreadsheet is a zip too, whatever it is called
        yield Incoming(name, data, kind=kind)
        return
    if not is_archive(name, data):
        yield Incoming(name, data, mapping if _is_list(name, data) else None, kind=kind)
        return
    mappings = _survey(name, data)
    if mappings is None:
        yield Incoming(name, data, kind=kind)
        return
    for member, content in unpack(name.rpartition("/")[2], data):
        if is_message(member):
            found = mapping if only else mapping_within(member, mappings) or mapping
            useful = found if _is_list(member, content) else None
            yield Incoming(f"{name}/{member}", content, useful, kind=kind)


def read_mapping_beside(file: Path) -> bytes | None:
    """The column mapping of a file on disk; of ``list.csv.gz`` also that of ``list.csv``.

    Raises:
        OSError: it cannot be read.
    """
    if file.suffix.lower() == ".xml":
        return None
    unpacked = file.with_suffix("") if file.suffix.lower() == ".gz" else file
    # A name that has no room for ".mapping.toml" has no mapping of its own.
    named = [each for each in {file: 1, unpacked: 1} if len(os.fsencode(each.name)) < LONGEST_NAME]
    found = [beside for each in named or [file.with_name("list")] if (beside := find_mapping(each))]
    own = [beside for beside in found if beside.name != "mapping.toml"]
    return (own or found)[0].read_bytes() if found else None


def _survey(name: str, data: bytes) -> dict[str, bytes] | None:
    """The column mappings in an archive; None when it is to be kept as it came."""
    mappings: dict[str, bytes] = {}
    messages = 0
    try:
        for member, content in unpack(name.rpartition("/")[2], data):
            messages += is_message(member)
            small = len(content) <= LARGEST_MAPPING and len(mappings) < MOST_MAPPINGS
            if member.endswith(".toml") and small:
                mappings[member] = content
    except UnreadableMessage:
        return None
    return mappings if messages else None


def open_members(members: Sequence[tuple[str, bytes]]) -> Iterator[Incoming]:
    """The messages among the files of an archive, by the same rule as in `open_file`."""
    mappings = {name: data for name, data in members if name.endswith(".toml")}
    for name, data in members:
        if is_message(name):
            useful = mapping_within(name, mappings) if _is_list(name, data) else None
            yield Incoming(name, data, useful)


def is_message(member: str) -> bool:
    """Whether a file of an archive is to be read: it is neither hidden nor a column mapping.

    Hidden is what begins with a full stop or lies in a folder that does, and what the archiver of macOS
    puts beside each file (``__MACOSX``).
    """
    parts = [part for part in member.split("/") if part.strip(".")]
    hidden = any(part.startswith((".", "__MACOSX")) for part in parts)
    return not hidden and not member.endswith(".toml")


def mapping_within(member: str, mappings: dict[str, bytes]) -> bytes | None:
    """As `find_mapping` on disk: the member's own, else that of its folder."""
    folder, slash, _ = member.rpartition("/")
    shared = f"{folder}{slash}mapping.toml"
    return mappings.get(f"{member}.mapping.toml", mappings.get(shared))


def _is_list(name: str, data: bytes) -> bool:
    """Whether a column mapping is of use for the file: it is in no format of its own."""
    if name.lower().endswith(".xml") or data.lstrip()[:1] == b"<":
        return False
    return detect(data) in ("isolate-list", "unknown")
