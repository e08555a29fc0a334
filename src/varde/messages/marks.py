"""Whether something that came says that it is notifiable: also when nobody can read it."""

from __future__ import annotations

import re
from functools import cache

from varde.messages.kith.words import words
from varde.messages.records.base import Failure, Statement
from varde.messages.records.laboratory import LabReport
from varde.messages.records.notification import Notification


def is_marked(data: bytes) -> bool:
    """Whether a mark of something notifiable (list 8269: ``MSIS-M``, ``MSIS-UM``) stands anywhere in the bytes.

    A plain search, for what cannot be read: in any encoding of one, two or four bytes a character, upper or lower case.
    ``MSIS-AV`` is not one: it says that a finding is not to be notified.
    """
    return _marks().search(data) is not None


def says_notifiable(record: Statement | Failure) -> bool:
    """Whether the record is marked as notifiable; a clinician's notification always is."""
    if isinstance(record, Failure):
        return record.notifiable or record.kind == Notification.kind
    if isinstance(record, LabReport):
        return record.notifiable in words().marked
    return isinstance(record, Notification)


@cache
def _marks() -> re.Pattern[bytes]:
    wanted = "|".join(r"\x00*".join(map(re.escape, mark)) for mark in sorted(words().marked))
    return re.compile(rf"(?<![A-Z0-9])(?:{wanted})(?!\x00*[A-Z0-9])".encode(), re.IGNORECASE)
