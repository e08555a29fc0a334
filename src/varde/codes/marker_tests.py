"""Tests for a resistance, or for one of its genes, that name no organism: Karbapenemase, blaKPC, vanA/vanB.

That such a test finds nothing says something of whatever bacterium grew in its specimen: of the resistance where it looks
for all of it, else of the genes that it names alone. What a case definition makes of that stands in its file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from varde.codes.errors import CodeFileError
from varde.codes.named_resistance import LONGEST, resistance_markers, resistance_words
from varde.codes.tables import DATA, DATE, TEXT, check_unique, read_date, read_table

MARKER_TESTS = DATA / "marker_tests.csv"

_SCHEMA = {
    "text": r"[^\x00-\x1fA-ZÆØÅ]{3,60}",
    "marker": r"[a-z0-9]+",
    "source": TEXT,
    "valid_from": DATE,
}
_METHODS = frozenset(("PCR", "NAT", "DNA", "RNA", "LFA", "ICT", "POC"))
_GENE_LIKE = re.compile(r"(?<![^\W_])[A-ZÆØÅ]{2,}[\w-]*")
"""What may be another gene that no row knows: a word that begins with capitals (GES, OXA-372)."""


class MarkerTest(NamedTuple):
    """What a test looks for.

    Attributes:
        markers: whole resistances (one of `varde.codes.resistance_markers`), or parts of them; empty for another test.
        alone: nothing else that means something stands in its name, such as an organism.
    """

    markers: frozenset[str]
    alone: bool


class _Name(NamedTuple):
    """What one name says; `is_part`: beside it stands what may be a gene that no row knows."""

    markers: frozenset[str]
    alone: bool
    is_part: bool


class _Known(NamedTuple):
    markers: Mapping[str, frozenset[str]]
    words: re.Pattern[str]


def read_marker_test(names: Iterable[str]) -> MarkerTest:
    """What the names of an analysis (alternatives) say that it looks for, apart from an organism.

    Where parts are named it is those (Karbapenemase (KPC)); a whole resistance beside what may be a part that no row knows
    is nothing.
    """
    each = [_read_name(name) for name in names]
    found = frozenset().union(*(one.markers for one in each))
    alone = any(one.alone for one in each if one.markers)
    whole = found & resistance_markers()
    if found - whole:
        return MarkerTest(found - whole, alone)
    return MarkerTest(frozenset() if any(one.is_part for one in each) else whole, alone)


# Names of analyses repeat for ever.
@lru_cache(maxsize=16384)
def _read_name(name: str) -> _Name:
    known = _read()
    low = name.casefold()
    said = list(known.words.finditer(low)) if len(name) <= LONGEST else []
    if not said:
        return _Name(frozenset(), False, False)
    # Where a letter is two in lower case the places are of the text in lower case.
    left = list(name if len(low) == len(name) else low)
    for match in said:
        left[match.start() : match.end()] = " " * (match.end() - match.start())
    rest = "".join(left)
    is_part = any(
        word[0] not in _METHODS and not resistance_words(word[0])
        for word in _GENE_LIKE.finditer(rest)
    )
    markers = frozenset().union(*(known.markers[match[0]] for match in said))
    return _Name(markers, re.search(r"[^\W_]{3}", rest) is None, is_part)


@lru_cache(maxsize=1)
def _read() -> _Known:
    """
    Raises:
        CodeFileError: a row breaks the schema, or stands twice.
    """
    found: dict[str, frozenset[str]] = {}
    seen: list[tuple[int, object]] = []
    for line, (text, marker, _source, valid_from) in read_table(MARKER_TESTS, _SCHEMA):
        read_date(MARKER_TESTS, line, valid_from)
        seen.append((line, (text, marker)))
        found[text] = found.get(text, frozenset()) | {marker}
    check_unique(MARKER_TESTS, seen, "row")
    if not found:
        raise CodeFileError(MARKER_TESTS, 1, "has no row")
    texts = sorted(found, key=lambda text: (-len(text), text))
    # A variant is of its gene no more than a part of it (KPC-3): it is no word of the table.
    words = re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, texts))})(?![^\W_]|-\d)")
    return _Known(MappingProxyType(found), words)
