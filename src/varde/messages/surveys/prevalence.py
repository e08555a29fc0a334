"""NOIS-PIAH: a ward on a prevalence day, and the prescriptions of that day, as `WardPrevalence`.

The survey has two tables, because a ward is counted once and its prescriptions are many: a row of
counts is one statement, a row of a prescription another, each with a number of its own. Neither waits
for the other, so their order says nothing, and one prescription can be corrected alone. A statement of
a prescription counts nobody (`present` is 0, both counts are None): sums over a ward's statements are
right, and a statement that counts a ward never has treatments.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from varde.messages.records import (
    Code,
    InfectionCount,
    InstitutionKind,
    Treatment,
    WardPrevalence,
)
from varde.messages.tables.definition import Column, tables
from varde.messages.tables.rows import Row

WARDS = "nois-piah-avdeling"
TREATMENTS = "nois-piah-behandling"
ATC = "ATC"


def read_ward(row: Row) -> WardPrevalence:
    """The counts of one ward.

    Raises:
        InvalidContent: ``contradictory-values``: more with an infection or on antibiotics than are
            present, more of one infection than are present, infections that nobody has or patients
            with an infection that is none of them, or an infection that the survey does not count in
            this kind of institution. ``missing-generated``.
    """
    present: int = row["present"]
    infected: int | None = row["with_infection"]
    treated: int | None = row["on_antibiotics"]
    if infected is not None and infected > present:
        raise row.fault("contradictory-values", "with_infection", f"{infected} > {present}")
    if treated is not None and treated > present:
        raise row.fault("contradictory-values", "on_antibiotics", f"{treated} > {present}")
    return WardPrevalence(
        **row.envelope(),
        institution=_institution(row["institution"], row["institution_name"]),
        institution_kind=row["institution_kind"],
        ward=row["ward"],
        ward_type=row["ward_type"],
        specialty=row["specialty"],
        municipality=row["municipality"],
        surveyed=row["surveyed"],
        present=present,
        with_infection=infected,
        on_antibiotics=treated,
        infections=_read_infections(row, present, infected),
    )


def read_treatment(row: Row) -> WardPrevalence:
    """One prescription: a statement of the ward that counts nobody.

    Raises:
        InvalidContent: ``missing-generated``.
    """
    treatment = Treatment(
        drugs=(Code(system=ATC, code=row["atc"], text=row["substance"]),),
        indication=row["indication"],
        classification=row["classification"],
        route=row["route"],
        age=row["age"],
        sex=row["sex"],
    )
    return WardPrevalence(
        **row.envelope(),
        institution=_institution(row["institution"], row["institution_name"]),
        institution_kind=row["institution_kind"],
        ward=row["ward"],
        ward_type=row["ward_type"],
        specialty=row["specialty"],
        municipality=row["municipality"],
        surveyed=row["surveyed"],
        present=0,
        treatments=(treatment,),
    )


@lru_cache(maxsize=4096)
def _institution(key: str, name: str) -> Code:
    return Code(code=key, text=name)


@cache
def infection_columns(kind: InstitutionKind) -> Sequence[Column]:
    """The columns that count one infection by where it was acquired, in one kind of institution."""
    counting = (column for column in tables()[WARDS].columns if "infection" in column.about)
    return tuple(column for column in counting if column.about.get("only", kind) == kind)


class _Counts(NamedTuple):
    """The counts of one row together.

    Attributes:
        infections: one for each count that is given.
        total, most: their sum, and the greatest of them.
        whole: whether every count is given.
    """

    infections: tuple[InfectionCount, ...]
    total: int
    most: int
    whole: bool


@lru_cache(maxsize=4096)
def _counts(kind: InstitutionKind, cells: tuple[int | None, ...]) -> _Counts:
    """Most wards have no infection or one, so few rows differ in all these cells."""
    found = tuple(
        InfectionCount(
            infection=column.about["infection"], origin=column.about["origin"], count=count
        )
        for column, count in zip(infection_columns(kind), cells, strict=True)
        if count is not None
    )
    numbers = [each.count for each in found]
    return _Counts(found, sum(numbers), max(numbers, default=0), None not in cells)


@cache
def _cells_of(kind: InstitutionKind) -> itemgetter[Any]:
    return itemgetter(*(column.name for column in infection_columns(kind)))


@cache
def _not_asked(kind: InstitutionKind) -> tuple[str, ...]:
    other: InstitutionKind = "hospital" if kind == "nursing-home" else "nursing-home"
    asked = {column.name for column in infection_columns(kind)}
    return tuple(c.name for c in infection_columns(other) if c.name not in asked)


def _read_infections(row: Row, present: int, infected: int | None) -> tuple[InfectionCount, ...]:
    """The infections of a ward. One patient may have several, so their sum may be above `infected`."""
    kind: InstitutionKind = row["institution_kind"]
    for name in _not_asked(kind):
        if row[name]:
            raise row.fault("contradictory-values", name, f"{kind}: {row[name]}")
    counts = _counts(kind, _cells_of(kind)(row))
    if counts.most > present:
        column = next(c for c in infection_columns(kind) if (row[c.name] or 0) > present)
        raise row.fault("contradictory-values", column.name, f"{counts.most} > {present}")
    if infected is not None:
        nobody = counts.total and not infected
        if nobody or (counts.whole and counts.total < infected):
            detail = f"{infected}; {counts.total}"
            raise row.fault("contradictory-values", "with_infection", detail)
    return counts.infections
