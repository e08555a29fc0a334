"""Looks at persons: why somebody looks at a patient who may live anywhere, and how many looks one user has.

A right may hold anywhere for some purposes (`RightRule.anywhere_for`). Whoever uses it so says why, besides: one of
``data/looks.json``, never free text, which could name the patient. The reason stands in the access log.

Whoever has a list of numbers could go through it. So each user has so many looks at once and so many more in an
hour; those who need more are no clinicians at a bedside. It is counted in the memory of this process.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from threading import Lock
from time import monotonic_ns
from types import MappingProxyType

from msgspec import Struct
from msgspec.json import decode

from varde.access.clients.limits import MINUTE, SECOND, Level, Rate, fill, take, wait_for
from varde.access.roles import Right, Words, role_file

DATA = Path(__file__).with_name("data") / "looks.json"
HOUR = 60 * MINUTE
MOST_KNOWN = 10_000
"""Users of whom a process remembers how much they have left; then all are forgotten."""


class Reason(Words, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Why somebody looks."""

    key: str


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    source: str
    at_once: int
    per_hour: int
    reasons: tuple[Reason, ...]


@cache
def _file() -> _File:
    return decode(DATA.read_bytes(), type=_File)


@cache
def look_reasons() -> Mapping[str, Reason]:
    """Every reason by its key, in the order of the file."""
    return MappingProxyType({reason.key: reason for reason in _file().reasons})


def needs_reason(right: Right, purpose: str) -> bool:
    """Whether a look for this purpose is allowed wherever the person lives, so that a reason belongs to it."""
    return purpose in role_file().rights[right].anywhere_for


class LookAllowances:
    """How many looks each user has left. Safe for threads.

    Args:
        clock: nanoseconds, never going back.
    """

    def __init__(self, clock: Callable[[], int] = monotonic_ns) -> None:
        self._clock = clock
        self._levels: dict[str, Level] = {}
        self._lock = Lock()

    def spend(self, user: str) -> int:
        """Take one look; 0, or the whole seconds until there is one again: then nothing was taken."""
        rate = Rate(_file().at_once, _file().at_once * HOUR // _file().per_hour)
        with self._lock:
            if len(self._levels) >= MOST_KNOWN:
                self._levels.clear()
            level = fill(self._levels.get(user), rate, self._clock())
            wait = wait_for(level, rate, 1)
            self._levels[user] = level if wait else take(level, rate, 1)
        return -(-wait // SECOND)


look_allowances = LookAllowances()
"""Those of this process."""
