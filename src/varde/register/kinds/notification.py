"""What a clinician's notification means: one row. Its free texts stay in the sealed message."""

from __future__ import annotations

from varde.messages.records import Notification
from varde.register import store
from varde.register.projection import (
    Context,
    Projection,
    RowProjection,
    about,
    age_on,
    place_of,
    said,
    sign,
)

TABLES = ("notification",)


def project(notification: Notification, context: Context) -> Projection:
    """The notification as it stands."""
    n = notification
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
        said(n.infected_in),
        said(n.travel_reason),
        n.returned,
        n.close_contact,
        said(n.exposure),
    )
    return sign(
        RowProjection(table=TABLES[0], **about(n.patient, context), row=row), notification, context
    )
