"""Invented reports of chosen readers, and the table of who works with whom."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from random import Random

import msgspec

from deliveries.given import deliver
from varde.guidelines import SHIPPED, read_library
from varde.prescribing.reports import Kind, Report
from varde.synthetic.reports import invent_report

LIBRARY = read_library(SHIPPED)
DOCTOR, OTHER = "9900001", "9900002"
UNIT = "974760673"
GROUP = "gruppe-1"


def a_report(
    kind: Kind = "rak", variant: str = "year", unit: str = DOCTOR, year: int = 2025, seed: int = 1
) -> Report:
    """One report that opens with no goal."""
    edition = LIBRARY.edition(date(year, 12, 31))
    made = invent_report(kind, variant, year, Random(seed), edition)
    return msgspec.structs.replace(made, unit=unit, goal=None)


def write_prescribers(home: Path, doctors: list[str], role: str = "gp", group: str = GROUP) -> None:
    """Deliver who is in the group and at the unit."""
    lines = ["prescriber;since;until;role;unit;municipality;peer_group"]
    lines += [f"{one};2020-01-01;;{role};{UNIT};4601;{group}" for one in doctors]
    receipt = deliver(home, ("\n".join(lines) + "\n").encode())
    assert receipt.accepted == len(doctors), receipt
