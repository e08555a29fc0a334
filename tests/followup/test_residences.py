"""Reports that say different municipalities of residence: a question that stands with the case as long as they do, from the
first telling on and not only as a change."""

from __future__ import annotations

import pytest

from followup.test_telling import DAY, LATER, salmonella
from register.answers import make_register, send
from register.case_messages import notified
from varde.followup.inbox import list_inbox
from varde.followup.models import Delivery
from varde.followup.telling import tell_new
from varde.register import current_cases, list_cases

pytestmark = pytest.mark.django_db


def form(made: int = 7, home: str = "4601") -> bytes:
    kind = "N" if made == 7 else "M"
    return notified("Salmonellose", sampled="2025-12-05", home=home, made=made, type=kind)


def asked(unit: str) -> list[bool]:
    return [one.disagreeing for one in list_inbox(unit, LATER, DAY)]


@pytest.mark.parametrize("at_once", [True, False])
def test_the_case_asks_where_the_person_lives_until_the_reports_agree(at_once: bool) -> None:
    register = make_register()
    answer = salmonella(day="2025-12-05")
    for files in [[answer, form()]] if at_once else [[form()], [answer]]:
        send(register, *files)
        tell_new(LATER)
    assert asked("municipality:4601") == [True]
    assert not Delivery.objects.filter(unit="municipality:0301", state="standing").exists()
    [case] = list_cases()
    assert current_cases([case.number])[case.number].residences == ("0301", "4601")
    send(register, form(made=9, home="0301"))
    tell_new(LATER)
    assert asked("municipality:0301") == [False]


def test_reports_that_agree_or_say_nothing_ask_nothing() -> None:
    register = make_register()
    send(register, salmonella(day="2025-12-05"), form(home=""))
    tell_new(LATER)
    assert asked("municipality:0301") == [False]
