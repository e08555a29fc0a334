"""The one function that turns whatever arrived into records."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from varde.messages.detect import detect, holds_notifications, is_markup
from varde.messages.errors import MessageError, UnreadableMessage
from varde.messages.fhir.reports import read_fhir
from varde.messages.fhir.salvage import salvage_bundle_names
from varde.messages.file_kinds import find_kind
from varde.messages.hl7v2.names import salvage_names as salvage_hl7v2_names
from varde.messages.hl7v2.reports import read_hl7v2
from varde.messages.hl7v2.segments import is_hl7v2
from varde.messages.isolate_list.mapping import find_sender, read_mapping
from varde.messages.isolate_list.reading import read_isolate_list
from varde.messages.json_documents import begins_as_json, check_depth
from varde.messages.kith.reports import read_kith
from varde.messages.kith.salvage import salvage_names
from varde.messages.klinikermelding.notifications import read_klinikermelding
from varde.messages.marks import is_marked
from varde.messages.names import Names, failure_of
from varde.messages.packing import is_packed, refuse_packed
from varde.messages.records import Failure, LabReport, Statement
from varde.messages.table_readers import READERS
from varde.messages.tables.layout import find_layout
from varde.messages.tables.reading import read_table

READER_VERSION = "16"
"""Raised whenever the same bytes may give another record than before; a replay names it."""


BLANKS = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"
_NAMESPACE = b"www.kith.no/xmlstds/labsvar/"


def read(
    data: bytes, mapping: bytes | None = None, received: datetime | None = None
) -> Iterator[Statement | Failure]:
    """The reports of one file or transmission, in its order, good and bad ones alike.

    Args:
        data: the bytes as they arrived.
        mapping: the bytes of the mapping file, for isolate lists.
        received: when the bytes arrived (aware): nothing in them may be dated more than a day later.
            None leaves that check out.

    No exception leaves this function for bad input: what cannot be used is a `Failure`. The reason
    ``reader-fault`` is the last resort for a fault of our own; no known input gives it.
    """
    item = 0
    try:
        for record in _records(data, mapping, received):
            item += 1
            yield record
    except MessageError as error:
        yield failure_of(error, item, *_salvage(data, mapping), seems_notifiable(data))
    except Exception as error:
        yield Failure(
            item=item,
            reason="reader-fault",
            detail=type(error).__name__,
            notifiable=seems_notifiable(data),
        )


def seems_notifiable(data: bytes) -> bool:
    """Whether what cannot be read bears the mark of something notifiable, or begins as a clinician's notification."""
    return is_marked(data) or holds_notifications(data)


def _salvage(data: bytes, mapping: bytes | None) -> tuple[Names, str]:
    """Whose something is that cannot be read as a whole, and of which kind, as far as that can be seen."""
    if is_markup(data):
        return salvage_names(data), LabReport.kind if _NAMESPACE in data[:4096] else ""
    if is_hl7v2(data):
        return salvage_hl7v2_names(data), LabReport.kind
    if begins_as_json(data):
        return salvage_bundle_names(data), ""
    return (Names(), "") if mapping is None else (Names(find_sender(mapping)), LabReport.kind)


def _records(
    data: bytes, mapping: bytes | None, received: datetime | None
) -> Iterator[Statement | Failure]:
    if is_markup(data):
        return read_kith(data, received)
    if is_hl7v2(data):
        return read_hl7v2(data, received)
    if holds_notifications(data):
        return read_klinikermelding(data, received)
    if begins_as_json(data):
        return read_fhir(data, received)
    if (foreign := find_kind(data)) is not None:
        raise UnreadableMessage(foreign.reason, detail=foreign.name)
    if is_packed(data):
        refuse_packed(data)
    if (layout := find_layout(data)) is not None:
        return read_table(data, layout, READERS[layout.table.key], received)
    if mapping is not None:
        return read_isolate_list(data, read_mapping(mapping), received)
    if not data.strip(BLANKS + b"\x0b\x1c"):
        raise UnreadableMessage("empty")
    if detect(data) == "isolate-list":
        raise UnreadableMessage("mapping-missing")
    if data.lstrip(BLANKS).startswith(b"["):
        check_depth(data)  # an array that nobody can read, because it is nested without end
    raise UnreadableMessage("unknown-format")
