"""Known changes of number as the register keeps them: the numbers as keyed hashes, the originals in the vault."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from varde.linkage import Known, follow_changes
from varde.messages.records import PersonId
from varde.register import store
from varde.register.store import connection

if TYPE_CHECKING:
    from varde.register.identities.knowledge import Knowledge

What = Literal["changed", "split", "died", "not-died"]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody vouches for about a number.

    Attributes:
        what: `earlier` became `later`, or both are one person's; that this is wrong; that somebody died; that they did
            not die on that day.
        later: None for a death.
        day: when it was so.
        source: who says so.
    """

    what: What
    earlier: PersonId
    later: PersonId | None = None
    day: date
    source: str

    def __repr__(self) -> str:
        return f"Change({self.what}, •)"


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Change).decode


def series(number: PersonId) -> str:
    """A number with what tells it from those of other series."""
    kind = "NO" if number.kind in ("FNR", "DNR") else f"{number.kind}/{number.issuer}"
    return f"{kind}|{number.value}"


def content_of(change: Change) -> bytes:
    """A change as the vault keeps it."""
    return _encode(change)


class _Stored(NamedTuple):
    id: int
    entry: bytes
    what: str
    earlier: bytes
    later: bytes
    day: str


def newest_change() -> tuple[int, bytes] | None:
    """What tells whether changes have been added; None when there are none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, entry FROM register_numberchange ORDER BY id DESC LIMIT 1")
        row = cursor.fetchone()
    return (row[0], bytes(row[1])) if row else None


def read_changes(knowledge: Knowledge, number: str) -> dict[str, Known]:
    """What changes say of a number, as ``"KIND:value"``, and of all that they lead to from there.

    What was said last about two numbers holds; of one day, that they are two persons'. Then they are, however alike
    the rest is.
    """
    kind, _, value = number.partition(":")
    stored = _reach(knowledge.number_hash(PersonId(kind=kind, value=value)))
    if not stored:
        return {number: Known(frozenset((number,)))}
    opened = knowledge.vault.get({one.entry for one in stored})
    last: dict[frozenset[str], tuple[str, str, tuple[str, str]]] = {}
    for content in opened.values():
        change = _decode(content)
        if change.later is not None:
            pair = (name_of(change.earlier), name_of(change.later))
            said = (change.day.isoformat(), change.what, pair)
            last[frozenset(pair)] = max(last.get(frozenset(pair), said), said)
    said_of = {
        wanted: sorted(pair for _, what, pair in last.values() if what == wanted)
        for wanted in ("changed", "split")
    }
    found = follow_changes(said_of["changed"], said_of["split"])
    names = {each for pair in last for each in pair} | {number}
    return {each: found.get(each) or Known(frozenset((each,))) for each in names}


def name_of(number: PersonId) -> str:
    """A number as `varde.linkage.Changes` knows it."""
    return f"{number.kind}:{number.value}"


def read_deaths(knowledge: Knowledge, number: PersonId) -> frozenset[date]:
    """The days on which whoever has a number is said to have died; those that were taken back are left out, whatever
    was said first."""
    said: dict[str, set[date]] = {"died": set(), "not-died": set()}
    hashes = [knowledge.number_hash(number)]
    where = "AND what IN ('died', 'not-died')"
    columns = "what, CAST(day AS TEXT)"
    for what, day in store.select_in("numberchange", columns, "earlier", hashes, where):
        said[what].add(date.fromisoformat(str(day)))
    return frozenset(said["died"] - said["not-died"])


def any_death() -> bool:
    """Whether a death was ever told of a number."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM register_numberchange WHERE what IN ('died', 'not-died'))"
        )
        return bool(cursor.fetchone()[0])


def _reach(start: bytes) -> set[_Stored]:
    """All changes that lead from a number to others, and from those on."""
    found: set[_Stored] = set()
    seen: set[bytes] = set()
    frontier = {start}
    while frontier:
        seen |= frontier
        rows = set(_touching(frontier)) - found
        found |= rows
        frontier = {hash_ for row in rows for hash_ in (row.earlier, row.later)} - seen
    return found


_OF_TWO = "AND what IN ('changed', 'split')"


def _touching(hashes: Iterable[bytes]) -> Iterable[_Stored]:
    wanted = sorted(hashes)
    columns = "id, entry, what, earlier, later, CAST(day AS TEXT)"
    for column in ("earlier", "later"):
        for row in store.select_in("numberchange", columns, column, wanted, _OF_TWO):
            number, entry, what, earlier, later, day = row
            yield _Stored(number, bytes(entry), what, bytes(earlier), bytes(later), day)
