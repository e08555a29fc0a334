"""Serovars of Salmonella by name: "Salmonella Infantis", "S. Kentucky", "Salmonella 1,4,[5],12:i:-".

Typhi and Paratyphi are organisms of their own (`varde.codes.organisms`). Every other serovar is non-typhoidal and has no
organism of its own here, but for those that are counted apart. A word behind the genus that is none of these may be a serovar,
or a slip for Typhi: it means nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from varde.codes.errors import CodeFileError
from varde.codes.organisms import organisms
from varde.codes.tables import DATA, DATE, SLUG, TEXT, check_unique, read_date, read_table

SEROVARS: Final = DATA / "serovars.csv"
GENUS: Final = "salmonella"

BEFORE: Final = (
    "Salmonella", "Salmonella sp.", "Salmonella spp.", "Salmonella species", "Salmonella serovar", "Salmonella serotype",
    "Salmonella ser.", "Salmonella enterica", "Salmonella enterica serovar", "Salmonella enterica serotype",
    "Salmonella enterica ser.", "Salmonella enterica subsp. enterica", "Salmonella enterica subsp. enterica serovar",
    "Salmonella enterica ssp. enterica serovar", "S.", "S. enterica", "S. enterica serovar", "S. enterica subsp. enterica serovar",
)  # fmt: skip
"""What stands before the serovar in a name."""

_SCHEMA = {"serovar": TEXT, "organism": SLUG, "source": TEXT, "valid_from": DATE}


@lru_cache(maxsize=1)
def serovars() -> Mapping[str, str]:
    """Serovar → the organism that it is, in the order of the file.

    Raises:
        CodeFileError: the file breaks its schema, names what is no organism, or has a serovar twice.
    """
    found: list[tuple[int, str, str]] = []
    for line, (serovar, organism, _source, valid_from) in read_table(SEROVARS, _SCHEMA):
        read_date(SEROVARS, line, valid_from)
        if organism not in organisms():
            raise CodeFileError(SEROVARS, line, f"there is no organism {organism}")
        found.append((line, serovar, organism))
    check_unique(SEROVARS, ((line, serovar.casefold()) for line, serovar, _ in found), "serovar")
    return MappingProxyType({serovar: organism for _, serovar, organism in found})


def serovar_names() -> Iterator[tuple[int, str, str]]:
    """The place in the file, a whole name of a serovar, and its organism."""
    for line, (serovar, organism) in enumerate(serovars().items(), start=2):
        for before in BEFORE:
            yield line, f"{before} {serovar}", organism


def single_words() -> tuple[str, ...]:
    """The serovars that are one word, which may stand alone beside the genus."""
    return tuple(each for each in serovars() if each.isalpha() and each != "Java")
