"""What a comparison is made of: kinds of indicators, estimates, and the reasons why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

Kind = Literal["proportion", "rate", "density"]
"""What an indicator's numerator is to its denominator.

``proportion``: it is a part of it. ``rate``: events over an amount (prescriptions over contacts). ``density``: an amount
that is no count of events over another (daily doses over bed days): neither Wilson nor Poisson says how sure it is.
"""

Direction = Literal["lower", "higher", "none"]
"""Which values are good; none: the indicator judges nobody."""

Reason = Literal[
    "zero-denominator",
    "negative",
    "too-few-months",
    "too-few-units",
    "one-dominates",
    "too-few-expected",
    "no-reference",
    "no-better-than-average",
    "no-direction",
    "no-spread",
]
"""Why there is no number: nothing to divide by; more came back than went out; too few months or units; one unit is more
than half of it; too little would be expected; the reference has nobody like these; the best are no better than all;
the indicator does not say what is good; all have the same, none of it or all of it, so that nothing varies."""


@dataclass(frozen=True, slots=True)
class NotComputable:
    """There is no number, and why. Neither nought nor hidden."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number and how sure it is.

    Attributes:
        value: numerator over denominator.
        low, high: the ends of the 95 % interval; `low` <= `value` <= `high`.
        numerator, denominator: what it is made of.
    """

    value: float
    low: float
    high: float
    numerator: float
    denominator: float


class InvalidFigures(ValueError):
    """Numerators and denominators that cannot be: of unequal length, not finite, below nought, or a part above its whole."""


def check_figures(
    numerator: npt.ArrayLike, denominator: npt.ArrayLike, kind: Kind
) -> tuple[Floats, Floats]:
    """Both as arrays of floats of one length.

    Raises:
        InvalidFigures: they are not of one length or not finite, or a denominator is below nought; a count is below
            nought; a proportion's numerator is above its denominator. A density's numerator may be below nought:
            what is returned counts against what was sold.
    """
    x = np.asarray(numerator, np.float64)
    d = np.asarray(denominator, np.float64)
    if x.ndim != 1 or x.shape != d.shape:
        raise InvalidFigures(f"one numerator for each denominator, not {x.shape} for {d.shape}")
    if not (np.isfinite(x).all() and np.isfinite(d).all()):
        raise InvalidFigures("numerators and denominators must be numbers")
    if (d < 0).any():
        raise InvalidFigures("a denominator is below nought")
    if kind != "density" and (x < 0).any():
        raise InvalidFigures("a count is below nought")
    if kind == "proportion" and (x > d).any():
        raise InvalidFigures("a part is above its whole")
    return x, d
