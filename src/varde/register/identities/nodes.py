"""Nodes and their blocking keys in the register's tables. Inside the caller's transaction, which has `store.lock`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple

from varde.linkage import LARGEST_BLOCK, Prepared, blocking_keys
from varde.register import ids, store
from varde.register.identities.knowledge import Knowledge
from varde.register.store import connection

TABLES = ("node", "nodekey", "commonkey", "nodelink", "question")
"""The tables that a replay makes anew."""
SAME, ASK, RULED = 1, 0, 2
"""Kinds of links."""
_DEATH = 0
"""Stands in a node's last place for a key, where a death was said of it: nothing of when."""
_DEATH_PLACE = ids.NODE_KEYS - 1


class NodeRow(NamedTuple):
    """A row of `Node`."""

    id: int
    hash: bytes
    number: bytes | None
    rank: int
    person: int
    large: bool


_COLUMNS = ", ".join(NodeRow._fields)


def find(hashes: Collection[bytes]) -> dict[bytes, NodeRow]:
    """Nodes by their hashes."""
    return {row.hash: row for row in _rows("hash", hashes)}


def read(numbers: Collection[int]) -> dict[int, NodeRow]:
    """Nodes by their ids."""
    return {row.id: row for row in _rows("id", numbers)}


def of_persons(persons: Collection[int]) -> list[NodeRow]:
    """The nodes of some persons."""
    return list(_rows("person", persons))


def _rows(column: str, values: Collection[bytes] | Collection[int]) -> Iterable[NodeRow]:
    for row in store.select_in("node", _COLUMNS, column, values):
        number, hash_, pseudonym, rank, person, large = row
        known = None if pseudonym is None else bytes(pseudonym)
        yield NodeRow(number, bytes(hash_), known, rank, person, bool(large))


def mark_of(rows: Iterable[NodeRow]) -> str:
    """What tells whether a person is described as they were when somebody looked: 16 hexadecimal digits that say
    nothing of who it is."""
    return sha256(b"".join(sorted(row.hash for row in rows))).hexdigest()[:16]


def keys_of(prepared: Prepared, knowledge: Knowledge) -> tuple[int, ...]:
    """The blocking keys of a description as the register keeps them. Of as many as `ids.NODE_KEYS`, which no name has
    that a person was given, numbers come first."""
    found: Collection[str] = blocking_keys(prepared)
    if len(found) > _DEATH_PLACE:
        found = sorted(found, key=lambda key: (key[0] != "n", key))[:_DEATH_PLACE]
    return tuple(sorted({knowledge.key_of(key) for key in found}))


def insert(rows: Sequence[NodeRow]) -> None:
    """Add nodes."""
    store.insert("node", NodeRow._fields, rows)


def insert_keys(keys: Mapping[int, Sequence[int]]) -> None:
    """Add keys of nodes that have none."""
    store.insert(
        "nodekey",
        ("id", "key"),
        [row for node, held in keys.items() for row in enumerate(held, ids.node_key_id(node, 0))],
    )


def note_deaths(nodes: Collection[int]) -> None:
    """Note of nodes whose keys are being added that a death was said of them."""
    rows = [(ids.node_key_id(node, _DEATH_PLACE), _DEATH) for node in nodes]
    store.insert("nodekey", ("id", "key"), rows)


def any_death() -> bool:
    """Whether a death was said of anybody."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM register_nodekey WHERE key = %s)", [_DEATH])
        return bool(cursor.fetchone()[0])


def dead_among(nodes: Collection[int]) -> set[int]:
    """Those of some nodes of whom a death was said."""
    places = [ids.node_key_id(node, _DEATH_PLACE) for node in nodes]
    return {row[0] // ids.NODE_KEYS for row in store.select_in("nodekey", "id", "id", places)}


def remove_keys(nodes: Collection[int]) -> set[int]:
    """Take the keys of nodes away, and that a death was said of them; which keys they were."""
    gone = {key for held in read_keys(nodes).values() for key in held}
    ranges = [(ids.node_key_id(node, 0), ids.node_key_id(node + 1, 0)) for node in nodes]
    with connection.cursor() as cursor:
        cursor.executemany("DELETE FROM register_nodekey WHERE id >= %s AND id < %s", ranges)
    return gone


def read_keys(nodes: Collection[int]) -> dict[int, set[int]]:
    """The keys of some nodes."""
    found: dict[int, set[int]] = {node: set() for node in nodes}
    with connection.cursor() as cursor:
        for node in nodes:
            cursor.execute(
                "SELECT key FROM register_nodekey WHERE id >= %s AND id < %s",
                [ids.node_key_id(node, 0), ids.node_key_id(node + 1, 0)],
            )
            found[node].update(row[0] for row in cursor.fetchall() if row[0] != _DEATH)
    return found


def remove(nodes: Collection[int]) -> None:
    """Remove nodes; their keys and links are gone already."""
    with connection.cursor() as cursor:
        cursor.executemany("DELETE FROM register_node WHERE id = %s", [(node,) for node in nodes])


class Blocks(NamedTuple):
    """Who has some keys.

    Attributes:
        members: key → its nodes, of keys that are followed.
        overfull: keys that have become too common with this.
    """

    members: dict[int, list[int]]
    overfull: dict[int, list[int]]


def read_blocks(fresh: Mapping[int, Collection[int]]) -> Blocks:
    """The nodes that have some keys; those of keys that are too common are left out.

    Args:
        fresh: keys of nodes that are to be added, which count too.
    """
    followed = {key for held in fresh.values() for key in held}
    if _any_common():
        followed -= common_among(followed)
    members: dict[int, list[int]] = defaultdict(list)
    for key, number in store.select_in("nodekey", "key, id", "key", followed):
        members[key].append(number // ids.NODE_KEYS)
    for node, held in fresh.items():
        for key in held:
            if key in followed:
                members[key].append(node)
    overfull = {key: held for key, held in members.items() if len(held) > LARGEST_BLOCK}
    for key in overfull:
        del members[key]
    return Blocks(members, overfull)


def _any_common() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM register_commonkey)")
        return bool(cursor.fetchone()[0])


def common_among(keys: Collection[int]) -> set[int]:
    """Those of some keys that are too common to be followed."""
    return {row[0] for row in store.select_in("commonkey", "id", "id", keys)}


def note_common(keys: Collection[int]) -> None:
    """Follow some keys no more."""
    store.insert("commonkey", ("id",), [(key,) for key in sorted(keys)])


def no_longer_common(keys: Collection[int]) -> dict[int, list[int]]:
    """Of some keys that nodes were taken from: those that are followed again, and the nodes that have them."""
    found: dict[int, list[int]] = {}
    for (key,) in list(store.select_in("commonkey", "id", "id", keys)):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id FROM register_nodekey WHERE key = %s LIMIT %s", [key, LARGEST_BLOCK + 1]
            )
            held = [row[0] // ids.NODE_KEYS for row in cursor.fetchall()]
            if len(held) <= LARGEST_BLOCK:
                cursor.execute("DELETE FROM register_commonkey WHERE id = %s", [key])
                found[key] = held
    return found


# --- links ----------------------------------------------------------------------------------------


def read_links(nodes: Collection[int]) -> dict[int, list[tuple[int, int]]]:
    """Node → (other node, kind) of its links."""
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for node, other, kind in store.select_in("nodelink", "node, other, kind", "node", nodes):
        found[node].append((other, kind))
    return found


def insert_links(links: Mapping[tuple[int, int], int]) -> None:
    """Add links, each pair once and in any order."""
    if not links:
        return
    first = store.next_id("nodelink")
    both = [(a, b, kind) for (a, b), kind in links.items()]
    both += [(b, a, kind) for a, b, kind in both]
    store.insert(
        "nodelink",
        ("id", "node", "other", "kind"),
        [(n, *row) for n, row in enumerate(both, first)],
    )


def remove_links(pairs: Collection[tuple[int, int]], *, ruled: bool) -> None:
    """Take away the links of pairs: those that evidence made, or those that a person did."""
    rows = [pair for a, b in pairs for pair in ((a, b), (b, a))]
    which = "=" if ruled else "<>"
    with connection.cursor() as cursor:
        cursor.executemany(
            f"DELETE FROM register_nodelink WHERE node = %s AND other = %s AND kind {which} {RULED}",
            rows,
        )
