"""The names of a FHIR bundle that cannot be read as JSON: who sent it, and which report or vaccination.

Each resource that is still whole is read for itself. What is not there exactly once is left empty: an
empty name is better than another report's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

import msgspec

from varde.messages.errors import MessageError
from varde.messages.fhir.immunizations import read_vaccinator
from varde.messages.fhir.names import own_number, read_sender, report_id_of
from varde.messages.fhir.references import Held, Store
from varde.messages.fhir.resources import (
    DiagnosticReport,
    Entry,
    Identifier,
    Immunization,
    Reference,
)
from varde.messages.json_documents import MAX_DEPTH, as_utf8
from varde.messages.kith.salvage import MAX_SEARCHED
from varde.messages.names import Names

MAX_ENTRIES = 5000
MAX_FAULTS = 20
"""So many resources that are not whole are passed over before the search ends."""

ENTRY = re.compile(r'"entry"\s{0,100}:')
RESOURCE = re.compile(
    r'(?:"fullUrl"\s{0,100}:\s{0,100}"([^"\\]{0,200})"\s{0,100},\s{0,100})?"resource"\s{0,100}:\s{0,100}(?=\{)'
)
ADDRESS_AFTER = re.compile(r'\s{0,100},\s{0,100}"fullUrl"\s{0,100}:\s{0,100}"([^"\\]{0,200})"')
STATEMENT = re.compile(r'"resourceType"\s{0,100}:\s{0,100}"(?:DiagnosticReport|Immunization)"')
IDENTIFIER = re.compile(r'"identifier"\s{0,100}:\s{0,100}(?=\{)')

_DECODER = json.JSONDecoder()


def salvage_bundle_names(data: bytes) -> Names:
    """Sender, message id and report id from the bytes of a damaged bundle. Never raises.

    Sender and report id are given only when the bundle holds one report or vaccination, and that is
    still whole.
    """
    if len(data) > MAX_SEARCHED:
        return Names()
    try:
        text = as_utf8(data).decode("utf-8")
    except MessageError:
        text = data.decode("utf-8", "replace")
    begins = [match.start() for match in ENTRY.finditer(text)]
    message_id = _message_id(text[: begins[0]]) if len(begins) == 1 else ""
    if len(STATEMENT.findall(text)) != 1:
        return Names("", message_id, "")
    store = Store(_whole_entries(text))
    held = next(iter(store.of_kinds("DiagnosticReport", "Immunization")), None)
    if held is None or not isinstance(held.resource, DiagnosticReport | Immunization):
        return Names("", message_id, "")
    number = sender = ""
    try:
        if isinstance(held.resource, Immunization):
            number = own_number(held.resource.identifier, message_id)
        else:
            number = report_id_of(held, held.resource, store, message_id)
        sender = _sender(held, held.resource, store)
    except MessageError:
        pass  # what is damaged has no name
    return Names(sender, message_id, number if number.isascii() and number != message_id else "")


def _message_id(head: str) -> str:
    """Bundle.identifier before the entries, when there is exactly one."""
    found = list(IDENTIFIER.finditer(head))
    if len(found) != 1:
        return ""
    value = _object_at(head, found[0].end())
    try:
        return msgspec.json.decode(value[0], type=Identifier).value.strip() if value else ""
    except msgspec.MsgspecError:
        return ""


def _whole_entries(text: str) -> list[Entry]:
    entries: list[Entry] = []
    faults = at = 0
    while faults < MAX_FAULTS and len(entries) < MAX_ENTRIES:
        found = RESOURCE.search(text, at)
        if found is None:
            break
        whole = _object_at(text, found.end())
        if whole is None:
            faults += 1
            at = found.end()
            continue
        raw, at = whole
        after = ADDRESS_AFTER.match(text, at)
        address = found.group(1) or (after.group(1) if after else "")
        entries.append(Entry(full_url=address, resource=msgspec.Raw(raw)))
    return entries


def _object_at(text: str, start: int) -> tuple[bytes, int] | None:
    """The bytes of the JSON object that begins there, and where it ends; None when it is not whole."""
    try:
        value, end = _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or _depth(value) > MAX_DEPTH:
        return None
    raw = text[start:end].encode("utf-8", "replace")
    try:
        msgspec.json.decode(raw, type=msgspec.Raw)
    except (msgspec.MsgspecError, RecursionError):
        return None
    return raw, end


def _depth(value: object) -> int:
    depth = 0
    level = [value]
    while level:
        depth += 1
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return depth


def _sender(held: Held, stated: DiagnosticReport | Immunization, store: Store) -> str:
    """Who says it; empty when an organisation that may say more is among what is lost."""
    if any(store.find(actor, held, "performer") is None for actor in _performers(stated)):
        return ""
    for other in store.all:
        part_of = getattr(other.resource, "part_of", None) or getattr(
            other.resource, "organization", None
        )
        if part_of is not None and store.find(part_of, other, "partOf") is None:
            return ""
    if isinstance(stated, Immunization):
        sender = read_vaccinator(held, stated, store).identifier
    else:
        sender = read_sender(held, stated, store).identifier
    return sender if sender.isascii() else ""


def _performers(stated: DiagnosticReport | Immunization) -> Iterable[Reference]:
    if isinstance(stated, Immunization):
        return [each.actor for each in stated.performer if each.actor is not None]
    return stated.performer
