"""Known changes of number as the register keeps them: the numbers as keyed hashes, the originals in the vault."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from varde.messages.records import PersonId
from varde.register import store
from varde.register.store import connection

if TYPE_CHECKING:
    from varde.register.identities.knowledge import Knowledge

What = Literal["changed", "split", "died"]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody vouches for about a number.

    Attributes:
        what: `earlier` became `later`, or both are one person's; that this is wrong; that somebody died.
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


def read_changes(knowledge: Knowledge, number: str) -> frozenset[str]:
    """All numbers of the person who has this one, each as ``"KIND:value"``; itself among them.

    What was said last about two numbers holds; of one day, that they are two persons'.
    """
    kind, _, value = number.partition(":")
    start = knowledge.number_hash(PersonId(kind=kind, value=value))
    stored = _reach(start)
    if not stored:
        return frozenset((number,))
    joined = _joined(stored, start)
    opened = knowledge.vault.get({one.entry for one in stored})
    found = {number}
    for content in opened.values():
        change = _decode(content)
        for one in (change.earlier, change.later):
            if one is not None and knowledge.number_hash(one) in joined:
                found.add(f"{one.kind}:{one.value}")
    return frozenset(found)


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


def _touching(hashes: Iterable[bytes]) -> Iterable[_Stored]:
    wanted = sorted(hashes)
    columns = "id, entry, what, earlier, later, CAST(day AS TEXT)"
    for column in ("earlier", "later"):
        for row in store.select_in("numberchange", columns, column, wanted, "AND what <> 'died'"):
            number, entry, what, earlier, later, day = row
            yield _Stored(number, bytes(entry), what, bytes(earlier), bytes(later), day)


def _joined(stored: Iterable[_Stored], start: bytes) -> set[bytes]:
    """The numbers that hold together with one, under what was said last about each two."""
    last: dict[frozenset[bytes], tuple[str, str]] = {}
    for one in stored:
        pair = frozenset((one.earlier, one.later))
        last[pair] = max(last.get(pair, ("", "")), (one.day, one.what))
    beside: dict[bytes, set[bytes]] = defaultdict(set)
    for pair, (_, what) in last.items():
        if what == "changed":
            for hash_ in pair:
                beside[hash_] |= pair
    joined, frontier = {start}, {start}
    while frontier:
        frontier = {other for hash_ in frontier for other in beside[hash_]} - joined
        joined |= frontier
    return joined
