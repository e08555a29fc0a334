"""The files that storage keys lie in: noticed when they change, added to, and taken out of use.

A key file is only ever replaced whole: written beside, made durable, renamed. Keys taken out of use go to
``keys/retired/``, one file each: backups from before still need them.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from varde.access.keys import (
    KEY_BYTES,
    KeyProblem,
    Keys,
    check_storage,
    decode_storage,
    load_keys,
)

Stamp = tuple[int, int, int] | None
"""What changes when a key file does; None where there is no file."""
_NUMBERED = re.compile(r"k([0-9]{1,9})", re.ASCII)


@dataclass(frozen=True)
class KeySource:
    """Where the keys of one register come from.

    Attributes:
        home: the folder of all state.
        apart: name of a de-identified register; empty for the register.
    """

    home: Path
    apart: str = ""

    @property
    def folder(self) -> Path:
        """Where the key files lie."""
        return self.home / self.apart / "keys"

    @property
    def file(self) -> Path:
        """The file of storage keys."""
        return self.folder / "storage.keys"

    @property
    def retired(self) -> Path:
        """Where keys that are out of use lie."""
        return self.folder / "retired"

    @property
    def pseudonym_file(self) -> Path:
        """The file of the pseudonym key."""
        return self.folder / "pseudonym.key"

    @property
    def missing_files(self) -> tuple[Path, ...]:
        """Key files that are not there, of those that no environment variable takes the place of."""
        variables = {self.pseudonym_file: self.pseudonym_variable, self.file: self.variable}
        return tuple(
            file for file, name in variables.items() if name not in os.environ and not file.exists()
        )

    @property
    def variable(self) -> str:
        """The environment variable that takes the place of the file of storage keys."""
        return f"{self._prefix}STORAGE_KEYS"

    @property
    def pseudonym_variable(self) -> str:
        """The environment variable that takes the place of the file of the pseudonym key."""
        return f"{self._prefix}PSEUDONYM_KEY"

    @property
    def _prefix(self) -> str:
        return f"VARDE_{self.apart.upper()}_" if self.apart else "VARDE_"

    @property
    def from_environment(self) -> bool:
        """Whether the storage keys come from the environment, where Varde cannot change them."""
        return self.variable in os.environ

    def read(self) -> Keys:
        """The keys as they are now; none are made.

        Raises:
            KeyProblem: they are missing or malformed.
        """
        return load_keys(self.home, self.apart, make=False)

    def stamp(self) -> Stamp:
        """Compare two of these to see whether the key file was replaced between them."""
        if self.from_environment:
            return None
        try:
            found = self.file.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino, found.st_size


def add_storage_key(source: KeySource, taken: Collection[str]) -> str:
    """Make a new storage key and put it first; the others stay, to open what they sealed.

    Args:
        taken: ids that were used elsewhere, such as in the database.

    Returns:
        Its id: "k2" after "k1".

    Raises:
        KeyProblem: the keys at hand cannot be read.
    """
    with alone_with_keys(source):
        keys = source.read().storage
        key_id = next_key_id({*taken, *keys, *retired_keys(source)})
        replace_key_file(source.file, {key_id: secrets.token_bytes(KEY_BYTES), **keys})
    return key_id


def retire_storage_keys(source: KeySource) -> tuple[str, ...]:
    """Take every storage key but the newest out of use: they go to ``keys/retired/``.

    Returns:
        Their ids.

    Raises:
        KeyProblem: the keys at hand cannot be read.
    """
    with alone_with_keys(source):
        keys = dict(source.read().storage)
        newest = next(iter(keys))
        key = keys.pop(newest)
        for key_id, old in keys.items():
            # Durable there before it is gone here.
            replace_key_file(source.retired / f"{_safe(key_id)}.keys", {key_id: old})
        if keys:
            replace_key_file(source.file, {newest: key})
    return tuple(keys)


def retired_keys(source: KeySource) -> tuple[str, ...]:
    """Ids of the keys that are out of use.

    Raises:
        KeyProblem: one of their files is malformed.
    """
    return tuple(key_id for key_id, _, _ in _read_retired(source))


def retired_checks(source: KeySource) -> dict[str, str]:
    """The keys that are out of use: id → check value, as `Keys.storage_checks` gives it.

    Raises:
        KeyProblem: one of their files is malformed.
    """
    return {key_id: check_storage(key) for key_id, _, key in _read_retired(source)}


def say_missing(source: KeySource, key_id: str, check: str = "") -> str:
    """Where a storage key is that something was sealed with and that is not in use, and what to do.

    Args:
        check: its check value, where it is known.
    """
    place = source.variable if source.from_environment else str(source.file)
    known = f" (check value {check})" if check else ""
    try:
        files = {retired: path for retired, path, _ in _read_retired(source)}
    except KeyProblem:
        files = {}
    if key_id not in files:
        return f"storage key {key_id}{known} is missing: add it after the newest key in {place}"
    how = "add it after the newest in" if source.from_environment else "append that file to"
    return f"storage key {key_id}{known} is out of use and lies in {files[key_id]}: {how} {place}"


def _read_retired(source: KeySource) -> list[tuple[str, Path, bytes]]:
    return [
        (key_id, path, key)
        for path in sorted(source.retired.glob("*.keys"))
        for key_id, key in decode_storage(path.read_text(encoding="ascii")).items()
    ]


def next_key_id(taken: Collection[str]) -> str:
    """The id of another key: "k3", where "k1" and "k2" are taken."""
    numbers = [int(match[1]) for key_id in taken if (match := _NUMBERED.fullmatch(key_id))]
    return f"k{max(numbers, default=0) + 1}"


def _safe(key_id: str) -> str:
    """A file name for a key id, which may hold any sign."""
    return key_id if re.fullmatch(r"[A-Za-z0-9_-]+", key_id) else key_id.encode().hex()


def replace_key_file(path: Path, keys: Mapping[str, bytes]) -> None:
    """Replace a key file in one step that survives a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.writelines(f"{key_id}:{key.hex()}\n" for key_id, key in keys.items())
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def alone_with_keys(source: KeySource) -> Iterator[None]:
    """One process at a time changes a key file."""
    source.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(source.folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
