"""What holds for a vaccination in whatever format it comes."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

from varde.messages.records import Patient
from varde.messages.times import LATEST, TOLERANCE, midnight

EARLIEST = date(1900, 1, 1)
"""Vaccinations of long ago are entered afterwards; one before this is a typing error or filler."""

MAX_DOSE = 99
"""Doses of one series; more is a number of something else."""

_start_of = lru_cache(maxsize=16384)(midnight)


def given_fault(
    given: date, born: date | None, generated: datetime, latest: datetime
) -> tuple[str, str] | None:
    """Why the day of a vaccination cannot be right: a reason and its detail; None when it can.

    Args:
        given: the day.
        born: birth date of the person; None when unknown.
        generated: when the record of it was made; clocks and shifts may differ by `TOLERANCE`.
        latest: the latest time that anything in the message may bear (`times.latest_moment`).

    ``absurd-date``: before 1900 or after 2099. ``future-date``: after `latest`, or later than
    it was recorded. ``born-after-vaccination``: before the person's birth.
    """
    if not EARLIEST <= given < LATEST:
        return "absurd-date", given.isoformat()
    start = _start_of(given)
    if start > latest or start - generated > TOLERANCE:
        return "future-date", given.isoformat()
    if born is not None and given < born:
        return "born-after-vaccination", ""
    return None


def is_somebody(patient: Patient) -> bool:
    """Whether it is said who was vaccinated: a number, or else both birth date and sex."""
    return patient.identifier is not None or (patient.birth_date is not None and patient.sex != "")
