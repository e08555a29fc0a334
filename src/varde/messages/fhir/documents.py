"""Bytes to one FHIR Bundle, safely: size, encoding, depth and forbidden signs before any content.

Only the bundle's own fields are decoded here; its resources stay bytes. When a JSON object holds a
key twice, the last one counts, as with nearly all who read JSON.
"""

from __future__ import annotations

import re

import msgspec

from varde.messages.errors import InvalidContent, UnreadableMessage
from varde.messages.fhir.resources import Bundle
from varde.messages.fhir.words import fhir_words
from varde.messages.text import place_in
from varde.messages.xml_documents import MAX_BYTES

MAX_DEPTH = 64
"""Deepest nesting of objects and arrays. A laboratory answer needs about ten."""

MAX_ENTRIES = 100_000
"""Most resources of one bundle; so many useful ones are larger than `MAX_BYTES`."""

ALL_BYTES = bytes(range(256))
NOT_BRACKETS = bytes(set(ALL_BYTES) - set(b"{}[]"))
STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\Z)', re.DOTALL)
CONTROL = re.compile(rb"(?<!\\)(?:\\\\)*\\u00(?:0[0-8bcef]|1[0-9a-f])", re.IGNORECASE)
"""An escaped control character; FHIR allows tab and line ends only, and a database not even NUL."""

PLACE = re.compile(r"(?P<said>.*?)(?: - at `\$(?P<path>[^`]*)`)?", re.DOTALL)
TYPES = re.compile(r"Expected `(?P<wanted>[^`]*)`(?:, got `(?P<found>[^`]*)`)?")
POSITION = re.compile(r"\(byte (\d+)\)")

_BUNDLE = msgspec.json.Decoder(Bundle)


def parse_bundle(data: bytes) -> Bundle:
    """The bundle in some bytes.

    Raises:
        UnreadableMessage: ``empty``, ``too-large``, ``unsupported-encoding``, ``wrong-encoding``,
            ``too-deep``, ``truncated``, ``malformed-json``, ``several-documents`` or
            ``wrong-bundle``.
        InvalidContent: ``bad-field`` when one of the bundle's own fields has the wrong type.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableMessage("too-large", detail=f"{len(data) / 1e6:.0f} MB")
    text = as_utf8(data)
    if not text.strip(b"\x00 \t\r\n"):
        raise UnreadableMessage("empty")
    check_depth(text)
    found = CONTROL.search(text) if b"\\u00" in text else None
    if found is not None:
        at = found.end() - 6
        raise UnreadableMessage("malformed-json", place_in(text, at), found.group()[-6:].decode())
    try:
        bundle = _BUNDLE.decode(text)
    except msgspec.ValidationError as error:
        raise _bundle_error(error, text) from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise _syntax_error(error, text) from None
    if bundle.resource_type != "Bundle":
        raise UnreadableMessage("wrong-bundle", "resourceType", bundle.resource_type)
    if bundle.type not in fhir_words().bundle_types:
        raise UnreadableMessage("wrong-bundle", "Bundle.type", bundle.type)
    if len(bundle.entry) > MAX_ENTRIES:
        raise UnreadableMessage("too-large", "Bundle.entry", f"{len(bundle.entry)} > {MAX_ENTRIES}")
    return bundle


def begins_as_json(data: bytes) -> bool:
    """Whether the first visible character opens a JSON object, in UTF-8 or UTF-16."""
    start = data[:400]
    codec = _wide_encoding(start)
    text = start.decode(codec or "utf-8", "replace")
    return text.lstrip("\ufeff \t\r\n").startswith("{")


def as_utf8(data: bytes) -> bytes:
    """The document as UTF-8 bytes without byte order mark."""
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
    if not _is_deeper(text.translate(None, NOT_BRACKETS)):
        return
    rest = STRING.sub(b"", text).translate(None, NOT_BRACKETS)
    depth = 0
    for sign in rest:
        depth += 1 if sign in b"{[" else -1
        if depth > MAX_DEPTH:
            raise UnreadableMessage("too-deep", detail=f"> {MAX_DEPTH}")
        if depth < 0:
            return  # not well-formed: the parser says where


def _is_deeper(brackets: bytes) -> bool:
    for _ in range(MAX_DEPTH):
        if not brackets:
            return False
        brackets = brackets.replace(b"{}", b"").replace(b"[]", b"")
    return bool(brackets)


def describe_fault(error: msgspec.ValidationError) -> tuple[str, str]:
    """Where in its object a field is wrong, and how, as ``.code.coding[0].code`` and ``int ≠ str``."""
    said = PLACE.fullmatch(str(error))
    path = (said["path"] or "") if said else ""
    types = TYPES.search(said["said"]) if said else None
    if types is None:
        return path, ""
    return path, f"{types['found']} ≠ {types['wanted']}" if types[
        "found"
    ] else f"≠ {types['wanted']}"


def _bundle_error(error: msgspec.ValidationError, text: bytes) -> Exception:
    if not text.lstrip(b" \t\r\n").startswith(b"{"):
        return UnreadableMessage(
            "wrong-bundle", detail=text.lstrip()[:1].decode("utf-8", "replace")
        )
    path, detail = describe_fault(error)
    return InvalidContent("bad-field", f"Bundle{path}", detail)


def _syntax_error(error: Exception, text: bytes) -> UnreadableMessage:
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
    if found is None and not text.rstrip().endswith(b"}"):
        return UnreadableMessage("truncated", place_in(text, len(text)))
    return UnreadableMessage("malformed-json", place_in(text, int(found.group(1))) if found else "")
