"""Rows with their period, unit, role and stratum: what every count is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from varde.prescribing.indicators.definition import read_ages
from varde.prescribing.indicators.engine import fetch, lend
from varde.prescribing.indicators.errors import InvalidQuestion
from varde.prescribing.indicators.guideline import Guideline
from varde.prescribing.indicators.matching import Seen
from varde.prescribing.indicators.origins import (
    find_contact_units,
    find_origins,
    keep_out_of_hours,
    with_role,
)
from varde.prescribing.indicators.periods import Period, join_months
from varde.prescribing.indicators.shapes import BANDS, COUNTRY, MONTHLY, SHAPES, Role, UnitKind
from varde.prescribing.indicators.units import AREAS, Numbered, Who

if TYPE_CHECKING:
    import ibis

PLACES: Final = ("peer-group", "municipality", "county")
VALID_DAYS: Final = 366
"""For how long a prescription can be dispensed: one year."""
ASTRIDE: Final = "?"
"""The stratum of a list population whose band of ages is in two strata."""


@dataclass(frozen=True)
class Question:
    """What is asked of which tables.

    Attributes:
        by: the kind of unit. role: only rows of this role; None for all.
        who: who is what. seen: the distinct values of code columns.
        left_out: the first days of months of which monthly tables' rows count for nothing (`delivery`).
        by_premises: rows are of the institution as it is in their month, whatever `by` says (`months`).
    """

    tables: Mapping[str, ibis.Table]
    by: UnitKind
    role: Role | None
    guideline: Guideline
    who: Who
    seen: Seen
    left_out: frozenset[date] = frozenset()
    by_premises: bool = False

    def table(self, key: str) -> ibis.Table:
        """One of the tables.

        Raises:
            InvalidQuestion: it is missing.
        """
        if key not in self.tables:
            raise InvalidQuestion(f"the table {key} is missing")
        return self.tables[key]


def place_rows(
    question: Question,
    key: str,
    group: Numbered,
    strata: bool,
    setting: str,
    at_post: bool = False,
) -> ibis.Table:
    """A table's rows of some periods that do not overlap, each with its unit.

    Args:
        setting, at_post: see `find_units`.

    Returns:
        The table's columns, and ``_period`` (its number), ``_unit``, ``_band`` and ``_sex`` (blank unless strata are
        asked for), and ``_role`` where it is needed. Rows of no period or no unit are left out.
    """
    if key == "list-populations":
        rows = _spread(question, group)
    elif key in ("wards", "treatments"):
        rows = _dated(_surveyed(question, key), "surveyed", group)
    else:
        rows = _dated(question.table(key), SHAPES[key].day, group)
    if key in MONTHLY and question.left_out:
        rows = rows.filter(~_is_left_out(question, rows[SHAPES[key].day]))
    return stratify(find_units(question, key, rows, group, setting, at_post), key, strata)


def find_units(
    question: Question,
    key: str,
    rows: ibis.Table,
    group: Numbered,
    setting: str,
    at_post: bool = False,
) -> ibis.Table:
    """Rows that have their period with their unit too: see `place_rows`.

    Args:
        setting: in which role a row must be to count; "any" where that is asked of each; empty where of none.
        at_post: what is done out of hours is of the municipality or county of the unit that it was done at, and not of
            that of its prescriber; where nobody knows the unit's, it is of the prescriber's.
    """
    if "prescriber" in SHAPES[key].kinds:
        at_post = at_post and question.by in AREAS
        return _place_prescribers(question, key, rows, group, setting, at_post)
    return _place_institutions(question, key, rows, group)


def columns_to_place(question: Question, key: str, strata: bool) -> Sequence[str]:
    """The columns of a prescriber's rows that `find_units` and `stratify` look at."""
    found = ["prescriber", "_period", *(["age", "sex"] if strata else [])]
    if question.by == "prescriber" and not question.role:
        return found
    day = (
        ("prescribed_on", "dispensed_on") if key == "dispensings" else (SHAPES[key].day, "setting")
    )
    return [*found, "patient", "unit", *day]


def date_dispensings_around(question: Question, group: Numbered) -> ibis.Table:
    """Dispensings with the number of their period, and those of a prescription's year before and after with -1: a
    course may begin in one period and go on in another, and a prescription is valid for one year."""
    import ibis

    rows = question.table("dispensings")
    day = rows.dispensed_on
    year = timedelta(VALID_DAYS)
    first, last = group[0][1].since - year, group[-1][1].until + year
    rows = rows.filter((day >= _day(first)) & (day <= _day(last)))
    within = [
        ((day >= _day(period.since)) & (day <= _day(period.until)), number)
        for number, period in group
    ]
    rows = rows.mutate(_period=ibis.cases(*within, else_=-1).cast("int32"))
    if not question.left_out:
        return rows
    # What was fetched in a month that is left out still tells how long a course was, and when it began.
    left_out = _is_left_out(question, rows.dispensed_on)
    return rows.mutate(_period=left_out.ifelse(ibis.literal(-1, "int32"), rows._period))


def _is_left_out(question: Question, day: ibis.Value) -> ibis.Value:
    """Whether a day is in a month that is left out."""
    import ibis

    spans = join_months(question.left_out)
    return ibis.or_(*((day >= _day(one.since)) & (day <= _day(one.until)) for one in spans))


def contact_day(rows: ibis.Table, key: str) -> ibis.Value:
    """The day of the contact that a row is of: a prescription is of the day it was written."""
    if key == "consultations":
        return rows.held_on
    return rows.prescribed_on.fill_null(rows.dispensed_on)


def _dated(rows: ibis.Table, day: str, group: Numbered) -> ibis.Table:
    import ibis

    first, last = group[0][1].since, group[-1][1].until
    rows = rows.filter((rows[day] >= _day(first)) & (rows[day] <= _day(last)))
    if len(group) == 1:
        return rows.mutate(_period=ibis.literal(group[0][0], "int32"))
    # Periods are in order and do not overlap: the first whose end is not passed is the row's, if it has begun.
    ends = [(rows[day] <= _day(period.until), number) for number, period in group]
    rows = rows.mutate(_period=ibis.cases(*ends, else_=-1).cast("int32"))
    if all(
        later.since.toordinal() == earlier.until.toordinal() + 1
        for (_, earlier), (_, later) in pairwise(group)
    ):
        return rows
    begun = [
        ((rows._period == number) & (rows[day] >= _day(period.since))) for number, period in group
    ]
    return rows.filter(ibis.or_(*begun))


def _day(day: date) -> Any:
    import ibis

    return ibis.date(day.isoformat())


def _spread(question: Question, group: Numbered) -> ibis.Table:
    """List populations with the days that each has in each period: ``_days``."""
    rows = question.table("list-populations")
    rows = rows.mutate(_from=_number(rows.since), _to=_number(rows.until))
    spans = fetch(rows.select("since", "until").distinct()).to_pylist()
    found: list[tuple[int, int, int, int]] = []
    for span in spans:
        for number, period in group:
            days = _overlap(span["since"], span["until"], period)
            if days > 0:
                found.append((_ymd(span["since"]), _ymd(span["until"]), number, days))
    small = lend(
        rows,
        pa.table(
            {
                name: pa.array([row[place] for row in found], pa.int32())
                for place, name in enumerate(("d_from", "d_to", "_period", "_days"))
            }
        ),
    )
    return rows.join(small, [rows._from == small.d_from, rows._to == small.d_to]).drop(
        "d_from", "d_to"
    )


def _number(day: ibis.Value) -> ibis.Value:
    return (day.year() * 10_000 + day.month() * 100 + day.day()).cast("int32")


def _ymd(day: date) -> int:
    return day.year * 10_000 + day.month * 100 + day.day


def _overlap(since: date, until: date, period: Period) -> int:
    return (min(until, period.until) - max(since, period.since)).days + 1


def _surveyed(question: Question, key: str) -> ibis.Table:
    """Surveyed wards, or the prescriptions on them, and whether the institution told that day how many were given
    antibiotics, and what: ``_told``. Who says that some were, and no prescription, has not told."""
    wards = question.table("wards")
    wards = wards.mutate(institution=wards.institution.fill_null(""))
    rows = wards
    if "treatments" in question.tables:
        treatments = question.table("treatments")
        each = treatments.group_by("ward_id").aggregate(prescriptions=treatments.count())
        each = each.rename(t_ward="ward_id")
        counted = wards.left_join(each, wards.ward_id == each.t_ward)
        homes = counted.group_by(["institution", "surveyed"]).aggregate(
            answers=counted.on_antibiotics.count(),
            given=counted.on_antibiotics.sum().fill_null(0),
            prescriptions=counted.prescriptions.sum().fill_null(0),
        )
        homes = homes.select(
            h_institution=homes.institution,
            h_surveyed=homes.surveyed,
            _told=(homes.answers > 0) & ((homes.given == 0) | (homes.prescriptions > 0)),
        )
        rows = wards.join(
            homes,
            [wards.institution == homes.h_institution, wards.surveyed == homes.h_surveyed],
        ).drop("h_institution", "h_surveyed")
    if key == "wards":
        return rows
    rows = rows.select("ward_id", "institution", "institution_kind", "surveyed", "_told")
    rows = rows.rename(w_ward="ward_id")
    return treatments.join(rows, treatments.ward_id == rows.w_ward).drop("w_ward")


def _place_prescribers(
    question: Question,
    key: str,
    rows: ibis.Table,
    group: Numbered,
    setting: str,
    at_post: bool,
) -> ibis.Table:
    import ibis

    by, who = question.by, question.who
    has_role = by in PLACES or bool(question.role) or bool(setting)
    if key == "dispensings" and "out-of-hours" in (question.role, setting):
        rows = keep_out_of_hours(question.tables, who, rows, group)
    if key == "dispensings" and (has_role or by == "out-of-hours-unit"):
        rows = find_origins(question.tables, who, rows, at_post or by == "out-of-hours-unit")
    if key == "consultations" and (at_post or by == "out-of-hours-unit"):
        rows = find_contact_units(who, rows)
    if has_role:
        rows = _with_role(question, key, rows, group)
    if question.role:
        rows = rows.filter(rows._role == question.role)
    if by == "prescriber":
        return rows.mutate(_unit=rows.prescriber)
    if by == "country":
        return rows.mutate(_unit=ibis.literal(COUNTRY))
    if by == "out-of-hours-unit":
        units = lend(rows, who.out_of_hours(group).rename_columns(["u_unit", "u_period", "_unit"]))
        joined = rows.join(units, [rows.unit == units.u_unit, rows._period == units.u_period])
        return joined.drop("u_unit", "u_period")
    members = lend(rows, who.members(by, group))
    meets = [
        rows.prescriber == members.m_prescriber,
        rows._period == members.m_period,
        rows._role == members.m_role,
    ]
    if not at_post:
        joined = rows.join(members, meets)
        return joined.drop("m_prescriber", "m_period", "m_role").rename(_unit="m_unit")
    duty = lend(rows, who.on_duty(by, group))
    joined = rows.left_join(members, meets)
    is_there = [joined.unit == duty.t_duty, joined._period == duty.t_period]
    joined = joined.left_join(duty, [*is_there, joined._role == "out-of-hours"])
    joined = joined.mutate(_unit=joined.t_unit.fill_null(joined.m_unit))
    return joined.filter(joined._unit.notnull()).drop(
        *(name for name in joined.columns if name[:2] in ("m_", "t_"))
    )


def _with_role(question: Question, key: str, rows: ibis.Table, group: Numbered) -> ibis.Table:
    """In which role a row was: what a contact says; of a prescription see `with_role`."""
    import ibis

    if key == "consultations":
        return rows.mutate(_role=rows.setting)
    if key != "dispensings":
        role = "out-of-hours" if key == "shifts" else "gp"
        return rows.mutate(_role=ibis.literal(role))
    return with_role(question.who, rows, group)


def _place_institutions(
    question: Question, key: str, rows: ibis.Table, group: Numbered
) -> ibis.Table:
    import ibis

    if question.by == "country" and not question.by_premises:
        return rows.mutate(_unit=ibis.literal(COUNTRY))
    source = "wards" if key == "treatments" else key
    numbers = [value[0] for value in question.seen.values(source, ("institution",))]
    if question.by_premises:
        places = lend(rows, question.who.premises(numbers, group))
    else:
        places = lend(rows, question.who.institutions(question.by, numbers, group))
    meets = [rows.institution == places.i_institution, rows._period == places.i_period]
    if question.by_premises:
        joined = rows.left_join(places, meets)
        joined = joined.mutate(i_unit=joined.i_unit.fill_null(""))  # of no institution
    else:
        joined = rows.join(places, meets)
    return joined.drop("i_institution", "i_period").rename(_unit="i_unit")


def stratify(rows: ibis.Table, key: str, strata: bool) -> ibis.Table:
    import ibis

    if not strata:
        return rows.mutate(_band=ibis.literal(""), _sex=ibis.literal(""))
    if key == "list-populations":
        inside = [(holds_band(rows, low, high), name_band(low, high)) for low, high in BANDS]
        band = ibis.cases(*inside, else_=ASTRIDE)
    else:
        within = [
            (rows.age <= high if high is not None else rows.age >= low, name_band(low, high))
            for low, high in BANDS
        ]
        band = ibis.cases(*within, else_="")
    return rows.mutate(_band=band, _sex=rows.sex.fill_null(""))


def name_band(low: int, high: int | None) -> str:
    """A band of ages as it is written: 0-9, 80+."""
    return f"{low}+" if high is None else f"{low}-{high}"


def holds_band(rows: ibis.Table, low: int, high: int | None) -> ibis.Value:
    """Whether a list population's whole band is within another."""
    inside = rows.age_low >= low
    if high is None:
        return inside
    return inside & rows.age_high.notnull() & (rows.age_high <= high).fill_null(False)


def touches_band(rows: ibis.Table, low: int, high: int | None) -> ibis.Value:
    """Whether some of a list population's band is within another."""
    begins = rows.age_low <= high if high is not None else rows.age_low >= 0
    return begins & (rows.age_high.isnull() | (rows.age_high >= low)).fill_null(True)


def in_ages(rows: ibis.Table, key: str, ages: tuple[str, ...]) -> tuple[ibis.Value, ibis.Value]:
    """Whether rows are of these bands of ages, and whether a list population is partly so (then nobody can say)."""
    import ibis

    bands = [read_ages(text) for text in ages]
    if key != "list-populations":
        found = [
            rows.age >= low if high is None else rows.age.between(low, high) for low, high in bands
        ]
        return ibis.or_(*found).fill_null(False), ibis.literal(False)
    inside = ibis.or_(*(holds_band(rows, *band) for band in bands))
    return inside, ibis.or_(*(touches_band(rows, *band) for band in bands)) & ~inside
