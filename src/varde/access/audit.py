"""The access log: who did what, when, for which purpose; never about whom.

Entries are only added. Each carries the SHA-256 of the one before and itself, so that `verify`
finds an entry that was changed, removed or put in between. What a chain alone cannot show is that
the newest entries were cut off, or that someone with the database rewrote all of it: compare the
newest digest with one written down elsewhere.
"""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
from django.db import connection, transaction
from django.utils import timezone

from varde.access.models import AccessLogEntry
from varde.access.roles import role_of

START = "0" * 64
_FIELDS = ("actor", "role", "area", "action", "page", "object_kind", "object_count", "purpose")
_LOCK = 0x7661726466  # the access log's own advisory lock; the register has another


def record(
    user: Any,
    action: str,
    page: str = "",
    object_kind: str = "",
    object_count: int = 0,
    purpose: str = "",
) -> AccessLogEntry:
    """Add one entry and return it.

    Args:
        user: the request's user; one who is not signed in is logged with empty actor.
        action: "sign-in", "sign-in-failed", "sign-out", "view", "download", "change", "hand-in",
            "denied",
            "token-issued", "token-refused"; at the command line "backup", "restore", "keys-rotated",
            "keys-retired", "erased".
        page: the page's key.
        object_kind: what was seen, in words of the system ("quarantine item").
        object_count: how many of them.
        purpose: what the user said it was for, where one is asked; else the role's own.
    """
    role = role_of(user)
    entry = AccessLogEntry(
        at=timezone.now(),
        actor=getattr(user, "username", "") or "",
        role=role.key if role else "",
        area=getattr(user, "area", "") or "",
        action=action,
        page=page,
        object_kind=object_kind,
        object_count=object_count,
        purpose=purpose or (role.purpose.nb if role else ""),
    )
    with transaction.atomic():
        _wait_for_turn()
        last = AccessLogEntry.objects.order_by("-id").first()
        entry.digest = _digest(last.digest if last else START, entry)
        entry.save()
    return entry


def verify() -> int | None:
    """The id of the first entry whose digest does not fit; None when the chain is whole."""
    previous = START
    for entry in AccessLogEntry.objects.order_by("id").iterator():
        if entry.digest != _digest(previous, entry):
            return int(entry.pk)
        previous = entry.digest
    return None


def _wait_for_turn() -> None:
    """One entry at a time: SQLite's write lock does it by itself, PostgreSQL needs a named one."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _digest(previous: str, entry: AccessLogEntry) -> str:
    content = [entry.at.timestamp(), *(getattr(entry, field) for field in _FIELDS)]
    return hashlib.sha256(previous.encode() + msgspec.json.encode(content)).hexdigest()
