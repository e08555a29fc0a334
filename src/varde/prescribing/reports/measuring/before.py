"""Whether a sum of doctors may be shown of the year before: of those who are in it now, its figure is another than the
one in that year's own report where some came or went, and the difference is theirs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any

from varde.prescribing.comparison.disclosure import refuse_sum
from varde.prescribing.indicators import Definition, Role
from varde.prescribing.reports.measuring.counting import Counted, Counting
from varde.prescribing.reports.measuring.plans import Plan
from varde.prescribing.reports.measuring.registers import Registers, place_of

Post = tuple[str, str]
"""A prescriber in a role."""


class YearBefore:
    """The readers of one plan.

    Groups: shown where the very same doctors were a group then, so that the figure is one that was told then. Units out
    of hours: where all that is in it was one unit's then. Counties: where nobody, or enough came and went, and
    enough stayed and enough are elsewhere: then no weighted sum of the county in both years and of the country is of few.

    Args:
        definitions: what is asked about. base: those by `Plan.base`.
    """

    def __init__(
        self,
        counting: Counting,
        plan: Plan,
        registers: Registers,
        definitions: Sequence[Definition],
        base: Mapping[str, Counted],
    ) -> None:
        self._counting, self._plan, self._registers = counting, plan, registers
        self._definitions, self._base = definitions, base

    def of(self, key: str) -> Callable[[str], bool]:
        """Of one indicator, whether each reader may see it."""
        return lambda unit: self.may_be_shown(unit, key)

    def may_be_shown(self, unit: str, key: str) -> bool:
        """Whether one reader may see an indicator of the year before, and of its quarters."""
        if not self._plan.rules.of_several:
            return True
        if self._plan.by == "out-of-hours-unit":
            return len(self._units.get(unit, ())) <= 1
        now, then = self._now.get(unit, frozenset()), self._then.values()
        if now in then:
            return True
        return self._plan.by == "county" and self._are_many(now, then, key)

    @cached_property
    def _units(self) -> Mapping[str, frozenset[str]]:
        return self._registers.units_then()

    @cached_property
    def _now(self) -> Mapping[str, frozenset[Post]]:
        return self._gather(self._registers.memberships, self._registers.day)

    @cached_property
    def _then(self) -> Mapping[str, frozenset[Post]]:
        day = self._registers.span.before.until
        return self._gather(self._registers.memberships_before(), day)

    def _gather(
        self, memberships: Mapping[Post, Mapping[str, Any]], day: date
    ) -> Mapping[str, frozenset[Post]]:
        """The posts that each group or county has on a day."""
        found: dict[str, set[Post]] = defaultdict(set)
        for post, row in memberships.items():
            if post[1] not in self._roles:
                continue
            by_group = self._plan.by == "peer-group"
            unit = (
                row["peer_group"]
                if by_group
                else place_of(self._registers, row["municipality"], day)[1]
            )
            if unit:
                found[unit].add(post)
        return {unit: frozenset(some) for unit, some in found.items()}

    @property
    def _roles(self) -> tuple[Role, ...]:
        return (self._plan.role,) if self._plan.role else ("gp", "out-of-hours")

    def _are_many(self, now: frozenset[Post], then: Iterable[frozenset[Post]], key: str) -> bool:
        """Whether those who came and went are enough, and those who stayed, and those who were elsewhere."""
        # A county may have had another number: the one that had most of those who are here now.
        earlier = max(then, key=lambda posts: len(posts & now), default=frozenset())
        sizes = self._sizes[key]
        whole = self._base[key]
        rows = {unit: row for row, unit in enumerate(whole.units)}
        quarters = len(self._registers.span.quarters) // 2

        def are_enough(posts: Iterable[Post]) -> bool:
            for at in range(1 + quarters):
                found: dict[str, float] = defaultdict(float)
                for post in posts:
                    if post in sizes:
                        found[post[0]] += sizes[post][at]
                    elif post in now and post[0] in rows:  # was nothing then
                        columns = whole.quarters if at else whole.years
                        found[post[0]] += float(columns.d[rows[post[0]], max(at - 1, 0)])
                some = [size for size in found.values() if size > 0]
                if refuse_sum(some, anybody=True) is not None:
                    return False
            return True

        return all(
            are_enough(some)
            for some in (now ^ earlier, now & earlier, sizes.keys() - now - earlier)
        )

    @cached_property
    def _sizes(self) -> Mapping[str, Mapping[Post, Sequence[float]]]:
        """By indicator the denominators of all posts as they were then."""
        found: dict[str, dict[Post, Sequence[float]]] = {one.id: {} for one in self._definitions}
        for role in self._roles:
            for key, some in self._counting.sizes_then(self._definitions, role).items():
                found[key] |= {(unit, role): sizes for unit, sizes in some.items()}
        return found
