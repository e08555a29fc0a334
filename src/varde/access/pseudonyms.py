"""Pseudonyms: who is the same person, without saying who.

HMAC-SHA256 (RFC 2104, FIPS 198-1) over kind, issuer and number with a key per purpose. The number
cannot be found from the pseudonym without the key, and pseudonyms of two purposes cannot be joined.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

from varde.access.keys import Keys

NATIONAL = frozenset({"FNR", "DNR"})
"""Numbers of one national series: a number names one person whatever the message calls its kind."""

Pseudonymise = Callable[[str, str, str], bytes]


def make_pseudonymiser(keys: Keys, purpose: str) -> Pseudonymise:
    """Function ``(kind, issuer, value) -> 32 bytes`` for one purpose ("register", "specimen" ...)."""
    keyed = make_keyed_hash(keys.derive(purpose))

    def pseudonymise(kind: str, issuer: str, value: str) -> bytes:
        series = "NO" if kind in NATIONAL else f"{kind}/{issuer}"
        return keyed(f"{series}|{value}".encode())

    return pseudonymise


def make_fingerprinter(keys: Keys, purpose: str) -> Callable[[bytes], bytes]:
    """Keyed 16-byte fingerprint of any bytes: equal content is recognised, content cannot be guessed."""
    keyed = make_keyed_hash(keys.derive(purpose))

    def fingerprint(data: bytes) -> bytes:
        return keyed(data)[:16]

    return fingerprint


_BLOCK = 64
"""Bytes that SHA-256 works through at a time."""


def make_keyed_hash(key: bytes) -> Callable[[bytes], bytes]:
    """HMAC-SHA256 with one key, for very many short texts.

    The same as `hmac.digest`, which works the key in anew for each of them; here that is done once, and each begins
    with a copy of what came of it.
    """
    block = (sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    inner = sha256(bytes(each ^ 0x36 for each in block))
    outer = sha256(bytes(each ^ 0x5C for each in block))

    def keyed(data: bytes) -> bytes:
        within, around = inner.copy(), outer.copy()
        within.update(data)
        around.update(within.digest())
        return around.digest()

    return keyed
