"""What the clock brings: reminders, escalation, forms that are missing.

Everything is worked out from the time that is given and from what has been done before: running twice does nothing
twice, and a clock that went back does nothing at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

import msgspec

from varde.followup.models import Delivery, Entry, Told
from varde.followup.routing import Facts, Wanted, form_receivers, next_in_line
from varde.followup.site import site_tables
from varde.followup.standing_in import UNANSWERED
from varde.followup.tables import Step, Tables
from varde.followup.telling import (
    ESCALATION,
    alone,
    say,
    start_anew,
    tell_unit,
)
from varde.followup.threads import discarded_among
from varde.followup.units import same
from varde.messages.times import norwegian_day

BATCH = 500
NOBODY_LEFT = "nobody-left"
"""The entry that says that all who can be told in a unit's place have been told."""


class Reminded(NamedTuple):
    """What a run did: how many reminders, steps of escalation, and missing forms it told of."""

    reminders: int = 0
    escalated: int = 0
    forms: int = 0


def remind(now: datetime, known: Tables | None = None) -> Reminded:
    """Remind, escalate and tell of missing forms, as far as it is time for it."""
    with alone():
        read = known or site_tables()
        reminders, escalated = _answers(now, read)
        return Reminded(reminders, escalated, _forms(now, read))


def _answers(now: datetime, known: Tables) -> tuple[int, int]:
    """Whoever has not answered in time is reminded, and others are told; of a discarded case nobody."""
    reminders = escalated = 0
    day = norwegian_day(now)
    entries: list[Entry] = []
    waiting = Delivery.objects.filter(
        state="standing", receipted_at__isnull=True, done_at__isnull=True, due_at__lte=now
    ).order_by("due_at", "id")
    unanswered = list(waiting)
    discarded = discarded_among(unanswered)
    for one in unanswered:
        if one.case in discarded:
            continue
        number = reminders_due(one.due_at, one.at_once, now, known)
        due = list(steps_due(one, now, known))
        if number <= one.reminders and not due:
            continue
        if number > one.reminders:
            one.reminders = number
            say(one, "reminded", now, entries, detail={"number": number})
            reminders += 1
        for step in due:
            one.steps += 1
            escalated += _escalate(one, step, now, day, known, entries)
        one.save()
    Entry.objects.bulk_create(entries)
    return reminders, escalated


def reminders_due(due_at: datetime, at_once: bool, now: datetime, known: Tables) -> int:
    """How many reminders a unit should have had by now: as often as the table says, and then more seldom, for as long as
    nobody answers."""
    row = known.reminder(at_once, norwegian_day(due_at))
    if row is None:
        return 0
    late = now - due_at - timedelta(hours=row.after_hours)
    if late < timedelta(0):
        return 0
    often = 1 + int(late / timedelta(hours=row.every_hours))
    if often <= row.most or row.then_every_hours is None:
        return min(row.most, often)
    later = late - timedelta(hours=row.every_hours) * max(row.most - 1, 0)
    return row.most + int(later / timedelta(hours=row.then_every_hours))


def steps_due(one: Delivery, now: datetime, known: Tables) -> Iterator[Step]:
    """The steps of escalation that it is time for and that have not been taken."""
    if one.receiver == ESCALATION:
        return
    steps = known.steps(one.at_once, norwegian_day(one.due_at))
    for step in steps[one.steps :]:
        if one.due_at + timedelta(hours=step.after_hours) <= now:
            yield step


def _escalate(
    one: Delivery, step: Step, now: datetime, day: date, known: Tables, entries: list[Entry]
) -> int:
    """Tell the next in line who does not have it already. Where there is nobody, that is said once, and 0 is returned."""
    threads = Delivery.objects.filter(case=one.case, event=one.event, kind=one.kind)
    told = threads.filter(state="standing").values_list("unit", flat=True)
    unit = next_in_line(one.unit, step.to, list(told), known, day)
    if not unit:
        if not has_nobody_left(one) and not any(
            entry.delivery == one.id and entry.what == NOBODY_LEFT for entry in entries
        ):
            say(one, NOBODY_LEFT, now, entries)
        return 0
    say(one, "escalated", now, entries, detail={"unit": unit})
    reason = "deputy" if unit == known.deputy(one.unit, day) else "escalated"
    row = known.escalation_on(one.at_once, day)
    within = row.within_hours if row else 0
    other = threads.filter(unit=unit).first()
    if other is None:
        wanted = Wanted(unit, ESCALATION, within, False, reason, one.row)  # type: ignore[arg-type]
        other = tell_unit(
            wanted, one.case, one.disease, now, now, entries, kind=one.kind, event=one.event
        )
    else:
        start_anew(other, now + timedelta(hours=within), now)
        # Whatever it had the case for before, it has it as a stand-in now, and for as long as it is one.
        other.receiver, other.reason, other.at_once = ESCALATION, reason, False
    say(other, UNANSWERED, now, entries, detail={"unit": one.unit})
    other.save()
    return 1


def has_nobody_left(one: Delivery) -> bool:
    """Whether it has been said that there is nobody more to tell in a unit's place."""
    return bool(Entry.objects.filter(delivery=one.id, what=NOBODY_LEFT).exists())


def _forms(now: datetime, known: Tables) -> int:
    """Whoever is to see to it that a clinician's form comes is told when it has been missing for too long."""
    day = norwegian_day(now)
    rule = known.form(day)
    if rule is None:
        return 0
    told = 0
    entries: list[Entry] = []
    late = Told.objects.filter(
        standing=True, form_since__lte=now - timedelta(days=rule.after_days)
    ).order_by("case")
    for one in late:
        threads = list(Delivery.objects.filter(case=one.case, kind="form", event=0))
        facts = msgspec.json.decode(one.facts, type=Facts)
        for unit, receiver, reason in form_receivers(facts, known, day):
            earlier = next((each for each in threads if same(each.unit, unit, day)), None)
            if earlier is None:
                row, why = f"form {rule.valid_from}", reason or "form-missing"
                wanted = Wanted(unit, receiver, rule.within_hours, False, why, row)
                tell_unit(wanted, one.case, one.disease, now, now, entries, kind="form")
            elif earlier.state == "standing":
                continue
            else:
                start_anew(earlier, now + timedelta(hours=rule.within_hours), now)
                say(earlier, "told-again", now, entries)
                earlier.save()
            told += 1
    Entry.objects.bulk_create(entries)
    return told
