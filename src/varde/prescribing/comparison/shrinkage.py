"""What a unit's number would be once chance is taken out, and whether it is surely among the highest or lowest fifth.

Empirical Bayes: units are draws from a distribution that all of them together tell. Proportions: beta-binomial, its
moments as in J. C. Kleinman, Proportions with extraneous variance, J Am Stat Assoc 1973;68:46–54. Rates: gamma-Poisson,
as in R. J. Marshall, Mapping disease and mortality rates using empirical Bayes estimators, Appl Stat 1991;40:283–294.
Uncertainty of ranks: H. Goldstein, D. J. Spiegelhalter, J R Stat Soc A 1996;159:385–443. Nothing here gives a rank.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from scipy import special  # type: ignore[import-untyped]

from varde.prescribing.comparison.intervals import LEVEL, poisson
from varde.prescribing.comparison.values import (
    Floats,
    Kind,
    NotComputable,
    check_figures,
)
from varde.uncertainty import Z_95, wilson

FIFTH: Final = 0.2
GRID: Final = 400
"""Points at which the distributions of all units are summed; between them straight lines."""

Fifth = Literal["lowest", "highest", ""]


@dataclass(frozen=True, slots=True)
class Spread:
    """How units differ beyond chance: a beta distribution of proportions, a gamma distribution of rates.

    Attributes:
        centre: its mean.
        weight: how many of the denominator the distribution is worth (beta: both shapes together; gamma: the rate);
            infinite where units differ by chance alone.
    """

    kind: Literal["proportion", "rate"]
    centre: float
    weight: float


@dataclass(frozen=True, slots=True)
class Shrunk:
    """A unit's number drawn towards its like.

    Attributes:
        value, low, high: mean and 95 % interval of what the unit's own number is.
        above_low, above_high: between which parts of the units it is surely above: 95 % interval of its place, from 0
            (lowest) to 1 (highest). Never shown as a rank.
        fifth: the fifth it surely belongs to, where its interval allows to say so.
    """

    value: float
    low: float
    high: float
    above_low: float
    above_high: float
    fifth: Fifth


def fit_spread(
    numerator: npt.ArrayLike, denominator: npt.ArrayLike, kind: Literal["proportion", "rate"]
) -> Spread | NotComputable:
    """The distribution that units come from, by moments weighted with denominators.

    Raises:
        InvalidFigures: see `check_figures`. Densities are not shrunk: their counts are not events.
    """
    x, d = check_figures(numerator, denominator, kind)
    x, d = x[d > 0], d[d > 0]
    if not d.size:
        return NotComputable("zero-denominator")
    if d.size < 2:
        return NotComputable("too-few-units")
    total = d.sum()
    centre = float(x.sum() / total)
    chance = centre * (1 - centre) if kind == "proportion" else centre
    if chance <= 0:
        return Spread(kind, centre, np.inf)
    squares = float((d * (x / d - centre) ** 2).sum())
    room = float(total - (d**2).sum() / total)
    if kind == "proportion":
        # A part of the variance between 0 and 1; at 1 every unit would have all or nothing.
        shared = (squares / chance - (d.size - 1)) / max(room - (d.size - 1), 1e-12)
        shared = min(max(shared, 0.0), 1 - 1e-9)
        weight = (1 - shared) / shared if shared > 0 else np.inf
    else:
        variance = (squares - chance * (d.size - 1)) / room
        weight = centre / variance if variance > 0 else np.inf
    return Spread(kind, centre, float(weight))


def shrink(
    numerator: npt.ArrayLike, denominator: npt.ArrayLike, kind: Literal["proportion", "rate"]
) -> list[Shrunk | NotComputable]:
    """Each unit's shrunk number and the fifth it surely belongs to, in the order given.

    A unit's place is the part of the others that lies below it: the mean of the others' distributions at the ends of
    its own interval, and two standard errors of that mean wider. Where units seem to differ by chance alone, each has
    the number of all together, with the interval of that (Wilson, exact Poisson). It draws no random numbers.

    Raises:
        InvalidFigures: see `check_figures`.
    """
    x, d = check_figures(numerator, denominator, kind)
    spread = fit_spread(x, d, kind)
    if isinstance(spread, NotComputable):
        return [spread if size > 0 else NotComputable("zero-denominator") for size in d]
    found: list[Shrunk | NotComputable] = [NotComputable("zero-denominator")] * d.size
    units = np.flatnonzero(d > 0)
    if np.isinf(spread.weight):
        pooled = _pooled(x[units], d[units], kind)
        everyone = Shrunk(spread.centre, *pooled, 0.0, 1.0, "")
        for unit in units:
            found[unit] = everyone
        return found
    first, second = _shapes(spread, x[units], d[units])
    tail = (1 - LEVEL) / 2
    low, high = (_quantile(kind, first, second, p) for p in (tail, 1 - tail))
    mean = first / (first + second) if kind == "proportion" else first / second
    # Where nearly all units have all or nothing, a mean may lie outside what 95 of 100 are.
    low, high = np.minimum(low, mean), np.maximum(high, mean)
    below, error = _below(kind, first, second, low, high)
    start = np.clip(below[0] - Z_95 * error[0], 0.0, 1.0)
    # Rounding must not put the end before the start.
    ends = (start, np.maximum(start, np.clip(below[1] + Z_95 * error[1], 0.0, 1.0)))
    rows = zip(*(a.tolist() for a in (mean, low, high, *ends)), strict=True)
    for unit, (value, least, most, above, up_to) in zip(units, rows, strict=True):
        fifth: Fifth = "highest" if above >= 1 - FIFTH else "lowest" if up_to <= FIFTH else ""
        found[unit] = Shrunk(value, least, most, above, up_to, fifth)
    return found


def _pooled(x: Floats, d: Floats, kind: Literal["proportion", "rate"]) -> tuple[float, float]:
    """The 95 % interval of the number of all together."""
    if kind == "proportion":
        low, high = wilson(x.sum(), d.sum())
        return float(low), float(high)
    least, most = poisson([x.sum()])
    return float(least[0] / d.sum()), float(most[0] / d.sum())


def _shapes(spread: Spread, x: Floats, d: Floats) -> tuple[Floats, Floats]:
    """Of each unit's own distribution: both shapes (beta), or shape and rate (gamma)."""
    shape = spread.centre * spread.weight
    if spread.kind == "proportion":
        return x + shape, d - x + spread.weight - shape
    return x + shape, d + spread.weight


def _quantile(kind: Kind, first: Floats, second: Floats, p: float) -> Floats:
    if kind == "proportion":
        return np.asarray(special.betaincinv(first, second, p), np.float64)
    return np.asarray(special.gammaincinv(first, p) / second, np.float64)


def _cumulative(kind: Kind, first: Floats, second: Floats, at: float | Floats) -> Floats:
    if kind == "proportion":
        return np.asarray(special.betainc(first, second, at), np.float64)
    return np.asarray(special.gammainc(first, at * second), np.float64)


def _below(
    kind: Kind, first: Floats, second: Floats, *at: Floats
) -> tuple[list[Floats], list[Floats]]:
    """For each array of values: the part of the *other* units below, and the standard error of that part."""
    points = np.unique(np.quantile(np.concatenate(at), np.linspace(0, 1, GRID)))
    sums, squares = np.empty(points.size), np.empty(points.size)
    for place, point in enumerate(points):
        chance = _cumulative(kind, first, second, float(point))
        sums[place] = chance.sum()
        squares[place] = (chance * (1 - chance)).sum()
    others = first.size - 1
    below, error = [], []
    for values in at:
        own = _cumulative(kind, first, second, values)  # the unit itself is in the sums
        total = np.interp(values, points, sums) - own
        variance = np.interp(values, points, squares) - own * (1 - own)
        below.append(np.clip(total / others, 0.0, 1.0))
        error.append(np.sqrt(np.maximum(variance, 0.0)) / others)
    return below, error
