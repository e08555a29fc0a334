"""Sealing: authenticated encryption of what must be kept but not be readable in the database.

AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce; at most 2³² seals per key (section 8.3), so
change the storage key long before four thousand million messages. The associated data tie a sealed
text to its row: moved to another row, it does not open.

The storage key can be changed while the service runs: a `Sealer` that knows where its keys come from
reads them anew when the key file has changed and when it meets a key that it does not know.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from varde.access.key_files import KeySource, Stamp, say_missing
from varde.access.keys import KeyProblem, Keys

NONCE_BYTES = 12

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Seal:
    """One storage key, to seal with.

    Attributes:
        key_id: its id, which is stored beside what it sealed.
    """

    key_id: str
    _cipher: AESGCM = field(repr=False)

    def close(self, data: bytes, bound_to: bytes) -> bytes:
        """Nonce and ciphertext of `data`, bound to `bound_to` (its hash, say)."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, data, bound_to)


class Sealer:
    """Seals with the newest storage key, opens with whichever key sealed.

    Args:
        source: where the keys come from, to notice a change of the key file; None for keys that never
            change.
    """

    def __init__(self, keys: Keys, source: KeySource | None = None) -> None:
        self._source = source
        self._stamp: Stamp = None
        self._hold(keys)

    def _hold(self, keys: Keys) -> None:
        ciphers = {key_id: AESGCM(key) for key_id, key in keys.storage.items()}
        # Each replaced by one assignment, so that threads see the old or the new, never half of both.
        self._ciphers = ciphers
        self._seal = Seal(keys.storage_id, ciphers[keys.storage_id])

    def current(self) -> Seal:
        """The newest key, to seal with now. Ask inside the transaction that writes what is sealed: once
        a new key is in its file, nothing later is sealed with an older one."""
        if self._source is not None:
            stamp = self._source.stamp()
            if stamp != self._stamp:
                self._reload(stamp)
        return self._seal

    def _reload(self, stamp: Stamp) -> None:
        """Read the keys anew; keys that cannot be read change nothing, since those at hand still open."""
        if self._source is None:
            return
        about = {"register": self._source.apart or "default"}
        known = self._ciphers.keys()
        try:
            self._hold(self._source.read())
        except KeyProblem:
            _logger.error(
                "the storage keys cannot be read anew; the earlier are used on", extra=about
            )
        else:
            if self._ciphers.keys() != known:
                about["key_id"] = self._seal.key_id
                _logger.info("the storage keys have changed and were read anew", extra=about)
        self._stamp = stamp

    def open(self, sealed: bytes, bound_to: bytes, key_id: str) -> bytes:
        """What was sealed.

        Raises:
            KeyProblem: the key is not among the storage keys, or the text was changed or moved.
        """
        if key_id not in self._ciphers and self._source is not None:
            self._reload(self._source.stamp())
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise KeyProblem(
                say_missing(self._source, key_id)
                if self._source is not None
                else f"storage key {key_id} is missing: add it after the newest key in storage.keys"
            )
        sealed = bytes(sealed)
        try:
            return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to)
        except InvalidTag:
            raise KeyProblem(
                f"a sealed message does not open with storage key {key_id}: "
                "the key is another one, or the stored text was changed"
            ) from None
