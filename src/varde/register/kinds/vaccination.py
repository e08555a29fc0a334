"""What a vaccination means: one row, its vaccine mapped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from varde.messages.errors import mask_digits
from varde.messages.records import Vaccination
from varde.register import store
from varde.register.projection import (
    Context,
    Noted,
    Projection,
    Tables,
    about,
    age_on,
    map_code,
    said,
    sign,
)

TABLES = ("vaccination",)


@dataclass(frozen=True, kw_only=True)
class VaccinationProjection(Projection):
    """The row of one vaccination, as `Vaccination` of the models has its columns after the id."""

    row: tuple[Any, ...] = ()

    def parts(self) -> tuple[Any, ...]:
        """The row."""
        return self.row

    def write(self, report: int, into: Tables) -> None:
        """The row with its id."""
        vaccine, sent, given, *rest = self.row
        into["vaccination"].append((report, vaccine, sent, store.day(given), *rest))


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
    projection = VaccinationProjection(**about(v.patient, context), **noted.fields(), row=row)
    return sign(projection, vaccination, context)
