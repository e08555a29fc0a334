"""How wide words are in the typeface of documents and charts, so that labels can be kept apart.

Widths are the advance widths of the font file itself (OpenType tables cmap format 4, hhea, hmtx and head:
https://learn.microsoft.com/typography/opentype/spec/). Kerning is left out: it moves a word of this typeface by less
than two hundredths.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from unicodedata import normalize

FONTS = Path(__file__).parent / "fonts"
REGULAR = FONTS / "inter" / "Inter_400Regular.ttf"
BOLD = FONTS / "inter" / "Inter_600SemiBold.ttf"
UNKNOWN = 1.0
"""The width of a letter that the typeface does not have, in em."""


def width_of(words: str, size: float, *, bold: bool = False) -> float:
    """How wide a line of text is, in the unit of `size`."""
    widths = _widths(BOLD if bold else REGULAR)
    return size * sum(widths.get(letter, UNKNOWN) for letter in words)


def can_write(words: str) -> bool:
    """Whether the typeface has every letter of a text, in both weights."""
    return _letters_of_both().issuperset(words)


def make_legible(words: str) -> str:
    """The text in letters that the typeface has: a letter without its accents, or "?", for one it does not have.

    A document that says a name with a question mark in it is better than none.
    """
    if can_write(words):
        return words
    made = []
    for letter in words:
        if can_write(letter):
            made.append(letter)
        elif letter.isspace():
            made.append(" ")
        else:
            bare = "".join(one for one in normalize("NFKD", letter) if can_write(one))
            made.append(bare or "?")
    return "".join(made)


@cache
def _letters_of_both() -> frozenset[str]:
    return frozenset(_widths(REGULAR)) & frozenset(_widths(BOLD))


def wrap(words: str, size: float, room: float, *, most: int = 2, bold: bool = False) -> list[str]:
    """Lines no wider than `room`, at most so many; what does not fit ends in "…"."""
    lines: list[str] = []
    left = words.split(" ")
    while left and len(lines) < most:
        taken = 1
        while taken < len(left) and width_of(" ".join(left[: taken + 1]), size, bold=bold) <= room:
            taken += 1
        if len(lines) == most - 1:
            taken = len(left)
        lines.append(shorten(" ".join(left[:taken]), size, room, bold=bold))
        left = left[taken:]
    return lines


def shorten(words: str, size: float, room: float, *, bold: bool = False) -> str:
    """The words, or as much of them as there is room for and "…"."""
    if width_of(words, size, bold=bold) <= room:
        return words
    while words and width_of(f"{words}…", size, bold=bold) > room:
        words = words[:-1].rstrip()
    return f"{words}…"


@cache
def _widths(path: Path) -> Mapping[str, float]:
    """The advance width of each letter in em."""
    data = path.read_bytes()
    tables = {}
    for index in range(struct.unpack_from(">H", data, 4)[0]):
        tag, _, offset, _ = struct.unpack_from(">4sIII", data, 12 + 16 * index)
        tables[tag] = offset
    em = struct.unpack_from(">H", data, tables[b"head"] + 18)[0]
    count = struct.unpack_from(">H", data, tables[b"hhea"] + 34)[0]

    def advance(glyph: int) -> float:
        at = tables[b"hmtx"] + 4 * min(glyph, count - 1)
        return float(struct.unpack_from(">H", data, at)[0]) / em

    return {chr(code): advance(glyph) for code, glyph in _letters(data, tables[b"cmap"]) if glyph}


def _letters(data: bytes, start: int) -> list[tuple[int, int]]:
    """Each code of the basic plane, and its glyph."""
    for index in range(struct.unpack_from(">H", data, start + 2)[0]):
        offset = start + struct.unpack_from(">I", data, start + 8 + 8 * index)[0]
        if struct.unpack_from(">H", data, offset)[0] == 4:
            return _format_4(data, offset)
    raise ValueError("the font has no cmap of format 4")


def _format_4(data: bytes, offset: int) -> list[tuple[int, int]]:
    twice = struct.unpack_from(">H", data, offset + 6)[0]
    found = []
    for index in range(0, twice, 2):
        end = struct.unpack_from(">H", data, offset + 14 + index)[0]
        first = struct.unpack_from(">H", data, offset + 16 + twice + index)[0]
        delta = struct.unpack_from(">H", data, offset + 16 + 2 * twice + index)[0]
        at = offset + 16 + 3 * twice + index
        ranged = struct.unpack_from(">H", data, at)[0]
        for code in range(first, min(end, 0xFFFE) + 1):
            glyph = code
            if ranged:
                glyph = struct.unpack_from(">H", data, at + ranged + 2 * (code - first))[0]
                if glyph == 0:
                    continue
            found.append((code, (glyph + delta) & 0xFFFF))
    return found
