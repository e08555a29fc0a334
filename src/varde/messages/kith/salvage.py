"""The names of a KITH message that cannot be read as XML: who sent it, and which report it is.

A laboratory must see its own broken messages, and a corrected message must settle the broken one.
Nothing is parsed but one ServProvider block, which holds no person; the rest is bounded searches for
elements with plain text. What is not there exactly once is left empty: an empty name is better than
another report's.
"""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from varde.messages.errors import MessageError
from varde.messages.kith.names import children, read_sender
from varde.messages.kith.words import words
from varde.messages.names import Names
from varde.messages.xml_documents import PARSER_OPTIONS, wide_encoding

MAX_SEARCHED = 64 * 1024 * 1024
MAX_PROVIDER = 20_000
MAX_PROVIDERS = 1000
NAMESPACE = "http://www.kith.no/xmlstds/labsvar/2012-02-15"

NOT_ELEMENTS = re.compile(
    rb"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<\?.*?(?:\?>|\Z)", re.DOTALL
)
TYPE_END = re.compile(rb"\]\s{0,100}>")
REPORT = re.compile(rb"<(?:[A-Za-z][\w.-]{0,40}:)?ServReport[\s>]")
PROVIDER = re.compile(rb"<((?:[A-Za-z][\w.-]{0,40}:)?)ServProvider>")


def salvage_names(data: bytes) -> Names:
    """Sender, message id and report id from the bytes of a damaged message. Never raises.

    The report id is given only when the message holds one report and its ServProvId is not a copy
    of the message's id.
    """
    if len(data) > MAX_SEARCHED:
        return Names()
    plain = _elements_only(data)
    reports = [match.start() for match in REPORT.finditer(plain)]
    head = plain[: reports[0]] if reports else plain
    message_id = _only_text(head, b"MsgId")
    own = _only_text(plain, b"ServProvId") if len(reports) == 1 else ""
    return Names(_sender(plain), message_id, own if own != message_id else "")


def _elements_only(data: bytes) -> bytes:
    """The bytes in a superset of ASCII, without comments, character data and document type."""
    wide = wide_encoding(data[:4])
    if wide:
        data = data.decode(wide, "replace").encode("utf-8", "replace")
    plain = NOT_ELEMENTS.sub(b" ", data)
    kind = plain.find(b"<!")
    if kind < 0:
        return plain
    # An entity's text may look like an element: everything that could still be inside is left out.
    ends = [match.end() for match in TYPE_END.finditer(plain, kind)]
    end = ends[-1] if ends else plain.find(b">", kind) + 1
    rest = plain[end:] if end else b""
    return b"" if b"<!" in rest else rest


def _only_text(plain: bytes, name: bytes) -> str:
    """The text of the only element of that name, in ASCII; empty unless there is exactly one.

    It must reach to the element's own end: what another tag cuts short is another name.
    """
    prefix = rb"(?:[A-Za-z][\w.-]{0,40}:)?"
    opening, closing = rb"<" + prefix + name + rb">", rb"</" + prefix + name + rb"\s{0,20}>"
    found = re.findall(opening + rb"([^<>&]{0,200})(" + closing + rb")?", plain)
    if len(found) != 1 or not found[0][1] or not found[0][0].isascii():
        return ""
    text = " ".join(found[0][0].decode("ascii").split())
    return "" if text.casefold() in words().nothing else text


def _sender(plain: bytes) -> str:
    """The laboratory that every ServProvider block names; empty when they differ or one is broken."""
    blocks = list(PROVIDER.finditer(plain))
    if not blocks or len(blocks) > MAX_PROVIDERS:
        return ""
    senders = {_sender_of_block(plain, block) for block in blocks}
    return senders.pop() if len(senders) == 1 else ""


def _sender_of_block(plain: bytes, opening: re.Match[bytes]) -> str:
    prefix: bytes = opening.group(1)
    closing = b"</" + prefix + b"ServProvider>"
    end = plain.find(closing, opening.end(), opening.start() + MAX_PROVIDER)
    if end < 0:
        return ""
    block = plain[opening.start() : end + len(closing)].decode("utf-8", "replace")
    given = f"xmlns:{prefix[:-1].decode()}" if prefix else "xmlns"
    try:
        root: Any = etree.fromstring(
            f'<x {given}="{NAMESPACE}">{block}</x>', etree.XMLParser(**PARSER_OPTIONS)
        )
        sender = read_sender(children(root), None).identifier
    except (etree.XMLSyntaxError, MessageError, ValueError):
        return ""
    return sender if sender.isascii() else ""
