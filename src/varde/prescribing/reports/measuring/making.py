"""From tables to reports: one after the other, each composed when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from varde.guidelines import SHIPPED, Library, read_library
from varde.prescribing.comparison import rules
from varde.prescribing.indicators import Definition, Role, UnitKind, UnknownIndicator, catalogue
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
    Value,
)
from varde.prescribing.reports.measuring.around import Circles
from varde.prescribing.reports.measuring.comparing import Comparison, Levels
from varde.prescribing.reports.measuring.counting import Counted, Counting, gather, is_a_sum
from varde.prescribing.reports.measuring.plans import FOLLOW_UP, Plan, Span, plans_of, span_of
from varde.prescribing.reports.measuring.standing import (
    ACTIVITY,
    Person,
    Registers,
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
    plans_of(kind, variant)
    months = kinds()[kind].variants[variant].months if variant else 12
    return Counting(tables, span_of(year, months, first_month), library)


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
        agreed: Collection[str] = (),
    ) -> None:
        """Count.

        Args:
            counting: of the report's span (`count_for`); kinds that share it share what was counted.
            variant: one of the kind's; blank: all, but not the follow-up.
            agreed: doctors who have agreed that the leader of their group sees each of them.

        Raises:
            ReportError: there is no such variant, or its indicators did not hold then.
            NothingDelivered: no row of the period was delivered.
        """
        self.kind, self.form, self.variant = kind, kinds()[kind], variant
        plans = plans_of(kind, variant)
        now = counting.span.now
        self.since, self.until = now.since, now.until
        registers = Registers(counting.tables, counting.span)
        known = frozenset(agreed)
        self._parts = []
        for plan in plans:
            # What is of other months is of other figures: no sum of one year follows from another's.
            other = plan.read_too if variant != FOLLOW_UP else None
            too = _Part(counting, other, registers, agreed=known) if other else None
            self._parts.append(_Part(counting, plan, registers, too, known))
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
                    f"{self.kind}: {unit} has no such report in {self.until.year}: "
                    "nobody of that number is in the registers then"
                )
        return self._find(units)

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
        agreed: frozenset[str] = frozenset(),
    ) -> None:
        span = counting.span
        self.plan, self.form = plan, kinds()[plan.kind]
        form = self.form
        self.choices = [one for one in measuring_words().choice if plan.kind in one.kinds]
        definitions = _definitions(plan, form, span)
        counted, base = _count(counting, plan, registers, definitions)
        levels = _levels(counting, plan, definitions)
        self.counted = counted
        self.delivered = any(one.years.delivered[1] for one in counted.values() if one.units)
        self.standing: Standing = stand_up(
            registers, plan, {**counted, **_activity(counting, plan)}
        )
        circles = Circles(plan, self.standing.profiles)
        self._comparisons: dict[str, Comparison] = {
            key: Comparison(
                plan,
                form,
                span,
                self.standing,
                circles,
                one,
                base[key],
                None if levels is None else levels[key],
                None if too is None else too._comparisons.get(key),
                agreed,
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
            ),
            measured=tuple(measured[key] for key in self.form.table),
            choices=tuple(self._choose(person, measured)),
        )

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


Counts = Mapping[str, Counted]


def _count(
    counting: Counting, plan: Plan, registers: Registers, definitions: Sequence[Definition]
) -> tuple[Counts, Counts]:
    """The indicators of those whose report it is, and of those who must not become known.

    Groups and counties are sums of their doctors, each in the role in which the doctor belongs there; persons who are
    counted once, and what is done at an out-of-hours unit, are counted by the unit itself.
    """
    if plan.by == plan.base:
        counted = counting.count(definitions, plan.by, plan.role)
        return counted, counted
    if plan.by == "out-of-hours-unit":
        return (
            counting.count(definitions, plan.by, None),
            counting.count(definitions, plan.base, plan.role),
        )
    roles: tuple[Role, ...] = (plan.role,) if plan.role else ("gp", "out-of-hours")
    by_role = {role: counting.count(definitions, plan.base, role) for role in roles}
    belongs = {role: registers.belongs(plan.by, role) for role in roles}
    alone = [one for one in definitions if not is_a_sum(one)]
    counted, base = {}, {}
    for one in definitions:
        parts = [by_role[role][one.id] for role in roles]
        counted[one.id] = gather(list(zip(parts, belongs.values(), strict=True)), one)
        same = [{unit: unit for unit in part.units} for part in parts]
        base[one.id] = gather(list(zip(parts, same, strict=True)), one)
    counted |= counting.count(alone, plan.by, plan.role)
    return counted, base


def _activity(counting: Counting, plan: Plan) -> dict[str, Counted]:
    """Consultations, where the rule of who is similar asks for them: the contacts of AB1 that it does not leave out."""
    rule = rules().similar_to(*plan.alike)
    if rule is None or not rule.activity_without:
        return {}
    contacts = catalogue().get("ab1", counting.span.now.until).denominator
    left = tuple(code for code in contacts.where.billing if code not in rule.activity_without)
    part = msgspec.structs.replace(
        contacts, where=msgspec.structs.replace(contacts.where, billing=left)
    )
    one = msgspec.structs.replace(
        catalogue().get("ab1", counting.span.now.until),
        id=ACTIVITY,
        numerator=part,
        denominator=part,
    )
    role = None if plan.by == "out-of-hours-unit" else plan.role
    return counting.count([one], plan.by, role)


def _levels(
    counting: Counting, plan: Plan, definitions: Sequence[Definition]
) -> dict[str, Levels] | None:
    """What the larger places that doctors are compared with have; None for institutions: theirs are sums of those of
    the same kind, each as far as it can be computed."""
    if plan.base != "prescriber":
        return None
    out_of_hours = plan.role == "out-of-hours"
    kinds_of: dict[Shown, UnitKind] = {
        "group": "out-of-hours-unit" if out_of_hours else "peer-group",
        "county": "county",
        "country": "country",
    }
    found: dict[str, dict[Shown, Mapping[str, tuple[float, float]]]] = {
        one.id: {} for one in definitions
    }
    for role in plan.beside:
        if role in kinds_of:
            by = kinds_of[role]
            # What is done at a unit is out of hours, whoever does it.
            asked = None if by == "out-of-hours-unit" else plan.role
            for key, some in counting.level(definitions, by, asked).items():
                found[key][role] = some
    return dict(found)


def _rest(parts: Sequence[Known]) -> Known:
    """What parts of a whole leave of it."""
    return Known(value=max(1.0 - sum(one.value for one in parts), 0.0))


def _beside(measured: Measured, role: Shown) -> Value | None:
    return next((one.value for one in measured.comparators if one.role == role), None)


def _definitions(plan: Plan, form: KindOfReport, span: Span) -> list[Definition]:
    keys = [*form.table]
    keys += [
        part.indicator
        for one in measuring_words().choice
        if plan.kind in one.kinds
        for part in one.parts
    ]
    keys += [fact.indicator for fact in measuring_words().fact if plan.kind in fact.kinds]
    day = span.now.until
    try:
        return [catalogue().get(key, day) for key in dict.fromkeys(keys)]
    except UnknownIndicator as error:
        raise ReportError(f"{plan.kind}: no such report as of {day}: {error}") from None


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
