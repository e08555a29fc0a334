"""JSON from strangers, before any content: encoding, depth, control characters, keys that stand twice."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from varde.messages.errors import UnreadableMessage
from varde.messages.text import place_in

MAX_DEPTH = 64
"""Deepest nesting of objects and arrays. A laboratory answer needs about ten, a notification four."""

ALL_BYTES = bytes(range(256))
NOT_BRACKETS = bytes(set(ALL_BYTES) - set(b"{}[]"))
STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\Z)', re.DOTALL)
CONTROL = re.compile(rb"(?<!\\)(?:\\\\)*\\u00(?:0[0-8bcef]|1[0-9a-f])", re.IGNORECASE)
"""An escaped control character; tab and line ends are allowed, and a database takes not even NUL."""

ESCAPE = re.compile(rb"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)
LEADS = tuple(map(chr, range(0xF000, 0xF010)))
"""Signs of private use, one of which begins the mark of a character that cannot be used."""

FIRST_MARK = 0xE000
"""What the second sign of a mark counts from."""

Path = tuple[str | int, ...]
"""The keys and numbers that lead to a value, from the outermost."""

POSITION = re.compile(r"\(byte (\d+)\)")

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


def begins_as_json(data: bytes) -> bool:
    """Whether the first visible character opens a JSON object, in UTF-8 or UTF-16."""
    start = data[:400]
    codec = _wide_encoding(start)
    text = start.decode(codec or "utf-8", "replace")
    return text.lstrip("\ufeff \t\r\n").startswith("{")


def as_utf8(data: bytes) -> bytes:
    """The document as UTF-8 bytes without byte order mark.

    Raises:
        UnreadableMessage: ``unsupported-encoding`` or ``wrong-encoding``.
    """
    if data[:4] in (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff", b"{\x00\x00\x00", b"\x00\x00\x00{"):
        raise UnreadableMessage("unsupported-encoding", detail="UTF-32")
    codec = _wide_encoding(data) or "utf-8"
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as error:
        found = f"{codec}: {data[error.start]:02X}"
        raise UnreadableMessage("wrong-encoding", place_in(data, error.start), found) from None
    if codec != "utf-8":
        return text.lstrip("\ufeff").encode("utf-8")
    return data[3:] if data[:3] == b"\xef\xbb\xbf" else data


def _wide_encoding(data: bytes) -> str:
    """The codec of a text in UTF-16; empty for all others. JSON begins with two ASCII signs."""
    if data[:2] == b"\xff\xfe" or (data[1:2] == b"\x00" and data[:1] in b"{[ \t\r\n"):
        return "utf-16-le"
    if data[:2] == b"\xfe\xff" or (data[:1] == b"\x00" and data[1:2] in b"{[ \t\r\n"):
        return "utf-16-be"
    return ""


def check_depth(text: bytes) -> None:
    """Refuse deeper nesting than `MAX_DEPTH`.

    Innermost pairs of brackets are removed from the brackets alone, level by level: that is exact
    when no text holds brackets, and else texts are taken out first.

    Raises:
        UnreadableMessage: ``too-deep``.
    """
    if text.count(b"{") + text.count(b"[") <= MAX_DEPTH:
        return
    if not _may_be_deeper(text.translate(None, NOT_BRACKETS)):
        return
    rest = STRING.sub(b"", text).translate(None, NOT_BRACKETS)
    depth = 0
    for sign in rest:
        depth += 1 if sign in b"{[" else -1
        if depth > MAX_DEPTH:
            raise UnreadableMessage("too-deep", detail=f"> {MAX_DEPTH}")
        if depth < 0:
            return  # not well-formed: the parser says where


def _may_be_deeper(brackets: bytes) -> bool:
    """Whether counting is needed: the pairs are not gone after so many rounds, or go too slowly."""
    for _ in range(MAX_DEPTH):
        if not brackets:
            return False
        left = brackets.replace(b"{}", b"").replace(b"[]", b"")
        if len(left) * 8 > len(brackets) * 7:
            return True
        brackets = left
    return bool(brackets)


def check_characters(text: bytes) -> None:
    """Refuse escaped control characters.

    Raises:
        UnreadableMessage: ``malformed-json``, with the character as it is written.
    """
    found = find_control(text)
    if found is not None:
        at = found.end() - 6
        raise UnreadableMessage("malformed-json", place_in(text, at), found.group()[-6:].decode())


def find_control(text: bytes) -> re.Match[bytes] | None:
    """The first escaped control character, with the backslashes before it; None without."""
    # One sign is found faster than four, and most texts have not even that.
    return CONTROL.search(text) if b"\\" in text and b"\\u00" in text else None


class Marked(NamedTuple):
    """A text whose escapes of characters that no text can hold are marks.

    Attributes:
        text: of the same length, so that places in it are places in the text.
        lead: the sign that begins each mark, and stands nowhere else; empty without marks.
    """

    text: bytes
    lead: str = ""

    def shown(self, value: str) -> str:
        """A text out of it with the escapes as they were written."""
        if not self.lead or self.lead not in value:
            return value
        first, *others = value.split(self.lead)
        return first + "".join(_written(other[:1]) + other[1:] for other in others)

    def first_of(self, value: str) -> str:
        """The first such escape in a text out of it, as it was written; empty without."""
        return _written(value.partition(self.lead)[2][:1]) if self.has(value) else ""

    def has(self, value: str) -> bool:
        """Whether a text out of it holds such a character."""
        return bool(self.lead) and self.lead in value


def mark_characters(text: bytes) -> Marked:
    """Put a mark in the place of each escaped control character and each half of a surrogate pair.

    The parser stops at such a half, and a database at a NUL: with marks the text can be parsed, and
    what holds them can be found.

    Raises:
        UnreadableMessage: ``malformed-json``, in the case that every sign for marks is in the text.
    """
    bad = [*_bad_escapes(text)]
    if not bad:
        return Marked(text)
    lower = text.lower()
    free = (
        lead for lead in LEADS if lead.encode() not in text and b"\\u%04x" % ord(lead) not in lower
    )
    lead = next(free, "")
    if not lead:
        raise UnreadableMessage("malformed-json", place_in(text, bad[0][0]))
    marked = bytearray(text)
    for at, code in bad:
        number = code if code < 0x20 else code - 0xD800 + 0x20
        marked[at : at + 6] = (lead + chr(FIRST_MARK + number)).encode()
    return Marked(bytes(marked), lead)


def _written(sign: str) -> str:
    number = ord(sign) - FIRST_MARK
    return f"\\u{number if number < 0x20 else number - 0x20 + 0xD800:04x}"


def _bad_escapes(text: bytes) -> Iterator[tuple[int, int]]:
    """Where escapes of control characters and of halves of surrogate pairs begin, and which they are."""
    high: tuple[int, int] | None = None
    for found in ESCAPE.finditer(text):
        at, code = found.start(), int(found[1], 16) if found[1] else -1
        low = 0xDC00 <= code < 0xE000
        if high is not None:
            if low and at == high[0] + 6:
                high = None
                continue
            yield high
            high = None
        if 0xD800 <= code < 0xDC00:
            high = at, code
        elif low or (0 <= code < 0x20 and code not in (9, 10, 13)):
            yield at, code
    if high is not None:
        yield high


def syntax_error(error: Exception, text: bytes) -> UnreadableMessage:
    """What the parser's error says: ``too-deep``, ``several-documents``, ``truncated`` or
    ``malformed-json``."""
    if isinstance(error, RecursionError):
        return UnreadableMessage("too-deep")
    message = str(error)
    found = POSITION.search(message)
    if "trailing" in message and found:
        at = int(found.group(1)) - 1  # the parser has read the first sign too many
        another = text[at : at + 1] in (b"{", b"\x1e")
        return UnreadableMessage(
            "several-documents" if another else "malformed-json", place_in(text, at)
        )
    if found is None and _is_unclosed(text):
        return UnreadableMessage("truncated", place_in(text, len(text)))
    return UnreadableMessage("malformed-json", place_in(text, int(found.group(1))) if found else "")


def _is_unclosed(text: bytes) -> bool:
    """Whether brackets are open at the end of a text: the parser calls other faults truncated too."""
    brackets = STRING.sub(b"", text).translate(None, NOT_BRACKETS)
    opened = brackets.count(b"{") + brackets.count(b"[")
    return 2 * opened > len(brackets)


def may_hold_duplicates(text: bytes, value: Any) -> bool:
    """Whether some object may hold a key twice; False is certain.

    Args:
        text: JSON that could be read.
        value: what was read, the last of equal keys counting. Written anew it has the colons of its
            keys and texts; a key that was lost has taken at least one with it.
    """
    try:
        return b"\\u003" in text or text.count(b":") != _encode(value).count(b":")
    except OverflowError:  # a whole number of more than 64 bits can be read and not written
        return True


def refuse_duplicates(text: bytes, root: str) -> None:
    """Refuse a document that has an object with a key twice, anywhere in it.

    Args:
        text: JSON that could be read.
        root: what the document is called, for the place.

    Raises:
        UnreadableMessage: ``duplicate-key``, with the place of the key and the key.
    """
    try:
        if not may_hold_duplicates(text, _decode(text)):
            return
    except (
        msgspec.DecodeError
    ):  # a number that no type holds; the exact look leaves numbers as text
        pass
    found = find_duplicate(text)
    if found is not None:
        raise UnreadableMessage("duplicate-key", f"{root}{found[0]}.{found[1]}", found[1])


class _Doubled(dict[str, Any]):
    """An object that has a key twice."""

    key = ""


def find_duplicate(text: bytes) -> tuple[str, str] | None:
    """The first key that stands twice in an object of some JSON that could be read: the path of the
    object, as ``.entry[2].resource``, and the key; None without."""
    found = next((each for each in find_faults(Marked(text)) if each.doubled), None)
    return None if found is None else (show_path(found.path[:-1]), found.said)


class Fault(NamedTuple):
    """Something in a JSON document that no parser complains of.

    Attributes:
        path: where it is.
        said: the key that stands twice, or the character as it was written.
        doubled: whether it is such a key.
    """

    path: Path
    said: str
    doubled: bool


def show_path(path: Path) -> str:
    """A path as it is written for people: ``.entry[2].resource``."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)


def find_faults(marked: Marked) -> Iterator[Fault]:
    """The keys that stand twice in one object, and the marked characters, of JSON that could be read.

    In the order of the document. What a key that stands twice had first is not looked into.
    """

    def see(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) == len(pairs):
            return found
        double = _Doubled(found)
        counts = Counter(key for key, _ in pairs)
        double.key = next(key for key, count in counts.items() if count > 1)
        return double

    # Numbers stay text: how long one may be is not this function's question.
    whole = json.loads(marked.text, object_pairs_hook=see, parse_int=str, parse_float=str)
    pending: list[tuple[Path, Any]] = [((), whole)]
    while pending:
        path, value = pending.pop()
        if isinstance(value, _Doubled):
            key = marked.shown(value.key)
            yield Fault((*path, key), key, True)
        if isinstance(value, dict):
            for key in value:
                if marked.has(key):
                    yield Fault((*path, marked.shown(key)), marked.first_of(key), False)
            pending += [
                ((*path, marked.shown(key)), inner) for key, inner in reversed(value.items())
            ]
        elif isinstance(value, list):
            pending += [((*path, n), inner) for n, inner in reversed([*enumerate(value)])]
        elif isinstance(value, str) and marked.has(value):
            yield Fault(path, marked.first_of(value), False)


def find_duplicates(text: bytes) -> frozenset[str]:
    """The keys that stand twice in one object of some JSON that could be read."""
    twice: set[str] = set()

    def see(pairs: list[tuple[str, Any]]) -> None:
        if len(dict(pairs)) < len(pairs):
            twice.update(
                key for key, count in Counter(key for key, _ in pairs).items() if count > 1
            )

    # Numbers stay text: how long one may be is not this function's question.
    json.loads(text, object_pairs_hook=see, parse_int=str, parse_float=str)
    return frozenset(twice)
