"""Sealing: authenticated encryption of what must be kept but not be readable in the database.

AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce; at most 2³² seals per key (section 8.3), so
change the storage key long before four thousand million messages. The associated data tie a sealed
text to its row: moved to another row, it does not open.
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from varde.access.keys import KeyProblem, Keys

NONCE_BYTES = 12


class Sealer:
    """Seals with the newest storage key, opens with whichever key sealed."""

    def __init__(self, keys: Keys) -> None:
        self.key_id = keys.storage_id
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.storage.items()}
        self._current = self._ciphers[self.key_id]

    def seal(self, data: bytes, bound_to: bytes) -> bytes:
        """Nonce and ciphertext of `data`, bound to `bound_to` (its hash, say)."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._current.encrypt(nonce, data, bound_to)

    def open(self, sealed: bytes, bound_to: bytes, key_id: str) -> bytes:
        """What was sealed.

        Raises:
            KeyProblem: the key is not among the storage keys, or the text was changed or moved.
        """
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise KeyProblem(
                f"storage key {key_id} is missing: add it after the newest key in storage.keys"
            )
        sealed = bytes(sealed)
        try:
            return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to)
        except InvalidTag:
            raise KeyProblem(
                f"a sealed message does not open with storage key {key_id}: "
                "the key is another one, or the stored text was changed"
            ) from None
