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

import msgspec

from varde.cases.circumstances import form_missing, imported_from
from varde.cases.criteria import Dose, Seen, assess, decide, lacking, match, missing, recent
from varde.cases.disease import CLASSES, Alternative, Classification, Definition, Disease
from varde.cases.evidence import (
    Evidence,
    LaboratoryFinding,
    Linked,
    NotFound,
    Notified,
    Undecided,
    Vaccinated,
)
from varde.cases.exposure import Illness, may_be_from
from varde.cases.negatives import beginnings, denials, discarding, undecided
from varde.cases.results import Attempt, Case, Explanation, Reason, SetAside
from varde.cases.spans import add_days, between, day_of

CLASSIFIER_VERSION = "5"
"""Raised whenever the same files and evidence may give other cases than before."""


class _File(NamedTuple):
    """One person's evidence that bears on one disease, each kind by day."""

    findings: Sequence[LaboratoryFinding]
    withdrawn: Sequence[LaboratoryFinding]
    notified: Sequence[Notified]
    links: Sequence[Linked]
    doses: Sequence[Dose]
    absent: Sequence[NotFound]
    undecided: Sequence[Undecided]

    def days(self) -> list[date]:
        """The days of findings and notifications, each once."""
        return sorted({one.day for one in (*self.findings, *self.notified)})

    def between(
        self, first: date, last: date, definition: Definition | None, onset: date | None
    ) -> Seen:
        """What lies in a window. Links may be as much older as a window is long; those from person to person as far as
        the disease can have passed.

        Args:
            onset: of the case.
        """
        links: list[Linked] = []
        if definition is not None:
            reach = add_days(first, -timedelta(definition.window_days))
            ill = Illness(first, onset)
            links = [
                one
                for one in self.links
                if one.day <= last
                and (may_be_from(definition, one, ill) if one.kind == "human" else reach <= one.day)
            ]
        return Seen(between(self.findings, first, last), between(self.notified, first, last), links)

    def onset(self, first: date, last: date) -> date | None:
        """The first day of falling ill that forms of some days say."""
        said = (one.onset for one in between(self.notified, first, last) if one.onset)
        return min(said, default=None)


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
    return tuple(_cases(disease, _open(disease, evidence, as_of)))


def explain(disease: Disease, evidence: Iterable[Evidence], as_of: date) -> Explanation:
    """The cases of one person, and for evidence that bears on the disease and is in no case, why not."""
    file = _open(disease, evidence, as_of)
    cases = tuple(_cases(disease, file))
    return Explanation(cases=cases, attempts=tuple(_attempts(disease, _left_over(file, cases))))


def _open(disease: Disease, evidence: Iterable[Evidence], as_of: date) -> _File:
    """Sort out what bears on the disease. A laboratory's MSIS-AV takes its finding out."""
    found: list[LaboratoryFinding] = []
    notified: list[Notified] = []
    links: list[Linked] = []
    doses: set[Dose] = set()
    absent: list[NotFound] = []
    open_answers: list[Undecided] = []
    for one in set(evidence):
        if one.day > as_of:
            continue
        if isinstance(one, LaboratoryFinding):
            found.append(one)
        elif isinstance(one, NotFound):
            absent.append(one)
        elif isinstance(one, Undecided):
            open_answers.append(one)
        elif isinstance(one, Vaccinated):
            if not disease.vaccine.isdisjoint(one.diseases):
                doses.add(Dose(one.day, one.key))
        elif one.disease == disease.key:
            if isinstance(one, Linked):
                links.append(one)
            else:
                notified.append(one)
                if one.vaccinated:
                    doses.add(Dose(one.vaccinated, one.key))
    if found:
        agents = _agents(disease)
        found = sorted([one for one in found if one.organism in agents], key=day_of)
    file = _File(
        [one for one in found if one.notifiable != "MSIS-AV"],
        [one for one in found if one.notifiable == "MSIS-AV"],
        sorted(notified, key=day_of),
        sorted(links, key=day_of),
        sorted(doses),
        sorted(absent, key=day_of),
        sorted(open_answers, key=day_of),
    )
    return file._replace(notified=sorted(_placed(disease, file), key=day_of))


def _placed(disease: Disease, file: _File) -> Iterator[Notified]:
    """The forms, each where it belongs: one on a long illness tells of all the time from the onset until it was made, so
    that it is of the first day on which that was found, also when it was sent late or corrected years later."""
    for one in file.notified:
        since = one.onset
        definition = disease.definition_on(one.day)
        if since is None or since >= one.day or definition is None or not definition.long_ill:
            yield one
            continue
        days = (
            finding.day
            for finding in between(file.findings, since, one.day)
            if (then := disease.definition_on(finding.day)) and _counts(then, file, finding)
        )
        first = min(days, default=None)
        yield one if first is None else msgspec.structs.replace(one, day=first)


def _agents(disease: Disease) -> frozenset[str]:
    """The organisms that some definition of the disease asks for."""
    criteria = (criterion for row in disease.definition for criterion in row.laboratory)
    return disease.organisms.union(*(criterion.organisms for criterion in criteria))


def _cases(disease: Disease, file: _File) -> Iterator[Case]:
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


def _bears(definition: Definition, file: _File, day: date) -> bool:
    """Whether something of that day may begin a window: a notification, or a finding that meets a criterion."""
    if between(file.notified, day, day):
        return True
    return any(_counts(definition, file, one) for one in between(file.findings, day, day))


def _counts(definition: Definition, file: _File, finding: LaboratoryFinding) -> bool:
    return any(
        match(criterion, finding, file.doses) == "met" for criterion in definition.laboratory
    )


def _look(
    definition: Definition, file: _File, day: date, last: date, onset: date | None
) -> _Window | None:
    reach = timedelta(definition.window_days)
    seen = file.between(day, min(add_days(day, reach), last), definition, onset)
    reasons = assess(definition, seen, file.doses, _denied(definition, file, seen, day))
    decided = decide(definition, reasons)
    return _Window(day, reasons, *decided) if decided else None


def _against(definition: Definition, file: _File, seen: Seen, day: date) -> dict[str, Reason]:
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


def _denied(definition: Definition, file: _File, seen: Seen, day: date) -> frozenset[str]:
    """The negative criteria that take a laboratory criterion away in a window."""
    if not any(row.unless for row in definition.laboratory):
        return frozenset()
    against = _against(definition, file, seen, day)
    return frozenset(name for name, reason in against.items() if reason.state == "met")


def _case(
    disease: Disease,
    number: int,
    definition: Definition,
    file: _File,
    first: _Window,
    later: Sequence[date],
    last: date,
) -> Case:
    """The case that begins with a window; `later` are the other days of its time."""
    onset = file.onset(first.day, last)
    findings = [
        one for one in between(file.findings, first.day, last) if _counts(definition, file, one)
    ]
    notified = between(file.notified, first.day, last)
    reach = add_days(first.day, -timedelta(definition.window_days))
    all_found = between(file.findings, reach, last)
    begun = beginnings(definition, notified, [one.day for one in (*findings, *notified)])
    absent = between(file.absent, reach, last)
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


def _set_aside(
    definition: Definition, file: _File, first: date, last: date
) -> tuple[SetAside, ...]:
    if not file.findings and not file.withdrawn:
        return ()
    found = {
        SetAside(evidence=one.key, why="msis-av") for one in between(file.withdrawn, first, last)
    }
    for one in between(file.findings, first, last):
        came = [(row, match(row, one, file.doses)) for row in definition.laboratory]
        if any(matched == "met" for _, matched in came):
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


def _left_over(file: _File, cases: Sequence[Case]) -> _File:
    """The evidence that no case is made of."""
    used = {key for case in cases for key in case.evidence}
    return file._replace(
        findings=[one for one in file.findings if one.key not in used],
        notified=[one for one in file.notified if one.key not in used],
    )


def _attempts(disease: Disease, file: _File) -> Iterator[Attempt]:
    free = date.min
    for day in sorted({one.day for one in (*file.findings, *file.withdrawn, *file.notified)}):
        if day < free:
            continue
        definition = disease.definition_on(day)
        reach = timedelta(definition.window_days if definition else 0)
        last = add_days(day, reach)
        free = add_days(last, timedelta(1))
        seen = file.between(day, last, definition, file.onset(day, last))
        withdrawn = between(file.withdrawn, day, last)
        reasons = _assess_all(definition, file, seen, day) if definition else {}
        keys = {one.key for one in (*seen.findings, *seen.notified, *withdrawn)}
        keys.update(key for reason in reasons.values() for key in reason.evidence)
        yield Attempt(
            disease=disease.key,
            first_day=day,
            definition=definition.valid_from if definition else None,
            reasons=tuple(reasons.values()),
            missing=missing(definition, reasons) if definition else (),
            evidence=tuple(sorted(keys)),
            set_aside=_set_aside(definition, file, day, last) if definition else (),
        )


def _assess_all(definition: Definition, file: _File, seen: Seen, first: date) -> dict[str, Reason]:
    """What the criteria come to in a window that no case is made of, the negative ones too."""
    against = _against(definition, file, seen, first)
    denied = frozenset(name for name, reason in against.items() if reason.state == "met")
    return {**assess(definition, seen, file.doses, denied), **against}
