"""The door under load and in trouble: nobody is told that something is kept that is not, nothing counts twice."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError

from register.answers import NOW, answer, clock, count, register_state
from varde.register import Door, DoorClosed, DoorFull, Incoming
from varde.register import door as door_module
from varde.register.opening import Register

pytestmark = pytest.mark.django_db(transaction=True)


def messages(count: int, sender: int = 91843) -> list[Incoming]:
    return [
        Incoming("", answer(f"R{n}", f"M{n}", her=str(sender)), None, f"HER:{sender}", "laboratory")
        for n in range(count)
    ]


def test_many_senders_at_once_are_all_answered_and_counted_once(register: Register) -> None:
    door = Door(register, clock)
    states: list[bool] = []

    def send(sender: int) -> None:
        for incoming in messages(15, sender):
            for _ in range(2):  # a retry that crosses the answer
                states.append(door.submit([incoming]).wait(60))

    threads = [threading.Thread(target=send, args=(91843 + n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert door.close(60)
    assert states == [True] * 180
    assert (count("message"), count("report"), count("item")) == (90, 90, 90)


def test_a_full_door_says_when_to_come_back_and_loses_nothing(register: Register) -> None:
    door = Door(register, clock, waiting_messages=5)
    held = threading.Event()
    release = threading.Event()
    usual = door._take_in

    def slow(tickets: Any) -> None:
        held.set()
        release.wait(30)
        usual(tickets)

    door._take_in = slow  # type: ignore[method-assign]
    first, *rest = messages(7)
    tickets = [door.submit([first])]
    held.wait(30)  # the worker has taken the first, and nothing more
    tickets += [door.submit([incoming]) for incoming in rest[:5]]
    with pytest.raises(DoorFull) as refused:
        door.submit([rest[5]])
    assert refused.value.seconds > 0
    release.set()
    assert [ticket.wait(60) for ticket in tickets] == [True] * 6
    assert door.submit([rest[5]]).wait(60)
    door.close(60)
    assert count("report") == 7


def test_a_closing_door_finishes_what_waits_and_lets_nobody_in(register: Register) -> None:
    door = Door(register, clock)
    tickets = [door.submit([incoming]) for incoming in messages(20)]
    assert door.close(60)
    assert all(ticket.wait(0) for ticket in tickets)
    with pytest.raises(DoorClosed):
        door.submit(messages(1))
    assert count("report") == 20


def test_what_is_kept_but_not_folded_is_folded_by_the_next(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = door_module.fold_logged
    faults = iter([OperationalError("the connection is gone"), MemoryError()])

    def fold_logged(*arguments: Any) -> Any:
        for fault in faults:
            raise fault
        return usual(*arguments)

    monkeypatch.setattr(door_module, "fold_logged", fold_logged)
    door = Door(register, clock)
    one, two, three = messages(3)
    assert door.submit([one]).wait(60) is False
    assert door.submit([two]).wait(60) is False
    assert count("message") == 2
    assert door.submit([three]).wait(60) is True
    door.close(60)
    assert (count("message"), count("report"), count("item")) == (3, 3, 3)


def test_a_clock_that_goes_back_loses_nothing(register: Register) -> None:
    times = iter(NOW - timedelta(hours=n) for n in range(1_000))
    door = Door(register, lambda: next(times))
    for incoming in messages(10):
        assert door.submit([incoming]).wait(60)
    door.close(60)
    before = register_state()
    assert (count("message"), count("report")) == (10, 10)
    again = Door(register, lambda: datetime(2027, 1, 1, tzinfo=UTC))
    for incoming in messages(10):
        assert again.submit([incoming]).wait(60)
    again.close(60)
    assert register_state() == before
