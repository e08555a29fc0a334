"""Cases for an event, chosen from a list: those of a unit that fit it, joined and taken out several at once, with a reason."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta

from varde.cases import CLASSES
from varde.followup import events
from varde.followup.events import EventProblem, keep_words
from varde.followup.lineage import heirs_of
from varde.followup.models import Delivery, Event, EventCase
from varde.followup.threads import alone
from varde.followup.units import NATIONAL, code_of, kind_of, names_of
from varde.messages.times import norwegian_day
from varde.register import ListedCase, Register, list_cases, read_listed

BEFORE = timedelta(days=14)
"""Whoever fell ill so long before the first day of an event is listed too: the first day is as it was first known."""
MOST = 200
"""Cases that are listed, and that are joined at once."""
LONGEST_REASON = 200


def days_of(event: Event, today: date) -> tuple[date, date]:
    """The days on which whoever fell ill may belong to an event: until it was closed, or today."""
    last = norwegian_day(event.closed_at) if event.closed_at else today
    return event.first_day - BEFORE, last


def list_candidates(event: Event, unit: str, today: date, whole: bool = False) -> list[ListedCase]:
    """Cases of a unit that may belong to an event and are not in it: of its disease, or of any when nobody knows that yet.
    The newest first, at most `MOST`; what was discarded is no case to join.

    Args:
        whole: also those who fell ill on other days than the event's (`days_of`).
    """
    first, last = days_of(event, today)
    inside = {one.number for one in events.cases_in(event.id)}
    found = {
        one.number: one
        for one in _of_unit(unit, event.disease, None if whole else first, today)
        if one.number not in inside
        and one.classification in CLASSES
        and (whole or first <= (one.onset or one.first_day) <= last)
    }
    newest = sorted(found.values(), key=lambda one: (one.onset or one.first_day, one.number))
    return newest[::-1][:MOST]


def _of_unit(unit: str, disease: str, since: date | None, today: date) -> Iterable[ListedCase]:
    if unit == NATIONAL:
        yield from list_cases(disease=disease, first=since, limit=5 * MOST)
        return
    if kind_of(unit) == "municipality":
        yield from list_cases(disease=disease, first=since, area=code_of(unit), on=today)
    told = Delivery.objects.filter(event=0, unit__in=names_of(unit, today), state="standing")
    if disease:
        told = told.filter(disease=disease)
    listed = read_listed(set(told.values_list("case", flat=True))).values()
    yield from (one for one in listed if not disease or one.disease == disease)


def taken_out_of(event: int, cases: Collection[int]) -> set[int]:
    """Those of some cases that have been in an event and were taken out."""
    left = EventCase.objects.filter(event=event).exclude(left_at=None)
    heirs = heirs_of(list(left.values_list("case", flat=True)))
    return set(cases) & {*heirs, *heirs.values()}


def keep_reason(text: str) -> str:
    """Why cases are joined or taken out, in a line.

    Raises:
        EventProblem: nothing was said, too much, or it may hold an identity number.
    """
    words = " ".join(keep_words(text, LONGEST_REASON).split())
    if not words:
        raise EventProblem("why", "say why")
    return words


def join_all(
    event: int,
    cases: Collection[int],
    by: str,
    now: datetime,
    *,
    register: Register,
    why: str,
    purpose: str = "",
) -> list[int]:
    """Join several cases in one transaction: all of them, or none; those that were not in it before.

    Raises:
        EventProblem: as of `varde.followup.events.join`, of any of them; or no reason was given.
    """
    reason = keep_reason(why)
    with alone():
        return [
            one
            for one in _some(cases)
            if events.join(event, one, by, now, register=register, purpose=purpose, why=reason)
        ]


def leave_all(
    event: int, cases: Collection[int], by: str, now: datetime, *, register: Register, why: str
) -> list[int]:
    """Take several cases out in one transaction; those that were in it.

    Raises:
        EventProblem: no reason was given, or no case.
    """
    reason = keep_reason(why)
    with alone():
        return [
            one
            for one in _some(cases)
            if events.leave(event, one, by, now, register=register, why=reason)
        ]


def _some(cases: Collection[int]) -> list[int]:
    if not cases:
        raise EventProblem("none", "no case was chosen")
    if len(cases) > MOST:
        raise EventProblem("many", f"more than {MOST} cases at once")
    return sorted(set(cases))
