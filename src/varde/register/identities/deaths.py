"""What is said of the deaths of those who hang together, and when they were seen: a function of current reports and of
what is known of numbers.

Days of death are sealed in the vault with what else is said of somebody; the register's tables know only that a death was
said (`nodes.note_deaths`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

import msgspec

from varde.linkage import Description, is_long_after, prepare
from varde.linkage.deaths import DeathReason
from varde.register import ids, store
from varde.register.identities import nodes
from varde.register.identities.knowledge import Knowledge
from varde.register.identities.links import Scene
from varde.register.identities.nodes import NodeRow

_SEEN = (
    ("laboratory", "specimen", "collected_on", ids.PARTS),
    ("notification", "notification", "sampled", 1),
    ("vaccination", "vaccination", "given", 1),
    ("surgery", "surgery", "operated", 1),
)
"""Kind of report, table, column of the day, and rows of one report at most."""


class Doubt(NamedTuple):
    """What is said of one person's death that cannot be right, by two of the descriptions, in order; the same one twice
    where it contradicts itself, or what is known of its number."""

    one: bytes
    other: bytes
    reason: DeathReason


class Deaths(NamedTuple):
    """Deaths among descriptions that hang together, by their hashes.

    Attributes:
        died: the days of death that each tells of; none of one that says no day.
        seen: the last day on which something was taken of, or given to, whoever is described so.
    """

    died: Mapping[bytes, frozenset[date]]
    seen: Mapping[bytes, date]

    def fill(
        self, descriptions: Mapping[bytes, Description], alike: Mapping[bytes, Iterable[bytes]]
    ) -> dict[bytes, Description]:
        """The descriptions with what is known of deaths: of several days the last, against which a later one speaks
        surely.

        Args:
            alike: all that a description stands for, by its hash.
        """
        if not self.died:
            return dict(descriptions)
        filled = {}
        for hash_, one in descriptions.items():
            died = [day for each in alike[hash_] for day in self.died.get(each, ())]
            seen = [self.seen[each] for each in alike[hash_] if each in self.seen]
            filled[hash_] = msgspec.structs.replace(
                one,
                died=max(died) if died else msgspec.UNSET,
                seen=max(seen) if seen else msgspec.UNSET,
            )
        return filled

    def doubts(self, persons: Iterable[Collection[bytes]]) -> Iterable[Doubt]:
        """What a person must look at, of each who is described by some hashes."""
        for hashes in persons:
            told = sorted((day, hash_) for hash_ in hashes for day in self.died.get(hash_, ()))
            if told:
                yield from self._doubt(hashes, told)

    def _doubt(
        self, hashes: Collection[bytes], told: Sequence[tuple[date, bytes]]
    ) -> Iterable[Doubt]:
        (first, teller), (last, other) = told[0], told[-1]
        late = max(
            ((self.seen[hash_], hash_) for hash_ in hashes if hash_ in self.seen),
            default=None,
        )
        found: set[tuple[bytes, bytes]] = set()
        if late is not None and is_long_after(late[0], last):
            # Best told by two, one of which can be somebody else's.
            by = min((hash_ for _, hash_ in told if hash_ != late[1]), default=late[1])
            pair = (min(by, late[1]), max(by, late[1]))
            found.add(pair)
            yield Doubt(*pair, "seen-after-death")
        if first != last:
            pair = (min(teller, other), max(teller, other))
            if pair not in found:
                yield Doubt(*pair, "two-deaths")


NO_DEATHS = Deaths({}, {})


def mourn(
    by_hash: Mapping[bytes, NodeRow], descriptions: Mapping[bytes, Description], scene: Scene
) -> Deaths:
    """What is known of deaths among some nodes, as reports stand now."""
    died = {
        hash_: days
        for hash_, one in descriptions.items()
        if (days := _days_of(one, scene.knowledge, scene))
    }
    return Deaths(died, _seen({row.id: hash_ for hash_, row in by_hash.items()}, by_hash))


def _days_of(one: Description, knowledge: Knowledge, scene: Scene) -> frozenset[date]:
    said = frozenset((one.died,)) if one.died else frozenset[date]()
    return said | knowledge.deaths_by_number(prepare(one, scene.changes).certain)


def _seen(hash_of: Mapping[int, bytes], by_hash: Mapping[bytes, NodeRow]) -> dict[bytes, date]:
    """The last day on which those were seen whom some nodes describe."""
    persons = {row.person for row in by_hash.values()}
    reports: dict[str, dict[int, bytes]] = {}
    for report, kind, node in store.select_in("report", "id, kind, node", "person", persons):
        if node in hash_of:
            reports.setdefault(kind, {})[report] = hash_of[node]
    seen: dict[bytes, date] = {}
    for kind, table, column, several in _SEEN:
        for report, day in _days(table, column, reports.get(kind, {}), several):
            hash_ = reports[kind][report]
            seen[hash_] = max(seen.get(hash_, day), day)
    return seen


def _days(
    table: str, column: str, reports: Collection[int], several: int
) -> Iterable[tuple[int, date]]:
    if several == 1:
        rows = list(store.select_in(table, f"id, CAST({column} AS TEXT)", "id", reports))
        return [(report, date.fromisoformat(day)) for report, day in rows if day]
    found = []
    with store.connection.cursor() as cursor:
        for report in sorted(reports):
            cursor.execute(
                f"SELECT CAST(MAX({column}) AS TEXT) FROM register_{table} WHERE id >= %s AND id < %s",
                [report * several, (report + 1) * several],
            )
            if day := cursor.fetchone()[0]:
                found.append((report, date.fromisoformat(day)))
    return found


# --- for people -----------------------------------------------------------------------------------


class Death(msgspec.Struct, frozen=True, kw_only=True):
    """That somebody is said to have died.

    Attributes:
        day: None where it was not said.
        said_at: when the newest report that says so was made; None where a list of numbers says it.
    """

    day: date | None
    said_at: datetime | None


def read_deaths_of(persons: Collection[int], knowledge: Knowledge | None) -> tuple[Death, ...]:
    """What is said of the death of one person, each day once: the newest statement first, then what was said of the
    number; a death without day only where no day is said. Empty of the living.

    Whoever shows this has logged the look at the person: days of death come from the vault.

    Args:
        persons: rows of one person.
    """
    if knowledge is None:
        return ()
    rows = {row.id: row for row in nodes.of_persons(persons)}
    dead = {rows[node].hash: node for node in nodes.dead_among(rows)}
    if not dead:
        return ()
    changes = knowledge.changes()
    said_at: dict[int, datetime] = {}
    for node, at in store.select_in(
        "report", "node, CAST(generated_at AS TEXT)", "person", persons
    ):
        if node is not None:
            said_at[node] = max(said_at.get(node, store.moment(at)), store.moment(at))
    found: dict[date | None, datetime | None] = {}
    for hash_, one in knowledge.descriptions(dead, {}).items():
        if one.died or one.dead:
            day, at = one.died or None, said_at.get(dead[hash_])
            earlier = found.get(day)
            found[day] = at if earlier is None or (at is not None and at > earlier) else earlier
        for day in knowledge.deaths_by_number(prepare(one, changes).certain):
            found.setdefault(day, None)
    if len(found) > 1:
        found.pop(None, None)
    deaths = [Death(day=day, said_at=at) for day, at in found.items()]
    return tuple(
        sorted(
            deaths, key=lambda one: (one.said_at or _LONG_AGO, one.day or date.min), reverse=True
        )
    )


_LONG_AGO = datetime(1, 1, 2, tzinfo=UTC)


def read_last_seen(persons: Collection[int]) -> date | None:
    """The last day on which something was taken of, or given to, whoever some rows are; None where nobody says one."""
    by_hash = {row.hash: row for row in nodes.of_persons(persons)}
    seen = _seen({row.id: hash_ for hash_, row in by_hash.items()}, by_hash)
    return max(seen.values(), default=None)


def dead_persons(persons: Collection[int]) -> set[int]:
    """Those of some persons of whom a death is said; nothing is opened."""
    rows = {row.id: row.person for row in nodes.of_persons(persons)}
    return {rows[node] for node in nodes.dead_among(rows)}


def dead_of_numbers(pseudonyms: Collection[bytes]) -> set[bytes]:
    """Those of some pseudonyms of numbers under which somebody is known of whom a death is said; nothing is opened."""
    person_of = [
        (bytes(number), person)
        for number, person in store.select_in("node", "number, person", "number", pseudonyms)
    ]
    dead = dead_persons({person for _, person in person_of})
    return {number for number, person in person_of if person in dead}


def read_deaths_of_case(case: int, knowledge: Knowledge | None) -> tuple[Death, ...]:
    """As `read_deaths_of`, of the person of a case; empty where nobody knows whose it is."""
    rows = store.select_in("case", "person", "id", [case])
    return read_deaths_of([one for (one,) in rows if one is not None], knowledge)
