"""What the register's outbox holds, told to those it concerns: one transaction with how far it has been read.

What stands (which units have a case, and why) is a function of the cases and the tables. What has been told is never
untold: a change is a new entry in the same thread.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from django.db import connection, transaction

from varde.cases import Disease, diseases
from varde.followup.models import Cursor, Delivery, Entry, Told
from varde.followup.routing import Facts, Wanted, route, stand_for
from varde.followup.tables import Tables, tables
from varde.followup.units import same
from varde.messages.times import norwegian_day
from varde.register import CurrentCase, changes_after, current_cases, newest_change

_logger = logging.getLogger(__name__)

BATCH = 200
_LOCK = 0x7661726468  # this room's own advisory lock; register and access log have others
_SEEN_IN = tuple(name for name in Facts.__struct_fields__ if name != "number")
ESCALATION = "escalation"
"""The receiver of what a unit is told because another did not answer."""


class Happened(NamedTuple):
    """What the outbox says of one case since it was last read.

    Attributes:
        at: when the first of it happened.
        into: the case that it is one with now, when there is one.
        change: the last row.
    """

    at: datetime
    into: int | None
    change: int


@contextmanager
def alone() -> Iterator[None]:
    """A transaction in which nobody else tells, reminds or answers."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        yield


def tell_new(now: datetime, known: Tables | None = None) -> int:
    """Tell what the outbox holds, some rows in each transaction.

    Args:
        now: when it can be seen in inboxes.
        known: tables other than those that are shipped.

    Returns:
        How many cases were looked at.
    """
    looked_at = 0
    while True:
        if newest_change() <= _read_cursor():
            return looked_at
        with alone():
            found = tell_batch(now, known or tables(), diseases())
        looked_at += found


def pass_over() -> None:
    """Tell nobody what the outbox holds: for cases that were known elsewhere before they were taken in here."""
    with alone():
        cursor, _ = Cursor.objects.get_or_create(name="cases")
        cursor.number = newest_change()
        cursor.save()


def tell_batch(now: datetime, known: Tables, files: Mapping[str, Disease]) -> int:
    """Tell the next rows of the outbox. Inside the caller's transaction (`alone`)."""
    cursor, _ = Cursor.objects.get_or_create(name="cases")
    rows = changes_after(cursor.number, BATCH)
    happened: dict[int, Happened] = {}
    for row in rows:
        number = row.change.number
        before = happened.get(number)
        into = row.change.other if row.change.what == "merged" else None
        happened[number] = Happened(before.at if before else row.at, into, row.id)
    if not rows:
        return 0
    _tell_cases(happened, now, known, files)
    cursor.number = rows[-1].id
    cursor.save()
    return len(happened)


def _read_cursor() -> int:
    found = Cursor.objects.filter(name="cases").values_list("number", flat=True).first()
    return int(found or 0)


def _tell_cases(
    happened: Mapping[int, Happened], now: datetime, known: Tables, files: Mapping[str, Disease]
) -> None:
    cases = current_cases(list(happened))
    before = Told.objects.in_bulk(list(happened))
    threads: dict[int, list[Delivery]] = defaultdict(list)
    for delivery in Delivery.objects.filter(case__in=list(happened), event=0).order_by("id"):
        threads[delivery.case].append(delivery)
    entries: list[Entry] = []
    for number, what in sorted(happened.items()):
        told = before.get(number)
        case = cases.get(number)
        if case is None:
            if told is not None:
                _tell_gone(told, threads[number], what, now, entries)
            continue
        facts = facts_of(case)
        day = norwegian_day(what.at)
        if told is None and is_history(facts, day, known):
            continue
        _tell_case(facts, case, told, threads[number], what, now, entries, known, files)
    Entry.objects.bulk_create(entries)


def facts_of(case: CurrentCase) -> Facts:
    """What is told of a case."""
    listed = case.listed
    return Facts(
        number=listed.number,
        disease=listed.disease,
        classification=listed.classification,
        presentation=listed.presentation,
        first_day=listed.first_day,
        onset=listed.onset,
        imported=listed.imported,
        form_missing=listed.form_missing,
        residence=listed.residence,
        stay=listed.stay,
        infected_in=listed.infected_in,
        hospitals=case.hospitals,
    )


def is_history(facts: Facts, day: date, known: Tables) -> bool:
    """Whether a case that is first known on a day is too old for anybody to be told."""
    days = known.history_days(day)
    return days is not None and facts.first_day + timedelta(days=days) < day


def _tell_gone(
    told: Told, threads: Sequence[Delivery], what: Happened, now: datetime, entries: list[Entry]
) -> None:
    """There is no such case any more: everybody who has it is told once."""
    state = "merged" if what.into else "gone"
    told.standing, told.form_since = False, None
    told.save()
    for delivery in threads:
        if delivery.state in ("moved", "settled") or (delivery.state, delivery.into) == (
            state,
            what.into,
        ):
            continue
        detail = {"into": what.into} if what.into else {}
        delivery.state, delivery.into = state, what.into
        say(delivery, state, now, entries, what.change, detail)
        delivery.save()


def _tell_case(
    facts: Facts,
    case: CurrentCase,
    told: Told | None,
    threads: Sequence[Delivery],
    what: Happened,
    now: datetime,
    entries: list[Entry],
    known: Tables,
    files: Mapping[str, Disease],
) -> None:
    """Bring what stands of a case to what is wanted now, and tell everybody whom a change concerns."""
    day = norwegian_day(what.at)
    changed = compare(told, facts)
    back = told is not None and not told.standing
    _note(facts, case, told, what, now)
    wanted = {one.unit: one for one in route(facts, files, known, day)}
    for delivery in threads:
        if delivery.kind == "form":
            _tell_form(delivery, facts, now, day, entries, what.change, known)
            continue
        unit = next((name for name in wanted if same(name, delivery.unit, day)), None)
        if unit is None and delivery.receiver != ESCALATION:
            if delivery.state == "standing":
                # Where it went is the new unit's to know.
                delivery.state = "moved"
                say(delivery, "moved", now, entries, what.change)
                delivery.save()
            continue
        if unit is not None:
            _renew(delivery, wanted.pop(unit))
        if delivery.state != "standing":
            start_anew(delivery, _due(delivery, facts, known, day, what.at, files), now)
            say(delivery, "told-again", now, entries, what.change)
        elif changed and not back:
            say(delivery, "changed", now, entries, what.change, changed)
        delivery.save()
    for one in wanted.values():
        tell_unit(one, facts.number, facts.disease, what.at, now, entries, change=what.change)


def start_anew(delivery: Delivery, due_at: datetime, now: datetime) -> None:
    """What a unit had is its again: an answer is waited for as the first time."""
    delivery.state, delivery.into = "standing", None
    delivery.due_at, delivery.told_at = due_at, now
    delivery.receipted_at, delivery.receipted_by = None, ""
    delivery.done_at, delivery.done_by = None, ""
    delivery.reminders = delivery.steps = 0


def _due(
    delivery: Delivery,
    facts: Facts,
    known: Tables,
    day: date,
    at: datetime,
    files: Mapping[str, Disease],
) -> datetime:
    hours = next(
        (
            one.within_hours
            for one in route(facts, files, known, day)
            if same(one.unit, delivery.unit, day)
        ),
        0.0,
    )
    return at + timedelta(hours=hours)


def _renew(delivery: Delivery, wanted: Wanted) -> None:
    """Why a unit has a case may be another than before; when it was to know of it stays."""
    delivery.receiver, delivery.reason = wanted.receiver, wanted.reason
    delivery.row, delivery.at_once = wanted.row, wanted.at_once


def _tell_form(
    delivery: Delivery,
    facts: Facts,
    now: datetime,
    day: date,
    entries: list[Entry],
    change: int,
    known: Tables,
) -> None:
    """Whoever was reminded of a missing form hears that it came, or that it is another's to see to."""
    if delivery.state != "standing":
        return
    mine = any(same(unit, delivery.unit, day) for unit in form_units(facts, known, day))
    if facts.form_missing and mine:
        return
    delivery.state = "moved" if facts.form_missing else "settled"
    say(delivery, delivery.state, now, entries, change)
    delivery.save()


def form_units(facts: Facts, known: Tables, day: date) -> list[str]:
    """Who is to see to it that a missing form comes: the units of the first receiver that there is one of."""
    rule = known.form(day)
    for receiver in rule.to if rule else ():
        if found := [unit for unit, _ in stand_for(receiver, facts, known, day)]:
            return found
    return []


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


def compare(told: Told | None, facts: Facts) -> dict[str, list[Any]]:
    """The fields that are others than when the case was last told, before and after.

    Where a person lives and stays is left out: a new place is told to the new unit alone.
    """
    if told is None:
        return {}
    before = msgspec.json.decode(told.facts, type=Facts)
    found = {}
    for name in _SEEN_IN:
        if name not in ("residence", "stay", "hospitals"):
            was, now = getattr(before, name), getattr(facts, name)
            if was != now:
                found[name] = [msgspec.to_builtins(was), msgspec.to_builtins(now)]
    return found


def _note(
    facts: Facts, case: CurrentCase, told: Told | None, what: Happened, now: datetime
) -> None:
    """Remember the case as it is told now."""
    kept = msgspec.json.encode(facts).decode()
    if told is None:
        Told.objects.create(
            case=facts.number,
            disease=facts.disease,
            facts=kept,
            first_at=what.at,
            form_since=what.at if facts.form_missing else None,
            specimen_at=case.times.specimen,
            result_at=case.times.result,
            intake_at=case.times.intake,
        )
        return
    since = (told.form_since or what.at) if facts.form_missing else None
    times = (
        told.specimen_at or case.times.specimen,
        told.result_at or case.times.result,
        told.intake_at or case.times.intake,
    )
    known = (told.specimen_at, told.result_at, told.intake_at)
    if (told.facts, told.standing, told.form_since, known) == (kept, True, since, times):
        return
    told.specimen_at, told.result_at, told.intake_at = times
    told.facts, told.standing, told.form_since, told.disease = kept, True, since, facts.disease
    told.save()
