"""Which of an indicator's figures one reader may see: comparators, and the own where those are a sum of several."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from varde.prescribing.comparison import Comparator as Sum
from varde.prescribing.comparison import Disclosure, Together
from varde.prescribing.comparison.disclosure import refuse_sum
from varde.prescribing.reports.measuring.counting import Columns, Counted
from varde.prescribing.reports.measuring.plans import Plan, Span
from varde.prescribing.reports.measuring.standing import Standing
from varde.prescribing.reports.report import Role as Shown

Seen = tuple[tuple[frozenset[str], ...], frozenset[str]]
"""What a reader sees in another report: of whom its sums are, and whose own figures may be in it as dots."""


@dataclass(frozen=True, slots=True)
class Beside:
    """A comparator that a reader might see: of whom it is, and its value, or why it has none."""

    role: Shown
    units: frozenset[str]
    value: float | None
    reason: str = ""


class Choice(NamedTuple):
    """What one reader is shown.

    Attributes:
        shown, refused: comparators by role, and "own" where that is a sum of several.
        sets: whose sums they are.
    """

    shown: frozenset[str]
    refused: Mapping[str, str]
    sets: tuple[frozenset[str], ...]


class Told(NamedTuple):
    """Which own figures may be told: of the year before and the report's own, and of its quarters.

    Attributes:
        others_before: other doctors were in the sum the year before, so that none of that year may.
    """

    years: tuple[bool, bool]
    quarters: tuple[bool, ...]
    others_before: bool = False


class Choosing:
    """One indicator of all readers of a plan.

    Args:
        base: the indicator by `Plan.base`.
        too: what is seen in the other report of the reader's unit or group.
        may_be_before: whether a reader's sum may be shown of the year before (`YearBefore`).

    Attributes:
        everybody: the units of `Plan.base` that have a figure in the report's period.
    """

    def __init__(
        self,
        plan: Plan,
        span: Span,
        standing: Standing,
        base: Counted,
        too: Callable[[str], Seen] | None,
        may_be_before: Callable[[str], bool] = lambda unit: True,
    ) -> None:
        self._plan, self._span, self._standing, self._base = plan, span, standing, base
        self._too, self._may_be_before = too, may_be_before
        self._quarters = span.quarters
        self._at = {unit: place for place, unit in enumerate(base.units)}
        x, d = (column[:, 1].tolist() for column in (base.years.x, base.years.d))
        above = [unit for unit, one, size in zip(base.units, x, d, strict=True) if one > 0 >= size]
        some = [unit for unit, size in zip(base.units, d, strict=True) if size > 0]
        self.everybody = frozenset((*above, *some))
        self._disclosure = Disclosure(dict(zip(base.units, d, strict=True)), above)
        self._choices: dict[str, Choice] = {}

    def choose(self, unit: str, besides: Callable[[], Sequence[Beside]]) -> Choice:
        """What a reader is shown of this indicator; whom the reader would be compared with is asked for once."""
        if unit not in self._choices:
            self._choices[unit] = self._choose(unit, besides())
        return self._choices[unit]

    def tell(self, unit: str, choice: Choice) -> Told:
        """Which periods' own figures may be told."""
        members = self._standing.base[unit]
        if not self._plan.rules.of_several:
            return Told((True, True), (True,) * len(self._quarters))
        # Where nobody has anything, there is nothing that could tell of anybody.
        now = "own" in choice.shown or not members & self.everybody
        earlier = self._standing.earlier.get(unit, members)
        years = (self._are_enough(earlier, self._base.years, 0), now)
        # Whoever has the year and all quarters but one has that one too: all or none.
        quarters: dict[int, bool] = {}
        for year, some in enumerate((earlier, members)):
            period = (self._span.before, self._span.now)[year]
            places = [
                at
                for at, one in enumerate(self._quarters)
                if period.since <= one.since <= period.until
            ]
            enough = years[year] and all(
                self._are_enough(some, self._base.quarters, at) for at in places
            )
            quarters |= dict.fromkeys(places, enough)
        return Told(
            years,
            tuple(quarters[at] for at in range(len(self._quarters))),
            others_before=not self._may_be_before(unit),
        )

    def _are_enough(self, members: frozenset[str], columns: Columns, at: int) -> bool:
        """Whether the sum of some may be told to each of them; that nobody has anything may."""
        rows = [self._at[unit] for unit in sorted(members) if unit in self._at]
        x, d = columns.x[rows, at], columns.d[rows, at]
        if not x.any() and not d.any():
            return True
        return refuse_sum(d[d > 0].tolist(), anybody=True) is None

    def _choose(self, unit: str, besides: Sequence[Beside]) -> Choice:
        """Which may be shown together, beside what the reader sees in another report, and of the others why not.

        Where the report's own figures are a sum of several they are one of the sums, and come first. Whoever leads a
        group may also see each of its members who agrees: what is shown must hold for one who knows them all.
        """
        sums = [Sum(one.role, one.units) for one in besides if one.value is not None]
        members = self._standing.base[unit]
        rules = self._plan.rules
        if not rules.of_several:
            seen, dots = self._see_too(unit)
            found = self._disclosure.choose(sums, members, seen)
            return self._without(found, sums, dots, "group", seen)
        own = Sum("own", members)
        dots = members if rules.each_as_dot else frozenset()
        found = self._disclosure.choose([own, *sums])
        if "own" in found.shown:
            return self._without(found, [own, *sums], dots, "own")
        without = self._without(self._disclosure.choose(sums), sums, dots)
        return without._replace(refused={**without.refused, "own": found.refused["own"]})

    def _see_too(self, unit: str) -> tuple[tuple[frozenset[str], ...], frozenset[str]]:
        """The sums of the other report that the reader sees, and of whom its dots may be."""
        other = self._standing.belongs[unit].get("group")
        return ((), frozenset()) if self._too is None or other is None else self._too(other)

    def _without(
        self,
        found: Together,
        sums: Sequence[Sum],
        dots: frozenset[str],
        but: str = "",
        seen: Sequence[frozenset[str]] = (),
    ) -> Choice:
        """What is left for one who knows the dots as well; `but`: the sum that is of those alone."""
        shown = [one for one in sums if one.key in found.shown]
        refused: dict[str, str] = dict(found.refused)
        if dots:
            judged = self._disclosure.choose([one for one in shown if one.key != but], dots, seen)
            refused |= judged.refused
            shown = [one for one in shown if one.key not in judged.refused]
        return Choice(
            frozenset(one.key for one in shown), refused, tuple(one.units for one in shown)
        )
