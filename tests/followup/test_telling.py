"""From messages to inboxes: what stands is what a plain rule gives, whatever came in which order, and told once."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from followup.plain_routing import Standing, wanted
from register.answers import NOW, answer, clock, make_register, send
from register.case_messages import ADA, BLOOD, BO, MEASLES, SALMONELLA, STOOL, notified
from register.test_any_order import split
from register.test_cases_any_order import DOSES, EXAMPLES, FORMS, answers
from varde.followup.inbox import list_inbox
from varde.followup.models import Delivery, Entry, Told
from varde.followup.routing import Facts
from varde.followup.tables import tables
from varde.followup.telling import ESCALATION, pass_over, tell_new
from varde.register import list_cases, newest_change, reclassify, replay

pytestmark = pytest.mark.django_db

EVERYTHING = msgspec.structs.replace(tables(), history=())
LATER = NOW + timedelta(minutes=1)
DAY = NOW.date()


def standing() -> Standing:
    return {
        (one.case, one.unit): (one.receiver, one.at_once, one.reason)
        for one in Delivery.objects.filter(state="standing", kind="case")
        if one.receiver != ESCALATION
    }


def expected() -> Standing:
    found: Standing = {}
    for case in list_cases():
        found |= wanted(case, DAY)
    return found


def said(unit: str) -> list[str]:
    threads = Delivery.objects.filter(unit=unit).values_list("id", flat=True)
    rows = Entry.objects.filter(delivery__in=threads).order_by("id")
    return list(rows.values_list("what", flat=True))


def salmonella(**more: Any) -> bytes:
    fields = {"organism": SALMONELLA, "person": ADA, "municipality": "0301", **STOOL}
    return answer(**fields | more)


@settings(
    max_examples=EXAMPLES // 2,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(answers() | FORMS | answers() | DOSES, min_size=1, max_size=8),
    st.randoms(use_true_random=False),
)
def test_any_order_and_any_replays_give_what_a_plain_rule_gives(
    files: list[bytes], chance: random.Random
) -> None:
    shuffled = files + chance.choices(files, k=chance.randint(0, 3))
    chance.shuffle(shuffled)
    register = make_register()
    with transaction.atomic():
        for batch in split(shuffled, chance):
            send(register, *batch)
            act = chance.choice(["tell", "tell", "replay", "reclassify", "wait"])
            if act == "replay":
                replay(register, clock)
            elif act == "reclassify":
                reclassify(register)
            elif act == "tell":
                tell_new(LATER, EVERYTHING)
        tell_new(LATER, EVERYTHING)
        assert standing() == expected()
        entries, outbox = Entry.objects.count(), newest_change()
        replay(register, clock)
        reclassify(register)
        assert newest_change() == outbox
        assert tell_new(LATER, EVERYTHING) == 0
        assert (standing(), Entry.objects.count()) == (expected(), entries)
        transaction.set_rollback(True)


def test_a_case_comes_to_its_municipality_with_a_time_to_know_it_by() -> None:
    send(make_register(), salmonella(day="2025-12-05"))
    assert tell_new(LATER) == 1
    [one] = list_inbox("municipality:0301", LATER, DAY)
    assert (one.disease, one.classification, one.reading) == (
        "salmonellosis",
        "confirmed",
        "unread",
    )
    assert (one.due_at, one.told_at) == (NOW + timedelta(hours=24), LATER)
    assert (one.at_once, one.overdue, one.row) == (False, False, "salmonellosis 2003-07-01")
    told = Told.objects.get()
    assert told.specimen_at == datetime(2025, 12, 5, 9, tzinfo=UTC)
    assert (told.result_at, told.intake_at) == (datetime(2026, 1, 1, 11, tzinfo=UTC), NOW)


def test_a_case_that_is_history_when_it_is_first_known_is_told_to_nobody() -> None:
    send(make_register(), salmonella(day="2025-10-31"))
    assert tell_new(LATER) == 1
    assert (Delivery.objects.count(), Told.objects.count()) == (0, 0)
    send(make_register(), salmonella(report="R2", message="M2", person=BO, day="2025-11-01"))
    tell_new(LATER)
    assert Delivery.objects.count() == 1


def test_somebody_who_moved_by_a_correction_is_told_to_both_and_the_old_one_is_not_told_where() -> (
    None
):
    register = make_register()
    send(register, salmonella(day="2025-12-05"))
    tell_new(LATER)
    send(
        register,
        salmonella(message="M2", made=2, service="M", day="2025-12-05", municipality="4601"),
    )
    tell_new(LATER)
    assert (said("municipality:0301"), said("municipality:4601")) == (["told", "moved"], ["told"])
    old = Delivery.objects.get(unit="municipality:0301")
    assert old.state == "moved"
    assert "4601" not in "".join(
        Entry.objects.filter(delivery=old.id).values_list("detail", flat=True)
    )
    # And back again: an answer is waited for anew.
    send(register, salmonella(message="M3", made=3, service="M", day="2025-12-05"))
    tell_new(LATER)
    assert said("municipality:0301") == ["told", "moved", "told-again"]
    assert said("municipality:4601") == ["told", "moved"]


def test_what_changes_is_told_in_the_same_thread() -> None:
    register = make_register()
    send(register, notified("Meslinger", onset="2025-12-05", home="0301", person=ADA))
    tell_new(LATER)
    send(
        register,
        answer(
            organism="", searches=[MEASLES], person=ADA, day="2025-12-06", mark="MSIS-M", **BLOOD
        ),
    )
    tell_new(LATER)
    assert said("municipality:0301") == ["told", "changed"]
    entry = Entry.objects.filter(what="changed").first()
    assert entry is not None
    assert msgspec.json.decode(entry.detail)["classification"][0] == "suspected"
    assert (
        Told.objects.get().facts
        == msgspec.json.encode(msgspec.json.decode(Told.objects.get().facts, type=Facts)).decode()
    )


def test_a_case_that_is_withdrawn_is_said_to_be_gone_and_comes_back_in_the_same_thread() -> None:
    register = make_register()
    send(register, salmonella(day="2025-12-05"))
    tell_new(LATER)
    send(register, salmonella(message="M2", made=2, service="C", day="2025-12-05"))
    tell_new(LATER)
    assert said("municipality:0301") == ["told", "gone"]
    assert not Told.objects.get().standing
    send(register, salmonella(message="M3", made=3, service="M", day="2025-12-05"))
    tell_new(LATER)
    assert said("municipality:0301") == ["told", "gone", "told-again"]
    assert Delivery.objects.get().state == "standing"


def test_two_cases_that_become_one_are_told_as_merged() -> None:
    """Two findings so far apart that they are two cases, until one between them makes them one."""
    register = make_register()
    send(register, salmonella(day="2025-05-10"))
    send(register, salmonella(report="R2", message="M2", day="2025-12-20"))
    tell_new(LATER, EVERYTHING)
    assert len(list_cases()) == 2
    first, second = (case.number for case in list_cases())
    # The first was taken later than was said.
    send(register, salmonella(message="M3", made=2, service="M", day="2025-12-01"))
    tell_new(LATER, EVERYTHING)
    [left] = list_cases()
    other = Delivery.objects.exclude(case=left.number).get()
    assert (other.state, other.into) == ("merged", left.number)
    assert {first, second} == {left.number, other.case}


def test_telling_twice_tells_nothing_twice() -> None:
    send(make_register(), salmonella(day="2025-12-05"))
    tell_new(LATER)
    before = list(Entry.objects.values_list("id", flat=True))
    for _ in range(3):
        assert tell_new(LATER + timedelta(days=1)) == 0
    assert list(Entry.objects.values_list("id", flat=True)) == before


def test_what_a_municipality_was_told_is_in_the_inbox_of_the_one_it_became() -> None:
    send(make_register(), salmonella(day="2025-12-05", municipality="3004"))
    tell_new(LATER)
    assert Delivery.objects.get().unit == "municipality:3107"
    Delivery.objects.update(unit="municipality:3004")  # as told before 2024
    assert [one.unit for one in list_inbox("municipality:3107", LATER, date(2026, 11, 1))] == [
        "municipality:3004"
    ]
    # It has it: what changes is told there, and not to it once more.
    send(
        make_register(),
        salmonella(message="M2", made=2, service="M", day="2025-12-04", municipality="3004"),
    )
    tell_new(LATER)
    assert Delivery.objects.count() == 1
    assert said("municipality:3004") == ["told", "changed"]


def test_what_is_passed_over_is_told_when_it_changes() -> None:
    send(make_register(), salmonella(day="2025-12-05"))
    pass_over()
    assert tell_new(LATER) == 0 and not Delivery.objects.exists()
    send(make_register(), salmonella(message="M2", made=2, service="M", day="2025-12-04"))
    tell_new(LATER)
    assert said("municipality:0301") == ["told"]


def test_no_two_rooms_wait_for_each_others_lock() -> None:
    """PostgreSQL's advisory locks are numbers of one database."""
    from varde.access.audit import rows
    from varde.followup import threads
    from varde.register import opening, store

    locks = [rows._LOCK, threads._LOCK, opening._MIGRATING, store._LOCK]
    assert len(set(locks)) == len(locks)
