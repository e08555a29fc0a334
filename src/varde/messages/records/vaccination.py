"""A vaccination, as the national vaccination register (SYSVAK) keeps it."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from varde.messages.records.base import Code, Kind, Patient, Statement


class Vaccination(Statement, frozen=True, kw_only=True):
    """One dose of one vaccine given to one person.

    Attributes:
        vaccines: the alternatives that name the vaccine (a SYSVAK code, an ATC code, a product name);
            the first one that maps is used.
        given: the day.
        dose: number of the dose in its series, from 1; None when not given.
        batch: the batch number as sent; empty when not given.
        programme: why it was given (childhood programme, travel …), as sent.
        given_at: the municipality (four digits) where it was given; empty when unknown.
    """

    kind: ClassVar[Kind] = "vaccination"

    patient: Patient
    vaccines: tuple[Code, ...]
    given: date
    dose: int | None = None
    batch: str = ""
    programme: Code | None = None
    given_at: str = ""
