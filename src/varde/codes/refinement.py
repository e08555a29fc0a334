"""How names of organisms refine each other: genus, species, serovar, and groups that laboratories report.

One laboratory writes *Klebsiella*, the next one *Klebsiella pneumoniae*: the same organism, known less and more
precisely. Two names of which neither refines the other (two species, two serovars) are two organisms.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from varde.codes.errors import CodeFileError
from varde.codes.organisms import Organism, organisms
from varde.codes.tables import DATA, DATE, SLUG, TEXT, check_unique, read_date, read_table

GROUPS = DATA / "organism_groups.csv"

_SCHEMA = {
    "organism": SLUG,
    "of": r"group|organism",
    "member": SLUG,
    "source": TEXT,
    "valid_from": DATE,
}


def refines(finer: str, coarser: str) -> bool:
    """Whether one organism is a more precise name of what the other says.

    Args:
        finer, coarser: keys of `organisms`. No organism refines itself; the unknown one and what is not a key
            refine nothing.
    """
    return coarser in coarser_names().get(finer, frozenset())


def precision(organism: str) -> int:
    """How precise a name is: how many less precise ones it has. Only of use between names of which one refines
    the other: the finer then has the larger number."""
    return len(coarser_names().get(organism, frozenset()))


@lru_cache(maxsize=1)
def coarser_names() -> Mapping[str, frozenset[str]]:
    """Each organism → all less precise names of it, however many steps away.

    A genus is a less precise name of all that has that genus, a species of its subspecies and serovars; what
    else is of that sort is said by ``organism_groups.csv``, whose rows hold for a group of `Organism.group` or
    for one organism.

    Raises:
        CodeFileError: a row breaks the schema, names something that is not there or stands twice, or a name
            comes out as a less precise one of itself.
    """
    known = organisms()
    direct: dict[str, set[str]] = {key: set() for key in known}
    for coarse, finer in (*_by_name(known), *_by_group(known)):
        if coarse != finer:
            direct[finer].add(coarse)
    return MappingProxyType({key: _reach(key, direct) for key in known})


def _by_name(known: Mapping[str, Organism]) -> list[tuple[str, str]]:
    genera = {o.genus: o.key for o in known.values() if o.genus and o.name == o.genus}
    species = {
        o.name: o.key for o in known.values() if o.species and o.name == f"{o.genus} {o.species}"
    }
    pairs: list[tuple[str, str]] = []
    for key, organism in known.items():
        if organism.genus in genera:
            pairs.append((genera[organism.genus], key))
        if organism.species and f"{organism.genus} {organism.species}" in species:
            pairs.append((species[f"{organism.genus} {organism.species}"], key))
    return pairs


def _by_group(known: Mapping[str, Organism]) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    seen: list[tuple[int, object]] = []
    groups = {organism.group for organism in known.values()}
    for line, (coarse, of, member, _source, valid_from) in read_table(GROUPS, _SCHEMA):
        read_date(GROUPS, line, valid_from)
        seen.append((line, (coarse, of, member)))
        for name, there in ((coarse, known), (member, groups if of == "group" else known)):
            if name not in there:
                raise CodeFileError(GROUPS, line, f"there is no {name}")
        members = (
            [key for key, organism in known.items() if organism.group == member]
            if of == "group"
            else [member]
        )
        pairs.extend((coarse, key) for key in members)
    check_unique(GROUPS, seen, "row")
    return pairs


def _reach(start: str, direct: Mapping[str, set[str]]) -> frozenset[str]:
    reached: set[str] = set()
    waiting = list(direct[start])
    while waiting:
        each = waiting.pop()
        if each not in reached:
            reached.add(each)
            waiting.extend(direct[each])
    if start in reached:
        raise CodeFileError(GROUPS, 0, f"{start} comes out as a less precise name of itself")
    return frozenset(reached)
