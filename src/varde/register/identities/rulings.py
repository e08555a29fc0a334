"""What people have decided, as the register keeps it: only ever added to, and by hashes, so that a replay finds it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Literal, NamedTuple

from varde.messages import mask_digits
from varde.register import store
from varde.register.store import connection

Verdict = Literal["same", "different", "undone"]


class RulingRow(NamedTuple):
    """A row of `Ruling`, but for its time."""

    id: int
    one: bytes
    other: bytes
    verdict: Verdict
    undoes: int | None


class Standing(NamedTuple):
    """A decision in force about two nodes."""

    id: int
    one: bytes
    other: bytes
    same: bool


def standing(hashes: Collection[bytes]) -> list[Standing]:
    """The decisions in force between some nodes: of several about the same two, the newest that is not undone."""
    found = _in_force(_about(hashes))
    return [one for one in found if one.one in hashes and one.other in hashes]


def partners(hashes: Collection[bytes]) -> dict[bytes, set[bytes]]:
    """Node → those about which and it a decision is in force."""
    found: dict[bytes, set[bytes]] = {}
    for one in _in_force(_about(hashes)):
        found.setdefault(one.one, set()).add(one.other)
        found.setdefault(one.other, set()).add(one.one)
    return found


def any_ruling() -> bool:
    """Whether anything was ever decided."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM register_ruling)")
        return bool(cursor.fetchone()[0])


def is_in_force(number: int) -> bool:
    """Whether a decision is there and is not undone. A newer one about the same two may stand above it."""
    rows = list(store.select_in("ruling", "verdict", "id", [number]))
    undone = list(store.select_in("ruling", "id", "undoes", [number]))
    return bool(rows) and rows[0][0] != "undone" and not undone


_ACT = "act/"


def name_act() -> str:
    """What the rows of an act have in common that rules about several pairs at once: they are taken back together."""
    return f"{_ACT}{store.next_id('ruling')}"


def same_act(number: int) -> list[RulingRow]:
    """A decision, and those that are of one act with it, as far as they are in force."""
    rows = list(store.select_in("ruling", "version", "id", [number]))
    if not rows:
        return []
    act = str(rows[0][0])
    column, value = ("version", act) if act.startswith(_ACT) else ("id", number)
    columns = ", ".join(RulingRow._fields)
    return [
        RulingRow(each, bytes(one), bytes(other), verdict, undoes)
        for each, one, other, verdict, undoes in sorted(
            store.select_in("ruling", columns, column, [value])
        )
        if is_in_force(each)
    ]


def all_in_force() -> list[Standing]:
    """Every decision in force."""
    columns = ", ".join(RulingRow._fields)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM register_ruling ORDER BY id")
        rows = cursor.fetchall()
    return _in_force(RulingRow(n, bytes(a), bytes(b), v, u) for n, a, b, v, u in rows)


def _about(hashes: Collection[bytes]) -> list[RulingRow]:
    if not any_ruling():
        return []
    columns = ", ".join(RulingRow._fields)
    found: dict[int, RulingRow] = {}
    for column in ("one", "other"):
        for number, one, other, verdict, undoes in store.select_in(
            "ruling", columns, column, hashes
        ):
            found[number] = RulingRow(number, bytes(one), bytes(other), verdict, undoes)
    return [found[number] for number in sorted(found)]


def _in_force(rows: Iterable[RulingRow]) -> list[Standing]:
    rows = list(rows)
    undone = {row.undoes for row in rows if row.verdict == "undone"}
    last: dict[tuple[bytes, bytes], Standing] = {}
    for row in rows:
        if row.verdict != "undone" and row.id not in undone:
            last[row.one, row.other] = Standing(row.id, row.one, row.other, row.verdict == "same")
    return list(last.values())


def add(
    one: bytes,
    other: bytes,
    verdict: Verdict,
    by: str,
    purpose: str,
    reason: str,
    at: datetime,
    undoes: int | None = None,
    weight: int | None = None,
    version: str = "",
) -> int:
    """Add a row; its id. Inside the caller's transaction, which has `store.lock`.

    Numbers in the reason are masked: it is kept in clear.

    Args:
        version: of the weights, for a question that is answered; or the name of an act of several rows (`name_act`).
    """
    number = store.next_id("ruling")
    first, second = sorted((one, other))
    row = (
        number,
        first,
        second,
        verdict,
        undoes,
        store.fit(by, 64),
        store.fit(purpose, 40),
        store.fit(mask_digits(reason), 1_000),
        store.stamp(at),
        weight,
        store.fit(version, 24),
    )
    store.insert("ruling", store.columns_of("ruling"), [row])
    return number
