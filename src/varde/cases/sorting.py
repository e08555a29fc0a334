"""One person's evidence of one disease, sorted: what bears on it, each kind by day, and which findings count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

import msgspec

from varde.cases.criteria import Dose, Seen, is_ill_and_linked, match
from varde.cases.disease import Definition, Disease
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
from varde.cases.neighbours import is_named_finer, is_of_another, tells_of_illness
from varde.cases.spans import add_days, between, day_of
from varde.cases.specimens import is_held, is_taken, is_told_apart, is_told_by_denial


class File(NamedTuple):
    """One person's evidence that bears on one disease, each kind by day."""

    findings: Sequence[LaboratoryFinding]
    withdrawn: Sequence[LaboratoryFinding]
    notified: Sequence[Notified]
    links: Sequence[Linked]
    doses: Sequence[Dose]
    absent: Sequence[NotFound]
    undecided: Sequence[Undecided]
    elsewhere: Sequence[Notified]
    finer: Sequence[LaboratoryFinding]

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
        if definition is not None and self.links:
            reach = add_days(first, -timedelta(definition.window_days))
            ill = Illness(first, onset)
            links = [
                one
                for one in self.links
                if one.day <= last
                and (may_be_from(definition, one, ill) if one.kind == "human" else reach <= one.day)
            ]
        return Seen(between(self.findings, first, last), between(self.notified, first, last), links)

    def found_between(self, first: date, last: date) -> Sequence[LaboratoryFinding]:
        """What was found in a window, also what a laboratory says is not notifiable."""
        kept = between(self.findings, first, last)
        return [*kept, *between(self.withdrawn, first, last)] if self.withdrawn else kept

    def onset(self, first: date, last: date) -> date | None:
        """The first day of falling ill that forms of some days say."""
        said = (one.onset for one in between(self.notified, first, last) if one.onset)
        return min(said, default=None)


def open_file(disease: Disease, evidence: Iterable[Evidence], as_of: date) -> File:
    """Sort out what bears on the disease. A laboratory's MSIS-AV takes its finding out."""
    found: list[LaboratoryFinding] = []
    notified: list[Notified] = []
    links: list[Linked] = []
    doses: set[Dose] = set()
    absent: list[NotFound] = []
    open_answers: list[Undecided] = []
    elsewhere: list[Notified] = []
    others: frozenset[str] | None = None
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
                doses.add(Dose(one.day, one.key, one.live))
        elif one.disease == disease.key:
            if isinstance(one, Linked):
                links.append(one)
            else:
                notified.append(one)
                if one.vaccinated:
                    doses.add(Dose(one.vaccinated, one.key))
        elif isinstance(one, Notified):
            if others is None:
                others = _others(disease)
            if one.disease in others and tells_of_illness(one):
                elsewhere.append(one)
    if absent and open_answers:
        markers = _markers_denied(disease)
        absent = [one for one in absent if not is_held(one, open_answers, markers)]
    finer: list[LaboratoryFinding] = []
    if found:
        agents = _agents(disease)
        if named := _finer(disease):
            finer = sorted([one for one in found if one.organism in named], key=day_of)
        found = sorted([one for one in found if one.organism in agents], key=day_of)
    file = File(
        [one for one in found if one.notifiable != "MSIS-AV"],
        [one for one in found if one.notifiable == "MSIS-AV"],
        sorted(notified, key=day_of),
        sorted(links, key=day_of),
        sorted(doses, key=str),
        sorted(absent, key=day_of),
        sorted(open_answers, key=day_of),
        elsewhere,
        finer,
    )
    if not file.findings:
        return file
    return file._replace(notified=sorted(_placed(disease, file), key=day_of))


def _placed(disease: Disease, file: File) -> Iterator[Notified]:
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
            if (then := disease.definition_on(finding.day)) and counts(then, file, finding)
        )
        first = min(days, default=None)
        yield one if first is None else msgspec.structs.replace(one, day=first)


def _others(disease: Disease) -> frozenset[str]:
    """The diseases whose forms may take findings away from this one."""
    criteria = (criterion for row in disease.definition for criterion in row.laboratory)
    return frozenset().union(*(criterion.unless_notified for criterion in criteria))


def _markers_denied(disease: Disease) -> frozenset[str]:
    """The markers that negative criteria of the disease ask for."""
    every = (negative for row in disease.definition for negative in row.negative)
    return frozenset().union(*(negative.every_marker() for negative in every))


def _agents(disease: Disease) -> frozenset[str]:
    """The organisms that some definition of the disease asks for."""
    criteria = (criterion for row in disease.definition for criterion in row.laboratory)
    return disease.organisms.union(*(criterion.organisms for criterion in criteria))


def _finer(disease: Disease) -> frozenset[str]:
    """The organisms of other diseases that take findings under less precise names away from this one."""
    criteria = (criterion for row in disease.definition for criterion in row.laboratory)
    return frozenset().union(*(criterion.unless_finer for criterion in criteria))


def counts(definition: Definition, file: File, finding: LaboratoryFinding) -> bool:
    return any(
        (
            match(criterion, finding, file.doses) == "met"
            or is_told_by_denial(criterion, finding, file.absent, file.doses)
        )
        and not is_taken(definition, criterion, finding, file.absent)
        and not is_told_apart(criterion, finding, file.found_between(finding.day, finding.day))
        and not is_of_another(criterion, finding, file.elsewhere)
        and not is_named_finer(definition, criterion, finding, file.finer)
        for criterion in definition.laboratory
    )


def is_of_a_source(definition: Definition, file: File, finding: LaboratoryFinding) -> bool:
    """Whether a finding soon after a dose counts in its window, for a link to a source of the infection."""
    if not any(
        criterion.though_linked
        and match(criterion, finding, file.doses) == "vaccinated"
        and not is_told_apart(criterion, finding, file.found_between(finding.day, finding.day))
        for criterion in definition.laboratory
    ):
        return False
    day = finding.day
    last = add_days(day, timedelta(definition.window_days))
    return is_ill_and_linked(definition, file.between(day, last, definition, file.onset(day, last)))
