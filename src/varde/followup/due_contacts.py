"""The contacts of whom a unit should hear something today, or should have: nobody's name is opened for that."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import Q

from varde.followup.contacts import say_of_day
from varde.followup.lineage import heirs_of
from varde.followup.models import Contact, ContactDay, Delivery, Event, Told
from varde.followup.units import NATIONAL, names_of
from varde.messages.times import norwegian_day
from varde.register import dead_of_numbers

LOOKED_BACK = timedelta(days=400)
"""A contact whose last exposure is longer ago is on no such list."""
KEPT = timedelta(days=14)
"""So long after its last day a contact stays on the list of whom nothing was said on that day."""


class Due(NamedTuple):
    """A contact of whom nothing has been said up to a day.

    Attributes:
        case: whose contact it is, by the number that the case has now; 0 for one of an event.
        disease: that it was exposed to; empty when nobody knows yet.
        since: the first day of which nothing was said since something was.
        day: today, or the last day of the follow-up where that is over: what is said is of this day.
        state, state_day: what was said last, and of which day; empty and None when nothing was.
        ill_since: the first day of the symptoms about which nothing has been done; None: there are none.
    """

    contact: Contact
    case: int
    disease: str
    since: date
    day: date
    state: str
    state_day: date | None
    ill_since: date | None = None


class _Said(NamedTuple):
    """What was said of a contact last, of which day, and since when it has symptoms about which nothing was done."""

    day: date
    state: str
    ill_since: date | None


def list_due(unit: str, today: date) -> list[Due]:
    """The contacts that a unit follows, of whom something is to be said today or was to be before: those with symptoms
    first, until they are tested, well again or a case, then the longest overdue. They are those that it met itself, and of cases and events that it has; of the duty officer, only the own.
    Those who died, became a case or are followed no longer are not among them; of an event that is closed, those who have
    symptoms or days left (`count_ongoing`) are."""
    names = names_of(unit, today)
    followed = Contact.objects.filter(
        ended_at=None, became=None, last_exposure__lte=today, last_exposure__gte=today - LOOKED_BACK
    )
    of_events = set(followed.exclude(event=0).values_list("event", flat=True))
    all_events = {one.id: one for one in Event.objects.filter(id__in=of_events)}
    if unit == NATIONAL:
        followed = followed.filter(unit=NATIONAL)
    heirs = heirs_of(set(followed.exclude(case=0).values_list("case", flat=True)))
    own = _own_cases(names, set(heirs.values()))
    mine = [number for number, heir in heirs.items() if heir in own]
    events = [number for number, one in all_events.items() if one.unit in names]
    found = followed.filter(Q(unit__in=names) | Q(case__in=mine) | Q(event__in=events))
    rows = [one for one in found.order_by("id") if not one.event or one.event in all_events]
    said = _said([one.id for one in rows])
    closed = {number for number, one in all_events.items() if one.closed_at is not None}
    rows = [
        one
        for one in rows
        if _is_followed_on(one, said, today - (timedelta(0) if one.event in closed else KEPT))
    ]
    dead = dead_of_numbers({bytes(one.about) for one in rows if one.about is not None})
    rows = [one for one in rows if one.about is None or bytes(one.about) not in dead]
    diseases = _diseases(rows, heirs)
    waiting = [
        due
        for one in rows
        if (due := _due(one, heirs.get(one.case, 0), diseases[one.id], said.get(one.id), today))
    ]
    return sorted(
        waiting,
        key=lambda one: (one.ill_since is None, one.ill_since or one.since, one.contact.id),
    )


def _is_followed_on(contact: Contact, said: Mapping[int, _Said], until: date) -> bool:
    """Whether a contact is followed still on a day: it has days left, or symptoms about which nothing has been done."""
    ill = contact.id in said and said[contact.id].ill_since is not None
    return ill or bool(contact.last_exposure + timedelta(days=contact.days) >= until)


class Ongoing(NamedTuple):
    """How many contacts of an event are followed still, and how many of them have symptoms about which nothing was done."""

    followed: int
    ill: int


def count_ongoing(event: int, today: date) -> Ongoing:
    """The contacts of an event who are to be followed on, also when it is closed: nobody's name is opened."""
    found = list(Contact.objects.filter(event=event, ended_at=None, became=None).order_by("id"))
    said = _said([one.id for one in found])
    dead = dead_of_numbers({bytes(one.about) for one in found if one.about is not None})
    found = [
        one
        for one in found
        if _is_followed_on(one, said, today) and (one.about is None or bytes(one.about) not in dead)
    ]
    return Ongoing(
        len(found), sum(one.id in said and said[one.id].ill_since is not None for one in found)
    )


def _own_cases(names: Collection[str], cases: Collection[int]) -> set[int]:
    threads = Delivery.objects.filter(event=0, unit__in=names, state="standing", case__in=cases)
    return set(threads.values_list("case", flat=True))


def _diseases(rows: Collection[Contact], heirs: dict[int, int]) -> dict[int, str]:
    cases = dict(
        Told.objects.filter(
            case__in={heirs.get(one.case, one.case) for one in rows if one.case}
        ).values_list("case", "disease")
    )
    events = dict(
        Event.objects.filter(id__in={one.event for one in rows}).values_list("id", "disease")
    )
    return {
        one.id: events.get(one.event, "")
        if one.event
        else cases.get(heirs.get(one.case, one.case), "")
        for one in rows
    }


def _said(contacts: Collection[int]) -> dict[int, _Said]:
    """The latest day of which something was said of each contact, what was said of it last, and whether it is ill.

    That somebody was not reached says nothing of their symptoms.
    """
    latest: dict[int, dict[date, str]] = {}
    days: dict[int, dict[date, str]] = {}
    for row in ContactDay.objects.filter(contact__in=contacts).order_by("id"):
        latest.setdefault(row.contact, {})[row.day] = row.status
        say_of_day(days.setdefault(row.contact, {}), row.day, row.status)
    found = {}
    for contact, states in days.items():
        ill_since: date | None = None
        for day, state in sorted(states.items()):
            if state == "symptoms":
                ill_since = ill_since or day
            elif state != "not-reached":
                ill_since = None
        last = max(states)
        found[contact] = _Said(last, latest[contact][last], ill_since)
    return found


def _due(contact: Contact, case: int, disease: str, said: _Said | None, today: date) -> Due | None:
    last, state, ill_since = said or (None, "", None)
    since = max(contact.last_exposure, norwegian_day(contact.added_at))
    if last is not None:
        since = max(since, last + timedelta(days=1))
    day = min(today, contact.last_exposure + timedelta(days=contact.days))
    # One that was entered after its last day: what is to be known of it is how it was then.
    if last is None:
        since = min(since, day)
    if since > day and ill_since is None:
        return None
    return Due(contact, case, disease, since, day, state, last, ill_since)
