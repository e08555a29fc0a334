"""The reference laboratory: isolates that others send on to it, looked at again and reported once more.

So one specimen is reported by two laboratories, under two numbers. Which isolates are sent on is drawn
from the reports that count in the end and are of a person with a national number.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import numpy as np

from .arrivals import OSLO, Arrival
from .chains import Delivery, Story, Version
from .draws import uniform
from .kith import write_message
from .knowledge import constant
from .laboratories import reference_laboratory
from .norway import Country

LOOKED_AT = (4, 9)
"""Days that it takes: at least, and up to so many more. An assumption."""


def invent_references(country: Country) -> Iterator[Arrival]:
    """The reference laboratory's answers, in the order of the reports they are about."""
    for story in country.stories():
        delivery = _look_again(story, country.seed)
        if delivery is not None:
            lab, at = delivery.report.laboratory, delivery.at.replace(tzinfo=OSLO)
            name = f"{lab.key}/{at:%Y-%m}/{delivery.report.report_id}.xml"
            yield Arrival(at, name, write_message(delivery))


def _look_again(story: Story, seed: int) -> Delivery | None:
    """What the reference laboratory answers; None when nothing was sent on to it."""
    report, version = story.report, story.current
    if version is None or version.status != "F" or not version.isolates:
        return None
    if not (report.patient.number and report.material and version.isolates[0].organism):
        return None
    which = np.array([report.serial], np.int64)
    if float(uniform(seed, "reference", which)[0]) >= constant("reference"):
        return None
    least, more = LOOKED_AT
    days = least + int(more * float(uniform(seed, "reference-days", which)[0]))
    made = version.generated + timedelta(days=days)
    if made.weekday() >= 5:
        made += timedelta(days=7 - made.weekday())
    lab = reference_laboratory()
    isolates = (version.isolates[0]._replace(extra=None),)
    own = report._replace(
        laboratory=lab,
        report_id=f"{lab.code}-{made:%y}-{report.serial:07d}",
        ward=report.laboratory.name,
        isolates=isolates,
    )
    again = Version(1, "N", "F", made, isolates)
    return Delivery(made + timedelta(minutes=1 + report.serial % 60), own, again)
