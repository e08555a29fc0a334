"""Where a prescription was written, or a contact held, when it does not say: in which role, and at which unit.

A prescription whose unit is blank is of the contact that day (same prescriber, patient and day): of its setting, and of
its unit. Where the contact does not say its unit, it is the only one that the prescriber has in that role that day. Where
there was no contact, it is the only unit that the prescriber has that day, and of its role. All else is unknown: several
units or roles that it could be, contacts of one day that say different things, a prescriber who is nothing that day. A
contact says its setting; where its unit is blank, it is at the only one that the prescriber has in that role that day. What
is unknown is of no role and no unit, is never guessed, and is counted (`count_unplaced`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from varde.prescribing.indicators.engine import fetch, lend
from varde.prescribing.indicators.errors import InvalidQuestion
from varde.prescribing.indicators.periods import Period
from varde.prescribing.indicators.shapes import Role
from varde.prescribing.indicators.units import Numbered, Who

if TYPE_CHECKING:
    import ibis

UNKNOWN: Final = ""
"""The role of a prescription of which nobody can say it."""

UNPLACED: Final = pa.schema(
    [
        pa.field("since", pa.date32(), nullable=False),
        pa.field("until", pa.date32(), nullable=False),
        pa.field("dispensings", pa.int64(), nullable=False),
        pa.field("without_role", pa.int64(), nullable=False),
        pa.field("without_unit", pa.int64(), nullable=False),
        pa.field("contacts", pa.int64(), nullable=False),
        pa.field("contacts_without_unit", pa.int64(), nullable=False),
    ]
)
"""By period: all dispensings, those of which nobody can say the role, and those of which nobody can say the unit; all
contacts out of hours, and those of which nobody can say the unit."""


def find_origins(
    tables: Mapping[str, ibis.Table], who: Who, rows: ibis.Table, needs_unit: bool
) -> ibis.Table:
    """Dispensings with the role that they were prescribed in where their own unit does not say (``_origin``: `UNKNOWN`
    where nobody can), and with blank units filled where somebody can; ``_told`` is the unit that the row itself says.

    Args:
        tables: with ``consultations``; where there are none, no contact says anything, and posts decide alone.
        needs_unit: whether the unit is asked for, and not the role alone.
    """
    day = rows.prescribed_on.fill_null(rows.dispensed_on)
    rows = _with_posts(who, rows, day)
    unit, role = rows.p_unit, rows.p_role
    if "consultations" in tables:
        told = _told(who, tables["consultations"], needs_unit)
        rows = _with_contacts(rows, told, "s_")
        is_told = rows.s_role.notnull()
        role = is_told.ifelse(rows.s_role, rows.p_role)
        unit = is_told.ifelse(rows.s_unit, rows.p_unit)
    # A unit that the prescription says is known to be out of hours or is not: its prescriber's post helps only there.
    origin = rows.unit.isnull().ifelse(role, rows.p_role).fill_null(UNKNOWN)
    rows = rows.mutate(_origin=origin, _told=rows.unit, unit=rows.unit.fill_null(unit))
    return rows.drop(*(name for name in rows.columns if name[:2] in ("p_", "s_")))


def find_contact_units(who: Who, rows: ibis.Table) -> ibis.Table:
    """Consultations with blank units filled where somebody can say: see above."""
    import ibis

    rows = _with_posts(who, rows, rows.held_on)
    own = ibis.cases(
        (rows.setting == "gp", rows.p_gp), (rows.setting == "out-of-hours", rows.p_out), else_=None
    )
    rows = rows.mutate(unit=rows.unit.fill_null(own))
    return rows.drop(*(name for name in rows.columns if name[:2] == "p_"))


def keep_out_of_hours(
    tables: Mapping[str, ibis.Table], who: Who, rows: ibis.Table, group: Numbered
) -> ibis.Table:
    """Dispensings that may have been prescribed out of hours: at such a unit, or by those who have such a post or contact.
    Most have none, and nothing need be joined to what they prescribed."""
    units = pc.unique(who.out_of_hours(group)["o_unit"]).to_pylist()
    posts = who.posts()
    on_duty = posts.filter(pc.equal(posts["p_role"], "out-of-hours"))["p_prescriber"]
    some = lend(rows, pa.table({"v_prescriber": pc.unique(on_duty)}))
    if "consultations" in tables:
        contacts = tables["consultations"]
        contacts = contacts.filter(contacts.setting == "out-of-hours")
        # Cast, as a union asks that both may be null or neither.
        some = some.union(contacts.select(v_prescriber=contacts.prescriber.cast("string")))
    some = some.distinct()
    rows = rows.left_join(some, rows.prescriber == some.v_prescriber)
    return rows.filter(rows.v_prescriber.notnull() | rows.unit.isin(units)).drop("v_prescriber")


def with_role(who: Who, rows: ibis.Table, group: Numbered) -> ibis.Table:
    """Dispensings with their origin (`find_origins`) and period (``_period``) with the role that they were prescribed in
    (``_role``): out of hours where the unit that they say is, else the one that they are from; `UNKNOWN` where nobody can
    say."""
    units = lend(rows, who.out_of_hours(group))
    rows = rows.left_join(units, [rows._told == units.o_unit, rows._period == units.o_period])
    elsewhere = (rows._origin == "out-of-hours").ifelse("out-of-hours", "gp")
    said = rows.o_resolved.notnull().ifelse("out-of-hours", elsewhere)
    rows = rows.mutate(_role=rows._told.isnull().ifelse(rows._origin, said))
    return rows.drop("o_unit", "o_period", "o_resolved", "_told", "_origin")


def _check_tables(tables: Mapping[str, ibis.Table], *needed: str) -> None:
    for key in needed:
        if key not in tables:
            raise InvalidQuestion(f"the table {key} is missing")


def _with_contacts(rows: ibis.Table, contacts: ibis.Table, prefix: str) -> ibis.Table:
    """Dispensings with the contact that each was prescribed at, where there is one: same prescriber, patient and day."""
    return rows.left_join(
        contacts,
        [
            rows.prescriber == contacts[f"{prefix}prescriber"],
            rows.patient == contacts[f"{prefix}patient"],
            rows.prescribed_on.fill_null(rows.dispensed_on) == contacts[f"{prefix}day"],
        ],
    )


def _with_posts(who: Who, rows: ibis.Table, day: ibis.Value) -> ibis.Table:
    posts = lend(rows, who.posts())
    rows = rows.left_join(
        posts,
        [rows.prescriber == posts.p_prescriber, day >= posts.p_from, day <= posts.p_until],
    )
    return rows.drop("p_prescriber", "p_from", "p_until")


def _with_places(who: Who, rows: ibis.Table, group: Numbered) -> ibis.Table:
    """Rows with the out-of-hours unit that theirs is on the last day of the one period (``w_place``); null for none."""
    places = who.out_of_hours(group).rename_columns(["w_unit", "w_period", "w_place"])
    lent = lend(rows, places)
    return rows.left_join(lent, rows.unit == lent.w_unit)


def _told(who: Who, contacts: ibis.Table, needs_unit: bool) -> ibis.Table:
    """What contacts say, one row each: only of those in which some consultation says another thing than the prescriber's
    posts that day. Most say the same, and need not be joined to anything."""
    rows = contacts.select("prescriber", "patient", "held_on", "unit", "setting")
    rows = _with_posts(who, rows, rows.held_on)
    differs = (rows.setting != rows.p_role).fill_null(True)
    if needs_unit:
        differs = differs | (rows.unit.notnull() & (rows.unit != rows.p_unit).fill_null(True))
    some = rows.filter(differs)
    keys = some.select(
        d_prescriber=some.prescriber, d_patient=some.patient, d_day=some.held_on
    ).distinct()
    every = rows.join(
        keys,
        [
            rows.prescriber == keys.d_prescriber,
            rows.patient == keys.d_patient,
            rows.held_on == keys.d_day,
        ],
    )
    each = every.group_by(["prescriber", "patient", "held_on"]).aggregate(
        first_role=every.setting.min(),
        last_role=every.setting.max(),
        first_unit=every.unit.min(),
        last_unit=every.unit.max(),
        any_unit=every.p_unit.max(),
        gp_unit=every.p_gp.max(),
        out_unit=every.p_out.max(),
    )
    role = (each.first_role == each.last_role).ifelse(each.first_role, UNKNOWN)
    own = (role == "gp").ifelse(
        each.gp_unit, (role == "out-of-hours").ifelse(each.out_unit, each.any_unit)
    )
    same = (each.first_unit == each.last_unit).ifelse(each.first_unit, None)
    return each.select(
        s_prescriber=each.prescriber,
        s_patient=each.patient,
        s_day=each.held_on,
        s_role=role,
        s_unit=each.first_unit.isnull().ifelse(own, same),
    )


def count_left_out(
    tables: Mapping[str, ibis.Table], period: Period, role: Role | None = None
) -> pa.Table:
    """How many antibiotics (J01) each prescriber had dispensed in a period, and how many of them some figures do not have.

    Args:
        role: only those of this role, and those of which nobody can say it; None: all.

    Returns:
        A row for each ``prescriber`` and out-of-hours ``unit`` (as it is on the period's last day; null for what is of
        none): ``dispensings``; ``without_role`` and ``without_unit`` as of `count_unplaced`; and ``without_diagnosis``:
        those without a contact with a diagnosis (same prescriber, patient and day).

    Raises:
        InvalidQuestion: a table is missing.
    """
    import ibis

    _check_tables(tables, "dispensings", "prescribers")
    rows = tables["dispensings"]
    rows = rows.filter(
        (rows.dispensed_on >= period.since)
        & (rows.dispensed_on <= period.until)
        & rows.atc.startswith("J01")
    )
    who, group = Who(tables), [(0, period)]
    rows = find_origins(tables, who, rows, needs_unit=True)
    rows = with_role(who, rows.mutate(_period=ibis.literal(0, "int32")), group)
    if role:
        rows = rows.filter(rows._role.isin([role, UNKNOWN]))
    rows = _with_places(who, rows, group)
    has_diagnosis: ibis.Value = ibis.literal(False)
    if "consultations" in tables:
        told = tables["consultations"]
        told = told.filter(told.diagnoses.notnull() & (told.diagnoses != ""))
        days = told.select(
            v_prescriber=told.prescriber, v_patient=told.patient, v_day=told.held_on
        ).distinct()
        rows = _with_contacts(rows, days, "v_")
        has_diagnosis = rows.v_day.notnull()
    counted = rows.group_by(["prescriber", rows.w_place.name("unit")]).aggregate(
        dispensings=rows.count(),
        without_role=rows.count(where=rows._role == UNKNOWN),
        without_unit=rows.count(where=rows.unit.isnull()),
        without_diagnosis=rows.count(where=~has_diagnosis),
    )
    return fetch(counted.order_by(["prescriber", "unit"]))


def count_contacts_by_unit(tables: Mapping[str, ibis.Table], period: Period) -> pa.Table:
    """How many contacts each prescriber had out of hours in a period, and at which unit.

    Returns:
        A row for each ``prescriber`` and out-of-hours ``unit`` (as it is on the period's last day; null for what is of
        none): ``contacts``.

    Raises:
        InvalidQuestion: a table is missing.
    """
    _check_tables(tables, "consultations", "prescribers")
    who = Who(tables)
    rows = tables["consultations"]
    rows = rows.filter(
        rows.held_on.between(period.since, period.until) & (rows.setting == "out-of-hours")
    )
    rows = _with_places(who, find_contact_units(who, rows), [(0, period)])
    counted = rows.group_by(["prescriber", rows.w_place.name("unit")])
    return fetch(counted.aggregate(contacts=rows.count()).order_by(["prescriber", "unit"]))


def count_unplaced(tables: Mapping[str, ibis.Table], periods: Sequence[Period]) -> pa.Table:
    """How many dispensings have no role or no unit that anybody can say: they are in no figures of a role, of an
    out-of-hours unit or of a peer group, and in those of a place only where all posts of their prescriber are there. And how
    many contacts out of hours are of no unit that anybody can say, and in the figures of none.

    Returns:
        The columns of `UNPLACED`, a row for each period.

    Raises:
        InvalidQuestion: a table is missing.
    """
    _check_tables(tables, "dispensings", "prescribers")
    who = Who(tables)
    rows = find_origins(tables, who, tables["dispensings"], needs_unit=True)
    told = None
    if "consultations" in tables:
        told = find_contact_units(who, tables["consultations"])
        told = told.filter(told.setting == "out-of-hours")
    found = []
    for period in periods:
        mine = rows.filter(rows.dispensed_on.between(period.since, period.until))
        nobody = mine._told.isnull() & (mine._origin == UNKNOWN)
        counted = fetch(
            mine.aggregate(
                dispensings=mine.count(),
                without_role=mine.count(where=nobody),
                without_unit=mine.count(where=mine.unit.isnull()),
            )
        ).to_pylist()[0]
        contacts = {"contacts": 0, "contacts_without_unit": 0}
        if told is not None:
            held = told.filter(told.held_on.between(period.since, period.until))
            nowhere = held.count(where=held.unit.isnull())
            asked = held.aggregate(contacts=held.count(), contacts_without_unit=nowhere)
            contacts = fetch(asked).to_pylist()[0]
        found.append({"since": period.since, "until": period.until, **counted, **contacts})
    return pa.Table.from_pylist(found, UNPLACED)
