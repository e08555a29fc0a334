"""What the evidence of a case says beside its class: whether the clinician's form is missing, whether it is imported."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from varde.cases.disease import Definition, Disease
from varde.cases.evidence import LaboratoryFinding, Notified
from varde.cases.results import Imported

_HOME = frozenset({"NO", "SJ"})


def form_missing(
    disease: Disease,
    day: date,
    findings: Sequence[LaboratoryFinding],
    notified: Sequence[Notified],
) -> bool:
    """Whether a form is due and not there. MSIS-UM waives it, unless another finding asks for it."""
    if notified:
        return False
    duty = disease.duty_on(day)
    if duty is None or not duty.clinician_form:
        return False
    said = {one.notifiable for one in findings}
    return "MSIS-UM" not in said or "MSIS-M" in said


def imported_from(
    definition: Definition,
    first_day: date,
    findings: Sequence[LaboratoryFinding],
    notified: Sequence[Notified],
) -> Imported:
    """From abroad or not: what clinicians say, else what laboratories say, else the day of home-coming.

    Two that contradict each other leave it unknown. A home-coming longer ago than the incubation does not
    make the infection one from home: there may have been another journey.
    """
    for said in (notified, findings):
        places = {_at_home(one.infected_in) for one in said if one.infected_in}
        if len(places) == 2:
            return "unknown"
        if places:
            return "no" if places.pop() else "yes"
    if definition.imported_days is not None:
        for one in notified:
            ill = one.onset or first_day
            if one.home_coming and (ill - one.home_coming).days <= definition.imported_days:
                return "yes"
    return "unknown"


def _at_home(place: str) -> bool:
    return place in _HOME or place.isdigit()
