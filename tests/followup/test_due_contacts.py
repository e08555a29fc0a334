"""Whom a unit should hear of today, and what can be done for them; why a contact's case is no link."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from followup.test_events import OSLO, open_one
from followup.test_linking import add, two
from followup.test_telling import DAY, LATER
from register.answers import KEYS, make_register
from register.case_messages import MEASLES
from varde.cases import diseases
from varde.followup import contacts
from varde.followup.advice import advice_file, advise
from varde.followup.contacts import ContactBook, Who
from varde.followup.due_contacts import list_due
from varde.followup.linking import find_unlinked
from varde.followup.models import Contact, Event


def contact(exposed: date, unit: str = OSLO, at: datetime = LATER, event: int = 0) -> int:
    return ContactBook(KEYS).add(
        Who(name="Åse Prøvesen"),
        "",
        exposed,
        "kari",
        at,
        case=0 if event else 7,
        event=event,
        unit=unit,
        disease="measles",
    )


@pytest.mark.django_db
def test_a_contact_is_due_until_its_day_is_said_and_overdue_when_a_day_went_by() -> None:
    yesterday = LATER - timedelta(days=1)
    one = contact(DAY - timedelta(days=3), at=yesterday)
    [due] = list_due(OSLO, DAY)
    assert (due.contact.id, due.since, due.day, due.state) == (
        one,
        DAY - timedelta(days=1),
        DAY,
        "",
    )
    assert list_due("municipality:4601", DAY) == list_due("national", DAY) == []
    contacts.set_day(one, DAY, "not-reached", "kari", LATER)
    assert list_due(OSLO, DAY) == []
    [due] = list_due(OSLO, DAY + timedelta(days=1))
    assert (due.since, due.state, due.state_day) == (DAY + timedelta(days=1), "not-reached", DAY)
    contacts.end(one, "kari", LATER)
    assert list_due(OSLO, DAY + timedelta(days=1)) == []


@pytest.mark.django_db
def test_of_one_whose_days_are_over_the_last_is_asked_for_and_then_no_more() -> None:
    one = contact(DAY - timedelta(days=2))
    last = DAY - timedelta(days=2) + timedelta(days=21)
    assert [due.day for due in list_due(OSLO, last + timedelta(days=5))] == [last]
    assert list_due(OSLO, last + timedelta(days=20)) == []
    Contact.objects.filter(id=one).update(became=12)
    assert list_due(OSLO, DAY) == []


@pytest.mark.django_db
def test_whoever_has_symptoms_stays_first_until_something_is_done() -> None:
    yesterday = LATER - timedelta(days=1)
    contact(DAY - timedelta(days=1), at=yesterday)
    ill = contact(DAY)
    contacts.set_day(ill, DAY, "symptoms", "kari", LATER)
    last = DAY + timedelta(days=21)
    for today in (DAY, DAY + timedelta(days=1), last + timedelta(days=30)):
        first = list_due(OSLO, today)[0]
        assert (first.contact.id, first.ill_since) == (ill, DAY)
    tomorrow = DAY + timedelta(days=1)
    then = LATER + timedelta(days=1)
    contacts.set_day(ill, tomorrow, "not-reached", "kari", then)
    assert list_due(OSLO, tomorrow)[0].ill_since == DAY
    for done in ("tested", "well"):
        contacts.set_day(ill, tomorrow, "symptoms", "kari", then)
        assert ill in {due.contact.id for due in list_due(OSLO, tomorrow)}
        contacts.set_day(ill, tomorrow, done, "kari", then)
        assert ill not in {due.contact.id for due in list_due(OSLO, tomorrow)}
    contacts.set_day(ill, tomorrow, "symptoms", "kari", then)
    Contact.objects.filter(id=ill).update(became=12)
    assert ill not in {due.contact.id for due in list_due(OSLO, tomorrow)}


@pytest.mark.django_db
def test_contacts_of_an_event_are_due_so_long_as_it_is_open_for_whoever_opened_it() -> None:
    event = open_one()
    one = contact(DAY, unit="", event=event)
    assert [due.contact.id for due in list_due(OSLO, DAY)] == [one]
    assert list_due(OSLO, DAY)[0].disease == "salmonellosis"
    Event.objects.filter(id=event).update(closed_at=LATER)
    assert list_due(OSLO, DAY) == []


def test_advice_is_of_known_diseases_and_says_its_source_and_until_when() -> None:
    for row in advice_file().rows:
        assert row.disease in diseases() and row.source and row.name.nb and row.what.en
        assert set(row.origins) <= advice_file().origins.keys() and not row.reviewed
        assert row.until_days is None or row.from_days < row.until_days
    exposed = date(2026, 11, 20)
    states = {
        days: {
            one.row.key: one.state
            for one in advise("measles", exposed, exposed + timedelta(days=days))
        }
        for days in (3, 4, 7)
    }
    assert [one["measles-vaccine"] for one in states.values()] == ["open", "over", "over"]
    assert [one["measles-immunoglobulin"] for one in states.values()] == ["open", "open", "over"]
    [igra] = [
        one for one in advise("tuberculosis", exposed, exposed) if one.row.key.endswith("igra")
    ]
    assert (igra.state, igra.first) == ("later", exposed + timedelta(weeks=8))
    assert advise("", exposed, exposed) == []


@pytest.mark.django_db
def test_a_contact_that_became_a_case_without_a_link_says_why() -> None:
    register = make_register()
    confirmed, ill = two(register, "Meslinger", organism="", searches=[MEASLES])
    early, fitting = add(confirmed, day=date(2025, 11, 1)), add(confirmed, number="")
    said = {"register": register, "by": "kari", "purpose": "outbreak", "now": LATER}
    for one in (early, fitting):
        contacts.became_case(one, ill, **said)  # type: ignore[arg-type]
    found = find_unlinked(register, contacts.list_contacts(case=confirmed))
    assert list(found) == [early]
    why = found[early]
    assert why.why == "window" and why.first is not None and why.last is not None
    assert why.first > date(2025, 11, 1) and why.last > date(2025, 12, 8)
    of_event = contact(DAY, event=open_one())
    contacts.became_case(of_event, ill, **said)  # type: ignore[arg-type]
    [last] = find_unlinked(register, [Contact.objects.get(id=of_event)]).values()
    assert last.why == "event"
