"""How much a client may send: token buckets for requests in a minute and bytes in a day.

A bucket holds as much as may be sent at once, and fills evenly: a client that has been silent may send a
whole minute's requests at once, and never more than twice that in any minute. The arithmetic is in whole
numbers, so no rounding makes a limit softer or a wait too short.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from time import monotonic_ns

from msgspec import Struct

from varde.access.clients.refusals import OverLimit
from varde.access.clients.rules import Limits

SECOND = 1_000_000_000
MINUTE = 60 * SECOND
DAY = 24 * 60 * MINUTE


class Rate(Struct, frozen=True):
    """So many of something in so many nanoseconds; also the most at once."""

    amount: int
    per: int


class Level(Struct, frozen=True):
    """What is in a bucket at a time.

    Attributes:
        filled: in parts of one: `Rate.per` parts are one request, or one byte.
        at: nanoseconds on the clock that is asked.
    """

    filled: int
    at: int


def fill(level: Level | None, rate: Rate, now: int) -> Level:
    """The bucket as it is now; full when nothing is known of it. A clock that goes back fills nothing."""
    most = rate.amount * rate.per
    if level is None:
        return Level(most, now)
    passed = max(0, now - level.at)
    return Level(min(most, level.filled + passed * rate.amount), max(now, level.at))


def wait_for(level: Level, rate: Rate, amount: int) -> int:
    """Nanoseconds until so much can be taken, rounded up: 0 when it can be taken now.

    The amount may not be more than the bucket holds.
    """
    lacking = amount * rate.per - level.filled
    return max(0, -(-lacking // rate.amount))


def take(level: Level, rate: Rate, amount: int) -> Level:
    """The bucket with so much less; `wait_for` has said that it can be taken."""
    return Level(level.filled - amount * rate.per, level.at)


class Allowances:
    """What each client has left, in the memory of this process. Safe for threads.

    Args:
        clock: nanoseconds, never going back.
    """

    def __init__(self, clock: Callable[[], int] = monotonic_ns) -> None:
        self._clock = clock
        self._levels: dict[str, tuple[Level, Level]] = {}
        self._lock = Lock()

    def spend(self, client_id: str, limits: Limits, size: int) -> None:
        """Take one request of `size` bytes from what a client may send. A refused request takes nothing.

        Raises:
            OverLimit: ``too-many-requests``, ``too-many-bytes`` or ``larger-than-limit``.
        """
        requests = Rate(limits.requests_per_minute, MINUTE)
        volume = Rate(limits.bytes_per_day, DAY)
        if size > volume.amount:
            raise OverLimit("larger-than-limit", client_id, None)
        with self._lock:
            now = self._clock()
            known = self._levels.get(client_id, (None, None))
            first, second = fill(known[0], requests, now), fill(known[1], volume, now)
            waits = wait_for(first, requests, 1), wait_for(second, volume, size)
            if not any(waits):
                first, second = take(first, requests, 1), take(second, volume, size)
            self._levels[client_id] = (first, second)
        if any(waits):
            code = "too-many-bytes" if waits[1] > waits[0] else "too-many-requests"
            raise OverLimit(code, client_id, -(-max(waits) // SECOND))
