"""Words that name a kind of ward and no hospital: many hospitals have one."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

from varde.codes import normal_name

DATA = Path(__file__).with_name("data") / "ward_words.json"


class WardWords(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file.

    Attributes:
        words: as `varde.codes.normal_name` has them.
        endings: whatever ends so is a ward too.
    """

    version: str
    source: str
    words: frozenset[str]
    endings: tuple[str, ...]


@cache
def ward_words() -> WardWords:
    """The words that are shipped."""
    return msgspec.json.decode(DATA.read_bytes(), type=WardWords)


def is_only_a_ward(word: str) -> bool:
    """Whether nothing in a word tells one hospital from another: wards, numbers and single letters alone."""
    known = ward_words()
    parts = normal_name(word).split()
    return bool(parts) and all(
        part in known.words or part.endswith(known.endings) or part.isdigit() or len(part) == 1
        for part in parts
    )
