"""Whoever was told in another's place has a case so long as that one has it; a case of another person is another case."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from followup.test_reminding import after
from followup.test_telling import LATER, said
from register.answers import send
from register.case_messages import ADA, BO, notified
from register.told import linked_register
from varde.followup import inbox
from varde.followup.inbox import changes_in, read_entries
from varde.followup.models import Delivery, Told
from varde.followup.reminding import remind
from varde.followup.tables import DeputyRow, Tables, tables
from varde.followup.telling import tell_new
from varde.register import Register, list_cases, replay

pytestmark = pytest.mark.django_db
OSLO, BERGEN, DEPUTY = "municipality:0301", "municipality:4601", "municipality:3201"
ADMINISTRATOR = "state-administrator:03"


def with_deputy() -> Tables:
    row = DeputyRow(unit=OSLO, deputy=DEPUTY, valid_from=date(2024, 1, 1), source="a test")
    return msgspec.structs.replace(tables(), deputies=(row,))


def measles(register: Register, made: int = 7, **more: Any) -> None:
    given = {"onset": "2025-12-05", "home": "0301", "made": made} | more
    given.setdefault("type", "N" if made == 7 else "M")
    send(register, notified("Meslinger", **given))
    tell_new(LATER if made == 7 else after(hours=4 + made))


def state(unit: str) -> str:
    return str(Delivery.objects.get(unit=unit).state)


def test_who_stands_in_for_a_unit_goes_when_the_case_moves_from_it() -> None:
    register, known = linked_register(), with_deputy()
    measles(register)
    inbox.receipt(Delivery.objects.get(unit="national").id, "vakt", after(minutes=1))
    remind(after(hours=1), known)
    remind(after(hours=3), known)
    assert {state(DEPUTY), state(ADMINISTRATOR)} == {"standing"}
    measles(register, 8, home="4601")
    assert [said(unit)[-1] for unit in (OSLO, DEPUTY, ADMINISTRATOR)] == ["moved"] * 3
    assert (state(BERGEN), state("national")) == ("standing", "standing")
    assert not Delivery.objects.filter(unit=DEPUTY, state="standing").exists()
    # Nobody of them is reminded, or told of what becomes known later.
    before = said(DEPUTY)
    remind(after(days=2), known)
    measles(register, 9, home="4601", onset="2025-12-04")
    assert said(DEPUTY) == before


def test_who_stands_in_for_one_that_keeps_the_case_stays() -> None:
    register = linked_register()
    measles(register)
    remind(after(hours=1))
    remind(after(hours=3))
    # The officer behind was told because neither Oslo nor the officer on duty answered.
    assert state("national-backup") == "standing"
    measles(register, 8, home="4601")
    assert state("national-backup") == "standing"
    assert state(ADMINISTRATOR) == "moved"


def test_the_case_back_again_is_answered_for_anew_before_others_are_told() -> None:
    register, known = linked_register(), with_deputy()
    measles(register)
    remind(after(hours=1), known)
    measles(register, 8, home="4601")
    measles(register, 9)
    assert (state(OSLO), state(DEPUTY)) == ("standing", "moved")
    remind(after(days=1), known)
    assert state(DEPUTY) == "standing"
    assert said(DEPUTY)[-1] in ("unanswered", "reminded")


def test_one_that_had_the_case_itself_and_stands_in_now_goes_with_whom_it_stands_in_for() -> None:
    register, known = linked_register(), with_deputy()
    measles(register, home="3201")
    measles(register, 8)
    assert (state(DEPUTY), state(OSLO)) == ("moved", "standing")
    remind(after(days=1), known)
    assert Delivery.objects.get(unit=DEPUTY).receiver == "escalation"
    measles(register, 9, onset="2025-12-04")
    assert state(DEPUTY) == "standing"
    measles(register, 10, home="4601")
    assert state(DEPUTY) == "moved"


def test_a_stand_in_is_told_when_the_case_is_gone_and_when_it_is_back() -> None:
    register, known = linked_register(), with_deputy()
    measles(register)
    remind(after(hours=1), known)
    measles(register, 8, type="C")
    assert state(DEPUTY) == "gone"
    measles(register, 9)
    assert (state(OSLO), said(DEPUTY)[-1]) == ("standing", "told-again")


def test_another_person_under_the_same_number_is_told_anew_with_a_new_receipt() -> None:
    register = linked_register()
    measles(register)
    [old] = [one.number for one in list_cases()]
    for unit in (OSLO, "national"):
        inbox.receipt(Delivery.objects.get(unit=unit).id, "kari", after(minutes=1))
    measles(register, 8, person=BO)
    [new] = [one.number for one in list_cases()]
    assert new != old
    for unit in (OSLO, "national"):
        gone = Delivery.objects.get(unit=unit, case=old)
        assert gone.state == "gone"
        assert changes_in(read_entries([gone.id])[-1])["why"] == [
            ["notification", "HER:9900501", "another-person"]
        ]
        told = Delivery.objects.get(unit=unit, case=new)
        assert (told.state, told.receipted_at) == ("standing", None)
    assert Told.objects.get(case=old).heir is None
    replay(register, lambda: after(days=1))
    assert tell_new(after(days=1)) == 0


def test_a_number_for_the_same_person_is_a_change_and_the_receipt_stands() -> None:
    register = linked_register()
    measles(register, person=None)
    [number] = [one.number for one in list_cases()]
    inbox.receipt(Delivery.objects.get(unit=OSLO).id, "kari", after(minutes=1))
    measles(register, 8, person="01818000282")
    assert [one.number for one in list_cases()] == [number]
    thread = Delivery.objects.get(unit=OSLO)
    assert thread.receipted_at is not None
    last = read_entries([thread.id])[-1]
    assert (last.what, "person" in changes_in(last)) == ("changed", True)
    measles(register, 9, person="01818000282", home="0301", onset="2025-12-04")
    assert "person" not in changes_in(read_entries([thread.id])[-1])


def test_one_more_form_about_the_same_person_says_nothing_of_the_person() -> None:
    register = linked_register()
    measles(register, person=ADA)
    measles(register, 8, person=ADA, number="N2", onset="2025-12-04")
    thread = Delivery.objects.get(unit=OSLO)
    assert all("person" not in changes_in(one) for one in read_entries([thread.id]))
