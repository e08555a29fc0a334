"""Whether a unit has changed: against its own year before, and month by month with a two-sided CUSUM."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from scipy import special  # type: ignore[import-untyped]

from varde.prescribing.comparison.intervals import LEVEL, density_error
from varde.prescribing.comparison.values import InvalidFigures, Kind, NotComputable, check_figures
from varde.uncertainty import difference

Alert = Literal["up", "down", ""]
Change = Literal["up", "down", "steady", "mixed", "not-computable"]
"""Surely more or less than the year before; neither; the year and its last months say opposite things; no numbers."""

WINDOW: Final = 12
SENSITIVITY: Final = 5.0
"""Months of the running mean, and how many of its standard deviations a sum may reach: what OpenPrescribing uses for
monthly series. Its authors call the choice an educated guess."""

LATEST: Final = 3
"""An alert of the last three months speaks of now; an older one is in the year's sum already. Decided here."""


@dataclass(frozen=True, slots=True)
class Step:
    """What the CUSUM knows at one value: the mean it looks for, the threshold, the sums, and the alert.

    Before the first value, and where a window has no value at all, mean and threshold are NaN. So is the threshold where
    all values of the window are alike: nobody can say how much is much, and nothing is added up or alerted.

    Attributes:
        reason: why there is no threshold; blank where there is one.
    """

    mean: float
    threshold: float
    upper: float
    lower: float
    alert: Alert
    reason: Literal["", "no-values", "no-spread"] = ""


def series_of(
    numerator: npt.ArrayLike, denominator: npt.ArrayLike, kind: Kind, per: float = 100.0
) -> list[float | None]:
    """The number of each month, `per` so many of the denominator; None for a month without one.

    A proportion is made percent by the default. Choose `per` so that numbers are of that size (contacts 100,
    inhabitants 1,000): the sums of `cusum` have two decimals.

    Raises:
        InvalidFigures: see `check_figures`.
    """
    x, d = check_figures(numerator, denominator, kind)
    return [per * n / m if m > 0 else None for n, m in zip(x.tolist(), d.tolist(), strict=True)]


def find_alerts(
    series: Sequence[float | None],
    window: int = WINDOW,
    sensitivity: float = SENSITIVITY,
) -> list[Alert]:
    """Where a series lies beyond what it was: "up", "down" or "" for each value; a missing value (None) has none."""
    return [step.alert for step in cusum(series, window, sensitivity)]


def cusum(
    series: Sequence[float | None],
    window: int = WINDOW,
    sensitivity: float = SENSITIVITY,
) -> list[Step]:
    """The two-sided cumulative sum of a series with a mean that follows it, one `Step` for each value.

    The method of OpenPrescribing's alerts, after D. C. Montgomery, Introduction to Statistical Quality Control, sixth
    edition 2009, chapter 9. The mean looked for is that of a window; a sum that lies beyond `sensitivity` standard
    deviations of the window is an alert, and half a deviation a step is let pass. After an alert the window moves to
    the `window` values before; only where the sum would not go on growing do threshold and sums begin anew.
    Sums are rounded to two decimals, so values should be percentages or of that size. A missing value changes nothing.
    Other than the method: a window without spread has no threshold, where the method has one of 0 and alerts on any
    difference; the window then moves on with every value until there is some.

    Args:
        series: values in order of time; None where there is none.
        window: how many values are looked at.
        sensitivity: the threshold in standard deviations of the window.

    Raises:
        InvalidFigures: a value is not finite, or the window is not at least one.
    """

    def aim(window: npt.NDArray[np.float64]) -> tuple[float, float]:
        known = window[~np.isnan(window)]
        if known.min() == known.max():
            return float(known[0]), math.nan
        return float(known.mean()), float(known.std()) * sensitivity

    values = np.array([math.nan if value is None else value for value in series], np.float64)
    if window < 1 or any(value is not None and not math.isfinite(value) for value in series):
        raise InvalidFigures("a series has finite values or None, and a window of at least one")
    steps: list[Step] = []
    state: Step | None = None
    for place, value in enumerate(values.tolist()):
        if math.isnan(value):
            now = state or Step(math.nan, math.nan, 0.0, 0.0, "", "no-values")
            steps.append(replace(now, alert=""))
            continue
        if state is None:
            start = max(0, place - window + 1)
            mean, threshold = aim(values[start : start + window])
            state = _add(value, mean, threshold, sensitivity, 0.0, 0.0)
        elif state.reason:
            before = values[max(0, place - window) : place]
            if not np.isnan(before).all():
                mean, threshold = aim(before)
                state = _add(value, mean, threshold, sensitivity, 0.0, 0.0)
        elif not state.alert:
            state = _add(value, state.mean, state.threshold, sensitivity, state.upper, state.lower)
        else:
            before = values[max(0, place - window) : place]
            state = _after_alert(value, state, before, sensitivity, aim)
        steps.append(state)
    return steps


def _after_alert(
    value: float,
    state: Step,
    window: npt.NDArray[np.float64],
    sensitivity: float,
    aim: Callable[[npt.NDArray[np.float64]], tuple[float, float]],
) -> Step:
    if np.isnan(window).all():  # a gap as long as the window: there is nothing newer to aim at
        return _add(value, state.mean, state.threshold, sensitivity, state.upper, state.lower)
    mean, threshold = aim(window)
    on = _add(value, mean, state.threshold, sensitivity, state.upper, state.lower)
    grows = on.upper > state.upper if state.alert == "up" else on.lower < state.lower
    return on if grows else _add(value, mean, threshold, sensitivity, 0.0, 0.0)


def _add(
    value: float, mean: float, threshold: float, sensitivity: float, upper: float, lower: float
) -> Step:
    if math.isnan(threshold):
        return Step(mean, threshold, 0.0, 0.0, "", "no-spread")
    passed = threshold / sensitivity / 2
    upper = round(max(0.0, upper + value - mean - passed), 2)
    lower = round(min(0.0, lower + value - mean + passed), 2)
    alert: Alert = "up" if upper > threshold else "down" if lower < -threshold else ""
    return Step(mean, threshold, upper, lower, alert)


def compare_years(
    before: tuple[npt.ArrayLike, npt.ArrayLike],
    after: tuple[npt.ArrayLike, npt.ArrayLike],
    kind: Kind,
) -> Change:
    """Whether a year (numerators and denominators of its months) surely differs from the year before, at 95 %.

    Proportions: the hybrid score interval of their difference (`varde.uncertainty.difference`). Rates: given the sum
    of two Poisson counts, one of them is binomial; its exact interval (C. J. Clopper, E. S. Pearson, Biometrika
    1934;26:404–413) is one of the ratio of the rates. Densities: the difference against what months vary by, with
    Welch's degrees of freedom (B. L. Welch, Biometrika 1947;34:28–35).

    Raises:
        InvalidFigures: see `check_figures`.
    """
    x0, d0 = check_figures(*before, kind)
    x1, d1 = check_figures(*after, kind)
    if kind == "proportion":
        found = difference((x0.sum(), d0.sum()), (x1.sum(), d1.sum()))
        return "not-computable" if found is None else _tell(found.low, found.high)
    if d0.sum() <= 0 or d1.sum() <= 0:
        return "not-computable"
    if kind == "rate":
        return _compare_rates(*(float(a.sum()) for a in (x0, d0, x1, d1)))
    first, second = density_error(x0, d0), density_error(x1, d1)
    if isinstance(first, NotComputable) or isinstance(second, NotComputable):
        return "not-computable"
    squares = first[1] ** 2, second[1] ** 2
    moved = second[0] - first[0]
    freedom = sum(squares) ** 2 / (squares[0] ** 2 / first[2] + squares[1] ** 2 / second[2])
    half = float(special.stdtrit(freedom, (1 + LEVEL) / 2)) * math.sqrt(sum(squares))
    return _tell(moved - half, moved + half)


def _compare_rates(x0: float, d0: float, x1: float, d1: float) -> Change:
    if x0 + x1 == 0:
        return "steady"
    alike = d1 / (d0 + d1)  # the later year's part of all events, were the rates the same
    tail = (1 - LEVEL) / 2
    low = float(special.betaincinv(x1, x0 + 1, tail)) if x1 > 0 else 0.0
    high = float(special.betaincinv(x1 + 1, x0, 1 - tail)) if x0 > 0 else 1.0
    return _tell(low - alike, high - alike)


def _tell(low: float, high: float) -> Change:
    return "up" if low > 0 else "down" if high < 0 else "steady"


def own_change(year: Change, alerts: Sequence[Alert]) -> Change:
    """One thing to say of a unit's own change, of the year against the year before and the CUSUM's alerts by month.

    The year decides. An alert of the last `LATEST` months that points the other way makes it "mixed": then nothing is
    said, rather than two things that contradict each other. An alert alone, with a year that is steady, says nothing
    either: with thousands of units and months, some always alert.
    """
    latest = {alert for alert in alerts[-LATEST:] if alert}
    if year in ("up", "down") and latest - {year}:
        return "mixed"
    return year
