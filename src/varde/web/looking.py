"""To look at one person: who asks, for what and why, whether they may, and the line in the access log before anything is read.

The number comes in the body of a POST, and goes nowhere else: not into an address, a title, a log or a cookie. A number
that nobody has and one that may not be seen are answered alike, and both are logged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, NamedTuple

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from varde import register
from varde.access import audit
from varde.access.areas import COUNTRY, Area
from varde.access.decisions import AccessRefused, Refused
from varde.access.gate import allows
from varde.access.looks import look_allowances, look_reasons, needs_reason
from varde.access.purposes import Purpose, purpose_of
from varde.access.roles import Right, role_of, stated_for
from varde.messages.identifiers import Identity
from varde.register import KnownPerson, Places
from varde.web.registers import the_register

SEE: Right = "see-person"
_OF_THE_PLACE = frozenset({"place-missing", "place-outside"})
"""Refusals that depend on who the person is: they look like a number that nobody has."""
LONGEST = 40
"""Signs that are taken of what is typed as a number."""


class Asked(NamedTuple):
    """What somebody typed.

    Attributes:
        number: a number of a person; empty when it is none.
        identity: what the number says of itself.
        reason: a key of `look_reasons`; empty where none is needed.
    """

    number: str
    identity: Identity
    purpose: str
    reason: str


class Nobody(Enum):
    """There is nothing to show: nobody has the number, or the user may not see who has it."""

    SEEN = "nobody"


class Seen(NamedTuple):
    """Somebody whom the user may see; the look is in the access log."""

    person: KnownPerson
    purpose: Purpose
    reason: str


def purposes_of(user: object) -> list[Purpose]:
    """What a user may look at a person for."""
    role = role_of(user)
    return [purpose_of(key) for key in stated_for(role, SEE)] if role else []


def form_of(request: HttpRequest) -> dict[str, Any]:
    """What a form that asks for a number needs: template variables."""
    language = request.LANGUAGE_CODE
    own = purposes_of(request.user)
    return {
        "purposes": [(each.key, each.in_language(language)) for each in own],
        "reasons": [(one.key, one.in_language(language)) for one in look_reasons().values()]
        if any(needs_reason(SEE, each.key) for each in own)
        else [],
        "purpose": request.POST.get("formal", own[0].key if len(own) == 1 else ""),
        "reason": request.POST.get("grunn", ""),
    }


def read_asked(
    user: object, sent: QueryDict | Mapping[str, str]
) -> tuple[Asked | None, dict[str, str]]:
    """What was typed, or what is wrong with it: name of the field → words. Nothing is looked up."""
    faults: dict[str, str] = {}
    read = register.read_number(sent.get("nummer", "")[:LONGEST])
    purpose, reason = sent.get("formal", ""), sent.get("grunn", "")
    if read is None:
        faults["nummer"] = _(
            "This is no identity number: 11 digits, or 12 of a DUF number. A digit may be wrong."
        )
    if purpose not in {each.key for each in purposes_of(user)}:
        faults["formal"] = _("Say what you need it for.")
    elif not needs_reason(SEE, purpose):
        reason = ""
    elif reason not in look_reasons():
        faults["grunn"] = _("Say why you look at this patient. It is written in the access log.")
    if read is None or faults:
        return None, faults
    return Asked(*read, purpose, reason), faults


def look(request: HttpRequest, page: str, what: str, asked: Asked) -> Seen | Nobody:
    """The person of a number, if the user may see who it is; logged in either case.

    Args:
        page: key of the page, for the log.
        what: what is seen, as the log says it.

    Raises:
        AccessRefused: the user may see nobody for this purpose, whoever it is.
    """
    decision = allows(request.user, SEE, COUNTRY, asked.purpose)
    if isinstance(decision, Refused) and decision.code not in _OF_THE_PLACE:
        audit.record(request.user, "denied", page, what)
        raise AccessRefused(decision)
    purpose = purpose_of(asked.purpose)
    context = the_register().context
    person = register.find_person(asked.number, context.pseudonym)
    may = any(allows(request.user, SEE, area, asked.purpose) for area in areas_of(_places(person)))
    said = f"{what}, {asked.reason}" if asked.reason else what
    if person is None or not may:
        about = (
            person.pseudonym
            if person
            else register.pseudonyms_of(asked.number, context.pseudonym)[0]
        )
        audit.record(
            request.user,
            "denied" if person else "view",
            page,
            said,
            0,
            purpose=purpose,
            about=about,
        )
        return Nobody.SEEN
    audit.record(request.user, "view", page, said, 1, purpose=purpose, about=person.pseudonym)
    return Seen(person, purpose, asked.reason)


def must_wait(user: Any) -> str:
    """Why a user cannot look again yet, in words; empty when they can. A look is counted."""
    seconds = look_allowances.spend(user.get_username())
    if not seconds:
        return ""
    minutes = -(-seconds // 60)
    return _(
        "You have looked up very many persons. Wait {minutes} min before the next one."
    ).format(minutes=minutes)


def areas_of(places: Places) -> Sequence[Area]:
    """The places that a person may be seen from; the whole country always, also of one who belongs nowhere."""
    municipalities = {places.residence, *places.stays, *places.homes} - {""}
    found = [Area("municipality", number) for number in sorted(municipalities)]
    found += [Area("hospital", number) for number in places.hospitals]
    return [*found, COUNTRY]


def _places(person: KnownPerson | None) -> Places:
    return register.read_places(person.ids) if person else Places(residence="")
