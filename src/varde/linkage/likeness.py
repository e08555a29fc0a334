"""How alike two words are, by two published measures, as DuckDB's functions of the same name have them.

Sources: Winkler 1990, "String Comparator Metrics and Enhanced Decision Rules in the Fellegi-Sunter
Model of Record Linkage"; Damerau 1964, doi 10.1145/363958.363994.
"""

from __future__ import annotations

from functools import lru_cache

PREFIX = 4
"""So many first letters count extra when they agree (Winkler)."""

SCALE = 0.1
BOOST = 0.7
"""Words less alike than this get nothing extra."""


@lru_cache(maxsize=1 << 17)
def jaro_winkler(one: str, other: str) -> float:
    """Likeness from 0 to 1 of two words; 1 for the same. Symmetric."""
    likeness = _jaro(one, other)
    if likeness <= BOOST:
        return likeness
    prefix = 0
    for a, b in zip(one[:PREFIX], other[:PREFIX], strict=False):
        if a != b:
            break
        prefix += 1
    return likeness + prefix * SCALE * (1.0 - likeness)


def _jaro(one: str, other: str) -> float:
    if one == other:
        return 1.0
    if not one or not other:
        return 0.0
    if len(one) > len(other):
        one, other = other, one
    reach = max(len(other) // 2 - 1, 0)
    taken = [False] * len(other)
    matched = []
    for at, letter in enumerate(one):
        for place in range(max(0, at - reach), min(len(other), at + reach + 1)):
            if not taken[place] and other[place] == letter:
                taken[place] = True
                matched.append(letter)
                break
    if not matched:
        return 0.0
    opposite = [letter for letter, found in zip(other, taken, strict=True) if found]
    moved = sum(a != b for a, b in zip(matched, opposite, strict=True)) // 2
    count = len(matched)
    return (count / len(one) + count / len(other) + (count - moved) / count) / 3


@lru_cache(maxsize=1 << 17)
def within_one_edit(one: str, other: str) -> bool:
    """Whether at most one letter was put in, left out, changed, or changed places with its neighbour."""
    if one == other:
        return True
    if abs(len(one) - len(other)) > 1:
        return False
    if len(one) > len(other):
        one, other = other, one
    at = 0
    while at < len(one) and one[at] == other[at]:
        at += 1
    if len(one) < len(other):
        return one[at:] == other[at + 1 :]
    if one[at + 1 :] == other[at + 1 :]:
        return True
    return one[at : at + 2] == other[at : at + 2][::-1] and one[at + 2 :] == other[at + 2 :]
