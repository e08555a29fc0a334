"""Which comparators one reader may see together, so that no peer's figure follows by adding and subtracting.

A comparator is the sum of its units. Whoever sees several sums, and knows some units' own figures, knows every
weighted sum of them too. What is refused is a set of comparators of which some weighted sum is of fewer than ten units
that the reader does not know, or where one of those has more than half.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from varde.prescribing.comparison.rules import rules
from varde.prescribing.comparison.values import Bools, Floats

MOST: Final = 6
"""Comparators of one indicator in one report."""

MOST_SEEN: Final = 8
"""Sums that one reader may see of one indicator, in all reports: every combination of them is looked at."""

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
    """What one reader may see together: `Disclosure.choose`, for one who asks once."""
    return Disclosure(denominator).choose(comparators, knows)


class Disclosure:
    """The units of one indicator and period, so that each reader may be asked for quickly.

    Args:
        denominator: of the indicator, by unit; units without one are part of no sum.
        above_alone: units that have a numerator and no denominator (a doctor without a list, of prescriptions an
            inhabitant): they are in sums, so that a difference may be of them, and nobody hides behind them.
    """

    def __init__(self, denominator: Mapping[str, float], above_alone: Collection[str] = ()) -> None:
        some = {unit: size for unit, size in denominator.items() if size > 0}
        sizes = dict.fromkeys(above_alone, 0.0) | some
        units = sorted(sizes, key=lambda unit: (-sizes[unit], unit))
        self._places = {unit: place for place, unit in enumerate(units)}
        self._sizes = np.array([sizes[unit] for unit in units], np.float64)  # the largest first
        self._counted_of: dict[frozenset[str], frozenset[str]] = {}
        self._masks: dict[frozenset[str], Bools] = {}
        self._for_anybody: dict[tuple[frozenset[str], ...], Refusal | None] = {}
        self._all_safe: dict[tuple[object, ...], bool] = {}

    def choose(
        self,
        comparators: Sequence[Comparator],
        knows: Collection[str] = (),
        seen: Iterable[frozenset[str]] = (),
    ) -> Together:
        """Takes comparators in order of how much they are wanted, each that is safe beside those taken before.

        Args:
            comparators: the most wanted first. Two with the same units are one figure: both are taken.
            knows: the units whose figures the reader knows: the own, or all of an own practice. Where a table is for
                everybody, pass none: what any one unit could subtract is looked at then.
            seen: the units of sums that the same reader sees elsewhere, judged there.

        Raises:
            ValueError: two comparators have the same key.
        """
        keys = [comparator.key for comparator in comparators]
        if len(set(keys)) != len(keys):
            raise ValueError("two comparators have the same key")
        known = tuple(sorted(self._places[unit] for unit in set(knows) if unit in self._places))
        before = tuple(dict.fromkeys(found for units in seen if (found := self._counted(units))))
        wanted = [self._counted(comparator.units) for comparator in comparators]
        new = tuple(dict.fromkeys(units for units in wanted if units not in before))
        if self._are_all_safe(before, new, known, not knows):
            return Together(tuple(keys), {})
        taken = list(before)
        shown: list[str] = []
        refused: dict[str, Refusal] = {}
        for key, units in zip(keys, wanted, strict=True):
            if units not in taken:
                refusal: Refusal | None = "too-many"
                if len(taken) - len(before) < MOST:
                    refusal = self._decide((*taken, units), known, not knows)
                if refusal is not None:
                    refused[key] = refusal
                    continue
                taken.append(units)
            shown.append(key)
        return Together(tuple(shown), refused)

    def _are_all_safe(
        self,
        before: tuple[frozenset[str], ...],
        new: tuple[frozenset[str], ...],
        known: tuple[int, ...],
        anybody: bool,
    ) -> bool:
        """Whether all may be shown: then each might be taken after the other. Asked first, as it mostly is so."""
        whose = None if anybody or len(known) <= 1 else known
        key = (before, new, whose)
        if key not in self._all_safe:
            unknown = self._unknown(whose or ())
            masks = [self._masks[units] for units in (*before, *new)]
            fewest = rules().comparator.others
            self._all_safe[key] = (
                len(new) <= MOST
                and len(masks) <= MOST_SEEN
                and all(
                    self._refuse_alone(mask & unknown, whose is None) is None
                    and self._refuse_alone(mask, anybody=False) is None
                    for mask in masks[len(before) :]
                )
                and all(
                    np.count_nonzero(one ^ other) >= fewest
                    for place, one in enumerate(masks)
                    for other in masks[max(place + 1, len(before)) :]
                )
                and self._is_safe(masks, unknown, whose is None)
            )
        return self._all_safe[key]

    def _unknown(self, known: Collection[int]) -> Bools:
        found = np.ones(self._sizes.size, np.bool_)
        found[list(known)] = False
        return found

    def _counted(self, units: frozenset[str]) -> frozenset[str]:
        """Those of the units that have a denominator."""
        found = self._counted_of.get(units)
        if found is None:
            found = frozenset(unit for unit in units if unit in self._places)
            self._counted_of[units] = found
            mask = np.zeros(self._sizes.size, np.bool_)
            mask[[self._places[unit] for unit in found]] = True
            self._masks[found] = mask
        return found

    def _decide(
        self, sets: tuple[frozenset[str], ...], known: Sequence[int], anybody: bool
    ) -> Refusal | None:
        """Whether the last of the sets may be shown beside the others.

        What may be shown to anybody, who knows any one unit, may be shown to each who knows one: that is remembered.
        """
        if sets not in self._for_anybody:
            self._for_anybody[sets] = self._judge(sets, self._unknown(()), anybody=True)
        refusal = self._for_anybody[sets]
        if anybody or (refusal is None and len(known) <= 1):
            return refusal
        return self._judge(sets, self._unknown(known), anybody=False)

    def _judge(
        self, sets: tuple[frozenset[str], ...], unknown: Bools, anybody: bool
    ) -> Refusal | None:
        *taken, mask = (self._masks[units] for units in sets)
        alone = self._refuse_alone(mask & unknown, anybody)
        if alone is not None:
            return alone
        # With the own in it: where the own is most of it, a unit would be compared with itself.
        if self._refuse_alone(mask, anybody=False) is not None:
            return "one-dominates"
        if len(taken) >= MOST_SEEN:
            return "too-many"
        # Two circles that differ by few are refused also where all of the few are known: whose they are may be guessed.
        if any(np.count_nonzero(mask ^ other) < rules().comparator.others for other in taken):
            return "by-difference"
        return None if self._is_safe((*taken, mask), unknown, anybody) else "by-difference"

    def _refuse_alone(self, mask: Bools, anybody: bool) -> Lack | None:
        sizes = self._sizes[mask]
        sizes = sizes[sizes > 0]
        return _refuse(sizes.size, float(sizes.sum()), sizes[:2].tolist(), anybody)

    def _is_safe(self, shown: Sequence[Bools], unknown: Bools, anybody: bool) -> bool:
        """Whether no weighted sum of what is shown, and of what the reader knows, is of too few units.

        Units that are in the same sums and in no other stand together (a part). Weighted sums that are of few units
        only are looked for exactly, whatever the weights: by the rank of the sums over all other parts. That one unit
        has most of it is looked for in all sums and differences.
        """
        code = sum(mask.astype(np.int64) << place for place, mask in enumerate(shown)) * unknown
        count = np.bincount(code, minlength=1)
        count[0] = 0  # in no sum, or known
        parts = np.flatnonzero(count)
        if not parts.size:
            return True
        matrix = (parts >> np.arange(len(shown))[:, None] & 1).astype(np.float64)
        fewest = rules().comparator.others + anybody
        if _few_follow(matrix, count[parts], fewest):
            return False
        total = np.bincount(code, weights=self._sizes)[parts]
        largest = np.zeros((parts.size, 2))
        for place, part in enumerate(parts):
            first = self._sizes[np.flatnonzero(code == part)[:2]]
            largest[place, : first.size] = first
        reached = (_weights(len(shown)) @ matrix != 0).astype(np.float64)
        heads = -np.sort(-(reached[:, :, None] * largest).reshape(len(reached), -1))[:, :2]
        sums = zip(reached @ count[parts], reached @ total, heads.tolist(), strict=True)
        return all(n == 0 or _refuse(n, whole, head, anybody) is None for n, whole, head in sums)


@cache
def _weights(count: int) -> Floats:
    """All ways to add, subtract or leave out each of `count` sums; a way and its opposite are the same."""
    ways = list(product((-1.0, 0.0, 1.0), repeat=count))
    return np.array(ways[: len(ways) // 2])


def refuse_sum(sizes: Iterable[float], anybody: bool = False) -> Lack | None:
    """What is wrong with a sum of units that have these denominators, to one who knows none of them.

    With `anybody`, to each of them, who knows the own: ten must be left then, and none may have most of what is left.
    """
    largest = sorted(sizes, reverse=True)
    return _refuse(len(largest), sum(largest), largest[:2], anybody)


def _refuse(count: float, total: float, largest: Sequence[float], anybody: bool) -> Lack | None:
    rule = rules().comparator
    if count < rule.others + anybody:
        return "too-few-units"
    # Whoever is second subtracts the own and has the largest left.
    left = total - (largest[1] if anybody else 0.0)
    return "one-dominates" if largest[0] > rule.most_of_one * left else None


def _few_follow(matrix: Floats, count: npt.NDArray[np.int64], fewest: int) -> bool:
    """Whether some weighted sum of the rows is of fewer than `fewest` units: of parts that have so few together."""
    if (count < fewest).sum() > PARTS:
        return True
    rank = np.linalg.matrix_rank(matrix)
    for few in _largest_sets(count.tolist(), fewest):
        others = [place for place in range(count.size) if place not in few]
        if few and (not others or np.linalg.matrix_rank(matrix[:, others]) < rank):
            return True
    return False


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
