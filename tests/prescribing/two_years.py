"""Doctors of whom all is known, over two years: who is in which group or county in either, and what each has done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa

from varde.prescribing import layouts

THEN, NOW = 2024, 2025
LONG_AGO, NEW_YEAR, OLD_YEAR = date(2020, 1, 1), date(NOW, 1, 1), date(THEN, 12, 31)
PRACTICE, UNIT, MERGED = "974760673", "889640782", "974720760"
Posts = Mapping[str, tuple[str, str]]
"""Of each doctor the group, or county's municipality, in either year; blank: none."""


def table(key: str, found: list[dict[str, Any]]) -> pa.Table:
    names = layouts()[key].schema.names
    return pa.Table.from_pylist(
        [{name: one.get(name) for name in names} for one in found], layouts()[key].schema
    )


def work(doctors: Mapping[str, str], role: str = "gp") -> dict[str, list[dict[str, Any]]]:
    """Ten airway contacts a month of each doctor in both years, at a unit; with penicillin for so many of them as the
    doctor's number says, which is what nobody else may learn."""
    contacts, given = [], []
    for doctor, unit in doctors.items():
        for year in (THEN, NOW):
            for at in range(120):
                day, patient = date(year, at % 12 + 1, at % 28 + 1), f"{doctor}-{year}-{at}"
                who = {"prescriber": doctor, "unit": unit, "patient": patient, "sex": "F"}
                who |= {"age": 40}
                contacts.append(
                    who
                    | {"consultation_id": patient, "held_on": day, "setting": role}
                    | {"billing": "2ad 2ak", "diagnoses": "R74"}
                )
                if at < int(doctor) % 100 + 20:
                    given.append(
                        who
                        | {"dispensing_id": patient, "dispensed_on": day, "prescribed_on": day}
                        | {"atc": "J01CE02", "ddd": Decimal(10), "ddd_version": year}
                    )
    return {"consultations": contacts, "dispensings": given}


def world(posts: Posts, by: str = "peer_group") -> dict[str, pa.Table]:
    rows: list[dict[str, Any]] = []
    for doctor, places in posts.items():
        ends = ((LONG_AGO, OLD_YEAR), (NEW_YEAR, None))
        for place, (since, until) in zip(places, ends, strict=True):
            row = {"prescriber": doctor, "since": since, "until": until, "role": "gp"}
            row |= {"unit": PRACTICE, "municipality": "5001", "peer_group": ""}
            if by == "peer_group" or place:
                rows.append(row | {by: place})
    homes = [
        {"institution": PRACTICE, "since": LONG_AGO, "name": "Stedet", "kind": "practice"}
        | {"municipality": "5001"}
    ]
    done = work(dict.fromkeys(posts, PRACTICE))
    found = {"institutions": homes, "prescribers": rows, **done}
    return {key: table(key, some) for key, some in found.items()}


def members(count: int, group: str = "tolv") -> dict[str, tuple[str, str]]:
    return {f"{1000 + at}": (group, group) for at in range(count)}


def two_units(merged: date | None) -> dict[str, pa.Table]:
    """Eleven doctors at one out-of-hours unit, three at another, whose own sum is hidden.

    Args:
        merged: the last day of the other, which the first took over then.
    """
    doctors = {f"{1000 + at}": UNIT for at in range(11)}
    doctors |= {f"{1100 + at}": MERGED for at in range(3)}
    units: list[dict[str, Any]] = [
        {"institution": number, "since": LONG_AGO, "name": number, "kind": "out-of-hours"}
        | {"municipality": "5001"}
        for number in (UNIT, MERGED)
    ]
    if merged:
        units[1] |= {"until": merged, "successor": UNIT}
    posts = [
        {"prescriber": doctor, "since": LONG_AGO, "role": "out-of-hours", "unit": unit}
        | {"municipality": "5001", "peer_group": ""}
        for doctor, unit in doctors.items()
    ]
    found = {"institutions": units, "prescribers": posts, **work(doctors, "out-of-hours")}
    return {key: table(key, some) for key, some in found.items()}
