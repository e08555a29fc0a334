"""Cases that cease: why, and that what was done about them goes on with the case of the same person and episode."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from followup.test_telling import DAY, EVERYTHING, LATER, said, salmonella
from register.answers import KEYS, clock, make_register, send
from register.case_messages import BO
from varde.followup import contacts, events, handing_over
from varde.followup.contacts import ContactBook, ContactProblem, Who
from varde.followup.events import Opening
from varde.followup.lineage import family, heir_of
from varde.followup.models import Contact, Delivery, Entry, Told
from varde.followup.notes import NoteBook, earlier_notes
from varde.followup.telling import tell_new
from varde.register import list_cases, newest_change
from varde.register.replay import replay

pytestmark = pytest.mark.django_db
OSLO, BERGEN = "municipality:0301", "municipality:4601"
TAKEN = "2025-12-05"


def told() -> int:
    tell_new(LATER)
    [one] = list_cases()
    return one.number


def follow_up(case: int) -> int:
    """A contact, a note and an event."""
    book = ContactBook(KEYS)
    book.add(Who(name="A", number=BO), "", DAY, "kari", LATER, case=case, unit=OSLO)
    NoteBook(KEYS).add(Delivery.objects.get(case=case, unit=OSLO).id, "Ringte", "kari", LATER)
    opening = Opening(
        kind="food", unit=OSLO, place="Kroa", first_day=DAY - timedelta(days=2), description="Syke"
    )
    event = events.open_event(opening, "kari", LATER)
    events.join(event, case, "kari", LATER, register=make_register())
    return event


def cancel() -> None:
    send(make_register(), salmonella(message="M2", made=2, service="C", day=TAKEN))
    tell_new(LATER)


def why(what: str) -> object:
    entry = Entry.objects.filter(what=what).order_by("-id").first()
    return msgspec.json.decode(entry.detail)["why"] if entry else None


def test_what_was_done_follows_the_person_to_a_new_case_of_the_episode() -> None:
    send(make_register(), salmonella(day=TAKEN))
    old = told()
    event = follow_up(old)
    cancel()
    assert why("gone") == [["laboratory", "HER:90001", "withdrawn"]] or str(why("gone")).endswith(
        "'withdrawn']]"
    )
    with pytest.raises(ContactProblem) as caught:
        ContactBook(KEYS).add(Who(name="B"), "", DAY, "kari", LATER, case=old)
    assert caught.value.code == "ceased"
    assert [tuple(one) for one in events.ceased_in(event)] == [(old, None)]
    # Another's case takes over nothing; one of the same person and episode does.
    send(make_register(), salmonella(report="R8", message="M8", person=BO, day=TAKEN))
    tell_new(LATER)
    assert heir_of(old) == old
    send(make_register(), salmonella(report="R9", message="M9", day="2025-12-07"))
    tell_new(LATER)
    new = Told.objects.get(case=old).heir
    assert new and heir_of(old) == new and family(new) == (new, old)
    assert contacts.count_contacts(case=new) == 1
    assert [one.id for one in events.events_of(new)] == [event]
    assert [one.number for one in events.cases_in(event)] == [new]
    assert [tuple(one) for one in events.ceased_in(event)] == [(old, new)]
    [note] = earlier_notes(new, [OSLO])
    assert NoteBook(KEYS).read([note])[note.id] == "Ringte"
    assert Delivery.objects.get(case=old, unit=OSLO).into == new
    assert "took-over" in said(OSLO)
    # Once: a replay and another round tell nothing more.
    entries, outbox = Entry.objects.count(), newest_change()
    replay(make_register(), clock)
    tell_new(LATER)
    assert (Entry.objects.count(), newest_change()) == (entries, outbox)
    # Taken out of the event under its new number, it is out.
    assert (
        events.leave(event, new, "kari", LATER, register=make_register())
        and events.cases_in(event) == []
    )


def test_the_new_case_may_come_before_the_old_one_ceases_and_the_old_one_may_come_back() -> None:
    send(make_register(), salmonella(day=TAKEN))
    old = told()
    follow_up(old)
    send(
        make_register(),
        salmonella(message="M2", made=2, service="C", day=TAKEN),
        salmonella(report="R9", message="M9", day="2025-12-07"),
    )
    new = told()
    assert (new != old, heir_of(old)) == (True, new)
    send(make_register(), salmonella(report="R9", message="M10", made=3, service="C", day=TAKEN))
    send(make_register(), salmonella(message="M3", made=4, service="M", day=TAKEN))
    back = told()
    assert heir_of(old) == heir_of(new) == back
    assert contacts.count_contacts(case=back) == 1


def test_a_case_of_another_episode_takes_over_nothing() -> None:
    send(make_register(), salmonella(day="2025-02-05"))
    tell_new(LATER, EVERYTHING)
    [old] = list_cases()
    send(
        make_register(),
        salmonella(message="M2", made=2, service="C", day="2025-02-05"),
        salmonella(report="R9", message="M9", day="2025-12-20"),
    )
    tell_new(LATER, EVERYTHING)
    assert heir_of(old.number) == old.number


def test_cases_that_are_one_have_one_list() -> None:
    send(make_register(), salmonella(day="2025-05-10"))
    send(make_register(), salmonella(report="R2", message="M2", day="2025-12-20"))
    tell_new(LATER, EVERYTHING)
    for one in list_cases():
        ContactBook(KEYS).add(Who(name="A"), "", DAY, "kari", LATER, case=one.number)
    send(make_register(), salmonella(message="M3", made=2, service="M", day="2025-12-01"))
    tell_new(LATER, EVERYTHING)
    [left] = list_cases()
    assert contacts.count_contacts(case=left.number) == 2


def test_whoever_met_contacts_keeps_them_until_they_are_taken_over() -> None:
    send(make_register(), salmonella(day=TAKEN))
    case = told()
    follow_up(case)
    moved = salmonella(message="M2", made=2, service="M", day=TAKEN, municipality="4601")
    send(make_register(), moved)
    tell_new(LATER)
    assert why("moved") == "residence"
    found = contacts.list_contacts(case=case)
    assert len(contacts.shown_to(found, {OSLO}, {BERGEN})) == 1
    assert contacts.shown_to(found, {BERGEN}, {BERGEN}) == []
    assert handing_over.ask_to_take_over(case, OSLO, {OSLO}, "kari", LATER)
    assert not handing_over.ask_to_take_over(case, OSLO, {OSLO}, "kari", LATER)
    assert said(BERGEN) == ["told", "handover-asked"]
    [asked] = handing_over.waiting_handovers(case)
    assert handing_over.take_over(asked.id, BERGEN, {OSLO}, "ola", LATER) == 1
    assert handing_over.take_over(asked.id, BERGEN, {OSLO}, "ola", LATER) == 0
    assert said(OSLO)[-1] == "handover-taken"
    assert [one.unit for one in Contact.objects.all()] == [BERGEN]


def test_a_contact_is_known_as_a_case_by_the_hash_of_its_number() -> None:
    send(
        make_register(),
        salmonella(day=TAKEN),
        salmonella(report="R2", message="M2", person=BO, day=TAKEN),
    )
    tell_new(LATER)
    book = ContactBook(KEYS)
    numbers = [one.number for one in list_cases()]
    for who in (Who(name="A", number=BO), Who(name="B")):
        book.add(who, "", DAY, "kari", LATER, case=numbers[0])
    with_number, without = book.open(contacts.list_contacts(case=numbers[0]))
    assert sorted(book.match(with_number, one) for one in numbers) == ["same", "unknown"]
    assert {book.match(without, one) for one in numbers} == {"unknown"}
