"""Which more counts of one row must be hidden, when what they count hangs together.

Cases, findings and forms of one disease are counted for themselves, but each case without a finding has its form, and
each with one its finding: whoever knows some of the numbers knows something of the others. As in A. Hundepool et al.,
*Statistical Disclosure Control* (Wiley, 2012), chapter 4, with relations of any shape instead of sums alone. A reader is
taken to guess every relation that happens to be true of the row's numbers, and none that is not.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

import msgspec

from varde.publishing.protection import LEAST_ANSWERS, Mark

SEARCHED = 30
"""So many steps are taken to find numbers that fit; what is not found by then is taken not to fit, which hides more."""
ROUNDS = 30
"""So often the relations are gone through; numbers that are not settled by then are taken not to fit."""


class Relation(msgspec.Struct, frozen=True, kw_only=True):
    """Terms whose sum is nought, or at least nought.

    Attributes:
        terms: count → what it is multiplied by, 1 or -1.
    """

    terms: Mapping[str, Literal[1, -1]]
    equal: bool = True

    def holds(self, counts: Mapping[str, int]) -> bool:
        """Whether it is true of a row."""
        if not self.terms.keys() <= counts.keys():
            return False
        total = sum(factor * counts[name] for name, factor in self.terms.items())
        return total == 0 if self.equal else total >= 0


def equal(*names: str) -> Relation:
    """The first is the sum of the others."""
    return Relation(terms={name: 1 if place else -1 for place, name in enumerate(names)})


def at_most(*names: str) -> Relation:
    """The first is not more than the sum of the others."""
    return Relation(
        terms={name: 1 if place else -1 for place, name in enumerate(names)}, equal=False
    )


def protect_related(
    counts: Mapping[str, int],
    marks: Mapping[str, Mark],
    relations: Sequence[Relation],
    may_hide: Sequence[str],
    limit: int,
) -> dict[str, Mark]:
    """The marks of a row's counts when enough is hidden that each small one can still be `LEAST_ANSWERS` numbers, and
    each that another page hides.

    Args:
        counts: of the row, and those that are not shown anywhere but can be worked out (no mark).
        marks: what is hidden already.
        relations: those that are not true of the row are left out.
        may_hide: names in the order in which they are hidden; what another page shows is not among them.
        limit: counts below it are small.
    """
    known = [one for one in relations if one.holds(counts)]
    found = dict(marks)
    steps: list[str] = [name for name in may_hide if found.get(name) == "shown"]
    steps += [name for name in may_hide if found.get(name) == "suppressed"]
    for name in steps:
        if is_safe(counts, found, known, limit, may_hide):
            break
        found[name] = "protected"
    else:
        if not is_safe(counts, found, known, limit, may_hide):
            return found
    for name in reversed(steps):  # those that were hidden in vain
        if found[name] != marks[name]:
            tried: dict[str, Mark] = {**found, name: marks[name]}
            if is_safe(counts, tried, known, limit, may_hide):
                found = tried
    return found


def is_safe(
    counts: Mapping[str, int],
    marks: Mapping[str, Mark],
    known: Sequence[Relation],
    limit: int,
    for_others: Collection[str] = (),
) -> bool:
    """Whether each hidden count, and each small one that is not shown, can be enough numbers.

    Args:
        for_others: those that are hidden for the sake of others alone, where they are not small: they may be known.
    """
    top = sum(counts.values()) + 2 * limit
    bounds = {name: _told(counts[name], marks.get(name), limit, top) for name in counts}
    asked = [
        name
        for name in counts
        if (name not in marks and 0 < counts[name] < limit)
        or (
            marks.get(name, "shown") != "shown"
            and (0 < counts[name] < limit or name not in for_others)
        )
    ]
    if not asked:
        return True
    narrowed = _narrow(bounds, known)
    return narrowed is not None and all(
        _has_answers(name, counts, narrowed, known, limit) for name in asked
    )


Bounds = dict[str, tuple[int, int]]


def _told(count: int, mark: Mark | None, limit: int, top: int) -> tuple[int, int]:
    if mark == "shown":
        return count, count
    return (1, limit - 1) if mark == "suppressed" else (0, top)


def _has_answers(
    name: str, counts: Mapping[str, int], bounds: Bounds, known: Sequence[Relation], limit: int
) -> bool:
    least, most = bounds[name]
    if most - least + 1 < LEAST_ANSWERS:
        return False
    near = range(max(least, counts[name] - limit), min(most, counts[name] + limit) + 1)
    found = 1  # what it is
    for value in sorted(set(near) - {counts[name]}, key=lambda value: abs(value - counts[name])):
        fixed = _narrow({**bounds, name: (value, value)}, known)
        found += fixed is not None and _fits(fixed, counts, known, [SEARCHED])
        if found == LEAST_ANSWERS:
            return True
    return False


def _fits(
    bounds: Bounds, counts: Mapping[str, int], known: Sequence[Relation], left: list[int]
) -> bool:
    """Whether there are numbers within the bounds of which all relations are true."""
    loose = [name for name, (least, most) in bounds.items() if least < most]
    if not loose:
        return True
    name = min(loose, key=lambda one: bounds[one][1] - bounds[one][0])
    least, most = bounds[name]
    start = min(max(counts[name], least), most)
    for value in sorted({start, start - 1, start + 1, least, most} & set(range(least, most + 1))):
        left[0] -= 1
        if left[0] < 0:
            return False
        tried = _narrow({**bounds, name: (value, value)}, known)
        if tried is not None and _fits(tried, counts, known, left):
            return True
    return False


def _narrow(bounds: Bounds, known: Sequence[Relation]) -> Bounds | None:
    """Bounds after what each relation says of each of its terms; None where nothing is left."""
    found, moved, rounds = dict(bounds), True, 0
    while moved:
        moved, rounds = False, rounds + 1
        if rounds > ROUNDS:
            return None
        for relation in known:
            terms = [(name, factor, *found[name]) for name, factor in relation.terms.items()]
            low = sum(least if factor > 0 else -most for _, factor, least, most in terms)
            high = sum(most if factor > 0 else -least for _, factor, least, most in terms)
            if high < 0 or (relation.equal and low > 0):
                return None
            if low == high:
                continue
            for name, factor, least, most in terms:
                # What is left for one term when the others are as small, or as large, as can be.
                down = least if factor > 0 else -most
                up = most if factor > 0 else -least
                fewest = max(down, up - high)
                greatest = min(up, down - low) if relation.equal else up
                if fewest > greatest:
                    return None
                if (fewest, greatest) != (down, up):
                    found[name] = (fewest, greatest) if factor > 0 else (-greatest, -fewest)
                    moved = True
    return found
