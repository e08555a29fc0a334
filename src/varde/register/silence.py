"""Has a sender fallen silent? Judged by its own rhythm, and by nothing else.

How unusual a silence is: minus the logarithm of how probable it would be by chance. Two ways of
reckoning it, because senders are of two sorts; the larger counts.

- By hours: for each hour of the week, how often something came in it. A silent hour adds −ln(1 − p): much
  on a Tuesday at ten, next to nothing at night. That is for those who send all the time.
- By days: for each day of the week, how often something came on it, and by what o'clock. That is for those
  who send once a day, at six one day and at seven the next.

Public holidays and the eves before them count as Sundays. The silence of a gap in the middle of a night
is judged like any other: what has not come was not expected.

A warning is due when the silence is so unusual that chance would give fewer than so many in a year
(`Rules.false_alarms_a_year`), more unusual than the sender's own gaps, and long enough.

Pure: the same hours, time and rules give the same verdict.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from itertools import pairwise
from math import ceil, log, log1p
from pathlib import Path
from typing import Literal

import msgspec

from varde.codes import holidays
from varde.messages.times import OSLO
from varde.register.traffic import hour_of, start_of

DATA = Path(__file__).with_name("data") / "silence.json"
WEEK = 7 * 24
YEAR = 365.25 * 24
SATURDAY, SUNDAY = 5, 6
_HORIZON = 10 * WEEK

Verdict = Literal["new", "rare", "heard", "silent"]
"""Known too short, heard too seldom to have a rhythm, heard as usual, silent beyond what is usual."""


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a silence is worth a warning: one entry of ``data/silence.json``.

    Attributes:
        valid_from: the first day it holds.
        weeks: how far back the rhythm is learnt, up to when something last came.
        least_days: a sender known for a shorter time is new.
        least_active_hours: one heard in fewer different hours is rare.
        false_alarms_a_year: how many warnings without ground chance may give, for one sender and kind.
        usual_share: the share of the sender's own gaps that count as usual.
        margin: how much more unusual than those a silence must be.
        least_silent_hours: a shorter silence is never warned of.
        most_regular: nobody is taken to be more regular than this.
        prior: how many weeks' observations the days of one sort weigh together, against each one's own.
    """

    valid_from: date
    source: str
    rationale: str
    weeks: int
    least_days: int
    least_active_hours: int
    false_alarms_a_year: float
    usual_share: float
    margin: float
    least_silent_hours: int
    most_regular: float
    prior: float


@dataclass(frozen=True)
class Silence:
    """What there is to say about a sender that nothing comes from.

    Attributes:
        hours: whole hours without anything, up to now.
        longest: the longest gap, in hours, of the time its rhythm was learnt from, the very longest left
            out; None for one that has no rhythm.
        due: when a warning is due unless something comes; None when it never is.
    """

    verdict: Verdict
    hours: int
    longest: int | None = None
    due: datetime | None = None


@cache
def _versions() -> tuple[Rules, ...]:
    found = msgspec.json.decode(DATA.read_bytes(), type=tuple[Rules, ...])
    return tuple(sorted(found, key=lambda rules: rules.valid_from))


def rules_on(day: date) -> Rules:
    """The rules that hold on a day; before the first of them, the first."""
    valid = [rules for rules in _versions() if rules.valid_from <= day]
    return (valid or list(_versions()[:1]))[-1]


def judge(active: Sequence[int], now: datetime, rules: Rules) -> Silence:
    """Whether a sender is silent beyond what is usual for it.

    Args:
        active: the hours (`traffic.hour_of`) in which something came, in order, each once; those of
            `Rules.weeks` weeks up to the last one are enough.
        now: the time of the question.
    """
    return _judge(tuple(active), hour_of(now), rules)


@lru_cache(maxsize=2048)
def _judge(active: tuple[int, ...], now: int, rules: Rules) -> Silence:
    last = active[-1]
    start = max(active[0], last - rules.weeks * WEEK + 1)
    active = tuple(hour for hour in active if hour >= start)
    silent = max(0, now - last - 1)
    if last - start < rules.least_days * 24:
        return Silence("new", silent)
    if len(active) < rules.least_active_hours:
        return Silence("rare", silent)
    rhythm = _learn(active, rules)
    gaps = sorted(later - earlier - 1 for earlier, later in pairwise(active))
    limit = _limit(active, rhythm, rules)
    due = None
    for hour, unusual in _follow(rhythm, last, _HORIZON):
        if unusual >= limit and hour - last >= rules.least_silent_hours:
            due = hour + 1
            break
    return Silence(
        "silent" if due is not None and now >= due else "heard",
        silent,
        longest=gaps[-2],
        due=start_of(due) if due is not None else None,
    )


@dataclass(frozen=True)
class _Rhythm:
    """What is usual for one sender.

    Attributes:
        hourly: for weekday and hour, how unusual it is that nothing comes.
        daily: for each weekday, how often something comes on it.
        by: for weekday and hour, the share of the days with something on which the first of it has come
            when the hour is over.
        hours, days: how many hours and days with something it was learnt from.
    """

    hourly: tuple[tuple[float, ...], ...]
    daily: tuple[float, ...]
    by: tuple[tuple[float, ...], ...]
    hours: int
    days: int


@lru_cache(maxsize=1 << 16)
def _place(hour: int) -> tuple[int, int, int]:
    """Norwegian day (its ordinal), day of the week (holidays are Sundays) and hour of the day."""
    local = start_of(hour).astimezone(OSLO)
    day = local.date()
    return day.toordinal(), SUNDAY if day in holidays(day.year) else day.weekday(), local.hour


def _sort(weekday: int) -> int:
    """Days of one sort resemble each other: working days, Saturdays, Sundays."""
    return max(0, weekday - SATURDAY + 1)


def _learn(active: Sequence[int], rules: Rules) -> _Rhythm:
    heard = set(active)
    hours_seen: dict[tuple[int, int], int] = defaultdict(int)
    hours_heard: dict[tuple[int, int], int] = defaultdict(int)
    weekdays: dict[int, int] = {}
    first_hour: dict[int, int] = {}
    for hour in range(active[0], active[-1] + 1):
        day, weekday, clock = _place(hour)
        weekdays[day] = weekday
        hours_seen[weekday, clock] += 1
        if hour in heard:
            hours_heard[weekday, clock] += 1
            first_hour.setdefault(day, clock)
    days_seen: dict[tuple[int, int], int] = defaultdict(int)
    days_heard: dict[tuple[int, int], int] = defaultdict(int)
    firsts: dict[int, list[int]] = defaultdict(list)
    for day, weekday in weekdays.items():
        days_seen[weekday, 0] += 1
        if day in first_hour:
            days_heard[weekday, 0] += 1
            firsts[_sort(weekday)].append(first_hour[day])
    every = list(first_hour.values())
    hourly = [
        _shares(hours_seen, hours_heard, clock, len(active) / sum(hours_seen.values()), rules)
        for clock in range(24)
    ]
    by_sort = [
        tuple(_share_by(firsts[sort] or every, clock) for clock in range(24)) for sort in range(3)
    ]
    return _Rhythm(
        hourly=tuple(
            tuple(-log(1 - hourly[clock][weekday]) for clock in range(24)) for weekday in range(7)
        ),
        daily=tuple(_shares(days_seen, days_heard, 0, len(every) / len(weekdays), rules)),
        by=tuple(by_sort[_sort(weekday)] for weekday in range(7)),
        hours=len(active),
        days=len(every),
    )


def _share_by(firsts: Sequence[int], clock: int) -> float:
    return sum(first <= clock for first in firsts) / len(firsts)


def _shares(
    seen: dict[tuple[int, int], int],
    heard: dict[tuple[int, int], int],
    clock: int,
    overall: float,
    rules: Rules,
) -> list[float]:
    """For each weekday, how often something came: its own experience, drawn towards that of its sort, and
    that towards what holds for any hour or day. A day seen once says little."""
    sorts = []
    for sort in range(3):
        days = [weekday for weekday in range(7) if _sort(weekday) == sort]
        n = sum(seen[weekday, clock] for weekday in days)
        k = sum(heard[weekday, clock] for weekday in days)
        sorts.append((k + rules.prior * overall) / (n + rules.prior))
    return [
        min(
            rules.most_regular,
            (heard[weekday, clock] + rules.prior * sorts[_sort(weekday)])
            / (seen[weekday, clock] + rules.prior),
        )
        for weekday in range(7)
    ]


def _follow(rhythm: _Rhythm, last: int, most: int) -> Iterator[tuple[int, float]]:
    """Each hour after the last one heard in, and how unusual it is that nothing came up to its end."""
    heard_on = today = _place(last)[0]
    by_hours = days_before = this_day = 0.0
    for hour in range(last + 1, last + 1 + most):
        day, weekday, clock = _place(hour)
        by_hours += rhythm.hourly[weekday][clock]
        if day != today:
            today = day
            days_before += this_day
        if day != heard_on:
            this_day = -log(1 - rhythm.daily[weekday] * rhythm.by[weekday][clock])
        yield (
            hour,
            max(_doubt(by_hours, rhythm.hours), _doubt(days_before + this_day, rhythm.days)),
        )


def _doubt(unusual: float, n: int) -> float:
    """How unusual a silence is when the rhythm itself is only known from `n` observations.

    With a gamma distribution for the unknown rate, nothing in the time of S expected events has the
    probability (1 + S/n)⁻ⁿ in place of e⁻ˢ.
    """
    return n * log1p(unusual / n)


def _limit(active: Sequence[int], rhythm: _Rhythm, rules: Rules) -> float:
    """How unusual a silence must be to be worth a warning."""
    own = sorted(
        max((unusual for _, unusual in _follow(rhythm, earlier, later - earlier - 1)), default=0.0)
        for earlier, later in pairwise(active)
    )
    usual = own[min(ceil(rules.usual_share * len(own)), len(own) - 1) - 1]
    gaps_a_year = len(own) * YEAR / (active[-1] - active[0] + 1)
    chance = min(rules.false_alarms_a_year / gaps_a_year, 0.5)
    return max(-log(chance), rules.margin * usual)
