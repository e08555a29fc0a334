"""What would become of a message: read and understood, and nothing kept."""

from __future__ import annotations

from datetime import datetime

from varde.messages.records import Failure
from varde.register import store
from varde.register.apart import prepare, read
from varde.register.fold import let_in
from varde.register.kinds import project
from varde.register.log import Incoming
from varde.register.opening import Register
from varde.register.receipts import MOST_ITEMS, ItemReceipt


def validate(register: Register, incoming: Incoming, now: datetime) -> list[ItemReceipt]:
    """Each item as it would be received, at most `receipts.MOST_ITEMS`; "accepted" is what can be used.

    Whether it repeats or contradicts something that is in the register is not looked at: that would
    tell a sender what others have sent.
    """
    with store.using(register.alias):
        return _check(register, incoming, now)


def _check(register: Register, incoming: Incoming, now: datetime) -> list[ItemReceipt]:
    found: list[ItemReceipt] = []
    context = register.context.renewed()
    [incoming] = prepare(register, [incoming])
    for position, each in enumerate(read(incoming.data, incoming.mapping, now), 1):
        record = let_in(each, incoming.submitter, incoming.kind)
        if isinstance(record, Failure):
            found.append(
                ItemReceipt(
                    position=position,
                    state="quarantined",
                    kind=record.kind,
                    message_ref=record.message_id,
                    reason=record.reason,
                    place=record.place,
                    detail=record.detail,
                )
            )
        else:
            unmapped = project(record, context).unmapped
            found.append(
                ItemReceipt(
                    position=position,
                    state="accepted",
                    kind=record.kind,
                    message_ref=record.message_id,
                    unmapped=tuple(dict.fromkeys(unmapped)),
                )
            )
        if len(found) == MOST_ITEMS:
            break
    return found
