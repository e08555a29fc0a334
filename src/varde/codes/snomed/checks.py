"""Count identifiers that are none: for columns what `identifiers.is_sctid` is for one text."""

from __future__ import annotations

from typing import Final

import numpy as np

from varde.codes.snomed.hierarchy import Numbers
from varde.codes.snomed.identifiers import (
    LONG_PARTITIONS,
    LONGEST,
    PLACE,
    PRODUCT,
    SHORT_PARTITIONS,
    SHORTEST_LONG,
    SHORTEST_SHORT,
)

AT_ONCE: Final = 1 << 18
"""Identifiers checked at a time: the intermediate columns then stay in the processor's cache."""

STEPS: Final = np.array(
    [
        [[PRODUCT[check][place[digit]] for digit in range(10)] for check in range(10)]
        for place in PLACE
    ],
    np.int8,
)
"""By place, check so far and digit: the next check."""


def count_malformed(ids: Numbers) -> int:
    """How many of these positive numbers are no well-formed SCTID."""
    pieces = (ids[start : start + AT_ONCE] for start in range(0, ids.size, AT_ONCE))
    return sum(int(np.count_nonzero(~_are_sctids(piece))) for piece in pieces)


def _are_sctids(ids: Numbers) -> Numbers:
    check = np.zeros(ids.size, np.int8)
    length = np.zeros(ids.size, np.int8)
    rest = ids
    for place in range(LONGEST):
        there = rest > 0
        rest, digit = np.divmod(rest, 10)
        check = np.where(there, STEPS[place % len(PLACE)][check, digit], check)
        length += there
    partition = ids // 10 % 100
    short = np.isin(partition, [int(key) for key in SHORT_PARTITIONS]) & (length >= SHORTEST_SHORT)
    long = np.isin(partition, [int(key) for key in LONG_PARTITIONS]) & (length >= SHORTEST_LONG)
    return (check == 0) & (rest == 0) & (short | long)
