"""How long what was done is kept: what cases that ceased leave, and contacts, and nothing that is still needed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from register.answers import KEYS, NOW
from varde.followup import keeping
from varde.followup.contacts import ContactBook, Who, set_day
from varde.followup.lineage import heirs_of
from varde.followup.models import (
    Contact,
    ContactDay,
    Delivery,
    Entry,
    Event,
    EventCase,
    ExposureAnswer,
    Told,
)
from varde.followup.notes import NoteBook

pytestmark = pytest.mark.django_db
LONG_AGO, BEFORE = NOW - timedelta(days=1000), NOW - timedelta(days=730)
EARLIER = date(2023, 1, 1)


def ceased(
    case: int, *, at: datetime = LONG_AGO, heir: int | None = None, standing: bool = False
) -> int:
    """A case with a thread, a note and a contact; there is no such case any more unless it stands."""
    told = Told(case=case, disease="measles", facts="{}", first_at=at, about=b"p" * 32, heir=heir)
    told.save()
    thread = Delivery.objects.create(
        kind="case", case=case, unit="municipality:0301", at_once=True, due_at=at, told_at=at,
        news_at=at, state="gone",
    )  # fmt: skip
    NoteBook(KEYS).add(thread.id, "Ringte hjem", "kari", at)
    who, day = Who(name="A"), at.date()
    contact = ContactBook(KEYS).add(who, "husstand", day, "kari", at, case=case, disease="measles")
    set_day(contact, day, "well", "kari", at)
    told.standing = standing
    told.save()
    return int(thread.id)


def left(case: int) -> tuple[int, int, int]:
    threads = Delivery.objects.filter(case=case)
    notes = Entry.objects.filter(delivery__in=threads.values("id"))
    contacts = Contact.objects.filter(case=case)
    return threads.count() + Told.objects.filter(case=case).count(), notes.count(), contacts.count()


def test_what_a_case_that_ceased_leaves_goes_whole_and_its_line_in_an_event_stays() -> None:
    ceased(7)
    EventCase.objects.create(event=1, case=7, joined_at=LONG_AGO)
    for case in (7, 9):
        ExposureAnswer.objects.create(exposure=1, case=case, answer="yes", at=LONG_AGO)
    assert keeping.list_ceased(BEFORE) == [7]
    assert keeping.list_ceased(LONG_AGO) == []
    assert keeping.forget_ceased(BEFORE, [7, 8]) == 1
    assert left(7) == (0, 0, 0) and not ContactDay.objects.exists()
    assert EventCase.objects.get().case == 7
    assert ExposureAnswer.objects.get().case == 9
    assert keeping.forget_ceased(BEFORE, [7]) == 0


def test_what_is_still_needed_stays() -> None:
    ceased(1, standing=True)
    NoteBook(KEYS).add(ceased(2), "Ringte igjen", "kari", NOW)
    ceased(3, heir=1)  # read with a case that stands
    ceased(4, heir=3)  # and so, by way of that, is this
    ceased(5, at=BEFORE + timedelta(days=1))
    ceased(6, heir=7)
    ceased(7)  # both are due, and so is what is read with the other
    contact = Contact.objects.create(
        case=8, sealed=b"x", last_exposure=NOW.date(), days=21, added_at=LONG_AGO
    )
    ceased(8)
    assert heirs_of([3, 4, 6, 7]) == {3: 1, 4: 1, 6: 7, 7: 7}
    assert keeping.list_ceased(BEFORE) == [6, 7]
    assert keeping.forget_ceased(BEFORE, range(1, 9)) == 2
    assert {one.case for one in Told.objects.all()} == {1, 2, 3, 4, 5, 8}
    assert Contact.objects.filter(id=contact.id).exists()


def test_contacts_go_when_their_follow_up_has_long_been_over() -> None:
    def add(last: datetime, days: int = 21, event: int = 0, added: datetime = LONG_AGO) -> int:
        made = Contact.objects.create(
            case=0 if event else 9, event=event, sealed=b"x", last_exposure=last.date(),
            days=days, added_at=added,
        )  # fmt: skip
        return int(made.id)

    opened = Event.objects.create(
        kind="food", unit="municipality:0301", first_day=EARLIER, opened_at=LONG_AGO
    )
    old = add(LONG_AGO)
    add(BEFORE - timedelta(days=21))  # its last day is the day itself
    add(LONG_AGO, event=opened.id)
    add(LONG_AGO, days=800)
    written = add(LONG_AGO)
    set_day(written, LONG_AGO.date(), "well", "kari", NOW)
    add(LONG_AGO, added=NOW)
    ended = add(LONG_AGO)
    Contact.objects.filter(id=ended).update(ended_at=NOW)
    assert keeping.list_contacts_over(BEFORE) == [old]
    assert keeping.forget_contacts(BEFORE, [old, written]) == 1
    assert Contact.objects.count() == 6 and not Contact.objects.filter(id=old).exists()
    Event.objects.update(closed_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert len(keeping.list_contacts_over(BEFORE)) == 1
