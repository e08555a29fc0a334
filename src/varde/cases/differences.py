"""What a re-classification changed for one person, and which rule or criterion made it so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import Any, Literal

from varde.cases.criteria import missing
from varde.cases.disease import CLASSES, Disease
from varde.cases.results import Attempt, Case, Explanation, Missing, Reason, Result, State

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
        because: the criteria that came to something else. What the same evidence met before, and is in the case still,
            is not there: another window counts now, and nothing was taken from it.
        lacks: of a case that is gone or weaker, what each rule of the classes above lacks now; the strongest first.
    """

    kind: Literal["added", "removed", "changed"]
    disease: str
    before: Case | None = None
    after: Case | None = None
    changes: tuple[FieldChange, ...] = ()
    rules: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    because: tuple[CriterionChange, ...] = ()
    lacks: tuple[Missing, ...] = ()


def differences(
    before: Iterable[Case], after: Explanation, disease: Disease | None = None
) -> tuple[Difference, ...]:
    """What became of one person's cases.

    Args:
        before: the cases as they were, of one disease or several.
        after: what the classifier says now of the same diseases. Why a case is gone is read off the
            attempts that its evidence has become.
        disease: as it is now, to say what a case that is weaker lacks.

    Returns:
        By disease and first day; empty when all is as it was. Cases are the same case when they share
        evidence; of several, those that share most.
    """
    old, new = sorted(before, key=_place), sorted(after.cases, key=_place)
    partners = _pair(old, new)
    found = [_removed(case, after.attempts) for case in old if case not in partners]
    found += [_added(case) for case in new if case not in partners.values()]
    found += [
        _changed(one, other, _became(one, after.attempts), disease)
        for one, other in partners.items()
        if one != other
    ]
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
    became = _became(case, attempts)
    reasons = became[0].reasons if became else ()
    return Difference(
        kind="removed",
        disease=case.disease,
        before=case,
        rules=(case.rule, ()),
        because=tuple(_criteria(case.reasons, reasons)),
        lacks=became[0].missing if became else (),
    )


def _became(case: Case, attempts: Iterable[Attempt]) -> list[Attempt]:
    """What evidence of a case that is in none now comes to by itself."""
    own = set(case.evidence)
    return [one for one in attempts if one.disease == case.disease and own & set(one.evidence)]


def _changed(
    one: Case, other: Case, became: Sequence[Attempt], disease: Disease | None
) -> Difference:
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
        because=tuple(_criteria(one.reasons, other.reasons, _as_met(other, became))),
        lacks=_lacks(one, other, became, disease) if disease else (),
    )


def _as_met(other: Case, became: Sequence[Attempt]) -> frozenset[str]:
    """The evidence that is in the case still, and what of it meets a criterion and makes none by itself."""
    left = (reason for one in became for reason in one.reasons if reason.state == "met")
    return frozenset(other.evidence).union(*(reason.evidence for reason in left))


def _lacks(
    one: Case, other: Case, became: Sequence[Attempt], disease: Disease
) -> tuple[Missing, ...]:
    """What the rules of every class above the present one lack, where the case was of a stronger class."""
    if "discarded" in (one.classification, other.classification):
        return ()
    now = CLASSES.index(other.classification)
    definition = disease.definition_on(other.first_day)
    if definition is None or CLASSES.index(one.classification) >= now:
        return ()
    reasons = {reason.criterion: reason for reason in other.reasons}
    stronger = CLASSES[:now]
    wanting = became[0].missing if became else missing(definition, reasons)
    return tuple(each for each in wanting if each.classification in stronger)


def _criteria(
    one: Iterable[Reason], other: Iterable[Reason], kept: frozenset[str] = frozenset()
) -> Iterator[CriterionChange]:
    """The criteria that came to something else; not those whose evidence is `kept` and only lies in another window."""
    before = {reason.criterion: reason.state for reason in one}
    after = {reason.criterion: reason.state for reason in other}
    there = {r.criterion for r in one if r.state == "met" and kept.issuperset(r.evidence)}
    for name in dict.fromkeys((*before, *after)):
        if name in there and after.get(name) == "unmet":
            continue
        if before.get(name) != after.get(name):
            yield CriterionChange(criterion=name, before=before.get(name), after=after.get(name))
