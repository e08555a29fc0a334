"""Whose a message is, as far as that can be seen when it cannot be read."""

from __future__ import annotations

from typing import NamedTuple

from varde.messages.errors import MessageError
from varde.messages.records.base import Failure


class Names(NamedTuple):
    """What could be seen; each is empty when it could not."""

    sender: str = ""
    message_id: str = ""
    report_id: str = ""


def failure_of(
    error: MessageError, item: int, names: Names, kind: str = "", notifiable: bool = False
) -> Failure:
    """What is wrong with one item of a batch, as a value, with whose it is and whether it is marked as notifiable."""
    return Failure(
        item=item,
        reason=error.reason,
        place=error.place,
        detail=error.detail,
        sender=names.sender,
        message_id=names.message_id,
        report_id=names.report_id,
        kind=kind,
        notifiable=notifiable,
    )


MADE = "#"
"""Begins a number that a reader made of what something says, because its sender gave none. It may be a hash
over an identity number: the register keeps only a keyed hash of it."""
