"""Whom a demonstration shows: one of each kind who has everything that a report wants."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .homes import Homes
from .propensities import Propensities
from .registers import Numbers
from .settings import settings
from .staff import Staff, hpr


class Examples(NamedTuple):
    """Numbers as the tables write them.

    Attributes:
        doctor: a general practitioner with one practice and group in all years, who improves.
        group: the doctor's peer group, one of the largest.
        practice: the doctor's practice.
        duty_doctor: one who takes shifts at `unit` and is no general practitioner.
        unit: an out-of-hours unit where doctors of the same municipality take shifts.
        home: a nursing home that the surveys know too, open in all years, that says what it gives; in the doctor's
            municipality when there is one.
        home_care: a home-care district that does.
    """

    doctor: str
    group: str
    practice: str
    duty_doctor: str
    unit: str
    home: str
    home_care: str


def choose_examples(
    staff: Staff, propensities: Propensities, homes: Homes, numbers: Numbers
) -> Examples:
    """Choose them; the same country has the same ones."""
    lasting = [
        post
        for post in staff.posts
        if post.group >= 0 and post.until - post.since + 1 == staff.holder.shape[1]
    ]
    sizes = np.bincount([post.group for post in lasting])
    improved = [pattern.key for pattern in settings().pattern].index("improved")
    post = max(
        lasting,
        key=lambda each: (
            propensities.pattern[each.prescriber] == improved,
            sizes[each.group],
            -each.prescriber,
        ),
    )
    place = staff.practice_place[post.practice]
    near = [at for at, (own, _) in enumerate(staff.pools) if (staff.place[own] == place).any()]
    unit = near[0] if near else 0
    surveyed = [at for at, known_as in enumerate(homes.surveyed) if known_as]
    home = min(surveyed, key=lambda at: homes.place[at] != place, default=0)
    return Examples(
        doctor=f"{hpr(np.array([post.prescriber]))[0]:09d}",
        group=f"gruppe-{post.group + 1}",
        practice=f"{numbers.practices[post.practice]:09d}",
        duty_doctor=f"{hpr(staff.pools[unit][1])[0]:09d}",
        unit=f"{numbers.units[unit]:09d}",
        home=f"{numbers.homes[home]:09d}",
        home_care=f"{numbers.homes[int(np.argmax(homes.care))]:09d}",
    )
