"""Bytes that are text in another encoding than they say."""

from __future__ import annotations

import re

NOT_ASCII = re.compile(rb"[\x80-\xff]")


def is_disguised_utf8(data: bytes) -> bool:
    """Whether bytes said to be Latin-1 or Windows-1252 are UTF-8: not ASCII, and valid as UTF-8.

    A letter of Latin-1 is one byte from C0 to FF. UTF-8 demands that each such byte is followed by
    one from 80 to BF, which are control characters and signs: no Norwegian word has them there.
    """
    if data.isascii():
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def first_letter(data: bytes) -> int:
    """The position of the first byte that is not ASCII; 0 when there is none."""
    found = NOT_ASCII.search(data)
    return found.start() if found else 0
