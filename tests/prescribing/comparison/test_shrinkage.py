"""Shrinkage: moments by hand, posteriors by the distributions themselves, and fifths against simulated ranks."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from varde.prescribing.comparison import NotComputable, Shrunk, Spread, fit_spread, shrink
from varde.uncertainty import wilson

NONE = 3.688879454  # the upper limit of no event (Garwood 1936)


def draw_units(
    seed: int, units: int, kind: str, weight: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """True numbers about 0.3, and counts of 50 to 2,000."""
    draw = np.random.default_rng(seed)
    d = draw.integers(50, 2000, units)
    if kind == "proportion":
        truth = draw.beta(0.3 * weight, 0.7 * weight, units)
        return draw.binomial(d, truth), d, truth
    truth = draw.gamma(0.3 * weight, 1 / weight, units)
    return draw.poisson(d * truth), d, truth


@pytest.mark.parametrize("kind", ["proportion", "rate"])
@pytest.mark.parametrize("weight", [20.0, 200.0])
def test_the_spread_is_found_again(kind: str, weight: float) -> None:
    x, d, _ = draw_units(5, 6000, kind, weight)
    spread = fit_spread(x, d, kind)  # type: ignore[arg-type]
    assert isinstance(spread, Spread)
    assert spread.centre == pytest.approx(0.3, rel=0.02)
    assert spread.weight == pytest.approx(weight, rel=0.1)


def test_moments_by_hand() -> None:
    # Two units of 100 with 20 and 40: centre 0.3; squares 100 * 0.01 * 2 = 2; chance 0.21; room 200 - 100 = 100.
    spread = fit_spread([20, 40], [100, 100], "proportion")
    assert isinstance(spread, Spread)
    shared = (2 / 0.21 - 1) / (100 - 1)
    assert spread.weight == pytest.approx((1 - shared) / shared)
    # Rates: variance (2 - 0.3) / 100, weight 0.3 over that.
    spread = fit_spread([20, 40], [100, 100], "rate")
    assert spread == Spread("rate", 0.3, pytest.approx(0.3 / 0.017))


@given(st.integers(0, 2**32), st.sampled_from(["proportion", "rate"]), st.integers(2, 9))
def test_each_unit_is_its_posterior(seed: int, kind: str, units: int) -> None:
    x, d, _ = draw_units(seed, units, kind, 30.0)
    d[0] = x[0] = 0
    found = shrink(x, d, kind)  # type: ignore[arg-type]
    assert found[0] == NotComputable("zero-denominator")
    spread = fit_spread(x, d, kind)  # type: ignore[arg-type]
    if isinstance(spread, NotComputable):
        assert found[1:] == [spread] * (units - 1)
        return
    for one, count, size in zip(found[1:], x[1:].tolist(), d[1:].tolist(), strict=True):
        assert isinstance(one, Shrunk)
        own = count / size
        assert min(own, spread.centre) - 1e-12 <= one.value <= max(own, spread.centre) + 1e-12
        assert 0 <= one.above_low <= one.above_high <= 1
        if math.isinf(spread.weight):
            assert (one.value, one.fifth) == (spread.centre, "")
            continue
        shape = spread.centre * spread.weight
        posterior = (
            stats.beta(count + shape, size - count + spread.weight - shape)
            if kind == "proportion"
            else stats.gamma(count + shape, scale=1 / (size + spread.weight))
        )
        assert one.value == pytest.approx(posterior.mean())
        assert (one.low, one.high) == pytest.approx(posterior.interval(0.95), rel=1e-6)


@pytest.mark.parametrize("kind", ["proportion", "rate"])
@pytest.mark.parametrize("units", [12, 60, 600])
def test_the_place_holds_what_simulated_ranks_say(kind: str, units: int) -> None:
    """All units drawn anew a thousand times and ranked: the place is never much narrower, nor much wider."""
    x, d, _ = draw_units(7, units, kind, 20.0)
    spread = fit_spread(x, d, kind)  # type: ignore[arg-type]
    assert isinstance(spread, Spread)
    shape = spread.centre * spread.weight
    draw = np.random.default_rng(8)
    if kind == "proportion":
        drawn = draw.beta(x + shape, d - x + spread.weight - shape, (1000, units))
    else:
        drawn = draw.gamma(x + shape, 1 / (d + spread.weight), (1000, units))
    place = drawn.argsort(axis=1).argsort(axis=1) / (units - 1)
    low, high = np.quantile(place, [0.025, 0.975], axis=0)
    found = [one for one in shrink(x, d, kind) if isinstance(one, Shrunk)]  # type: ignore[arg-type]
    starts, ends = np.array([(one.above_low, one.above_high) for one in found]).T
    step = 1 / (units - 1)
    assert (starts <= low + step + 0.02).all()
    assert (ends >= high - step - 0.02).all()
    wider = ((ends - starts) - (high - low)).mean()
    assert -0.01 < wider < (0.25 if units < 20 else 0.12 if units < 100 else 0.06)


def test_a_place_is_among_the_others() -> None:
    """Three units: each one's place is by the two others' distributions at its own ends, written out."""
    x, d = np.array([20, 40, 70]), np.array([100, 120, 150])
    spread = fit_spread(x, d, "rate")
    assert isinstance(spread, Spread)
    laws = [
        stats.gamma(n + spread.centre * spread.weight, scale=1 / (m + spread.weight))
        for n, m in zip(x, d, strict=True)
    ]
    for place, one in enumerate(shrink(x, d, "rate")):
        assert isinstance(one, Shrunk)
        ends = []
        for side, p in ((-1, 0.025), (1, 0.975)):
            chances = [
                law.cdf(laws[place].ppf(p)) for other, law in enumerate(laws) if other != place
            ]
            error = math.sqrt(sum(c * (1 - c) for c in chances)) / 2
            ends.append(min(max(sum(chances) / 2 + side * 1.96 * error, 0), 1))
        assert (one.above_low, one.above_high) == pytest.approx(ends, abs=0.02)


@pytest.mark.parametrize("kind", ["proportion", "rate"])
def test_sure_of_a_fifth_is_right(kind: str) -> None:
    """Of those said to be surely in a fifth, nearly all truly are."""
    x, d, truth = draw_units(9, 3000, kind, 20.0)
    lowest, highest = np.quantile(truth, [0.2, 0.8])
    found = [one for one in shrink(x, d, kind) if isinstance(one, Shrunk)]  # type: ignore[arg-type]
    high = truth[[one.fifth == "highest" for one in found]]
    low = truth[[one.fifth == "lowest" for one in found]]
    assert len(high) > 150
    assert len(low) > 150
    assert np.mean(high >= highest) > 0.98
    assert np.mean(low <= lowest) > 0.98


def test_chance_alone_puts_nobody_in_a_fifth() -> None:
    found = shrink([30, 31, 29, 30], [100] * 4, "proportion")
    # No spread beyond chance is no certainty: the number of all together, 120 of 400, has Wilson's interval.
    low, high = (float(end) for end in wilson(120.0, 400.0))
    assert found == [Shrunk(0.3, low, high, 0.0, 1.0, "")] * 4
    assert low < 0.26 < 0.34 < high
    none = shrink([0, 0], [50, 50], "rate")[0]
    assert isinstance(none, Shrunk)
    assert (none.value, none.low, none.high) == pytest.approx((0.0, 0.0, NONE / 100))


def test_too_few_units() -> None:
    assert shrink([1, 0], [9, 0], "rate") == [
        NotComputable("too-few-units"),
        NotComputable("zero-denominator"),
    ]
    assert fit_spread([], [], "rate") == NotComputable("zero-denominator")
    assert fit_spread([0, 0], [9, 9], "proportion") == Spread("proportion", 0.0, math.inf)
    everything = fit_spread([9, 0], [9, 9], "proportion")
    assert isinstance(everything, Spread)
    assert 0 < everything.weight < 1e-6


@pytest.mark.parametrize("kind", ["proportion", "rate"])
def test_all_or_nothing(kind: str) -> None:
    """Units as different as can be: distributions so steep that their ends are below what a float can be."""
    found = shrink([9] * 10 + [0] * 10, [9] * 20, kind)  # type: ignore[arg-type]
    for one in found:
        assert isinstance(one, Shrunk)
        assert one.low <= one.value <= one.high
        assert one.above_low <= one.above_high
    first, last = found[0], found[-1]
    assert isinstance(first, Shrunk)
    assert isinstance(last, Shrunk)
    assert first.above_low >= 0.4
    assert last.above_high <= 0.6
    assert (first.fifth, last.fifth) == ("", "")  # half of them are alike
    pair = shrink([9, 0], [9, 9], kind)  # type: ignore[arg-type]
    assert [one.fifth for one in pair if isinstance(one, Shrunk)] in (
        ["highest", "lowest"],
        ["", ""],
    )


def test_small_units_are_drawn_further() -> None:
    x, d, _ = draw_units(11, 200, "proportion", 50.0)
    found = shrink([*x, 4, 400], [*d, 5, 500], "proportion")
    small, large = found[-2], found[-1]
    assert isinstance(small, Shrunk)
    assert isinstance(large, Shrunk)
    assert 0.3 < small.value < 0.4 < 0.7 < large.value < 0.8
