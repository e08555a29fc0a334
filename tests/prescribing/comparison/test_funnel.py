"""Funnel limits: published values, the tests that they stand for, and dispersion."""

from __future__ import annotations

import csv
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

from varde.prescribing.comparison import (
    Funnel,
    InvalidFigures,
    NotComputable,
    estimate,
    fit_funnel,
    place_densities,
    poisson,
    proportion_limits,
    ratio_limits,
)
from varde.prescribing.comparison.funnel import ALARM, WARNING, winsorise
from varde.prescribing.comparison.values import Estimate
from varde.uncertainty import wilson

NAMED = {
    "High (0.001)": "above-99.8",
    "High (0.025)": "above-95",
    "Low (0.001)": "below-99.8",
    "Low (0.025)": "below-95",
    "Not significant": "within",
}


def read(path: Path) -> dict[str, list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: [row[name] for row in rows] for name in rows[0]}


def numbers(cells: list[str]) -> np.ndarray:
    return np.array([float(cell) for cell in cells])


# Some rows of the test data of PHEindicatormethods (percent, baseline 80.642448 %, here with the decimals of its own counts).
@pytest.mark.parametrize(
    ("population", "low", "high", "low_alarm", "high_alarm"),
    [
        (1, 3.204264, 100, 0, 100),
        (2, 25.885383, 100, 0, 100),
        (3, 35.933491, 100, 10.150815, 100),
        (89294, 80.383302, 80.901594, 80.233858, 81.051037),
        (110000, 80.408963, 80.875933, 80.274317, 81.010578),
    ],
)
def test_published_limits(
    population: int, low: float, high: float, low_alarm: float, high_alarm: float
) -> None:
    limits = Funnel("proportion", 0.8064244785714955, 1.0, 303).limits([population])
    found = [limits.low, limits.high, limits.low_alarm, limits.high_alarm]
    expected = [low, high, low_alarm, high_alarm]
    assert [100 * float(end[0]) for end in found] == pytest.approx(expected, abs=6e-7)


# Some rows of the same: counts, expected counts, and whether they differ.
@pytest.mark.parametrize(
    ("observed", "expected", "place"),
    [
        (8, 6.239860227, "within"),
        (151, 106.4429719, "above-99.8"),
        (159, 232.9329036, "below-99.8"),
        (41, 58.50456621, "below-95"),
        (78, 90.84556254, "within"),
    ],
)
def test_published_places(observed: int, expected: float, place: str) -> None:
    assert Funnel("rate", 1.0, 1.0, 300).place([observed], [expected]) == [place]


def test_all_published_proportions(shared: Path) -> None:
    folder = shared / "oracles/prescribing"
    units = read(folder / "testdata_funnel_prop_inputs.csv")
    x, d = numbers(units["numerator"]), numbers(units["denominator"])
    funnel = fit_funnel(x, d, "proportion", overdispersed=False)
    assert isinstance(funnel, Funnel)
    assert funnel.place(x, d) == [NAMED[word] for word in units["significance"]]
    rows = read(folder / "testdata_funnel_prop_outputs.csv")
    limits = funnel.limits(numbers(rows["Population"]))
    largest = max(
        float(np.abs(100 * found - numbers(rows[name])).max())
        for name, found in {
            "Lower2s0025limit": limits.low,
            "Upper2s0025limit": limits.high,
            "Lower3s0001limit": limits.low_alarm,
            "Upper3s0001limit": limits.high_alarm,
        }.items()
    )
    assert largest < 5.01e-7  # they round to six decimals


def test_all_published_ratios(shared: Path) -> None:
    units = read(shared / "oracles/prescribing/testdata_funnel_ratio_inputs.csv")
    found = Funnel("rate", 1.0, 1.0, 300).place(numbers(units["obs"]), numbers(units["expected"]))
    assert found == [NAMED[word] for word in units["significance"]]
    assert len(found) == 300


COUNTS = st.integers(1, 3000).flatmap(lambda d: st.tuples(st.integers(0, d), st.just(d)))


@given(COUNTS, st.floats(0.01, 0.99), st.sampled_from([WARNING, ALARM]))
def test_outside_is_where_wilson_leaves_out_the_centre(
    pair: tuple[int, int], centre: float, level: float
) -> None:
    low, high = (float(end[0]) for end in proportion_limits(centre, [pair[1]], level))
    ends = wilson(*pair, z=float(stats.norm.ppf((1 + level) / 2)))
    own_low, own_high = (float(end) for end in ends)
    share = pair[0] / pair[1]
    if min(abs(share - low), abs(share - high)) > 1e-9:
        assert (share < low) == (own_high < centre - 1e-12)
        assert (share > high) == (own_low > centre + 1e-12)


@given(st.integers(0, 400), st.floats(0.001, 400), st.sampled_from([WARNING, ALARM]))
def test_outside_is_where_poisson_leaves_out_the_expected(
    count: int, expected: float, level: float
) -> None:
    low, high = (float(end) for end in ratio_limits(expected, level))
    own_low, own_high = (float(end) for end in poisson(count, level))
    if min(abs(own_low - expected), abs(own_high - expected)) > 1e-9 * expected:
        assert (count < low) == (own_high < expected)
        assert (count > high) == (own_low > expected)


@given(st.floats(1e-3, 1e5), st.sampled_from([WARNING, ALARM]))
def test_limits_of_counts_are_roots(expected: float, level: float) -> None:
    """Found anew by a general root finder on the distribution's tails, counts taken as continuous."""
    tail = (1 - level) / 2
    low, high = (float(end) for end in ratio_limits(expected, level))
    reach = expected + 20 * np.sqrt(expected) + 20
    upper = optimize.brentq(lambda c: stats.gamma.cdf(expected, c) - tail, 1e-12, reach, xtol=1e-13)
    assert high == pytest.approx(upper, rel=1e-9, abs=1e-9)
    if np.exp(-expected) >= tail:
        assert low == 0
    else:
        lower = optimize.brentq(
            lambda c: stats.gamma.sf(expected, c + 1) - tail, 0, reach, xtol=1e-13
        )
        assert low == pytest.approx(lower, rel=1e-9, abs=1e-9)


@given(st.floats(0.01, 0.99), st.floats(1, 50), st.integers(1, 10**6))
def test_limits_contain_each_other(centre: float, dispersion: float, denominator: int) -> None:
    for kind in ("proportion", "rate"):
        wide = Funnel(kind, centre, dispersion, 50).limits([denominator])  # type: ignore[arg-type]
        narrow = Funnel(kind, centre, 1.0, 50).limits([denominator])  # type: ignore[arg-type]
        ends = [wide.low_alarm, wide.low, wide.high, wide.high_alarm]
        assert all(a <= b for a, b in pairwise(ends))
        assert wide.low <= narrow.low <= centre <= narrow.high <= wide.high


@given(st.floats(0.05, 1e4), st.floats(1, 30))
def test_dispersion_stretches_limits_of_counts(expected: float, dispersion: float) -> None:
    narrow, wide = ratio_limits(expected, WARNING), ratio_limits(expected, WARNING, dispersion)
    root = dispersion**0.5
    assert wide[0] == pytest.approx(max(expected - root * (expected - narrow[0]), 0), abs=1e-9)
    assert wide[1] == pytest.approx(expected + root * (narrow[1] - expected))


def test_dispersion_by_hand() -> None:
    z = winsorise([-10, -1, -1, 0, 0, 0, 0, 1, 1, 1, 10])
    assert z.tolist() == [-1, -1, -1, 0, 0, 0, 0, 1, 1, 1, 1]
    # Eleven units of 100 at one half, five per cent points a standard error.
    x = 50 + 5 * np.array([-10, -3, -3, 0, 0, 0, 0, 3, 3, 0, 10])
    funnel = fit_funnel(x, [100] * 11, "proportion")
    assert isinstance(funnel, Funnel)
    assert funnel.centre == 0.5
    assert funnel.dispersion == pytest.approx(6 * 9 / 11)


def test_at_national_size_not_everybody_is_an_outlier() -> None:
    """Doctors who differ beyond chance: with plain limits most are outside, with dispersion few are."""
    draw = np.random.default_rng(1)
    d = draw.integers(500, 6000, 5000)
    x = draw.binomial(d, draw.beta(30, 70, d.size))
    plain = fit_funnel(x, d, "proportion", overdispersed=False)
    wide = fit_funnel(x, d, "proportion")
    assert isinstance(plain, Funnel)
    assert isinstance(wide, Funnel)
    outside = [np.mean([place != "within" for place in f.place(x, d)]) for f in (plain, wide)]
    assert outside[0] > 0.6
    assert 0.02 < outside[1] < 0.15
    far = np.mean(["99.8" in str(place) for place in wide.place(x, d)])
    assert far < 0.03


def test_where_units_differ_by_chance_alone_few_are_outside() -> None:
    draw = np.random.default_rng(2)
    d = draw.integers(200, 3000, 4000)
    funnel = fit_funnel(x := draw.poisson(0.1 * d), d, "rate")
    assert isinstance(funnel, Funnel)
    assert funnel.dispersion == 1.0
    outside = np.mean([place != "within" for place in funnel.place(x, d)])
    assert 0.02 < outside < 0.06


def test_units_without_a_denominator() -> None:
    assert fit_funnel([0], [0], "rate") == NotComputable("zero-denominator")
    funnel = fit_funnel([0, 1], [0, 9], "rate")
    assert isinstance(funnel, Funnel)
    assert (funnel.units, funnel.centre) == (1, 1 / 9)
    assert funnel.place([0, 0, 9], [0, 9, 9]) == [None, "within", "above-99.8"]
    with pytest.raises(InvalidFigures):
        funnel.limits([0])


@pytest.mark.parametrize("kind", ["rate", "proportion"])
def test_where_nobody_has_anything_there_is_no_funnel(kind: str) -> None:
    """No limit of 0, beyond which one event would be: nothing varies, and nobody can say what is much."""
    assert fit_funnel([0, 0], [50, 9], kind) == NotComputable("no-spread")  # type: ignore[arg-type]
    with pytest.raises(InvalidFigures):
        Funnel(kind, 0.0, 1.0, 2).limits([9])  # type: ignore[arg-type]
    assert fit_funnel([50, 9], [50, 9], "proportion") == NotComputable("no-spread")
    assert isinstance(fit_funnel([50, 9], [50, 9], "rate"), Funnel)


def test_densities_lie_where_their_months_say() -> None:
    draw = np.random.default_rng(3)
    days = np.full((300, 12), 1000.0)
    level = np.full(300, 0.08)
    level[:2] = 0.30, 0.01
    doses = draw.gamma(4.0, level[:, None] / 4.0 * days)
    found = place_densities(doses, days, overdispersed=False)
    assert not isinstance(found, NotComputable)
    centre, places = found
    assert centre == pytest.approx(doses.sum() / days.sum())
    assert places[0] == "above-99.8"
    assert places[1] == "below-99.8"
    outside = np.mean([place != "within" for place in places[2:]])
    assert 0.02 < outside < 0.12
    days[5] = 0
    doses[5] = 0
    found = place_densities(doses, days)
    assert not isinstance(found, NotComputable)
    assert found[1][5] is None
    assert place_densities([[0.0]], [[0.0]]) == NotComputable("zero-denominator")
    with pytest.raises(InvalidFigures):
        place_densities([1.0], [1.0])


def test_intervals_and_funnel_agree_about_a_unit() -> None:
    [own] = estimate([30], [100], "proportion")
    assert isinstance(own, Estimate)
    assert Funnel("proportion", own.high + 1e-9, 1.0, 9).place([30], [100]) == ["below-95"]
    assert Funnel("proportion", own.high - 1e-9, 1.0, 9).place([30], [100]) == ["within"]
