"""What an operation under surveillance means: one row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from varde.messages.errors import mask_digits
from varde.messages.records import Surgery
from varde.register import store
from varde.register.projection import (
    Context,
    Projection,
    Tables,
    about,
    age_on,
    said,
    sign,
)

TABLES = ("surgery",)


@dataclass(frozen=True, kw_only=True)
class SurgeryProjection(Projection):
    """The row of one operation, as `Surgery` of the models has its columns after the id."""

    row: tuple[Any, ...] = ()

    def parts(self) -> tuple[Any, ...]:
        """The row."""
        return self.row

    def write(self, report: int, into: Tables) -> None:
        """The row with its id."""
        into["surgery"].append(
            (report, *(store.day(v) if isinstance(v, date) else v for v in self.row))
        )


def project(surgery: Surgery, context: Context) -> Projection:
    """The operation and its follow-up as they stand."""
    s = surgery
    row = (
        said(s.hospital, 80),
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
    return sign(SurgeryProjection(**about(s.patient, context), row=row), surgery, context)
