"""Consent to be a dot: a doctor's own, given and taken back by that doctor alone; what was is kept.

Whoever has not agreed is no dot in what the leader of the peer group sees, in any report, from the moment on; and is in
the group's own sum only where at least ten others are, beside any one who knows the own figure.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from varde.access import audit
from varde.learning.models import Consent
from varde.learning.sealed_rows import alone

_CHUNK = 500


def has_consented(unit: str) -> bool:
    """Whether a doctor has agreed, and has not taken it back."""
    return Consent.objects.filter(unit=unit, withdrawn_at__isnull=True).exists()


def consenting(units: Iterable[str]) -> frozenset[str]:
    """Those of some doctors who have agreed."""
    asked = sorted(set(units))
    found: set[str] = set()
    for start in range(0, len(asked), _CHUNK):
        rows = Consent.objects.filter(
            unit__in=asked[start : start + _CHUNK], withdrawn_at__isnull=True
        )
        found.update(rows.values_list("unit", flat=True))
    return frozenset(found)


def give_consent(user: Any, unit: str) -> bool:
    """A doctor agrees. Whoever calls has seen to it that the unit is the user's own.

    Returns:
        Whether that is new.
    """
    with alone():
        if has_consented(unit):
            return False
        Consent.objects.create(unit=unit, given_at=timezone.now(), given_by=user.username)
        audit.record(user, "change", "report", "consent given", 1, "quality")
    return True


def withdraw_consent(user: Any, unit: str) -> bool:
    """A doctor takes it back; see `give_consent`.

    Returns:
        Whether there was one.
    """
    with alone():
        rows = Consent.objects.filter(unit=unit, withdrawn_at__isnull=True)
        if not rows.update(withdrawn_at=timezone.now(), withdrawn_by=user.username):
            return False
        audit.record(user, "change", "report", "consent withdrawn", 1, "quality")
    return True
