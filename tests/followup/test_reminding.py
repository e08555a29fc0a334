"""What the clock brings: reminders, others told in a unit's place, missing forms; twice, backwards, and too late."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import msgspec
import pytest

from followup.test_telling import LATER, said, salmonella
from register.answers import NOW, answer, make_register, send
from register.case_messages import ADA, BLOOD, MEASLES, notified
from varde.followup import inbox
from varde.followup.models import Delivery, Entry, Told
from varde.followup.reminding import Reminded, remind, reminders_due
from varde.followup.running import Follower, run
from varde.followup.tables import DeputyRow, tables
from varde.followup.telling import tell_new

pytestmark = pytest.mark.django_db
OSLO = "municipality:0301"


def after(**length: float) -> datetime:
    return NOW + timedelta(**length)


def measles(**more: Any) -> None:
    form = notified("Meslinger", onset="2025-12-05", home="0301", **more)
    send(make_register(), form)
    tell_new(LATER)


def test_a_unit_that_does_not_answer_is_reminded_as_often_as_the_table_says() -> None:
    measles()
    assert remind(after(minutes=29)) == Reminded()
    assert remind(after(minutes=30)).reminders == 2  # the municipality and the duty officer
    assert remind(after(minutes=30)) == Reminded()
    remind(after(hours=2, minutes=45))
    assert Delivery.objects.get(unit=OSLO).reminders == 3
    remind(after(hours=5, minutes=30))
    assert Delivery.objects.get(unit=OSLO).reminders == 6
    assert remind(after(hours=11, minutes=29)).reminders == 0  # from then on more seldom
    assert remind(after(hours=11, minutes=30)).reminders == 2
    remind(after(days=30))
    assert Delivery.objects.get(unit=OSLO).reminders > 100  # for as long as nobody answers


def test_whoever_has_answered_is_left_alone() -> None:
    measles()
    for thread in Delivery.objects.all():
        assert inbox.receipt(thread.id, "kari", after(minutes=5))
    assert remind(after(days=3)) == Reminded()
    assert said(OSLO) == ["told", "receipted"]


ADMINISTRATOR = "state-administrator:03"


def test_others_who_did_not_have_it_are_told_when_a_unit_does_not_answer() -> None:
    measles()
    inbox.receipt(Delivery.objects.get(unit="national").id, "vakt", after(minutes=1))
    remind(after(minutes=59))
    assert "escalated" not in said(OSLO)
    assert remind(after(hours=1)).escalated == 1
    assert said(OSLO)[-1] == "escalated"
    assert said(ADMINISTRATOR) == ["told", "unanswered"]
    assert said("national") == ["told", "receipted"]  # it has the case already
    assert remind(after(hours=3)).escalated == 1
    assert said("national-backup") == ["told", "unanswered"]
    # Nobody is left: that is said once, nobody is said to have been told, and reminders go on.
    assert remind(after(hours=6)).escalated == 0
    assert said(OSLO).count("nobody-left") == 1
    assert remind(after(hours=9)).escalated == 0
    assert said(OSLO).count("nobody-left") == 1 and said(OSLO).count("escalated") == 2
    before = said(OSLO).count("reminded")
    remind(after(days=2))
    assert said(OSLO).count("reminded") > before
    [waiting] = inbox.list_inbox(OSLO, after(days=2), date(2026, 1, 20))
    assert waiting.escalated and waiting.nobody_left


def test_the_duty_officer_who_does_not_answer_has_somebody_behind() -> None:
    measles()
    inbox.receipt(Delivery.objects.get(unit=OSLO).id, "kari", after(minutes=1))
    assert remind(after(hours=1)).escalated == 1
    assert said("national")[-1] == "escalated"
    assert said("national-backup") == ["told", "unanswered"]
    assert remind(after(hours=3)).escalated == 0
    assert said("national")[-1] == "nobody-left"


def test_a_unit_is_late_when_the_time_of_grace_is_over_too() -> None:
    measles()
    thread = Delivery.objects.get(unit=OSLO)
    assert not inbox.is_overdue(thread, after(minutes=15))
    assert inbox.list_unanswered(after(minutes=15)) == []
    assert inbox.is_overdue(thread, after(minutes=16))
    assert {one.unit for one in inbox.list_unanswered(after(minutes=16))} == {OSLO, "national"}


def test_a_deputy_is_told_before_the_duty_officer() -> None:
    deputy = DeputyRow(
        unit=OSLO, deputy="municipality:3201", valid_from=date(2024, 1, 1), source="a test"
    )
    known = msgspec.structs.replace(tables(), deputies=(deputy,))
    measles()
    remind(after(hours=1), known)
    thread = Delivery.objects.get(unit="municipality:3201")
    assert (thread.receiver, thread.reason, thread.state) == ("escalation", "deputy", "standing")
    remind(after(hours=4), known)
    # What was told in another's place is not taken back when the case changes, and is told what changes.
    send(
        make_register(),
        answer(
            organism="", searches=[MEASLES], person=ADA, day="2025-12-06", mark="MSIS-M", **BLOOD
        ),
    )
    tell_new(after(hours=5))
    assert Delivery.objects.get(unit="municipality:3201").state == "standing"
    assert said("municipality:3201")[-1] == "changed"


def test_a_disease_without_notice_at_once_is_not_passed_on() -> None:
    send(make_register(), salmonella())
    tell_new(LATER)
    assert remind(after(hours=23)) == Reminded()
    assert remind(after(hours=25)).reminders == 1
    assert remind(after(days=20)).escalated == 0
    assert not Delivery.objects.filter(unit="national").exists()


def test_a_clock_that_goes_back_does_nothing() -> None:
    measles()
    remind(after(hours=4))
    state = list(Delivery.objects.values_list()), Entry.objects.count()
    for hours in (3.5, 1, -24, -10_000, 4):
        assert remind(after(hours=hours)) == Reminded()
    assert (list(Delivery.objects.values_list()), Entry.objects.count()) == state


def test_what_is_told_after_a_clock_went_back_is_news_all_the_same() -> None:
    measles()
    thread = Delivery.objects.get(unit=OSLO)
    inbox.see(thread.id, "kari", after(hours=10))
    assert not inbox.has_news(Delivery.objects.get(id=thread.id))
    remind(after(hours=2))  # the clock is eight hours earlier than when it was seen
    assert inbox.has_news(Delivery.objects.get(id=thread.id))


def form_is_missing() -> None:
    send(make_register(), salmonella(mark="MSIS-M"))
    tell_new(LATER)
    assert Told.objects.get().form_since == NOW


def test_a_missing_form_is_told_of_once_and_settled_when_it_comes() -> None:
    form_is_missing()
    assert remind(after(days=6, hours=23)).forms == 0
    assert remind(after(days=7)).forms == 1
    assert remind(after(days=8)).forms == 0
    thread = Delivery.objects.get(kind="form")
    assert (thread.unit, thread.reason, thread.due_at) == (OSLO, "form-missing", after(days=14))
    assert (
        thread.receiver == "municipality-of-residence"
    )  # what the unit is, not who might have been told
    send(make_register(), notified("Salmonellose", sampled="2025-12-05", home="0301"))
    tell_new(after(days=9))
    assert Delivery.objects.get(kind="form").state == "settled"
    assert Told.objects.get().form_since is None


def test_a_missing_form_follows_the_person_to_another_municipality() -> None:
    form_is_missing()
    remind(after(days=7))
    moved = salmonella(message="M2", made=2, service="M", mark="MSIS-M", municipality="4601")
    send(make_register(), moved)
    tell_new(after(days=8))
    assert Delivery.objects.get(kind="form").state == "moved"
    assert remind(after(days=8)).forms == 1
    assert Delivery.objects.get(kind="form", state="standing").unit == "municipality:4601"


def test_a_round_does_both_and_says_what_it_did() -> None:
    send(make_register(), notified("Meslinger", onset="2025-12-05", home="0301"))
    done = run(after(hours=4), make_register())
    assert (done.cases, done.reminders, done.escalated, done.forms) == (1, 2, 2, 0)
    again = run(after(hours=4), make_register())
    assert (again.cases, again.reminders, again.escalated, again.forms) == (0, 0, 0, 0)


def test_what_follows_a_batch_never_fails(caplog: pytest.LogCaptureFixture) -> None:
    follower = Follower(make_register)
    send(make_register(), salmonella())
    follower(LATER)
    assert Delivery.objects.count() == 1
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("varde.followup.running.tell_new", None)
        follower(LATER)
    assert "could not be told" in caplog.text


@pytest.mark.parametrize(
    ("minutes", "number"),
    [(0, 0), (29, 0), (30, 1), (89, 1), (90, 2), (330, 6), (689, 6), (690, 7)],
)
def test_how_many_reminders_are_due(minutes: int, number: int) -> None:
    assert reminders_due(NOW, True, after(minutes=minutes), tables()) == number
