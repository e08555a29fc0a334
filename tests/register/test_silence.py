"""Silence is judged by a sender's own rhythm; how often that warns without ground is measured here."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache

import msgspec
import pytest

from varde.codes import holidays
from varde.messages.times import OSLO
from varde.register.silence import DATA, SUNDAY, Rules, judge, rules_on
from varde.register.traffic import hour_of, start_of

RULES = rules_on(date(2026, 6, 1))
Rate = Callable[[random.Random, datetime], bool]
"""Whether something comes in the hour that begins then (Norwegian time)."""


def weekday(local: datetime) -> int:
    return SUNDAY if local.date() in holidays(local.year) else local.weekday()


def works(local: datetime) -> bool:
    return weekday(local) < 5 and 8 <= local.hour < 15


def office(chance: random.Random, local: datetime) -> bool:
    return works(local) and chance.random() < 0.95


def busy(chance: random.Random, local: datetime) -> bool:
    return chance.random() < (0.999 if works(local) else 0.75)


def small(chance: random.Random, local: datetime) -> bool:
    return works(local) and chance.random() < 0.4


def nightly(chance: random.Random, local: datetime) -> bool:
    """A batch each working day, at five, six or seven."""
    day = random.Random(f"{chance.seed_word}{local.date()}")  # type: ignore[attr-defined]
    return weekday(local) < 5 and local.hour == day.choice((5, 6, 6, 7)) and day.random() < 0.985


def even(chance: random.Random, local: datetime) -> bool:
    return chance.random() < 0.14


def seldom(chance: random.Random, local: datetime) -> bool:
    return chance.random() < 0.005


@cache
def simulate(
    rate: Rate, days: int, seed: int = 1, start: date = date(2026, 2, 2)
) -> tuple[int, ...]:
    """The hours in which something came."""
    chance = random.Random(f"{rate.__name__}{seed}")
    chance.seed_word = f"{rate.__name__}{seed}"  # type: ignore[attr-defined]
    first = hour_of(datetime(start.year, start.month, start.day, tzinfo=OSLO).astimezone(UTC))
    return tuple(
        hour
        for hour in range(first, first + days * 24)
        if rate(chance, start_of(hour).astimezone(OSLO))
    )


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=OSLO)


def until(hours: Sequence[int], moment: datetime) -> list[int]:
    return [hour for hour in hours if start_of(hour) < moment]


def test_a_night_and_a_weekend_are_no_silence_for_who_is_at_work_by_day() -> None:
    active = until(simulate(office, 100), at("2026-03-27T15:00:00"))  # a Friday
    assert judge(active, at("2026-03-30T07:30:00"), RULES).verdict == "heard"  # Monday morning
    monday = judge(active, at("2026-03-30T15:00:00"), RULES)
    assert monday.verdict == "silent"
    assert monday.due is not None and at("2026-03-30T10:00:00") < monday.due < at(
        "2026-03-30T13:00:00"
    )
    assert monday.hours == 71  # from Friday at 15, over the night in which the clock loses an hour
    assert monday.longest is not None and 64 <= monday.longest <= 66


def test_easter_is_no_silence_and_the_tuesday_after_it_is_a_working_day() -> None:
    active = until(simulate(office, 100), at("2026-04-01T00:00:00"))
    easter_monday = judge(active, at("2026-04-06T20:00:00"), RULES)
    assert easter_monday.verdict == "heard"
    assert judge(active, at("2026-04-07T15:00:00"), RULES).verdict == "silent"
    # The same number of days without holidays is one.
    assert (
        judge(
            until(simulate(office, 100), at("2026-03-04T00:00:00")),
            at("2026-03-09T20:00:00"),
            RULES,
        ).verdict
        == "silent"
    )


def test_one_who_sends_all_the_time_is_missed_within_half_a_day() -> None:
    active = simulate(busy, 60)
    last = start_of(active[-1] + 1)
    assert judge(active, last + timedelta(hours=5), RULES).verdict == "heard"
    assert judge(active, last + timedelta(hours=14), RULES).verdict == "silent"


def test_a_nightly_batch_is_missed_after_two_or_three_working_days() -> None:
    active = until(simulate(nightly, 100), at("2026-03-17T12:00:00"))  # Tuesday
    assert judge(active, at("2026-03-18T12:00:00"), RULES).verdict == "heard"
    assert judge(active, at("2026-03-20T12:00:00"), RULES).verdict == "silent"


def test_a_new_sender_is_not_judged() -> None:
    active = until(simulate(office, 100), at("2026-02-13T15:00:00"))
    assert judge(active, at("2026-06-01T12:00:00"), RULES) == judge(
        active, at("2026-06-01T12:00:00"), RULES
    )
    assert judge(active, at("2026-06-01T12:00:00"), RULES).verdict == "new"
    assert judge(active[:1], at("2026-06-01T12:00:00"), RULES).verdict == "new"


def test_a_very_rare_sender_is_never_warned_of() -> None:
    first = hour_of(at("2026-01-05T10:00:00").astimezone(UTC))
    monthly = [first, first + 31 * 24, first + 59 * 24]
    silent_for_a_year = judge(monthly, start_of(first) + timedelta(days=400), RULES)
    assert (silent_for_a_year.verdict, silent_for_a_year.due) == ("rare", None)


def test_an_outage_is_not_learnt_as_usual() -> None:
    whole = simulate(office, 100)
    gap = [h for h in whole if not at("2026-03-09T00:00") <= start_of(h) < at("2026-03-14T00:00")]
    active = until(gap, at("2026-03-27T15:00:00"))
    assert judge(active, at("2026-03-30T15:00:00"), RULES).verdict == "silent"


def test_something_that_comes_ends_the_silence() -> None:
    active = until(simulate(office, 100), at("2026-03-27T15:00:00"))
    now = at("2026-03-31T12:30:00")
    assert judge(active, now, RULES).verdict == "silent"
    again = [*active, hour_of(now.astimezone(UTC))]
    assert judge(again, now, RULES).verdict == "heard"
    assert judge(again, now, RULES).hours == 0


def test_only_the_last_weeks_are_looked_at() -> None:
    active = simulate(office, 100)
    now = start_of(active[-1]) + timedelta(days=2)
    kept = [hour for hour in active if hour > active[-1] - RULES.weeks * 168]
    assert judge(active, now, RULES) == judge(kept, now, RULES)


@pytest.mark.parametrize(
    ("rate", "at_most"), [(office, 1), (busy, 2), (small, 2), (nightly, 1), (even, 2), (seldom, 2)]
)
def test_regular_traffic_is_seldom_warned_of(rate: Rate, at_most: int) -> None:
    """False alarms in simulated traffic; about one in two years or fewer is meant. Two years of it take half
    a minute: they are looked at where VARDE_EXAMPLES asks for more than the suite has time for."""
    alarms = 0
    days = 730 if "VARDE_EXAMPLES" in os.environ else 120
    active = simulate(rate, days, start=date(2024, 11, 4))
    for place in range(1, len(active)):
        if active[place] - active[place - 1] <= RULES.least_silent_hours:
            continue
        known = [h for h in active[max(0, place - 1344) : place] if h > active[place - 1] - 1344]
        alarms += judge(known, start_of(active[place]), RULES).verdict == "silent"
    assert alarms <= (at_most if days > 365 else 0)


def test_rules_are_dated_and_say_why() -> None:
    versions = msgspec.json.decode(DATA.read_bytes(), type=list[Rules])
    assert [rules.valid_from for rules in versions] == sorted(r.valid_from for r in versions)
    for rules in versions:
        assert rules.source and len(rules.rationale) > 100
        assert rules.least_silent_hours >= 1 and 0 < rules.most_regular < 1
    assert rules_on(date(1999, 1, 1)) == versions[0]
