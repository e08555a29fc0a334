"""How sure a share is, and the difference of two: the score intervals of Wilson and Newcombe."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Z_95: Final = 1.959963984540054
"""The normal distribution's 97.5 % point: a two-sided 95 % interval."""

Floats = npt.NDArray[np.float64]


def wilson(count: npt.ArrayLike, n: npt.ArrayLike, z: float = Z_95) -> tuple[Floats, Floats]:
    """Lower and upper end of the interval around ``count / n``, as fractions between 0 and 1.

    Exactly 0 at the lower end when `count` is 0, exactly 1 at the upper end when it is `n`;
    NaN where `n` is 0: that is not computable. E. B. Wilson, Probable inference, the law of
    succession, and statistical inference, J Am Stat Assoc 1927;22:209–212.

    Raises:
        ValueError: a count below 0 or above `n`.
    """
    x, total = np.broadcast_arrays(np.asarray(count, np.float64), np.asarray(n, np.float64))
    if np.any(x < 0) or np.any(x > total):
        raise ValueError("counts must lie between 0 and n")
    size = np.where(total > 0, total, np.nan)
    centre = (x + z * z / 2) / (size + z * z)
    half = z / (size + z * z) * np.sqrt(x * (size - x) / size + z * z / 4)
    # The ends are 0 and 1 by the formula there, and rounding must not say otherwise.
    low = np.where((x == 0) & (total > 0), 0.0, np.maximum(centre - half, 0.0))
    high = np.where((x == total) & (total > 0), 1.0, np.minimum(centre + half, 1.0))
    return low, high


class Difference(NamedTuple):
    """How much one share is above another, as fractions, with its interval."""

    value: float
    low: float
    high: float


def difference(
    before: tuple[float, float], after: tuple[float, float], z: float = Z_95
) -> Difference | None:
    """The share `after` (count, n) less the share `before`; None where an n is 0: that is not computable.

    The interval is the hybrid score interval of R. G. Newcombe, Interval estimation for the difference between
    independent proportions, Stat Med 1998;17:873–890, method 10: Wilson's intervals of the two, put together.

    Raises:
        ValueError: a count below 0 or above its n.
    """
    if before[1] <= 0 or after[1] <= 0:
        return None
    new, old = after[0] / after[1], before[0] / before[1]
    low, high = wilson([after[0], before[0]], [after[1], before[1]], z)
    lower = new - old - np.hypot(new - low[0], high[1] - old)
    upper = new - old + np.hypot(high[0] - new, old - low[1])
    return Difference(new - old, float(lower), float(upper))
