"""The doors of this process: one for each register, opened when somebody first hands something in."""

from __future__ import annotations

from pathlib import Path
from threading import Lock

from django.conf import settings
from django.utils import timezone

from varde.register import APART, Door, DoorClosed, open_register

_doors: dict[str, Door] = {}
_lock = Lock()
_stopping = False


def door(kind: str) -> Door:
    """The door for a kind: a de-identified register has its own.

    Raises:
        DoorClosed: the service is stopping.
    """
    alias = kind if kind in APART else "default"
    with _lock:
        if _stopping:
            raise DoorClosed("the service is stopping")
        found = _doors.get(alias)
        if found is None:
            register = open_register(Path(settings.VARDE_HOME), alias)
            found = _doors[alias] = Door(register, timezone.now)
        return found


def doors() -> list[Door]:
    """Those that are open."""
    return list(_doors.values())


def close_doors(seconds: float = 30) -> bool:
    """Let nobody in any more and finish what waits; whether that was done within `seconds` a door."""
    global _stopping
    with _lock:
        _stopping = True
    finished = [found.close(seconds) for found in _doors.values()]
    return all(finished)
