"""What a re-classification changed for one person, and which rule or criterion made it so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import Any, Literal

from varde.cases.results import Attempt, Case, Explanation, Reason, Result, State

COMPARED = (
    "classification",
    "presentation",
    "number",
    "first_day",
    "onset",
    "imported",
    "definition",
    "form_missing",
    "evidence",
    "set_aside",
)


class FieldChange(Result, frozen=True, kw_only=True):
    """A field of a case that is another than before."""

    field: str
    before: Any
    after: Any


class CriterionChange(Result, frozen=True, kw_only=True):
    """A criterion that came to something else than before; None where it was not asked."""

    criterion: str
    before: State | None
    after: State | None


class Difference(Result, frozen=True, kw_only=True):
    """One case that is new, gone, or another than before.

    Attributes:
        before, after: the case; None where there is none.
        changes: what is another, for a case that is on both sides.
        rules: the alternative that made it a case before, and after; empty where none did.
        because: the criteria that came to something else.
    """

    kind: Literal["added", "removed", "changed"]
    disease: str
    before: Case | None = None
    after: Case | None = None
    changes: tuple[FieldChange, ...] = ()
    rules: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    because: tuple[CriterionChange, ...] = ()


def differences(before: Iterable[Case], after: Explanation) -> tuple[Difference, ...]:
    """What became of one person's cases.

    Args:
        before: the cases as they were, of one disease or several.
        after: what the classifier says now of the same diseases. Why a case is gone is read off the
            attempts that its evidence has become.

    Returns:
        By disease and first day; empty when all is as it was. Cases are the same case when they share
        evidence; of several, those that share most.
    """
    old, new = sorted(before, key=_place), sorted(after.cases, key=_place)
    partners = _pair(old, new)
    found = [_removed(case, after.attempts) for case in old if case not in partners]
    found += [_added(case) for case in new if case not in partners.values()]
    found += [_changed(one, other) for one, other in partners.items() if one != other]
    return tuple(sorted(found, key=lambda one: _place(one.after or one.before)))


def _place(case: Case | None) -> tuple[str, Any]:
    return (case.disease, case.first_day) if case else ("", None)


def _pair(old: Sequence[Case], new: Sequence[Case]) -> dict[Case, Case]:
    shared = [
        (-len(set(one.evidence) & set(other.evidence)), i, j)
        for (i, one), (j, other) in product(enumerate(old), enumerate(new))
        if one.disease == other.disease
    ]
    partners: dict[int, int] = {}
    for common, i, j in sorted(shared):
        if common and i not in partners and j not in partners.values():
            partners[i] = j
    return {old[i]: new[j] for i, j in partners.items()}


def _added(case: Case) -> Difference:
    return Difference(
        kind="added",
        disease=case.disease,
        after=case,
        rules=((), case.rule),
        because=tuple(_criteria((), case.reasons)),
    )


def _removed(case: Case, attempts: Iterable[Attempt]) -> Difference:
    own = set(case.evidence)
    became = [one for one in attempts if one.disease == case.disease and own & set(one.evidence)]
    reasons = became[0].reasons if became else ()
    return Difference(
        kind="removed",
        disease=case.disease,
        before=case,
        rules=(case.rule, ()),
        because=tuple(_criteria(case.reasons, reasons)),
    )


def _changed(one: Case, other: Case) -> Difference:
    return Difference(
        kind="changed",
        disease=one.disease,
        before=one,
        after=other,
        changes=tuple(
            FieldChange(field=name, before=getattr(one, name), after=getattr(other, name))
            for name in COMPARED
            if getattr(one, name) != getattr(other, name)
        ),
        rules=(one.rule, other.rule),
        because=tuple(_criteria(one.reasons, other.reasons)),
    )


def _criteria(one: Iterable[Reason], other: Iterable[Reason]) -> Iterator[CriterionChange]:
    before = {reason.criterion: reason.state for reason in one}
    after = {reason.criterion: reason.state for reason in other}
    for name in dict.fromkeys((*before, *after)):
        if before.get(name) != after.get(name):
            yield CriterionChange(criterion=name, before=before.get(name), after=after.get(name))
