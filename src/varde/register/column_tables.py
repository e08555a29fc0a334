"""What the other tables of the warehouse hold of one month: findings, cases, doses, surveys, operations.

Each table is a statement and what becomes of its columns. The columns are those of the schemas of `varde.warehouse`
of the same names; the refresh refuses any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

import pyarrow as pa

from varde.messages.times import norwegian_day
from varde.register import ids, store
from varde.register.store import connection

BATCH_ROWS = 50_000
Rows = Sequence[tuple[Any, ...]]
Place = Callable[[str], tuple[str, str]]
"""Municipality and county of today for a number as sent."""

TEXT, NUMBER, SMALL, COUNT, YES_NO = pa.string(), pa.int64(), pa.int16(), pa.int32(), pa.bool_()
DAY = pa.date32()


class Column(NamedTuple):
    """One column of a statement: its name, and its type in the warehouse."""

    name: str
    type: pa.DataType


@dataclass(frozen=True)
class Layout:
    """One table.

    Attributes:
        statement: with one `%s` for every bound of the month (`bounds`).
        columns: what it selects, in order; ``place`` is a municipality as sent, which becomes county and
            municipality, and after ``day`` stands the year of it.
        day: the column that the year is of; empty for none.
        bounds: "month" ("2026-01"), or "days": its first day and the first of the next.
    """

    statement: str
    columns: tuple[Column, ...]
    day: str = ""
    bounds: str = "days"

    def given(self, month: str) -> list[Any]:
        """The values of the statement's marks."""
        if self.bounds == "month":
            return [month]
        return [store.day(day) for day in days_of(month)]


def days_of(month: str) -> tuple[date, date]:
    """The first day of a month, and of the next."""
    first = date.fromisoformat(f"{month}-01")
    return first, (first + timedelta(days=31)).replace(day=1)


def columns(**types: pa.DataType) -> tuple[Column, ...]:
    """Columns in the order in which they are named."""
    return tuple(Column(name, kind) for name, kind in types.items())


_OF_FINDING = f"u.id >= f.id * {ids.RESULTS} AND u.id < (f.id + 1) * {ids.RESULTS}"

LAYOUTS: Mapping[str, Layout] = {
    "findings": Layout(
        # The plus keeps SQLite from making an index of all findings for each month.
        f"""
        SELECT f.id, r.person, f.organism, f.method, s.material, r.sender, CAST(s.collected_on AS TEXT),
               r.municipality, s.age, r.sex, r.notifiable, r.status, j.id IS NULL,
               (SELECT COUNT(*) FROM register_susceptibility u WHERE {_OF_FINDING}),
               (SELECT COUNT(*) FROM register_susceptibility u WHERE {_OF_FINDING}
                AND u.antibiotic IS NULL),
               (SELECT COUNT(*) FROM register_susceptibility u WHERE {_OF_FINDING} AND u.mic = '')
        FROM register_specimen s
        JOIN register_report r ON r.id = s.report
        JOIN register_finding f
          ON f.id >= s.report * {ids.PARTS} AND f.id < (s.report + 1) * {ids.PARTS}
         AND +f.specimen = s.id
        LEFT JOIN register_joined j ON j.id = f.id
        WHERE s.period = %s ORDER BY s.id, f.id
        """,
        columns(
            finding_id=NUMBER,
            person_id=NUMBER,
            organism=TEXT,
            method=TEXT,
            material=TEXT,
            laboratory=TEXT,
            collected=DAY,
            place=TEXT,
            age=SMALL,
            sex=TEXT,
            notifiable=TEXT,
            status=TEXT,
            counted=YES_NO,
            results=COUNT,
            unknown_antibiotics=COUNT,
            without_mic=COUNT,
        ),
        day="collected",
        bounds="month",
    ),
    "cases": Layout(
        """
        SELECT id, person, disease, classification, presentation, CAST(first_day AS TEXT), imported,
               form_missing, CAST(definition AS TEXT), sex, age, residence, infected_in
        FROM register_case WHERE period = %s AND classification <> 'discarded' ORDER BY id
        """,
        columns(
            case_id=NUMBER,
            person_id=NUMBER,
            disease=TEXT,
            classification=TEXT,
            presentation=TEXT,
            first_day=DAY,
            imported=TEXT,
            form_missing=YES_NO,
            definition=DAY,
            sex=TEXT,
            age=SMALL,
            place=TEXT,
            infected_in=TEXT,
        ),
        day="first_day",
        bounds="month",
    ),
    "vaccinations": Layout(
        """
        SELECT v.id, r.person, v.vaccine, CAST(v.given AS TEXT), v.dose, r.municipality, v.age, r.sex,
               v.programme
        FROM register_vaccination v JOIN register_report r ON r.id = v.id
        WHERE v.given >= %s AND v.given < %s ORDER BY v.id
        """,
        columns(
            vaccination_id=NUMBER,
            person_id=NUMBER,
            vaccine=TEXT,
            given=DAY,
            dose=SMALL,
            place=TEXT,
            age=SMALL,
            sex=TEXT,
            programme=TEXT,
        ),
        day="given",
    ),
    "wards": Layout(
        """
        SELECT w.id, w.institution, w.institution_kind, w.ward_type, w.specialty,
               CAST(w.surveyed AS TEXT), r.municipality, w.present, w.with_infection, w.on_antibiotics
        FROM register_wardprevalence w JOIN register_report r ON r.id = w.id
        WHERE w.surveyed >= %s AND w.surveyed < %s ORDER BY w.id
        """,
        columns(
            ward_id=NUMBER,
            institution=TEXT,
            institution_kind=TEXT,
            ward_type=TEXT,
            specialty=TEXT,
            surveyed=DAY,
            place=TEXT,
            present=COUNT,
            with_infection=COUNT,
            on_antibiotics=COUNT,
        ),
        day="surveyed",
    ),
    "infections": Layout(
        f"""
        SELECT w.id, i.infection, i.origin, i.count
        FROM register_wardprevalence w
        JOIN register_infectioncount i
          ON i.id >= w.id * {ids.PARTS} AND i.id < (w.id + 1) * {ids.PARTS}
        WHERE w.surveyed >= %s AND w.surveyed < %s ORDER BY i.id
        """,
        columns(ward_id=NUMBER, infection=TEXT, origin=TEXT, count=COUNT),
    ),
    "treatments": Layout(
        f"""
        SELECT w.id, t.antibiotic, t.indication, t.classification, t.route, t.age, t.sex
        FROM register_wardprevalence w
        JOIN register_treatment t
          ON t.id >= w.id * {ids.PARTS} AND t.id < (w.id + 1) * {ids.PARTS}
        WHERE w.surveyed >= %s AND w.surveyed < %s ORDER BY t.id
        """,
        columns(
            ward_id=NUMBER,
            antibiotic=TEXT,
            indication=TEXT,
            classification=TEXT,
            route=TEXT,
            age=SMALL,
            sex=TEXT,
        ),
    ),
    "operations": Layout(
        """
        SELECT o.id, r.person, o.hospital, o.procedure, o.procedure_group, CAST(o.operated AS TEXT),
               r.municipality, o.age, r.sex, o.urgent, o.asa, o.wound_class, o.minutes, o.prophylaxis,
               o.implant, o.at_discharge, o.at_follow_up, CAST(o.infected AS TEXT),
               CAST(o.follow_up AS TEXT)
        FROM register_surgery o JOIN register_report r ON r.id = o.id
        WHERE o.operated >= %s AND o.operated < %s ORDER BY o.id
        """,
        columns(
            operation_id=NUMBER,
            person_id=NUMBER,
            hospital=TEXT,
            procedure=TEXT,
            procedure_group=TEXT,
            operated=DAY,
            place=TEXT,
            age=SMALL,
            sex=TEXT,
            urgent=YES_NO,
            asa=SMALL,
            wound_class=SMALL,
            minutes=COUNT,
            prophylaxis=YES_NO,
            implant=YES_NO,
            at_discharge=TEXT,
            at_follow_up=TEXT,
            infected=DAY,
            follow_up=DAY,
        ),
        day="operated",
    ),
}
"""The tables that are a statement each."""

MONTHS = {
    "case": "SELECT DISTINCT period FROM register_case",
    "vaccination": "SELECT DISTINCT SUBSTR(CAST(given AS TEXT), 1, 7) FROM register_vaccination",
    "wardprevalence": "SELECT DISTINCT SUBSTR(CAST(surveyed AS TEXT), 1, 7) FROM register_wardprevalence",
    "surgery": "SELECT DISTINCT SUBSTR(CAST(operated AS TEXT), 1, 7) FROM register_surgery",
    "notification": "SELECT DISTINCT SUBSTR(CAST(COALESCE(sampled, onset) AS TEXT), 1, 7) "
    "FROM register_notification WHERE COALESCE(sampled, onset) IS NOT NULL",
}
"""The months that each kind has rows in."""


def months_of_all() -> set[str]:
    """The months in which there is anything beside specimens; of the register of persons."""
    found: set[str] = set()
    with connection.cursor() as cursor:
        for statement in MONTHS.values():
            cursor.execute(statement)
            found.update(row[0] for row in cursor.fetchall())
    return found | {f"{day:%Y-%m}" for day in _days_of_undated_forms()}


def _days_of_undated_forms() -> Iterator[date]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT CAST(r.generated_at AS TEXT) FROM register_notification n "
            "JOIN register_report r ON r.id = n.id WHERE n.sampled IS NULL AND n.onset IS NULL"
        )
        for (made,) in cursor.fetchall():
            yield norwegian_day(store.moment(made))


def select(statement: str, given: Sequence[Any]) -> Iterator[Rows]:
    """The rows of a statement, so many at a time."""
    with connection.cursor() as cursor:
        # The driver's own cursor: Django's would parse every date and time on the way.
        plain = cursor if store.is_postgres() else connection.connection.cursor()
        plain.execute(statement if store.is_postgres() else statement.replace("%s", "?"), given)
        while rows := plain.fetchmany(BATCH_ROWS):
            yield rows


def read_layout(layout: Layout, month: str, place: Place) -> Iterator[pa.RecordBatch]:
    """The month's rows of one table."""
    for rows in select(layout.statement, layout.given(month)):
        yield make_batch(layout.columns, rows, layout.day, place, {})


def make_batch(
    columns: Sequence[Column],
    rows: Rows,
    day: str,
    place: Place,
    derived: Mapping[str, tuple[str, Mapping[str, str]]],
) -> pa.RecordBatch:
    """Rows as columns; see `Layout`.

    Args:
        derived: column → the name of one that stands after it, and what it is for each of its values.
    """
    made: dict[str, pa.Array] = {}
    for column, values in zip(columns, zip(*rows, strict=True), strict=True):
        if column.name == "place":
            places = [place(number) for number in values]
            made["county"] = pa.array([county for _, county in places], TEXT)
            made["municipality"] = pa.array([number for number, _ in places], TEXT)
            continue
        made[column.name] = _array(column.type, values)
        if column.name == day:
            made["year"] = pa.array([int(str(value)[:4]) for value in values], SMALL)
        if column.name in derived:
            name, names = derived[column.name]
            made[name] = pa.array([names.get(value) if value else None for value in values], TEXT)
    return pa.record_batch(made)


def _array(kind: pa.DataType, values: Iterable[Any]) -> pa.Array:
    if kind == YES_NO:  # SQLite has 0 and 1
        return pa.array([None if value is None else bool(value) for value in values], kind)
    if kind == DAY:
        return pa.array(values, TEXT).cast(kind)
    return pa.array(values, kind)
