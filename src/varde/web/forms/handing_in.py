"""From a form to the door: who sends, under which number, and what became of it.

Who fills in a form speaks for the place that the user is limited to. Where that place is named by a
national key (``HER:…``, ``ENH:…``) the key is the sender; else the sender is ``FORM:`` and the place in
capitals, which no machine can be registered as. Both readers know it, and it stands for one place as long
as the place is called the same.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.core import signing
from django.utils import timezone

from varde.access.roles import AreaMissing, roles
from varde.register import (
    Incoming,
    ItemReceipt,
    MessageReceipt,
    read_receipts,
    standing_numbers,
    using,
    validate,
)
from varde.web.intake.doors import door

WAIT_SECONDS = 20
"""How long a person waits until what was handed in is read; then the receipt says that it is kept."""
LONGEST_PLACE = 40
_NATIONAL = re.compile(r"HER:[0-9]{1,10}|ENH:[0-9]{9}", re.ASCII)
_OTHER_SIGNS = re.compile(r"[^A-Z0-9]+")
_LETTERS = str.maketrans({"Æ": "AE", "Ø": "O", "Å": "A"})


class Sender(NamedTuple):
    """Who states what a form says: the key of the place, and its name."""

    key: str
    name: str


def sender_of(user: Any) -> Sender:
    """The place a user speaks for.

    Raises:
        AreaMissing: the user is limited to no place, or to one without a name.
    """
    role = roles().get(getattr(user, "role", ""))
    area = str(getattr(user, "area", "")).strip()
    if role is None or role.area_kind in ("country", "none") or not area:
        raise AreaMissing("this user speaks for no place")
    name = str(getattr(user, "display_name", "") or area)[:80]
    if _NATIONAL.fullmatch(area):
        return Sender(area, name)
    plain = unicodedata.normalize("NFKD", area.upper().translate(_LETTERS))
    place = _OTHER_SIGNS.sub("-", plain)[:LONGEST_PLACE].strip("-")
    if not place:
        raise AreaMissing("the name of this user's place has no letter")
    return Sender(f"FORM:{place}", name)


@dataclass(frozen=True)
class HandedIn:
    """What was handed in and is kept. `folded`: it is in the register too."""

    messages: tuple[int, ...]
    folded: bool


def hand_in(kind: str, data: Sequence[bytes], sender: Sender) -> HandedIn:
    """Hand messages in at the door; when this returns, they survive a power cut.

    Raises:
        DoorError: they are not kept.
    """
    batch = [_incoming(kind, each, sender) for each in data]
    ticket = door(kind).submit(batch)
    folded = ticket.wait(WAIT_SECONDS)
    return HandedIn(tuple(logged.message for logged in ticket.logged), folded)


def first_fault(kind: str, data: bytes, sender: Sender, now: datetime) -> ItemReceipt | None:
    """What would keep a message from being used; None for nothing. Nothing of it is kept."""
    items = check(kind, data, sender, now)
    return next((item for item in items if item.state == "quarantined"), None)


def check(kind: str, data: bytes, sender: Sender, now: datetime) -> list[ItemReceipt]:
    """What would become of each item of a message. Nothing of it is kept."""
    return validate(door(kind).register, _incoming(kind, data, sender), now)


def receipts_of(kind: str, messages: Sequence[int], sender: Sender) -> list[MessageReceipt]:
    """The receipts of messages, as they are now; only of those that this sender handed in."""
    with using(door(kind).register.alias):
        found = read_receipts(messages, sender.key)
    return [found[number] for number in messages if number in found]


def stands(kind: str, sender: Sender, number: str) -> bool:
    """Whether a place has stated something with this number, and not withdrawn it."""
    with using(door(kind).register.alias):
        return number in standing_numbers(kind, sender.key, number)


def new_number(user: Any) -> str:
    """A new number for what a form states, signed for the user so that nobody can take another's."""
    day = timezone.localdate()
    return _signer(user).sign(f"{day:%Y-%m-%d}-{secrets.token_hex(4).upper()}")


def sign_number(user: Any, number: str) -> str:
    """The number of something that was stated before, signed for a user who puts it right."""
    return _signer(user).sign(number)


def read_number(user: Any, signed: str) -> str | None:
    """The number that was signed for the user; None when it was not."""
    try:
        return _signer(user).unsign(signed)
    except signing.BadSignature:
        return None


def _signer(user: Any) -> signing.Signer:
    return signing.Signer(salt=f"varde.forms:{user.pk}")


def _incoming(kind: str, data: bytes, sender: Sender) -> Incoming:
    return Incoming("", data, submitter=sender.key, kind=kind, door="form")
