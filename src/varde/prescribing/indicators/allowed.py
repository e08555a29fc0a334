"""What may stand in the columns that conditions look at: as the layouts and the tables of surveys have it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from varde.messages import published_tables
from varde.prescribing.indicators.shapes import REGISTERED
from varde.prescribing.layout import layouts

SURVEYED: Final = {
    "institution_kinds": ("nois-piah-avdeling", "institution_kind"),
    "classifications": ("nois-piah-behandling", "classification"),
}
"""The tables that surveys come in, and the column in them."""
COLUMNS: Final = ("sex", "part", "stay", "route")
"""Conditions that are called what their column is."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """The closed list of a condition.

    Attributes:
        values: all that a row can have.
        blank: whether a row may say nothing.
    """

    values: tuple[str, ...]
    blank: bool


def find_allowed(table: str, condition: str) -> Allowed | None:
    """What rows of a table can have of a condition; None where there is no closed list of it."""
    if condition in COLUMNS:
        column = layouts()[table].column(condition)
        return Allowed(column.codes, not column.required)
    if condition == "setting":
        # Of a dispensing nobody may be able to say it: see `origins`.
        return Allowed(layouts()["consultations"].column("setting").codes, table != "consultations")
    if condition == "wait_and_see":
        return Allowed(("yes", "no"), True)
    if condition == "institution_kinds" and table in REGISTERED:
        # What is in no register of institutions has no kind.
        return Allowed(layouts()["institutions"].column("kind").codes, True)
    if condition in SURVEYED:
        key, name = SURVEYED[condition]
        found = published_tables()[key].column(name)
        return Allowed(tuple(one.code for one in found.codes), not found.required)
    return None


def may_lack_age(table: str) -> bool:
    """Whether rows of a table may say no age."""
    names = {column.name: column for column in layouts()[table].columns}
    return "age" in names and not names["age"].required
