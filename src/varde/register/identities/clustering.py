"""One component put into persons and questions, by `varde.linkage.clusters`: a function of its descriptions, of what
people have decided, and of known changes of number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from itertools import combinations
from typing import Any, NamedTuple

import msgspec

from varde.linkage import (
    Clusters,
    Description,
    Ruling,
    clusters,
    decide,
    number_rules,
    prepare,
    read_number,
)
from varde.messages.records import PersonId
from varde.register.identities.components import Component
from varde.register.identities.deaths import NO_DEATHS, mourn
from varde.register.identities.describing import OTHERS
from varde.register.identities.knowledge import Knowledge
from varde.register.identities.links import Scene, read_own_number
from varde.register.identities.nodes import NodeRow
from varde.register.identities.rulings import standing


class Asked(NamedTuple):
    """A question as its row holds it; see `varde.register.models.Question`."""

    id: int
    one: bytes
    other: bytes
    cause: str
    weight: int
    reason: str
    version: str
    why: str


class Settled(NamedTuple):
    """What comes of a component.

    Attributes:
        persons: node → pseudonym of the person whose it is.
        questions: all there are between its nodes.
    """

    persons: dict[int, bytes]
    questions: list[Asked]


def settle(component: Component, scene: Scene, dead: Collection[int] = ()) -> Settled:
    """The persons and questions of a component.

    Args:
        dead: nodes of which a death was said, all of the component's among them.
    """
    rows = component.rows
    knowledge = scene.knowledge
    mourned = not rows.keys().isdisjoint(dead)
    if component.large or (len(rows) == 1 and not mourned):
        return Settled({n: name_of([row], knowledge) for n, row in rows.items()}, [])
    by_hash = {row.hash: row for row in rows.values()}
    whole = knowledge.descriptions(by_hash, scene.contents)
    decided = [r for r in standing(by_hash) if r.one in whole and r.other in whole]
    ruled = {hash_ for one in decided for hash_ in (one.one, one.other)}
    descriptions, alike = merge_alike(whole, by_hash, ruled)
    deaths = mourn(by_hash, whole, scene) if mourned else NO_DEATHS
    descriptions = deaths.fill(descriptions, alike)
    rulings = {
        Ruling(one.one.hex(), one.other.hex(), one.same) for one in decided if one.one != one.other
    }
    apart = {(ruling.one, ruling.other) for ruling in rulings if not ruling.same}
    rulings |= {
        Ruling(one, other, True)
        for one, other in _own_numbers(by_hash, descriptions, scene)
        if (one, other) not in apart
    }
    found = clusters(
        {hash_.hex(): each for hash_, each in descriptions.items()}, rulings, changes=scene.changes
    )
    persons = [
        [by_hash[hash_] for key in keys for hash_ in alike[bytes.fromhex(key)]]
        for keys in found.persons
    ] + [[row] for hash_, row in by_hash.items() if hash_ not in whole]
    asked = _questions(found, descriptions, scene)
    kept = {(one.one, one.other) for one in decided if one.same}
    for doubt in deaths.doubts([[row.hash for row in person] for person in persons]):
        if (doubt.one, doubt.other) not in kept:
            asked.append(_asked(doubt.one, doubt.other, "death", doubt.reason, whole, scene))
    return Settled(_name(persons, knowledge), asked)


def merge_alike(
    descriptions: Mapping[bytes, Description],
    by_hash: Mapping[bytes, NodeRow],
    ruled: Collection[bytes],
) -> tuple[dict[bytes, Description], dict[bytes, list[bytes]]]:
    """Descriptions that have a number that decides and differ in nothing but numbers that decide nothing, as one with all
    their numbers: a laboratory that gives a number to each visit describes somebody in hundreds of ways, and all of
    them would be compared with each other. Those that somebody has decided about are left as they are.

    Returns:
        The descriptions, and hash → all that are one with it, by the least of their hashes.
    """
    groups: dict[tuple[Any, ...], list[bytes]] = defaultdict(list)
    for hash_ in sorted(descriptions):
        one = descriptions[hash_]
        deciding = frozenset((n.kind, n.value) for n in one.numbers if _decides(n, one.stated))
        apart = hash_ if hash_ in ruled or not deciding else b""
        rest = msgspec.structs.replace(one, numbers=(), stated=None)
        groups[apart, by_hash[hash_].number, deciding, rest].append(hash_)
    merged, alike = {}, {}
    for hashes in groups.values():
        least = hashes[0]
        alike[least] = hashes
        numbers = dict.fromkeys(n for hash_ in hashes for n in descriptions[hash_].numbers)
        one = descriptions[least]
        merged[least] = (
            msgspec.structs.replace(one, numbers=tuple(numbers)) if len(hashes) > 1 else one
        )
    return merged, alike


def _decides(number: PersonId, stated: date | None) -> bool:
    found = read_number(number.kind, number.value, stated)
    rule = number_rules().kinds.get(found.kind)
    return found.valid and rule is not None and rule.decides


def _own_numbers(
    by_hash: Mapping[bytes, NodeRow], descriptions: Mapping[bytes, Description], scene: Scene
) -> Iterable[tuple[str, str]]:
    """Pairs that a number joins which does not decide by itself. One that contradicts another of the same number is
    left to the weights."""
    groups: dict[bytes, list[bytes]] = defaultdict(list)
    for hash_ in sorted(descriptions):
        number = by_hash[hash_].number
        if number is not None:
            groups[number].append(hash_)
    for hashes in groups.values():
        if len(hashes) < 2:
            continue
        prepared = {hash_: prepare(descriptions[hash_], scene.changes) for hash_ in hashes}
        said = {
            (one, other): read_own_number(
                by_hash[one], by_hash[other], prepared[one], prepared[other]
            )
            for one, other in combinations(hashes, 2)
        }
        contested = {hash_ for pair, what in said.items() if what == "contrary" for hash_ in pair}
        for (one, other), what in said.items():
            if what == "own" and not {one, other} & contested:
                yield one.hex(), other.hex()


def _name(persons: Sequence[Sequence[NodeRow]], knowledge: Knowledge) -> dict[int, bytes]:
    """The pseudonym of each person. Of two who have the same number, which is somebody else's then, it names the one
    with the lesser node."""
    taken: set[bytes] = set()
    found: dict[int, bytes] = {}
    for rows in sorted(persons, key=lambda rows: min(row.hash for row in rows)):
        name = name_of(rows, knowledge, taken)
        taken.add(name)
        found.update((row.id, name) for row in rows)
    return found


def name_of(rows: Sequence[NodeRow], knowledge: Knowledge, taken: Collection[bytes] = ()) -> bytes:
    """The pseudonym of a person who is described so: of the national number, else of the D number, else of the DUF
    number, the least of several; of one who has none, of the least node.

    No other number names anybody: others may have it too, who have never been compared with this one.

    Args:
        taken: names of others.
    """
    numbers = sorted(
        (row.rank, row.number) for row in rows if row.number is not None and row.rank < OTHERS
    )
    free = (number for _, number in numbers if number not in taken)
    return next(free, None) or knowledge.pseudonym_of(min(row.hash for row in rows))


def _questions(
    found: Clusters, descriptions: Mapping[bytes, Description], scene: Scene
) -> list[Asked]:
    asked = []
    for question in found.questions:
        one, other = bytes.fromhex(question.one), bytes.fromhex(question.other)
        asked.append(_asked(one, other, question.cause, "", descriptions, scene))
    return asked


def _asked(
    one: bytes,
    other: bytes,
    cause: str,
    reason: str,
    descriptions: Mapping[bytes, Description],
    scene: Scene,
) -> Asked:
    """A question with what each field weighs.

    Args:
        reason: empty for that of the comparison.
    """
    decision = decide(descriptions[one], descriptions[other], changes=scene.changes)
    why = [(each.field, each.level, milli(each.weight)) for each in decision.fields]
    return Asked(
        scene.knowledge.question_id(one, other),
        one,
        other,
        cause,
        milli(decision.weight),
        reason or decision.reason,
        decision.version,
        msgspec.json.encode(why).decode(),
    )


def milli(bits: float) -> int:
    """A weight as a column keeps it: thousandths of a bit."""
    return round(bits * 1000)
