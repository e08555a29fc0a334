"""When what is invented arrives: a file and the moment it comes."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

OSLO = ZoneInfo("Europe/Oslo")


class Arrival(NamedTuple):
    """One file, as it comes.

    Attributes:
        at: with a time zone.
        name: with folders; the first of them is the sender's.
    """

    at: datetime
    name: str
    data: bytes
