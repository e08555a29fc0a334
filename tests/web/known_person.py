"""A register that knows one person of Oslo well: for the pages that ask for a number."""

from __future__ import annotations

from datetime import UTC, datetime

from register.answers import PERSONS, answer
from register.case_messages import SALMONELLA, STOOL, dose
from varde.register import Incoming
from varde.register.intake import take_in
from varde.web.registers import the_register

ADA, BO, CLEO = PERSONS
"""One who is known well, one of Bergen, and one whom nobody has said anything about."""
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def fill() -> None:
    """Take in what is known."""
    messages = (
        answer(person=ADA, organism=SALMONELLA, mark="MSIS-M", municipality="0301", **STOOL),
        answer("R2", "M2", person=ADA, results=[("NPU06049", "R"), ("NPU06045", "S")], day="2025-11-20", municipality="0301"),
        answer("R3", "M3", person=ADA, organism="", day="2025-12-28", municipality="0301"),
        answer("R4", "M4", person=ADA, organism="Staphylococcus aureus", results=[("NPU07422", "R")], day="2025-08-01", municipality="0301"),
        answer("X2", "X2", person=ADA, her="99999", results=[("NPU06037", "S")], day="2025-11-20", municipality="0301"),
        answer("B1", "B1", person=BO, municipality="4601"),
        dose(given="2025-02-01"),
    )  # fmt: skip
    take_in(the_register(), [Incoming("f", data) for data in messages], lambda: NOW)
