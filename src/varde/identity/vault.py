"""The vault's entries: written once, read by their hashes, sealed anew, removed.

Every write is a transaction of its own in the vault's database. Whoever works in the register writes here before that
work commits: what is left when it does not is in nobody's way, and is swept away.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from django.db import connections, transaction

from varde.access.sealing import Sealer
from varde.identity import DATABASE

Kind = Literal["description", "change"]
CHUNK = 500


class Vault:
    """The vault, open.

    Args:
        sealer: of the vault's own keys.
    """

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def put(self, kind: Kind, contents: Mapping[bytes, bytes]) -> None:
        """Keep what is not kept yet, by hash. Nothing happens to what is there already."""
        if not contents:
            return
        with transaction.atomic(using=DATABASE):
            seal = self._sealer.current()
            rows = [
                (hash_, kind, seal.key_id, seal.close(content, hash_))
                for hash_, content in sorted(contents.items())
            ]
            with connections[DATABASE].cursor() as cursor:
                cursor.executemany(
                    "INSERT INTO identity_entry (hash, kind, key_id, sealed) VALUES (%s, %s, %s, %s) "
                    "ON CONFLICT (hash) DO NOTHING",
                    rows,
                )

    def get(self, hashes: Iterable[bytes]) -> dict[bytes, bytes]:
        """What is kept under some hashes; those of which nothing is kept are left out.

        Raises:
            KeyProblem: a key is not at hand, or something sealed was changed or moved.
        """
        found: dict[bytes, bytes] = {}
        for hash_, key_id, sealed in _read(list(hashes)):
            found[hash_] = self._sealer.open(sealed, hash_, key_id)
        return found


def list_hashes(kind: Kind, after: bytes, limit: int) -> list[bytes]:
    """The hashes of a kind in their order, those after one."""
    with connections[DATABASE].cursor() as cursor:
        cursor.execute(
            "SELECT hash FROM identity_entry WHERE hash > %s AND kind = %s ORDER BY hash LIMIT %s",
            [after, kind, limit],
        )
        return [bytes(row[0]) for row in cursor.fetchall()]


def remove(hashes: Collection[bytes]) -> None:
    """Remove what is kept under some hashes. Nobody may put anything into the vault meanwhile: whoever calls this
    holds the register's lock."""
    with transaction.atomic(using=DATABASE), connections[DATABASE].cursor() as cursor:
        cursor.executemany(
            "DELETE FROM identity_entry WHERE hash = %s", [(hash_,) for hash_ in hashes]
        )


class Sealed(NamedTuple):
    """An entry as it lies in the vault."""

    hash: bytes
    key_id: str
    sealed: bytes


def read_older(newest: str, limit: int) -> list[Sealed]:
    """Entries that are not under the newest key, some at a time."""
    with connections[DATABASE].cursor() as cursor:
        cursor.execute(
            "SELECT hash, key_id, sealed FROM identity_entry WHERE key_id <> %s LIMIT %s",
            [newest, limit],
        )
        return [Sealed(bytes(hash_), key, bytes(sealed)) for hash_, key, sealed in cursor]


def replace(entries: Sequence[Sealed]) -> None:
    """Put entries in the place of what lies under their hashes."""
    with transaction.atomic(using=DATABASE), connections[DATABASE].cursor() as cursor:
        cursor.executemany(
            "UPDATE identity_entry SET key_id = %s, sealed = %s WHERE hash = %s",
            [(one.key_id, one.sealed, one.hash) for one in entries],
        )


def _read(hashes: Sequence[bytes]) -> Iterator[tuple[bytes, str, bytes]]:
    connection = connections[DATABASE]
    for start in range(0, len(hashes), CHUNK):
        chunk: list[Any] = list(hashes[start : start + CHUNK])
        marks = ", ".join(["%s"] * len(chunk))
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT hash, key_id, sealed FROM identity_entry WHERE hash IN ({marks})", chunk
            )
            rows = cursor.fetchall()
        for hash_, key_id, sealed in rows:
            yield bytes(hash_), key_id, bytes(sealed)
