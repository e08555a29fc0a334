"""What a clinician's notification means: one row. Its free texts stay in the sealed message."""

from __future__ import annotations

import re

import msgspec

from varde.messages.errors import mask_digits
from varde.messages.records import Code, Notification
from varde.messages.times import norwegian_day
from varde.register import store
from varde.register.projection import (
    Context,
    Noted,
    Projection,
    RowProjection,
    about,
    age_on,
    map_code,
    month_of,
    place_of,
    said,
    sign,
)

TABLES = ("notification",)
UNKNOWN_PLACE = "9999"
_CITY_DISTRICT = re.compile(r"\d{6}", re.ASCII)


def project(notification: Notification, context: Context) -> Projection:
    """The notification as it stands."""
    n = notification
    noted = Noted()
    first = n.onset or n.sampled
    row = (
        said(n.diagnosis),
        said(n.agent),
        n.onset,
        n.sampled,
        age_on(n.patient, first) if first else n.patient.age,
        said(n.born_in),
        said(n.occupation),
        said(n.workplace),
        said(n.indication),
        said(n.clinical_picture),
        store.fit(",".join(sorted({said(code, 20) for code in n.underlying})), 200),
        n.in_hospital,
        place_of(n.hospital),
        n.in_nursing_home,
        said(n.outcome),
        n.died,
        said(n.sequelae),
        said(n.transmission),
        said(_without_district(n.infected_in)),
        said(n.travel_reason),
        n.returned,
        n.close_contact,
        said(n.exposure),
        _words_of(n.diagnosis),
        _words_of(n.infected_in),
        confirmed_disease(n.diagnosis, context, noted),
        _municipality(n.stay),
    )
    day = n.sampled or n.onset or norwegian_day(n.generated)
    projection = RowProjection(
        table=TABLES[0],
        **about(n.patient, context, n.generated, n.died),
        **noted.fields(),
        row=row,
        periods=(month_of(day),),
    )
    return sign(projection, notification, context)


def confirmed_disease(diagnosis: Code, context: Context, noted: Noted) -> str:
    """The disease that a person has confirmed a diagnosis to be, or a map of the site says; empty for one that the
    disease files know themselves, and for one that nobody knows, or whose code and words contradict each other, which
    is noted."""
    definitions = context.definitions()
    if definitions.diagnosed(diagnosis.code, _words_of(diagnosis) or diagnosis.text):
        return ""
    disease = map_code("disease", (diagnosis,), context, noted) or ""
    return disease if disease in definitions.diseases else ""


def _municipality(place: Code | None) -> str:
    """The municipality that a place is, or lies in; empty when the form does not know."""
    number = place.code[:4] if place else ""
    return number if number.isascii() and number.isdigit() and number != UNKNOWN_PLACE else ""


def _without_district(place: Code | None) -> Code | None:
    """The municipality of a city district, whose own six digits would be masked."""
    if place is not None and _CITY_DISTRICT.fullmatch(place.code):
        return msgspec.structs.replace(place, code=place.code[:4])
    return place


def _words_of(code: Code | None) -> str:
    """The words beside a code, digits masked: what is meant where the code is not known here."""
    return store.fit(mask_digits(code.text), 80) if code and code.code else ""
