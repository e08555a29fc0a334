"""Which wire format some bytes are, by looking at their beginning only."""

from __future__ import annotations

from typing import Literal

from varde.messages.hl7v2.segments import is_hl7v2
from varde.messages.klinikermelding.documents import is_klinikermelding
from varde.messages.tables.layout import find_table

Format = Literal["kith", "fhir", "hl7v2", "klinikermelding", "isolate-list", "table", "unknown"]
WINDOW = 4096
DELIMITERS = (",", ";", "\t", "|")


def detect(data: bytes) -> Format:
    """One of `Format`. Never raises.

    A table is text whose headings are those of a table that Varde publishes. A list is other text
    whose first line holds at least two delimiters; whether its columns are the ones its mapping
    expects is for the reader to say.
    """
    if is_hl7v2(data):
        return "hl7v2"
    start = _beginning(data)
    if is_klinikermelding(start):
        return "klinikermelding"
    if start.startswith("{") and '"resourceType"' in start:
        return "fhir"
    if start.startswith("<"):
        return "kith" if "kith.no/xmlstds/labsvar/" in start else "unknown"
    if find_table(data) is not None:
        return "table"
    if "\x00" in start or start.startswith(("{", "[", "%PDF", "PK")):
        return "unknown"
    first = start.partition("\n")[0]
    if any(first.count(delimiter) >= 2 for delimiter in DELIMITERS):
        return "isolate-list"
    return "unknown"


def is_markup(data: bytes) -> bool:
    """Whether the first visible character is an angle bracket."""
    return _beginning(data).startswith("<")


def holds_notifications(data: bytes) -> bool:
    """Whether the beginning is that of clinicians' notifications."""
    return is_klinikermelding(_beginning(data))


def _beginning(data: bytes) -> str:
    window = data[:WINDOW]
    if window[:2] in (b"\xff\xfe", b"<\x00", b"{\x00", b"[\x00"):
        text = window.decode("utf-16-le", "replace")
    elif window[:2] in (b"\xfe\xff", b"\x00<", b"\x00{", b"\x00["):
        text = window.decode("utf-16-be", "replace")
    else:
        text = window.decode("utf-8", "replace")
    return text.lstrip("\ufeff \t\r\n")
