"""Token buckets: never more than allowed, never a wait too short or too long, and nothing lost on refusal."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from varde.access.clients import Allowances, Limits, OverLimit
from varde.access.clients.limits import DAY, MINUTE, SECOND, Rate, fill, take, wait_for


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 5_000_000_000_123

    def __call__(self) -> int:
        return self.now


class Slow:
    """The plain reference: one bucket in exact fractions, filled by what has passed."""

    def __init__(self, amount: int, per: int, now: int) -> None:
        self.amount, self.per = Fraction(amount), per
        self.holds, self.at = self.amount, now

    def lacks(self, wanted: int, now: int) -> Fraction:
        self.holds = min(self.amount, self.holds + self.amount * (now - self.at) / self.per)
        self.at = now
        return max(Fraction(0), wanted - self.holds)


class Call(NamedTuple):
    """So long after the one before, one request of so many bytes."""

    after: int
    size: int


CALLS = st.lists(
    st.builds(
        Call,
        st.one_of(st.just(0), st.integers(0, 2 * SECOND), st.integers(0, DAY)),
        st.integers(0, 120),
    ),
    max_size=40,
)
LIMITS = st.builds(Limits, st.integers(1, 7), st.integers(1, 100))


@given(LIMITS, CALLS)
def test_buckets_agree_with_the_reference(limits: Limits, calls: list[Call]) -> None:
    clock = Clock()
    allowances = Allowances(clock)
    requests = Slow(limits.requests_per_minute, MINUTE, clock.now)
    volume = Slow(limits.bytes_per_day, DAY, clock.now)
    for call in calls:
        clock.now += call.after
        lacking = requests.lacks(1, clock.now), volume.lacks(call.size, clock.now)
        if call.size > limits.bytes_per_day:
            with pytest.raises(OverLimit) as refused:
                allowances.spend("a", limits, call.size)
            assert (refused.value.code, refused.value.retry_after) == ("larger-than-limit", None)
        elif any(lacking):
            with pytest.raises(OverLimit) as refused:
                allowances.spend("a", limits, call.size)
            waits = [
                lack * slow.per / slow.amount / SECOND
                for lack, slow in zip(lacking, (requests, volume), strict=True)
            ]
            assert refused.value.retry_after is not None
            assert max(waits) <= refused.value.retry_after < max(waits) + 1 + Fraction(1, SECOND)
            assert refused.value.status == 429
        else:
            allowances.spend("a", limits, call.size)
            requests.holds -= 1
            volume.holds -= call.size


@given(LIMITS, CALLS)
def test_in_no_minute_and_no_day_more_than_twice_the_limit(
    limits: Limits, calls: list[Call]
) -> None:
    clock = Clock()
    allowances = Allowances(clock)
    passed: list[tuple[int, int]] = []
    for call in calls:
        clock.now += call.after
        try:
            allowances.spend("a", limits, call.size)
        except OverLimit:
            continue
        passed.append((clock.now, call.size))
    for start, _ in passed:
        minute = [size for at, size in passed if start <= at < start + MINUTE]
        day = [size for at, size in passed if start <= at < start + DAY]
        assert len(minute) < 2 * limits.requests_per_minute + 1
        assert sum(day) <= 2 * limits.bytes_per_day


@given(LIMITS, CALLS)
def test_whoever_waits_as_told_is_let_in(limits: Limits, calls: list[Call]) -> None:
    clock = Clock()
    allowances = Allowances(clock)
    for call in calls:
        clock.now += call.after
        size = min(call.size, limits.bytes_per_day)
        try:
            allowances.spend("a", limits, size)
        except OverLimit as refused:
            assert refused.retry_after is not None and refused.retry_after >= 1
            clock.now += refused.retry_after * SECOND
            allowances.spend("a", limits, size)


@given(
    st.integers(1, 10**10), st.integers(1, 10**14), st.integers(0, 10**15), st.integers(0, 10**10)
)
def test_the_wait_is_exact_to_the_nanosecond(
    amount: int, per: int, passed: int, first: int
) -> None:
    rate = Rate(amount, per)
    first = min(first, amount)
    level = fill(take(fill(None, rate, 0), rate, first), rate, passed)
    wait = wait_for(level, rate, amount)
    assert wait_for(fill(level, rate, passed + wait), rate, amount) == 0
    if wait:
        assert wait_for(fill(level, rate, passed + wait - 1), rate, amount) == 1


def test_the_answer_says_what_there_is_too_much_of() -> None:
    clock = Clock()
    allowances = Allowances(clock)
    limits = Limits(requests_per_minute=2, bytes_per_day=100)
    allowances.spend("a", limits, 60)
    with pytest.raises(OverLimit) as refused:
        allowances.spend("a", limits, 60)
    assert (refused.value.code, refused.value.retry_after) == ("too-many-bytes", 17_280)
    allowances.spend("a", limits, 40)  # what was refused has taken nothing
    with pytest.raises(OverLimit) as refused:
        allowances.spend("a", limits, 0)
    assert (refused.value.code, refused.value.retry_after) == ("too-many-requests", 30)
    assert refused.value.claimed == "a" and refused.value.proven


def test_one_client_takes_nothing_from_another() -> None:
    allowances = Allowances(Clock())
    limits = Limits(1, 1)
    allowances.spend("a", limits, 1)
    allowances.spend("b", limits, 1)


def test_a_clock_that_goes_back_fills_nothing() -> None:
    clock = Clock()
    allowances = Allowances(clock)
    allowances.spend("a", Limits(1, 10), 0)
    for moved in (-MINUTE, MINUTE - 1):
        clock.now += moved
        with pytest.raises(OverLimit):
            allowances.spend("a", Limits(1, 10), 0)
    clock.now += MINUTE + 1
    allowances.spend("a", Limits(1, 10), 0)


def test_a_limit_that_was_lowered_counts_at_once() -> None:
    allowances = Allowances(Clock())
    allowances.spend("a", Limits(100, 10), 0)
    allowances.spend("a", Limits(1, 10), 0)
    with pytest.raises(OverLimit):
        allowances.spend("a", Limits(1, 10), 0)


def test_threads_share_one_allowance() -> None:
    allowances = Allowances(Clock())

    def attempt(_: int) -> bool:
        try:
            allowances.spend("a", Limits(50, 10), 0)
        except OverLimit:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(400))) == 50
