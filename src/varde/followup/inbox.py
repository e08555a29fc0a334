"""A unit's inbox: what it has been told, the most urgent first, and what it does about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Literal

import msgspec
from django.db.models import F, Q

from varde.cases import diseases
from varde.followup.models import Delivery, Entry, Told
from varde.followup.tables import tables
from varde.followup.telling import alone
from varde.followup.threads import discarded_among
from varde.followup.units import NATIONAL, names_of
from varde.messages.times import norwegian_day

Reading = Literal["unread", "seen", "receipted", "done"]
Choice = Literal["open", "done", "all"]
MOST = 500
"""Threads that are shown at once."""


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A thread as it lies in an inbox; nothing that leads to a person.

    Attributes:
        reading: what the unit has done about it.
        overdue: no answer, and the time for it is over.
        escalated: somebody else was told because this unit did not answer.
        nobody_left: all who can be told in its place have been told.
        latest: the newest entry's kind.
        disagreeing: the reports of the case say more than one place of residence.
    """

    id: int
    kind: str
    case: int
    event: int
    unit: str
    disease: str
    classification: str
    receiver: str
    reason: str
    row: str
    at_once: bool
    due_at: datetime
    told_at: datetime
    news_at: datetime
    state: str
    into: int | None
    reading: Reading
    news: bool
    overdue: bool
    escalated: bool
    nobody_left: bool
    reminders: int
    receipted_at: datetime | None
    receipted_by: str
    latest: str
    disagreeing: bool = False

    @property
    def waits(self) -> bool:
        """Whether an answer is waited for; a discarded case is there to be read."""
        unanswered = self.receipted_at is None and self.reading != "done"
        return self.state == "standing" and unanswered and self.classification != "discarded"


def reading_of(delivery: Delivery) -> Reading:
    """What a unit has done about a thread."""
    if delivery.done_at is not None:
        return "done"
    if delivery.receipted_at is not None:
        return "receipted"
    return "seen" if delivery.seen_at is not None else "unread"


def has_news(delivery: Delivery) -> bool:
    """Whether something was told since the unit looked."""
    return delivery.seen_at is None or bool(delivery.seen_at < delivery.news_at)


def list_inbox(
    unit: str, now: datetime, on: date, show: Choice = "open", most: int = MOST
) -> list[Waiting]:
    """A unit's threads: first those without answer by the time they were due, then news, then the rest.

    Args:
        on: the day whose borders hold: what was told to a municipality that this one was made of is here too.
        show: "open": what is not done; "done"; or "all".
    """
    found = Delivery.objects.filter(unit__in=names_of(unit, on))
    if show != "all":
        found = found.filter(done_at__isnull=show == "open")
    return _describe(found.order_by("-news_at")[:most], now)


def list_unanswered(now: datetime, most: int = MOST) -> list[Waiting]:
    """Threads of any unit that nobody has answered though the time for it is over."""
    late = Q(pk__in=[])
    for at_once in (True, False):
        late |= Q(at_once=at_once, due_at__lt=now - grace(at_once, now))
    found = Delivery.objects.filter(
        late, state="standing", receipted_at__isnull=True, done_at__isnull=True
    )
    return _describe(_to_answer(found.order_by("-at_once", "due_at"), most), now)


def list_to_call(now: datetime, most: int = MOST) -> list[Waiting]:
    """Threads without answer of units that do not sign in, whatever time there is left: somebody must call them."""
    named = Q(unit__in=[*tables().units.keys() - {NATIONAL}])
    found = Delivery.objects.filter(
        named | Q(unit__startswith="state-administrator:"),
        state="standing",
        receipted_at__isnull=True,
        done_at__isnull=True,
    )
    return _describe(_to_answer(found.order_by("due_at"), most), now)


def _to_answer(unanswered: Iterable[Delivery], most: int) -> list[Delivery]:
    """The first threads without those of discarded cases."""
    ones = list(unanswered)
    discarded = discarded_among(ones)
    return [one for one in ones if one.case not in discarded][:most]


def is_routine(one: Waiting, now: datetime) -> bool:
    """Whether a missing form is not yet the national duty officer's to see to."""
    row = tables().form(norwegian_day(now))
    if one.kind != "form" or row is None:
        return False
    return now < one.due_at + timedelta(days=row.escalate_after_days)


def list_threads(case: int = 0, event: int = 0) -> list[Delivery]:
    """All threads about a case, or an event, the oldest first."""
    found: Sequence[Delivery] = Delivery.objects.filter(
        Q(case=case) if case else Q(event=event)
    ).order_by("told_at", "id")
    return list(found)


def count_open(unit: str, on: date) -> tuple[int, int]:
    """How many threads of a unit are not done, and how many of them have news."""
    mine = Delivery.objects.filter(unit__in=names_of(unit, on), done_at__isnull=True)
    news = mine.filter(Q(seen_at__isnull=True) | Q(seen_at__lt=F("news_at")))
    return mine.count(), news.count()


def _describe(deliveries: Iterable[Delivery], now: datetime) -> list[Waiting]:
    ones = list(deliveries)
    told = _facts(ones)
    classes = {case: str(facts["classification"]) for case, facts in told.items()}
    reminded = _reminders(ones)
    latest = _latest([one.id for one in ones])
    escalated = _with("escalated", [one.id for one in ones])
    nobody_left = _with("nobody-left", [one.id for one in ones])
    found = [
        Waiting(
            id=one.id,
            kind=one.kind,
            case=one.case,
            event=one.event,
            unit=one.unit,
            disease=one.disease,
            classification=classes.get(one.case, "") if one.state == "standing" else "",
            receiver=one.receiver,
            reason=one.reason,
            row=one.row,
            at_once=one.at_once,
            due_at=one.due_at,
            told_at=one.told_at,
            news_at=one.news_at,
            state=one.state,
            into=one.into,
            reading=reading_of(one),
            news=has_news(one),
            overdue=_is_late(one, now) and classes.get(one.case) != "discarded",
            escalated=one.id in escalated,
            nobody_left=one.id in nobody_left,
            reminders=reminded.get(one.id, 0),
            receipted_at=one.receipted_at,
            receipted_by=one.receipted_by,
            latest=latest.get(one.id, ""),
            disagreeing=one.state == "standing" and bool(told.get(one.case, {}).get("residences")),
        )
        for one in ones
    ]
    return sorted(found, key=_urgency)


def is_overdue(delivery: Delivery, now: datetime) -> bool:
    """Whether a unit should have answered by now, the time of grace included, and has not; never of a discarded case."""
    return _is_late(delivery, now) and not discarded_among([delivery])


def _is_late(delivery: Delivery, now: datetime) -> bool:
    return (
        delivery.state == "standing"
        and delivery.receipted_at is None
        and delivery.done_at is None
        and bool(delivery.due_at < now - grace(delivery.at_once, now))
    )


def grace(at_once: bool, now: datetime) -> timedelta:
    """How long after it was to answer a unit is not said to be late."""
    row = tables().reminder(at_once, norwegian_day(now))
    return timedelta(minutes=row.grace_minutes if row else 0)


def _urgency(one: Waiting) -> tuple[Any, ...]:
    waits = one.waits
    return (
        one.reading == "done",
        not waits,
        not one.at_once,
        # Opened and left without a receipt is no better than unread once the time for it is over.
        not (one.news or (one.at_once and one.overdue)),
        one.due_at if waits else datetime.max.replace(tzinfo=one.due_at.tzinfo),
        -one.news_at.timestamp(),
        one.id,
    )


def _facts(deliveries: Sequence[Delivery]) -> dict[int, dict[str, Any]]:
    """Each case as it was last told."""
    rows = Told.objects.filter(case__in={one.case for one in deliveries}).values_list(
        "case", "facts"
    )
    return {case: msgspec.json.decode(facts, type=dict[str, Any]) for case, facts in rows}


def _reminders(deliveries: Sequence[Delivery]) -> dict[int, int]:
    """How many reminders each unit was given since an answer was last waited for anew. A round that comes late gives one for
    all that were due (`Delivery.reminders`)."""
    since = {one.id: one.told_at for one in deliveries if one.reminders}
    given: Counter[int] = Counter()
    rows = Entry.objects.filter(delivery__in=list(since), what="reminded")
    for thread, at in rows.values_list("delivery", "at"):
        given[thread] += at >= since[thread]
    return dict(given)


def _latest(deliveries: Sequence[int]) -> dict[int, str]:
    """The kind of the newest entry that was told, of each thread."""
    rows = Entry.objects.filter(delivery__in=deliveries, by="").order_by("id")
    return dict(rows.values_list("delivery", "what"))


def _with(what: str, deliveries: Sequence[int]) -> set[int]:
    """Those of some threads in which there is an entry of a kind."""
    rows = Entry.objects.filter(delivery__in=deliveries, what=what)
    return set(rows.values_list("delivery", flat=True))


def read_entries(deliveries: Iterable[int]) -> list[Entry]:
    """The entries of some threads, the oldest first."""
    found: Sequence[Entry] = Entry.objects.filter(delivery__in=list(deliveries)).order_by("id")
    return list(found)


def changes_in(entry: Entry) -> Mapping[str, Any]:
    """What an entry says changed."""
    return dict(msgspec.json.decode(entry.detail)) if entry.detail else {}


# --- what a unit does -----------------------------------------------------------------------------


def see(thread: int, by: str, now: datetime) -> None:
    """A unit has looked at a thread. The first look is an entry, the others only say how far was read."""
    with alone():
        one = Delivery.objects.get(id=thread)
        if not has_news(one):
            return
        if one.seen_at is None:
            _add(one, "seen", by, now)
        one.seen_at, one.seen_by = max(now, one.news_at), by
        one.save()


def receipt(thread: int, by: str, now: datetime) -> bool:
    """A unit says that it has what it was told, and acts; others who were told in its place hear of it.

    Returns:
        False when it had been said before.
    """
    with alone():
        one = Delivery.objects.get(id=thread)
        if one.receipted_at is not None or one.state not in ("standing", "moved", "gone", "merged"):
            return False
        one.receipted_at, one.receipted_by = now, by
        one.seen_at, one.seen_by = max(now, one.news_at), one.seen_by or by
        one.save()
        _add(one, "receipted", by, now)
        return True


def finish(thread: int, by: str, now: datetime) -> bool:
    """A unit is done with a thread; whoever is done has the message too."""
    with alone():
        one = Delivery.objects.get(id=thread)
        if one.done_at is not None:
            return False
        if one.receipted_at is None:
            one.receipted_at, one.receipted_by = now, by
            _add(one, "receipted", by, now)
        one.done_at, one.done_by = now, by
        one.seen_at, one.seen_by = max(now, one.news_at), one.seen_by or by
        one.save()
        _add(one, "done", by, now)
        return True


def reopen(thread: int, by: str, now: datetime) -> bool:
    """A unit takes a thread up again."""
    with alone():
        one = Delivery.objects.get(id=thread)
        if one.done_at is None:
            return False
        one.done_at, one.done_by = None, ""
        one.save()
        _add(one, "reopened", by, now)
        return True


def thread_of(thread: int) -> Delivery | None:
    """One thread; None when there is none."""
    found: Delivery | None = Delivery.objects.filter(id=thread).first()
    return found


def _add(one: Delivery, what: str, by: str, now: datetime) -> None:
    Entry.objects.create(delivery=one.id, at=now, what=what, by=by)


def disease_name(key: str, language: str) -> str:
    """What a disease is called; empty for none."""
    found = diseases().get(key)
    if found is None:
        return key
    return found.en if language.startswith("en") else found.nb
