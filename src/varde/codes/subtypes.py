"""Subtypes that are organisms of their own: influenza A(H5N1) is no seasonal influenza.

The words for them may stand around the name of the organism in any of the ways of ``affixes.csv``; what they mean must
not be thrown away with them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from varde.codes.errors import CodeFileError
from varde.codes.organisms import organisms
from varde.codes.tables import DATA, SLUG, TEXT, check_unique, read_table

SUBTYPES = DATA / "subtypes.csv"

_SCHEMA = {"text": r"[a-z0-9]+", "of": SLUG, "organism": SLUG, "source": TEXT}
_WORD = re.compile(r"[a-z0-9]+")


@lru_cache(maxsize=1)
def subtypes() -> Mapping[tuple[str, str], str]:
    """Organism and word for a subtype → the organism that the subtype is.

    Raises:
        CodeFileError: a row breaks the schema, names what is no organism, or stands twice.
    """
    found: list[tuple[int, tuple[str, str], str]] = []
    for line, (text, of, organism, _source) in read_table(SUBTYPES, _SCHEMA):
        for key in (of, organism):
            if key not in organisms():
                raise CodeFileError(SUBTYPES, line, f"there is no organism {key}")
        found.append((line, (of, text), organism))
    check_unique(SUBTYPES, ((line, key) for line, key, _ in found), "row")
    return MappingProxyType({key: organism for _, key, organism in found})


def subtype_in(organism: str, text: str) -> str | None:
    """The organism that a name with a subtype in it means; None when no such subtype stands there.

    Args:
        organism: what the name without it means.
        text: the whole name, in lower case.
    """
    if organism not in _divided():
        return None
    known = subtypes()
    return next((known[organism, w] for w in _WORD.findall(text) if (organism, w) in known), None)


@lru_cache(maxsize=1)
def _divided() -> frozenset[str]:
    return frozenset(of for of, _ in subtypes())
