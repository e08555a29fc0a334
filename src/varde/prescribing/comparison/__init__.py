"""Comparison done right: a unit's own number, its like, what the best reach, whether it has changed, and one verdict.

Input: NumPy arrays of numerators and denominators, profiles of units. Output: numbers with intervals, limits,
benchmarks, circles of similar units, a verdict with its sentences; what cannot be computed as a value with its reason.
No tables, no clock, no random numbers: the same figures give the same comparison.
"""

from __future__ import annotations

from varde.prescribing.comparison.benchmark import Benchmark, find_benchmark
from varde.prescribing.comparison.casemix import Standardised, standardise
from varde.prescribing.comparison.change import (
    Alert,
    Change,
    Step,
    compare_years,
    cusum,
    find_alerts,
    own_change,
    series_of,
)
from varde.prescribing.comparison.disclosure import (
    Comparator,
    Disclosure,
    Together,
    choose_together,
)
from varde.prescribing.comparison.funnel import (
    Funnel,
    Limits,
    Place,
    fit_funnel,
    place_densities,
    proportion_limits,
    ratio_limits,
)
from varde.prescribing.comparison.intervals import (
    estimate,
    estimate_density,
    estimate_one,
    poisson,
)
from varde.prescribing.comparison.peers import Circle, NoPeers, Peers, Profile, name_stay
from varde.prescribing.comparison.rules import Rules, rules
from varde.prescribing.comparison.shrinkage import Shrunk, Spread, fit_spread, shrink
from varde.prescribing.comparison.values import (
    Direction,
    Estimate,
    InvalidFigures,
    Kind,
    NotComputable,
    Reason,
)
from varde.prescribing.comparison.verdict import (
    Verdict,
    Verdicts,
    is_enough,
    judge,
    verdicts,
    write_verdict,
)

__all__ = [
    "Alert",
    "Benchmark",
    "Change",
    "Circle",
    "Comparator",
    "Direction",
    "Disclosure",
    "Estimate",
    "Funnel",
    "InvalidFigures",
    "Kind",
    "Limits",
    "NoPeers",
    "NotComputable",
    "Peers",
    "Place",
    "Profile",
    "Reason",
    "Rules",
    "Shrunk",
    "Spread",
    "Standardised",
    "Step",
    "Together",
    "Verdict",
    "Verdicts",
    "choose_together",
    "compare_years",
    "cusum",
    "estimate",
    "estimate_density",
    "estimate_one",
    "find_alerts",
    "find_benchmark",
    "fit_funnel",
    "fit_spread",
    "is_enough",
    "judge",
    "name_stay",
    "own_change",
    "place_densities",
    "poisson",
    "proportion_limits",
    "ratio_limits",
    "rules",
    "series_of",
    "shrink",
    "standardise",
    "verdicts",
    "write_verdict",
]
