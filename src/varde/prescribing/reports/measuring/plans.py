"""What each kind of report counts, for whom, and whom it compares with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from varde.prescribing.indicators import Period, Role, UnitKind
from varde.prescribing.reports.errors import ReportError
from varde.prescribing.reports.forms import YEAR, CountedAs, kinds
from varde.prescribing.reports.report import Kind
from varde.prescribing.reports.report import Role as Shown

FOLLOW_UP: Final = "follow-up"


@dataclass(frozen=True, slots=True)
class Plan:
    """How one kind of report, or one variant of it, is counted: what the kind's file says."""

    kind: Kind
    rules: CountedAs

    @property
    def variant(self) -> str:
        """The only one of its kind that is counted so; blank: all."""
        return self.rules.variant

    @property
    def by(self) -> UnitKind:
        """Whose report it is."""
        return self.rules.by

    @property
    def base(self) -> UnitKind:
        """Who must not become known by subtraction."""
        return self.rules.base

    @property
    def role(self) -> Role | None:
        """Only what was done in that role."""
        return self.rules.role

    @property
    def alike(self) -> tuple[str, str]:
        """The kind and role that its readers are compared within (`comparison.Profile`)."""
        return self.rules.alike

    @property
    def beside(self) -> tuple[Shown, ...]:
        """Comparators in the order in which a report wants them."""
        return self.rules.beside

    @property
    def read_too(self) -> Plan | None:
        """How another report is counted that the same reader sees."""
        if self.rules.read_too is None:
            return None
        [found] = plans_of(*self.rules.read_too)
        return found


UNITS: Final[Mapping[UnitKind, str]] = {
    "prescriber": "a doctor's HPR number",
    "out-of-hours-unit": "the organisation number of an out-of-hours unit",
    "institution": "an organisation number",
    "peer-group": "the name of a peer group",
    "county": "a county's number",
}
"""What a reader is asked for by."""


def months_of(kind: Kind, variant: str) -> int:
    """How many months a variant is of; blank: a year.

    Raises:
        ReportError: the kind has no such variant, or nothing makes it.
    """
    if not variant:
        return YEAR
    form = kinds()[kind]
    made = ", ".join(key for key, one in form.variants.items() if one.made)
    if variant not in form.variants:
        raise ReportError(f"{kind} has no variant {variant!r}: give one of {made}")
    if not form.variants[variant].made:
        raise ReportError(f"{kind}: the variant {variant!r} cannot be made yet: give one of {made}")
    return form.variants[variant].months


def plans_of(kind: Kind, variant: str) -> tuple[Plan, ...]:
    """How a kind is counted: one plan for each group of variants; blank: for all but the follow-up's.

    Raises:
        ReportError: the kind has no such variant, or nothing makes it.
    """
    months_of(kind, variant)
    found = [Plan(kind, one) for one in kinds()[kind].counted]
    return tuple(one for one in found if not variant or one.variant in ("", variant))


@dataclass(frozen=True, slots=True)
class Span:
    """The periods of a report.

    Attributes:
        now, before: the report's own, and the same months a year before.
        quarters: each three months of the two, from their first month on, in order; the report's own last. Of a year
            they are those of the calendar; of a follow-up they begin with the course, so that none of its months is in
            no quarter.
        months: of both, in order, those of `before` first.
    """

    now: Period
    before: Period

    @property
    def is_of_a_year(self) -> bool:
        """Whether the periods are whole years; else months are compared with the same ones of the year before."""
        return len(self.now.months) == YEAR

    @property
    def ends_its_year(self) -> bool:
        """Whether it ends when the year does, whose report is of those who are in it then."""
        return self.now.until.month == 12

    @property
    def months(self) -> tuple[Period, ...]:
        """Both periods' months."""
        return (*self.before.months, *self.now.months)

    @property
    def quarters(self) -> tuple[Period, ...]:
        """Three months at a time of either."""
        found = []
        for period in (self.before, self.now):
            months = period.months
            for first, last in zip(months[::3], months[2::3], strict=False):
                found.append(Period(first.since, last.until))
        return tuple(found)


def span_of(year: int, months: int = YEAR, first: int | None = None) -> Span:
    """The periods of a year's report, or of so many months from the `first` one on (the year's last ones by default),
    some of which may be of the next year.

    Raises:
        ReportError: a year has no such month, or a year's report does not begin with it.
    """
    first = 13 - months if first is None else first
    if not 1 <= first <= (1 if months == YEAR else 12):
        raise ReportError(f"{months} months cannot begin with month {first} of {year}")
    now, before = (
        Period(date(at, first, 1), _last(at, first + months - 1)) for at in (year, year - 1)
    )
    return Span(now, before)


def _last(year: int, month: int) -> date:
    """The last day of a month; after the twelfth come those of the next year."""
    after = date(year + month // 12, month % 12 + 1, 1)
    return date.fromordinal(after.toordinal() - 1)
