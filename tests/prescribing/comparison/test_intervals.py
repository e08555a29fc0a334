"""Numbers with intervals: published values, the equations that define the ends, and what is not computable."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from varde.prescribing.comparison import (
    Estimate,
    InvalidFigures,
    NotComputable,
    estimate,
    estimate_density,
    estimate_one,
    poisson,
)
from varde.prescribing.comparison.intervals import density_error
from varde.uncertainty import wilson


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [
        # Published tables of exact 95 % limits (Pearson and Hartley, Biometrika Tables, table 40).
        (0, 0.0, 3.69),
        (1, 0.0253, 5.57),
        (5, 1.62, 11.67),
        (10, 4.80, 18.39),
        (50, 37.11, 65.92),
    ],
)
def test_published_poisson_limits(count: int, low: float, high: float) -> None:
    found = poisson(count)
    assert float(found[0]) == pytest.approx(low, abs=0.005)
    assert float(found[1]) == pytest.approx(high, abs=0.005)


@given(st.integers(0, 60))
def test_poisson_ends_solve_their_equations(count: int) -> None:
    """At the lower end this many or more, at the upper this many or fewer, has a chance of 2.5 %: summed term by term."""
    low, high = (float(end) for end in poisson(count))

    def at_most(most: int, mean: float) -> float:
        return sum(
            math.exp(-mean + k * math.log(mean) - math.lgamma(k + 1)) for k in range(most + 1)
        )

    assert at_most(count, high) == pytest.approx(0.025, rel=1e-8)
    if count:
        assert 1 - at_most(count - 1, low) == pytest.approx(0.025, rel=1e-8)
    else:
        assert low == 0


UNITS = st.lists(
    st.integers(0, 5000).flatmap(lambda d: st.tuples(st.integers(0, d), st.just(d))),
    min_size=1,
    max_size=20,
)


@given(UNITS, st.sampled_from(["proportion", "rate"]))
def test_every_unit_has_its_own(units: list[tuple[int, int]], kind: str) -> None:
    x, d = zip(*units, strict=True)
    for one, count, size in zip(estimate(x, d, kind), x, d, strict=True):  # type: ignore[arg-type]
        if size == 0:
            assert one == NotComputable("zero-denominator")
            continue
        assert isinstance(one, Estimate)
        assert one.value == count / size
        assert one.low <= one.value <= one.high
        ends = [float(end) for end in wilson(count, size)]
        if kind == "rate":
            ends = [float(end) / size for end in poisson(count)]
        assert [one.low, one.high] == pytest.approx(ends, abs=1e-15)


def test_nothing_is_never_nought() -> None:
    assert estimate([0], [0], "rate") == [NotComputable("zero-denominator")]
    none, nought = estimate([0, 0], [0, 40], "proportion")
    assert none == NotComputable("zero-denominator")
    assert isinstance(nought, Estimate)
    assert (nought.value, nought.low) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("x", "d", "kind"),
    [
        ([1], [1, 2], "rate"),
        ([2], [1], "proportion"),
        ([-1], [1], "rate"),
        ([1], [-1], "density"),
        ([math.nan], [1], "rate"),
        ([1], [math.inf], "rate"),
    ],
)
def test_impossible_figures_are_refused(x: list[float], d: list[float], kind: str) -> None:
    with pytest.raises(InvalidFigures):
        estimate_one(x, d, kind)  # type: ignore[arg-type]


def test_a_density_by_hand() -> None:
    # Residuals of 1,000 are 100 and -100, six of each: 12/11 times 12 times 100 squared; Student's t11 is 2.2010.
    found = estimate_density([1100, 900] * 6, [10_000] * 12)
    assert isinstance(found, Estimate)
    assert found.value == pytest.approx(0.1)
    assert found.high - found.value == pytest.approx(
        2.2010 * 100 * math.sqrt(12 * 12 / 11) / 120_000, rel=1e-4
    )


@pytest.mark.parametrize(
    ("x", "d", "reason"),
    [
        ([5] * 12, [0] * 12, "zero-denominator"),
        ([5] * 12, [0] * 7 + [100] * 5, "too-few-months"),
        ([-5] * 12, [100] * 12, "negative"),
    ],
)
def test_a_density_that_is_none(x: list[float], d: list[float], reason: str) -> None:
    assert estimate_density(x, d) == NotComputable(reason)  # type: ignore[arg-type]
    assert estimate_one(x, d, "density") == NotComputable(reason)  # type: ignore[arg-type]


@pytest.mark.parametrize(("shape", "least", "most"), [(4.0, 0.93, 0.96), (1.0, 0.88, 0.92)])
def test_the_interval_of_a_density_holds_what_it_says(
    shape: float, least: float, most: float
) -> None:
    """Months drawn from gamma distributions about a known density: 95 of 100 intervals hold it where months vary by a
    half, 90 where they vary by as much as the density itself."""
    draw = np.random.default_rng(20261126)
    days = draw.uniform(800, 1200, (1500, 12))
    doses = draw.gamma(shape, 0.08 / shape * days)
    held = 0
    for x, d in zip(doses, days, strict=True):
        found = estimate_density(x, d)
        assert isinstance(found, Estimate)
        held += found.low <= 0.08 <= found.high
    assert least < held / 1500 < most


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(1, 3000)), min_size=6, max_size=24))
def test_order_of_months_is_of_no_matter(months: list[tuple[int, int]]) -> None:
    one = estimate_density(*zip(*months, strict=True))
    other = estimate_density(*zip(*sorted(months), strict=True))
    assert isinstance(one, Estimate)
    assert isinstance(other, Estimate)
    assert 0 <= one.low <= one.value <= one.high
    assert (one.low, one.high) == pytest.approx((other.low, other.high))


def test_sums_of_months_of_other_kinds() -> None:
    assert estimate_one([1, 2], [10, 20], "rate") == estimate([3], [30], "rate")[0]
    assert estimate_one(3, 30, "proportion") == estimate([3], [30], "proportion")[0]


@pytest.mark.parametrize("doses", [0.0, 0.5, 1.0, 10.0, 100.0, 12_345.0])
@pytest.mark.parametrize("months", [6, 12])
def test_equal_months_are_no_certainty(doses: float, months: int) -> None:
    found = estimate_density([doses] * months, [1000.0] * months)
    assert isinstance(found, Estimate)
    # The exact interval of so many packages of ten doses (Garwood 1936), by the chi-squared distribution.
    packages = doses * months / 10
    low = stats.chi2.ppf(0.025, 2 * packages) / 2 if packages else 0.0
    high = stats.chi2.ppf(0.975, 2 * packages + 2) / 2
    assert (found.low, found.high) == pytest.approx(
        (low * 10 / 1000 / months, high * 10 / 1000 / months)
    )
    value, error, freedom = density_error(np.full(months, doses), np.full(months, 1000.0))  # type: ignore[misc]
    assert (value, freedom) == (pytest.approx(doses / 1000), months - 1)
    assert error == pytest.approx(math.sqrt(max(packages, 1)) * 10 / 1000 / months)


@given(st.lists(st.tuples(st.integers(-50, 500), st.integers(0, 3000)), min_size=6, max_size=24))
def test_a_density_is_never_surer_than_its_packages(months: list[tuple[int, int]]) -> None:
    found = estimate_density(*zip(*months, strict=True))
    if isinstance(found, Estimate):
        least, most = (end * 10 / found.denominator for end in poisson(found.numerator / 10))
        assert found.low <= least or found.low == 0
        assert found.low <= found.value <= found.high
        assert found.high >= most > 0


def test_no_doses_are_no_certainty_and_months_without_days_are_left_out() -> None:
    none = estimate_density([0.0] * 12, [1000.0] * 12)
    assert isinstance(none, Estimate) and (none.value, none.low) == (0, 0)
    # The upper limit of no event is 3.689 (Garwood 1936): so many packages of ten doses.
    assert none.high == pytest.approx(36.89 / 12_000, rel=1e-3)
    half = [1000.0] * 6 + [0.0] * 6
    found = estimate_density([100.0] * 12, half)
    assert isinstance(found, Estimate) and found.value == pytest.approx(0.1)
    assert estimate_density([100.0] * 12, [1000.0] * 5 + [0.0] * 7) == NotComputable(
        "too-few-months"
    )
