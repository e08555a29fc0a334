"""Which nodes may be of one person: those with a blocking key in common are compared, and what comes of it is a link.

A link is a function of two descriptions and of which keys are too common to be followed, so of the set of nodes: when a
key becomes too common, what it alone brought together is let go again, and the other way round.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Literal, NamedTuple

from varde.linkage import Changes, Prepared, contradict_by_death, shipped_weights, weigh
from varde.register.identities import nodes
from varde.register.identities.knowledge import Knowledge
from varde.register.identities.nodes import ASK, SAME, NodeRow


class Scene(NamedTuple):
    """What is known while some nodes are put into their places.

    Attributes:
        contents: descriptions that are in memory, by hash.
        changes: of numbers that any of them has.
    """

    knowledge: Knowledge
    contents: Mapping[bytes, bytes]
    changes: Changes


def relate(one: NodeRow, other: NodeRow, first: Prepared, second: Prepared) -> int | None:
    """The link that two descriptions have: `SAME`, `ASK` or none."""
    weights = shipped_weights()
    weighed = weigh(first, second, weights)
    if weighed.outcome == "same" or read_own_number(one, other, first, second) == "own":
        return SAME
    return ASK if weighed.outcome == "ask" else None


def read_own_number(
    one: NodeRow, other: NodeRow, first: Prepared, second: Prepared
) -> Literal["own", "contrary", ""]:
    """What it says that two descriptions count by the same number, where that number does not decide by itself (a
    laboratory's own, a help number): they are one person's, or the rest contradicts that. Else nothing."""
    if one.number is None or one.number != other.number:
        return ""
    weights = shipped_weights()
    levels = weigh(first, second, weights).levels
    if levels.number == "certain":
        return ""
    name = levels.family if levels.given == "missing" else levels.given
    # One contradiction is enough: a laboratory gives its numbers out by other rules than a country.
    if levels.number == "contrary" or "different" in (levels.born, levels.sex, name):
        return "contrary"
    if contradict_by_death(first, second):
        return "contrary"
    return "own"


def meet(
    rows: Mapping[int, NodeRow],
    prepared: Mapping[int, Prepared],
    keys: Mapping[int, Sequence[int]],
    scene: Scene,
) -> set[int]:
    """Add the keys of nodes that are about to be added, and link them with those that they share a key with.

    Returns:
        All nodes of which a link was added or taken away.
    """
    blocks = nodes.read_blocks(keys)
    nodes.insert_keys(keys)
    nodes.note_deaths([n for n in sorted(keys) if scene.knowledge.tells_of_death(prepared[n])])
    pairs: set[tuple[int, int]] = set()
    for members in blocks.members.values():
        if len(members) > 1:
            for node in members:
                if node in rows:
                    pairs.update((min(node, o), max(node, o)) for o in members if o != node)
    touched = _link(pairs, scene, rows, prepared)
    if blocks.overfull:
        nodes.note_common(blocks.overfull)
        touched |= _let_go(blocks.overfull.values())
    return touched


def part(gone: Collection[int], scene: Scene) -> set[int]:
    """Take the links and keys of nodes away, which are about to be removed or to get others.

    Returns:
        All other nodes of which a link was added or taken away.
    """
    links = nodes.read_links(gone)
    nodes.remove_links({(a, b) for a, held in links.items() for b, _ in held}, ruled=False)
    nodes.remove_links({(a, b) for a, held in links.items() for b, _ in held}, ruled=True)
    touched = {other for held in links.values() for other, _ in held}
    followed = nodes.no_longer_common(nodes.remove_keys(gone))
    pairs = {
        pair for members in followed.values() for pair in combinations(sorted(members), 2)
    } - _linked({node for members in followed.values() for node in members})
    touched |= _link(pairs, scene, {}, {})
    return touched - set(gone)


def _linked(members: Collection[int]) -> set[tuple[int, int]]:
    return {
        (node, other)
        for node, held in nodes.read_links(members).items()
        for other, kind in held
        if kind != nodes.RULED
    }


def _link(
    pairs: Iterable[tuple[int, int]],
    scene: Scene,
    fresh: Mapping[int, NodeRow],
    known: Mapping[int, Prepared],
) -> set[int]:
    """Compare pairs of nodes and add the links that come of it; the nodes that got any."""
    pairs = sorted(pairs)
    if not pairs:
        return set()
    rows = nodes.read({node for pair in pairs for node in pair} - fresh.keys())
    prepared = scene.knowledge.prepared_of({row.hash for row in rows.values()}, scene.contents)
    by_node = {number: prepared.get(row.hash) for number, row in rows.items()} | dict(known)
    rows |= fresh
    links: dict[tuple[int, int], int] = {}
    for one, other in pairs:
        first, second = by_node.get(one), by_node.get(other)
        if first is None or second is None:
            continue
        kind = relate(rows[one], rows[other], first, second)
        if kind is not None:
            links[one, other] = kind
    nodes.insert_links(links)
    return {node for pair in links for node in pair}


def _let_go(blocks: Iterable[Collection[int]]) -> set[int]:
    """Take away links between nodes that no followed key brings together any more."""
    touched: set[int] = set()
    for block in blocks:
        members = set(block)
        pairs = {
            (one, other) for one, other in _linked(members) if other in members and one < other
        }
        if not pairs:
            continue
        keys = nodes.read_keys({node for pair in pairs for node in pair})
        common = nodes.common_among({key for held in keys.values() for key in held})
        loose = {pair for pair in pairs if not (keys[pair[0]] & keys[pair[1]]) - common}
        nodes.remove_links(loose, ruled=False)
        touched |= {node for pair in loose for node in pair}
    return touched
