"""The words of isolate lists: nothing grew, a category in words, not tested. Dated data (``words.json``)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path

import msgspec

from varde.messages.records import Sir

WORDS = Path(__file__).parent / "words.json"


class ListWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words in lower case, without a full stop.

    Attributes:
        negative: in the place of an organism: nothing was found.
        sir: a category.
        not_tested: in the place of a result: there is none.
    """

    valid_from: date
    source: str
    negative: frozenset[str]
    sir: Mapping[str, Sir]
    not_tested: frozenset[str]


@lru_cache(maxsize=1)
def list_words() -> ListWords:
    """The words; read once.

    Raises:
        msgspec.DecodeError: the file breaks its schema.
    """
    return msgspec.json.decode(WORDS.read_bytes(), type=ListWords)


def folded(cell: str) -> str:
    """A cell as words are compared."""
    return " ".join(cell.split()).casefold().rstrip(".")
