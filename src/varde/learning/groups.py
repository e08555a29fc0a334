"""Who belongs together on a day: a peer group's members and a doctor's out-of-hours unit, as the reports of a period that
ends that day have it (`settling`), else as the delivered table of prescribers says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings

from varde.deliveries import open_tables
from varde.learning.settling import settled_register
from varde.prescribing.indicators import Who


def members_of(group: str, on: date) -> frozenset[str]:
    """The doctors of a peer group; none where nothing is known of it.

    Raises:
        DeliveriesError: the delivered tables cannot be read.
        KeyProblem: what was settled does not open.
    """
    return frozenset(
        doctor
        for (doctor, _role), row in _memberships(on).items()
        if group and row["peer_group"] == group
    )


def is_group(doctor: str, on: date) -> bool:
    """Whether a doctor is in a peer group.

    Raises:
        DeliveriesError: the delivered tables cannot be read.
        KeyProblem: what was settled does not open.
    """
    return any(row["peer_group"] for (one, _role), row in _memberships(on).items() if one == doctor)


def out_of_hours_unit(doctor: str, on: date) -> str:
    """The organisation number of the unit that a doctor works for out of hours; empty where nothing is known.

    Raises:
        DeliveriesError: the delivered tables cannot be read.
        KeyProblem: what was settled does not open.
    """
    row = _memberships(on).get((doctor, "out-of-hours"))
    return "" if row is None else str(row["unit"])


def _memberships(on: date) -> Mapping[tuple[str, str], Mapping[str, Any]]:
    settled = settled_register(on, "prescribers")
    if settled is not None:
        import ibis

        return Who({"prescribers": ibis.memtable(settled)}).memberships(on)
    with open_tables(Path(settings.VARDE_HOME)) as tables:
        return Who(tables).memberships(on)
