"""How an entry of the access log is hashed, byte for byte (docs/audit.md).

What is hashed is one JSON array in the form of RFC 8785 (JSON Canonicalization Scheme), in UTF-8:

    ["varde.audit/1", previous, sequence, at, actor, role, area, action, page, object_kind, object_count,
     purpose, about_key, about]

`previous` is the hash of the entry before in hexadecimal digits (of the first entry 64 zeros), `sequence` and
`object_count` are integers, everything else is text. The hash is SHA-256.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

VERSION = 1
"""Of the encoding; stands beside each entry, and inside of what is hashed."""
NAME = f"varde.audit/{VERSION}"
START = "0" * 64
"""What stands as the hash before the first entry."""
COLUMNS = (
    *("id", "at", "actor", "role", "area", "action", "page", "object_kind", "object_count"),
    *("purpose", "about_key", "about"),
)
"""The columns that are hashed, in their order; `id` is the sequence."""

canonical = msgspec.json.Encoder().encode
"""JSON of text and integers as RFC 8785 has it."""


def digest_of(previous: str, content: Sequence[Any]) -> str:
    """The hash of an entry in hexadecimal digits.

    Args:
        previous: the hash of the entry before.
        content: the values of `COLUMNS`, the time as `write_moment` has it.
    """
    return hashlib.sha256(canonical((NAME, previous, *content))).hexdigest()


def write_moment(moment: datetime) -> str:
    """A time in UTC with six decimals: ``2026-11-26T01:38:44.123456Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
