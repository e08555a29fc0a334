"""Shifts out of hours: who is on duty at which unit, which evening or night."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from varde.synthetic.draws import Floats, Ints

from .calendar import Month
from .columns import chosen, dates, decimal_text, decimals, generator, table
from .places import Places
from .settings import level
from .staff import Staff, hpr

PARTS = ("day", "evening", "night")
INHABITANTS = 45_000
"""Assumption: one more doctor in the daytime and evening for so many inhabitants."""

OPEN = np.array([[0, 750, 900], [800, 800, 800]])
"""Hours × 100 that each part lasts on working days, and on others."""

BUSY = np.array([1.25, 1.1, 0.45])
"""Assumption: contacts an hour, relative to others, by day, in the evening and at night."""


@dataclass(frozen=True, eq=False)
class Shifts:
    """The shifts of one month, those of a unit beside each other.

    Attributes:
        unit, prescriber: positions.
        day: since 1970-01-01.
        part: a position in `PARTS`.
        hours: × 100.
    """

    unit: Ints
    prescriber: Ints
    day: Ints
    part: Ints
    hours: Ints

    @property
    def busyness(self) -> Floats:
        """The sum, before each shift and after the last, of the contacts to expect, up to a factor."""
        return np.concatenate([[0.0], np.cumsum(self.hours * BUSY[self.part])])


def roster(staff: Staff, places: Places, month: Month, seed: int) -> Shifts:
    """All shifts of a month: each part has at least one doctor, and no doctor twice."""
    units = len(staff.pools)
    inhabitants = np.bincount(places.unit, places.inhabitants, minlength=units)
    found = [
        _at_unit(unit, staff, max(1, round(float(inhabitants[unit]) / INHABITANTS)), month, seed)
        for unit in range(units)
    ]
    return Shifts(*(np.concatenate(columns) for columns in zip(*found, strict=True)))


def _at_unit(
    unit: int, staff: Staff, doctors: int, month: Month, seed: int
) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    draw = generator(seed, "shifts", month.at, unit)
    days, free = month.days, month.free
    own, others = staff.pools[unit]
    columns: list[tuple[Ints, Ints, Ints, Ints]] = []
    for part in range(3):
        on = days[OPEN[free.astype(int), part] > 0]
        size = min(len(own), len(others), doctors if part < 2 else max(1, doctors // 3))
        slots = np.tile(np.arange(size), len(on))
        foreign = draw.random(len(slots)) < level("non_gp_shifts")
        first = np.repeat(draw.integers(0, 1 << 30, (2, len(on))), size, axis=1)
        doctor = np.where(
            foreign,
            others[(first[1] + slots) % len(others)],
            own[(first[0] + slots) % len(own)],
        )
        day = np.repeat(on, size)
        hours = OPEN[np.isin(day, days[free]).astype(int), part]
        columns.append((doctor, day, np.full(len(day), part), hours))
    doctor, day, part_of, hours = (np.concatenate(each) for each in zip(*columns, strict=True))
    order = np.lexsort((part_of, day))
    return np.full(len(day), unit), doctor[order], day[order], part_of[order], hours[order]


def shift_table(shifts: Shifts, unit_numbers: Ints) -> pa.Table:
    """The table ``shifts`` of a month."""
    return table(
        "shifts",
        {
            "prescriber": decimal_text(hpr(shifts.prescriber), 9),
            "unit": decimal_text(unit_numbers[shifts.unit], 9),
            "began_on": dates(shifts.day),
            "part": chosen(PARTS, shifts.part),
            "hours": decimals(shifts.hours, 2),
        },
    )
