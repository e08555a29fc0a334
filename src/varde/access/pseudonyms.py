"""Pseudonyms: who is the same person, without saying who.

HMAC-SHA256 (RFC 2104, FIPS 198-1) over kind, issuer and number with a key per purpose. The number
cannot be found from the pseudonym without the key, and pseudonyms of two purposes cannot be joined.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable

from varde.access.keys import Keys

NATIONAL = frozenset({"FNR", "DNR"})
"""Numbers of one national series: a number names one person whatever the message calls its kind."""

Pseudonymise = Callable[[str, str, str], bytes]


def make_pseudonymiser(keys: Keys, purpose: str) -> Pseudonymise:
    """Function ``(kind, issuer, value) -> 32 bytes`` for one purpose ("register", "specimen" ...)."""
    key = keys.derive(purpose)

    def pseudonymise(kind: str, issuer: str, value: str) -> bytes:
        series = "NO" if kind in NATIONAL else f"{kind}/{issuer}"
        return hmac.digest(key, f"{series}|{value}".encode(), "sha256")

    return pseudonymise


def make_fingerprinter(keys: Keys, purpose: str) -> Callable[[bytes], bytes]:
    """Keyed 16-byte fingerprint of any bytes: equal content is recognised, content cannot be guessed."""
    key = keys.derive(purpose)

    def fingerprint(data: bytes) -> bytes:
        return hmac.digest(key, data, "sha256")[:16]

    return fingerprint
