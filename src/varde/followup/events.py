"""Outbreaks that somebody reported: opened, joined by cases, closed with a conclusion, opened again; each step is kept.

Who may do so, and where, is decided by those who ask (`varde.access.gate`); words that may hold an identity number are
refused here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

import msgspec

from varde.cases import diseases
from varde.followup.lineage import family, heirs_of
from varde.followup.linking import link_to_event, unlink_from_event
from varde.followup.models import Delivery, Entry, Event, EventCase, EventStep
from varde.followup.routing import Facts, Wanted, stand_for
from varde.followup.tables import EVENT_KINDS, Tables, tables
from varde.followup.threads import alone, say, tell_unit
from varde.followup.units import code_of, kind_of, names_of
from varde.messages import holds_identity, tidy_lines
from varde.messages.times import norwegian_day
from varde.register import ListedCase, Register, read_listed

LONGEST, LONGEST_PLACE = 4_000, 120
MOST_DAYS = 366
"""A curve over more days than these is drawn by week."""


class EventProblem(ValueError):
    """What was said of an event cannot be kept.

    Attributes:
        code: ``kind``, ``disease``, ``day``, ``identity``, ``empty``, ``long``, ``closed``, ``no-case``,
            ``other-disease``, ``why``, ``none``, ``many``, ``counts``, ``answer``, ``when``, ``row``, ``twice``.
    """

    def __init__(self, code: str, sentence: str) -> None:
        self.code = code
        super().__init__(sentence)


class Ceased(NamedTuple):
    """A case that was joined to an event and is none any more.

    Attributes:
        heir: the case that it is in the event as; None when there is none.
    """

    number: int
    heir: int | None


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """What is said when an event is opened; fields as those of `varde.followup.models.Event`."""

    kind: str
    disease: str = ""
    unit: str
    place: str
    first_day: date
    description: str


def open_event(said: Opening, by: str, now: datetime, known: Tables | None = None) -> int:
    """Open an event and tell those whom the tables name; its number.

    Raises:
        EventProblem: something that was said cannot be kept.
    """
    _check(said, norwegian_day(now))
    with alone():
        event = Event.objects.create(
            kind=said.kind,
            disease=said.disease,
            unit=said.unit,
            place=" ".join(_words(said.place).split()),
            first_day=said.first_day,
            description=_words(said.description),
            opened_at=now,
            opened_by=by,
            closed_by="",
            conclusion="",
        )
        _tell(event, now, known or tables())
        return int(event.id)


def _check(said: Opening, today: date) -> None:
    if said.kind not in EVENT_KINDS:
        raise EventProblem("kind", f"there is no kind of event {said.kind!r}")
    if said.disease and said.disease not in diseases():
        raise EventProblem("disease", f"there is no disease {said.disease!r}")
    if not today - timedelta(days=3660) <= said.first_day <= today:
        raise EventProblem("day", "the first day lies in the future, or long ago")
    if not _words(said.place).strip() or not _words(said.description).strip():
        raise EventProblem("empty", "say where it is, and what has happened")
    keep_words(said.place, LONGEST_PLACE)
    keep_words(said.description)


def keep_words(text: str, most: int = LONGEST) -> str:
    """What is said of an event as it is kept, each line without needless space.

    Raises:
        EventProblem: it is too long, or may hold an identity number.
    """
    if len(_words(text)) > most:
        raise EventProblem("long", f"more than {most} signs")
    if holds_identity(" ".join(_words(text).split())):
        raise EventProblem("identity", "this may hold an identity number")
    return _words(text)


def _words(text: str) -> str:
    return tidy_lines(text).strip("\n")


def _tell(event: Event, now: datetime, known: Tables) -> None:
    """An outbreak is told as the tables say, the unit that opened it left out."""
    day = norwegian_day(now)
    home = code_of(event.unit) if kind_of(event.unit) == "municipality" else ""
    facts = Facts(number=0, disease=event.disease, classification="", first_day=day, residence=home)
    entries: list[Entry] = []
    told: set[str] = set()
    for tell in known.event(event.kind, day):
        for unit, reason in stand_for(tell.receiver, facts, known, day):
            if unit in told or unit == event.unit:
                continue
            told.add(unit)
            wanted = Wanted(
                unit,
                tell.receiver,
                tell.within_hours,
                tell.within_hours == 0,
                reason,
                f"event {event.kind}",
            )
            tell_unit(wanted, 0, event.disease, now, now, entries, kind="event", event=event.id)
    Entry.objects.bulk_create(entries)


def keep_conclusion(conclusion: str) -> str:
    """What was found, as it is kept.

    Raises:
        EventProblem: as of `close_event`.
    """
    if not _words(conclusion).strip():
        raise EventProblem("empty", "say what was found")
    return keep_words(conclusion)


def close_event(event: int, conclusion: str, by: str, now: datetime, purpose: str = "") -> bool:
    """Close an event with what was found; False when it was closed before. Its contacts are followed on
    (`varde.followup.due_contacts.count_ongoing`).

    Raises:
        EventProblem: nothing was concluded, too much, or it may hold an identity number.
    """
    kept = keep_conclusion(conclusion)
    with alone():
        found = Event.objects.get(id=event)
        if found.closed_at is not None:
            return False
        found.closed_at, found.closed_by, found.conclusion = now, by, kept
        found.save()
        EventStep.objects.create(
            event=event, at=now, what="closed", by=by, purpose=purpose, text=found.conclusion
        )
        entries: list[Entry] = []
        for thread in Delivery.objects.filter(event=event, state="standing"):
            thread.state = "settled"
            say(thread, "settled", now, entries)
            thread.save()
        Entry.objects.bulk_create(entries)
        return True


def reopen_event(event: int, by: str, now: datetime, purpose: str = "") -> bool:
    """Open an event again: those who were told of it are told so; False when it is open. Its conclusion stays known."""
    with alone():
        found = Event.objects.get(id=event)
        if found.closed_at is None:
            return False
        found.closed_at, found.closed_by, found.conclusion = None, "", ""
        found.save()
        EventStep.objects.create(event=event, at=now, what="reopened", by=by, purpose=purpose)
        entries: list[Entry] = []
        for thread in Delivery.objects.filter(event=event, state="settled"):
            thread.state = "standing"
            thread.done_at, thread.done_by = None, ""
            say(thread, "told-again", now, entries)
            thread.save()
        Entry.objects.bulk_create(entries)
        return True


def turns_of(event: int) -> Sequence[EventStep]:
    """When an event was closed and opened again, and its disease said, the oldest first."""
    found: Sequence[EventStep] = EventStep.objects.filter(event=event).order_by("id")
    return list(found)


def join(
    event: int,
    case: int,
    by: str,
    now: datetime,
    *,
    register: Register,
    other_disease: bool = False,
    purpose: str = "",
    why: str = "",
    known: Tables | None = None,
) -> bool:
    """Join a case to an event, and state in the register that it is in it; False when it is in it already.

    Args:
        other_disease: also a case of another disease than the event's.
        purpose: that was stated.

    Raises:
        EventProblem: the event is closed, there is no such case, or it is of another disease.
    """
    with alone():
        found = Event.objects.get(id=event)
        if found.closed_at is not None:
            raise EventProblem("closed", "the event is closed")
        listed = read_listed([case]).get(case)
        if listed is None:
            raise EventProblem("no-case", f"there is no case {case}")
        if EventCase.objects.filter(event=event, case__in=family(case), left_at=None).exists():
            return False
        if found.disease not in ("", listed.disease) and not other_disease:
            raise EventProblem("other-disease", f"{listed.disease} is not {found.disease}")
        EventCase.objects.create(
            event=event, case=case, joined_at=now, joined_by=by, joined_why=why, left_by=""
        )
        link_to_event(register, found, listed, by, purpose, now, known or tables())
        return True


def leave(
    event: int, case: int, by: str, now: datetime, *, register: Register, why: str = ""
) -> bool:
    """Take a case out of an event, also of one that is closed; that it was in it stays known, and is evidence no more.
    False when it is not in it."""
    with alone():
        inside = EventCase.objects.filter(event=event, case__in=family(case), left_at=None)
        if not inside.update(left_at=now, left_by=by, left_why=why):
            return False
        unlink_from_event(register, event, case, by, now)
        return True


def read_event(event: int) -> Event | None:
    """An event; None when there is none."""
    found: Event | None = Event.objects.filter(id=event).first()
    return found


def list_events(unit: str | None, on: date, closed: bool = True) -> list[Event]:
    """Events, the newest first.

    Args:
        unit: only those that this unit opened or was told of; None: all.
        closed: whether closed ones are among them.
    """
    found = Event.objects.all() if closed else Event.objects.filter(closed_at=None)
    if unit is not None:
        names = names_of(unit, on)
        told = Delivery.objects.filter(unit__in=names).exclude(event=0)
        found = found.filter(unit__in=names) | found.filter(id__in=told.values("event"))
    return list(found.order_by("-opened_at", "-id")[:500])


def is_of(event: Event, unit: str, on: date) -> bool:
    """Whether a unit opened an event, or was told of it."""
    names = names_of(unit, on)
    return event.unit in names or Delivery.objects.filter(event=event.id, unit__in=names).exists()


def events_of(case: int) -> list[Event]:
    """The events that a case is in now, also as one that it took over from."""
    inside = EventCase.objects.filter(case__in=family(case), left_at=None).values("event")
    return list(Event.objects.filter(id__in=inside).order_by("id"))


def cases_in(event: int) -> list[ListedCase]:
    """The cases that are in an event now, by first day: of those that are none any more, what took over from them."""
    found = read_listed(set(heirs_of(_joined(event)).values())).values()
    return sorted(found, key=lambda one: (one.first_day, one.number))


def of_its_disease(event: Event, cases: Sequence[ListedCase]) -> list[ListedCase]:
    """Those cases that are of an event's disease: its curve and its number are of them. All, so long as nobody knows it."""
    return [one for one in cases if event.disease in ("", one.disease)]


def ceased_in(event: int) -> list[Ceased]:
    """The cases of an event that are none any more, by number."""
    heirs = heirs_of(_joined(event))
    there = read_listed(set(heirs) | set(heirs.values()))
    return [
        Ceased(number, heir if heir in there else None)
        for number, heir in sorted(heirs.items())
        if number not in there
    ]


def _joined(event: int) -> list[int]:
    """The numbers under which cases were joined to an event and not taken out."""
    inside = EventCase.objects.filter(event=event, left_at=None)
    return list(inside.values_list("case", flat=True))


def steps_of(event: int) -> Sequence[EventCase]:
    """Which cases were joined and left, and when."""
    found: Sequence[EventCase] = EventCase.objects.filter(event=event).order_by("joined_at", "id")
    return list(found)


def curve(cases: Sequence[ListedCase]) -> Mapping[date, Mapping[str, int]]:
    """How many fell ill on each day, by class: the onset, else the first day. Every day between the first and
    the last is there; over a long time, every Monday for its week."""
    days = Counter((one.onset or one.first_day, one.classification) for one in cases)
    if not days:
        return {}
    first, last = min(day for day, _ in days), max(day for day, _ in days)
    by_week = (last - first).days > MOST_DAYS // 6
    found: dict[date, Counter[str]] = {
        day: Counter() for day in _stretches(_start(first, by_week), last, by_week)
    }
    for (day, classification), number in days.items():
        found[_start(day, by_week)][classification] += number
    return found


def _start(day: date, by_week: bool) -> date:
    return day - timedelta(days=day.weekday()) if by_week else day


def _stretches(first: date, last: date, by_week: bool) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(days=7 if by_week else 1)
