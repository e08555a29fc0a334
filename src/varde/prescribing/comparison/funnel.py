"""Where a unit lies among its like: control limits that widen as the denominator shrinks.

D. J. Spiegelhalter, Funnel plots for comparing institutional performance, Stat Med 2005;24:1185–1202, with his
multiplicative correction for units that differ more than chance lets them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from scipy import special  # type: ignore[import-untyped]

from varde.prescribing.comparison.intervals import density_error
from varde.prescribing.comparison.values import (
    Floats,
    InvalidFigures,
    Kind,
    NotComputable,
    check_figures,
)

WARNING: Final = 0.95
ALARM: Final = 0.998
"""The two levels of a funnel's limits: about two and three standard errors."""

WINSORISED: Final = 0.1
"""The part of the units at each end whose distance is taken as that of the unit at the limit (Spiegelhalter's choice)."""

Place = Literal["below-99.8", "below-95", "within", "above-95", "above-99.8"]
PLACES: Final[tuple[Place, ...]] = ("below-99.8", "below-95", "within", "above-95", "above-99.8")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a unit of a given denominator may have by chance alone: four ends, an array each, on the scale of the value.

    A limit that is not reached by any value (no count is few enough) is 0, and the unit cannot lie below it.
    """

    low_alarm: Floats
    low: Floats
    high: Floats
    high_alarm: Floats


@dataclass(frozen=True, slots=True)
class Funnel:
    """The centre of a group of like units, and how much more than chance they differ.

    Attributes:
        kind: "proportion" or "rate".
        centre: all numerators over all denominators: above 0, and of proportions below 1.
        dispersion: the factor of the variance, at least 1 (1: chance alone).
        units: how many units it is of.
    """

    kind: Literal["proportion", "rate"]
    centre: float
    dispersion: float
    units: int

    def limits(self, denominator: npt.ArrayLike) -> Limits:
        """The limits at each denominator, all of which must be above nought.

        Raises:
            InvalidFigures: a denominator is not, or nothing varies round the centre (`fit_funnel` makes no such funnel).
        """
        d = np.asarray(denominator, np.float64)
        if _is_bare(self.kind, self.centre):
            raise InvalidFigures("there are no limits where nothing varies")
        if (d <= 0).any():
            raise InvalidFigures("there are no limits where there is nothing to divide by")
        ends = (
            _limits(self.kind, self.centre, self.dispersion, d, level) for level in (ALARM, WARNING)
        )
        (low_alarm, high_alarm), (low, high) = ends
        return Limits(low_alarm, low, high, high_alarm)

    def place(self, numerator: npt.ArrayLike, denominator: npt.ArrayLike) -> list[Place | None]:
        """Where each unit lies: beyond a limit, never on it; None where its denominator is nought.

        Raises:
            InvalidFigures: see `check_figures`.
        """
        x, d = check_figures(numerator, denominator, self.kind)
        sound = d > 0
        size = np.where(sound, d, 1.0)
        limits = self.limits(size)
        value = x / size
        beyond = (
            (value > limits.high).astype(int)
            + (value > limits.high_alarm)
            - (value < limits.low)
            - (value < limits.low_alarm)
        )
        return [PLACES[2 + n] if ok else None for n, ok in zip(beyond.tolist(), sound, strict=True)]


def proportion_limits(
    centre: float, denominator: npt.ArrayLike, level: float, dispersion: float = 1.0
) -> tuple[Floats, Floats]:
    """The ends between which a proportion lies by chance, as fractions from 0 to 1.

    A unit is outside exactly when Wilson's interval of it leaves out the centre: both ask the score test.
    """
    n = np.asarray(denominator, np.float64)
    z = float(special.ndtri((1 + level) / 2))
    half = z * np.sqrt(dispersion * centre * (1 - centre) / n)
    return np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)


def ratio_limits(
    expected: npt.ArrayLike, level: float, dispersion: float = 1.0
) -> tuple[Floats, Floats]:
    """The counts between which a Poisson count lies by chance when `expected` are expected.

    A unit is outside exactly when the exact interval of its count leaves out the expected one. More dispersion moves
    both ends away from it by the root of the factor.
    """
    e = np.asarray(expected, np.float64)
    tail = (1 - level) / 2
    low = np.where(np.exp(-e) >= tail, 0.0, special.pdtrik(tail, e))
    # When so few are expected that one is too many, the limit lies between none and one; pdtrik stops at none.
    few = np.exp(-e) > 1 - tail
    high = np.where(few, _root_below_one(e, tail), special.pdtrik(1 - tail, e) + 1)
    stretch = np.sqrt(dispersion)
    return np.maximum(e - stretch * (e - low), 0.0), e + stretch * (high - e)


def _root_below_one(expected: Floats, tail: float) -> Floats:
    """The count c from 0 to 1 with P(at least c | expected) = `tail`, by halving; counts are taken as continuous."""
    low, high = np.zeros_like(expected), np.ones_like(expected)
    for _ in range(60):
        middle = (low + high) / 2
        above = special.gammainc(middle, expected) > tail
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return high


def _limits(
    kind: Kind, centre: float, dispersion: float, d: Floats, level: float
) -> tuple[Floats, Floats]:
    if kind == "proportion":
        return proportion_limits(centre, d, level, dispersion)
    low, high = ratio_limits(centre * d, level, dispersion)
    return low / d, high / d


def _is_bare(kind: Kind, centre: float) -> bool:
    """Whether chance moves nothing round this centre: no events at all, or a proportion of all."""
    return centre <= 0 or (kind == "proportion" and centre >= 1)


def fit_funnel(
    numerator: npt.ArrayLike,
    denominator: npt.ArrayLike,
    kind: Literal["proportion", "rate"],
    overdispersed: bool = True,
) -> Funnel | NotComputable:
    """The funnel of a group of like units; units without a denominator are not of it.

    Where none of them has anything, or all have all, nothing varies, and no limit can be worked out: not computable
    ("no-spread"), and no limit of 0.

    Raises:
        InvalidFigures: see `check_figures`. Densities have no funnel: their counts are not events.
    """
    x, d = check_figures(numerator, denominator, kind)
    x, d = x[d > 0], d[d > 0]
    if not d.size:
        return NotComputable("zero-denominator")
    centre = float(x.sum() / d.sum())
    if _is_bare(kind, centre):
        return NotComputable("no-spread")
    dispersion = estimate_dispersion(x, d, kind) if overdispersed else 1.0
    return Funnel(kind, centre, dispersion, int(d.size))


def place_densities(
    numerator: npt.ArrayLike, denominator: npt.ArrayLike, overdispersed: bool = True
) -> tuple[float, list[Place | None]] | NotComputable:
    """The centre of a group of densities, and where each unit lies by what its own months vary.

    There is no funnel to draw: units of the same size have different limits. A unit is beyond a limit where its
    distance from the centre, in its own standard errors (`estimate_density`) and divided by the root of the dispersion,
    is beyond Student's quantile. None for a unit whose density has no interval.

    Args:
        numerator, denominator: by unit and month, shape (units, months).

    Raises:
        InvalidFigures: see `check_figures`.
    """
    x, d = np.asarray(numerator, np.float64), np.asarray(denominator, np.float64)
    if x.ndim != 2 or x.shape != d.shape:
        raise InvalidFigures("densities are by unit and month")
    check_figures(x.ravel(), d.ravel(), "density")
    if d.sum() <= 0:
        return NotComputable("zero-denominator")
    centre = float(x.sum() / d.sum())
    errors = [density_error(*unit) for unit in zip(x, d, strict=True)]
    sound = [
        place
        for place, error in enumerate(errors)
        if not isinstance(error, NotComputable) and error[1] > 0
    ]
    places: list[Place | None] = [None] * len(errors)
    if not sound:
        return centre, places
    values, spreads, freedom = np.array([errors[place] for place in sound], np.float64).T
    distance = (values - centre) / spreads
    # In terms of the normal distribution, so that few months do not look like much dispersion.
    normal = special.ndtri(np.clip(special.stdtr(freedom, distance), 1e-12, 1 - 1e-12))
    factor = max(1.0, float((winsorise(normal) ** 2).mean())) if overdispersed else 1.0
    scaled = np.abs(distance) / np.sqrt(factor)
    steps = sum(
        (scaled > special.stdtrit(freedom, (1 + level) / 2)).astype(int)
        for level in (WARNING, ALARM)
    )
    for place, step in zip(sound, (np.sign(distance) * steps).astype(int).tolist(), strict=True):
        places[place] = PLACES[2 + step]
    return centre, places


def estimate_dispersion(x: Floats, d: Floats, kind: Kind) -> float:
    """How many times more than chance the units vary: the mean square of their winsorised distances, at least 1."""
    centre = x.sum() / d.sum()
    variance = centre * (1 - centre) if kind == "proportion" else centre
    if variance <= 0:
        return 1.0
    distance = (x - centre * d) / np.sqrt(variance * d)
    return max(1.0, float((winsorise(distance) ** 2).mean()))


def winsorise(distance: npt.ArrayLike | Sequence[float]) -> Floats:
    """Distances with those of the outermost tenth at each end drawn in to the limit of that tenth."""
    z = np.asarray(distance, np.float64)
    low, high = np.quantile(z, [WINSORISED, 1 - WINSORISED])
    return np.clip(z, low, high)
