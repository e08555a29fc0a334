"""One indicator of every reader: own figures, what they are compared with, and the one verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from varde.prescribing.comparison import (
    Estimate,
    NotComputable,
    estimate,
    estimate_density,
    is_enough,
    judge,
)
from varde.prescribing.comparison import Verdict as Judged
from varde.prescribing.comparison.change import Change
from varde.prescribing.indicators import COUNTRY, is_by_month
from varde.prescribing.layout import Words
from varde.prescribing.reports.forms import KindOfReport, fill
from varde.prescribing.reports.inputs import (
    TONES,
    Comparator,
    Described,
    Known,
    Measured,
    Missing,
    Value,
    Verdict,
)
from varde.prescribing.reports.measuring.around import Around, Circles, look_around
from varde.prescribing.reports.measuring.changing import find_change
from varde.prescribing.reports.measuring.choosing import Beside, Choice, Choosing, Seen
from varde.prescribing.reports.measuring.counting import Counted, Floats
from varde.prescribing.reports.measuring.mixing import Mix
from varde.prescribing.reports.measuring.own_values import OwnValues
from varde.prescribing.reports.measuring.placing import say_place, say_verdict
from varde.prescribing.reports.measuring.plans import Plan, Span
from varde.prescribing.reports.measuring.presence import Presence
from varde.prescribing.reports.measuring.standing import Person, Standing
from varde.prescribing.reports.measuring.words import measuring_words
from varde.prescribing.reports.report import Role as Shown
from varde.prescribing.reports.report import Why

NOTHING: Final = Words("", "")
CELLS: Final[Mapping[str, Why]] = {
    "too-few-units": "too-few",
    "one-dominates": "suppressed",
    "by-difference": "suppressed",
    "too-many": "not-shown",
    "no-better-than-average": "not-shown",
    "no-direction": "not-shown",
    "none": "not-shown",
    "other-members": "not-shown",
    "zero-denominator": "not-computable",
    "negative": "not-computable",
}
"""What stands in a comparator's cell, by the reason that the note below gives (`why_not` in `words.toml`)."""

Levels = Mapping[Shown, Mapping[str, tuple[float, float]]]


class Comparison:
    """One indicator of all readers of a plan.

    Args:
        counted: by `Plan.by`. base: by `Plan.base`.
        presence: what was delivered of which period, and who was there.
        levels: of larger places, by role of the report and number, what they have as they are counted themselves: more
            than a sum of units (persons are counted once, and who is in no register is counted). None: they are sums.
        too: the same indicator in the other report that the reader sees.
        mix: the indicator by age and sex.
        may_be_before: whether a reader's sum may be shown of the year before.
    """

    def __init__(
        self,
        plan: Plan,
        form: KindOfReport,
        span: Span,
        standing: Standing,
        circles: Circles,
        counted: Counted,
        base: Counted,
        presence: Presence,
        levels: Levels | None = None,
        too: Comparison | None = None,
        mix: Mix | None = None,
        may_be_before: Callable[[str], bool] = lambda unit: True,
    ) -> None:
        self.plan, self.form, self.span, self.standing = plan, form, span, standing
        self.counted, self.levels = counted, levels
        self.definition = counted.definition
        self._mix = mix
        self.kind = self.definition.kind
        self.described = Described(
            key=self.definition.id,
            good=self.definition.direction,
            per=self.definition.per,
        )
        self._at = {unit: place for place, unit in enumerate(counted.units)}
        self._base = dict(
            zip(base.units, zip(base.years.x[:, 1], base.years.d[:, 1], strict=True), strict=True)
        )
        self._choosing = Choosing(
            plan, span, standing, base, None if too is None else too.see, may_be_before
        )
        self._sums: dict[frozenset[str], tuple[float, float]] = {}
        own_sizes = dict(zip(counted.units, counted.years.d[:, 1].tolist(), strict=True))
        self._circles = circles.find(own_sizes)
        self._around: dict[tuple[str, tuple[str, ...]], Around] = {}
        self._years = self._estimate(counted.years.x, counted.years.d, density=True)
        quarters = self._estimate(counted.quarters.x, counted.quarters.d, density=False)
        self._presence = presence
        self._own = OwnValues(form, span, counted, self._years, quarters, presence)

    def _estimate(
        self,
        x: Floats,
        d: Floats,
        density: bool,
    ) -> list[list[Estimate | NotComputable]]:
        """By unit and period. A density's interval is of its months; a quarter has too few for one."""
        if self.kind != "density":
            flat = iter(estimate(x.ravel(), d.ravel(), self.kind))
            return [[next(flat) for _ in range(x.shape[1])] for _ in range(x.shape[0])]
        if density:
            return [[self._density(row, year) for year in (0, 1)] for row in range(x.shape[0])]
        return [
            [_plain(*pair) for pair in zip(*rows, strict=True)]
            for rows in zip(x.tolist(), d.tolist(), strict=True)
        ]

    def _density(self, row: int, year: int) -> Estimate | NotComputable:
        """The year's own sums, with the interval that its months give."""
        months, years = self.counted.months, self.counted.years
        half = months.x.shape[1] // 2
        part = slice(half, None) if year else slice(0, half)
        found = estimate_density(months.x[row, part], months.d[row, part])
        plain = _plain(float(years.x[row, year]), float(years.d[row, year]))
        if isinstance(found, NotComputable) or isinstance(plain, NotComputable):
            return plain if isinstance(plain, NotComputable) else found
        # What a year's returns could not be set against is in its sum and in no month's.
        moved = plain.value - found.value
        low = min(max(found.low + moved, 0.0), plain.value)
        high = max(found.high + moved, plain.value)
        first, second = self.definition.parts
        if first.table == second.table and first.counts == second.counts:
            high = min(high, max(1.0, plain.value))  # no part is more than its whole
        return replace(plain, low=low, high=high)

    def measure(self, person: Person) -> Measured:
        """What there is to say of one reader."""
        unit, row = person.unit, self._at.get(person.unit)
        own = NotComputable("zero-denominator") if row is None else self._years[row][1]
        around = self._look_around(unit)
        besides = self._besides(unit, around)
        choice = self._choosing.choose(unit, lambda: besides)
        shown, refused = choice.shown, choice.refused
        told = self._choosing.tell(unit, choice)
        comparators = tuple(self._comparator(person, one, shown, refused) for one in besides)
        benchmark = (
            around.benchmark if around and "benchmark" in shown else NotComputable("too-few-units")
        )
        similar = around if around and "peers" in shown else None
        verdict = self._judge(row, own, benchmark, similar, unit)
        before_value, own_value = (self._own.of_year(person, row, at, told) for at in (0, 1))
        if not isinstance(own_value, Known):
            verdict = Judged("too-few", "even")
        elif verdict.moved and not isinstance(before_value, Known):
            verdict = Judged(verdict.level, verdict.tone)
        hidden = self.plan.rules.own_hidden
        return Measured(
            described=self.described,
            own=own_value,
            before=before_value,
            comparators=comparators,
            quarters=self._own.by_quarter(
                person, row, told, similar.bands.get(unit) if similar else None
            ),
            verdict=Verdict(
                key=verdict.level,
                tone=TONES.get(verdict.level, "unsure"),
                sentence=hidden
                if hidden and not told.years[1]
                else NOTHING  # the headline says why there is no figure
                if isinstance(own_value, Missing)
                else say_verdict(verdict, self._others(person, around)),
                place=say_place(similar, unit, self._others(person, around))
                if verdict.level != "too-few"
                else Words("", ""),
            ),
            alike=around.alike if around else None,
            expected=self._expect(unit, similar) if verdict.level != "too-few" else None,
            left_out=self._left_out(row, own_value, before_value),
            undelivered=self._tell_missing(before_value),
        )

    def _left_out(self, row: int | None, own: Value, before: Value) -> tuple[date, ...]:
        """The months of shown years that are not in them though they were delivered: the reader tells no bed days."""
        if row is None or not is_by_month(self.definition):
            return ()
        shown = [
            period
            for period, value in ((self.span.before, before), (self.span.now, own))
            if isinstance(value, Known)
        ]
        told = self.counted.months.d[row] > 0
        return tuple(
            month.since
            for month, is_told in zip(self.span.months, told.tolist(), strict=True)
            if not is_told
            and month.since not in self._presence.missing
            and any(one.since <= month.since <= one.until for one in shown)
        )

    def _tell_missing(self, before: Value) -> tuple[date, ...]:
        """The months that were not delivered of a year that has others: of the report's own, and of the year before where
        its figure is shown."""
        missing = self._presence.missing
        years = (self.span.before, self.span.now) if isinstance(before, Known) else (self.span.now,)
        return tuple(
            month.since
            for year in years
            if not missing.issuperset(one.since for one in year.months)
            for month in year.months
            if month.since in missing
        )

    def _expect(self, unit: str, similar: Around | None) -> Value | None:
        if self._mix is None or similar is None:
            return None
        found = self._mix.expect(unit, similar.base)
        return None if found is None else Known(value=found)

    def choose(self, unit: str) -> Choice:
        """What a reader is shown of this indicator."""
        return self._choosing.choose(unit, lambda: self._besides(unit, self._look_around(unit)))

    def see(self, unit: str) -> Seen:
        """What whoever reads the report of a unit, or group, sees there."""
        if unit not in self.standing.readers:
            return (), frozenset()
        dots = self.standing.base[unit] if self.plan.rules.each_as_dot else frozenset()
        return self.choose(unit).sets, dots

    def _others(self, person: Person, around: Around | None) -> Words:
        """Whom the reader is compared with, as the circle that was found."""
        if around is None:
            return Words("", "")
        return self.form.circle(person.variant, around.alike).others

    def _name(self, role: Shown, person: Person) -> Words:
        """What a comparator is called: those who are alike, by how alike they are."""
        around = self._look_around(person.unit)
        if around is None or role not in ("benchmark", "peers"):
            return self.form.name(role, person.variant)
        words = self.form.circle(person.variant, around.alike)
        return words.benchmark if role == "benchmark" else words.peers

    def _look_around(self, unit: str) -> Around | None:
        found = self._circles.get(unit)
        if found is None:
            return None
        alike, circle = found
        key = (alike, circle.members)
        if key not in self._around:
            self._around[key] = look_around(self.counted, circle.members, alike, self.standing.base)
        return self._around[key]

    def _besides(self, unit: str, around: Around | None) -> list[Beside]:
        """What the reader would be compared with, in the order in which the report wants it."""
        found = []
        for role in self.plan.beside:
            if role == "benchmark":
                if around is None:
                    found.append(Beside(role, frozenset(), None, "too-few-units"))
                elif isinstance(around.benchmark, NotComputable):
                    found.append(Beside(role, frozenset(), None, around.benchmark.reason))
                else:
                    found.append(Beside(role, around.best, around.benchmark))
            elif role == "peers":
                if around is None:
                    found.append(Beside(role, frozenset(), None, "too-few-units"))
                else:
                    found.append(Beside(role, around.base, around.typical))
            else:
                found.append(self._area(role, unit))
        return found

    def _area(self, role: Shown, unit: str) -> Beside:
        place = self.standing.belongs[unit].get(role)
        if place is None:
            return Beside(role, frozenset(), None, "none")
        if role == "group" and not self.span.ends_its_year:
            # Who is in the group may change before the year's report, which has the same quarters.
            return Beside(role, frozenset(), None, "other-members")
        if self.levels is None:
            units = self.standing.circles[role, place]
            x, d = self._sum(units)
        else:
            # The whole country has also those who are in no register any more.
            units = (
                self._choosing.everybody
                if role == "country"
                else self.standing.circles.get((role, place), frozenset())
            )
            x, d = self.levels.get(role, {}).get(place or COUNTRY, (0.0, 0.0))
        if d <= 0 or x < 0:
            return Beside(role, units, None, "zero-denominator" if d <= 0 else "negative")
        return Beside(role, units, float(x / d))

    def _sum(self, units: frozenset[str]) -> tuple[float, float]:
        if units not in self._sums:
            # In order: the last digit of a sum depends on it, and the same deliveries give the same report.
            some = [self._base[unit] for unit in sorted(units) if unit in self._base]
            self._sums[units] = (
                float(sum(x for x, _ in some)),
                float(sum(d for _, d in some)),
            )
        return self._sums[units]

    def _comparator(
        self,
        person: Person,
        beside: Beside,
        shown: frozenset[str],
        refused: Mapping[str, str],
    ) -> Comparator:
        if beside.role in shown and beside.value is not None:
            return Comparator(
                role=beside.role,
                value=Known(value=beside.value),
                name=self._name(beside.role, person),
            )
        reason = refused.get(beside.role, beside.reason)
        name = self._name(beside.role, person)
        return Comparator(
            role=beside.role,
            value=Missing(why=CELLS[reason]),
            name=name,
            why_not=fill(measuring_words().why_not[reason], name=name, of="{of}"),
        )

    def _judge(
        self,
        row: int | None,
        own: Estimate | NotComputable,
        benchmark: float | NotComputable,
        similar: Around | None,
        unit: str,
    ) -> Judged:
        if row is None or isinstance(own, NotComputable):
            return judge(own, self.definition.direction, benchmark, None, "not-computable")
        enough = is_enough(self.kind, own.denominator, similar.typical if similar else own.value)
        change: Change = "not-computable"
        if enough:
            change = find_change(self.counted, row, self.span, self._presence.missing)
        place = similar.places.get(unit) if similar else None
        return judge(own, self.definition.direction, benchmark, place, change, enough)


def _plain(x: float, d: float) -> Estimate | NotComputable:
    if d <= 0:
        return NotComputable("zero-denominator")
    return NotComputable("negative") if x < 0 else Estimate(x / d, x / d, x / d, x, d)
