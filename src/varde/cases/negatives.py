"""What speaks against a disease: it was looked for in adequate specimens and not found.

Only a case that is no more than suspected is discarded by it, and only where nothing was found that may be of the
disease, but for what the rule itself allows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from varde.cases.criteria import UNSAID, Dose, lacking, match
from varde.cases.disease import Alternative, Definition, Negative
from varde.cases.evidence import LaboratoryFinding, NotFound
from varde.cases.results import Reason, State


def denials(
    definition: Definition, absent: Sequence[NotFound], onset: date | None
) -> dict[str, Reason]:
    """What the negative criteria come to, by name, of those of which something was looked for and not found.

    Args:
        absent: what was looked for and not found in the time of the case.
    """
    if not absent:
        return {}
    found = (_deny(negative, absent, onset) for negative in definition.negative)
    return {reason.criterion: reason for reason in found if reason}


def discarding(
    definition: Definition,
    reasons: Mapping[str, Reason],
    findings: Sequence[LaboratoryFinding],
    doses: Sequence[Dose],
) -> Alternative | None:
    """The first rule by which a suspected case is none; None where it stays one.

    A finding that may be of the disease stands against them, also one that leaves unsaid what a criterion asks for, or may
    be the vaccine's; but for what a negative criterion of the rule holds despite of.

    Args:
        reasons: every criterion's, those of `denials` among them.
        findings: of the time of the case.
    """
    against = {
        row.id
        for row in definition.laboratory
        for finding in findings
        if match(row, finding, doses) != "unmet"
    }
    absent = {one.id for one in definition.negative} - reasons.keys()
    for alternative in definition.rules.discarded:
        named = [one for one in definition.negative if one.id in alternative]
        left = against.difference(*(one.despite for one in named))
        if (
            not left
            and absent.isdisjoint(alternative)
            and not lacking(alternative, definition, reasons)
        ):
            return alternative
    return None


def _deny(negative: Negative, absent: Iterable[NotFound], onset: date | None) -> Reason | None:
    """It is unknown when the answer leaves method or material unsaid, when nobody says the onset that days are counted
    from, and when there are too few such specimens."""
    states = [
        (one, _denies(negative, one, onset)) for one in absent if one.organism in negative.organisms
    ]
    if not states:
        return None
    met = [one for one, state in states if state == "met"]
    if len({one.day for one in met}) >= negative.at_least:
        return _reason(negative, "met", met)
    maybe = [one for one, state in states if state != "unmet"]
    if maybe:
        return _reason(negative, "unknown", maybe)
    return _reason(negative, "unmet", [one for one, _ in states])


def _denies(negative: Negative, one: NotFound, onset: date | None) -> State:
    unsaid = one.method == "unknown"
    if not unsaid and one.method not in negative.methods:
        return "unmet"
    if negative.materials and one.material not in negative.materials:
        if one.material not in UNSAID:
            return "unmet"
        unsaid = True
    if negative.days_after_onset:
        first, last = negative.days_after_onset
        if onset is None:
            unsaid = True
        elif not first <= (one.day - onset).days <= last:
            return "unmet"
    return "unknown" if unsaid else "met"


def _reason(negative: Negative, state: State, on: Iterable[NotFound]) -> Reason:
    return Reason(
        criterion=negative.id, state=state, evidence=tuple(sorted({one.key for one in on}))
    )
