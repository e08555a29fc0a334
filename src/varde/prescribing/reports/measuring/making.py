"""From tables to reports: one after the other, each composed when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple

from varde.guidelines import SHIPPED, Library, read_library
from varde.prescribing.layout import Words
from varde.prescribing.reports.composing import compose
from varde.prescribing.reports.errors import ReportError
from varde.prescribing.reports.forms import KindOfReport, kinds
from varde.prescribing.reports.inputs import (
    DrugChoice,
    DrugShare,
    Known,
    Measured,
    Nearby,
    PickedGoal,
    Reader,
    Unplaced,
    Value,
)
from varde.prescribing.reports.measuring.around import Circles
from varde.prescribing.reports.measuring.before import YearBefore
from varde.prescribing.reports.measuring.comparing import Comparison
from varde.prescribing.reports.measuring.counting import Counting
from varde.prescribing.reports.measuring.gathering import (
    activity_of,
    count_all,
    definitions_of,
    levels_beside,
)
from varde.prescribing.reports.measuring.left_out import find_unplaced
from varde.prescribing.reports.measuring.mixing import mix
from varde.prescribing.reports.measuring.plans import (
    FOLLOW_UP,
    UNITS,
    Plan,
    months_of,
    plans_of,
    span_of,
)
from varde.prescribing.reports.measuring.presence import presence_of
from varde.prescribing.reports.measuring.registers import Registers
from varde.prescribing.reports.measuring.standing import (
    Person,
    Standing,
    stand_up,
)
from varde.prescribing.reports.measuring.words import measuring_words
from varde.prescribing.reports.panels import read_advice
from varde.prescribing.reports.report import Kind, Report
from varde.prescribing.reports.report import Role as Shown

if TYPE_CHECKING:
    import ibis


BESIDE: Final[tuple[Shown, ...]] = ("peers", "county", "country")
"""Whose shares stand beside a choice of drugs: the first of these that may be shown."""


class NothingDelivered(ReportError):
    """No row of the period was delivered for a kind of report."""


class UnknownUnit(ReportError):
    """Nobody of that number gets such a report in the period."""


class Found(NamedTuple):
    """What there is to say of one reader: what a report is composed of."""

    variant: str
    person: Person
    reader: Reader
    measured: tuple[Measured, ...]
    choices: tuple[DrugChoice, ...]


def count_for(
    tables: Mapping[str, ibis.Table],
    kind: Kind,
    year: int,
    variant: str = "",
    first_month: int | None = None,
    library: Library | None = None,
) -> Counting:
    """What the reports of a kind and year are counted by.

    Args:
        tables: by the keys of their layouts; "wards" and "treatments" for surveys.
        variant: one of the kind's; blank: a year's.
        first_month: of a follow-up: the month the course began; the last ones of the year when not given.
        library: the guideline; the shipped one when None.

    Raises:
        ReportError: there is no such variant, or the months are not of the year.
    """
    span = span_of(year, months_of(kind, variant), first_month)
    return Counting(tables, span, library)


class Findings:
    """What comparison finds for every reader of a kind in a year. All is counted when it is made; each reader is
    compared when asked for.

    Attributes:
        since, until: of the report's period.
    """

    def __init__(
        self,
        counting: Counting,
        kind: Kind,
        variant: str = "",
    ) -> None:
        """Count.

        Args:
            counting: of the report's span (`count_for`); kinds that share it share what was counted.
            variant: one of the kind's; blank: all, but not the follow-up.

        Raises:
            ReportError: there is no such variant, or its indicators did not hold then.
            NothingDelivered: no row of the period was delivered.
        """
        self.kind, self.form, self.variant = kind, kinds()[kind], variant
        plans = plans_of(kind, variant)
        now = counting.span.now
        self.since, self.until = now.since, now.until
        registers = Registers(counting.tables, counting.span, counting.tables_before)
        self._parts = []
        for plan in plans:
            # What is of other months is of other figures: no sum of one year follows from another's.
            other = plan.read_too if variant != FOLLOW_UP else None
            too = _Part(counting, other, registers) if other else None
            self._parts.append(_Part(counting, plan, registers, too))
        if not any(part.delivered for part in self._parts):
            raise NothingDelivered(
                f"{kind}: nothing was delivered for {self.since} to {self.until}: "
                "hand the files in with `varde ingest`, or give another year"
            )

    @property
    def units(self) -> list[str]:
        """The readers, in the order of their reports."""
        return [unit for part in self._parts for unit in part.readers(self.variant)]

    def find(self, units: Collection[str] | None = None) -> Iterator[Found]:
        """What there is to say of each, one at a time.

        Raises:
            UnknownUnit: one of `units` is no reader of this kind.
        """
        if units is not None:
            for unit in sorted(set(units) - set(self.units)):
                raise UnknownUnit(
                    f"{self.kind}: {unit} has no such report of {self.until.year}: {self._why_not(unit)}"
                )
        return self._find(units)

    def _why_not(self, unit: str) -> str:
        for part in self._parts:
            if unit in part.standing.readers:
                return f"it gets the variant {part.standing.readers[unit].variant}"
        asked = " or ".join(dict.fromkeys(UNITS[part.plan.by] for part in self._parts))
        return f"nobody of that number is in the registers then (give {asked})"

    def _find(self, units: Collection[str] | None) -> Iterator[Found]:
        for part in self._parts:
            for unit in part.readers(self.variant):
                if units is None or unit in units:
                    yield part.find(unit, self.variant)


class _Part:
    """The readers of one plan."""

    def __init__(
        self,
        counting: Counting,
        plan: Plan,
        registers: Registers,
        too: _Part | None = None,
    ) -> None:
        self.plan, self._counting, span = plan, counting, counting.span
        self.form = form = kinds()[plan.kind]
        self.choices = [one for one in measuring_words().choice if plan.kind in one.kinds]
        definitions = definitions_of(plan, form, span)
        counted, base = count_all(counting, plan, registers, definitions)
        levels = levels_beside(counting, plan, definitions)
        mixes = mix(counting, plan, definitions, form.first_page)
        self.counted = counted
        self.delivered = any(one.years.delivered[1] for one in counted.values() if one.units)
        self.standing: Standing = stand_up(
            registers, plan, {**counted, **activity_of(counting, plan)}
        )
        circles = Circles(plan, self.standing.profiles)
        before = YearBefore(counting, plan, registers, definitions, base)
        self._comparisons: dict[str, Comparison] = {
            key: Comparison(
                plan,
                form,
                span,
                self.standing,
                circles,
                one,
                base[key],
                presence_of(one.definition, counting, plan, registers),
                None if levels is None else levels[key],
                None if too is None else too._comparisons.get(key),
                mixes.get(key),
                before.of(key),
            )
            for key, one in counted.items()
        }

    def readers(self, variant: str) -> list[str]:
        """Their numbers; of one variant only where one is asked for."""
        return [
            unit
            for unit, person in self.standing.readers.items()
            if variant in ("", FOLLOW_UP, person.variant)
        ]

    def find(self, unit: str, variant: str) -> Found:
        person = self.standing.readers[unit]
        measured = {
            key: self._comparisons[key].measure(person)
            for key in dict.fromkeys((*self.form.table, *self._choice_keys(), *self._fact_keys()))
        }
        return Found(
            variant=FOLLOW_UP if variant == FOLLOW_UP else person.variant,
            person=person,
            reader=Reader(
                unit=unit,
                name=person.name,
                place=person.place,
                facts=tuple(self._facts(measured, unit)),
                unplaced=self._unplaced(unit, measured.get("ab1")),
                stay_before=person.stay_before,
            ),
            measured=tuple(measured[key] for key in self.form.table),
            choices=tuple(self._choose(person, measured)),
        )

    def _unplaced(self, unit: str, whole: Measured | None) -> Unplaced | None:
        if self.plan.base != "prescriber" or whole is None or not isinstance(whole.own, Known):
            return None
        doctors = sorted(self.standing.base[unit])
        return find_unplaced(self._counting.left_out, self.plan, unit, doctors)

    def _choice_keys(self) -> tuple[str, ...]:
        keys = [part.indicator for one in self.choices for part in one.parts]
        return tuple(key for key in dict.fromkeys(keys) if key not in self.form.table)

    def _fact_keys(self) -> list[str]:
        return [one.indicator for one in measuring_words().fact if self.plan.kind in one.kinds]

    def _facts(self, measured: Mapping[str, Measured], unit: str) -> Iterator[tuple[Words, int]]:
        for fact in measuring_words().fact:
            own = measured[fact.indicator].own if fact.indicator in measured else None
            number = getattr(own, fact.of) if isinstance(own, Known) else None
            if self.plan.kind in fact.kinds and number is not None:
                yield fact.name, round(number)

    def _choose(self, person: Person, measured: Mapping[str, Measured]) -> Iterator[DrugChoice]:
        """What was chosen among drugs, beside the first comparator whose shares may all be shown."""
        for choice in self.choices:
            parts = [(part.name, measured[part.indicator]) for part in choice.parts]
            own = [one.own for _, one in parts if isinstance(one.own, Known)]
            if len(own) < len(parts):
                continue
            for role in BESIDE:
                others = [
                    found for _, one in parts if isinstance(found := _beside(one, role), Known)
                ]
                if len(others) == len(parts):
                    yield DrugChoice(
                        title=choice.title,
                        other=self._name(role, person, [one for _, one in parts]),
                        parts=(
                            *(
                                DrugShare(
                                    indicator=one.described.key, name=name, own=one.own, other=other
                                )
                                for (name, one), other in zip(parts, others, strict=True)
                            ),
                            DrugShare(name=choice.others, own=_rest(own), other=_rest(others)),
                        ),
                    )
                    break

    def _name(self, role: Shown, person: Person, parts: Sequence[Measured]) -> Words:
        """Whose shares stand beside a choice: by the name they all have, else by the role's."""
        names = {
            one.name for part in parts for one in part.comparators if one.role == role and one.name
        }
        return names.pop() if len(names) == 1 else self.form.name(role, person.variant)


def _rest(parts: Sequence[Known]) -> Known:
    """What parts of a whole leave of it."""
    return Known(value=max(1.0 - sum(one.value for one in parts), 0.0))


def _beside(measured: Measured, role: Shown) -> Value | None:
    return next((one.value for one in measured.comparators if one.role == role), None)


def make_reports(
    findings: Findings,
    *,
    as_of: date,
    units: Collection[str] | None = None,
    library: Library | None = None,
    nearby: Callable[[str], Mapping[str, Nearby]] = lambda county: {},
    goal_for: Callable[[str], PickedGoal | None] = lambda unit: None,
    contact: Words | None = None,
) -> Iterator[Report]:
    """The reports, one at a time; the same tables give the same ones.

    Args:
        as_of: the day the data were as they are.
        units: only these readers.
        library: the guideline that advice is from, as of the period's last day; the shipped one when None.
        nearby: resistance near a county, by indicator, as disclosure control left it; asked with a blank for readers
            whose county is not known.
        goal_for: what a reader picked in an earlier report. A goal of what this report does not have is left out.
        contact: whom to ask.

    Raises:
        UnknownUnit: see `Findings.find`.
    """
    edition = (library or read_library(SHIPPED)).edition(findings.until)
    advice = read_advice(edition, findings.kind)
    form = findings.form
    resistance: dict[str, Mapping[str, Nearby]] = {}
    found = findings.find(units)

    def make() -> Iterator[Report]:
        for one in found:
            county = one.person.county
            if county not in resistance:
                resistance[county] = nearby(county)
            yield compose(
                findings.kind,
                one.variant,
                one.reader,
                one.measured,
                since=findings.since,
                until=findings.until,
                as_of=as_of,
                advice=advice,
                nearby=resistance[county],
                choices=one.choices,
                goal=_fitting(goal_for(one.reader.unit), one.measured, form),
                contact=contact,
            )

    return make()


def _fitting(
    goal: PickedGoal | None, measured: Sequence[Measured], form: KindOfReport
) -> PickedGoal | None:
    if goal is None:
        return None
    good = {one.described.key: one.described.good for one in measured}
    return goal if good.get(goal.indicator, "none") != "none" else None
