"""Which descriptions are compared at all: those that have a key in common.

Comparing all pairs of millions is out of reach. Two descriptions of one person share a key unless much
goes wrong at once; how often they do is measured (`docs/linkage.md`). Keys hold names, days and numbers
in clear: whoever keeps them keeps them as keyed hashes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from varde.linkage.comparing import Prepared

LETTERS = 4
"""So many first letters of a name stand for it."""

LARGEST_BLOCK = 300
"""A key that more descriptions have tells too little: what only such keys bring together is not compared."""


def blocking_keys(description: Prepared) -> frozenset[str]:
    """The keys of a prepared description.

    - each number, also one that may be the same person's: ``n``
    - birth date and any one name: ``b`` (married names, slips in the other name, names swapped)
    - birth date and postal code: ``p`` (newborns)
    - telephone: ``t``
    - family and given name with the year: ``y``; with day and month: ``d`` (a digit of the birth date is
      wrong); with the municipality: ``m`` (no birth date)
    """
    numbers = description.certain | description.other | description.doubted
    found = {f"n{number}" for number in numbers}
    families = {word[:LETTERS] for word in description.family_parts}
    givens = {word[:LETTERS] for word in description.given_parts}
    pairs = {f + g if f <= g else g + f for f in families for g in givens}
    if description.born:
        # The two halves in order of size: day and month may have changed places.
        half, other = sorted((description.born[4:6], description.born[6:]))
        day = f"{half}{other}"
        born = f"{description.born[:4]}{day}"
        found |= {f"b{born}{name}" for name in families | givens}
        found |= {f"d{day}{pair}" for pair in pairs}
        if description.postal:
            found.add(f"p{born}{description.postal}")
    if description.phone:
        found.add(f"t{description.phone}")
    found |= {f"y{year}{pair}" for year in _years(description) for pair in pairs}
    if description.municipality:
        found |= {f"m{description.municipality}{pair}" for pair in pairs}
    return frozenset(found)


def _years(description: Prepared) -> Iterable[int]:
    """The year of birth; where only a year is known, those beside it too."""
    if not description.year:
        return ()
    spread = 0 if description.born else 1
    return range(description.year - spread, description.year + spread + 1)


def candidate_pairs(
    descriptions: Iterable[Prepared], largest: int = LARGEST_BLOCK
) -> tuple[NDArray[np.int64], int]:
    """The pairs that share a key, each once.

    Args:
        descriptions: prepared; a pair is two positions in them.
        largest: keys of more descriptions than this bring none together.

    Returns:
        pairs: an array of two columns, the lower position first, in order.
        skipped: how many keys were too common.
    """
    blocks: dict[str, list[int]] = {}
    count = 0
    for at, description in enumerate(descriptions):
        count += 1
        for key in blocking_keys(description):
            blocks.setdefault(key, []).append(at)
    skipped = sum(len(block) > largest for block in blocks.values())
    kept = (block for block in blocks.values() if 1 < len(block) <= largest)
    codes = np.unique(np.fromiter(_codes(kept, count), np.int64))
    return np.stack((codes // max(count, 1), codes % max(count, 1)), axis=1), skipped


def _codes(blocks: Iterable[list[int]], count: int) -> Iterator[int]:
    """Each pair as one number."""
    for block in blocks:
        for one, other in combinations(block, 2):
            yield one * count + other
