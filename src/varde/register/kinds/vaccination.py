"""What a vaccination means: one row, its vaccine mapped."""

from __future__ import annotations

from varde.messages.errors import mask_digits
from varde.messages.records import Vaccination
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
    said,
    sign,
)

TABLES = ("vaccination",)


def project(vaccination: Vaccination, context: Context) -> Projection:
    """The vaccination as it stands."""
    v = vaccination
    noted = Noted()
    row = (
        map_code("vaccine", v.vaccines, context, noted),
        said(v.vaccines[0]) if v.vaccines else "",
        v.given,
        age_on(v.patient, v.given),
        v.dose,
        store.fit(mask_digits(v.batch, 11), 40),
        said(v.programme),
        v.given_at,
    )
    projection = RowProjection(
        table=TABLES[0],
        **about(v.patient, context, v.generated),
        **noted.fields(),
        row=row,
        periods=(month_of(v.given),),
    )
    return sign(projection, vaccination, context)
