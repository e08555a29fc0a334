"""A form on a long illness, of which nothing was found, is of the day it was first made: whatever is put right later, and
in whatever order the versions come."""

from __future__ import annotations

from itertools import permutations

import pytest
from django.db import transaction

from register.answers import PERSONS, clock, make_register, send
from register.case_messages import notified
from varde.register import list_cases, replay

pytestmark = pytest.mark.django_db

ADA, BO, _ = PERSONS


def form(made: int, **more: object) -> bytes:
    said = {"onset": "2024-03-01", "type": "N" if made == 7 else "M", "made": made} | more
    return notified("Hepatitt B", "N1", **said)  # type: ignore[arg-type]


def seen() -> list[tuple[str, str]]:
    return [(one.disease, str(one.first_day)) for one in list_cases()]


@pytest.mark.parametrize("onset", ["2024-03-01", None])
def test_any_order_of_versions_gives_the_same_day(onset: str | None) -> None:
    versions = [form(7, onset=onset), form(20, onset=onset, contact="2"), form(28, onset=onset)]
    answers = []
    for order in permutations([*versions, versions[0]]):
        with transaction.atomic():
            register = make_register()
            for one in order:
                send(register, one)
            answers.append(seen())
            replay(register, clock)
            answers.append(seen())
            transaction.set_rollback(True)
    assert answers == [[("hepatitis-b", "2026-01-07")]] * len(answers)


def test_an_earlier_version_that_comes_late_moves_the_case_and_keeps_its_number() -> None:
    register = make_register()
    send(register, form(20))
    assert seen() == [("hepatitis-b", "2026-01-20")]
    [before] = list_cases()
    send(register, form(7))
    assert seen() == [("hepatitis-b", "2026-01-07")]
    assert [one.number for one in list_cases()] == [before.number]


def test_what_was_made_of_somebody_else_dates_nothing() -> None:
    register = make_register()
    send(register, form(7, person=BO), form(20, person=ADA))
    assert seen() == [("hepatitis-b", "2026-01-20")]


def test_a_withdrawal_dates_nothing_and_what_is_sent_again_is_of_the_first_day() -> None:
    register = make_register()
    send(register, form(7), form(9, type="C"))
    assert seen() == []
    send(register, form(12))
    assert seen() == [("hepatitis-b", "2026-01-07")]
