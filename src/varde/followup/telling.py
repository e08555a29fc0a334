"""What the register's outbox holds, told to those it concerns: one transaction with how far it has been read.

What stands (which units have a case, and why) is a function of the cases and the tables. What has been told is never
untold: a change is a new entry in the same thread.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from varde.cases import Disease, diseases
from varde.followup.ceasing import Happened, tell_gone, tell_heirs
from varde.followup.models import Cursor, Delivery, Entry, Told
from varde.followup.routing import Facts, Wanted, differing, route, stand_for
from varde.followup.site import site_tables
from varde.followup.standing_in import is_needed, stood_in_for
from varde.followup.tables import Tables
from varde.followup.threads import ESCALATION, alone, say, start_anew, tell_unit
from varde.followup.units import same
from varde.messages.times import norwegian_day
from varde.register import (
    CurrentCase,
    Trace,
    changes_after,
    current_cases,
    newest_change,
    traces_of,
)

_logger = logging.getLogger(__name__)

__all__ = [
    "BATCH",
    "ESCALATION",
    "alone",
    "compare",
    "facts_of",
    "form_units",
    "is_history",
    "pass_over",
    "say",
    "start_anew",
    "tell_again",
    "tell_batch",
    "tell_new",
    "tell_unit",
]

BATCH = 200
_SEEN_IN = tuple(name for name in Facts.__struct_fields__ if name != "number")


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
            found = tell_batch(now, known or site_tables(), diseases())
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
    traces = traces_of(list(cases))
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
                tell_gone(told, threads[number], what, now, entries)
            continue
        day = norwegian_day(what.at)
        facts = facts_of(case, day)
        if told is None and is_history(facts, day, known):
            continue
        _tell_case(
            facts, case, traces[number], told, threads[number], what, now, entries, known, files
        )
    tell_heirs(happened, traces, files, now, entries)
    Entry.objects.bulk_create(entries)


def tell_again(numbers: Sequence[int], now: datetime, known: Tables) -> int:
    """Tell some cases by tables that were changed, as if something had happened to them now.

    Returns:
        How many were looked at.
    """
    with alone():
        _tell_cases({number: Happened(now, None, 0) for number in numbers}, now, known, diseases())
    return len(numbers)


def facts_of(case: CurrentCase, on: date) -> Facts:
    """What is told of a case.

    Args:
        on: the day whose borders hold.
    """
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
        hospitals_by=case.hospitals_by,
        discarded_on=case.discarded_on,
        residences=differing(case.residences, on),
    )


def is_history(facts: Facts, day: date, known: Tables) -> bool:
    """Whether a case that is first known on a day is too old for anybody to be told."""
    days = known.history_days(day)
    return days is not None and facts.first_day + timedelta(days=days) < day


_PLACES = {
    "municipality-of-residence": "residence",
    "municipality-of-stay": "stay",
    "hospital-infection-control": "hospitals",
}
"""What of a case says which unit stands for a receiver."""


def _why_moved(delivery: Delivery, before: Facts | None, facts: Facts) -> str:
    """Why a unit does not have a case any more: the field that is another, or that the tables are."""
    if before is None:
        return "rules"
    names = (_PLACES.get(delivery.receiver, ""), *_PLACES.values(), "disease")
    changed = [name for name in names if name and getattr(before, name) != getattr(facts, name)]
    return changed[0] if changed else "rules"


def _tell_case(
    facts: Facts,
    case: CurrentCase,
    trace: Trace,
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
    changed = compare(told, facts, trace)
    back = told is not None and not told.standing
    before = msgspec.json.decode(told.facts, type=Facts) if told is not None else None
    _note(facts, case, trace, told, what, now)
    wanted = {one.unit: one for one in route(facts, files, known, day)}
    discarded = facts.classification == "discarded"
    if discarded:
        # There is nothing to act on at once: it is told to be read.
        wanted = {unit: one._replace(at_once=False) for unit, one in wanted.items()}
    has_it, stood_for = tuple(wanted), stood_in_for(threads)
    revived = before is not None and before.classification == "discarded" and not discarded
    for delivery in threads:
        if delivery.kind == "form":
            _tell_form(delivery, facts, now, day, entries, what.change, known)
            continue
        unit = next((name for name in wanted if same(name, delivery.unit, day)), None)
        if unit is None and not is_needed(delivery, stood_for, has_it, day):
            if delivery.state == "standing":
                # Where it went is on the case's page, behind a purpose: whoever met contacts must know whom to call.
                delivery.state = "moved"
                detail = {"why": _why_moved(delivery, before, facts)}
                say(delivery, "moved", now, entries, what.change, detail)
                delivery.save()
            continue
        if unit is not None:
            _renew(delivery, wanted.pop(unit))
        if delivery.state != "standing":
            start_anew(delivery, _due(delivery, facts, known, day, what.at, files), now)
            say(delivery, "told-again", now, entries, what.change)
        elif changed and not back:
            if revived:
                # Whoever was left alone is to answer anew.
                start_anew(delivery, _due(delivery, facts, known, day, what.at, files), now)
            say(delivery, "changed", now, entries, what.change, changed)
        delivery.save()
    for one in wanted.values():
        tell_unit(one, facts.number, facts.disease, what.at, now, entries, change=what.change)


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


def compare(told: Told | None, facts: Facts, trace: Trace) -> dict[str, list[Any]]:
    """The fields that are others than when the case was last told, before and after; and without anything of what it is:
    ``person`` where the person is known by another number than before, ``residences`` where the reports say more than one
    municipality of residence, and did not or said others.

    Where a person lives and stays is left out: a new place is told to the new unit alone.
    """
    if told is None:
        return {}
    before = msgspec.json.decode(told.facts, type=Facts)
    found = {}
    for name in _SEEN_IN:
        if name not in ("residence", "residences", "stay", "hospitals", "hospitals_by"):
            was, now = getattr(before, name), getattr(facts, name)
            if was != now:
                found[name] = [msgspec.to_builtins(was), msgspec.to_builtins(now)]
    if told.about is not None and trace.numbered and bytes(told.about) not in trace.about:
        found["person"] = [None, None]
    if facts.residences and facts.residences != before.residences:
        found["residences"] = [None, None]
    return found


def _note(
    facts: Facts,
    case: CurrentCase,
    trace: Trace,
    told: Told | None,
    what: Happened,
    now: datetime,
) -> None:
    """Remember the case as it is told now."""
    kept = msgspec.json.encode(facts).decode()
    about = trace.about[0] if trace.about else None
    evidence = msgspec.json.encode(trace.evidence).decode()
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
            about=about,
            evidence=evidence,
        )
        return
    since = (told.form_since or what.at) if facts.form_missing else None
    times = (
        told.specimen_at or case.times.specimen,
        told.result_at or case.times.result,
        told.intake_at or case.times.intake,
    )
    known = (told.specimen_at, told.result_at, told.intake_at)
    whose = bytes(told.about) if told.about is not None else None
    stood = (told.facts, told.standing, told.form_since, known, whose, told.evidence, told.heir)
    if stood == (kept, True, since, times, about, evidence, None):
        return
    told.about, told.evidence, told.heir = about, evidence, None
    told.specimen_at, told.result_at, told.intake_at = times
    told.facts, told.standing, told.form_since, told.disease = kept, True, since, facts.disease
    told.save()
