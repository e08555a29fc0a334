"""Nodes that hang together by links: whatever is decided about one may change what is known of the others."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from varde.register.identities import nodes
from varde.register.identities.nodes import NodeRow

LARGEST = 100
"""Of more nodes than this nothing but numbers is looked at: no person is described in so many ways."""


class Component(NamedTuple):
    """Nodes that hang together.

    Attributes:
        rows: by id; of a large component only as many as have come to it now.
        large: whether there are more than `LARGEST`.
    """

    rows: dict[int, NodeRow]
    large: bool


def gather(start: Collection[int]) -> list[Component]:
    """The components that some nodes are in. Nodes that are not there are passed over."""
    found: list[Component] = []
    seen: set[int] = set()
    rows = nodes.read(start)
    links = nodes.read_links(list(rows))
    for node in sorted(rows):
        if node in seen:
            continue
        alone = not links.get(node)
        component = Component({node: rows[node]}, False) if alone else _follow(rows[node])
        seen.update(component.rows)
        found.append(component)
    return found


def _follow(first: NodeRow) -> Component:
    """One component. What was found large before is not looked through again from outside; from inside only as far
    as it takes to say that it is large still."""
    inside = first.large
    rows = {first.id: first}
    frontier = {first.id}
    large = False
    while frontier:
        if inside and len(rows) > LARGEST:
            return Component({first.id: first}, True)
        linked = nodes.read_links(frontier)
        others = {other for held in linked.values() for other, _ in held} - rows.keys()
        fresh = nodes.read(others)
        if not inside and any(row.large for row in fresh.values()):
            large = True
            fresh = {number: row for number, row in fresh.items() if not row.large}
        rows |= fresh
        frontier = set(fresh)
    return Component(rows, large or len(rows) > LARGEST)


def reach(start: Collection[int]) -> set[int]:
    """All nodes that hang together with any of some, as far as no large component is entered; many components at
    once."""
    found: set[int] = set()
    frontier = set(start)
    while frontier:
        rows = nodes.read(frontier)
        found |= rows.keys()
        inside = [number for number, row in rows.items() if not row.large]
        linked = nodes.read_links(inside)
        frontier = {other for held in linked.values() for other, _ in held} - found
    return found
