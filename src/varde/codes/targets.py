"""What tests look for of an organism: genes and antigens by which laboratories name what they found.

"IS481 påvist" in answer to a search for *Bordetella pertussis* is that organism; "IS1001 påvist" is its neighbour. Which
target is whose is said by ``targets.csv``; a target that is not there is of nobody known.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from varde.codes.errors import CodeFileError
from varde.codes.organisms import organisms
from varde.codes.tables import DATA, DATE, SLUG, TEXT, check_unique, read_date, read_table

TARGETS = DATA / "targets.csv"

_SCHEMA = {
    "text": r"[^\x00-\x1fA-ZÆØÅ]{3,40}",
    "organism": SLUG,
    "method": r"nucleic-acid|antigen|toxin",
    "proves": r"yes|no",
    "source": TEXT,
    "valid_from": DATE,
}


class Target(NamedTuple):
    """A gene or an antigen of an organism.

    Attributes:
        organism: a key of `varde.codes.organisms`.
        method: how it is looked for: nucleic-acid, antigen or toxin.
        proves: the organism was found where this was; False for one that other organisms have too.
    """

    organism: str
    method: str
    proves: bool


@lru_cache(maxsize=1)
def targets() -> Mapping[str, tuple[Target, ...]]:
    """Name of a target in lower case → whose it is, in the order of the file.

    Raises:
        CodeFileError: a row breaks the schema, names what is no organism, or stands twice.
    """
    found: dict[str, tuple[Target, ...]] = {}
    seen: list[tuple[int, object]] = []
    for line, (text, organism, method, proves, _source, valid_from) in read_table(TARGETS, _SCHEMA):
        read_date(TARGETS, line, valid_from)
        if organism not in organisms():
            raise CodeFileError(TARGETS, line, f"there is no organism {organism}")
        seen.append((line, (text, organism, method)))
        found[text] = (*found.get(text, ()), Target(organism, method, proves == "yes"))
    check_unique(TARGETS, seen, "row")
    return MappingProxyType(found)
