"""What the best of the similar reach together: the achievable benchmark of care.

C. I. Kiefe and others, Identifying achievable benchmarks of care: concepts and methodology, Int J Qual Health Care
1998;10:443–447; N. W. Weissman and others, Achievable benchmarks of care: the ABCs of benchmarking, J Eval Clin Pract
1999;5:269–281. There the best cover a tenth of the patients; here a fifth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from varde.prescribing.comparison.disclosure import refuse_sum
from varde.prescribing.comparison.rules import rules
from varde.prescribing.comparison.values import (
    Direction,
    Floats,
    Kind,
    NotComputable,
    check_figures,
)


@dataclass(frozen=True, slots=True)
class Benchmark:
    """What the best units reach together.

    Attributes:
        value: their numerators over their denominators.
        members: their places in the arrays, the best first. For disclosure control only: never shown.
        share: the part of all denominators that they cover.
    """

    value: float
    members: tuple[int, ...]
    share: float


def find_benchmark(
    numerator: npt.ArrayLike, denominator: npt.ArrayLike, kind: Kind, direction: Direction
) -> Benchmark | NotComputable:
    """The achievable benchmark of a group of similar units.

    Units are ordered by their number with a little of the ordinary mixed in, so that luck in a small unit does not make
    it the best: a proportion as if one more of two had been counted (Kiefe's Bayesian adjusted performance fraction); a
    rate or density as if one more had been counted over what the whole group needs for one (the same idea with a gamma
    distribution, decided here). The best are taken until they cover a fifth of the denominators and are so many that
    none of them is known from the sum (``rules``); where that takes far more than a fifth, there is no benchmark.

    Raises:
        InvalidFigures: see `check_figures`.
    """
    x, d = check_figures(numerator, denominator, kind)
    if direction == "none":
        return NotComputable("no-direction")
    if x.sum() < 0:
        return NotComputable("negative")
    places = np.flatnonzero(d > 0)
    if not places.size:
        return NotComputable("zero-denominator")
    x, d = x[places], d[places]
    order = _best_first(adjust(x, d, kind), x, d, direction)
    covered = np.cumsum(d[order])
    rule = rules().benchmark
    enough = int(np.searchsorted(covered, rule.share * covered[-1] * (1 - 1e-12))) + 1
    for count in range(max(enough, rule.units), order.size + 1):
        share = float(covered[count - 1] / covered[-1])
        if share > rule.most_share:
            break
        best = order[:count]
        if refuse_sum(d[best].tolist(), anybody=True) is not None:
            continue
        value = float(x[best].sum() / d[best].sum())
        mean = float(x.sum() / d.sum())
        if value > mean if direction == "lower" else value < mean:
            return NotComputable("no-better-than-average")
        return Benchmark(value, tuple(places[best].tolist()), share)
    return NotComputable("too-few-units")


def adjust(x: Floats, d: Floats, kind: Kind) -> Floats:
    """Each unit's number with the ordinary mixed in: what decides the order, and nothing else."""
    if kind == "proportion":
        return (x + 1) / (d + 2)
    total = x.sum()
    if total <= 0:
        return np.zeros_like(x)
    # One division of whole numbers, so that units which are equal stay equal.
    return np.asarray(total * ((x + 1) / (d * total + d.sum())), np.float64)


def _best_first(
    adjusted: Floats, x: Floats, d: Floats, direction: Direction
) -> npt.NDArray[np.intp]:
    good = adjusted if direction == "lower" else -adjusted
    return np.lexsort(
        (x, -d, good)
    )  # equals: the larger first, so that the order given is of no matter
