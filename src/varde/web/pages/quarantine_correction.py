"""A correction before it is handed in: what it changes, what is still wrong with it, and the lines to look at."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from varde import register
from varde.register import APART, Incoming, QuarantineItem, Raw, Register
from varde.web.fault_words import encoding_name, line_of
from varde.web.pages.quarantine import words_of

MOST_FAULTS = 20
MOST_LATER = 50
"""Newer entries of the sender that are looked at for a correction of this one."""
AROUND = 2
"""Lines shown before and after the one at fault."""
LONGEST_LINE = 240
_BREAKS = re.compile(r"\r\n|\r|\n")
_NAME = re.compile(r"rettelse-av-(\d{1,16})-(\d{1,8})", re.ASCII)
_DECLARED = re.compile(r"(.+?)(?:: (?:0x)?[0-9A-F]{2}| → .+)")


class Line(NamedTuple):
    """A line of a text; `marked` is the one that a fault is on."""

    number: int
    text: str
    marked: bool


class Encoding(NamedTuple):
    """The encoding that a message says it is in, and what people call it."""

    codec: str
    name: str


def declared_encoding(entry: QuarantineItem) -> Encoding | None:
    """What a message that is in another encoding says that it is in; None for all others."""
    if entry.reason != "wrong-encoding":
        return None
    found = _DECLARED.fullmatch(entry.detail)
    name = encoding_name(found[1]) if found else ""
    try:
        codec = codecs.lookup(name).name
    except LookupError:
        return None
    return Encoding(codec, name)


def correct(raw: Raw, text: str, submitter: str, encoding: str = "") -> Incoming | None:
    """The message as it was corrected, named after what it corrects; None when nothing was changed.

    Args:
        encoding: to write it in, in place of the one that it came in.

    Raises:
        CannotWrite: the text has signs that the encoding lacks.
    """
    written = raw if not encoding else replace(raw, encoding=encoding)
    if written.encoding == raw.encoding and _BREAKS.sub("\n", text) == raw.text:
        return None
    name = f"rettelse-av-{raw.item.message}-{raw.item.position + 1}"
    # What was handed in as something else than it is, is told anew what it is: by its reader.
    kind = "" if raw.item.reason == "wrong-kind" else raw.item.kind
    return replace(written.corrected(text, submitter), name=name, kind=kind)


def find_faults(
    opened: Register, incoming: Incoming, text: str, now: datetime, language: str
) -> tuple[list[dict[str, Any]], int]:
    """What would keep a correction from being used, at most `MOST_FAULTS`; and how many in all.

    Each with the lines of the text that it is about.
    """
    items = register.validate(opened, incoming, now)
    wrong = [item for item in items if item.state == "quarantined"]
    found = [
        {**words_of(item, language), "lines": excerpt(text, line_of(item.place))}
        for item in wrong[:MOST_FAULTS]
    ]
    return found, len(wrong)


def excerpt(text: str, line: int | None) -> list[Line]:
    """A line of a text, from 1, with those around it; none when the text has no such line."""
    lines = _BREAKS.split(text)
    if line is None or not 1 <= line <= len(lines):
        return []
    first = max(line - AROUND, 1)
    return [
        Line(number, _cut(each), number == line)
        for number, each in enumerate(lines[first - 1 : line + AROUND], first)
    ]


def _cut(line: str) -> str:
    return line if len(line) <= LONGEST_LINE else line[:LONGEST_LINE] + " …"


def corrects(name: str, own: str | None) -> QuarantineItem | None:
    """The entry that a message was handed in to correct, by the message's name.

    Args:
        own: only of this sender; None for anybody's.
    """
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    message, position = int(found[1]), int(found[2]) - 1
    entries = register.entries_of(message, own)
    return next((entry for entry in entries if entry.position == position), None)


def corrections(
    entry: QuarantineItem, names: Iterable[tuple[QuarantineItem, str]]
) -> list[QuarantineItem]:
    """The entries among later ones that were handed in to correct this one."""
    own = f"rettelse-av-{entry.message}-{entry.position + 1}"
    return [later for later, name in names if name == own]


def later_entries(entry: QuarantineItem) -> list[QuarantineItem]:
    """What the sender got into quarantine after an entry, newest first, at most `MOST_LATER`."""
    if not entry.sender or register.database_in_use() in APART:
        return []
    newest = register.quarantine_items(sender=entry.sender, state=None, limit=MOST_LATER)
    return [item for item in newest if item.message > entry.message]
