"""NOIS-POSI: one operation and its follow-up, as `Surgery`.

The follow-up is a later version of the same number. A version is preliminary until the outcome is
known: no infection can be said before the days of the follow-up are over, an infection or a death at
once.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache, lru_cache

from varde.messages.records import Code, Patient, Status, Surgery
from varde.messages.surveys.procedures import group_of, procedures
from varde.messages.tables.rows import Row

SURGERY = "nois-posi"
NCSP = "NCSP"
AFTER_OPERATION = ("discharged", "infected", "follow_up", "died")
INFECTED = frozenset({"superficial", "deep", "organ"})


def read_surgery(row: Row) -> Surgery:
    """One operation.

    Raises:
        InvalidContent: ``contradictory-values``: a day before the operation, a birth after it, a day
            of infection or a new operation because of one that nobody found, or a follow-up without
            its day. ``contradictory-birth-date``, ``contradictory-sex``, ``missing-generated``.
    """
    patient = row.patient()
    _check_days(row, patient)
    _check_infection(row)
    procedure, group = _procedure(row["procedure"], row["procedure_name"])
    return Surgery(
        **row.envelope(),
        status=status_of(row),
        patient=patient,
        hospital=_hospital(row["hospital"], row["hospital_name"]),
        department=row["department"],
        procedure=procedure,
        procedure_group=group,
        operated=row["operated"],
        discharged=row["discharged"],
        urgent=row["urgent"],
        asa=row["asa"],
        wound_class=row["wound_class"],
        minutes=row["minutes"],
        prophylaxis=row["prophylaxis"],
        implant=row["implant"],
        at_discharge=row["at_discharge"],
        at_follow_up=row["at_follow_up"],
        infected=row["infected"],
        follow_up=row["follow_up"],
        reoperated=row["reoperated"],
        died=row["died"],
    )


@lru_cache(maxsize=4096)
def _procedure(written: str, name: str) -> tuple[Code, str]:
    """The procedure and its group."""
    code = "".join(written.split()).upper()
    return Code(system=NCSP, code=code, text=name), group_of(code)


@lru_cache(maxsize=4096)
def _hospital(key: str, name: str) -> Code:
    return Code(code=key, text=name)


@cache
def _follow_up() -> timedelta:
    return timedelta(days=procedures().follow_up_days)


def status_of(row: Row) -> Status:
    """Final when the outcome is known: an infection at follow-up, none after all days, or a death."""
    if row["at_follow_up"] in INFECTED or row["died"] is not None:
        return "F"
    seen: date | None = row["follow_up"]
    if row["at_follow_up"] and seen is not None and seen >= row["operated"] + _follow_up():
        return "F"
    return "P"


def _check_days(row: Row, patient: Patient) -> None:
    operated: date = row["operated"]
    for name in AFTER_OPERATION:
        day: date | None = row[name]
        if day is not None and day < operated:
            raise row.fault("contradictory-values", name, f"{day} < {operated}")
    if patient.birth_date is not None and patient.birth_date > operated:
        raise row.fault("contradictory-values", "operated", f"{patient.birth_date} > {operated}")


def _check_infection(row: Row) -> None:
    found = {row["at_discharge"], row["at_follow_up"]}
    if row["at_follow_up"] and row["follow_up"] is None:
        raise row.fault("contradictory-values", "follow_up", row["at_follow_up"])
    if found & INFECTED:
        return
    if row["infected"] is not None:
        raise row.fault("contradictory-values", "infected", f"{row['infected']}; {max(found)}")
    if row["reoperated"]:
        raise row.fault("contradictory-values", "reoperated", max(found))
