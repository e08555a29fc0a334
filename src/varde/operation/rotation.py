"""Storage keys changed while the service goes on: a new key, and every message sealed anew with it.

The new key is in its file, durable, before anything is sealed with it. Whoever seals asks for the newest key
inside the transaction that writes (`Sealer.current`), and whoever meets a key that it does not know reads the
file again: a service that runs needs no restart. Each message is opened, compared with its hash, sealed anew,
opened again and compared, and only then written, a few at a time. Nothing else is noted down, so that a run
that is killed goes on where it was: with the rows that are still under an older key.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections

from varde import learning
from varde.access.key_files import (
    KeySource,
    add_storage_key,
    retire_storage_keys,
    retired_checks,
    say_missing,
)
from varde.access.keys import KeyProblem
from varde.access.sealing import Seal, Sealer
from varde.deliveries import keep_still, seal_anew
from varde.identity import DATABASE as VAULT
from varde.identity.vault import Sealed as Entry
from varde.identity.vault import read_older, replace
from varde.operation.databases import (
    HELD,
    exists,
    keys_in_use,
    need_register,
    source_of,
)
from varde.operation.errors import RotationError
from varde.register import alone, note_storage_checks, using, work

_logger = logging.getLogger(__name__)

Progress = Callable[[int], None]
"""Called with the number of messages that were done since the last call."""
BATCH_MESSAGES = 200
BATCH_BYTES = 8 << 20
_LOOK = 1_000


@dataclass(frozen=True)
class KeyState:
    """The keys of one register, never the keys themselves.

    Attributes:
        database: "default", "ravn" or "norm", or "identity": the vault, whose entries are told as messages.
        source: the key file, or the environment variable that takes its place.
        pseudonym_check: check value of the pseudonym key; empty when the keys are not at hand.
        storage: (id, check value, messages that it sealed), newest first; then those that sealed something
            and are not at hand, with empty check value.
        retired: (id, check value) of keys out of use.
    """

    database: str
    source: str
    pseudonym_check: str
    storage: tuple[tuple[str, str, int], ...]
    retired: tuple[tuple[str, str], ...]


@dataclass
class RotationResult:
    """What a rotation did in one register.

    Attributes:
        key_id: the key that everything is under now.
        new: whether it was made now; False when an earlier run is finished, or the keys come from the
            environment.
        sealed: messages sealed anew.
        unreadable: messages that did not open or are not what their hash says: left as they are.
        remaining: messages under older keys.
        retired: keys taken out of use.
    """

    database: str
    key_id: str
    new: bool
    from_environment: bool
    sealed: int = 0
    unreadable: list[int] = field(default_factory=list)
    remaining: int = 0
    retired: tuple[str, ...] = ()


def list_keys(home: Path) -> list[KeyState]:
    """The keys of every register that there is.

    Raises:
        NothingThere: there is none.
    """
    need_register(home)
    return [_state(home, name) for name in HELD if exists(name)]


def _state(home: Path, database: str) -> KeyState:
    source = source_of(home, database)
    used = keys_in_use(home, connections[database])
    try:
        keys = source.read()
        checks, pseudonym = keys.storage_checks(), keys.check_value()
    except KeyProblem:
        checks, pseudonym = {}, ""
    lost = {key_id: "" for key_id in sorted(used) if key_id not in checks}
    return KeyState(
        database=database,
        source=source.variable if source.from_environment else str(source.file),
        pseudonym_check=pseudonym,
        storage=tuple((k, check, used.get(k, 0)) for k, check in (checks | lost).items()),
        retired=tuple(retired_checks(source).items()),
    )


def count_older(home: Path, database: str) -> int:
    """How many messages a rotation will seal anew: those under older keys, or all when a new key is made.

    Raises:
        KeyProblem: the keys are not at hand.
    """
    source = source_of(home, database)
    used = keys_in_use(home, connections[database])
    older = _older(used, source.read().storage_id)
    return older if older or source.from_environment else sum(used.values())


def rotate(
    home: Path, database: str, retire: bool = False, progress: Progress | None = None
) -> RotationResult:
    """Change the storage key of one register.

    A rotation that was interrupted is finished first, with the key that it made. Keys from the environment
    are not changed: what is under older ones is sealed with the first.

    Args:
        retire: take older keys out of use when nothing is under them any more.

    Raises:
        KeyProblem: the keys are not at hand.
        RotationError: a key that sealed messages is not at hand, or a rotation is running already.
    """
    source = source_of(home, database)
    with (
        _only_rotation(source, database),
        work(_logger, "key-rotation", register=database) as told,
    ):
        result = _rotate(source, database, retire, progress)
        told |= {
            "key_id": result.key_id,
            "sealed": result.sealed,
            "unreadable": len(result.unreadable),
            "remaining": result.remaining,
            "count": len(result.retired),
        }
    return result


def retire_keys(home: Path, database: str) -> tuple[str, ...]:
    """Take the older storage keys of one register out of use. No key is made, and nothing sealed anew.

    Returns:
        Their ids; none where there is only one key, or the keys come from the environment.

    Raises:
        KeyProblem: the keys are not at hand.
        RotationError: something is still under an older key, or a rotation is running.
    """
    source = source_of(home, database)
    with (
        _only_rotation(source, database),
        work(_logger, "key-retirement", register=database) as told,
        using(_writer(database)),
    ):
        keys = source.read()
        # Whoever was writing with an older key has done so when this returns.
        with alone():
            pass
        older = _older(keys_in_use(source.home, connections[database]), keys.storage_id)
        if older:
            raise RotationError(
                f"{older} messages of the register {database} are under older keys: varde keys rotate "
                "seals them anew first"
            )
        retired = _retire(source, database)
        told |= {"key_id": keys.storage_id, "count": len(retired)}
    return retired


def _rotate(
    source: KeySource, database: str, retire: bool, progress: Progress | None
) -> RotationResult:
    used = keys_in_use(source.home, connections[database])
    _check_at_hand(source, used)
    older = _older(used, source.read().storage_id)
    new = not older and not source.from_environment
    if new:
        add_storage_key(source, used)
    keys = source.read()
    result = RotationResult(database, keys.storage_id, new, source.from_environment)
    sealer = Sealer(keys, source)
    with using(_writer(database)):
        # Whoever was writing with the older key has done so when this returns.
        with alone():
            if database != VAULT:
                note_storage_checks(keys.storage_checks())
        if database == VAULT:
            _seal_vault(sealer, result, progress or (lambda _: None))
        else:
            for batch in _batches(database, result.key_id):
                _seal_anew(batch, sealer, result)
                if progress is not None:
                    progress(len(batch))
        if database == DEFAULT_DB_ALIAS:
            result.sealed += seal_anew(source.home, progress or (lambda _: None))[0]
            with learning.alone():  # as above, for whoever keeps a report
                pass
            result.sealed += learning.seal_anew(sealer, progress or (lambda _: None))[0]
        result.remaining = _older(keys_in_use(source.home, connections[database]), result.key_id)
        if retire:
            result.retired = _retire(source, database)
    return result


@contextmanager
def _only_rotation(source: KeySource, database: str) -> Iterator[None]:
    source.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(source.folder / ".rotation.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise RotationError(
            f"the keys of the register {database} are being changed already: wait for that to end"
        ) from None
    finally:
        os.close(handle)


def _check_at_hand(source: KeySource, used: Mapping[str, int]) -> None:
    missing = sorted(set(used) - set(source.read().storage))
    if missing:
        raise RotationError(f"{say_missing(source, missing[0])}. It sealed messages")


def _older(used: Mapping[str, int], newest: str) -> int:
    return sum(count for key_id, count in used.items() if key_id != newest)


def _writer(database: str) -> str:
    """The register whose lock keeps others from writing into a database: into the vault, that of persons does."""
    return DEFAULT_DB_ALIAS if database == VAULT else database


def _seal_vault(sealer: Sealer, result: RotationResult, progress: Progress) -> None:
    """Seal the vault's entries anew. One that does not open stays as it is, and ends the run: there is no order by
    which to go past it, and a key that is wrong opens nothing."""
    while entries := read_older(result.key_id, BATCH_MESSAGES):
        seal = sealer.current()
        fresh: list[Entry] = []
        for one in entries:
            try:
                content = sealer.open(one.sealed, one.hash, one.key_id)
            except KeyProblem:
                continue
            fresh.append(Entry(one.hash, seal.key_id, seal.close(content, one.hash)))
        if not fresh:
            result.unreadable.extend(range(len(entries)))
            return
        with alone():
            replace(fresh)
        result.sealed += len(fresh)
        progress(len(fresh))


class _Sealed(NamedTuple):
    """A message as it lies in the log."""

    message: int
    sha256: bytes
    key_id: str
    sealed: bytes
    sealed_name: bytes


def _batches(database: str, newest: str) -> Iterator[list[_Sealed]]:
    """Messages under older keys, oldest first, in batches of bounded number and size."""
    last = 0
    while True:
        with connections[database].cursor() as cursor:
            cursor.execute(
                "SELECT id, size FROM register_message WHERE id > %s AND key_id <> %s "
                "ORDER BY id LIMIT %s",
                [last, newest, _LOOK],
            )
            found = cursor.fetchall()
        if not found:
            return
        for numbers in _in_batches(found):
            yield _read(database, numbers)
        last = found[-1][0]


def _in_batches(found: Sequence[tuple[int, int]]) -> Iterator[list[int]]:
    batch: list[int] = []
    total = 0
    for number, size in found:
        if batch and (len(batch) >= BATCH_MESSAGES or total + size > BATCH_BYTES):
            yield batch
            batch, total = [], 0
        batch.append(number)
        total += size
    if batch:
        yield batch


def _read(database: str, numbers: Sequence[int]) -> list[_Sealed]:
    marks = ", ".join(["%s"] * len(numbers))
    with connections[database].cursor() as cursor:
        cursor.execute(
            "SELECT id, sha256, key_id, sealed, sealed_name FROM register_message "
            f"WHERE id IN ({marks}) ORDER BY id",
            numbers,
        )
        return [
            _Sealed(number, bytes(sha256), key_id, bytes(sealed), bytes(name))
            for number, sha256, key_id, sealed, name in cursor.fetchall()
        ]


def _seal_anew(batch: Sequence[_Sealed], sealer: Sealer, result: RotationResult) -> None:
    """Seal a batch with the newest key; the work is done before the lock is taken."""
    seal = sealer.current()
    rows = []
    for each in batch:
        row = _open_and_seal(each, sealer, seal)
        if row is None:
            result.unreadable.append(each.message)
        else:
            rows.append((*row, seal.key_id, each.message, each.key_id))
    with alone(), connections[result.database].cursor() as cursor:
        cursor.executemany(
            "UPDATE register_message SET sealed = %s, sealed_name = %s, key_id = %s "
            "WHERE id = %s AND key_id = %s",
            rows,
        )
    result.sealed += len(rows)


def _open_and_seal(each: _Sealed, sealer: Sealer, seal: Seal) -> tuple[bytes, bytes] | None:
    """A message and its name under the new key; None when it does not open or is not what its hash says,
    before or after."""
    try:
        data = sealer.open(each.sealed, each.sha256, each.key_id)
        name = sealer.open(each.sealed_name, each.sha256, each.key_id)
    except KeyProblem:
        return None
    if hashlib.sha256(data).digest() != each.sha256:
        return None
    sealed, sealed_name = seal.close(data, each.sha256), seal.close(name, each.sha256)
    again = sealer.open(sealed, each.sha256, seal.key_id)
    if again != data or sealer.open(sealed_name, each.sha256, seal.key_id) != name:
        return None
    return sealed, sealed_name


def _retire(source: KeySource, database: str) -> tuple[str, ...]:
    """Take older keys out of use, after a last look while nobody can write."""
    if source.from_environment:
        return ()
    with alone(), keep_still(source.home), learning.alone():
        if _older(keys_in_use(source.home, connections[database]), source.read().storage_id):
            return ()
        return retire_storage_keys(source)
