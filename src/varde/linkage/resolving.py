"""Persons out of what is connected: evidence that contradicts itself gives way, the weakest first.

Nothing here depends on an order: edges of one weight stay or go together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from varde.linkage.deciding import Weighed
from varde.linkage.sets import Sets
from varde.linkage.weights import Weights

LARGEST = 400
"""Of more nodes than this only the same numbers are joined: no person is described in so many ways."""

CERTAINLY_TWO = frozenset(
    {"two-numbers", "twins", "contradicted-number", "seen-after-death", "two-deaths"}
)

Pair = tuple[int, int]
Weigh = Callable[[int, int], Weighed]


class Join(NamedTuple):
    """What says that two nodes are of one person.

    Attributes:
        certain: by the same number, or because a person has decided so.
    """

    one: int
    other: int
    weight: float
    certain: bool


class _Groups(NamedTuple):
    """Nodes that certainly belong together, and the strongest join between each two groups."""

    members: list[list[int]]
    edges: dict[Pair, tuple[float, Pair]]
    conflicts: set[Pair]


def resolve(
    count: int,
    joins: Iterable[Join],
    apart: set[Pair],
    ruled: Sequence[Pair],
    weigh: Weigh,
    weights: Weights,
) -> tuple[list[frozenset[int]], list[Pair]]:
    """Nodes that are one person, and the joins that gave way.

    Args:
        count: of nodes, numbered from 0.
        joins: all evidence that two nodes are of one person, decisions of people among it.
        apart: pairs, lower first, that a person has decided are two persons.
        ruled: pairs that a person has decided are one, none of which contradicts `apart`.
        weigh: the decision about any two nodes.

    Returns:
        persons: sets of nodes; each node in one.
        dropped: pairs of nodes to ask about.
    """
    joins = list(joins)
    connected, certainly = Sets(count), Sets(count)
    for join in joins:
        connected.join(join.one, join.other)
    for one, other in ruled:
        certainly.join(one, other)
    members: dict[int, list[int]] = {}
    for node in sorted({node for pair in ruled for node in pair}):
        members.setdefault(certainly.find(node), []).append(node)
    nodes_of: dict[int, list[int]] = {}
    for node in range(count):
        nodes_of.setdefault(connected.find(node), []).append(node)
    joins_of: dict[int, list[Join]] = {}
    for join in joins:
        joins_of.setdefault(connected.find(join.one), []).append(join)
    persons: list[frozenset[int]] = []
    dropped: list[Pair] = []
    for name, nodes in nodes_of.items():
        if len(nodes) == 1:
            persons.append(frozenset(nodes))
            continue
        judge = _Judge(certainly, apart, weigh, members)
        found, gave_way = _split(nodes, joins_of[name], judge, weights.margin)
        persons += found
        dropped += gave_way
    return persons, dropped


class _Judge(NamedTuple):
    """What is known to be one person (`ruled`), to be two (`apart`), and what evidence says; `members` of what is
    ruled to be one person."""

    ruled: Sets
    apart: set[Pair]
    weigh: Weigh
    members: Mapping[int, Sequence[int]]

    def are_two(self, one: int, other: int) -> bool:
        """Whether two nodes certainly are of two persons."""
        if (min(one, other), max(one, other)) in self.apart:
            return True
        first, second = self.ruled.find(one), self.ruled.find(other)
        if first == second:
            return False
        reason = self.weigh(one, other).reason
        if reason not in CERTAINLY_TWO:
            return False
        # Whom somebody has ruled to have two numbers or two names, is the person of either.
        return reason == "twins" or not (self._is_of(one, second) or self._is_of(other, first))

    def _is_of(self, node: int, ruled: int) -> bool:
        """Whether a node is the same as one of those that are ruled to be one person."""
        members = self.members.get(ruled, ())
        return any(self.weigh(node, each).outcome == "same" for each in members if each != node)

    def conflict(self, ones: Sequence[int], others: Sequence[int]) -> bool:
        """Whether two groups cannot be one person, or nothing that is in them is alike enough.

        Names or birth dates that differ in all of it are enough of a contradiction: Kari and Mona are not one
        because somebody is called Kari Mona.
        """
        if any(self.are_two(one, other) for one in ones for other in others):
            return True
        best = max(
            (self.weigh(one, other) for one in ones for other in others),
            key=lambda weighed: weighed.weight,
        )
        return "different" in (best.outcome, best.levels.given, best.levels.born)


def _split(
    nodes: list[int], joins: list[Join], judge: _Judge, margin: float
) -> tuple[list[frozenset[int]], list[Pair]]:
    """The persons among connected nodes."""
    groups = _group(nodes, joins, judge)
    persons: list[frozenset[int]] = []
    dropped: list[Pair] = []
    waiting = [(frozenset(range(len(groups.members))), groups.edges)]
    while waiting:
        inside, edges = waiting.pop()
        for part, kept in _parts(inside, edges):
            conflicts = {pair for pair in groups.conflicts if set(pair) <= part}
            if not conflicts:
                persons.append(frozenset(n for at in part for n in groups.members[at]))
                continue
            weakest = _weakest(part, kept, conflicts, margin)
            dropped += [kept[pair][1] for pair in sorted(weakest)]
            waiting.append((part, {p: e for p, e in kept.items() if p not in weakest}))
    return persons, dropped


def _group(nodes: list[int], joins: list[Join], judge: _Judge) -> _Groups:
    """Put together what is certain and nothing contradicts."""
    at_of = {node: at for at, node in enumerate(nodes)}
    ruled, certain = Sets(len(nodes)), Sets(len(nodes))
    for at, node in enumerate(nodes):
        head = at_of.get(judge.ruled.find(node))
        if head is not None:
            ruled.join(at, head)
            certain.join(at, head)
    for join in joins:
        if join.certain:
            certain.join(at_of[join.one], at_of[join.other])
    together: dict[int, list[int]] = {}
    for at in range(len(nodes)):
        together.setdefault(certain.find(at), []).append(at)
    members: dict[int, list[int]] = {}
    for held in together.values():
        bad = len(held) <= LARGEST and any(
            judge.are_two(nodes[a], nodes[b]) for a, b in combinations(held, 2)
        )
        for at in held:
            members.setdefault(ruled.find(at) if bad else held[0], []).append(nodes[at])
    groups = list(members.values())
    group_of = {node: number for number, held in enumerate(groups) for node in held}
    kept = (join for join in joins if _ordered(join.one, join.other) not in judge.apart)
    edges = _strongest(kept, group_of)
    if len(groups) > LARGEST:
        return _Groups(groups, {}, set())
    conflicts = {
        (a, b)
        for a, b in combinations(range(len(groups)), 2)
        if judge.conflict(groups[a], groups[b])
    }
    return _Groups(groups, edges, conflicts)


def _ordered(one: int, other: int) -> Pair:
    return (one, other) if one < other else (other, one)


def _strongest(joins: Iterable[Join], group_of: dict[int, int]) -> dict[Pair, tuple[float, Pair]]:
    edges: dict[Pair, tuple[float, Pair]] = {}
    for join in joins:
        first, second = sorted((group_of[join.one], group_of[join.other]))
        between = (min(join.one, join.other), max(join.one, join.other))
        held = edges.get((first, second))
        # Of one weight the pair of lowest number, which is the first by key.
        if first != second and (held is None or (-join.weight, between) < (-held[0], held[1])):
            edges[first, second] = (join.weight, between)
    return edges


def _parts(
    inside: frozenset[int], edges: dict[Pair, tuple[float, Pair]]
) -> list[tuple[frozenset[int], dict[Pair, tuple[float, Pair]]]]:
    """What is still connected, with its edges."""
    order = sorted(inside)
    at_of = {group: at for at, group in enumerate(order)}
    connected = Sets(len(order))
    for one, other in edges:
        connected.join(at_of[one], at_of[other])
    parts: dict[int, set[int]] = {}
    for group in order:
        parts.setdefault(connected.find(at_of[group]), set()).add(group)
    kept: dict[int, dict[Pair, tuple[float, Pair]]] = {name: {} for name in parts}
    for pair, edge in edges.items():
        kept[connected.find(at_of[pair[0]])][pair] = edge
    return [(frozenset(part), kept[name]) for name, part in parts.items()]


def _weakest(
    part: frozenset[int],
    edges: dict[Pair, tuple[float, Pair]],
    conflicts: set[Pair],
    margin: float,
) -> set[Pair]:
    """The edges that give way: the weakest of those that may connect what contradicts itself."""
    contested = {group for pair in conflicts for group in pair}
    core = set(edges)
    loose = core
    while loose:
        degree: dict[int, int] = dict.fromkeys(part, 0)
        for one, other in core:
            degree[one] += 1
            degree[other] += 1
        loose = {
            pair
            for pair in core
            if any(degree[group] == 1 and group not in contested for group in pair)
        }
        core -= loose
    limit = min(edges[pair][0] for pair in core) + margin
    return {pair for pair in core if edges[pair][0] <= limit}
