"""JSON from strangers, before any content: encoding, depth, control characters, keys that stand twice."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

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
    # One sign is found faster than four, and most texts have not even that.
    found = CONTROL.search(text) if b"\\" in text and b"\\u00" in text else None
    if found is not None:
        at = found.end() - 6
        raise UnreadableMessage("malformed-json", place_in(text, at), found.group()[-6:].decode())


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
    doubled: list[_Doubled] = []

    def see(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) == len(pairs):
            return found
        double = _Doubled(found)
        counts = Counter(key for key, _ in pairs)
        double.key = next(key for key, count in counts.items() if count > 1)
        doubled.append(double)
        return double

    # Numbers stay text: how long one may be is not this function's question.
    whole = json.loads(text, object_pairs_hook=see, parse_int=str, parse_float=str)
    pending: list[tuple[str, Any]] = [("", whole)] if doubled else []
    while pending:
        path, value = pending.pop()
        if isinstance(value, _Doubled):
            return path, value.key
        if isinstance(value, dict):
            pending += [(f"{path}.{key}", inner) for key, inner in reversed(value.items())]
        elif isinstance(value, list):
            pending += [(f"{path}[{n}]", inner) for n, inner in reversed([*enumerate(value)])]
    return None


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
