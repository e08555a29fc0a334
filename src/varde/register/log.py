"""The message log: what arrived, byte for byte, sealed, before anything else happens to it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from varde.access.sealing import Sealer
from varde.messages import mask_digits
from varde.register import store, tally
from varde.register.store import connection


@dataclass(frozen=True)
class Incoming:
    """One file as it arrived.

    Attributes:
        name: the file's name; empty when it had none.
        mapping: the column mapping it is to be read with, or None.
        submitter: the sender key of whoever was let in at the door with it, who may speak for no
            other; empty when the operator takes it in.
        kind: what it was handed in as; empty when nobody said.
        door: the way it came: "file", "api", "fhir", "mllp" or "form".
    """

    name: str
    data: bytes
    mapping: bytes | None = None
    submitter: str = ""
    kind: str = ""
    door: str = "file"


class Stored(NamedTuple):
    """One message of the log, opened.

    Attributes:
        message: its id.
        data: the bytes as they came.
        mapping: the column mapping it is read with, or None.
        received_at: when it became durable: nothing in it can be from after that.
        submitter, kind: as in `Incoming`.
    """

    message: int
    data: bytes
    mapping: bytes | None
    received_at: datetime
    submitter: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Logged:
    """Where a file stands in the log.

    Attributes:
        message: its id.
        new: False when the same bytes (with the same mapping) were there already.
        received_at: when it became durable, which may be long ago.
        settled: how many items it gave when it was folded; None when it is not folded yet.
    """

    message: int
    new: bool
    received_at: datetime
    settled: int | None


def append(batch: Sequence[Incoming], sealer: Sealer, received_at: datetime) -> list[Logged]:
    """Make a batch of files durable. When this returns, they survive a crash and a power cut.

    The same bytes under the same mapping, from the same submitter and as the same kind, are kept once;
    that is how a file sent again is known.
    """
    hashes = [hashlib.sha256(incoming.data).digest() for incoming in batch]
    with store.atomic():
        store.lock()
        seal = sealer.current()
        now = store.stamp(received_at)
        mappings = _keep_mappings({i.mapping for i in batch if i.mapping is not None})
        keys = [
            (
                digest,
                mappings[incoming.mapping] if incoming.mapping is not None else 0,
                incoming.submitter,
                incoming.kind,
            )
            for digest, incoming in zip(hashes, batch, strict=True)
        ]
        known = _find(set(hashes))
        settled = settled_items(message for message, _ in known.values())
        fresh: dict[_Content, int] = {}
        # The number of a message that was erased is not given to another.
        next_message = max(store.next_id("message"), store.next_id("erasure"))
        rows = []
        come = []
        logged = []
        for key, incoming in zip(keys, batch, strict=True):
            if key in known:
                earlier, when = known[key]
                logged.append(Logged(earlier, False, when, settled.get(earlier)))
                continue
            if key in fresh:
                logged.append(Logged(fresh[key], False, received_at, None))
                continue
            message = next_message
            next_message += 1
            fresh[key] = message
            digest, mapping, submitter, kind = key
            come.append((incoming.door, kind))
            rows.append(
                (
                    message,
                    now,
                    digest,
                    mapping,
                    submitter,
                    kind,
                    incoming.door,
                    len(incoming.data),
                    seal.key_id,
                    seal.close(incoming.data, digest),
                    seal.close(os.fsencode(incoming.name), digest),
                )
            )
            logged.append(Logged(message, True, received_at, None))
        store.insert("message", _COLUMNS, rows)
        tally.count_messages(come)
    return logged


_Content = tuple[bytes, int, str, str]
"""SHA-256, mapping, submitter, kind: what makes two messages one."""
_COLUMNS = (
    "id",
    "received_at",
    "sha256",
    "mapping",
    "submitter",
    "kind",
    "door",
    "size",
    "key_id",
    "sealed",
    "sealed_name",
)


def _keep_mappings(mappings: set[bytes]) -> dict[bytes, int]:
    """Ids of mapping files, kept once each."""
    digests = {hashlib.sha256(mapping).digest(): mapping for mapping in mappings}
    found = {
        bytes(digest): number
        for number, digest in store.select_in("mapping", "id, sha256", "sha256", digests)
    }
    for digest, mapping in digests.items():
        if digest not in found:
            found[digest] = store.next_id("mapping")
            row = (found[digest], digest, mapping)
            store.insert("mapping", ("id", "sha256", "content"), [row])
    return {mapping: found[digest] for digest, mapping in digests.items()}


def _find(hashes: set[bytes]) -> dict[_Content, tuple[int, datetime]]:
    columns = "id, sha256, mapping, submitter, kind, CAST(received_at AS TEXT)"
    rows = store.select_in("message", columns, "sha256", hashes)
    return {
        (bytes(digest), mapping, submitter, kind): (message, store.moment(received))
        for message, digest, mapping, submitter, kind, received in rows
    }


def settled_items(messages: Iterable[int]) -> dict[int, int]:
    """How many items each of the messages gave; those not folded yet are left out."""
    return {message: items for message, (items, _) in settled_counts(messages).items()}


def settled_counts(messages: Iterable[int]) -> dict[int, tuple[int, int]]:
    """How many items each of the messages gave, and how many of them are in quarantine; as of `settled_items`."""
    columns = "message, items, quarantined"
    return {
        int(message): (int(items), int(quarantined))
        for message, items, quarantined in store.select_in("receipt", columns, "message", messages)
    }


def read(messages: Sequence[int], sealer: Sealer) -> Iterator[Stored]:
    """Messages of the log, opened one at a time, oldest first.

    Raises:
        KeyProblem: a storage key is missing or something sealed was changed.
    """
    mappings: dict[int, bytes] = {}
    columns = "id, sha256, mapping, submitter, kind, key_id, sealed, CAST(received_at AS TEXT)"
    for message, digest, mapping, submitter, kind, key_id, sealed, received in store.select_in(
        "message", columns, "id", messages, "ORDER BY id"
    ):
        if mapping and mapping not in mappings:
            [(content,)] = store.select_in("mapping", "content", "id", [mapping])
            mappings[mapping] = bytes(content)
        data = sealer.open(sealed, bytes(digest), key_id)
        yield Stored(message, data, mappings.get(mapping), store.moment(received), submitter, kind)


def read_names(messages: Iterable[int], sealer: Sealer) -> dict[int, str]:
    """The file names that messages came with, for people: identity numbers in them are masked."""
    columns = "id, sha256, key_id, sealed_name"
    return {
        message: mask_digits(_show(sealer.open(sealed, bytes(digest), key_id)), 11)
        for message, digest, key_id, sealed in store.select_in(
            "message", columns, "id", set(messages)
        )
    }


def _show(name: bytes) -> str:
    """A file name as it can be shown: one from a system with another alphabet has odd bytes."""
    return name.decode(errors="replace")


class Newest(NamedTuple):
    """The newest message of the log, unopened.

    Attributes:
        sealed_name: what was sealed with the message, and is small.
    """

    message: int
    received_at: datetime
    sha256: bytes
    key_id: str
    sealed_name: bytes


def newest() -> Newest | None:
    """The newest message; None when there is none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, CAST(received_at AS TEXT), sha256, key_id, sealed_name "
            "FROM register_message ORDER BY id DESC LIMIT 1"
        )
        row = cursor.fetchone()
    if row is None:
        return None
    message, received, sha256, key_id, name = row
    return Newest(message, store.moment(received), bytes(sha256), key_id, bytes(name))


def unfinished(limit: int) -> list[int]:
    """Messages that are durable but not folded yet: what a crash left, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT m.id FROM register_message m "
            "LEFT JOIN register_receipt r ON r.message = m.id "
            "WHERE r.message IS NULL ORDER BY m.id LIMIT %s",
            [limit],
        )
        return [row[0] for row in cursor.fetchall()]
