"""The keys that make a stolen database useless: read from the environment or from files beside it.

Secrets, never in the database:

- the *pseudonym key*, from which one HMAC key per purpose is derived (HKDF-SHA256, RFC 5869), so
  that two purposes give pseudonyms that cannot be joined;
- the *storage keys* that seal raw messages, newest first, each with an id that is stored beside
  what it sealed, so that a key can be changed without losing what an older one sealed;
- the *token key* that signs senders' access tokens. Nothing is lost with it: senders get new tokens.

Environment: ``VARDE_PSEUDONYM_KEY`` (64 hexadecimal digits), ``VARDE_STORAGE_KEYS``
(``id:hex`` pairs, newest first, separated by commas) and ``VARDE_TOKEN_KEY`` (64 hexadecimal digits). Without them, ``VARDE_HOME/keys/`` is used and
filled on first use, readable by its owner only. Back the first two up: without them nothing sealed can
be opened again and no person can be recognised.
"""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32


class KeyProblem(Exception):
    """A key is missing, malformed, or not the one this register was made with."""


@dataclass(frozen=True)
class Keys:
    """The secrets of one installation; never shown by ``repr``.

    Attributes:
        pseudonym: master key of all pseudonyms.
        storage: key id → AES-256 key; the first is used for sealing, all for opening.
    """

    pseudonym: bytes = field(repr=False)
    storage: Mapping[str, bytes] = field(repr=False)

    @property
    def storage_id(self) -> str:
        """Id of the key that seals new messages."""
        return next(iter(self.storage))

    def derive(self, purpose: str) -> bytes:
        """Key for one purpose; different purposes give independent keys."""
        info = f"varde/{purpose}".encode()
        return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(
            self.pseudonym
        )

    def check_value(self) -> str:
        """Short value that tells whether a register was made with these keys, and nothing else."""
        return hmac.digest(self.derive("key-check"), b"varde", "sha256").hex()[:16]

    def storage_checks(self) -> dict[str, str]:
        """Key id → short value that tells whether a storage key is the same as another, and nothing
        else; newest first."""
        return {key_id: check_storage(key) for key_id, key in self.storage.items()}


def check_storage(key: bytes) -> str:
    """Short value that tells whether a storage key is the same as another, and nothing else."""
    # Derived first: the key itself is AES's alone.
    derived = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"varde/key-check")
    return hmac.digest(derived.derive(key), b"varde", "sha256").hex()[:16]


def load_keys(home: Path, apart: str = "", make: bool = True) -> Keys:
    """Read the keys from the environment, else from ``home/keys``, made there on first use.

    Args:
        apart: name of a de-identified register ("norm"), whose keys are others: the variables are then
            ``VARDE_NORM_PSEUDONYM_KEY`` and ``VARDE_NORM_STORAGE_KEYS``, the folder ``home/norm/keys``.
        make: False: make none, where there are none.

    Raises:
        KeyProblem: a key is malformed or a key file cannot be read; the message names which.
    """
    name = f"VARDE_{apart.upper()}_" if apart else "VARDE_"
    pseudonym = os.environ.get(f"{name}PSEUDONYM_KEY")
    storage = os.environ.get(f"{name}STORAGE_KEYS")
    folder = home / apart / "keys"
    if pseudonym is None:
        path = folder / "pseudonym.key"
        pseudonym = read_or_make(path) if make else read_key_file(path)
    if storage is None:
        path = folder / "storage.keys"
        storage = read_or_make(path, "k1:") if make else read_key_file(path)
    return Keys(
        pseudonym=_decode("the pseudonym key", pseudonym),
        storage=decode_storage(storage),
    )


def load_token_key(home: Path) -> bytes:
    """Read the token key from the environment, else from ``home/keys/tokens.key``, made on first use.

    Raises:
        KeyProblem: it is malformed or cannot be read.
    """
    text = os.environ.get("VARDE_TOKEN_KEY") or read_or_make(home / "keys" / "tokens.key")
    return _decode("the token key", text)


def decode_storage(text: str) -> dict[str, bytes]:
    """Storage keys by id, from ``id:hex`` pairs on lines or between commas.

    Raises:
        KeyProblem: there is none, or one is malformed.
    """
    keys: dict[str, bytes] = {}
    for pair in text.replace("\n", ",").split(","):
        if not pair.strip():
            continue
        key_id, _, value = pair.strip().partition(":")
        if not key_id or len(key_id) > 16 or key_id in keys:
            raise KeyProblem("storage keys must be written id:hex, each id once, at most 16 signs")
        keys[key_id] = _decode(f"storage key {key_id}", value)
    if not keys:
        raise KeyProblem("there is no storage key: write one as id:hex")
    return keys


def _decode(name: str, text: str) -> bytes:
    try:
        key = bytes.fromhex(text.strip())
    except ValueError:
        raise KeyProblem(f"{name} is not hexadecimal") from None
    if len(key) != KEY_BYTES:
        raise KeyProblem(f"{name} must be {KEY_BYTES * 2} hexadecimal digits")
    return key


def read_or_make(path: Path, prefix: str = "") -> str:
    """The file's text; a new random key when there is no file, also when two processes ask at once."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        temporary = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(f"{prefix}{secrets.token_hex(KEY_BYTES)}\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(temporary, path)  # fails when another process was first: then its key counts
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
    return read_key_file(path)


def read_key_file(path: Path) -> str:
    """The text of a key file.

    Raises:
        KeyProblem: it is not there or cannot be read.
    """
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise KeyProblem(f"cannot read the key file {path.name}: {error}") from None
