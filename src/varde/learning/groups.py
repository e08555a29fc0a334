"""Who belongs together on a day: a peer group's members and a doctor's out-of-hours unit, as the delivered table of
prescribers says."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from django.conf import settings

from varde.deliveries import open_tables
from varde.prescribing.indicators import Who


def members_of(group: str, on: date) -> frozenset[str]:
    """The doctors of a peer group; none where nothing is known of it.

    Raises:
        DeliveriesError: the delivered tables cannot be read.
    """
    with open_tables(Path(settings.VARDE_HOME)) as tables:
        held = Who(tables).memberships(on)
        return frozenset(
            doctor for (doctor, _role), row in held.items() if group and row["peer_group"] == group
        )


def is_group(doctor: str, on: date) -> bool:
    """Whether a doctor is in a peer group.

    Raises:
        DeliveriesError: the delivered tables cannot be read.
    """
    with open_tables(Path(settings.VARDE_HOME)) as tables:
        held = Who(tables).memberships(on)
        return any(row["peer_group"] for (one, _role), row in held.items() if one == doctor)


def out_of_hours_unit(doctor: str, on: date) -> str:
    """The organisation number of the unit that a doctor works for out of hours; empty where nothing is known.

    Raises:
        DeliveriesError: the delivered tables cannot be read.
    """
    with open_tables(Path(settings.VARDE_HOME)) as tables:
        row = Who(tables).memberships(on).get((doctor, "out-of-hours"))
        return "" if row is None else str(row["unit"])
