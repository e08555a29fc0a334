"""Reports that were read are given their nodes and persons: the part of the fold that knows who is the same person.

A description that is known already costs one look into an index. One that nobody shares a blocking key with costs
what it takes to add it. Only where there is somebody to compare with, the vault is opened.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from varde.linkage import Description, Prepared, shipped_weights, weigh
from varde.register import store
from varde.register.identities import nodes, rulings
from varde.register.identities.arranging import NOBODY, Arranged, Moved, arrange
from varde.register.identities.clustering import name_of
from varde.register.identities.components import reach
from varde.register.identities.describing import Who, rank_of
from varde.register.identities.knowledge import Knowledge
from varde.register.identities.links import Scene, meet, part
from varde.register.identities.nodes import RULED, NodeRow

Key = tuple[str, str, str]
"""As of `varde.register.chunk`: kind, sender and number of a report."""


class Wanted(NamedTuple):
    """A report that is about to be written.

    Attributes:
        who: whom it is about; None for nobody known.
        number: the pseudonym of the number that it counts by.
    """

    key: Key
    who: Who | None
    number: bytes | None


class Placed(NamedTuple):
    """What comes of it.

    Attributes:
        nodes, persons: of each report that is about somebody.
        moved: other reports, which are about somebody else than before.
        left: persons of whom perhaps nothing is known any more.
        looked_at: nodes that were put into persons anew.
        alone: nodes that were added and hang together with no other.
    """

    nodes: dict[Key, int]
    persons: dict[Key, int]
    moved: list[Moved]
    left: set[int]
    looked_at: frozenset[int] = frozenset()
    alone: frozenset[int] = frozenset()


class _Described(NamedTuple):
    """What a node has beside its hash, and what describes it."""

    number: bytes | None
    rank: int
    description: Description


def place(
    wanted: Iterable[Wanted], replaced: Collection[store.ReportRow], knowledge: Knowledge
) -> Placed:
    """Give reports their nodes and persons. Inside the caller's transaction, which has `store.lock`, before the
    reports are written.

    Args:
        replaced: the same reports as they stand, and those that are about to be removed.
    """
    changes = knowledge.changes()
    hashes, described, contents = _recognise(wanted, knowledge)
    known = nodes.find(set(hashes.values()))
    first = store.next_id("node")
    rows: dict[bytes, NodeRow] = {}
    prepared: dict[int, Prepared] = {}
    keys: dict[int, tuple[int, ...]] = {}
    for hash_ in sorted(set(hashes.values()) - known.keys()):
        pseudonym, rank, description = described[hash_]
        one = knowledge.prepared(hash_, description)
        held = nodes.keys_of(one, knowledge)
        if not held:
            continue
        number = first + len(rows)
        rows[hash_] = NodeRow(number, hash_, pseudonym, rank, NOBODY, False)
        prepared[number], keys[number] = one, held
    scene = Scene(knowledge, contents, changes)
    knowledge.vault.put("description", {hash_: contents[hash_] for hash_ in rows})
    added, touched = _add(rows, prepared, keys, scene)
    known |= added
    node_of = {key: known[hash_].id for key, hash_ in hashes.items() if hash_ in known}
    touched |= _remove_unused(replaced, set(node_of.values()), scene)
    alone = frozenset(row.id for row in added.values() if row.id not in touched)
    arranged = arrange(touched, scene)
    persons = {row.id: row.person for row in known.values()} | arranged.persons
    person_of = {key: persons[node] for key, node in node_of.items()}
    looked_at = frozenset(arranged.persons)
    return Placed(node_of, person_of, arranged.moved, arranged.left, looked_at, alone)


def place_by_deaths(
    placed: Placed, replaced: Collection[store.ReportRow], knowledge: Knowledge
) -> Arranged:
    """Put those into persons anew who hang together with somebody of whom a death was said: whether they were seen
    after it is known when reports and their parts are written. Inside the same transaction, after that.

    Args:
        replaced: as of `place`.
    """
    if not nodes.any_death():
        return Arranged({}, [], set())
    start = {row.node for row in replaced if row.node is not None}
    start |= {*placed.nodes.values(), *placed.looked_at}
    dead = nodes.dead_among(reach(start - placed.alone) | (start & placed.alone))
    return arrange(dead, Scene(knowledge, {}, knowledge.changes()))


def _add(
    rows: Mapping[bytes, NodeRow],
    prepared: Mapping[int, Prepared],
    keys: Mapping[int, Sequence[int]],
    scene: Scene,
) -> tuple[dict[bytes, NodeRow], set[int]]:
    """Add nodes; the nodes by hash, and all whose neighbourhood changed. Those that are alone get their persons at
    once."""
    if not rows:
        return {}, set()
    touched = meet({row.id: row for row in rows.values()}, prepared, keys, scene) | _tie(rows)
    names = {
        row.id: name_of([row], scene.knowledge) for row in rows.values() if row.id not in touched
    }
    persons = store.find_persons(set(names.values()))
    added = {
        hash_: NodeRow(*row[:4], persons[names[row.id]], row.large) if row.id in names else row
        for hash_, row in rows.items()
    }
    nodes.insert(list(added.values()))
    return added, touched


def reconsider(numbers: Collection[int], knowledge: Knowledge) -> Arranged:
    """Compare nodes anew, of which something is known now that was not when they were added. Inside the caller's
    transaction."""
    scene = Scene(knowledge, {}, knowledge.changes())
    rows = nodes.read(numbers)
    by_hash = {row.hash: row for row in rows.values()}
    prepared = {
        by_hash[hash_].id: each for hash_, each in knowledge.prepared_of(by_hash, {}).items()
    }
    rows = {number: row for number, row in rows.items() if number in prepared}
    keys = {number: nodes.keys_of(each, knowledge) for number, each in prepared.items()}
    touched = part(rows.keys(), scene)
    touched |= meet(rows, prepared, keys, scene) | _tie({row.hash: row for row in rows.values()})
    return arrange(touched | rows.keys(), scene)


def _recognise(
    wanted: Iterable[Wanted], knowledge: Knowledge
) -> tuple[dict[Key, bytes], dict[bytes, _Described], dict[bytes, bytes]]:
    """The hash of each report's description, what else its node has, and what it says."""
    hashes: dict[Key, bytes] = {}
    described: dict[bytes, _Described] = {}
    contents: dict[bytes, bytes] = {}
    for key, who, number in wanted:
        if who is None:
            continue
        hash_ = knowledge.hash_of(who)
        if who.number is None and _is_thin(knowledge.prepared(hash_, who.description)):
            hash_ = knowledge.hash_of(who, key)
        hashes[key] = hash_
        contents[hash_] = who.content
        if hash_ not in described:
            # Of a number that only stands where one would, nothing is known by it.
            number = number if who.number is not None else None
            said = who.description
            described[hash_] = _Described(number, rank_of(who.number, said.stated), said)
    return hashes, described, contents


def _is_thin(prepared: Prepared) -> bool:
    """Whether saying as much twice is not enough to be one person."""
    return weigh(prepared, prepared, shipped_weights()).outcome != "same"


def _tie(rows: Mapping[bytes, NodeRow]) -> set[int]:
    """Link nodes that are added with those that a decision of a person is about together with them."""
    if not rulings.any_ruling():
        return set()
    partners = rulings.partners(rows.keys())
    others = nodes.find({hash_ for held in partners.values() for hash_ in held}) | dict(rows)
    links = {
        (min(rows[one].id, others[other].id), max(rows[one].id, others[other].id)): RULED
        for one in partners.keys() & rows.keys()
        for other in partners[one]
        if other in others
    }
    nodes.insert_links(links)
    return {node for pair in links for node in pair}


def _remove_unused(
    replaced: Collection[store.ReportRow], used: Collection[int], scene: Scene
) -> set[int]:
    """Remove the nodes that no report has any more; the nodes whose neighbourhood changed by that."""
    left = {row.node for row in replaced if row.node is not None} - set(used)
    if not left:
        return set()
    persons = {row.person for row in nodes.read(left).values()}
    writing = {row.id for row in replaced}
    still = {
        node
        for report, node in store.select_in("report", "id, node", "person", persons)
        if report not in writing
    }
    gone = left - still
    if not gone:
        return set()
    _remove_questions(gone)
    touched = part(gone, scene)
    nodes.remove(gone)
    return touched


def _remove_questions(gone: Collection[int]) -> None:
    hashes = {row.hash for row in nodes.read(gone).values()}
    numbers = {
        row[0]
        for column in ("one", "other")
        for row in store.select_in("question", "id", column, hashes)
    }
    with store.connection.cursor() as cursor:
        cursor.executemany("DELETE FROM register_question WHERE id = %s", [(n,) for n in numbers])
