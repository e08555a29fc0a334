"""The access log's own keys: those that sign its heads, and those that persons are hashed under.

Both lie in ``keys/`` below the home folder, newest first, each as ``id:hex``, made on first use and readable by
their owner alone:

- ``audit-signing.keys``: private keys (Ed25519, RFC 8032: 32 bytes). Only the newest signs; the one before stands
  there until it has signed for the newest. ``audit-signing.pub`` beside it is the newest public key (PEM), for
  whoever verifies.
- ``audit-persons.keys``: HMAC keys. The newest hashes; the earlier are kept, since they find what they hashed.

``VARDE_AUDIT_SIGNING_KEYS`` and ``VARDE_AUDIT_KEYS`` take the place of the two files.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from varde.access.key_files import KeySource, alone_with_keys, next_key_id, replace_key_file
from varde.access.keys import KEY_BYTES, KeyProblem, decode_storage, read_key_file, read_or_make

SIGNING = "VARDE_AUDIT_SIGNING_KEYS"
PERSONS = "VARDE_AUDIT_KEYS"
_PEM_END = b"-----END PUBLIC KEY-----"


@dataclass(frozen=True)
class AuditKeys:
    """Where the keys of one kind lie.

    Attributes:
        home: the folder of all state.
        variable: the environment variable that takes the place of the file.
    """

    home: Path
    variable: str

    @property
    def file(self) -> Path:
        """The file of the keys."""
        name = "audit-signing.keys" if self.variable == SIGNING else "audit-persons.keys"
        return self.home / "keys" / name

    @property
    def public_file(self) -> Path:
        """The newest public key, for whoever verifies."""
        return self.home / "keys" / "audit-signing.pub"

    @property
    def from_environment(self) -> bool:
        """Whether they come from the environment, where Varde cannot change them."""
        return self.variable in os.environ

    @property
    def at_hand(self) -> bool:
        """Whether there are any."""
        return self.from_environment or self.file.exists()

    def read(self, make: bool = False) -> dict[str, bytes]:
        """The keys by id, newest first.

        Args:
            make: make one, where there is none.

        Raises:
            KeyProblem: they are missing or malformed.
        """
        text = os.environ.get(self.variable)
        if text is None and make and not self.file.exists():
            with alone_with_keys(KeySource(self.home)):
                text = read_or_make(self.file, "k1:")
        return decode_storage(read_key_file(self.file) if text is None else text)

    def add(self) -> str:
        """Make a key and put it first; give its id. Keys of the environment are not changed: empty then."""
        if self.from_environment:
            return ""
        with alone_with_keys(KeySource(self.home)):
            keys = self.read() if self.at_hand else {}
            key_id = next_key_id(keys)
            replace_key_file(self.file, {key_id: secrets.token_bytes(KEY_BYTES), **keys})
        return key_id

    def remove_older(self, key_id: str) -> None:
        """Remove the keys that are older than this one, for good. Newer ones may have come meanwhile."""
        if self.from_environment:
            return
        with alone_with_keys(KeySource(self.home)):
            keys = self.read()
            kept = list(keys)[: list(keys).index(key_id) + 1] if key_id in keys else list(keys)
            if len(kept) < len(keys):
                replace_key_file(self.file, {each: keys[each] for each in kept})


def private_key(seed: bytes) -> Ed25519PrivateKey:
    """The private key of 32 bytes."""
    return Ed25519PrivateKey.from_private_bytes(seed)


def raw_public(key: Ed25519PublicKey) -> bytes:
    """The 32 bytes of a public key."""
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def key_id_of(public: bytes) -> str:
    """The id of a signing key: the first 16 hexadecimal digits of the SHA-256 of the public key's 32 bytes."""
    return hashlib.sha256(public).hexdigest()[:16]


def write_pem(public: bytes) -> str:
    """A public key as others read it (SubjectPublicKeyInfo, PEM)."""
    key = Ed25519PublicKey.from_public_bytes(public)
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")


def publish(keys: AuditKeys, public: bytes) -> None:
    """Write the newest public key beside the private one, unless it stands there."""
    text = write_pem(public)
    path = keys.public_file
    try:
        if path.read_text(encoding="ascii") == text:
            return
    except (OSError, UnicodeDecodeError):
        pass
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    temporary.write_text(text, encoding="ascii")
    temporary.replace(path)


def read_public_keys(files: Iterable[Path]) -> dict[str, bytes]:
    """Public keys of PEM files, each of which may hold several: id → 32 bytes.

    Raises:
        KeyProblem: one holds no Ed25519 public key.
        OSError: one cannot be read.
    """
    found: dict[str, bytes] = {}
    for file in files:
        parts = [part for part in _pem_parts(file.read_bytes()) if part.strip()]
        if not parts:
            raise KeyProblem(f"{file} holds no public key (PEM)")
        for part in parts:
            try:
                key = load_pem_public_key(part)
            except (ValueError, UnsupportedAlgorithm):
                raise KeyProblem(f"{file} holds something that is no public key (PEM)") from None
            if not isinstance(key, Ed25519PublicKey):
                raise KeyProblem(f"{file} holds a public key of another kind than Ed25519")
            public = raw_public(key)
            found[key_id_of(public)] = public
    return found


def _pem_parts(content: bytes) -> Iterator[bytes]:
    *parts, rest = content.split(_PEM_END)
    yield from (part + _PEM_END + b"\n" for part in parts)
    yield rest


def own_public_keys(home: Path) -> Mapping[str, bytes]:
    """The public keys that lie in the key folder; none where there are none."""
    keys = AuditKeys(home, SIGNING)
    if keys.public_file.exists():
        return read_public_keys([keys.public_file])
    if keys.at_hand:
        public = (raw_public(private_key(seed).public_key()) for seed in keys.read().values())
        return {key_id_of(each): each for each in public}
    return {}
