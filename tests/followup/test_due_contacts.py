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
from varde.followup.due_contacts import count_ongoing, list_due
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
def test_contacts_of_an_event_are_due_until_their_last_day_for_whoever_opened_it() -> None:
    event = open_one()
    one = contact(DAY, unit="", event=event)
    assert [due.contact.id for due in list_due(OSLO, DAY)] == [one]
    assert list_due(OSLO, DAY)[0].disease == "salmonellosis"
    last = DAY + timedelta(days=Contact.objects.get().days)
    # Closed, those who have days left are called on, but nobody whose days are over.
    Event.objects.filter(id=event).update(closed_at=LATER)
    assert [due.contact.id for due in list_due(OSLO, DAY)] == [one]
    assert [due.contact.id for due in list_due(OSLO, last)] == [one]
    assert list_due(OSLO, last + timedelta(days=1)) == []
    assert list_due("municipality:4601", DAY) == []
    Event.objects.filter(id=event).update(closed_at=None)
    assert [due.contact.id for due in list_due(OSLO, last + timedelta(days=1))] == [one]


@pytest.mark.django_db
def test_who_has_symptoms_stays_when_the_event_is_closed_until_something_is_done() -> None:
    event = open_one()
    ill, well, ended, became, over = (contact(DAY, unit="", event=event) for _ in range(5))
    for one, state in (
        (ill, "symptoms"),
        (well, "well"),
        (ended, "symptoms"),
        (became, "symptoms"),
    ):
        contacts.set_day(one, DAY, state, "kari", LATER)
    contacts.end(ended, "kari", LATER)
    Contact.objects.filter(id=became).update(became=12)
    Contact.objects.filter(id=over).update(last_exposure=DAY - timedelta(days=30))
    assert count_ongoing(event, DAY) == (2, 1)
    Event.objects.filter(id=event).update(closed_at=LATER)
    assert count_ongoing(event, DAY) == (2, 1)
    long_after = DAY + timedelta(days=40)
    assert [due.contact.id for due in list_due(OSLO, long_after)] == [ill]
    assert count_ongoing(event, long_after) == (1, 1)
    contacts.set_day(ill, DAY, "tested", "kari", LATER)
    assert count_ongoing(event, long_after) == (0, 0) and list_due(OSLO, long_after) == []
    assert count_ongoing(event + 1, DAY) == (0, 0)


SAID = [
    (["symptoms", "not-reached"], "symptoms", True),
    (["not-reached", "symptoms", "not-reached", "not-reached"], "symptoms", True),
    (["symptoms", "not-reached", "symptoms"], "symptoms", True),
    (["symptoms", "well"], "well", False),
    (["symptoms", "well", "not-reached"], "well", False),
    (["symptoms", "tested", "not-reached"], "tested", False),
    (["tested", "symptoms", "not-reached"], "symptoms", True),
    (["well", "symptoms"], "symptoms", True),
    (["well", "not-reached"], "well", False),
    (["not-reached"], "not-reached", False),
    (["not-reached", "well"], "well", False),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("states", "day", "ill"), SAID)
def test_what_was_said_of_a_day_is_not_taken_back_by_a_call_that_nobody_answered(
    states: list[str], day: str, ill: bool
) -> None:
    one = contact(DAY - timedelta(days=1))
    for state in states:
        contacts.set_day(one, DAY, state, "kari", LATER)
    found = list_due(OSLO, DAY)
    assert [due.ill_since for due in found] == ([DAY] if ill else [])
    assert [due.state for due in found] == ([states[-1]] if ill else [])
    [known] = ContactBook(KEYS).open(contacts.list_contacts(case=7))
    assert known.days[DAY] == day
    later = list_due(OSLO, DAY + timedelta(days=1))
    assert [due.ill_since is not None for due in later] == [ill]
    contacts.set_day(one, DAY + timedelta(days=1), "not-reached", "kari", LATER + timedelta(days=1))
    assert bool(list_due(OSLO, DAY + timedelta(days=1))) == ill


COUNTED = [
    # first, last exposure and today in days from a day; what is open of vaccine and immunoglobulin.
    (None, 0, 0, "open", "open"),
    (None, 0, 3, "open", "open"),
    (None, 0, 4, "over", "open"),
    (0, 5, 5, "over", "open"),
    (0, 2, 3, "open", "open"),
    (0, 2, 4, "over", "open"),
    (0, 6, 6, "over", "open"),
    (0, 6, 7, "over", "over"),
    (0, 20, 20, "over", "over"),
]


@pytest.mark.parametrize(("first", "last", "today", "vaccine", "immunoglobulin"), COUNTED)
def test_prophylaxis_of_measles_is_counted_from_the_first_exposure(
    first: int | None, last: int, today: int, vaccine: str, immunoglobulin: str
) -> None:
    def day(days: int) -> date:
        return date(2026, 11, 1) + timedelta(days=days)

    began = None if first is None else day(first)
    found = {one.row.key: one for one in advise("measles", day(last), day(today), began)}
    assert found["measles-vaccine"].state == vaccine
    assert found["measles-immunoglobulin"].state == immunoglobulin
    assert found["measles-vaccine"].last == day(3 + (last if first is None else first))
    # What protects others, and what a test can show, goes by the last.
    [igra] = [
        one
        for one in advise("tuberculosis", day(last), day(today), began)
        if one.row.key == "tuberculosis-igra"
    ]
    assert igra.first == day(last + 56)


def test_advice_is_of_known_diseases_and_says_its_source_and_until_when() -> None:
    for row in advice_file().rows:
        # What is counted from the first exposure says so in its words, and the other way round.
        said = "etter første eksponering" in row.what.nb
        assert (row.counted_from == "first") == (said and "siste" not in row.what.nb), row.key
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
