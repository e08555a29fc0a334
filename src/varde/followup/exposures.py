"""What people at an event may have it from: who took it and fell ill, which cases did, and samples of it.

Counts are of everybody who was asked, the well ones too, who are no cases; so they are said and not worked out. No name
and no number stands here, but a case's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import lru_cache
from math import comb, exp, lgamma, log, sqrt
from typing import NamedTuple, TypeVar

from varde.followup.events import EventProblem, cases_in, keep_words
from varde.followup.lineage import heirs_of
from varde.followup.models import Event, EventExposure, EventSample, ExposureAnswer
from varde.followup.threads import alone
from varde.messages.times import norwegian_day

ANSWERS = ("yes", "no", "")
LONGEST_NAME, LONGEST_ANSWER = 120, 400
MOST_ROWS = 60
"""Exposures, or samples, of one event."""
MOST_PERSONS = 100_000
MOST_EXACT = 3_000
"""Persons up to whom a probability is worked out in whole numbers; of more, by logarithms."""
FAR = 40
"""Standard deviations."""
Z_95 = 1.959963984540054
_Row = TypeVar("_Row", EventExposure, EventSample)


class Counts(NamedTuple):
    """How many took something and fell ill or not, and how many did not take it."""

    ate_ill: int
    ate_well: int
    not_ill: int
    not_well: int


class Risk(NamedTuple):
    """What counts say; None where it cannot be worked out, which is never the same as nought.

    Attributes:
        ate, others: attack rates, shares of 1, of those who took it and those who did not.
        ratio: the first divided by the second, with its 95 % interval.
    """

    ate: float | None
    others: float | None
    ratio: float | None
    low: float | None
    high: float | None


class SaidExposure(NamedTuple):
    """What is said of an exposure; fields as those of `varde.followup.models.EventExposure`."""

    what: str
    place: str = ""
    day: date | None = None
    counts: Counts | None = None


class SaidSample(NamedTuple):
    """What is said of a sample; fields as those of `varde.followup.models.EventSample`."""

    what: str
    taken: date
    laboratory: str = ""
    answer: str = ""
    answered: date | None = None


def weigh(counts: Counts) -> Risk:
    """Attack rates, and the relative risk with its 95 % interval on the logarithmic scale (Katz and others, 1978).

    Without anybody ill among the others there is no ratio. It is nought where nobody fell ill among those who took it;
    there is no interval then, and none without anybody well.
    """
    ate, others = counts.ate_ill + counts.ate_well, counts.not_ill + counts.not_well
    first = counts.ate_ill / ate if ate else None
    second = counts.not_ill / others if others else None
    if first is None or not second:
        return Risk(first, second, None, None, None)
    ratio = first / second
    if not first:
        return Risk(first, second, ratio, None, None)
    spread = 1 / counts.ate_ill - 1 / ate + 1 / counts.not_ill - 1 / others
    if spread <= 0:
        return Risk(first, second, ratio, None, None)
    away = Z_95 * sqrt(spread)
    return Risk(first, second, ratio, exp(log(ratio) - away), exp(log(ratio) + away))


def difference(counts: Counts) -> float | None:
    """The attack rate of those who took it less that of the others, a share of 1; None without anybody on one of the
    sides."""
    risk = weigh(counts)
    return None if risk.ate is None or risk.others is None else risk.ate - risk.others


@lru_cache(maxsize=1024)
def chance(counts: Counts) -> float | None:
    """The two-sided probability of counts by chance alone, where those who took it fell ill no oftener than the others:
    Fisher's exact test (R. A. Fisher, Statistical Methods for Research Workers, 1934, § 21.02), the sum over all tables
    with the same margins that are no likelier than this one. None without anybody on one of the sides, or without
    anybody ill, or well.
    """
    ate, others = counts.ate_ill + counts.ate_well, counts.not_ill + counts.not_well
    ill = counts.ate_ill + counts.not_ill
    if not ate or not others or not 0 < ill < ate + others:
        return None
    seen = range(max(0, ill - others), min(ate, ill) + 1)
    if ate + others <= MOST_EXACT:
        ways = comb(ate, seen.start) * comb(others, ill - seen.start)
        weights = []
        for one in seen:
            weights.append(ways)
            ways = ways * (ate - one) * (ill - one) // ((one + 1) * (others - ill + one + 1))
        least = weights[counts.ate_ill - seen.start]
        return sum(each for each in weights if each <= least) / sum(weights)
    # What lies so far from the mean adds nothing that a number can hold.
    everybody = ate + others
    mean = ate * ill / everybody
    away = FAR * sqrt(mean * others * (everybody - ill) / everybody / (everybody - 1)) + FAR
    near = range(max(seen.start, int(mean - away)), min(seen.stop, int(mean + away) + 1))
    logs = [_ways(ate, one) + _ways(others, ill - one) for one in near]
    this = _ways(ate, counts.ate_ill) + _ways(others, counts.not_ill)
    most, bound = max(logs), this + 1e-7
    return sum(exp(each - most) for each in logs if each <= bound) / sum(
        exp(each - most) for each in logs
    )


def _ways(all_of_them: int, chosen: int) -> float:
    """The logarithm of how many choices there are."""
    return lgamma(all_of_them + 1) - lgamma(chosen + 1) - lgamma(all_of_them - chosen + 1)


def counts_of(exposure: EventExposure) -> Counts | None:
    """The counts of an exposure; None when nobody has counted."""
    found = (exposure.ate_ill, exposure.ate_well, exposure.not_ill, exposure.not_well)
    return None if None in found else Counts(*found)


# --- what is said ---------------------------------------------------------------------------------


def keep_exposure(
    event: int, said: SaidExposure, by: str, now: datetime, exposure: int = 0
) -> EventExposure:
    """Keep an exposure of an open event, or what is said of one now.

    Args:
        exposure: its number; 0 for a new one.

    Raises:
        EventProblem: something cannot be kept; the event is closed, or has no such exposure.
    """
    what, place = _named(said.what), keep_words(said.place, LONGEST_NAME)
    _check_day(said.day, now)
    if said.counts is not None and not all(0 <= one <= MOST_PERSONS for one in said.counts):
        raise EventProblem("counts", "these are no numbers of persons")
    numbers: Mapping[str, int | None] = (
        dict.fromkeys(Counts._fields) if said.counts is None else said.counts._asdict()
    )
    with _open(event):
        row = _row(EventExposure, event, exposure)
        others = EventExposure.objects.filter(event=event).exclude(id=row.id)
        if what.casefold() in {one.what.casefold() for one in others}:
            raise EventProblem("twice", "the event has an exposure of this name")
        row.what, row.place, row.day = what, place, said.day
        row.said_at, row.said_by = now, by
        for name, value in numbers.items():
            setattr(row, name, value)
        row.save()
        return row


def keep_sample(
    event: int, said: SaidSample, by: str, now: datetime, sample: int = 0
) -> EventSample:
    """Keep a sample of an open event, or what is said of one now: its answer.

    Raises:
        EventProblem: as of `keep_exposure`.
    """
    what, laboratory = _named(said.what), keep_words(said.laboratory, LONGEST_NAME)
    answer = keep_words(said.answer, LONGEST_ANSWER)
    _check_day(said.taken, now)
    _check_day(said.answered, now)
    if bool(answer.strip()) != (said.answered is not None):
        raise EventProblem("answer", "an answer has a day, and a day an answer")
    if said.answered is not None and said.answered < said.taken:
        raise EventProblem("when", "the answer is from before the sample")
    with _open(event):
        row = _row(EventSample, event, sample)
        row.what, row.taken, row.laboratory = what, said.taken, laboratory
        row.answer, row.answered = answer, said.answered
        row.said_at, row.said_by = now, by
        row.save()
        return row


def remove_exposure(event: int, exposure: int) -> bool:
    """Remove an exposure with what was said of cases; False when there is none."""
    with _open(event):
        gone = EventExposure.objects.filter(event=event, id=exposure).delete()[0]
        if gone:
            ExposureAnswer.objects.filter(exposure=exposure).delete()
        return bool(gone)


def remove_sample(event: int, sample: int) -> bool:
    """Remove a sample; False when there is none."""
    with _open(event):
        return bool(EventSample.objects.filter(event=event, id=sample).delete()[0])


def say_answers(
    event: int, case: int, answers: Mapping[int, str], by: str, now: datetime
) -> list[int]:
    """Say whether a case of an open event took what may have made it ill; the exposures of which that is news.

    Args:
        answers: exposure → yes, no, or empty.

    Raises:
        EventProblem: the case is not in the event, the event is closed or has no such exposure, or this is no answer.
    """
    with _open(event):
        if case not in {one.number for one in cases_in(event)}:
            raise EventProblem("no-case", "the case is not in the event")
        there = {one.id for one in exposures_of(event)}
        if not there.issuperset(answers) or not set(answers.values()) <= set(ANSWERS):
            raise EventProblem("counts", "there is no such exposure or answer")
        before = answers_in(event).get(case, {})
        news = [one for one, answer in answers.items() if before.get(one, "") != answer]
        ExposureAnswer.objects.bulk_create(
            ExposureAnswer(exposure=one, case=case, answer=answers[one], at=now, by=by)
            for one in news
        )
        return news


# --- what is known --------------------------------------------------------------------------------


def exposures_of(event: int) -> Sequence[EventExposure]:
    """The exposures of an event, in the order in which they were said."""
    return list(EventExposure.objects.filter(event=event).order_by("id"))


def samples_of(event: int) -> Sequence[EventSample]:
    """The samples of an event, by the day they were taken."""
    return list(EventSample.objects.filter(event=event).order_by("taken", "id"))


def answers_in(event: int) -> Mapping[int, Mapping[int, str]]:
    """Case → exposure → yes or no, by what was said last; of a case that is none any more, under the one that took over."""
    exposures = EventExposure.objects.filter(event=event).values("id")
    rows = list(ExposureAnswer.objects.filter(exposure__in=exposures).order_by("id"))
    heirs = heirs_of({row.case for row in rows})
    found: dict[int, dict[int, str]] = {}
    for row in rows:
        found.setdefault(heirs[row.case], {})[row.exposure] = row.answer
    return found


@contextmanager
def _open(event: int) -> Iterator[None]:
    with alone():
        if Event.objects.get(id=event).closed_at is not None:
            raise EventProblem("closed", "the event is closed")
        yield


def _row(model: type[_Row], event: int, number: int) -> _Row:
    there = model.objects.filter(event=event)
    if number:
        found: _Row | None = there.filter(id=number).first()
        if found is None:
            raise EventProblem("row", "the event has no such row")
        return found
    if there.count() >= MOST_ROWS:
        raise EventProblem("many", f"there are {MOST_ROWS} already")
    return model(event=event)


def _named(text: str) -> str:
    words = " ".join(keep_words(text, LONGEST_NAME).split())
    if not words:
        raise EventProblem("empty", "say what it was")
    return words


def _check_day(day: date | None, now: datetime) -> None:
    today = norwegian_day(now)
    if day is not None and not today - timedelta(days=3660) <= day <= today:
        raise EventProblem("when", "the day lies in the future, or long ago")
