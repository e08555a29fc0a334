"""One round of all that follows from cases and from the clock: for cron, and for the service after each batch."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock

import msgspec

from varde.followup.linking import find_contacts
from varde.followup.reminding import remind
from varde.followup.telling import tell_new
from varde.register import Register

_logger = logging.getLogger(__name__)

EVERY = timedelta(minutes=1)
"""So often at most the service looks for what the clock brings."""


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """What a round did.

    Attributes:
        cases: how many changed cases were looked at.
        reminders, escalated, forms: as of `varde.followup.reminding.Reminded`.
    """

    cases: int
    reminders: int = 0
    escalated: int = 0
    forms: int = 0


def run(now: datetime, register: Register) -> Round:
    """Tell what the register's outbox holds, and do what it is time for."""
    cases = tell_new(now) + _tell_contacts(now, register)
    reminded = remind(now)
    return Round(
        cases=cases,
        reminders=reminded.reminders,
        escalated=reminded.escalated,
        forms=reminded.forms,
    )


def _tell_contacts(now: datetime, register: Register) -> int:
    """Find what follows for cases from the contacts that they were, and tell it; how many cases were looked at."""
    return tell_new(now) if find_contacts(register, now) else 0


class Follower:
    """Does after each intake batch of a process what follows from it; never fails, and never keeps anybody waiting.

    Args:
        register: gives the register of persons.
    """

    def __init__(self, register: Callable[[], Register]) -> None:
        self._register = register
        self._lock = Lock()
        self._reminded: datetime | None = None

    def __call__(self, now: datetime) -> None:
        """Tell what is new; what the clock brings at most once a minute."""
        try:
            if tell_new(now):
                _tell_contacts(now, self._register())
            if self._is_time(now):
                remind(now)
        except Exception:
            # What is in the outbox stays there: the next round, or `varde followup run`, tells it.
            _logger.exception("what follows from changed cases could not be told")

    def _is_time(self, now: datetime) -> bool:
        with self._lock:
            if self._reminded is not None and abs(now - self._reminded) < EVERY:
                return False
            self._reminded = now
            return True
