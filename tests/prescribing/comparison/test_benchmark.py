"""The achievable benchmark: by hand, against a plain reference, and what never happens."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from varde.prescribing.comparison import NotComputable, find_benchmark
from varde.prescribing.comparison.benchmark import Benchmark
from varde.prescribing.comparison.rules import rules


def plain_benchmark(
    units: list[tuple[int, int]], kind: str, direction: str
) -> tuple[Fraction, int] | str:
    """Whole numbers and sorting only; the value and how many units it is of."""
    there = [(x, d) for x, d in units if d > 0]
    if not there:
        return "zero-denominator"
    events, total = sum(x for x, _ in there), sum(d for _, d in there)

    def adjusted(x: int, d: int) -> Fraction:
        if kind == "proportion":
            return Fraction(x + 1, d + 2)
        return Fraction(x + 1) / (d + Fraction(total, events)) if events else Fraction(0)

    sign = 1 if direction == "lower" else -1
    ordered = sorted(there, key=lambda unit: (sign * adjusted(*unit), -unit[1], unit[0]))
    for count in range(1, len(ordered) + 1):
        best = ordered[:count]
        covered = sum(d for _, d in best)
        if 10 * covered > 4 * total:
            break
        if 5 * covered < total or count < 11:
            continue
        if any(
            2 * mine > covered - other
            for i, (_, mine) in enumerate(best)
            for j, (_, other) in enumerate(best)
            if i != j
        ):
            continue
        value = Fraction(sum(x for x, _ in best), covered)
        worse = value > Fraction(events, total) if sign == 1 else value < Fraction(events, total)
        return "no-better-than-average" if worse else (value, count)
    return "too-few-units"


UNITS = st.lists(
    st.integers(0, 60).flatmap(lambda d: st.tuples(st.integers(0, d), st.just(d))), max_size=80
)


@given(UNITS, st.sampled_from(["proportion", "rate"]), st.sampled_from(["lower", "higher"]))
def test_it_is_what_plain_sorting_gives(
    units: list[tuple[int, int]], kind: str, direction: str
) -> None:
    x = [unit[0] for unit in units]
    d = [unit[1] for unit in units]
    found = find_benchmark(x, d, kind, direction)  # type: ignore[arg-type]
    expected = plain_benchmark(units, kind, direction)
    if isinstance(found, NotComputable):
        assert found.reason == expected
        return
    assert not isinstance(expected, str)
    assert found.value == pytest.approx(float(expected[0]))
    assert len(found.members) == expected[1]


def draw_units(seed: int, units: int) -> tuple[np.ndarray, np.ndarray]:
    """Units of 20 to 60 with few different numbers, so that many are alike."""
    draw = np.random.default_rng(seed)
    d = draw.integers(20, 61, units)
    return draw.binomial(d, draw.choice([0.0, 0.2, 0.5, 1.0], units)), d


LARGE = st.builds(draw_units, st.integers(0, 2**32), st.integers(30, 90))


@given(LARGE)
def test_order_and_mirror(units: tuple[np.ndarray, np.ndarray]) -> None:
    """Order given is of no matter; for a proportion, what is left out is the mirror image."""
    x, d = units
    one = find_benchmark(x, d, "proportion", "lower")
    other = find_benchmark(d - x, d, "proportion", "higher")
    shuffled = np.random.default_rng(int(x.sum())).permutation(x.size)
    again = find_benchmark(x[shuffled], d[shuffled], "proportion", "lower")
    if isinstance(one, NotComputable):
        assert one == other == again
        return
    assert isinstance(other, Benchmark)
    assert isinstance(again, Benchmark)
    assert again.value == pytest.approx(one.value)
    assert other.value == pytest.approx(1 - one.value)


@given(LARGE, st.sampled_from(["lower", "higher"]))
def test_what_a_benchmark_is(units: tuple[np.ndarray, np.ndarray], direction: str) -> None:
    x, d = units
    found = find_benchmark(x, d, "proportion", direction)  # type: ignore[arg-type]
    if isinstance(found, NotComputable):
        return
    rule = rules().benchmark
    assert len(found.members) >= rule.units
    assert rule.share - 1e-9 <= found.share <= rule.most_share
    mean = x.sum() / d.sum()
    assert found.value <= mean if direction == "lower" else found.value >= mean
    members = list(found.members)
    assert found.value == pytest.approx(x[members].sum() / d[members].sum())


def test_luck_in_a_small_unit_is_not_the_best() -> None:
    # Sixty of 100 with 20 to 79; one of two with none of them: adjusted one quarter, not nought.
    x, d = [*range(20, 80), 0], [100] * 60 + [2]
    found = find_benchmark(x, d, "proportion", "lower")
    assert isinstance(found, Benchmark)
    assert found.members[0] == 0
    assert found.members.index(60) == 5  # after 20 to 24: (24+1)/102 is below 1/4, (25+1)/102 above
    # The best twelve of 100 reach 1,200 of 6,002 with the small one short of a fifth: thirteen are taken.
    assert len(found.members) == 13
    assert found.value == pytest.approx((sum(range(20, 32)) + 0) / 1202)


def test_small_and_dominated_groups_have_none() -> None:
    few = NotComputable("too-few-units")
    assert (
        find_benchmark([1] * 20, [10] * 20, "rate", "lower") == few
    )  # eleven are more than two fifths
    giant = [1] * 60 + [0]
    assert find_benchmark(giant, [10] * 60 + [10000], "rate", "lower") == few
    assert find_benchmark([], [], "rate", "lower") == NotComputable("zero-denominator")
    assert find_benchmark([1], [9], "rate", "none") == NotComputable("no-direction")
    assert find_benchmark([-9], [9], "density", "lower") == NotComputable("negative")
    # Eleven large at 0.3; hundreds of ones with nothing are adjusted to a third, and pull the mean below 0.3.
    odd = find_benchmark([3000] * 11 + [0] * 60, [10000] * 11 + [4000] * 60, "proportion", "higher")
    assert isinstance(odd, Benchmark)
    worse = find_benchmark([30] * 11 + [0] * 2500, [100] * 11 + [1] * 2500, "proportion", "lower")
    assert worse == NotComputable("no-better-than-average")
