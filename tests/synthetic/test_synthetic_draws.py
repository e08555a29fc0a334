from hashlib import blake2b

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from varde.synthetic.draws import bits, pick, uniform

MASK = 2**64 - 1


def plain_bits(seed: int, purpose: str, index: int) -> int:
    """SplitMix64's finaliser in whole numbers of any size."""
    key = int.from_bytes(blake2b(f"{seed}/{purpose}".encode(), digest_size=8).digest(), "little")
    z = (index * 0x9E3779B97F4A7C15 + key) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


@settings(deadline=None)
@given(st.integers(0, 2**40), st.text(max_size=10), st.lists(st.integers(0, 2**62), min_size=1))
def test_the_vectors_agree_with_plain_arithmetic(seed, purpose, index):
    fast = bits(seed, purpose, np.array(index, np.int64))
    assert fast.tolist() == [plain_bits(seed, purpose, i) for i in index]


def test_the_finaliser_is_splitmix64():
    """First outputs of SplitMix64 started at 0, from its published reference code."""
    step = 0x9E3779B97F4A7C15
    outputs = []
    for number in (1, 2):
        z = number * step & MASK
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        outputs.append(z ^ (z >> 31))
    assert outputs == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4]


def test_draws_are_even_and_purposes_are_unrelated():
    index = np.arange(200_000, dtype=np.int64)
    one, other = uniform(1, "one", index), uniform(1, "other", index)
    assert abs(one.mean() - 0.5) < 0.003
    assert np.abs(np.histogram(one, 20, (0, 1))[0] / 10_000 - 1).max() < 0.05
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.01
    assert abs(np.corrcoef(one[1:], one[:-1])[0, 1]) < 0.01


@settings(deadline=None)
@given(
    st.lists(st.floats(0, 100), min_size=1, max_size=8).filter(lambda w: sum(w) > 1e-6),
    st.floats(0, 1, exclude_max=True),
)
def test_pick_finds_where_the_draw_falls(weights, draw):
    found = int(pick(np.array(weights), np.array([draw]))[0])
    running = np.cumsum(weights)
    assert found == 0 or running[found - 1] <= draw * running[-1]
    assert found == len(weights) - 1 or draw * running[-1] < running[found]
