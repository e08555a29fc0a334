"""Indirect standardisation: by hand, against loops, and what it is for."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from varde.prescribing.comparison import InvalidFigures, NotComputable, Standardised, standardise
from varde.prescribing.comparison.intervals import poisson


def test_by_hand() -> None:
    # Young 0.1, old 0.4, all of them 50/200; the unit has 100 young and 10 old: 14 expected.
    [found] = standardise([21], [[100, 10]], [10, 40], [100, 100])
    assert isinstance(found, Standardised)
    assert found.expected == pytest.approx(14)
    assert found.ratio == pytest.approx(1.5)
    assert found.value == pytest.approx(1.5 * 50 / 200)
    low, high = poisson(21)
    assert (found.low, found.high) == pytest.approx((float(low) / 14, float(high) / 14))


def test_a_published_ratio() -> None:
    """Limits of a count of 20 are 12.22 and 30.89 (Pearson and Hartley, Biometrika Tables, table 40); ten are expected."""
    [found] = standardise([20], [[100]], [10], [100])
    assert isinstance(found, Standardised)
    assert (round(found.low, 2), round(found.high, 2)) == (1.22, 3.09)


@pytest.mark.parametrize(
    ("observed", "denominator", "reason"),
    [
        (0, [0, 0, 0], "zero-denominator"),
        (1, [10, 0, 1], "no-reference"),
        (3, [10, 1, 0], "too-few-expected"),
    ],
)
def test_not_computable(observed: int, denominator: list[int], reason: str) -> None:
    found = standardise([observed], [denominator], [10, 40, 0], [100, 100, 0])
    assert found == [NotComputable(reason)]  # type: ignore[arg-type]


@given(
    st.lists(st.lists(st.integers(0, 200), min_size=4, max_size=4), min_size=1, max_size=8),
    st.lists(st.integers(0, 50), min_size=4, max_size=4),
)
def test_it_is_what_loops_give(units: list[list[int]], reference: list[int]) -> None:
    under = [100, 50, 200, 0]
    above = [min(x, d) for x, d in zip(reference, under, strict=True)]
    observed = [sum(unit) // 3 for unit in units]
    for x, unit, one in zip(
        observed, units, standardise(observed, units, above, under), strict=True
    ):
        expected = math.fsum(size * above[s] / under[s] for s, size in enumerate(unit) if under[s])
        if sum(unit) == 0:
            assert one == NotComputable("zero-denominator")
        elif unit[3]:
            assert one == NotComputable("no-reference")
        elif expected < 5 - 1e-9:
            assert one == NotComputable("too-few-expected")
        elif expected > 5 + 1e-9:
            assert isinstance(one, Standardised)
            assert one.expected == pytest.approx(expected)
            assert one.ratio == pytest.approx(x / expected)
            assert one.low <= one.ratio <= one.high


@given(st.integers(0, 2**32))
def test_the_reference_expects_of_itself_what_it_has(seed: int) -> None:
    draw = np.random.default_rng(seed)
    d = draw.integers(50, 500, (15, 6))
    x = draw.binomial(d, draw.uniform(0.2, 0.6, 6))
    found = standardise(x.sum(axis=1), d, x.sum(axis=0), d.sum(axis=0))
    expected = [one.expected for one in found if isinstance(one, Standardised)]
    assert sum(expected) == pytest.approx(x.sum())


def test_old_patients_do_not_make_a_doctor_prescribe_more() -> None:
    """Two doctors do the same with patients of the same age; one has the old ones."""
    young, old = standardise(
        [90 * 1 + 10 * 4, 10 * 1 + 90 * 4], [[900, 100], [100, 900]], [100, 400], [1000, 1000]
    )
    assert isinstance(young, Standardised)
    assert isinstance(old, Standardised)
    assert young.ratio == pytest.approx(1)
    assert old.ratio == pytest.approx(1)


@pytest.mark.parametrize(
    ("x", "d", "above", "under"),
    [
        ([1], [[1, 1]], [1], [1]),
        ([1, 2], [[1]], [1], [1]),
        ([-1], [[1]], [1], [1]),
        ([1], [[math.nan]], [1], [1]),
        ([1], [1], [1], [1]),
    ],
)
def test_what_does_not_fit_is_refused(x: list, d: list, above: list, under: list) -> None:  # type: ignore[type-arg]
    with pytest.raises(InvalidFigures):
        standardise(x, d, above, under)
