"""What a ward's prevalence survey means: the ward, its counts of infections, its prescriptions."""

from __future__ import annotations

from typing import Any

from varde.messages.errors import mask_digits
from varde.messages.records import WardPrevalence
from varde.register import ids, store
from varde.register.projection import (
    Context,
    Noted,
    Projection,
    Tables,
    map_code,
    month_of,
    place_of,
    said,
    sign,
)

TABLES = ("wardprevalence", "infectioncount", "treatment")


class PrevalenceProjection(Projection, frozen=True, kw_only=True):
    """The rows of one ward on one day."""

    ward: tuple[Any, ...] = ()
    counts: tuple[tuple[str, str, int], ...] = ()
    treatments: tuple[tuple[Any, ...], ...] = ()

    def parts(self) -> tuple[Any, ...]:
        """Ward, counts and treatments."""
        return (self.ward, self.counts, self.treatments)

    def write(self, report: int, into: Tables) -> None:
        """Rows of the ward, its counts and its treatments."""
        into["wardprevalence"].append((report, *self.ward))
        first = ids.part_id(report, 1)
        into["infectioncount"].extend((first + n, *row) for n, row in enumerate(self.counts))
        into["treatment"].extend((first + n, *row) for n, row in enumerate(self.treatments))


def project(survey: WardPrevalence, context: Context) -> Projection:
    """The ward's survey as it stands. Whoever it counted is nobody to the register."""
    noted = Noted()
    if max(len(survey.infections), len(survey.treatments)) >= ids.PARTS:
        raise OverflowError(f"a survey holds at most {ids.PARTS - 1} counts and prescriptions")
    projection = PrevalenceProjection(
        municipality=survey.municipality,
        ward=(
            place_of(survey.institution),
            survey.institution_kind,
            store.fit(mask_digits(survey.ward), 80),
            store.fit(mask_digits(survey.ward_type), 80),
            store.fit(survey.specialty, 40),
            survey.surveyed,
            survey.present,
            survey.with_infection,
            survey.on_antibiotics,
        ),
        counts=tuple(
            (store.fit(each.infection, 60), store.fit(each.origin, 40), each.count)
            for each in survey.infections
        ),
        treatments=tuple(
            (
                map_code("antibiotic", each.drugs, context, noted),
                said(each.drugs[0]) if each.drugs else "",
                store.fit(mask_digits(each.indication), 80),
                store.fit(mask_digits(each.classification), 60),
                store.fit(each.route, 40),
                each.age,
                each.sex,
            )
            for each in survey.treatments
        ),
        periods=(month_of(survey.surveyed),),
        **noted.fields(),
    )
    return sign(projection, survey, context)
