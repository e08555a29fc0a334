"""What could not be placed of those whose report it is: in which role, at which unit, for which diagnosis."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from varde.prescribing.comparison.disclosure import refuse_sum
from varde.prescribing.indicators import Period, Role, count_contacts_by_unit, count_left_out
from varde.prescribing.reports.inputs import Unplaced
from varde.prescribing.reports.measuring.plans import Plan

if TYPE_CHECKING:
    import ibis

LEFT_OUT: Final = ("dispensings", "without_role", "without_unit", "without_diagnosis")
ByPrescriber = Mapping[str, Sequence[Mapping[str, Any]]]


class LeftOut:
    """What could not be placed in a period, by prescriber; each is counted once, when it is asked for."""

    def __init__(self, tables: Mapping[str, ibis.Table], period: Period) -> None:
        self._tables, self._period = tables, period
        self._prescriptions: dict[Role | None, ByPrescriber] = {}

    def prescriptions(self, role: Role | None) -> ByPrescriber:
        """Of a role: the rows of `count_left_out`."""
        if not {"dispensings", "prescribers"} <= set(self._tables):
            return {}
        if role not in self._prescriptions:
            found = count_left_out(self._tables, self._period, role)
            self._prescriptions[role] = _by_prescriber(found)
        return self._prescriptions[role]

    @cached_property
    def contacts(self) -> ByPrescriber:
        """Contacts out of hours: the rows of `count_contacts_by_unit`."""
        if not {"consultations", "prescribers"} <= set(self._tables):
            return {}
        return _by_prescriber(count_contacts_by_unit(self._tables, self._period))


def _by_prescriber(table: pa.Table) -> ByPrescriber:
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in table.to_pylist():
        found[row["prescriber"]].append(row)
    return found


def find_unplaced(left_out: LeftOut, plan: Plan, unit: str, doctors: Sequence[str]) -> Unplaced:
    """What some figures of a report do not have; of several doctors a number that is of too few of them is none.

    Args:
        doctors: whose sum the report is. It must be one that may be told.
    """
    by_unit = plan.by == "out-of-hours-unit"

    def of_unit(known: ByPrescriber) -> list[list[Mapping[str, Any]]]:
        """Of each doctor what was there, or nobody knows where."""
        here = (unit, None)
        return [
            [row for row in known.get(one, ()) if not by_unit or row["unit"] in here]
            for one in doctors
        ]

    def add_up(each: Sequence[int]) -> int | None:
        found = [number for number in each if number]
        if plan.rules.of_several and found and refuse_sum(found, anybody=True):
            return None
        return sum(found)

    members = of_unit(left_out.prescriptions(plan.rules.role))
    some = {name: [sum(row[name] for row in rows) for rows in members] for name in LEFT_OUT}
    contacts = of_unit(left_out.contacts) if by_unit else []
    nowhere = [sum(row["contacts"] for row in rows if row["unit"] is None) for rows in contacts]
    return Unplaced(
        all=sum(some["dispensings"]),
        role=add_up(some["without_role"]),
        unit=add_up(some["without_unit"]) if by_unit else 0,
        diagnosis=add_up(some["without_diagnosis"]),
        all_contacts=sum(row["contacts"] for rows in contacts for row in rows),
        contacts=add_up(nowhere),
    )
