"""Whose a case is, opened for whoever must act on it: one case at a time, for a purpose, logged before anything is shown.

Who the person is comes from the identity vault. Who asked for the test or notified comes from the sealed messages
themselves: the register keeps no name or telephone number of a clinician, and a replay cannot lose them.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from varde.access.areas import Area
from varde.access.decisions import AccessRefused, Refused, allows
from varde.access.purposes import purpose_of
from varde.access.roles import Right
from varde.linkage import Description
from varde.messages import Requester, read_requester
from varde.register import ids, log, store
from varde.register.casework.current import describe_evidence
from varde.register.casework.drafts import read_trail
from varde.register.identities import nodes
from varde.register.opening import Register

RIGHT: Right = "identify-case"
MOST_MESSAGES = 50
"""Messages that are opened for one case; the newest say most."""


class Behind(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of evidence and who is behind it.

    Attributes:
        kind: laboratory or notification.
        sender: key of who sent it.
        day: as of `varde.register.PieceOfEvidence`.
        requester: who asked for the test or notified; None where the message does not say.
    """

    kind: str
    sender: str
    day: date | None
    requester: Requester | None


class OpenedCase(msgspec.Struct, frozen=True, kw_only=True):
    """Whose a case is.

    Attributes:
        descriptions: all that current reports say of the person, each once; empty where nobody is known.
        behind: the answers and forms that the case is made of, the newest first.
    """

    number: int
    descriptions: tuple[Description, ...]
    behind: tuple[Behind, ...]

    def __repr__(self) -> str:
        return f"OpenedCase({self.number}, •)"


def open_case(
    register: Register, user: Any, number: int, area: Area | None, purpose: str, page: str
) -> OpenedCase | None:
    """Who the person of a case is, and who is behind its evidence.

    Args:
        area: the place by which the case is the user's, as the caller has found it; None: by none.
        page: key of the page it is shown on.

    Returns:
        None where there is no such case.

    Raises:
        AccessRefused: no; logged.
        KeyProblem: a key is not at hand.
    """
    from varde.access import audit  # its tables are there only when all apps are

    decision = allows(user, RIGHT, area, purpose)
    if isinstance(decision, Refused):
        audit.record(user, "denied", page)
        raise AccessRefused(decision)
    with store.using(register.alias):
        rows = list(store.select_in("case", "person, trail", "id", [number]))
        if not rows:
            return None
        person, trail = rows[0]
        said, what = purpose_of(purpose), f"identity of case {number}"
        if person is None:
            audit.record(user, "view", page, what, 1, said)
        else:
            [(pseudonym,)] = store.select_in("person", "pseudonym", "id", [person])
            audit.record(user, "view", page, what, 1, purpose=said, about=bytes(pseudonym))
        return OpenedCase(
            number=number,
            descriptions=_descriptions(register, person),
            behind=_behind(register, trail),
        )


def _descriptions(register: Register, person: int | None) -> tuple[Description, ...]:
    knowledge = register.context.knowledge
    if person is None or knowledge is None:
        return ()
    hashes = sorted(row.hash for row in nodes.of_persons([person]))
    return tuple(knowledge.descriptions(hashes, {}).values())


def _behind(register: Register, trail: str) -> tuple[Behind, ...]:
    pieces = {
        int(key.partition(".")[0]): piece
        for key, piece in describe_evidence(read_trail(trail).keys()).items()
        if piece.kind in ("laboratory", "notification")
    }
    items = dict(store.select_in("report", "id, item", "id", sorted(pieces), "AND item > 0"))
    newest = sorted(items, key=lambda report: items[report], reverse=True)[:MOST_MESSAGES]
    places = {report: ids.message_of(items[report]) for report in newest}
    wanted = sorted({message for message, _ in places.values()})
    opened = {one.message: one.data for one in log.read(wanted, register.sealer)}
    return tuple(
        Behind(
            kind=pieces[report].kind,
            sender=pieces[report].sender,
            day=pieces[report].day,
            requester=read_requester(opened[message], position) if message in opened else None,
        )
        for report, (message, position) in places.items()
    )
