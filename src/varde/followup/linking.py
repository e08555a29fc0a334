"""What is done about cases, as evidence: a case in an event, and a contact that became a case.

Each is stated in the register in the transaction that does it, and taken back in the one that undoes it. Whether it counts
is the register's to say, by what stands at the other end.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

from varde.cases import Catalogue
from varde.followup.lineage import family, heir_of
from varde.followup.models import Contact, Event, Told
from varde.followup.tables import Tables
from varde.followup.threads import alone
from varde.messages.times import norwegian_day
from varde.register import (
    CannotLink,
    Link,
    ListedCase,
    Register,
    days_of_infecting,
    fell_ill_later,
    link_days,
    link_kinds,
    links_by_contacts,
    links_to_event,
    pseudonym_of,
    read_listed,
    state_link,
    withdraw_links,
)

Why = Literal["event", "no-case", "other-disease", "kind", "later", "window", "taken-back"]


class Unlinked(NamedTuple):
    """Why a contact that became a case is no evidence of it.

    Attributes:
        why: ``event``: nobody knows of which case the contact was; ``no-case``: one of the two cases is none any more;
            ``other-disease``; ``kind``: the disease's definition asks for no such link; ``later``: the one they were near fell
            ill after them; ``window``: the disease cannot have passed at that exposure; ``taken-back``: somebody took the link back, or both cases are one person's.
        first, last: of a window, the days on which the last exposure would have to be; else None.
    """

    why: Why
    first: date | None = None
    last: date | None = None


LOOKED_BACK = timedelta(days=366)
"""Contacts whose last exposure is longer ago are not looked for among cases."""


def link_to_event(
    register: Register,
    event: Event,
    case: ListedCase,
    by: str,
    purpose: str,
    now: datetime,
    known: Tables,
) -> int | None:
    """State that a case is in an event of its own disease; None where the definition asks for no such link.

    The exposure was when the event began, or as near to that as it may have been for somebody who fell ill when this
    person did.
    """
    if event.disease != case.disease:
        return None
    definitions = register.context.definitions()
    kinds = link_kinds(definitions, case.disease, case.first_day)
    wanted = (known.event_link(event.kind, norwegian_day(now)), "common-source")
    kind = next((one for one in wanted if one in kinds), None)
    if kind is None:
        return None
    first, _ = link_days(definitions, case, kind)
    ill = min(case.onset or case.first_day, case.first_day)
    day = max(first, min(event.first_day, ill))
    said = Link(case.number, kind, day, to_event=event.id, basis="event")
    return state_link(register, said, by=by, purpose=purpose, at=now)


def unlink_from_event(register: Register, event: int, case: int, by: str, now: datetime) -> None:
    """A case is not in an event any more, by whichever number it was joined under."""
    cases = family(case)
    found = [
        one.id for one in links_to_event(event) if one.basis == "event" and one.of_case in cases
    ]
    withdraw_links(register, found, by=by, at=now)


def link_contact(
    register: Register, contact: Contact, case: int, by: str, purpose: str, now: datetime
) -> int | None:
    """State that a contact of a case became a case by it; None where that is no link: the contact is an event's, the
    cases are of two diseases or one person, the definition asks for no such link, or the exposure was too long before or
    after.

    Who was near the case until after falling ill was exposed on the first day at the latest.
    """
    source = heir_of(contact.case) if contact.case else 0
    both = read_listed([case, source])
    listed = both.get(case)
    if not source or listed is None or source not in both:
        return None
    first, last = _exposure_days(register, listed, both[source])
    if not first <= contact.last_exposure <= last:
        return None
    day = min(contact.last_exposure, link_days(_definitions(register), listed, "human")[1])
    said = Link(case, "human", day, source, basis="contact", contact=contact.id)
    try:
        return state_link(register, said, by=by, purpose=purpose, at=now)
    except CannotLink:
        return None


def is_own(case: int, of_case: int) -> bool:
    """Whether a case is the one that somebody is a contact of, by any of its numbers, or of the same person."""
    source = heir_of(of_case)
    if heir_of(case) == source or case in family(source):
        return True
    whose = pseudonym_of(source)
    return whose is not None and pseudonym_of(case) == whose


def _exposure_days(register: Register, case: ListedCase, source: ListedCase) -> tuple[date, date]:
    """The days on which a contact's last exposure may have been who became a case. Where it may have been on the day of
    falling ill, as long after it as the longest incubation is before: whoever was near may have stayed so."""
    definitions = _definitions(register)
    first, last = link_days(definitions, case, "human", source)
    earliest, ill = link_days(definitions, case, "human")
    return first, ill + (ill - earliest) if last == ill else last


def _definitions(register: Register) -> Catalogue:
    return register.context.definitions()


def find_unlinked(register: Register, contacts: Collection[Contact]) -> Mapping[int, Unlinked]:
    """Contacts that became a case without any link that stands, by number, and why there is none."""
    became = [one for one in contacts if one.became is not None]
    linked = {one.contact for one in links_by_contacts([one.id for one in became])}
    return {one.id: _why(register, one) for one in became if one.id not in linked}


def _why(register: Register, contact: Contact) -> Unlinked:
    if not contact.case:
        return Unlinked("event")
    source, case = heir_of(contact.case), heir_of(contact.became)
    listed = read_listed([source, case])
    if source not in listed or case not in listed:
        return Unlinked("no-case")
    one = listed[case]
    if listed[source].disease != one.disease:
        return Unlinked("other-disease")
    if "human" not in link_kinds(register.context.definitions(), one.disease, one.first_day):
        return Unlinked("kind")
    if fell_ill_later(register.context.definitions(), one, listed[source]):
        return Unlinked("later")
    first, last = _exposure_days(register, one, listed[source])
    if not first <= contact.last_exposure <= last:
        return Unlinked("window", first, last)
    return Unlinked("taken-back")


class Unlikely(NamedTuple):
    """A contact that was near a case only when that person can have infected nobody: the days on which it might have."""

    case: int
    first: date
    last: date


def find_unlikely(register: Register, contacts: Collection[Contact]) -> Mapping[int, Unlikely]:
    """Contacts whose last exposure is before their case could infect anybody, or long after, by number."""
    sources = {one.id: heir_of(one.case) for one in contacts if one.case and one.became is None}
    listed = read_listed(sorted(set(sources.values())))
    found = {}
    for one in contacts:
        source = listed.get(sources.get(one.id, 0))
        days = days_of_infecting(_definitions(register), source) if source else None
        if source and days and not days[0] <= one.last_exposure <= days[1]:
            found[one.id] = Unlikely(source.number, *days)
    return found


def link_contact_anew(
    register: Register, contact: Contact, by: str, purpose: str, now: datetime
) -> None:
    """What was stated because of a contact is what follows from it now."""
    case = contact.became
    kept = None if case is None else link_contact(register, contact, case, by, purpose, now)
    others = [one.id for one in links_by_contacts([contact.id]) if one.id != kept]
    withdraw_links(register, others, by=by, at=now)


def is_checked(contact: int) -> bool:
    """Whether a contact that is evidence of a case is known by a number to be the person of that case."""
    found = Contact.objects.filter(id=contact).values_list("became", "checked", "about").first()
    if found is None:
        return False
    became, checked, about = found
    return bool(checked if became is not None else about is not None)


def unlink_contact(register: Register, contact: int, by: str, now: datetime) -> None:
    """What a contact was evidence of is taken back."""
    withdraw_links(register, [one.id for one in links_by_contacts([contact])], by=by, at=now)


def find_contacts(register: Register, now: datetime) -> int:
    """State of contacts with a national number, who have a case of the disease that they were exposed to, that they have
    it from there; how many. Nothing is put on any list, and what somebody has taken back is not stated again.

    Hashes of numbers alone are compared: nobody is opened. Whether the exposure fits is the definition's window to say.
    """
    since = norwegian_day(now) - LOOKED_BACK
    with alone():
        there = Told.objects.filter(standing=True, about__isnull=False)
        waiting = list(
            Contact.objects.filter(about__in=there.values("about"), last_exposure__gte=since)
            .exclude(case=0)
            .order_by("id")
        )
        said = {
            one.contact for one in links_by_contacts([one.id for one in waiting], standing=False)
        }
        found = 0
        for contact in waiting:
            if contact.id in said:
                continue
            disease = Told.objects.filter(case=heir_of(contact.case)).values("disease")
            cases = there.filter(about=contact.about, disease__in=disease).order_by("case")
            for case in cases.values_list("case", flat=True):
                found += link_contact(register, contact, case, "", "", now) is not None
    return found
