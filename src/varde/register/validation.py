"""What would become of a message: read and understood, and nothing kept."""

from __future__ import annotations

import secrets
from datetime import datetime
from pathlib import Path

from varde.access.key_files import KeySource
from varde.access.keys import KeyProblem, Keys, load_keys
from varde.access.sealing import Sealer
from varde.codes import SiteMaps
from varde.messages.records import Failure
from varde.register import store
from varde.register.apart import prepare, read
from varde.register.fold import let_in
from varde.register.kinds import project
from varde.register.log import Incoming
from varde.register.opening import Register
from varde.register.projection import Context
from varde.register.receipts import MOST_ITEMS, ItemReceipt
from varde.register.understanding import understand


def open_to_validate(home: Path, alias: str = "default") -> Register:
    """A register that `validate` can ask, and nothing else can use: its database is not opened, and no
    keys are made. Without keys it has some of its own for as long as it lives, since nothing is kept that
    they would be needed for.

    Args:
        home: the folder of its state, which need not be there.
        alias: "default", or the name of a de-identified register.
    """
    apart = alias if alias in store.APART else ""
    try:
        keys = load_keys(home, apart, make=False)
    except KeyProblem:
        keys = Keys(secrets.token_bytes(32), {"k1": secrets.token_bytes(32)})
    site = SiteMaps(home / "maps")
    context = Context.make(site.read(), keys, site)
    return Register(home, Sealer(keys, KeySource(home, apart)), context, alias)


def validate(register: Register, incoming: Incoming, now: datetime) -> list[ItemReceipt]:
    """Each item as it would be received, at most `receipts.MOST_ITEMS`; "accepted" is what can be used, with what was
    understood of it.

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
            projection = project(record, context)
            found.append(
                ItemReceipt(
                    position=position,
                    state="accepted",
                    kind=record.kind,
                    message_ref=record.message_id,
                    unmapped=tuple(dict.fromkeys(projection.unmapped)),
                    understood=understand(record, projection, context),
                )
            )
        if len(found) == MOST_ITEMS:
            break
    return found
