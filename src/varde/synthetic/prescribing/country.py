"""The whole of it: an invented Norway that prescribes, as tables and as batches of a month."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
import pyarrow as pa

from varde.prescribing import layouts
from varde.synthetic.draws import Floats

from .administrations import administration_table
from .calendar import Month, months_of, number_of
from .columns import generator
from .contacts import Contacts, consultation_table, meet, unit_of
from .examples import Examples, choose_examples
from .homes import Homes, bed_day_table, found_homes, home_truth, sale_table
from .people import People, settle
from .places import Places, choose_places
from .prescriptions import dispensing_table, prescribe, prescribe_besides
from .prevalence import survey_homes
from .propensities import Propensities, incline, truth_table
from .registers import (
    Numbers,
    institution_table,
    list_population_table,
    number_all,
    prescriber_table,
)
from .settings import level, settings
from .shifts import roster, shift_table
from .staff import Staff, employ

SizeName = Literal["full", "small"]
MONTHLY = ("consultations", "dispensings", "shifts", "sales", "bed-days", "administrations")
"""The tables that come month by month; the others are about who is what."""


class Truth(NamedTuple):
    """What is behind the tables.

    Attributes:
        prescribers: the true propensities of each prescriber in each month (see `propensities.truth_table`).
        institutions: the true rates of each home in each month (see `homes.home_truth`).
    """

    prescribers: pa.Table
    institutions: pa.Table


@dataclass(frozen=True, eq=False)
class PrescribingCountry:
    """An invented Norway that prescribes.

    Attributes:
        seed: another seed, another country.
        months: the invented months.
    """

    seed: int
    months: tuple[Month, ...]
    _places: Places
    _people: People
    _staff: Staff
    _propensities: Propensities
    _homes: Homes
    _numbers: Numbers
    _activity: Floats

    @cached_property
    def truth(self) -> Truth:
        """The true propensities behind the tables."""
        return Truth(
            truth_table(self._staff, self._propensities, self.months),
            home_truth(self._homes, self._numbers.homes, self.months),
        )

    @property
    def examples(self) -> Examples:
        """Whom a demonstration shows."""
        return choose_examples(self._staff, self._propensities, self._homes, self._numbers)

    def standing(self) -> dict[str, pa.Table]:
        """The tables of who is what: institutions, prescribers, list populations."""
        return {
            "institutions": institution_table(
                self._places, self._staff, self._homes, self._numbers, self.months
            ),
            "prescribers": prescriber_table(self._places, self._staff, self._numbers, self.months),
            "list-populations": list_population_table(self._people, self._staff, self.months),
        }

    def month(self, at: int, tables: Collection[str] = MONTHLY) -> dict[str, pa.Table]:
        """The other tables of one month; any month can be made alone, and is the same then.

        A row is in the month in which it was prescribed, or a course begun; its own day may be early in the next.

        Args:
            at: the month's position among `months`.
            tables: the keys of those to make; other keys are not made.
        """
        month, numbers, seed = self.months[at], self._numbers, self.seed
        homes, places = self._homes, numbers.homes
        last_day = number_of(self.months[-1].last)
        shifts = roster(self._staff, self._places, month, seed)
        makers: dict[str, Callable[[], pa.Table]] = {
            "shifts": lambda: shift_table(shifts, numbers.units),
            "sales": lambda: sale_table(homes, places, self.months, at, seed),
            "bed-days": lambda: bed_day_table(homes, places, month, seed),
            "administrations": lambda: administration_table(
                homes, places, self.months, at, last_day, seed
            ),
        }
        if {"consultations", "dispensings"} & set(tables):
            contacts = meet(
                self._people, self._staff, self._places, shifts, self._activity, month, seed
            )
            makers["consultations"] = lambda: consultation_table(
                contacts, self._people, numbers.practices, numbers.units, month, seed
            )
            makers["dispensings"] = lambda: self._dispensings(contacts, month, last_day)
        return {key: makers[key]() for key in MONTHLY if key in tables}

    def _dispensings(self, contacts: Contacts, month: Month, last_day: int) -> pa.Table:
        numbers, seed = self._numbers, self.seed
        units = unit_of(contacts, numbers.practices, numbers.units)
        parts = [
            prescribe(contacts, units, self._propensities, month, seed),
            *prescribe_besides(
                self._people, self._staff, self._propensities, numbers.practices, month, seed
            ),
        ]
        return dispensing_table(parts, self._people, month, last_day, seed)

    def batches(self, tables: Collection[str] = MONTHLY) -> Iterator[dict[str, pa.Table]]:
        """Every month after the other; memory holds one."""
        for month in self.months:
            yield self.month(month.at, tables)

    def prevalence(self) -> Mapping[str, pa.Table]:
        """The surveys of the homes that take part, as the warehouse has them: "wards" and "treatments"."""
        return survey_homes(self._homes, self._numbers.homes, self._places, self.months, self.seed)

    def tables(self) -> Mapping[str, pa.Table]:
        """All tables whole, by the key of their layout: for the small size."""
        parts: dict[str, list[pa.Table]] = {key: [] for key in MONTHLY}
        for batch in self.batches():
            for key, found in batch.items():
                parts[key].append(found)
        whole = self.standing() | {key: pa.concat_tables(found) for key, found in parts.items()}
        return {key: whole[key] for key in layouts()}


def invent_prescribing(
    size: SizeName = "small",
    seed: int = 1,
    *,
    first_year: int | None = None,
    years: int | None = None,
) -> PrescribingCountry:
    """An invented Norway that prescribes: everything is a pure function of the arguments.

    Args:
        size: "full" has the whole country's 6,000 lists, 3,000 doctors out of hours and 900 homes; "small" has 120, 40 and 40
            in three counties.
        seed: another seed, another country of the same levels.
        first_year, years: whole years; those of the settings (2023 to 2025) when not given. From 2020 on: earlier
            municipalities are not known.

    Raises:
        KeyError: there is no such size.
        ValueError: a year before 2020, or no year.
    """
    known = settings()
    first_year = known.first_year if first_year is None else first_year
    years = known.years if years is None else years
    if first_year < 2020 or years < 1:
        raise ValueError("from 2020 on, and at least one year")
    wanted, months = known.size[size], months_of(first_year, years)
    places = choose_places(wanted)
    people = settle(places, wanted, seed)
    staff = employ(places, people, wanted, len(months), seed)
    homes = found_homes(places, wanted, len(months), seed)
    return PrescribingCountry(
        seed=seed,
        months=months,
        _places=places,
        _people=people,
        _staff=staff,
        _propensities=incline(staff, places, len(months), seed),
        _homes=homes,
        _numbers=number_all(places, staff, homes),
        _activity=_busy(places, people, seed),
    )


def _busy(places: Places, people: People, seed: int) -> Floats:
    """How many contacts each list has, relative to others alike; the mean is about one."""
    draw = generator(seed, "activity")
    own, shared = level("activity_spread"), level("county_spread")
    county = draw.normal(0, shared, int(places.counties.max()) + 1)[places.counties[people.place]]
    size = np.diff(people.starts)
    busy = np.exp(draw.normal(0, own, len(size)) + county)
    return np.asarray(busy * size.sum() / (busy @ size))
