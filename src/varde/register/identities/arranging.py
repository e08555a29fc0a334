"""Nodes whose neighbourhood changed are put into persons anew, and their reports with them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from varde.register import store
from varde.register.identities import nodes
from varde.register.identities.clustering import Asked, Settled, settle
from varde.register.identities.components import Component, gather
from varde.register.identities.links import Scene
from varde.register.identities.nodes import NodeRow
from varde.register.store import connection

NOBODY = 0
"""The person of a node that has just been added."""


class Moved(NamedTuple):
    """A report that is about another person than before."""

    report: int
    kind: str
    earlier: int
    person: int
    periods: str


class Arranged(NamedTuple):
    """What an arrangement did.

    Attributes:
        persons: of all nodes that were looked at.
        moved: reports that were there before and are about somebody else now.
        left: persons whom nodes have left, and of whom perhaps nothing is known any more.
    """

    persons: dict[int, int]
    moved: list[Moved]
    left: set[int]


def arrange(touched: Collection[int], scene: Scene) -> Arranged:
    """Put the components of some nodes into persons and questions, and write what is another than before."""
    components = gather(touched)
    dead = nodes.dead_among([number for each in components for number in each.rows])
    settled = [settle(component, scene, dead) for component in components]
    names = {node: name for each in settled for node, name in each.persons.items()}
    persons = store.find_persons(set(names.values()))
    rows = {number: row for each in components for number, row in each.rows.items()}
    changed = {
        node: persons[name] for node, name in names.items() if rows[node].person != persons[name]
    }
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE register_node SET person = %s WHERE id = %s",
            [(person, node) for node, person in changed.items()],
        )
    _note_large(components)
    _write_questions(components, settled)
    moved = _move({node: rows[node] for node in changed}, changed)
    left = {rows[node].person for node in changed} - {NOBODY}
    return Arranged({node: persons[name] for node, name in names.items()}, moved, left)


def _note_large(components: Iterable[Component]) -> None:
    rows = [
        (each.large, number)
        for each in components
        for number, row in each.rows.items()
        if row.large != each.large
    ]
    with connection.cursor() as cursor:
        cursor.executemany("UPDATE register_node SET large = %s WHERE id = %s", rows)


def _write_questions(components: Iterable[Component], settled: Iterable[Settled]) -> None:
    """Write the questions of components, and take away those that are none any more."""
    after: dict[int, Asked] = {each.id: each for one in settled for each in one.questions}
    hashes = {
        row.hash
        for each in components
        for row in each.rows.values()
        if len(each.rows) > 1 or row.person != NOBODY
    }
    before: dict[int, Asked] = {}
    columns = ", ".join(Asked._fields)
    for column in ("one", "other"):
        for number, one, other, *rest in store.select_in("question", columns, column, hashes):
            before[number] = Asked(number, bytes(one), bytes(other), *rest)
    gone = [number for number in before if before[number] != after.get(number)]
    with connection.cursor() as cursor:
        cursor.executemany("DELETE FROM register_question WHERE id = %s", [(n,) for n in gone])
    fresh = [after[number] for number in sorted(after) if before.get(number) != after[number]]
    store.insert("question", Asked._fields, fresh)


def _move(rows: dict[int, NodeRow], person_of: dict[int, int]) -> list[Moved]:
    """Let reports follow their nodes."""
    earlier = {row.person for row in rows.values()} - {NOBODY}
    if not earlier:
        return []
    moved = [
        Moved(report, kind, person, person_of[node], periods)
        for report, kind, person, node, periods in store.select_in(
            "report", "id, kind, person, node, periods", "person", sorted(earlier)
        )
        if node in rows and person != person_of[node]
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE register_report SET person = %s WHERE id = %s",
            [(one.person, one.report) for one in moved],
        )
    return moved
