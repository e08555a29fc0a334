"""One person's evidence of one disease in; cases with a reason trail out.

Evidence is looked at in windows, each beginning on the day of a finding that meets a criterion or of a
notification. The first window in which a rule is met begins a case, and the definition of that day is
the case's. Until the case's episode is over, everything is about the same case, which takes the
strongest class that any of its windows gives. Then the next may begin. A case that is no more than suspected is
discarded where a definition has a rule for that, and what it asks for was looked for and not found.

The answer depends on the set of evidence alone: not on its order, and not on how often a piece stands in
it. `docs/cases.md` says the same for those who write definitions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from varde.cases.circumstances import form_missing, imported_from
from varde.cases.criteria import (
    Seen,
    assess,
    decide,
    lacking,
    match,
    missing,
    recent,
)
from varde.cases.disease import CLASSES, Alternative, Classification, Definition, Disease
from varde.cases.evidence import (
    Evidence,
)
from varde.cases.negatives import beginnings, denials, discarding, undecided
from varde.cases.neighbours import is_named_finer, is_of_another
from varde.cases.results import Attempt, Case, Explanation, Reason, SetAside
from varde.cases.sorting import File, counts, is_of_a_source, open_file
from varde.cases.spans import add_days, between
from varde.cases.specimens import is_told_by_denial, taken_away, told_by_denial

CLASSIFIER_VERSION = "7"
"""Raised whenever the same files and evidence may give other cases than before."""


class _Window(NamedTuple):
    day: date
    reasons: Mapping[str, Reason]
    classification: Classification
    rule: Alternative


def classify(disease: Disease, evidence: Iterable[Evidence], as_of: date) -> tuple[Case, ...]:
    """The cases of one person, by first day.

    Args:
        evidence: of that person; what bears on other diseases is ignored.
        as_of: evidence of later days is ignored.
    """
    return tuple(_cases(disease, open_file(disease, evidence, as_of)))


def explain(disease: Disease, evidence: Iterable[Evidence], as_of: date) -> Explanation:
    """The cases of one person, and for evidence that bears on the disease and is in no case, why not."""
    file = open_file(disease, evidence, as_of)
    cases = tuple(_cases(disease, file))
    return Explanation(cases=cases, attempts=tuple(_attempts(disease, file, cases)))


def _cases(disease: Disease, file: File) -> Iterator[Case]:
    number = 0
    free = date.min
    days = file.days()
    for day in days:
        if day < free:
            continue
        definition = disease.definition_on(day)
        if definition is None or not _bears(definition, file, day):
            continue
        last = _last_day(definition, day)
        window = _look(definition, file, day, last, file.onset(day, last))
        if window is None:
            continue
        later = [one for one in days if day < one <= last]
        number += 1
        yield _case(disease, number, definition, file, window, later, last)
        if last == date.max:
            return
        free = add_days(last, timedelta(1))


def _last_day(definition: Definition, first: date) -> date:
    if definition.episode_days is None:
        return date.max
    return add_days(first, timedelta(definition.episode_days - 1))


def _bears(definition: Definition, file: File, day: date) -> bool:
    """Whether something of that day may begin a window: a notification, or a finding that meets a criterion."""
    if between(file.notified, day, day):
        return True
    found = between(file.findings, day, day)
    return any(
        counts(definition, file, one) or is_of_a_source(definition, file, one) for one in found
    )


def _look(
    definition: Definition, file: File, day: date, last: date, onset: date | None
) -> _Window | None:
    reach = timedelta(definition.window_days)
    seen = file.between(day, min(add_days(day, reach), last), definition, onset)
    # Nothing is taken from nothing: of a form alone the laboratory criteria are not met, whatever was not found.
    reasons = (
        _assess(definition, file, seen, _denied(definition, file, seen, day))
        if seen.findings
        else assess(definition, seen, file.doses)
    )
    decided = decide(definition, reasons)
    return _Window(day, reasons, *decided) if decided else None


def _assess(
    definition: Definition, file: File, seen: Seen, denied: frozenset[str]
) -> dict[str, Reason]:
    taken = _taken(definition, file, seen)
    told = told_by_denial(definition, seen.findings, file.absent, file.doses)
    return assess(definition, seen, file.doses, denied, taken, told)


def _against(definition: Definition, file: File, seen: Seen, day: date) -> dict[str, Reason]:
    """What the negative criteria come to of what was looked for within a window's length of its first day: an answer
    speaks of what was found near it, and of nothing else that the person has had."""
    days = [one.day for one in (*seen.findings, *seen.notified)]
    if not days or not definition.negative:
        return {}
    reach = timedelta(definition.window_days)
    since, until = add_days(day, -reach), add_days(day, reach)
    begun = beginnings(definition, seen.notified, days)
    absent = between(file.absent, since, until)
    near = between(file.findings, since, until)
    return denials(definition, absent, begun, near, file.doses)


def _denied(definition: Definition, file: File, seen: Seen, day: date) -> frozenset[str]:
    """The negative criteria that take a laboratory criterion away in a window."""
    if not any(row.unless for row in definition.laboratory):
        return frozenset()
    return _names_met(definition, _against(definition, file, seen, day))


def _names_met(definition: Definition, against: Mapping[str, Reason]) -> frozenset[str]:
    """Those that are met, but for those that take findings away one by one."""
    single = {one.id for one in definition.negative if one.same_specimen}
    return frozenset(
        name for name, reason in against.items() if reason.state == "met" and name not in single
    )


def _taken(definition: Definition, file: File, seen: Seen) -> Mapping[str, frozenset[str]]:
    """Criterion → the findings of a window that do not count for it: denied by their own specimens, or of another disease."""
    days = [one.day for one in seen.findings]
    everything = file.found_between(min(days), max(days)) if days else ()
    taken = taken_away(definition, seen.findings, file.absent, everything)
    if file.elsewhere or file.finer:
        for criterion in definition.laboratory:
            keys = frozenset(
                one.key
                for one in seen.findings
                if is_of_another(criterion, one, file.elsewhere)
                or is_named_finer(definition, criterion, one, file.finer)
            )
            taken[criterion.id] = taken.get(criterion.id, frozenset()) | keys
    return taken


def _case(
    disease: Disease,
    number: int,
    definition: Definition,
    file: File,
    first: _Window,
    later: Sequence[date],
    last: date,
) -> Case:
    """The case that begins with a window; `later` are the other days of its time."""
    onset = file.onset(first.day, last)
    findings = [
        one
        for one in between(file.findings, first.day, last)
        if counts(definition, file, one) or is_of_a_source(definition, file, one)
    ]
    notified = between(file.notified, first.day, last)
    reach = add_days(first.day, -timedelta(definition.window_days))
    absent = between(file.absent, reach, last)
    against: dict[str, Reason] = {}
    if absent:
        all_found = between(file.findings, reach, last)
        begun = beginnings(definition, notified, [one.day for one in (*findings, *notified)])
        against = denials(definition, absent, begun, all_found, file.doses)
    best = first
    presentation = _presentation(definition, first, len(definition.presentation))
    for day in later:
        if best.classification == CLASSES[0] and presentation == 0:
            break
        if not _bears(definition, file, day):
            continue
        window = _look(definition, file, day, last, onset)
        if window is None:
            continue
        if CLASSES.index(window.classification) < CLASSES.index(best.classification):
            best = window
        presentation = _presentation(definition, window, presentation)
    keys = {one.key for one in (*findings, *notified)}
    for reason in best.reasons.values():
        keys.update(reason.evidence)
    shown = definition.presentation[presentation : presentation + 1]
    reasons = {**best.reasons, **against}
    no_case = None
    if against and best.classification == "suspected":
        no_case = discarding(definition, reasons, all_found, file.doses)
    if no_case:
        answers = between(file.undecided, reach, last)
        held = undecided(definition, no_case, answers, begun, file.doses)
        if held:
            no_case, reasons[held.criterion] = None, held
    return Case(
        disease=disease.key,
        number=number,
        classification="discarded" if no_case else best.classification,
        presentation=shown[0].id if shown else "",
        first_day=first.day,
        onset=onset,
        imported=imported_from(definition, first.day, findings, notified),
        definition=definition.valid_from,
        rule=no_case or best.rule,
        reasons=tuple(reasons.values()),
        form_missing=not no_case and form_missing(disease, first.day, findings, notified),
        evidence=tuple(sorted(keys)),
        set_aside=_set_aside(definition, file, reach, last),
    )


def _presentation(definition: Definition, window: _Window, so_far: int) -> int:
    """The place of the first presentation that applies in this window, or did in an earlier one.

    A definition whose list has none, or one that always applies, is done with at once.
    """
    for place, presentation in enumerate(definition.presentation[:so_far]):
        if not presentation.when or any(
            not lacking(alternative, definition, window.reasons)
            for alternative in presentation.when
        ):
            return place
    return so_far


def _set_aside(definition: Definition, file: File, first: date, last: date) -> tuple[SetAside, ...]:
    if not file.findings and not file.withdrawn:
        return ()
    found = {
        SetAside(evidence=one.key, why="msis-av") for one in between(file.withdrawn, first, last)
    }
    for one in between(file.findings, first, last):
        came = [(row, match(row, one, file.doses)) for row in definition.laboratory]
        if any(
            matched == "met" or is_told_by_denial(row, one, file.absent, file.doses)
            for row, matched in came
        ) or is_of_a_source(definition, file, one):
            continue
        doses = {
            dose.key
            for criterion, matched in came
            if matched == "vaccinated"
            for dose in recent(criterion, one, file.doses)
        }
        if doses:
            found.add(
                SetAside(evidence=one.key, why="recently-vaccinated", because=tuple(sorted(doses)))
            )
    return tuple(sorted(found))


def _left_over(file: File, cases: Sequence[Case]) -> File:
    """The evidence that no case is made of."""
    used = {key for case in cases for key in case.evidence}
    return file._replace(
        findings=[one for one in file.findings if one.key not in used],
        notified=[one for one in file.notified if one.key not in used],
    )


def _attempts(disease: Disease, whole: File, cases: Sequence[Case]) -> Iterator[Attempt]:
    """Why the evidence that is in no case makes none: judged by itself, and where it then lacks nothing by all that was known
    of its time, as the classifier did."""
    file = _left_over(whole, cases)
    days = sorted({one.day for one in (*file.findings, *file.withdrawn, *file.notified)})
    free = date.min
    for at, day in enumerate(days):
        if day < free:
            continue
        definition, end = _ruling(disease, day, cases)
        if definition is not None and not _bears(definition, file, day):
            # What may begin a case is judged from its own first day, as the classifier does.
            begun = (one for one in days[at + 1 :] if _bears(definition, file, one))
            end = min(end, next(begun, date.max) - timedelta(1))
        reach = timedelta(definition.window_days if definition else 0)
        last = min(add_days(day, reach), end)
        free = add_days(last, timedelta(1))
        seen = file.between(day, last, definition, file.onset(day, last))
        withdrawn = between(file.withdrawn, day, last)
        reasons = _assess_all(definition, file, seen, day) if definition else {}
        keys = {one.key for one in (*seen.findings, *seen.notified, *withdrawn)}
        keys.update(key for reason in reasons.values() for key in reason.evidence)
        lacking = missing(definition, reasons) if definition else ()
        if definition and not all(one.lacks for one in lacking):
            all_seen = whole.between(day, last, definition, whole.onset(day, last))
            reasons = _assess_all(definition, whole, all_seen, day)
            lacking = missing(definition, reasons)
        yield Attempt(
            disease=disease.key,
            first_day=day,
            definition=definition.valid_from if definition else None,
            reasons=tuple(reasons.values()),
            missing=lacking,
            evidence=tuple(sorted(keys)),
            set_aside=_set_aside(definition, file, day, last) if definition else (),
        )


def _ruling(disease: Disease, day: date, cases: Sequence[Case]) -> tuple[Definition | None, date]:
    """The definition by which evidence of a day is judged, and the last day for which it is."""
    for case in cases:
        definition = disease.definition_on(case.first_day)
        if definition is not None and case.first_day <= day <= (
            last := _last_day(definition, case.first_day)
        ):
            return definition, last
    return disease.definition_on(day), date.max


def _assess_all(definition: Definition, file: File, seen: Seen, first: date) -> dict[str, Reason]:
    """What the criteria come to in a window that no case is made of, the negative ones too."""
    against = _against(definition, file, seen, first)
    denied = _names_met(definition, against)
    return {**_assess(definition, file, seen, denied), **against}
