"""What becomes of a contact: how each day was, a case or none, the end of the follow-up."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal

from varde.followup.contact_checks import ContactProblem
from varde.followup.linking import link_contact_anew, unlink_contact
from varde.followup.models import Contact, ContactDay
from varde.followup.threads import alone
from varde.messages.times import norwegian_day
from varde.register import Register

DayState = Literal["well", "symptoms", "tested", "not-reached"]
DAY_STATES: tuple[DayState, ...] = ("well", "symptoms", "tested", "not-reached")


def set_day(contact: int, day: date, state: str, by: str, now: datetime) -> None:
    """Say how a contact was on a day; what was said before stays known.

    Raises:
        ContactProblem: there is no such state, the day is yet to come, or the contact is not followed on it.
    """
    if state not in DAY_STATES:
        raise ContactProblem("state", f"there is no state {state!r}")
    with alone():
        one = Contact.objects.get(id=contact)
        if day > norwegian_day(now):
            raise ContactProblem("future", "nobody knows how the contact will be")
        if not one.last_exposure <= day <= one.last_exposure + timedelta(days=one.days):
            raise ContactProblem("day", "the contact is not followed on this day")
        ContactDay.objects.create(contact=contact, day=day, status=state, at=now, by=by)


def became_case(
    contact: int,
    case: int | None,
    checked: bool = False,
    *,
    register: Register,
    by: str,
    purpose: str,
    now: datetime,
) -> None:
    """A contact became a case, or (None) did not after all: in the register it is a link to the case whose contact it was.

    Args:
        checked: the case is of the person with the contact's number (`ContactBook.match`).
    """
    with alone():
        one = Contact.objects.get(id=contact)
        one.became, one.checked = case, checked and case is not None
        one.save()
        link_contact_anew(register, one, by, purpose, now)


def follow_correction(
    contact: int, *, register: Register, by: str, purpose: str, now: datetime
) -> None:
    """A contact is somebody else than was said, or was exposed on another day: what that is evidence of is so too."""
    with alone():
        link_contact_anew(register, Contact.objects.get(id=contact), by, purpose, now)


def end(contact: int, by: str, now: datetime) -> bool:
    """End the follow-up of a contact before its last day; False when it had been."""
    with alone():
        ongoing = Contact.objects.filter(id=contact, ended_at=None)
        return bool(ongoing.update(ended_at=now, ended_by=by))


def take_up(contact: int) -> bool:
    """Follow a contact again whose follow-up was ended; False when it is followed."""
    with alone():
        over = Contact.objects.filter(id=contact).exclude(ended_at=None)
        return bool(over.update(ended_at=None, ended_by=""))


def remove(contact: int, *, register: Register, by: str, now: datetime) -> bool:
    """Remove a contact with all that was said of it; False when there is none. What it was evidence of is taken back."""
    with alone():
        unlink_contact(register, contact, by, now)
        ContactDay.objects.filter(contact=contact).delete()
        return bool(Contact.objects.filter(id=contact).delete()[0])
