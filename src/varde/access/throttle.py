"""Slows down guessing of passwords: after a handful of failures a user name must wait."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.crypto import salted_hmac

from varde.access.models import FailedSignIn

LIMIT = 5
WINDOW = timedelta(minutes=15)


def is_blocked(username: str) -> bool:
    """True when `LIMIT` attempts on this user name have failed within `WINDOW`."""
    since = timezone.now() - WINDOW
    return FailedSignIn.objects.filter(key=_key(username), at__gte=since).count() >= LIMIT


def note_failure(username: str) -> None:
    """Remember one failed attempt, and forget those too old to count."""
    now = timezone.now()
    FailedSignIn.objects.filter(at__lt=now - WINDOW).delete()
    FailedSignIn.objects.create(key=_key(username), at=now)


def clear(username: str) -> None:
    """Forget the failures of one who has signed in."""
    FailedSignIn.objects.filter(key=_key(username)).delete()


def _key(username: str) -> str:
    # A keyed hash: people type passwords into the user name field, and this table may be read.
    return salted_hmac(
        "varde.access.throttle", username.strip().casefold(), algorithm="sha256"
    ).hexdigest()
