"""The outbox of cases: what became another than it was, in the order in which it did, for whoever acts on it.

Written in the transaction that changes the case. Only what a case means counts: a replay of an unchanged register
writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from varde.register import store
from varde.register.store import connection

What = Literal["new", "changed", "gone", "merged"]


class CaseChange(NamedTuple):
    """A row of the outbox.

    Attributes:
        number: of the case.
        other: of one that is merged, the case that its evidence is in now; of a new one, the case that it was split
            from, where there is one.
    """

    number: int
    disease: str
    what: What
    other: int | None = None


class Noted(NamedTuple):
    """A change as the outbox holds it: its place there, and when it was written."""

    id: int
    change: CaseChange
    at: datetime


_AT: ContextVar[datetime | None] = ContextVar("when cases change", default=None)
_QUIET: ContextVar[bool] = ContextVar("whether the outbox is told", default=False)


@contextmanager
def changing(at: datetime) -> Iterator[None]:
    """What changes inside did so at this time."""
    token = _AT.set(at)
    try:
        yield
    finally:
        _AT.reset(token)


@contextmanager
def quietly() -> Iterator[None]:
    """Nothing that is written inside goes into the outbox: cases are only put together again."""
    token = _QUIET.set(True)
    try:
        yield
    finally:
        _QUIET.reset(token)


def note(changes: Sequence[CaseChange]) -> None:
    """Put changes into the outbox. Inside the caller's transaction, which has `store.lock`."""
    if not changes or _QUIET.get():
        return
    at = store.stamp(_AT.get() or datetime.now(UTC))
    first = store.next_id("casechange")
    rows = [(row, *change, at) for row, change in enumerate(changes, first)]
    store.insert("casechange", store.columns_of("casechange"), rows)


def note_replayed() -> None:
    """Put into the outbox what a replay changed: `cases_before` has the cases of before it."""
    found: list[CaseChange] = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.id, c.disease, CASE WHEN b.id IS NULL THEN 'new' ELSE 'changed' END "
            "FROM register_case c LEFT JOIN cases_before b ON b.id = c.id "
            "WHERE b.id IS NULL OR c.digest <> b.digest ORDER BY c.id"
        )
        found += [CaseChange(*row) for row in cursor.fetchall()]
        cursor.execute(
            "SELECT b.id, b.disease FROM cases_before b LEFT JOIN register_case c ON c.id = b.id "
            "WHERE c.id IS NULL ORDER BY b.id"
        )
        gone = cursor.fetchall()
        if gone:
            cursor.execute("SELECT id, known_as FROM register_case WHERE NOT (known_as = '')")
            into = {
                int(other): number
                for number, names in cursor.fetchall()
                for other in names.split(",")
            }
            for number, disease in gone:
                other = into.get(number)
                found.append(CaseChange(number, disease, "merged" if other else "gone", other))
    note(found)


def changes_after(last: int, limit: int = 500) -> list[Noted]:
    """What the outbox holds after a row, the oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, number, disease, what, other, CAST(at AS TEXT) FROM register_casechange "
            f"WHERE id > %s ORDER BY id LIMIT {limit:d}",
            [last],
        )
        return [
            Noted(row, CaseChange(number, disease, what, other), store.moment(at))
            for row, number, disease, what, other, at in cursor.fetchall()
        ]


def newest_change() -> int:
    """The last row of the outbox; 0 when it is empty."""
    return store.next_id("casechange") - 1
