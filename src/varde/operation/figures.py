"""Figures of a register for whoever watches it, read without looking through it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from varde.register import (
    Arrived,
    count_notices,
    newest,
    oldest_waiting,
    quarantine_counts,
    read_tally,
    using,
)


@dataclass(frozen=True)
class Figures:
    """One register's figures.

    Attributes:
        messages, items: how many have ever come, by door, kind and state.
        unfolded: messages that are durable and not read yet.
        oldest_unfolded: when the oldest of them was made durable.
        newest: when the newest message was.
        quarantine: (reason, items that wait).
        notices: (cause, reports that somebody should look at), as of `varde.register.count_notices`.
    """

    database: str
    messages: Sequence[Arrived]
    items: Sequence[Arrived]
    unfolded: int
    oldest_unfolded: datetime | None
    newest: datetime | None
    quarantine: Sequence[tuple[str, int]]
    notices: Sequence[tuple[str, int]]


def read_figures(database: str) -> Figures:
    """The figures of one register as they are now.

    Raises:
        DatabaseError: the database does not answer.
    """
    with using(database):
        messages, items, unfolded = read_tally()
        last = newest()
        return Figures(
            database=database,
            messages=messages,
            items=items,
            unfolded=unfolded,
            oldest_unfolded=oldest_waiting(unfolded),
            newest=last.received_at if last else None,
            quarantine=quarantine_counts(),
            notices=sorted(count_notices().items()),
        )
