"""Which criteria of a definition some evidence meets, and which rule that satisfies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Literal, NamedTuple

from varde.cases.disease import CLASSES, Alternative, Classification, Definition, Laboratory
from varde.cases.evidence import LaboratoryFinding, Linked, Notified
from varde.cases.results import Missing, Reason, State

UNSAID = frozenset({"", "other"})
"""Materials that do not say what the specimen was."""
_MARKED = frozenset({"MSIS-M", "MSIS-UM"})

Match = Literal["met", "unmet", "unknown", "vaccinated"]


class Dose(NamedTuple):
    """A dose against the disease, the key of what tells of it, and whether the vaccine lives; None: nobody knows."""

    day: date
    key: str
    live: bool | None = None


class Seen(NamedTuple):
    """What lies in one window of time."""

    findings: Sequence[LaboratoryFinding]
    notified: Sequence[Notified]
    links: Sequence[Linked]


def match(criterion: Laboratory, finding: LaboratoryFinding, doses: Sequence[Dose]) -> Match:
    """Whether a finding meets a laboratory criterion by itself; ``vaccinated``: it would, but for a dose.

    It is unknown when all that was said fits, and something that the criterion asks for was not said: also what was not
    found beside it, which `varde.cases.specimens` looks for.
    """
    matched = fit(criterion, finding, doses)
    return "unknown" if criterion.beside_denied and matched != "unmet" else matched


def fit(criterion: Laboratory, finding: LaboratoryFinding, doses: Sequence[Dose]) -> Match:
    """As `match`, whatever was or was not found beside it."""
    if finding.organism not in criterion.organisms:
        return "unmet"
    if criterion.resistant_to and criterion.resistant_to.isdisjoint(finding.resistant):
        return "unmet"
    if not criterion.unless_susceptible_to.isdisjoint(finding.susceptible):
        return "unmet"
    unsaid = criterion.notifiable and finding.notifiable not in _MARKED
    if criterion.younger_than is not None:
        if finding.age is None:
            unsaid = True
        elif finding.age >= criterion.younger_than:
            return "unmet"
    if (
        criterion.not_younger_than is not None
        and finding.age is not None
        and finding.age < criterion.not_younger_than
    ):
        return "unmet"
    if finding.method not in criterion.methods:
        if finding.method != "unknown":
            return "unmet"
        unsaid = True
    if criterion.materials and finding.material not in criterion.materials:
        if finding.material not in UNSAID:
            return "unmet"
        unsaid = True
    if unsaid:
        return "unknown"
    return "vaccinated" if recent(criterion, finding, doses) else "met"


def recent(criterion: Laboratory, finding: LaboratoryFinding, doses: Sequence[Dose]) -> list[Dose]:
    """The doses that came so shortly before a finding that the criterion does not take it."""
    days = criterion.unless_vaccinated_days
    if days is None:
        return []
    return [
        dose
        for dose in doses
        if 0 <= (finding.day - dose.day).days <= days
        and not (criterion.only_live and dose.live is False)
    ]


def assess(
    definition: Definition,
    seen: Seen,
    doses: Sequence[Dose],
    denied: frozenset[str] = frozenset(),
    taken: Mapping[str, frozenset[str]] = MappingProxyType({}),
    told: Mapping[str, frozenset[str]] = MappingProxyType({}),
) -> dict[str, Reason]:
    """What every criterion comes to, by name, in the order of the definition.

    Args:
        denied: negative criteria that are met in the time of the case.
        taken: criterion → findings that do not count for it.
        told: criterion → findings that meet it by what was not found beside them.
    """
    if not seen.findings:
        reasons = {criterion.id: _unmet(criterion.id) for criterion in definition.laboratory}
        found = False
    else:
        linked = is_ill_and_linked(definition, seen)
        reasons = {
            criterion.id: _laboratory(
                criterion,
                seen.findings,
                doses,
                taken.get(criterion.id, frozenset()),
                told.get(criterion.id, frozenset()),
                linked,
            )
            if denied.isdisjoint(criterion.unless)
            else _unmet(criterion.id)
            for criterion in definition.laboratory
        }
        found = "met" in [reason.state for reason in reasons.values()]
    if definition.clinical:
        reasons["clinical"] = _clinical(seen.notified)
    if definition.epidemiological:
        reasons["epidemiological"] = _linked(definition.epidemiological.links, seen)
    keys = {one.key for one in seen.notified}
    reasons["notified"] = _reason("notified", "met" if keys else "unmet", keys)
    for name in definition.presume:
        if found and reasons[name].state == "unknown":
            reasons[name] = _reason(name, "presumed", ())
    return reasons


def decide(
    definition: Definition, reasons: Mapping[str, Reason]
) -> tuple[Classification, Alternative] | None:
    """The strongest class that a rule gives, and the first of its alternatives; None for no case."""
    for classification in CLASSES:
        for alternative in definition.rules.of(classification):
            for name in alternative:
                if not _holds(name, definition, reasons):
                    break
            else:
                return classification, alternative
    return None


def lacking(
    alternative: Alternative, definition: Definition, reasons: Mapping[str, Reason]
) -> tuple[str, ...]:
    """The criteria of an alternative that do not hold."""
    return tuple(name for name in alternative if not _holds(name, definition, reasons))


def missing(definition: Definition, reasons: Mapping[str, Reason]) -> tuple[Missing, ...]:
    """What every alternative lacks, the strongest class first."""
    return tuple(
        Missing(
            classification=classification,
            rule=alternative,
            lacks=lacking(alternative, definition, reasons),
        )
        for classification in CLASSES
        for alternative in definition.rules.of(classification)
    )


def _holds(name: str, definition: Definition, reasons: Mapping[str, Reason]) -> bool:
    if name == "no-clinical":
        return reasons["clinical"].state == "unmet"
    if name in ("laboratory", "laboratory-probable"):
        return "met" in [
            reasons[criterion.id].state
            for criterion in definition.laboratory
            if name == "laboratory-probable" or criterion.strength == "confirmed"
        ]
    return reasons[name].state in ("met", "presumed")


def is_ill_and_linked(definition: Definition, seen: Seen) -> bool:
    """Whether a form says that the person is ill, and somebody that they are linked to a source of the infection: then what
    was found soon after a dose is not the vaccine's (`Laboratory.though_linked`)."""
    asked = definition.epidemiological
    return (
        asked is not None
        and any(one.clinical in ("met", "presumed") for one in seen.notified)
        and _linked(asked.links, seen).state == "met"
    )


def _laboratory(
    criterion: Laboratory,
    findings: Sequence[LaboratoryFinding],
    doses: Sequence[Dose],
    taken: frozenset[str],
    told: frozenset[str],
    linked: bool,
) -> Reason:
    met: set[str] = set()
    maybe: set[str] = set()
    for finding in findings:
        if finding.key in taken:
            continue
        matched = match(criterion, finding, doses)
        by_link = matched == "vaccinated" and criterion.though_linked and linked
        if matched == "met" or by_link or finding.key in told:
            met.add(finding.key)
        elif matched == "unknown":
            maybe.add(finding.key)
    if len(met) >= criterion.at_least:
        return _reason(criterion.id, "met", met)
    return _reason(criterion.id, "unknown" if met or maybe else "unmet", met | maybe)


def _clinical(notified: Iterable[Notified]) -> Reason:
    for state in ("met", "unmet", "presumed"):
        keys = {one.key for one in notified if one.clinical == state}
        if keys:
            return _reason("clinical", state, keys)
    return _reason("clinical", "unknown", ())


def _linked(kinds: frozenset[str], seen: Seen) -> Reason:
    keys = {link.key for link in seen.links if link.kind in kinds} if seen.links else set()
    if "human" in kinds:
        keys |= {one.key for one in seen.notified if one.linked == "met"}
    if keys:
        return _reason("epidemiological", "met", keys)
    keys = {one.key for one in seen.notified if one.linked == "unmet"}
    # A clinician is asked about contact with a case only: "no" says nothing about food or animals.
    if keys and kinds == {"human"}:
        return _reason("epidemiological", "unmet", keys)
    return _reason("epidemiological", "unknown", ())


@cache
def _unmet(criterion: str) -> Reason:
    """What a laboratory criterion comes to for which nothing was found: the same for everybody."""
    return Reason(criterion=criterion, state="unmet")


def _reason(criterion: str, state: State, keys: Iterable[str]) -> Reason:
    return Reason(criterion=criterion, state=state, evidence=tuple(sorted(keys)))
