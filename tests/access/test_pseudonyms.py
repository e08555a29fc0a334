"""Keyed hashes are HMAC-SHA256, however they are worked out."""

from __future__ import annotations

import hmac

from hypothesis import given
from hypothesis import strategies as st

from varde.access.pseudonyms import make_keyed_hash


@given(key=st.binary(max_size=200), texts=st.lists(st.binary(max_size=300), max_size=5))
def test_a_keyed_hash_is_hmac_sha256_whatever_came_before(key: bytes, texts: list[bytes]) -> None:
    keyed = make_keyed_hash(key)
    for text in texts:
        assert keyed(text) == hmac.digest(key, text, "sha256")


def test_a_key_as_long_as_a_block_is_taken_as_it_is_and_a_longer_one_is_hashed() -> None:
    for length in (63, 64, 65):
        key = bytes(range(length))
        assert make_keyed_hash(key)(b"x") == hmac.digest(key, b"x", "sha256")
