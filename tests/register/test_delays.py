"""How long answers take: on the first version received, against a plain reckoning."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from functools import cache

import pytest

from messages import kith_builder as kith
from register.answers import make_register
from varde.register import delays as module
from varde.register.delays import Delays, Spread, read_delays
from varde.register.intake import take_in
from varde.register.log import Incoming

pytestmark = pytest.mark.django_db
the_register = cache(make_register)
"""It holds no state but the code map, which takes long to read."""
OSLO_OFFSET = timedelta(hours=2)  # May and June


def report(
    number: str,
    taken: datetime,
    made: datetime,
    service: str = "N",
    her: str = "91843",
    version: int = 1,
) -> bytes:
    """An answer; the times are UTC and are written as Norwegian ones."""

    def local(moment: datetime) -> str:
        return (moment + OSLO_OFFSET).strftime("%Y-%m-%dT%H:%M:%S")

    patient = kith.patient(kith.specimen(collected=local(taken)), kith.culture("E. coli"))
    return kith.message(
        kith.report(patient, own=number, service=service, sender=kith.provider(her)),
        message_id=f"{number}-{version}",
        generated=local(made),
    )


def receive(at: datetime, *files: bytes) -> None:
    take_in(the_register(), [Incoming("f.xml", data) for data in files], lambda: at)


def day(number: int, hour: int = 0) -> datetime:
    return datetime(2026, 6, number, hour, tzinfo=UTC)


JUNE = (day(1), day(29))


def test_from_specimen_to_answer_to_here() -> None:
    receive(day(3, 10), report("A", day(1, 8), day(2, 8)))
    found = read_delays(*JUNE)
    assert found.whole is not None
    assert found.whole.spread == {
        "making": Spread(24, 24),
        "receiving": Spread(26, 26),
        "whole": Spread(50, 50),
    }
    assert [(p.start, p.answers) for p in found.periods] == [
        (date(2026, 6, 1), 1),
        (date(2026, 6, 8), 0),
        (date(2026, 6, 15), 0),
        (date(2026, 6, 22), 0),
        (date(2026, 6, 29), 0),
    ]
    assert found.classes == (0, 0, 0, 0, 1, 0, 0, 0, 0)
    assert (found.every, found.impossible) == (1, 0)


def test_only_the_first_version_that_was_received_counts() -> None:
    receive(day(3, 10), report("A", day(1, 8), day(2, 8)))
    receive(day(20), report("A", day(1, 8), day(19), "M", version=2))
    receive(day(21), report("B", day(1), day(2), "H"))  # a historic copy is an answer to nobody
    receive(day(22), report("C", day(21), day(22), "X"))  # unusable
    found = read_delays(*JUNE)
    assert found.whole is not None and found.whole.answers == 1
    assert found.whole.spread is not None and found.whole.spread["whole"] == Spread(50, 50)
    # Of the days after the first version alone there is nothing to tell.
    later = read_delays(day(15), day(29)).whole
    assert later is not None and later.answers == 0


def test_each_laboratory_and_each_month_by_itself() -> None:
    receive(day(3), report("A", day(1), day(2)))
    receive(day(4), report("B", day(1), day(2), her="70001"))
    receive(day(30, 23), report("C", day(30), day(30, 12)))  # the first of July in Norway
    own = read_delays(day(1), day(30) + timedelta(days=20), "month", "HER:91843")
    assert [(p.start, p.answers) for p in own.periods] == [
        (date(2026, 6, 1), 1),
        (date(2026, 7, 1), 1),
    ]
    assert read_delays(day(1), day(30), "month").periods[0].answers == 2
    assert read_delays(day(1), day(30), "month", "HER:none") == Delays()


def test_a_specimen_after_its_answer_is_told_and_left_out() -> None:
    receive(day(3), report("A", day(2, 6), day(2, 4)), report("B", day(1), day(2)))
    found = read_delays(*JUNE)
    assert found.impossible == 1
    assert found.whole is not None and found.whole.answers == 1


def test_a_clock_that_is_ahead_gives_no_negative_time() -> None:
    receive(day(3), report("A", day(2), day(3, 1)))
    found = read_delays(*JUNE)
    assert found.whole is not None and found.whole.spread is not None
    assert found.whole.spread["receiving"] == Spread(0, 0)


def test_medians_are_those_of_a_plain_reckoning(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(5)
    hours = []
    for number in range(60):
        taken = day(1) + timedelta(hours=chance.randrange(24))
        made = taken + timedelta(hours=chance.randrange(1, 60))
        received = made + timedelta(hours=chance.randrange(1, 30))
        hours.append((received - taken) / timedelta(hours=1))
        receive(received, report(f"R{number}", taken, made))
    found = read_delays(*JUNE)
    assert found.whole is not None and found.whole.spread is not None
    ordered = sorted(hours)
    assert found.whole.spread["whole"] == Spread(ordered[29], ordered[53])
    assert sum(found.classes) == found.whole.answers == 60
    # Of a large register only every n-th message is looked at, and the answer says so.
    monkeypatch.setattr(module, "MOST", 20)
    for sender in (None, "HER:91843"):
        sampled = read_delays(*JUNE, sender=sender)
        assert sampled.every == 3
        assert sampled.whole is not None and sampled.whole.answers == 20
        assert set(sampled.classes) <= set(range(21))


def test_an_empty_register_has_no_delays() -> None:
    assert read_delays(*JUNE) == Delays()
