"""Kinds of an organism that are no organism of their own: types, lineages, genotypes, and what a laboratory says of them.

"GII.4" is a kind of norovirus, "ribotype 027" one of *C. difficile*, "O157:H7" one of EHEC. Beside the name of another
organism the same words are of nobody known. A few kinds are no infection: genotype A is the measles vaccine.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from varde.codes.errors import CodeFileError
from varde.codes.organisms import organisms
from varde.codes.refinement import refines
from varde.codes.serovars import GENUS, single_words
from varde.codes.tables import DATA, DATE, SLUG, TEXT, check_unique, read_date, read_table

KINDS = DATA / "kinds.csv"

_SCHEMA = {
    "pattern": TEXT,
    "organism": SLUG,
    "counts": r"yes|no|beside",
    "source": TEXT,
    "valid_from": DATE,
}


class Kinds(NamedTuple):
    """The kinds of one organism, as patterns that stand alone between other words.

    Attributes:
        counting: an infection by one of them is an infection by the organism.
        beside: the same, where the organism is named too or the answer is plain: others have them as well (O157).
        doubtful: they are of a vaccine, and a person must look.
    """

    counting: re.Pattern[str]
    beside: re.Pattern[str]
    doubtful: re.Pattern[str]


@lru_cache(maxsize=1)
def _rows() -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Organism → pattern and how it counts.

    Raises:
        CodeFileError: a row breaks the schema, is no pattern, names what is no organism, or stands twice.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    seen: list[tuple[int, object]] = []
    for line, (pattern, organism, counts, _source, valid_from) in read_table(KINDS, _SCHEMA):
        read_date(KINDS, line, valid_from)
        if organism not in organisms():
            raise CodeFileError(KINDS, line, f"there is no organism {organism}")
        try:
            empty = re.compile(pattern, re.I).fullmatch("")
        except re.error as error:
            raise CodeFileError(KINDS, line, f"no pattern: {error}") from error
        if empty is not None:
            raise CodeFileError(KINDS, line, "the pattern matches nothing at all")
        seen.append((line, (pattern, organism)))
        found.setdefault(organism, []).append((pattern, counts))
    check_unique(KINDS, seen, "row")
    alone = "|".join(re.escape(serovar.casefold()) for serovar in single_words())
    found.setdefault(GENUS, []).append((alone, "beside"))
    return MappingProxyType({key: tuple(rows) for key, rows in found.items()})


@lru_cache(maxsize=512)
def kinds_of(organism: str) -> Kinds | None:
    """The kinds of an organism and of what it is a kind of itself (a serovar of Salmonella); None for none.

    Args:
        organism: a key of `varde.codes.organisms`.
    """
    rows = [
        row
        for key, listed in _rows().items()
        if key == organism or refines(organism, key)
        for row in listed
    ]
    if not rows:
        return None
    return Kinds(
        *(_alone(p for p, counts in rows if counts == how) for how in ("yes", "beside", "no"))
    )


@lru_cache(maxsize=1)
def all_kinds() -> re.Pattern[str]:
    """The kinds of all organisms that count, whichever of them."""
    return _alone(p for listed in _rows().values() for p, counts in listed if counts != "no")


def _alone(patterns: Iterable[str]) -> re.Pattern[str]:
    """Any of the patterns where no letter or digit touches it; what none of none matches."""
    listed = sorted(dict.fromkeys(patterns), key=lambda pattern: (-len(pattern), pattern))
    joined = "|".join(f"(?:{pattern})" for pattern in listed) or r"(?!)"
    return re.compile(rf"(?<![^\W_])(?:{joined})(?![^\W_])", re.I)
