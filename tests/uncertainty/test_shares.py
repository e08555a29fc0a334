"""Intervals of shares: published values, the ends, and the equation that defines them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from varde.uncertainty import Z_95, difference, wilson


@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    [
        # Newcombe, Stat Med 1998;17:857-872, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_published_values(count: int, n: int, low: float, high: float) -> None:
    found = wilson(count, n)
    assert [round(float(end), 4) for end in found] == [low, high]


@given(st.integers(1, 10**7).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_each_end_solves_the_score_equation(pair: tuple[int, int]) -> None:
    """At an end p, the observed share is exactly z standard errors of p away."""
    count, n = pair
    share = count / n
    low, high = (float(end) for end in wilson(count, n))
    assert 0.0 <= low <= share <= high <= 1.0
    assert (low == 0.0) == (count == 0)
    assert (high == 1.0) == (count == n)
    for end in (low, high):
        if 0.0 < end < 1.0:
            distance = Z_95 * math.sqrt(end * (1 - end) / n)
            assert abs(share - end) == pytest.approx(distance, rel=1e-6, abs=1e-12)


def test_nothing_tested_is_not_computable() -> None:
    low, high = wilson([0, 3], [0, 4])
    assert np.isnan(low[0])
    assert np.isnan(high[0])
    assert 0 < low[1] < high[1] < 1


@pytest.mark.parametrize(("count", "n"), [(-1, 5), (6, 5), (1, 0)])
def test_impossible_counts_are_refused(count: int, n: int) -> None:
    with pytest.raises(ValueError, match="between 0 and n"):
        wilson(count, n)


@pytest.mark.parametrize(
    ("after", "before", "low", "high"),
    [
        # Newcombe, Stat Med 1998;17:873-890, table II, method 10.
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((10, 10), (0, 20), 0.6791, 1.0),
    ],
)
def test_published_differences(
    after: tuple[int, int], before: tuple[int, int], low: float, high: float
) -> None:
    found = difference(before, after)
    assert found is not None
    assert [round(found.low, 4), round(found.high, 4)] == [low, high]


def test_a_difference_from_nothing_is_not_computable() -> None:
    assert difference((0, 0), (1, 2)) is None
    assert difference((1, 2), (0, 0)) is None
