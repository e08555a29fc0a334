"""Which more cells of a group must be hidden, so that those that are hidden cannot be worked out from their sum.

Complementary suppression, as in A. Hundepool et al., *Statistical Disclosure Control* (Wiley, 2012), chapter 4. A
reader knows the sum of a group, the cells that are shown, and of the others what their marks say: a suppressed one is 1
up to the limit, a protected one is anything (nought or large, as this module is strict: large). For one sum, what each
hidden cell can still be is an interval whose ends are plain arithmetic, so nothing is searched for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

LEAST_ANSWERS = 3
"""So many different numbers must be possible for each suppressed cell."""

Mark = Literal["shown", "suppressed", "protected"]


def protect(
    counts: Sequence[int], marks: Sequence[Mark], limit: int, *, sum_told: bool = False
) -> list[Mark]:
    """The marks of a group's cells when enough is hidden.

    Cells that are large are taken as long as there are any, as few as will do. Where there are none left, the
    difference between a few and none is hidden: all small cells and noughts become protected, so that nobody is told
    which of them there is somebody in.

    Args:
        counts: of the group's cells; their sum is shown when it is nought or not below the limit.
        marks: what is hidden already; "suppressed" for 1 up to the limit.
        limit: counts below it are small.
        sum_told: the sum is known although it may be small: a reader has it from elsewhere.
    """
    found = list(marks)
    while not _is_safe(counts, found, limit, sum_told):
        large = sorted(
            (count, place)
            for place, count in enumerate(counts)
            if found[place] == "shown" and count >= limit
        )
        if not large:
            return [
                "protected" if mark == "suppressed" or count < limit else mark
                for count, mark in zip(counts, found, strict=True)
            ]
        for _, place in large:
            found[place] = "protected"
            if _is_safe(counts, found, limit, sum_told):
                break
            found[place] = "shown"
        else:
            found[large[-1][1]] = "protected"
    return _alike(counts, found, limit)


def _alike(counts: Sequence[int], marks: list[Mark], limit: int) -> list[Mark]:
    """Where no large one is shown and what is hidden could all be small, it is told alike: else whoever knows the rule
    above finds those that have no large one among them, such as two fours, by their being told alike."""
    pairs = list(zip(counts, marks, strict=True))
    hidden = [count for count, mark in pairs if mark != "shown"]
    bare = all(count < limit for count, mark in pairs if mark == "shown")
    if bare and "protected" in marks and sum(hidden) <= len(hidden) * (limit - 1):
        return ["shown" if mark == "shown" else "protected" for mark in marks]
    return marks


def _is_safe(counts: Sequence[int], marks: Sequence[Mark], limit: int, sum_told: bool) -> bool:
    """Whether the marks leave enough answers for each hidden cell."""
    few = [count for count, mark in zip(counts, marks, strict=True) if mark == "suppressed"]
    covered = [count for count, mark in zip(counts, marks, strict=True) if mark == "protected"]
    others = len(few) - 1
    if sum(counts) < limit and not sum_told:  # the sum is hidden too: it is less than the limit
        return not few or limit - 1 - others >= LEAST_ANSWERS
    # A few in two areas are as easily known as a few in one.
    if (few or covered) and sum(few) + sum(covered) < limit:
        return False
    if not few:
        return len(covered) != 1
    # At most: the other small ones are 1 each, and what is covered no more than it has to be.
    room = sum(count - limit if count >= limit else count for count in covered)
    most = min(limit - 1, sum(few) + room - others)
    # At least: the other small ones are as large as can be, and what is covered takes any more.
    least = 1 if covered else max(1, sum(few) - others * (limit - 1))
    return most - least + 1 >= LEAST_ANSWERS
