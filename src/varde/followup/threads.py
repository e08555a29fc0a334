"""Threads: one unit and one case, missing form or event; what is said in it is only added to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import connection, transaction

from varde.followup.models import Delivery, Entry, Told
from varde.followup.routing import Facts, Wanted

_LOCK = 0x7661726468  # this room's own advisory lock; register and access log have others
ESCALATION = "escalation"
"""The receiver of what a unit is told because another did not answer."""


@contextmanager
def alone() -> Iterator[None]:
    """A transaction in which nobody else tells, reminds or answers."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        yield


def tell_unit(
    wanted: Wanted,
    case: int,
    disease: str,
    at: datetime,
    now: datetime,
    entries: list[Entry],
    *,
    kind: str = "case",
    event: int = 0,
    change: int = 0,
) -> Delivery:
    """Tell a unit something for the first time.

    Args:
        at: since when the time runs in which it is to know.
        entries: is added to; whoever calls writes them.
    """
    delivery: Delivery = Delivery.objects.create(
        kind=kind,
        case=case,
        event=event,
        unit=wanted.unit,
        disease=disease,
        receiver=wanted.receiver,
        reason=wanted.reason,
        row=wanted.row,
        at_once=wanted.at_once,
        due_at=at + timedelta(hours=wanted.within_hours),
        told_at=now,
        news_at=now,
    )
    say(delivery, "told", now, entries, change)
    return delivery


def say(
    delivery: Delivery,
    what: str,
    now: datetime,
    entries: list[Entry],
    change: int = 0,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Add an entry that the unit has not seen yet."""
    # A clock that went back does not make news older than what was seen.
    after = delivery.seen_at + timedelta(microseconds=1) if delivery.seen_at else now
    delivery.news_at = max(now, after)
    entries.append(
        Entry(
            delivery=delivery.id,
            at=now,
            what=what,
            detail=msgspec.json.encode(detail).decode() if detail else "",
            change=change,
        )
    )


def start_anew(delivery: Delivery, due_at: datetime, now: datetime) -> None:
    """What a unit had is its again: an answer is waited for as the first time."""
    delivery.state, delivery.into = "standing", None
    delivery.due_at, delivery.told_at = due_at, now
    delivery.receipted_at, delivery.receipted_by = None, ""
    delivery.done_at, delivery.done_by = None, ""
    delivery.reminders = delivery.steps = 0


def discarded_among(deliveries: Iterable[Delivery]) -> frozenset[int]:
    """Of the cases that some threads are about those that were last told as discarded: there is nothing to answer."""
    cases = {one.case for one in deliveries if one.case}
    rows = Told.objects.filter(case__in=cases, standing=True).values_list("case", "facts")
    return frozenset(case for case, facts in rows if is_discarded(facts))


def is_discarded(facts: str) -> bool:
    """Whether a case was discarded when it was told with these facts."""
    return msgspec.json.decode(facts, type=Facts).classification == "discarded"
