"""Whether the keys at hand are those that a register was made with; a sentence for each that is not."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from django.db import connections

from varde.access.key_files import KeySource, say_missing
from varde.access.keys import KeyProblem, Keys
from varde.access.sealing import Sealer
from varde.identity import DATABASE as VAULT
from varde.identity.vault import read_older
from varde.operation.databases import first_message, source_of
from varde.operation.manifest import DatabaseEntry


def check_keys(home: Path, database: DatabaseEntry) -> Iterator[str]:
    """Sentences about keys that are missing or other ones; none when everything can be opened.

    Args:
        database: what a backup says of the register that lies here now.
    """
    source = source_of(home, database.name)
    try:
        keys = source.read()
    except KeyProblem:
        yield (
            f"The keys of the register {database.name} are not in {source.folder}. Put them back there: "
            f"{_needed(database)}. Until then nobody can open it"
        )
        return
    if database.key_check and keys.check_value() != database.key_check:
        yield (
            f"The pseudonym key in {source.folder} has check value {keys.check_value()}, the register "
            f"{database.name} needs the one with {database.key_check}. Put it back, and remove the other"
        )
    yield from _missing_storage_keys(source, keys, database)
    yield from _first_does_not_open(source, keys, database)


def _needed(database: DatabaseEntry) -> str:
    storage = ", ".join(
        f"storage key {key_id}" + (f" (check value {check})" if check else "")
        for key_id, check in database.storage_keys.items()
    )
    if not database.key_check:
        return storage
    pseudonym = f"the pseudonym key with check value {database.key_check}"
    return f"{pseudonym}, and {storage}" if storage else pseudonym


def _missing_storage_keys(source: KeySource, keys: Keys, database: DatabaseEntry) -> Iterator[str]:
    checks = keys.storage_checks()
    for key_id, check in database.storage_keys.items():
        if key_id not in checks:
            yield f"Register {database.name}: {say_missing(source, key_id, check)}"
        elif check and check != checks[key_id]:
            yield (
                f"Storage key {key_id} of the register {database.name} is another one: it has check value "
                f"{checks[key_id]}, needed is the one with {check}"
            )


def _first_does_not_open(source: KeySource, keys: Keys, database: DatabaseEntry) -> Iterator[str]:
    """The proof: the oldest message is opened and compared with its hash; of the vault, some entry is opened."""
    if database.name == VAULT:
        yield from _no_entry_opens(source, keys)
        return
    found = first_message(connections[database.name])
    if found is None or found[2] not in keys.storage:
        return
    number, sha256, key_id, sealed = found
    try:
        data = Sealer(keys).open(sealed, bytes(sha256), key_id)
    except KeyProblem:
        data = None
    if data is None or hashlib.sha256(data).digest() != bytes(sha256):
        yield (
            f"Message {number} of the register {database.name} does not open with storage key {key_id} "
            f"in {source.folder}: put back the key of the time of the backup"
        )


def _no_entry_opens(source: KeySource, keys: Keys) -> Iterator[str]:
    for entry in read_older("", 1):
        if entry.key_id not in keys.storage:
            return
        try:
            Sealer(keys).open(entry.sealed, entry.hash, entry.key_id)
        except KeyProblem:
            yield (
                f"The identity vault does not open with storage key {entry.key_id} in {source.folder}: put "
                "back the key of the time of the backup"
            )
