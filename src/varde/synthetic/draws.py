"""Numbers that look random and are a pure function of (seed, purpose, index).

A draw does not depend on the draws before it, so item one million costs no more than item one, any
part of the country can be made alone, and a new purpose never changes what the old ones gave. The
mixing is the finaliser of SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom
number generators", doi 10.1145/2660193.2660195), written out here so that no change in a library
can change the invented country.
"""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Index = Ints | NDArray[np.uint64]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_UNIT = 2.0**-53


def _key(seed: int, purpose: str) -> np.uint64:
    digest = blake2b(f"{seed}/{purpose}".encode(), digest_size=8).digest()
    return np.uint64(int.from_bytes(digest, "little"))


def bits(seed: int, purpose: str, index: Index) -> NDArray[np.uint64]:
    """64 mixed bits for every index."""
    z = index.astype(np.uint64) * _STEP + _key(seed, purpose)
    z = (z ^ (z >> np.uint64(30))) * _FIRST
    z = (z ^ (z >> np.uint64(27))) * _SECOND
    return z ^ (z >> np.uint64(31))


def uniform(seed: int, purpose: str, index: Index) -> Floats:
    """A number in [0, 1) for every index."""
    return (bits(seed, purpose, index) >> np.uint64(11)).astype(np.float64) * _UNIT


def pick(weights: Floats, draw: Floats) -> Ints:
    """For every draw in [0, 1) the position it falls at, in proportion to `weights`."""
    cumulative = np.cumsum(weights)
    found = np.searchsorted(cumulative, draw * cumulative[-1], side="right")
    return np.minimum(found, len(weights) - 1)
