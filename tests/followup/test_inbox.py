"""A unit's inbox: in which order, what is read and answered, and notes without identity numbers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from followup.test_telling import DAY, LATER, said, salmonella
from register.answers import NOW, make_register, send
from register.case_messages import BO, CLEO, notified
from varde.followup import inbox
from varde.followup.models import Delivery
from varde.followup.telling import tell_new

pytestmark = pytest.mark.django_db
OSLO = "municipality:0301"


@pytest.fixture
def filled() -> None:
    """Salmonellosis in Oslo twice, and measles."""
    send(make_register(), salmonella())
    send(make_register(), salmonella(report="R2", message="M2", person=BO))
    send(make_register(), notified("Meslinger", onset="2025-12-05", home="0301", person=CLEO))
    tell_new(LATER)


def listed(show: inbox.Choice = "open") -> list[tuple[str, str]]:
    return [(one.disease, one.reading) for one in inbox.list_inbox(OSLO, LATER, DAY, show)]


def test_notice_at_once_comes_first_and_what_is_answered_last(filled: None) -> None:
    assert listed()[0] == ("measles", "unread")
    [measles] = [one for one in inbox.list_inbox(OSLO, LATER, DAY) if one.at_once]
    assert not measles.overdue and measles.due_at == NOW  # due, but not late yet
    inbox.receipt(measles.id, "kari", LATER)
    assert listed()[-1] == ("measles", "receipted")
    inbox.finish(measles.id, "kari", LATER)
    assert listed() == [("salmonellosis", "unread")] * 2
    assert listed("done") == [("measles", "done")]
    assert len(listed("all")) == 3
    assert inbox.reopen(measles.id, "kari", LATER) and len(listed()) == 3


def test_another_unit_has_nothing(filled: None) -> None:
    assert inbox.list_inbox("municipality:4601", LATER, DAY, "all") == []
    assert inbox.count_open(OSLO, DAY) == (3, 3)
    assert inbox.count_open("municipality:4601", DAY) == (0, 0)


def test_a_receipt_is_given_once(filled: None) -> None:
    thread = Delivery.objects.filter(disease="measles", unit=OSLO).get().id
    assert inbox.receipt(thread, "kari", LATER)
    assert not inbox.receipt(thread, "ola", LATER + timedelta(hours=1))
    one = Delivery.objects.get(id=thread)
    assert (one.receipted_by, one.receipted_at) == ("kari", LATER)
    assert not inbox.finish(thread, "ola", LATER) or one.done_at is None
    assert not inbox.finish(thread, "ola", LATER)


def test_what_is_seen_is_unread_again_when_something_is_told(filled: None) -> None:
    thread = Delivery.objects.filter(disease="measles", unit=OSLO).get()
    inbox.see(thread.id, "kari", LATER)
    inbox.see(thread.id, "kari", LATER)
    assert said(OSLO).count("seen") == 1
    send(
        make_register(), notified("Meslinger", onset="2025-12-04", home="0301", person=CLEO, made=8)
    )
    tell_new(LATER + timedelta(hours=1))
    [one] = [each for each in inbox.list_inbox(OSLO, LATER, DAY) if each.disease == "measles"]
    assert one.news and one.reading == "seen" and one.latest == "changed"


def test_opened_without_receipt_after_its_time_is_no_better_than_unread(filled: None) -> None:
    send(
        make_register(),
        notified("Botulisme", "N9", onset="2025-12-05", home="0301", person=None),
    )
    late = LATER + timedelta(days=2)
    tell_new(late)
    [measles] = Delivery.objects.filter(disease="measles", unit=OSLO)
    inbox.see(measles.id, "kari", LATER)
    Delivery.objects.filter(id=measles.id).update(due_at=NOW - timedelta(hours=1))
    first, second, *_ = inbox.list_inbox(OSLO, late, DAY)
    assert first.disease == "measles" and first.reading == "seen" and first.overdue
    assert second.disease == "botulism" and second.reading == "unread"
