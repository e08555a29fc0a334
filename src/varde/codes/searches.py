"""Laboratory tests that look for one organism, by their codes: which organism, and how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from varde.codes.errors import CodeFileError
from varde.codes.map_rows import read_systems
from varde.codes.organisms import organisms
from varde.codes.tables import DATA, DATE, TEXT, check_unique, read_table

SEARCHES: Final = DATA / "searches.csv"
METHODS: Final = (
    "culture|nucleic-acid|antigen|antibody-igm|antibody-igg|antibody-blot|antibody-rise|antibody"
    "|microscopy|histology|toxin"
)


@dataclass(frozen=True, slots=True)
class ListedSearch:
    """One test.

    Attributes:
        system: code system, as `systems.csv` names it.
        code: the test's code there.
        name: what the system calls the test.
        organism: the name of the organism that it looks for, as the code map knows it.
        method: how: culture, nucleic-acid, antigen, antibody-igm, antibody-igg, antibody, microscopy, toxin.
    """

    system: str
    code: str
    name: str
    organism: str
    method: str


@lru_cache(maxsize=1)
def listed_searches() -> Mapping[tuple[str, str], ListedSearch]:
    """Every listed test by (system, code), under each of the names of its system.

    Raises:
        CodeFileError: the file breaks its schema, names an organism that is not there, or has a code twice.
    """
    schema = {
        "system": TEXT,
        "code": TEXT,
        "name": TEXT,
        "organism": TEXT,
        "method": METHODS,
        "source": TEXT,
        "valid_from": DATE,
    }
    aliases: dict[str, list[str]] = {}
    for alias, system in read_systems().items():
        aliases.setdefault(system, []).append(alias)
    found: list[tuple[int, ListedSearch]] = []
    for line, (system, code, name, organism, method, _, _) in read_table(SEARCHES, schema):
        if organism not in organisms():
            raise CodeFileError(SEARCHES, line, f"there is no organism {organism!r}")
        called = organisms()[organism].name
        found.append((line, ListedSearch(system, code, name, called, method)))
    check_unique(SEARCHES, ((line, (each.system, each.code)) for line, each in found), "code")
    return MappingProxyType(
        {
            (system, each.code): each
            for _, each in found
            for system in (each.system, *aliases.get(each.system, ()))
        }
    )
