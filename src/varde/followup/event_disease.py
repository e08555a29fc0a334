"""An outbreak of an unknown agent gets its disease, or another: what its cases are evidence of is worked out anew."""

from __future__ import annotations

from datetime import datetime

from varde.cases import diseases
from varde.followup.contacts import follow_up_days
from varde.followup.events import EventProblem, cases_in
from varde.followup.linking import link_to_event
from varde.followup.models import Contact, Delivery, Entry, Event, EventStep
from varde.followup.tables import Tables, tables
from varde.followup.threads import alone, say
from varde.register import ListedCase, Register, links_to_event, withdraw_links


def say_disease(
    event: int,
    disease: str,
    by: str,
    now: datetime,
    *,
    register: Register,
    purpose: str = "",
    known: Tables | None = None,
) -> bool:
    """Say of which disease an open event is; False when that was said before.

    In one transaction: being in it is evidence of its cases of that disease, and of no others any more; its contacts are
    followed for as long as that disease asks, those whose follow-up was ended left alone; and those who were told of the
    event are told.

    Args:
        disease: a key; empty: nobody knows after all.

    Raises:
        EventProblem: there is no such disease, or the event is closed.
    """
    if disease and disease not in diseases():
        raise EventProblem("disease", f"there is no disease {disease!r}")
    rows = known or tables()
    with alone():
        found = Event.objects.get(id=event)
        if found.closed_at is not None:
            raise EventProblem("closed", "the event is closed")
        before = found.disease
        if before == disease:
            return False
        found.disease = disease
        found.save()
        EventStep.objects.create(
            event=event, at=now, what="disease", by=by, purpose=purpose, text=disease
        )
        stated = [one.id for one in links_to_event(event) if one.basis == "event"]
        withdraw_links(register, stated, by=by, at=now)
        for case in cases_in(event):
            link_to_event(register, found, case, by, purpose, now, rows)
        for contact in Contact.objects.filter(event=event, ended_at=None):
            contact.days = follow_up_days(disease, contact.last_exposure, rows)
            contact.save()
        _tell(found, before, now)
        return True


def of_others(event: int, disease: str) -> list[ListedCase]:
    """The cases of an event that are of another disease than this one; none where nobody knows it."""
    return [one for one in cases_in(event) if disease not in ("", one.disease)]


def _tell(event: Event, before: str, now: datetime) -> None:
    entries: list[Entry] = []
    for thread in Delivery.objects.filter(event=event.id, state="standing"):
        thread.disease = event.disease
        say(thread, "changed", now, entries, detail={"disease": [before, event.disease]})
        thread.save()
    Entry.objects.bulk_create(entries)
