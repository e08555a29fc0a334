"""What a de-identified register takes: nothing of a submission is kept that leads to anybody.

The registers of `store.APART` lie in databases of their own, with keys of their own and no table of
persons. What is handed in to them is minimised before it is kept, at the one place that everything
passes on its way into a log.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, cast

import msgspec
from django.db import DEFAULT_DB_ALIAS

from varde import messages as wire
from varde.messages import Failure, minimise
from varde.messages.deidentified import find_register, read_minimised
from varde.messages.records import Statement
from varde.register import store
from varde.register.log import Incoming
from varde.register.opening import Register

KIND = "laboratory"
"""What everything in a de-identified register is kept as."""


def database_of(incoming: Incoming) -> str:
    """Name of the database that something handed in belongs to: by what it was handed in as, else by its
    headings."""
    if incoming.kind in store.APART:
        return incoming.kind
    if incoming.kind or incoming.mapping is not None:
        return DEFAULT_DB_ALIAS
    return find_register(incoming.data) or DEFAULT_DB_ALIAS


def prepare(register: Register, batch: Sequence[Incoming]) -> Sequence[Incoming]:
    """The batch as this register may keep it; for the register of persons, as it is.

    The name of a file and its mapping are left behind: they are the laboratory's own words.
    """
    if register.alias not in store.APART:
        return batch
    return [
        Incoming(
            name="",
            data=minimise(cast(Any, register.alias), incoming.data, register.keyed),
            submitter=incoming.submitter,
            kind=KIND,
            door=incoming.door,
        )
        for incoming in batch
    ]


def read(
    data: bytes, mapping: bytes | None, received: datetime | None
) -> Iterator[Statement | Failure]:
    """What the log of the register in use holds, as `varde.messages.read` gives it."""
    if store.has_persons():
        return wire.read(data, mapping, received)
    return map(_of_one_kind, read_minimised(data, received))


def _of_one_kind(record: Statement | Failure) -> Statement | Failure:
    """The record, with what was refused as the kind of what is taken: only so does a corrected row settle
    the one that was refused, and only so are the two counted together."""
    if isinstance(record, Failure) and record.kind:
        return msgspec.structs.replace(record, kind=KIND)
    return record
