"""The names of a notification that cannot be read as JSON: who sent it, and which report it is.

Only the envelope and the requester are looked for, each of which holds no patient. What is not there
exactly once, or not whole, is left empty: an empty name is better than another report's.
"""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from varde.messages.errors import MessageError
from varde.messages.json_documents import as_utf8
from varde.messages.klinikermelding.names import ENVELOPE, REQUESTER, names_of
from varde.messages.names import Names
from varde.messages.xml_documents import MAX_BYTES

MAX_OBJECTS = 1_000
MAX_OBJECT = 4_000
"""Characters of an envelope or a requester; both are small."""

HOLDER = re.compile(r'"(melding|rekvirent)"\s{0,100}:\s{0,100}(?=\{)')
Holder = dict[str, msgspec.Raw]

KEY = re.compile(r'"(melding|rekvirent)"\s{0,100}:')


def _only_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


_DECODER = json.JSONDecoder(object_pairs_hook=_only_once)
_decode = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def salvage_names(data: bytes) -> Names:
    """Sender, message id and report id from damaged bytes. Never raises.

    Of several notifications only the sender is told, when all of them have the same.
    """
    if len(data) > MAX_BYTES:
        return Names()
    try:
        text = as_utf8(data).decode("utf-8")
    except MessageError:
        text = data.decode("utf-8", "replace")
    keys = [match.group(1) for match in KEY.finditer(text)]
    if not keys or len(keys) > MAX_OBJECTS:
        return Names()
    found: dict[str, list[Holder | None]] = {ENVELOPE: [], REQUESTER: []}
    for match in HOLDER.finditer(text):
        found[match.group(1)].append(_object_at(text, match.end()))
    envelopes, requesters = found[ENVELOPE], found[REQUESTER]
    if keys.count(ENVELOPE) != len(envelopes) or keys.count(REQUESTER) != len(requesters):
        return Names()
    if len(envelopes) == 1 and len(requesters) < 2:
        return _plain(_names_in(ENVELOPE, envelopes[0], *requesters))
    senders = {_names_in(ENVELOPE, each).sender for each in envelopes} or {
        _names_in(REQUESTER, each).sender for each in requesters
    }
    return _plain(Names(senders.pop())) if len(senders) == 1 else Names()


def _names_in(key: str, holder: Holder | None, requester: Holder | None = None) -> Names:
    """What an envelope, or a requester alone, says."""
    if holder is None:
        return Names()
    return names_of({key: holder, **({REQUESTER: requester} if requester else {})})


def _plain(names: Names) -> Names:
    """The names, without those that damage has put other signs into."""
    return Names(*(name if name.isascii() and name.isprintable() else "" for name in names))


def _object_at(text: str, start: int) -> Holder | None:
    """The JSON object that begins there; None when it is not whole, or has a key twice."""
    piece = text[start : start + MAX_OBJECT]
    try:
        end = _DECODER.raw_decode(piece)[1]
        return _decode(piece[:end].encode())
    except (ValueError, RecursionError, msgspec.MsgspecError):
        return None
