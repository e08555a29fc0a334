"""Which comparators one reader may see together, so that no peer's figure follows by adding and subtracting.

A comparator is the sum of its units. Whoever sees several sums, and knows some units' own figures, knows every
weighted sum of them too. What is refused is a set of comparators of which some weighted sum is of fewer than ten units
that the reader does not know, or where one of those has more than half.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final, Literal

import numpy as np

from varde.prescribing.comparison.rules import rules

MOST: Final = 6
"""Comparators that one reader may see of one indicator: every combination of them is looked at."""

PARTS: Final = 12
"""Parts of fewer than ten units into which comparators may cut each other before the next is refused unseen."""

Lack = Literal["too-few-units", "one-dominates"]
Refusal = Lack | Literal["by-difference", "too-many"]
"""Why a comparator is not shown: too few units; one has most of it; it would give some away beside those shown before
it; a reader has as many already."""


@dataclass(frozen=True, slots=True)
class Comparator:
    """A sum that might be shown: a peer group, a county, a benchmark's best units.

    Attributes:
        key: what the caller calls it.
        units: the numbers of those in it.
    """

    key: str
    units: frozenset[str]


@dataclass(frozen=True, slots=True)
class Together:
    """What may be shown: keys in the order asked for, and of the others why not."""

    shown: tuple[str, ...]
    refused: Mapping[str, Refusal]


def choose_together(
    comparators: Sequence[Comparator],
    denominator: Mapping[str, float],
    knows: Collection[str] = (),
) -> Together:
    """Takes comparators in order of how much they are wanted, each that is safe beside those taken before.

    Args:
        comparators: the most wanted first. Two with the same units are one figure: both are taken.
        denominator: of the indicator, by unit; units without one are part of no sum.
        knows: the units whose figures the reader knows: the own, or all of an own practice. Where a table is for
            everybody, pass none: what any one unit could subtract is looked at then.

    Raises:
        ValueError: two comparators have the same key.
    """
    keys = [comparator.key for comparator in comparators]
    if len(set(keys)) != len(keys):
        raise ValueError("two comparators have the same key")
    sized = {unit: size for unit, size in denominator.items() if size > 0}
    taken: list[frozenset[str]] = []
    shown: list[str] = []
    refused: dict[str, Refusal] = {}
    for comparator in comparators:
        units = frozenset(unit for unit in comparator.units if unit in sized)
        refusal = _judge(units, taken, sized, frozenset(knows))
        if refusal is not None:
            refused[comparator.key] = refusal
            continue
        shown.append(comparator.key)
        if units not in taken:
            taken.append(units)
    return Together(tuple(shown), refused)


def _judge(
    units: frozenset[str],
    taken: Sequence[frozenset[str]],
    sized: Mapping[str, float],
    knows: frozenset[str],
) -> Refusal | None:
    if units in taken:
        return None
    alone = refuse_sum((sized[unit] for unit in units - knows), anybody=not knows)
    if alone is not None:
        return alone
    # With the own in it: where the own is most of it, a unit would be compared with itself.
    if refuse_sum(sized[unit] for unit in units) is not None:
        return "one-dominates"
    if len(taken) == MOST:
        return "too-many"
    # Two circles that differ by few are refused also where all of the few are known: whose they are may be guessed.
    if any(len(units ^ other) < rules().comparator.others for other in taken):
        return "by-difference"
    return None if is_safe((*taken, units), sized, knows) else "by-difference"


def refuse_sum(sizes: Iterable[float], anybody: bool = False) -> Lack | None:
    """What is wrong with a sum of units that have these denominators, to one who knows none of them.

    With `anybody`, to each of them, who knows the own: ten must be left then, and none may have most of what is left.
    """
    rule = rules().comparator
    largest = sorted(sizes, reverse=True)
    if len(largest) < rule.others + anybody:
        return "too-few-units"
    # Whoever is second subtracts the own and has the largest left.
    left = sum(largest) - (largest[1] if anybody else 0.0)
    return "one-dominates" if largest[0] > rule.most_of_one * left else None


def is_safe(
    shown: Sequence[frozenset[str]], sized: Mapping[str, float], knows: frozenset[str]
) -> bool:
    """Whether no weighted sum of what is shown, and of what the reader knows, is of too few units.

    Units that are in the same sums and in no other stand together (an atom). Weighted sums that are of few units only
    are looked for exactly, whatever the weights: by the rank of the sums over all other atoms. That one unit has most
    of it is looked for in all sums and differences.
    """
    atoms: dict[tuple[bool, ...], list[str]] = {}
    for unit in frozenset().union(*shown) - knows:
        atoms.setdefault(tuple(unit in sum_ for sum_ in shown), []).append(unit)
    if not atoms:
        return True
    columns = list(atoms)
    matrix = np.array(columns, np.float64).T
    sizes = np.array([len(atoms[column]) for column in columns])
    fewest = rules().comparator.others + (not knows)
    if (sizes < fewest).sum() > PARTS:
        return False
    rank = np.linalg.matrix_rank(matrix)
    for few in _largest_sets(sizes.tolist(), fewest):
        others = [place for place in range(len(columns)) if place not in few]
        if not others or np.linalg.matrix_rank(matrix[:, others]) < rank:
            return False
    for weights in product((-1, 0, 1), repeat=len(shown)):
        reached = np.flatnonzero(np.array(weights) @ matrix)
        units = [sized[unit] for place in reached for unit in atoms[columns[place]]]
        if units and refuse_sum(units, anybody=not knows) is not None:
            return False
    return True


def _largest_sets(sizes: Sequence[int], fewest: int) -> Iterator[frozenset[int]]:
    """Sets of atoms that are of fewer than `fewest` units together, and to which no other can be added."""

    def grow(place: int, chosen: tuple[int, ...], left: int) -> Iterator[frozenset[int]]:
        if place == len(sizes):
            rest = (size for one, size in enumerate(sizes) if one not in chosen)
            if min(rest, default=left + 1) > left:
                yield frozenset(chosen)
            return
        if sizes[place] <= left:
            yield from grow(place + 1, (*chosen, place), left - sizes[place])
        yield from grow(place + 1, chosen, left)

    yield from grow(0, (), fewest - 1)
