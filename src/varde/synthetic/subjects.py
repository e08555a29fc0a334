"""Who is who: of whom each invented answer, vaccination and notification really is, whatever it says.

What linkage must find out is held against this.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

import numpy as np

from varde.linkage import NumberChange
from varde.messages import PersonId

from .callings import Calling, call
from .isolate_list import isolate_id
from .klinikermelding import Notifications
from .norway import Country
from .persons import Population
from .searches import Searches
from .vaccination_formats import SentVaccination
from .vaccinations import Vaccinations, sites


class Subject(NamedTuple):
    """Of whom something is.

    Attributes:
        sender, report_id: as records have them; the latter is empty where an office sends none, and the reader
            makes one.
        person: the position in the population: the same person in every format of one seed.
        sex: F or M.
        born, municipality: as they really are.
        number: the national or D number that was sent with it at first; empty when none was.
    """

    sender: str
    report_id: str
    person: int
    sex: str
    born: date
    municipality: str
    number: str

    @property
    def calling(self) -> Calling:
        """Name, address and telephone as they really are."""
        return call(self.person, self.sex, self.born, self.municipality)


def subjects(source: Country | Vaccinations | Notifications | Searches) -> Iterator[Subject]:
    """Of whom everything is that a part of the invented country sends; each report or row once."""
    match source:
        case Country():
            return _of_answers(source)
        case Searches():
            return _of_searches(source)
        case Vaccinations():
            return (_of_dose(story.versions[-1]) for story in source.stories())
        case Notifications():
            return _of_cases(source)


def number_changes(seed: int, persons: Iterable[int]) -> Iterator[NumberChange]:
    """The D numbers of these persons that became national numbers, as the national register would tell."""
    index = np.array(sorted(set(persons)), np.int64)
    for _, old, new, day in Population(seed).changes(index):
        yield NumberChange(
            old=PersonId(kind="DNR", value=old),
            new=PersonId(kind="FNR", value=new),
            source="SYNTETISK",
            day=day,
        )


def _of_answers(country: Country) -> Iterator[Subject]:
    for story in country.stories():
        report = story.report
        lab, patient = report.laboratory, report.patient
        ids = [report.report_id]
        if lab.format == "list":
            most = max(len(version.isolates) for version in story.versions)
            ids = [isolate_id(report.report_id, number) for number in range(1, most + 1)]
        for own in ids:
            yield Subject(
                lab.sender,
                own,
                patient.person,
                patient.sex,
                patient.born,
                patient.municipality,
                patient.number,
            )


def _of_searches(searches: Searches) -> Iterator[Subject]:
    seen: set[str] = set()
    for delivery in searches.deliveries():
        report, patient = delivery.report, delivery.report.patient
        if report.report_id not in seen:
            seen.add(report.report_id)
            yield Subject(
                report.laboratory.sender,
                report.report_id,
                patient.person,
                patient.sex,
                patient.born,
                patient.municipality,
                patient.number,
            )


def _of_dose(sent: SentVaccination) -> Subject:
    site = sites()[sent.municipality[:2]]
    own, person = sent.report_id, sent.person
    sex = _true_sex(sent.sex, sent.fault)
    number = "" if sent.fault == "invalid-identity-number" else sent.number
    return Subject(f"HER:{site.her}", own, person, sex, sent.born, sent.municipality, number)


def _true_sex(sex: str, fault: str) -> str:
    """The sex behind one that is said wrongly on purpose."""
    return ("M" if sex == "F" else "F") if fault == "contradictory-sex" else sex


def _of_cases(notifications: Notifications) -> Iterator[Subject]:
    for story in notifications.stories():
        sent = story.versions[0]
        bare = sent.office.layout == "bare"
        yield Subject(
            f"HER:{sent.office.her}",
            "" if bare else sent.report_id,
            sent.person,
            sent.sex,
            sent.born,
            sent.municipality,
            sent.number,
        )
