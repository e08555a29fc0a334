"""Rows of the table of vaccinations (``tables/data/sysvak.json``), as `Vaccination`."""

from __future__ import annotations

from functools import lru_cache

from varde.messages.errors import InvalidContent
from varde.messages.records import Code, Patient, Vaccination
from varde.messages.tables.rows import Row
from varde.messages.times import NO_LIMIT
from varde.messages.vaccinations.rules import given_fault, is_somebody

VACCINATIONS = "sysvak"
"""The key of the table."""

SYSVAK = "SYSVAK"
ATC = "http://www.whocc.no/atc"
UNKNOWN = "Ukjent"
"""What the register writes where nobody knows the vaccine; it stays as sent, and maps to nothing."""

NOT_GIVEN = "I"


def read_vaccination_row(row: Row) -> Vaccination:
    """One dose given to one person.

    A cancelled row is read for its identity alone: what is wrong with it may be why it is cancelled.

    Raises:
        InvalidContent: ``not-vaccinated``, ``missing-vaccine``, ``missing-patient``,
            ``future-date``, ``born-after-vaccination``, ``contradictory-birth-date``,
            ``contradictory-sex``, ``missing-generated``.
    """
    envelope = row.envelope()
    patient = _read_patient(row, cancelled=envelope["service_type"] == "C")
    vaccines = _vaccines(row["vaccine_code"], row["atc"], row["product"])
    if envelope["service_type"] != "C":
        if row["event"] == NOT_GIVEN:
            raise row.fault("not-vaccinated", "event")
        if not vaccines:
            raise row.fault("missing-vaccine", "vaccine_code")
        if not is_somebody(patient):
            raise row.fault("missing-patient", "patient")
        fault = given_fault(row["given"], patient.birth_date, envelope["generated"], NO_LIMIT)
        if fault is not None:
            raise row.fault(fault[0], "given", fault[1])
    said = row["programme"] or row["indication"]
    return Vaccination(
        **envelope,
        patient=patient,
        vaccines=vaccines,
        given=row["given"],
        dose=row["dose"],
        batch=" ".join(row["batch"].split()),
        programme=Code(text=" ".join(said.split())) if said else None,
        given_at=row["given_at"],
    )


def _read_patient(row: Row, cancelled: bool) -> Patient:
    try:
        return row.patient()
    except InvalidContent:
        if cancelled:
            return Patient()
        raise


@lru_cache(maxsize=4096)
def _vaccines(code: str, atc: str, product: str) -> tuple[Code, ...]:
    """The code, the ATC code and the product: what the register itself says comes first."""
    found = []
    if code:
        known = code.casefold() == UNKNOWN.casefold()
        found.append(Code(system=SYSVAK, code=UNKNOWN if known else code.upper()))
    if atc:
        found.append(Code(system=ATC, code=atc))
    if product:
        found.append(Code(text=" ".join(product.split())))
    return tuple(found)
