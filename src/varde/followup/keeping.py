"""How long what was done is kept: what cases that ceased leave behind, and the lists of contacts.

A case that stands is the register's, and so is what was done about it. Of one that there is not any more, the pseudonym
of the person, what it rested on, threads, notes and contacts are needed by nobody once those who were told have read
that it is gone. Which lines are due is found here; the rules and their periods are `varde.operation`'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from varde.followup.lineage import heirs_of
from varde.followup.models import (
    Contact,
    ContactDay,
    Delivery,
    Entry,
    Event,
    ExposureAnswer,
    Handover,
    Told,
)
from varde.followup.threads import alone
from varde.messages.times import norwegian_day
from varde.register import forget_links


def list_ceased(before: datetime, among: Sequence[int] | None = None) -> list[int]:
    """Cases that ceased and of which nothing was told, done or written since a moment; by number.

    One whose heir stands, or is not due itself, is not among them: its contacts and notes are read with that.

    Args:
        among: only of these.
    """
    ceased = Told.objects.filter(standing=False, first_at__lt=before)
    if among is not None:
        ceased = ceased.filter(case__in=among)
    numbers = set(ceased.values_list("case", flat=True))
    threads = Delivery.objects.filter(event=0, case__in=ceased.values("case"))
    late = Q(news_at__gte=before) | Q(
        id__in=Entry.objects.filter(at__gte=before).values("delivery")
    )
    busy = set(threads.filter(late).values_list("case", flat=True))
    followed = Contact.objects.filter(case__in=ceased.values("case"))
    busy |= set(followed.exclude(id__in=_over(before)).values_list("case", flat=True))
    due = numbers - busy
    heirs = heirs_of(due)
    ends = set(heirs.values()) - due
    kept = set(Told.objects.filter(case__in=ends).values_list("case", flat=True))
    return sorted(number for number in due if heirs[number] not in kept)


def forget_ceased(before: datetime, among: Sequence[int]) -> int:
    """Remove what is kept of some cases that ceased, those that are still due; how many. That they were in an event
    stays, as a number."""
    with alone():
        cases = list_ceased(before, among)
        threads = Delivery.objects.filter(event=0, case__in=cases)
        Entry.objects.filter(delivery__in=list(threads.values_list("id", flat=True))).delete()
        threads.delete()
        _remove_contacts(list(Contact.objects.filter(case__in=cases).values_list("id", flat=True)))
        Handover.objects.filter(case__in=cases).delete()
        ExposureAnswer.objects.filter(case__in=cases).delete()
        Told.objects.filter(case__in=cases).delete()
        forget_links(cases)
        return len(cases)


def list_contacts_over(before: datetime, among: Sequence[int] | None = None) -> list[int]:
    """Contacts whose follow-up was over before a moment, and of whom nothing was said since; those of an event that is
    open are not among them. By number."""
    found = _over(before)
    return sorted(found if among is None else set(found) & set(among))


def forget_contacts(before: datetime, among: Sequence[int]) -> int:
    """Remove some contacts with their days, those that are still due; how many."""
    with alone():
        due = list_contacts_over(before, among)
        _remove_contacts(due)
        return len(due)


def _over(before: datetime) -> list[int]:
    day = norwegian_day(before)
    said_since = ContactDay.objects.filter(at__gte=before).values("contact")
    open_events = Event.objects.filter(closed_at=None).values("id")
    old = Contact.objects.filter(added_at__lt=before, last_exposure__lt=day)
    old = old.exclude(id__in=said_since).exclude(event__in=open_events)
    rows = old.exclude(ended_at__gte=before).values_list("id", "last_exposure", "days")
    return [number for number, last, days in rows if last + timedelta(days=days) < day]


def _remove_contacts(numbers: Sequence[int]) -> None:
    ContactDay.objects.filter(contact__in=numbers).delete()
    Contact.objects.filter(id__in=numbers).delete()
