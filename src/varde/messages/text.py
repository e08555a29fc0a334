"""Bytes as text: whether they are in another encoding than they say, and where in them something is."""

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


def place_in(data: bytes, at: int) -> str:
    """Line and column of a position in a text, both from 1; a column is a byte of its line."""
    mark = b"\n" if b"\n" in data or b"\r" not in data else b"\r"
    start = data.rfind(mark, 0, at) + 1
    return f"line {data.count(mark, 0, at) + 1}, column {at - start + 1}"
