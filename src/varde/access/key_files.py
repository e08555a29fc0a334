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

from varde.access.keys import KEY_BYTES, Keys, decode_storage, load_keys

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
    def variable(self) -> str:
        """The environment variable that takes the place of the file of storage keys."""
        name = f"VARDE_{self.apart.upper()}_" if self.apart else "VARDE_"
        return f"{name}STORAGE_KEYS"

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
    with _alone(source):
        keys = source.read().storage
        key_id = _next_id({*taken, *keys, *retired_keys(source)})
        _write(source.file, {key_id: secrets.token_bytes(KEY_BYTES), **keys})
    return key_id


def retire_storage_keys(source: KeySource) -> tuple[str, ...]:
    """Take every storage key but the newest out of use: they go to ``keys/retired/``.

    Returns:
        Their ids.

    Raises:
        KeyProblem: the keys at hand cannot be read.
    """
    with _alone(source):
        keys = dict(source.read().storage)
        newest = next(iter(keys))
        key = keys.pop(newest)
        for key_id, old in keys.items():
            # Durable there before it is gone here.
            _write(source.retired / f"{_safe(key_id)}.keys", {key_id: old})
        if keys:
            _write(source.file, {newest: key})
    return tuple(keys)


def retired_keys(source: KeySource) -> tuple[str, ...]:
    """Ids of the keys that are out of use.

    Raises:
        KeyProblem: one of their files is malformed.
    """
    found: list[str] = []
    for path in sorted(source.retired.glob("*.keys")):
        found.extend(decode_storage(path.read_text(encoding="ascii")))
    return tuple(found)


def _next_id(taken: Collection[str]) -> str:
    numbers = [int(match[1]) for key_id in taken if (match := _NUMBERED.fullmatch(key_id))]
    return f"k{max(numbers, default=0) + 1}"


def _safe(key_id: str) -> str:
    """A file name for a key id, which may hold any sign."""
    return key_id if re.fullmatch(r"[A-Za-z0-9_-]+", key_id) else key_id.encode().hex()


def _write(path: Path, keys: Mapping[str, bytes]) -> None:
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
def _alone(source: KeySource) -> Iterator[None]:
    """One process at a time changes a key file."""
    source.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(source.folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
