"""The message log: what arrived, byte for byte, sealed, before anything else happens to it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from varde.access.sealing import Sealer
from varde.messages import mask_digits
from varde.register import store


@dataclass(frozen=True)
class Incoming:
    """One file as it arrived: its name, its bytes, and the mapping it is to be read with (or None)."""

    name: str
    data: bytes
    mapping: bytes | None = None


@dataclass(frozen=True)
class Logged:
    """Where a file stands in the log.

    Attributes:
        message: its id.
        new: False when the same bytes (with the same mapping) were there already.
        settled: how many items it gave when it was folded; None when it is not folded yet.
    """

    message: int
    new: bool
    settled: int | None


def append(batch: Sequence[Incoming], sealer: Sealer, received_at: datetime) -> list[Logged]:
    """Make a batch of files durable. When this returns, they survive a crash and a power cut.

    The same bytes under the same mapping are kept once; that is how a file sent again is known.
    """
    hashes = [hashlib.sha256(incoming.data).digest() for incoming in batch]
    with transaction.atomic():
        store.lock()
        mappings = _keep_mappings({i.mapping for i in batch if i.mapping is not None})
        keys = [
            (digest, mappings[incoming.mapping] if incoming.mapping is not None else 0)
            for digest, incoming in zip(hashes, batch, strict=True)
        ]
        known = _find(set(hashes))
        settled = _settled(known.values())
        fresh: dict[tuple[bytes, int], int] = {}
        next_message = store.next_id("message")
        rows = []
        logged = []
        for key, incoming in zip(keys, batch, strict=True):
            if key in known:
                logged.append(Logged(known[key], False, settled.get(known[key])))
                continue
            if key in fresh:
                logged.append(Logged(fresh[key], False, None))
                continue
            message = next_message
            next_message += 1
            fresh[key] = message
            digest, mapping = key
            rows.append(
                (
                    message,
                    store.stamp(received_at),
                    digest,
                    mapping,
                    len(incoming.data),
                    sealer.key_id,
                    sealer.seal(incoming.data, digest),
                    sealer.seal(incoming.name.encode(), digest),
                )
            )
            logged.append(Logged(message, True, None))
        store.insert("message", _COLUMNS, rows)
    return logged


_COLUMNS = (
    "id",
    "received_at",
    "sha256",
    "mapping",
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


def _find(hashes: set[bytes]) -> dict[tuple[bytes, int], int]:
    rows = store.select_in("message", "id, sha256, mapping", "sha256", hashes)
    return {(bytes(digest), mapping): message for message, digest, mapping in rows}


def _settled(messages: Iterable[int]) -> dict[int, int]:
    return dict(store.select_in("receipt", "message, items", "message", messages))


def read(messages: Sequence[int], sealer: Sealer) -> Iterator[tuple[int, bytes, bytes | None]]:
    """(message, raw bytes, mapping) of messages in the log, opened one at a time.

    Raises:
        KeyProblem: a storage key is missing or something sealed was changed.
    """
    mappings: dict[int, bytes] = {}
    columns = "id, sha256, mapping, key_id, sealed"
    for message, digest, mapping, key_id, sealed in store.select_in(
        "message", columns, "id", messages, "ORDER BY id"
    ):
        if mapping and mapping not in mappings:
            [(content,)] = store.select_in("mapping", "content", "id", [mapping])
            mappings[mapping] = bytes(content)
        data = sealer.open(sealed, bytes(digest), key_id)
        yield message, data, mappings.get(mapping)


def read_names(messages: Iterable[int], sealer: Sealer) -> dict[int, str]:
    """The file names that messages came with, for people: identity numbers in them are masked."""
    columns = "id, sha256, key_id, sealed_name"
    return {
        message: mask_digits(sealer.open(sealed, bytes(digest), key_id).decode(), 11)
        for message, digest, key_id, sealed in store.select_in(
            "message", columns, "id", set(messages)
        )
    }


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
