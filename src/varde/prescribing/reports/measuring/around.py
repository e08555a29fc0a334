"""Those who are alike: what they have together, what the best of them reach, and where each of them lies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from varde.prescribing.comparison import (
    Benchmark,
    Circle,
    Funnel,
    NotComputable,
    Peers,
    Place,
    Profile,
    Shrunk,
    find_benchmark,
    fit_funnel,
    place_densities,
    shrink,
)
from varde.prescribing.comparison.disclosure import refuse_sum
from varde.prescribing.reports.forms import Alike
from varde.prescribing.reports.measuring.counting import Counted, Floats
from varde.prescribing.reports.measuring.plans import Plan

Band = tuple[float, float] | None

SAME: Final = {"children": 0.1, "elderly": 0.14, "activity": 1.0}
"""What is no longer asked is the same for all; which value it is, is of no matter."""


@dataclass(frozen=True, eq=False)
class Around:
    """A circle of units that are alike, for one indicator.

    Attributes:
        alike: how alike they are.
        base: the units of `Plan.base` that they are made of.
        typical: what they have together.
        benchmark: what the best of them reach, and of whom those are made.
        places, fifths: of each where it lies, and whether it is surely among the lowest or highest fifth.
        no_places: why nobody has a place; blank where some have.
        bands: of each the limits of each quarter; None where there are none.
    """

    alike: Alike
    base: frozenset[str]
    typical: float
    benchmark: float | NotComputable
    best: frozenset[str]
    places: Mapping[str, Place | None]
    fifths: Mapping[str, str]
    bands: Mapping[str, Sequence[Band]]
    no_places: str = ""


def levels_of(plan: Plan) -> tuple[Alike, ...]:
    """How alike those whom one is compared with must be; the later where too few are."""
    if plan.alike == ("prescriber", "gp"):
        return ("similar", "no-children", "no-ages", "all")
    # A nursing home's report says what it is compared with; groups and counties are compared with all.
    if plan.kind in ("rask", "peer-group", "county"):
        return ("similar",)
    return ("similar", "all")


def loosen(profiles: Sequence[Profile], level: Alike) -> Iterator[Profile]:
    """Profiles in which no more is asked than that."""
    dropped = {
        "similar": (),
        "no-children": ("children",),
        "no-ages": ("children", "elderly"),
        "all": ("children", "elderly", "activity"),
    }[level]
    for one in profiles:
        yield replace(one, **{name: SAME[name] for name in dropped})  # type: ignore[arg-type]


class Circles:
    """Who is alike to whom; asked for one indicator after the other."""

    def __init__(self, plan: Plan, profiles: Sequence[Profile]) -> None:
        self._levels = {level: Peers(loosen(profiles, level)) for level in levels_of(plan)}

    def find(self, denominator: Mapping[str, float]) -> dict[str, tuple[Alike, Circle]]:
        """Of each unit those whom it is compared with, as alike as there are enough of; who has none is left out."""
        found: dict[str, tuple[Alike, Circle]] = {}
        for level, peers in self._levels.items():
            for unit, circle in peers.find(denominator).items():
                if unit not in found and isinstance(circle, Circle):
                    found[unit] = (level, circle)
        return found


def look_around(
    counted: Counted, members: Sequence[str], alike: Alike, base: Mapping[str, frozenset[str]]
) -> Around:
    """What there is to say of a circle. Every member has a denominator in the report's period."""
    at = {unit: place for place, unit in enumerate(counted.units)}
    rows = np.array([at[unit] for unit in members], np.intp)
    kind = counted.definition.kind
    x, d = counted.years.x[rows, 1], counted.years.d[rows, 1]
    found = find_benchmark(x, d, kind, counted.definition.direction)
    best = [members[place] for place in found.members] if isinstance(found, Benchmark) else []
    places: Sequence[Place | None] = [None] * len(members)
    fifths = [""] * len(members)
    no_places = ""
    bands: list[list[Band]] = [[None] * counted.quarters.x.shape[1] for _ in members]
    if kind == "density":
        latest = counted.months.x.shape[1] // 2
        placed = place_densities(counted.months.x[rows, latest:], counted.months.d[rows, latest:])
        if not isinstance(placed, NotComputable):
            places = placed[1]
    else:
        funnel = fit_funnel(x, d, kind)
        if isinstance(funnel, Funnel):
            places = funnel.place(x, d)
        else:
            no_places = funnel.reason
        fifths = [one.fifth if isinstance(one, Shrunk) else "" for one in shrink(x, d, kind)]
        bands = _bands(counted, rows)
    return Around(
        alike=alike,
        base=_union(members, base),
        typical=float(x.sum() / d.sum()),
        benchmark=found.value if isinstance(found, Benchmark) else found,
        best=_union(best, base),
        places=dict(zip(members, places, strict=True)),
        fifths=dict(zip(members, fifths, strict=True)),
        bands=dict(zip(members, bands, strict=True)),
        no_places=no_places,
    )


def _bands(counted: Counted, rows: np.ndarray[tuple[int], np.dtype[np.intp]]) -> list[list[Band]]:
    """Of each the limits of each quarter; none where the quarter's centre is of so few that one could be known."""
    kind = counted.definition.kind
    found: list[list[Band]] = [[] for _ in range(rows.size)]
    for quarter in range(counted.quarters.x.shape[1]):
        x, d = counted.quarters.x[rows, quarter], counted.quarters.d[rows, quarter]
        there = d > 0
        low: Floats = np.full(rows.size, np.nan)
        high: Floats = np.full(rows.size, np.nan)
        if kind != "density" and refuse_sum(d[there].tolist(), anybody=True) is None:
            funnel = fit_funnel(x, d, kind)
            if isinstance(funnel, Funnel):
                limits = funnel.limits(d[there])
                low[there], high[there] = limits.low, limits.high
        for place, ends in enumerate(zip(low.tolist(), high.tolist(), strict=True)):
            found[place].append(ends if there[place] and ends[0] == ends[0] else None)
    return found


def _union(units: Sequence[str], base: Mapping[str, frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*(base[unit] for unit in units)) if units else frozenset()
