"""How long an answer takes: from the specimen was taken, to the answer was made, to it was received here.

What is measured is the *first version that was received* of each answer: when something was first known
here. Both times are of that version: it may be a preliminary one, and the final one that follows is not
counted again. A correction months later would make a fast laboratory look slow, so the current version is
not it. Historic copies (H) are no answers to anybody and are left out. Each specimen counts once, at the
time that the current version gives for it; one without a time of day counts from midnight.

A busy register has more answers than a page needs: of a period with many, every n-th message is looked
at, and the answer says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from math import ceil
from typing import Literal, NamedTuple

from varde.messages.times import OSLO
from varde.register import ids, store
from varde.register.store import connection
from varde.register.traffic import count_hours, first_message

MOST = 10_000
"""Answers looked at in one question, about."""
Step = Literal["week", "month"]
Part = Literal["making", "receiving", "whole"]
"""Specimen taken to answer made; answer made to received here; specimen taken to received here."""
PARTS: tuple[Part, ...] = ("making", "receiving", "whole")
STEPS = (6, 12, 24, 48, 72, 120, 168, 336)
"""Upper ends, in hours, of the classes of the distribution; the last class has none."""


class Spread(NamedTuple):
    """Hours: half took at most `median`, nine of ten at most `ninth`."""

    median: float
    ninth: float


@dataclass(frozen=True)
class Period:
    """The answers received in one week or month.

    Attributes:
        start: its first day (a Monday, or the first of a month).
        answers: how many specimens were looked at.
        spread: None when there were none.
    """

    start: date
    answers: int
    spread: Mapping[Part, Spread] | None


@dataclass(frozen=True)
class Delays:
    """The answers of a time, and how long they took.

    Attributes:
        every: 1 when all messages were looked at, n when every n-th was.
        impossible: specimens said to be taken after they were answered, left out.
        classes: how many took up to each of `STEPS` hours from specimen to here, and longer.
    """

    periods: tuple[Period, ...] = ()
    whole: Period | None = None
    every: int = 1
    impossible: int = 0
    classes: tuple[int, ...] = field(default=(0,) * (len(STEPS) + 1))


def read_delays(
    first: datetime, after: datetime, step: Step = "week", sender: str | None = None
) -> Delays:
    """How long laboratory answers took that were first received from `first` until before `after`.

    Args:
        step: weeks (from Monday) or months, Norwegian time, of the time received.
        sender: one laboratory's; None for all of them together.
    """
    start = first_message(first, sender)
    if start is None:
        return Delays()
    items = sum(
        count.items
        for count in count_hours(first, after, sender)
        if count.kind == "laboratory" and count.state == "accepted"
    )
    every = max(1, ceil(items / MOST))
    by_start: dict[date, dict[Part, list[float]]] = defaultdict(lambda: {p: [] for p in PARTS})
    impossible = 0
    for taken, made, received in _read(start, first, after, sender, every):
        making, receiving = _hours(made - taken), _hours(received - made)
        if making < 0:
            impossible += 1
            continue
        parts = by_start[_start(received, step)]
        parts["making"].append(making)
        parts["receiving"].append(max(0.0, receiving))  # two clocks differ by a little
        parts["whole"].append(making + max(0.0, receiving))
    whole = {p: [hours for parts in by_start.values() for hours in parts[p]] for p in PARTS}
    periods = tuple(_period(day, by_start.get(day, {})) for day in _days(first, after, step))
    return Delays(
        periods=periods,
        whole=_period(first.astimezone(OSLO).date(), whole),
        every=every,
        impossible=impossible,
        classes=_classify(whole["whole"]),
    )


def _read(
    start: int, first: datetime, after: datetime, sender: str | None, every: int
) -> Iterator[tuple[datetime, datetime, datetime]]:
    """Specimen taken, answer made, received, for every specimen of the answers first seen."""
    statement = (
        "SELECT CAST(s.collected_on AS TEXT), s.second_of_day, i.version_key, "
        # In this order: SQLite takes a cross join as it stands.
        "CAST(m.received_at AS TEXT) FROM register_item i CROSS JOIN register_message m "
        "CROSS JOIN register_specimen s "
        "WHERE i.kind = 'laboratory' AND i.state = 'A' AND i.service_type <> 'H' AND i.report > 0 "
        f"AND m.id = i.id / {ids.ITEMS} AND s.id >= i.report * {ids.PARTS} "
        f"AND s.id < (i.report + 1) * {ids.PARTS} "
        "AND m.received_at >= %s AND m.received_at < %s "
        "AND NOT EXISTS (SELECT 1 FROM register_item e WHERE e.report = i.report AND e.id < i.id) "
    )
    period = [store.stamp(first), store.stamp(after)]
    with connection.cursor() as cursor:
        if sender is not None:
            cursor.execute(
                f"{statement} AND i.sender = %s AND i.id >= %s AND (i.id / {ids.ITEMS}) %% %s = 0",
                [*period, sender, ids.item_id(start, 0), every],
            )
            yield from map(_times, cursor.fetchall())
            return
        cursor.execute("SELECT COALESCE(MAX(id), 0) FROM register_message")
        last = int(cursor.fetchone()[0])
        for message in range(-(-start // every) * every, last + 1, every):
            cursor.execute(
                f"{statement} AND i.id >= %s AND i.id < %s",
                [*period, ids.item_id(message, 0), ids.item_id(message + 1, 0)],
            )
            yield from map(_times, cursor.fetchall())


def _times(row: tuple[str, int, str, str]) -> tuple[datetime, datetime, datetime]:
    day, second, version_key, received = row
    taken = datetime.combine(date.fromisoformat(day), time(), OSLO) + timedelta(seconds=second)
    # The first sign of a version key says whether it is a historic copy; then comes when it was made.
    written = version_key[1:15]
    made = datetime(
        int(written[:4]),
        int(written[4:6]),
        int(written[6:8]),
        int(written[8:10]),
        int(written[10:12]),
        int(written[12:14]),
        tzinfo=UTC,
    )
    return taken.astimezone(UTC), made, store.moment(received)


def _hours(delay: timedelta) -> float:
    return delay / timedelta(hours=1)


def _start(received: datetime, step: Step) -> date:
    day = received.astimezone(OSLO).date()
    return day.replace(day=1) if step == "month" else day - timedelta(days=day.weekday())


def _days(first: datetime, after: datetime, step: Step) -> list[date]:
    """The first days of all periods of a time, also of those without answers."""
    day, last = _start(first, step), _start(after - timedelta(microseconds=1), step)
    days = [day]
    while day < last:
        day = _start(
            datetime.combine(day + timedelta(days=7 if step == "week" else 31), time(12), OSLO),
            step,
        )
        days.append(day)
    return days


def _period(start: date, parts: Mapping[Part, Sequence[float]]) -> Period:
    answers = len(parts.get("whole", ()))
    if not answers:
        return Period(start, 0, None)
    spread = {
        part: Spread(_quantile(parts[part], 0.5), _quantile(parts[part], 0.9)) for part in PARTS
    }
    return Period(start, answers, spread)


def _quantile(hours: Sequence[float], share: float) -> float:
    """The smallest of the values that at least this share of them is not larger than."""
    return sorted(hours)[max(0, ceil(share * len(hours)) - 1)]


def _classify(hours: Sequence[float]) -> tuple[int, ...]:
    counts = [0] * (len(STEPS) + 1)
    for each in hours:
        counts[next((n for n, end in enumerate(STEPS) if each <= end), len(STEPS))] += 1
    return tuple(counts)
