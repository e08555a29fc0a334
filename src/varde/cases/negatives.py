"""What speaks against a disease: it was looked for in adequate specimens and not found.

Only a case that is no more than suspected is discarded by it, and only where nothing was found that may be of the
disease, but for what the rule itself allows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from varde.cases.criteria import UNSAID, Dose, lacking, match
from varde.cases.disease import Alternative, Definition, Negative
from varde.cases.evidence import LaboratoryFinding, NotFound, Notified, Undecided
from varde.cases.results import Reason, State
from varde.cases.specimens import deny_in_specimens

UNDECIDED = "undecided"
"""The criterion in the trail of a case that answers speak against, while one of them is not decided."""


class Beginning(NamedTuple):
    """An illness in the time of a case, of which a negative answer may speak.

    Attributes:
        day: of the onset, or where nobody says it of the first evidence of it.
        is_onset: whether a clinician says it.
    """

    day: date
    is_onset: bool


def beginnings(
    definition: Definition, notified: Sequence[Notified], days: Sequence[date]
) -> frozenset[Beginning]:
    """The illnesses in the time of a case: every onset that a form says, and what forms without one are of.

    Args:
        days: of all evidence of the case; not empty.
    """
    window = definition.window_days
    found = {Beginning(one.onset, True) for one in notified if one.onset}
    onsets = [one.day for one in found]
    # A form without onset is of the illness shortly before it, where another form says its onset.
    unsaid = [
        one.day
        for one in notified
        if not one.onset and not any(0 <= (one.day - ill).days <= window for ill in onsets)
    ]
    for day in unsaid or ([] if found else [min(days)]):
        first = min(one for one in (*days, day) if 0 <= (day - one).days <= window)
        found.add(Beginning(first, False))
    return frozenset(found)


def denials(
    definition: Definition,
    absent: Sequence[NotFound],
    begun: frozenset[Beginning],
    findings: Sequence[LaboratoryFinding],
    doses: Sequence[Dose],
) -> dict[str, Reason]:
    """What the negative criteria come to, by name, of those of which something was looked for and not found.

    Args:
        absent: what was looked for and not found in the time of the case.
        begun: the illnesses in the time of the case; a criterion is met when it denies every one of them.
        findings: of the time of the case; what a criterion holds despite of is denied by a specimen within a window of it.
    """
    if not absent:
        return {}
    reasons = {}
    for negative in definition.negative:
        if negative.same_specimen:
            reason = deny_in_specimens(definition, negative, absent, findings, doses)
            if reason is not None:
                reasons[negative.id] = reason
            continue
        reason = _deny(negative, absent, begun)
        if reason is None:
            continue
        if reason.state == "met":
            days = {one.day for one in absent if one.key in reason.evidence}
            rows = [row for row in definition.laboratory if row.id in negative.despite]
            near = definition.window_days
            if any(
                all(abs((one.day - day).days) > near for day in days)
                and any(match(row, one, doses) != "unmet" for row in rows)
                for one in findings
            ):
                reason = Reason(criterion=negative.id, state="unmet", evidence=reason.evidence)
        reasons[negative.id] = reason
    return reasons


def undecided(
    definition: Definition,
    rule: Alternative,
    answers: Sequence[Undecided],
    begun: frozenset[Beginning],
    doses: Sequence[Dose],
) -> Reason | None:
    """What holds back that a case is discarded: an answer that is unclear or to come, and that would stand against it if it
    came to a finding. None when there is none."""
    since = min(one.day for one in begun)
    allowed = frozenset().union(*(one.despite for one in definition.negative if one.id in rule))
    rows = [row for row in definition.laboratory if row.id not in allowed]
    keys = {
        one.key
        for one in answers
        if one.day >= since
        and not one.markers
        and any(match(row, _as_found(one), doses) != "unmet" for row in rows)
    }
    if not keys:
        return None
    return Reason(criterion=UNDECIDED, state="unknown", evidence=tuple(sorted(keys)))


def _as_found(one: Undecided) -> LaboratoryFinding:
    return LaboratoryFinding(
        key=one.key, day=one.day, organism=one.organism, method=one.method, material=one.material
    )


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


_SURE: Sequence[State] = ("unmet", "unknown", "met")


def _deny(
    negative: Negative, absent: Sequence[NotFound], begun: frozenset[Beginning]
) -> Reason | None:
    """What it comes to of the illness that it denies least, with what speaks of any of them."""
    # Who looked for one resistance or gene of it alone says nothing of the organism.
    sought = [one for one in absent if one.organism in negative.organisms and not one.markers]
    if not sought:
        return None
    each = [_deny_one(negative, sought, one) for one in begun]
    least = min((one.state for one in each), key=_SURE.index)
    keys = {key for one in each if one.state == least for key in one.evidence}
    return Reason(criterion=negative.id, state=least, evidence=tuple(sorted(keys)))


def _deny_one(negative: Negative, sought: Sequence[NotFound], begun: Beginning) -> Reason:
    """It is unknown when the answer leaves method or material unsaid, when nobody says the onset that days are counted
    from, and when there are too few such specimens."""
    states = [(one, _denies(negative, one, begun)) for one in sought]
    met = [one for one, state in states if state == "met"]
    if len({one.day for one in met}) >= negative.at_least:
        return _reason(negative, "met", met)
    maybe = [one for one, state in states if state != "unmet"]
    if maybe:
        return _reason(negative, "unknown", maybe)
    return _reason(negative, "unmet", [one for one, _ in states])


def _denies(negative: Negative, one: NotFound, begun: Beginning) -> State:
    unsaid = one.method == "unknown"
    if not unsaid and one.method not in negative.methods:
        return "unmet"
    if negative.materials and one.material not in negative.materials:
        if one.material not in UNSAID:
            return "unmet"
        unsaid = True
    since = (one.day - begun.day).days
    if not begun.is_onset:
        # The illness may have begun before, and then the specimen be of it.
        unsaid = unsaid or since < 0 or negative.days_after_onset is not None
    elif negative.days_after_onset:
        first, last = negative.days_after_onset
        if not first <= since <= last:
            return "unmet"
    elif since < 0:
        return "unmet"
    return "unknown" if unsaid else "met"


def _reason(negative: Negative, state: State, on: Iterable[NotFound]) -> Reason:
    return Reason(
        criterion=negative.id, state=state, evidence=tuple(sorted({one.key for one in on}))
    )
