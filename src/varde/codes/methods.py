"""How methods refine each other: a blot and a rise are of antibodies, and tell more than that there are some.

A definition that asks for antibodies is met by a blot that found them. One that asks for a blot is not met by antibodies
that nobody confirmed. What was not found is another matter: who has no rise may have antibodies all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from varde.codes.errors import CodeFileError
from varde.codes.tables import DATA, DATE, SLUG, TEXT, check_unique, read_date, read_table

METHODS = DATA / "methods.csv"

_SCHEMA = {
    "finer": SLUG,
    "coarser": SLUG,
    "denied": r"yes|no",
    "source": TEXT,
    "valid_from": DATE,
}


def method_meets(found: str, asked: str, denied: bool = False) -> bool:
    """Whether what was found by a method is what is asked for by another: the same, or a more precise one.

    Args:
        found, asked: methods as findings and definitions have them.
        denied: it was looked for and not found: whether that denies what is asked for.
    """
    if found == asked:
        return True
    return (asked, True) in _coarser().get(found, ()) or (
        not denied and (asked, False) in _coarser().get(found, ())
    )


@lru_cache(maxsize=1)
def _coarser() -> Mapping[str, frozenset[tuple[str, bool]]]:
    """Method → the less precise ones, each with whether it is denied where the finer one is.

    Raises:
        CodeFileError: a row breaks the schema, stands twice, or has one method for both.
    """
    found: dict[str, set[tuple[str, bool]]] = {}
    seen: list[tuple[int, object]] = []
    for line, (finer, coarser, denied, _source, valid_from) in read_table(METHODS, _SCHEMA):
        read_date(METHODS, line, valid_from)
        if finer == coarser:
            raise CodeFileError(METHODS, line, f"{finer} is no less precise method of itself")
        seen.append((line, (finer, coarser)))
        found.setdefault(finer, set()).add((coarser, denied == "yes"))
    check_unique(METHODS, seen, "row")
    return MappingProxyType({finer: frozenset(rows) for finer, rows in found.items()})
