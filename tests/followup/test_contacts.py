"""Contact lists: who they are is sealed, and they are followed for as long as the disease says."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from django.db import connection

from register.answers import KEYS, NOW, PERSONS, make_register
from varde.access.keys import Keys
from varde.access.pseudonyms import make_pseudonymiser
from varde.followup import contacts
from varde.followup.contacts import ContactBook, ContactProblem, Who, follow_up_days
from varde.followup.models import Contact, ContactDay
from varde.followup.tables import tables

pytestmark = pytest.mark.django_db
DAY = NOW.date() - timedelta(days=2)
NAME, PHONE = "Åse Prøvesen", "12345678"


def add(book: ContactBook, **more: str) -> int:
    who = Who(name=NAME, phone=PHONE, number=PERSONS[0])
    return book.add(who, "husstand", DAY, "kari", NOW, case=7, disease="measles", **more)  # type: ignore[arg-type]


def test_who_a_contact_is_stands_nowhere_in_the_database() -> None:
    contact = add(ContactBook(KEYS))
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM followup_contact")
        [row] = cursor.fetchall()
    kept = b"".join(bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for v in row)
    for secret in (NAME, PHONE, PERSONS[0]):
        assert secret.encode() not in kept
    [known] = ContactBook(KEYS).open(contacts.list_contacts(case=7))
    assert (known.id, known.who.name, known.who.phone) == (contact, NAME, PHONE)
    # The same pseudonym as the register's, so that a look at the contact is a look at the person.
    assert known.pseudonym == make_pseudonymiser(KEYS, "register")("FNR", "", PERSONS[0])


def test_other_keys_and_another_row_open_nothing() -> None:
    add(ContactBook(KEYS))
    others = Keys(pseudonym=bytes(32), storage=KEYS.storage)
    with pytest.raises(InvalidTag):
        ContactBook(others).open(contacts.list_contacts(case=7))
    ContactBook(KEYS).add(Who(name="B"), "", DAY, "kari", NOW, case=7)
    first, second = Contact.objects.order_by("id")
    second.sealed = first.sealed
    with pytest.raises(InvalidTag):
        ContactBook(KEYS).open([second])


def test_a_contact_is_followed_day_by_day_until_the_incubation_is_over() -> None:
    contact = add(ContactBook(KEYS))
    contacts.set_day(contact, DAY, "well", "kari", NOW)
    contacts.set_day(contact, DAY, "symptoms", "kari", NOW)
    after = NOW + timedelta(days=19)
    contacts.set_day(contact, DAY + timedelta(days=21), "not-reached", "kari", after)
    [known] = ContactBook(KEYS).open(contacts.list_contacts(case=7))
    assert known.until == DAY + timedelta(days=21) and len(known.days) == 22
    assert (known.days[DAY], known.days[DAY + timedelta(days=1)]) == ("symptoms", "")
    for day, state in (
        (DAY - timedelta(days=1), "well"),
        (DAY + timedelta(days=22), "well"),
        (NOW.date() + timedelta(days=1), "well"),
        (DAY, "fine"),
    ):
        with pytest.raises(ContactProblem):
            contacts.set_day(contact, day, state, "kari", NOW)
    contacts.became_case(contact, 12, register=make_register(), by="kari", purpose="", now=after)
    assert Contact.objects.get(id=contact).became == 12


def test_how_long_depends_on_the_disease() -> None:
    on = date(2026, 1, 1)
    assert follow_up_days("measles", on, tables()) == 21
    assert follow_up_days("salmonellosis", on, tables()) == 7  # of the disease file
    assert follow_up_days("", on, tables()) == follow_up_days("no-such", on, tables()) == 14


@pytest.mark.parametrize(
    ("who", "day", "code"),
    [
        (Who(name=" "), DAY, "empty"),
        (Who(name="A", number="12345678901"), DAY, "number"),
        (Who(name="A"), NOW.date() + timedelta(days=1), "future"),
        (Who(name="A" * 121), DAY, "long"),
        (Who(name=f"A {PERSONS[0]}"), DAY, "identity"),
        (Who(name="A", phone=PERSONS[0]), DAY, "identity"),
        (Who(name="A"), NOW.date() - timedelta(days=900), "day"),
    ],
)
def test_what_cannot_be_kept_is_refused(who: Who, day: date, code: str) -> None:
    with pytest.raises(ContactProblem) as caught:
        ContactBook(KEYS).add(who, "", day, "kari", NOW, case=7)
    assert caught.value.code == code and not Contact.objects.exists()


def test_lists_of_cases_and_events_are_apart() -> None:
    book = ContactBook(KEYS)
    add(book)
    book.add(Who(name="B"), "", DAY, "kari", NOW, event=7)
    assert (contacts.count_contacts(case=7), contacts.count_contacts(event=7)) == (1, 1)
    assert contacts.count_contacts(case=8) == 0


def test_a_national_number_is_refused_as_relation_and_all_faults_are_told_at_once() -> None:
    with pytest.raises(ContactProblem) as caught:
        ContactBook(KEYS).add(Who(name=""), PERSONS[0], None, "kari", NOW, case=7)
    assert caught.value.faults == {
        "name": "empty",
        "relation": "identity",
        "last_exposure": "day",
    }


def test_the_same_number_twice_is_told_and_a_contact_is_corrected_and_removed() -> None:
    book = ContactBook(KEYS)
    contact = add(book)
    with pytest.raises(ContactProblem) as caught:
        add(book)
    assert caught.value.faults == {"number": "twice"}
    who = Who(name="Åse Rettet", phone=PHONE, number=PERSONS[0])
    assert book.correct(contact, who, "kollega", DAY, NOW) == ["name", "relation"]
    [known] = book.open(contacts.list_contacts(case=7))
    assert (known.who.name, known.relation) == ("Åse Rettet", "kollega")
    assert contacts.end(contact, "kari", NOW) and not contacts.end(contact, "kari", NOW)
    assert contacts.take_up(contact)
    contacts.set_day(contact, DAY, "well", "kari", NOW)
    said: dict[str, Any] = {"register": make_register(), "by": "kari", "now": NOW}
    assert contacts.remove(contact, **said) and not contacts.remove(contact, **said)
    assert contacts.count_contacts(case=7) == 0 and not ContactDay.objects.exists()
