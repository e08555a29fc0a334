"""A unit's own number and how sure it is: Wilson, exact Poisson, or what the months vary by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from scipy import special  # type: ignore[import-untyped]

from varde.prescribing.comparison.rules import rules
from varde.prescribing.comparison.values import (
    Estimate,
    Floats,
    InvalidFigures,
    Kind,
    NotComputable,
    check_figures,
)
from varde.uncertainty import wilson

LEVEL: Final = 0.95


def poisson(count: npt.ArrayLike, level: float = LEVEL) -> tuple[Floats, Floats]:
    """The exact interval of the mean of a Poisson count: 0 at the lower end where `count` is 0.

    F. Garwood, Fiducial limits for the Poisson distribution, Biometrika 1936;28:437–442, by quantiles of the gamma
    distribution. Counts need not be whole.

    Raises:
        InvalidFigures: a count below 0.
    """
    x = np.asarray(count, np.float64)
    if (x < 0).any():
        raise InvalidFigures("a count is below nought")
    tail = (1 - level) / 2
    low = np.where(x > 0, special.gammaincinv(np.where(x > 0, x, 1.0), tail), 0.0)
    high = special.gammainccinv(x + 1, tail)
    return low, np.asarray(high, np.float64)


def estimate(
    numerator: npt.ArrayLike, denominator: npt.ArrayLike, kind: Literal["proportion", "rate"]
) -> list[Estimate | NotComputable]:
    """The number of each unit with its 95 % interval, in the order given.

    Raises:
        InvalidFigures: see `check_figures`.
    """
    x, d = check_figures(numerator, denominator, kind)
    size = np.where(d > 0, d, 1.0)
    if kind == "proportion":
        low, high = wilson(np.where(d > 0, x, 0.0), size)
    else:
        low, high = (end / size for end in poisson(x))
    value = x / size
    # A share of all, or of nothing, is its own end; rounding must not put it outside.
    low, high = np.minimum(low, value), np.maximum(high, value)
    return [
        Estimate(*row) if row[4] > 0 else NotComputable("zero-denominator")
        for row in zip(*(a.tolist() for a in (value, low, high, x, d)), strict=True)
    ]


def estimate_density(
    numerator: npt.ArrayLike, denominator: npt.ArrayLike
) -> Estimate | NotComputable:
    """The density of one unit over its months (one numerator and denominator each), with its 95 % interval.

    Doses are not events: a package is tens of them, and one patient many packages. How sure the density is follows
    from how much months differ: the ratio estimator and its variance by residuals (W. G. Cochran, Sampling Techniques,
    third edition 1977, chapter 6), with Student's distribution of months − 1. Seasons make it wider, never narrower.
    A month without a denominator (no bed days) is left out on both sides. Months that hardly differ are no certainty
    (twelve equal ones would have no width at all): the interval is never narrower on either side than the exact one of
    a Poisson count (`poisson`), an event being a package of doses (``rules().package``), as a dispersion is never below 1.
    It draws no random numbers, so the same months give the same interval everywhere. The lower end is never below 0.

    Raises:
        InvalidFigures: see `check_figures`.
    """
    x, d = check_figures(numerator, denominator, "density")
    spread = _density(x, d)
    if isinstance(spread, NotComputable):
        return spread
    doses, days = max(float(x[d > 0].sum()), 0.0), float(d.sum())
    value, error, freedom = spread
    half = float(special.stdtrit(freedom, (1 + LEVEL) / 2)) * error
    package = rules().package.doses
    least, most = (float(end[0]) * package / days for end in poisson([doses / package]))
    low, high = min(value - half, least), max(value + half, most)
    return Estimate(value, max(low, 0.0), high, doses, days)


def density_error(x: Floats, d: Floats) -> tuple[float, float, int] | NotComputable:
    """The density of months, its standard error, and the degrees of freedom of that.

    The error is never less than that of a Poisson count of packages (``rules().package``), nor than that of one package:
    what is the same every month, or never was, may be otherwise in another year.
    """
    spread = _density(x, d)
    if isinstance(spread, NotComputable):
        return spread
    value, error, freedom = spread
    package = rules().package.doses
    chance = float(np.sqrt(max(float(x[d > 0].sum()), package) * package)) / float(d.sum())
    return value, max(error, chance), freedom


def _density(x: Floats, d: Floats) -> tuple[float, float, int] | NotComputable:
    """The density of months, its standard error by their residuals alone, and the degrees of freedom of that."""
    total = float(d.sum())
    if total == 0:
        return NotComputable("zero-denominator")
    x = np.where(d > 0, x, 0.0)
    if x.sum() < 0:
        return NotComputable("negative")
    months = int((d > 0).sum())
    if months < rules().minimum.months:
        return NotComputable("too-few-months")
    value = float(x.sum()) / total
    residuals = x - value * d
    error = float(np.sqrt(months / (months - 1) * (residuals**2).sum())) / total
    return value, error, months - 1


def estimate_one(
    numerator: float | Sequence[float], denominator: float | Sequence[float], kind: Kind
) -> Estimate | NotComputable:
    """The number of one unit: of a density by months, of others also as one sum.

    Raises:
        InvalidFigures: see `check_figures`.
    """
    x, d = np.atleast_1d(numerator).astype(float), np.atleast_1d(denominator).astype(float)
    if kind == "density":
        return estimate_density(x, d)
    check_figures(x, d, kind)
    return estimate([x.sum()], [d.sum()], kind)[0]
