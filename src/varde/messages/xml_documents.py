"""Bytes to one XML tree, safely: sizes, encodings and forbidden constructs before any content.

No entity is resolved, no network is touched, no document type is accepted.
"""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from varde.messages.errors import UnreadableMessage
from varde.messages.text import first_letter, is_disguised_utf8, place_in

MAX_BYTES = 20 * 1024 * 1024
SINGLE_BYTE = {
    "iso-8859-1": "iso-8859-1",
    "iso8859-1": "iso-8859-1",
    "latin1": "iso-8859-1",
    "latin-1": "iso-8859-1",
    "iso-8859-15": "iso-8859-15",
    "windows-1252": "cp1252",
    "cp1252": "cp1252",
}
UTF8 = frozenset({"", "utf-8", "utf8", "us-ascii", "ascii"})
DECLARATION = re.compile(rb"<\?xml\s[^>]*?\?>")
ENCODING = re.compile(rb"encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")

PARSER_OPTIONS: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_blank_text": True,
    "remove_comments": True,
    "remove_pis": True,
    "collect_ids": False,
}


def parse_document(data: bytes) -> Any:
    """The root element of one XML document.

    Raises:
        UnreadableMessage: ``empty``, ``too-large``, ``unsupported-encoding``, ``wrong-encoding``,
            ``forbidden-xml``, ``truncated``, ``too-deep`` or ``not-well-formed``.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableMessage("too-large", detail=f"{len(data) / 1e6:.0f} MB")
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise UnreadableMessage("empty")
    text = as_utf8(data)
    refuse_document_type(text)
    try:
        root = etree.fromstring(text, etree.XMLParser(encoding="utf-8", **PARSER_OPTIONS))
    except etree.XMLSyntaxError as error:
        raise _syntax_error(error, text) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableMessage("forbidden-xml", detail="DOCTYPE")
    return root


def as_utf8(data: bytes) -> bytes:
    """The document as UTF-8 bytes without byte order mark, after checking what it declares."""
    if data[:4] in (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff"):
        raise UnreadableMessage("unsupported-encoding", detail="UTF-32")
    wide = wide_encoding(data[:4])
    if wide:
        return _decode(data, wide).lstrip("\ufeff").encode("utf-8", "surrogatepass")
    if data[:3] == b"\xef\xbb\xbf":
        data = data[3:]
    data = data.lstrip(b" \t\r\n")
    declared = declared_encoding(data)
    # Some programs write "utf-16" into a document that they then save as UTF-8: what is read here
    # byte by byte cannot be UTF-16, so the declaration is wrong and the bytes decide.
    if declared in UTF8 or declared in ("utf-16", "unicode"):
        _decode(data, "utf-8")
        return data
    codec = SINGLE_BYTE.get(declared)
    if codec is None:
        raise UnreadableMessage("unsupported-encoding", "line 1", declared)
    if data.isascii():
        return data
    if is_disguised_utf8(data):
        place = place_in(data, first_letter(data))
        raise UnreadableMessage("wrong-encoding", place, f"{declared} → utf-8")
    return _decode(data, codec).encode("utf-8")


def declared_encoding(data: bytes) -> str:
    """The encoding that the XML declaration names, in lower case; empty without one."""
    declaration = DECLARATION.match(data[:400])
    found = ENCODING.search(declaration.group()) if declaration else None
    return found.group(1).decode("ascii").lower() if found else ""


def refuse_document_type(data: bytes) -> None:
    """Raise when anything but comments and instructions stands before the root element."""
    at = 0
    while True:
        at = _after_blanks(data, at)
        if data.startswith(b"<?", at):
            end = data.find(b"?>", at)
        elif data.startswith(b"<!--", at):
            end = data.find(b"-->", at)
        elif data.startswith(b"<!", at):
            raise UnreadableMessage("forbidden-xml", place_in(data, at), "DOCTYPE")
        else:
            return
        if end < 0:
            return  # truncated: the parser says where
        at = end + 2


def _after_blanks(data: bytes, at: int) -> int:
    while at < len(data) and data[at] in b" \t\r\n>":
        at += 1
    return at


def wide_encoding(start: bytes) -> str:
    """The codec of a document that begins with these four bytes in UTF-16; empty for all others."""
    if start[:2] == b"\xff\xfe" or start == b"<\x00?\x00" or start == b"<\x00M\x00":
        return "utf-16-le"
    if start[:2] == b"\xfe\xff" or start == b"\x00<\x00?" or start == b"\x00<\x00M":
        return "utf-16-be"
    return ""


def _decode(data: bytes, codec: str) -> str:
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        found = f"{codec}: {data[error.start]:02X}"
        raise UnreadableMessage("wrong-encoding", place_in(data, error.start), found) from None


TRUNCATED = frozenset(
    {
        etree.ErrorTypes.ERR_DOCUMENT_END,
        etree.ErrorTypes.ERR_TAG_NOT_FINISHED,
        etree.ErrorTypes.ERR_GT_REQUIRED,
        etree.ErrorTypes.ERR_LTSLASH_REQUIRED,
        etree.ErrorTypes.ERR_ATTRIBUTE_NOT_FINISHED,
        etree.ErrorTypes.ERR_COMMENT_NOT_FINISHED,
        etree.ErrorTypes.ERR_CDATA_NOT_FINISHED,
        etree.ErrorTypes.ERR_PI_NOT_FINISHED,
        etree.ErrorTypes.ERR_DOCUMENT_EMPTY,
    }
)


NAMED = re.compile(
    r"tag mismatch: (?P<open>\S+) line \d+ and (?P<close>[^\s,]+)"
    r"|Entity '(?P<entity>[^']+)' not defined|Namespace prefix (?P<prefix>\S+) "
)
"""What a person who mends the message can use of the parser's words: the names in them."""
FAULTS: dict[int, str] = {
    code: name for name, code in vars(etree.ErrorTypes).items() if name.startswith("ERR_")
}
"""What libxml2 calls its errors (``ERR_LT_IN_ATTRIBUTE``), by their numbers."""


def _syntax_error(error: Any, data: bytes) -> UnreadableMessage:
    message = str(error.msg)
    line = error.lineno or 0
    column = (error.offset or 0) + 1
    place = f"line {line}, column {column}" if column > 0 else f"line {line}"
    lowered = message.casefold()
    if "depth" in lowered:
        return UnreadableMessage("too-deep", place)
    if "huge" in lowered or "amplification" in lowered or "limit" in lowered:
        return UnreadableMessage("too-large", place)
    at_end = line >= data.rstrip().count(b"\n") + 1
    if at_end and not data.rstrip().endswith(b">"):
        return UnreadableMessage("truncated", place)
    if at_end and (error.code in TRUNCATED or "premature end" in lowered):
        return UnreadableMessage("truncated", place)
    return UnreadableMessage("not-well-formed", place, _offending(message, error.code))


def _offending(message: str, code: int) -> str:
    """The names that the parser complains of, in the signs of XML; else what it calls the fault."""
    found = NAMED.search(message)
    if found is None:
        return FAULTS.get(code, "")
    if found["entity"]:
        return f"&{found['entity']};"
    return f"{found['prefix']}:" if found["prefix"] else f"<{found['open']}> … </{found['close']}>"
