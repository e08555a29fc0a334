"""What an answer says of nothing but its own specimen: the bacteria that grew in it make no toxin, or bear no resistance;
the virus in it is the vaccine's, or is not.

An answer of another day or material speaks of other bacteria: that no toxin was found after treatment undoes no illness.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from varde.cases.criteria import UNSAID, Dose, fit, match
from varde.cases.disease import Definition, Laboratory, Negative
from varde.cases.evidence import LaboratoryFinding, NotFound, Undecided
from varde.cases.results import Reason
from varde.codes import refines


def taken_away(
    definition: Definition,
    findings: Sequence[LaboratoryFinding],
    absent: Sequence[NotFound],
    everything: Sequence[LaboratoryFinding],
) -> dict[str, frozenset[str]]:
    """Laboratory criterion → the findings that answers of their own specimens take away from it; empty for most.

    Args:
        everything: that was found of the days of the findings, also what a laboratory says is not notifiable.
    """
    found = {}
    if absent and findings:
        for criterion, negatives in _criteria(definition):
            keys = frozenset(
                one.key for one in findings if any(denials_of(n, one, absent) for n in negatives)
            )
            if keys:
                found[criterion.id] = keys
    for criterion in definition.laboratory:
        if criterion.unless_found:
            keys = frozenset(
                one.key for one in findings if is_told_apart(criterion, one, everything)
            )
            found[criterion.id] = found.get(criterion.id, frozenset()) | keys
    return found


def is_told_apart(
    criterion: Laboratory, finding: LaboratoryFinding, everything: Sequence[LaboratoryFinding]
) -> bool:
    """Whether something was found in a finding's own specimen beside which it does not count: the strain of a vaccine."""
    if not criterion.unless_found:
        return False
    return any(
        one.organism in criterion.unless_found and _is_one_specimen(one, finding)
        for one in everything
    )


def is_told_by_denial(
    criterion: Laboratory,
    finding: LaboratoryFinding,
    absent: Sequence[NotFound],
    doses: Sequence[Dose],
) -> bool:
    """Whether a finding meets a criterion by what was looked for in its own specimen and not found."""
    if not absent or not criterion.beside_denied:
        return False
    return fit(criterion, finding, doses) == "met" and any(
        one.organism in criterion.beside_denied
        and one.method in criterion.methods
        and not one.markers
        and _is_one_specimen(one, finding)
        for one in absent
    )


def told_by_denial(
    definition: Definition,
    findings: Sequence[LaboratoryFinding],
    absent: Sequence[NotFound],
    doses: Sequence[Dose],
) -> dict[str, frozenset[str]]:
    """Laboratory criterion → the findings that meet it by what was not found in their own specimens; empty for most."""
    return {
        criterion.id: frozenset(
            one.key for one in findings if is_told_by_denial(criterion, one, absent, doses)
        )
        for criterion in definition.laboratory
        if criterion.beside_denied and absent
    }


def is_taken(
    definition: Definition,
    criterion: Laboratory,
    finding: LaboratoryFinding,
    absent: Sequence[NotFound],
) -> bool:
    """Whether an answer of its own specimen takes a finding away from a criterion."""
    if not absent or not criterion.unless:
        return False
    return any(
        negative.same_specimen
        and negative.id in criterion.unless
        and denials_of(negative, finding, absent)
        for negative in definition.negative
    )


def denials_of(
    negative: Negative, finding: LaboratoryFinding, absent: Sequence[NotFound]
) -> frozenset[str]:
    """The answers of its own specimen by which a finding is denied; none where it is not.

    What was looked for must be said, and so must be how where the criterion asks for it. A part of what is asked for (one
    of two genes) denies nothing.
    """
    near = [one for one in absent if _of_specimen(negative, finding, one)]
    if negative.markers:
        if not negative.every_marker().isdisjoint(finding.resistant):
            return frozenset()  # what it is said to have is not denied by a test beside it
        parts = [one for one in near if one.markers]
        denied = frozenset().union(*(one.markers for one in parts))
        for asked in (negative.markers, *negative.instead):
            if asked <= denied:
                return frozenset(one.key for one in parts if not asked.isdisjoint(one.markers))
        near = [one for one in near if one.organism != finding.organism]
    plain = [one for one in near if not one.markers]
    if negative.every and not negative.organisms <= {one.organism for one in plain}:
        return frozenset()
    return frozenset(one.key for one in plain)


def is_held(one: NotFound, answers: Sequence[Undecided], markers: frozenset[str]) -> bool:
    """Whether what was not found of some markers is not to be told yet: of the same specimen another answer about them is
    unclear, still to come, or says that one was found.

    Args:
        markers: all that a disease's negative criteria ask for.
    """
    if one.markers.isdisjoint(markers):
        return False
    return any(
        not other.markers.isdisjoint(markers) and _is_one_specimen(one, other) for other in answers
    )


def deny_in_specimens(
    definition: Definition,
    negative: Negative,
    absent: Sequence[NotFound],
    findings: Sequence[LaboratoryFinding],
    doses: Sequence[Dose],
) -> Reason | None:
    """What such a negative criterion comes to of all that was found: met where it denies every finding that would count
    for a criterion it takes away. None where nothing of it was looked for."""
    sought = [one for one in absent if _is_about(negative, one)]
    if not sought:
        return None
    rows = [row for row in definition.laboratory if negative.id in row.unless]
    each = [
        denials_of(negative, one, absent)
        for one in findings
        if any(match(row, one, doses) == "met" for row in rows)
    ]
    if each and all(each):
        keys = frozenset().union(*each)
        return Reason(criterion=negative.id, state="met", evidence=tuple(sorted(keys)))
    said = tuple(sorted({one.key for one in sought}))
    return Reason(criterion=negative.id, state="unmet", evidence=said)


def _criteria(definition: Definition) -> Iterator[tuple[Laboratory, Sequence[Negative]]]:
    by_id: Mapping[str, Negative] = {
        one.id: one for one in definition.negative if one.same_specimen
    }
    for criterion in definition.laboratory:
        negatives = [by_id[name] for name in criterion.unless if name in by_id]
        if negatives:
            yield criterion, negatives


def _of_specimen(negative: Negative, finding: LaboratoryFinding, one: NotFound) -> bool:
    return (
        _is_one_specimen(one, finding)
        and _is_about(negative, one)
        and (not one.markers or _may_be_of(negative, one.organism, finding.organism))
        and one.method in negative.methods
        and (not negative.materials or one.material in negative.materials)
    )


def _is_about(negative: Negative, one: NotFound) -> bool:
    if one.organism:
        return one.organism in negative.organisms
    return not one.markers.isdisjoint(negative.every_marker())


def _may_be_of(negative: Negative, sought: str, found: str) -> bool:
    """Whether markers of one organism are looked for in another one, if that is a more or a less precise name of it."""
    if not sought:
        return found in negative.organisms
    return sought == found or refines(sought, found) or refines(found, sought)


def _is_one_specimen(
    one: NotFound | LaboratoryFinding, finding: LaboratoryFinding | Undecided
) -> bool:
    """Whether two answers are of one specimen: of the same day and material, as far as that was said."""
    return one.day == finding.day and (
        one.material == finding.material or one.material in UNSAID or finding.material in UNSAID
    )
