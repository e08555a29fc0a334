"""The doors of the service's process."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from varde.followup.running import Follower
from varde.register import APART, Door, Doors
from varde.web.registers import the_register


@cache
def _all() -> Doors:
    return Doors(Path(settings.VARDE_HOME), timezone.now, after=Follower(the_register))


def door(kind: str) -> Door:
    """The door for a kind: a de-identified register has its own.

    Raises:
        DoorClosed: the service is stopping.
    """
    return _all().door(kind if kind in APART else "default")


def doors() -> list[Door]:
    """Those that are open."""
    return _all().opened()


def close_doors(seconds: float = 30) -> bool:
    """Let nobody in any more and finish what waits; whether that was done within `seconds` a door."""
    return _all().close(seconds)
