"""Whether a unit has more or less than its patients' age and sex would lead one to expect: indirect standardisation.

N. E. Breslow, N. E. Day, Statistical Methods in Cancer Research II, IARC 1987, chapter 2: observed over expected, where
expected is what the unit would have had with the reference's numbers in each age band and sex.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from varde.prescribing.comparison.intervals import poisson
from varde.prescribing.comparison.rules import rules
from varde.prescribing.comparison.values import InvalidFigures, NotComputable


@dataclass(frozen=True, slots=True)
class Standardised:
    """Observed over expected.

    Attributes:
        ratio, low, high: 1 is as expected; 95 % interval by exact Poisson (for a proportion it is a little too wide).
        observed, expected: the counts.
        value: the ratio times the reference's own number: what the unit would have with the reference's patients.
    """

    ratio: float
    low: float
    high: float
    observed: float
    expected: float
    value: float


def standardise(
    observed: npt.ArrayLike,
    denominator: npt.ArrayLike,
    reference_numerator: npt.ArrayLike,
    reference_denominator: npt.ArrayLike,
) -> list[Standardised | NotComputable]:
    """Each unit against a reference, in the order given.

    Args:
        observed: the numerator of each unit, shape (units,).
        denominator: of each unit by stratum (age band and sex), shape (units, strata).
        reference_numerator, reference_denominator: of all peers together by stratum, shape (strata,).

    Raises:
        InvalidFigures: shapes that do not fit, or a number that is below nought or not finite.
    """
    x, d = np.asarray(observed, np.float64), np.asarray(denominator, np.float64)
    above = np.asarray(reference_numerator, np.float64)
    under = np.asarray(reference_denominator, np.float64)
    if d.ndim != 2 or x.shape != d.shape[:1] or not above.shape == under.shape == d.shape[1:]:
        raise InvalidFigures("observed, denominators and reference do not fit each other")
    if any((a < 0).any() or not np.isfinite(a).all() for a in (x, d, above, under)):
        raise InvalidFigures("counts must be numbers of at least nought")
    known = under > 0
    numbers = np.where(known, above, 0.0) / np.where(known, under, 1.0)
    overall = float(above[known].sum() / under[known].sum()) if known.any() else 0.0
    expected = d @ numbers
    unknown = d[:, ~known].sum(axis=1) > 0
    low, high = poisson(x)
    found: list[Standardised | NotComputable] = []
    for row in range(x.size):
        e = float(expected[row])
        if d[row].sum() == 0:
            found.append(NotComputable("zero-denominator"))
        elif unknown[row]:
            found.append(NotComputable("no-reference"))
        elif e < rules().minimum.expected:
            found.append(NotComputable("too-few-expected"))
        else:
            ratio = float(x[row]) / e
            found.append(
                Standardised(
                    ratio,
                    float(low[row]) / e,
                    float(high[row]) / e,
                    float(x[row]),
                    e,
                    ratio * overall,
                )
            )
    return found
