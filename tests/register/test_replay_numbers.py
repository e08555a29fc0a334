"""A replay that is the first to see a version about another person does not carry the case's number over to that person."""

from __future__ import annotations

import pytest

from register.answers import answer, clock, count, make_register, send
from register.case_messages import ADA, BO, SALMONELLA, STOOL
from varde.register import list_cases, replay
from varde.register.casework.changes import changes_after, newest_change
from varde.register.log import Incoming, append
from varde.register.opening import Register

pytestmark = pytest.mark.django_db


def said(person: str, made: int) -> bytes:
    service = "M" if made > 1 else "N"
    return answer(
        "R1", f"M{made}", organism=SALMONELLA, person=person, made=made, service=service, **STOOL
    )  # type: ignore[arg-type]


def leave_unfolded(register: Register, data: bytes) -> None:
    """What a crash between the log and the fold leaves."""
    append([Incoming("x.xml", data)], register.sealer, clock())


def test_a_version_that_a_crash_left_unfolded() -> None:
    register = make_register()
    send(register, said(ADA, 1))
    [first] = list_cases()
    before = newest_change()
    leave_unfolded(register, said(BO, 2))
    replay(register, clock)
    [case] = list_cases()
    assert case.number != first.number
    told = [(one.change.what, one.change.number) for one in changes_after(before)]
    assert sorted(told) == sorted([("new", case.number), ("gone", first.number)])
    send(register, said(ADA, 3))
    assert [one.number for one in list_cases()] == [first.number], "and the first gets it back"


def test_a_replay_counts_what_a_crash_left_once() -> None:
    register = make_register()
    send(register, said(ADA, 1))
    leave_unfolded(register, said(BO, 2))
    result = replay(register, clock)
    assert (result.messages, result.counts.received, result.counts.accepted) == (2, 2, 2)
    assert result.cases_added and result.cases_removed
    assert count("item") == 2 and count("receipt") == 2
