"""A reader's own figures, each a value or why there is none: what can be added up is shown as its sum, what is hidden in
the sum is hidden in its parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from varde.prescribing.comparison import Estimate, NotComputable
from varde.prescribing.indicators import Period
from varde.prescribing.reports.forms import KindOfReport
from varde.prescribing.reports.inputs import Known, Missing, Quarter, Value
from varde.prescribing.reports.measuring.around import Band
from varde.prescribing.reports.measuring.choosing import Told
from varde.prescribing.reports.measuring.counting import Counted
from varde.prescribing.reports.measuring.plans import Span
from varde.prescribing.reports.measuring.presence import Presence
from varde.prescribing.reports.measuring.standing import Person
from varde.prescribing.reports.panels import SMALL_CELL
from varde.prescribing.reports.report import Why

FEW: Final = 30
"""A small count over fewer than this is told by the value itself."""
WHY: Final[Mapping[str, Why]] = {
    "zero-denominator": "not-computable",
    "negative": "not-computable",
    "too-few-months": "too-few",
}
SUPPRESSED: Final = Missing(why="suppressed")
OTHERS: Final = Missing(why="other-members")

Estimates = Sequence[Sequence[Estimate | NotComputable]]


class OwnValues:
    """One indicator of all readers of a plan.

    Args:
        years, quarters: what is worked out, by row of `counted` and period.
    """

    def __init__(
        self,
        form: KindOfReport,
        span: Span,
        counted: Counted,
        years: Estimates,
        quarters: Estimates,
        presence: Presence,
    ) -> None:
        self._form, self._span, self._counted, self._presence = form, span, counted, presence
        self._years, self._quarters = years, quarters

    def of_year(self, person: Person, row: int | None, year: int, told: Told) -> Value:
        """The figure of the year before (0) or of the report's own (1).

        Args:
            row: of `counted`; None where the reader has none.
            told: which periods may be told of.
        """
        if not told.years[year]:
            return SUPPRESSED
        period = (self._span.before, self._span.now)[year]
        if self._were_others(period, told):
            return OTHERS
        found = NotComputable("zero-denominator") if row is None else self._years[row][year]
        if isinstance(found, NotComputable) and found.reason == "too-few-months":
            found = self._sum(row, year) or found
        if isinstance(found, Estimate) and self._presence.is_delivered(period):
            return self._hide(person, found)
        there = row is not None and bool(self._counted.years.there[row, year])
        why = self._presence.why_not(person.unit, period, there)
        return Missing(why=why or WHY[found.reason if isinstance(found, NotComputable) else ""])

    def _were_others(self, period: Period, told: Told) -> bool:
        """Whether a period is of the year before, and other doctors were in the sum then. What nobody delivered is said to
        be so."""
        before = period.until <= self._span.before.until
        return told.others_before and before and self._presence.is_delivered(period)

    def _sum(self, row: int | None, year: int) -> Estimate | None:
        """What too few months for an interval come to: whoever sees the quarters can add them."""
        if row is None:
            return None
        x, d = (float(one[row, year]) for one in (self._counted.years.x, self._counted.years.d))
        return Estimate(x / d, x / d, x / d, x, d) if d > 0 and x >= 0 else None

    def _hide(self, person: Person, found: Estimate) -> Value:
        """A value with its counts, as far as they do not tell of few persons: all in what is the reader's alone."""
        low, high = (None, None) if found.low == found.high else (found.low, found.high)
        small = any(0 < one < SMALL_CELL for one in self._cells(found))
        if not small or self._form.variants[person.variant].personal:
            return Known(
                value=found.value,
                low=low,
                high=high,
                numerator=Decimal(round(found.numerator * 1000)) / 1000,
                denominator=Decimal(round(found.denominator * 1000)) / 1000,
            )
        if found.denominator < FEW:
            return SUPPRESSED
        return Known(value=found.value, low=low, high=high)

    def _cells(self, found: Estimate) -> tuple[float, ...]:
        if self._counted.definition.kind == "density":
            return ()  # doses are no persons
        proportion = self._counted.definition.kind == "proportion"
        rest = (found.denominator - found.numerator,) if proportion else ()
        return (found.numerator, found.denominator, *rest)

    def by_quarter(
        self, person: Person, row: int | None, told: Told, bands: Sequence[Band] | None
    ) -> tuple[Quarter, ...]:
        """The trend. What is hidden of a year is hidden of all its quarters, and where one quarter is hidden all of that
        year are: it would be the year less the others.

        Args:
            bands: the limits of each quarter.
        """
        values = [self._of_quarter(person, row, at, told) for at in range(len(self._periods))]
        for year, period in enumerate((self._span.before, self._span.now)):
            places = [
                at
                for at, one in enumerate(self._periods)
                if period.since <= one.since <= period.until
            ]
            whole = self.of_year(person, row, year, told)
            if SUPPRESSED in (whole, *(values[at] for at in places)):
                for at in places:
                    values[at] = SUPPRESSED
        quarters = []
        for at, (period, value) in enumerate(zip(self._periods, values, strict=True)):
            band = bands[at] if bands and value not in (SUPPRESSED, OTHERS) else None
            low, high = band or (None, None)
            quarters.append(Quarter(since=period.since, value=value, low=low, high=high))
        return tuple(quarters)

    @property
    def _periods(self) -> Sequence[Period]:
        return self._span.quarters

    def _of_quarter(self, person: Person, row: int | None, at: int, told: Told) -> Value:
        """A quarter's figure; of doses without an interval, which needs months."""
        if not told.quarters[at]:
            return SUPPRESSED
        if self._were_others(self._periods[at], told):
            return OTHERS
        found = NotComputable("zero-denominator") if row is None else self._quarters[row][at]
        if isinstance(found, NotComputable) or not self._presence.is_delivered(self._periods[at]):
            there = row is not None and bool(self._counted.quarters.there[row, at])
            why = self._presence.why_not(person.unit, self._periods[at], there)
            return Missing(why=why or WHY[getattr(found, "reason", "")])
        value = self._hide(person, found)
        if isinstance(value, Missing):
            return value
        density = self._counted.definition.kind == "density"
        return Known(
            value=value.value,
            low=None if density else value.low,
            high=None if density else value.high,
        )
