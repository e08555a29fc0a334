"""What the reports of a plan count: its indicators, of whom, and of the places that readers are compared with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from varde.prescribing.comparison import rules
from varde.prescribing.indicators import (
    COUNTRY,
    Definition,
    Role,
    UnitKind,
    UnknownIndicator,
    catalogue,
)
from varde.prescribing.reports.errors import ReportError
from varde.prescribing.reports.forms import KindOfReport
from varde.prescribing.reports.measuring.adding import is_a_sum
from varde.prescribing.reports.measuring.comparing import Levels
from varde.prescribing.reports.measuring.counting import Counted, Counting, gather
from varde.prescribing.reports.measuring.plans import Plan, Span
from varde.prescribing.reports.measuring.registers import ACTIVITY, Registers
from varde.prescribing.reports.measuring.words import measuring_words
from varde.prescribing.reports.report import Role as Shown

Counts = Mapping[str, Counted]


def count_all(
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


def activity_of(counting: Counting, plan: Plan) -> dict[str, Counted]:
    """Consultations, where the rule of who is similar asks for them: the contacts of AB1 that it does not leave out."""
    rule = rules().similar_to(*plan.alike)
    if rule is None or not rule.activity_without:
        return {}
    contacts = catalogue().get("ab1", counting.span.now.until)
    where = contacts.denominator.where
    usual, out_of_hours = (
        tuple(code for code in codes if code not in rule.activity_without)
        for codes in (where.billing, where.billing_out_of_hours)
    )
    part = msgspec.structs.replace(
        contacts.denominator,
        where=msgspec.structs.replace(where, billing=usual, billing_out_of_hours=out_of_hours),
    )
    one = msgspec.structs.replace(contacts, id=ACTIVITY, numerator=part, denominator=part)
    role = None if plan.by == "out-of-hours-unit" else plan.role
    return counting.count([one], plan.by, role)


def levels_beside(
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
        "country": "county",
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
                found[key][role] = _whole(some) if role == "country" else some
    return dict(found)


def _whole(parts: Mapping[str, tuple[float, float]]) -> Mapping[str, tuple[float, float]]:
    """The country as the sum of its counties: prescriptions of those who are in no register, who have no patients on a list
    and no contacts, are in none of them, and would make the country look unlike all its parts."""
    if not parts:
        return {}
    return {COUNTRY: (sum(x for x, _ in parts.values()), sum(d for _, d in parts.values()))}


def definitions_of(plan: Plan, form: KindOfReport, span: Span) -> list[Definition]:
    """What the reports of a plan count, as it holds on the period's last day.

    Raises:
        ReportError: an indicator did not hold then.
    """
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
