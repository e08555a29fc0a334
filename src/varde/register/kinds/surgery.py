"""What an operation under surveillance means: one row."""

from __future__ import annotations

from varde.messages.errors import mask_digits
from varde.messages.records import Surgery
from varde.register import store
from varde.register.projection import (
    Context,
    Projection,
    RowProjection,
    about,
    age_on,
    month_of,
    place_of,
    said,
    sign,
)

TABLES = ("surgery",)


def project(surgery: Surgery, context: Context) -> Projection:
    """The operation and its follow-up as they stand."""
    s = surgery
    row = (
        place_of(s.hospital),
        store.fit(mask_digits(s.department), 80),
        said(s.procedure, 20),
        store.fit(s.procedure_group, 40),
        s.operated,
        s.discharged,
        age_on(s.patient, s.operated),
        s.urgent,
        s.asa,
        s.wound_class,
        s.minutes,
        s.prophylaxis,
        s.implant,
        s.at_discharge,
        s.at_follow_up,
        s.infected,
        s.follow_up,
        s.reoperated,
        s.died,
    )
    return sign(
        RowProjection(
            table=TABLES[0],
            **about(s.patient, context, s.generated, s.died),
            row=row,
            periods=(month_of(s.operated),),
        ),
        surgery,
        context,
    )
