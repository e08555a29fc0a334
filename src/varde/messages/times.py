"""Points in time as messages write them, to aware times in UTC.

A time without zone is Norwegian local time; a day without hour is that day's Norwegian midnight. Of the hour that is
there twice when summer time ends, a time without zone is of the first; one in the hour that is not there when it begins
is by the clock of before. So two versions that a sender makes in the two hours, without saying the zone, may count in
the wrong order, and a time be an hour early: nothing in them tells which it is, and when they were received says
something else when they are sent again.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

OSLO = ZoneInfo("Europe/Oslo")
EARLIEST = date(1970, 1, 1)
LATEST = date(2100, 1, 1)
"""Nothing outside these is accepted as a collection or answer date: it is a typing error or filler."""

TOLERANCE = timedelta(hours=24)
"""A specimen may be stamped this much later than the answer: laboratories round to a day or shift.
The clocks of sender and receiver may differ by as much, with the zone that one of them forgot."""

NO_LIMIT = datetime(9999, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=16384)
def parse_time(text: str) -> datetime | None:
    """A date or date-time in ISO 8601 to UTC; None when it is neither."""
    try:
        if len(text) == 10:
            return midnight(date.fromisoformat(text))
        if len(text) < 16 or text[10] not in "T ":
            return None
        found = datetime.fromisoformat(text)
        if found.tzinfo is None:
            found = found.replace(tzinfo=OSLO)
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def midnight(day: date) -> datetime:
    """The start of a Norwegian day, in UTC."""
    return datetime.combine(day, time(), OSLO).astimezone(UTC)


def norwegian_day(moment: datetime) -> date:
    """The Norwegian calendar day of a moment; the last evening of the calendar is its own day."""
    try:
        return moment.astimezone(OSLO).date()
    except OverflowError:
        return moment.date()


def latest_moment(received: datetime | None) -> datetime:
    """The latest time that something in a message received then may bear; no limit without it."""
    if received is None:
        return NO_LIMIT
    return min(received, NO_LIMIT - TOLERANCE) + TOLERANCE


def generated_fault(generated: datetime, latest: datetime) -> tuple[str, str] | None:
    """Why the time of an answer cannot be right: a reason and its detail; None when it can.

    ``absurd-date``: before 1970 or after 2100. ``future-generated``: after `latest`.
    """
    day = norwegian_day(generated)
    if not EARLIEST <= day < LATEST:
        return "absurd-date", day.isoformat()
    if generated > latest:
        return "future-generated", day.isoformat()
    return None


def collection_fault(
    collected: datetime, generated: datetime, latest: datetime
) -> tuple[str, str] | None:
    """Why a collection time cannot be right: a reason and its detail; None when it can.

    ``absurd-date``: before 1970 or after 2100. ``future-collected``: after `latest`, or more than a
    day later than the answer.
    """
    day = norwegian_day(collected)
    if not EARLIEST <= day < LATEST:
        return "absurd-date", day.isoformat()
    if collected > latest:
        return "future-collected", day.isoformat()
    if collected - generated > TOLERANCE:
        return "future-collected", f"{day} > {norwegian_day(generated)}"
    return None
