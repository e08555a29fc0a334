"""What each table can be asked: its day, what of it can be counted, by which conditions, for which units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

Family = Literal["prescriber", "institution"]
UnitKind = Literal[
    "prescriber",
    "out-of-hours-unit",
    "institution",
    "peer-group",
    "municipality",
    "county",
    "country",
]
Role = Literal["gp", "out-of-hours"]

UNIT_KINDS: Final[tuple[UnitKind, ...]] = (
    "prescriber",
    "out-of-hours-unit",
    "institution",
    "peer-group",
    "municipality",
    "county",
    "country",
)
COUNTRY: Final = "country"
"""The name of the one unit of the kind "country"."""

PRESCRIBERS: Final[frozenset[UnitKind]] = frozenset(
    ("prescriber", "peer-group", "municipality", "county", "country")
)
CONTACTS: Final[frozenset[UnitKind]] = PRESCRIBERS | {"out-of-hours-unit"}
INSTITUTIONS: Final[frozenset[UnitKind]] = frozenset(
    ("institution", "municipality", "county", "country")
)

REGISTERED: Final = frozenset(("sales", "bed-days", "administrations"))
"""Tables whose rows are of an institution that the table of institutions says the kind of."""

MONTHLY: Final = frozenset(
    ("dispensings", "consultations", "shifts", "sales", "bed-days", "administrations")
)
"""Tables that have rows of every month of which they are delivered: a month without any is not one of zero."""

BANDS: Final = ((0, 9), (10, 19), (20, 39), (40, 59), (60, 79), (80, None))
"""Ages in whole years that figures are broken down by for case mix, both ends included."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One table.

    Attributes:
        day: the column whose day says what period a row is of.
        counts: what of it can be counted.
        conditions: the conditions that its columns can answer.
        kinds: the units that its rows can be of.
        identified_by: the columns that say which row it is.
        personal: whether rows have age and sex.
        contact_day: whether rows are of a contact (prescriber, patient, day).
    """

    day: str
    counts: frozenset[str]
    conditions: frozenset[str]
    kinds: frozenset[UnitKind]
    identified_by: tuple[str, ...]
    personal: bool = False
    contact_day: bool = False


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


SHAPES: Final[Mapping[str, Shape]] = MappingProxyType(
    {
        "dispensings": Shape(
            "dispensed_on",
            _names("rows patients contacts ddd"),
            _names(
                "atc atc_not reimbursement_icpc reimbursement_icd ages sex setting wait_and_see "
                "concordance course"
            ),
            CONTACTS,
            ("dispensing_id",),
            personal=True,
            contact_day=True,
        ),
        "consultations": Shape(
            "held_on",
            _names("rows patients contacts"),
            _names("diagnoses billing billing_out_of_hours ages sex setting"),
            CONTACTS,
            ("consultation_id",),
            personal=True,
            contact_day=True,
        ),
        "list-populations": Shape(
            "since",
            _names("persons"),
            _names("ages sex"),
            PRESCRIBERS,
            ("prescriber", "since", "age_low", "sex"),
            personal=True,
        ),
        "shifts": Shape(
            "began_on",
            _names("rows hours"),
            _names("part"),
            CONTACTS,
            ("prescriber", "unit", "began_on", "part"),
        ),
        "sales": Shape(
            "month",
            _names("rows ddd"),
            _names("atc atc_not route institution_kinds"),
            INSTITUTIONS,
            ("institution", "month", "product", "atc", "route"),
        ),
        "bed-days": Shape(
            "month",
            _names("bed-days"),
            _names("stay institution_kinds delivered"),
            INSTITUTIONS,
            ("institution", "month", "stay"),
        ),
        "administrations": Shape(
            "given_on",
            _names("rows patients ddd"),
            _names("atc atc_not route ages sex institution_kinds"),
            INSTITUTIONS,
            ("administration_id",),
            personal=True,
        ),
        "wards": Shape(
            "surveyed",
            _names("residents on-antibiotics"),
            _names("institution_kinds answered told"),
            INSTITUTIONS,
            ("ward_id",),
        ),
        "treatments": Shape(
            "surveyed",
            _names("rows"),
            _names("atc atc_not institution_kinds classifications told"),
            INSTITUTIONS,
            ("ward_id",),
        ),
    }
)
"""Every table that an indicator can count, by key. ``treatments`` have the day and institution of their ward."""
