"""The register as columns, month by month: the source that `varde.warehouse.refresh` reads.

The columns are those of the schemas of `varde.warehouse`; the refresh refuses any other. (The register stands
before the warehouse and does not import it.) What is beside isolates and their results is in `column_tables`.

A month's version counts its changes: of reports, of what is joined, and of cases, which change without any report
of their month changing. A replay changes every month.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

import pyarrow as pa

from varde.cases import Catalogue, catalogue
from varde.codes import CodeMap, materials, municipalities, organisms, successor
from varde.register import ids, store
from varde.register.column_evidence import read_evidence, read_findings, read_forms
from varde.register.column_tables import LAYOUTS, months_of_all, read_layout
from varde.register.joining import IS_ISOLATE
from varde.register.store import connection

BATCH_ROWS = 50_000

# The plus keeps SQLite from making an index of all findings for each month: the range of ids is enough.
_ISOLATES = f"""
    SELECT f.id, r.person, f.organism, s.material, r.sender,
           CAST(s.collected_on AS TEXT),
           r.municipality, s.age, r.sex, s.ward, r.status, f.tie
    FROM register_specimen s
    JOIN register_report r ON r.id = s.report
    JOIN register_finding f
      ON f.id >= s.report * {ids.PARTS} AND f.id < (s.report + 1) * {ids.PARTS}
     AND +f.specimen = s.id
    LEFT JOIN register_joined j ON j.id = f.id
    WHERE s.period = %s AND j.id IS NULL AND {IS_ISOLATE} ORDER BY s.id, f.id
"""

_SUSCEPTIBILITIES = f"""
    SELECT f.id, u.antibiotic, u.sir, u.mic
    FROM register_specimen s
    JOIN register_finding f
      ON f.id >= s.report * {ids.PARTS} AND f.id < (s.report + 1) * {ids.PARTS}
     AND +f.specimen = s.id
    LEFT JOIN register_joined j ON j.id = f.id
    JOIN register_susceptibility u
      ON u.id >= f.id * {ids.RESULTS} AND u.id < (f.id + 1) * {ids.RESULTS}
    WHERE s.period = %s AND j.id IS NULL AND {IS_ISOLATE} ORDER BY s.id, f.id, u.id
"""

ALSO_ISOLATE = IS_ISOLATE.replace("f.", "o.")
_OF_THE_MONTH = f"""
    FROM register_joined j
    CROSS JOIN register_finding f
    CROSS JOIN register_finding o
    CROSS JOIN register_specimen s
    CROSS JOIN register_susceptibility u
    WHERE f.id = j.counted AND s.id = f.specimen AND s.period = %s AND o.id = j.id AND {ALSO_ISOLATE}
"""
"""From the few findings that count for others to their specimens, whose month it is: SQLite follows the order of a
CROSS JOIN, and would otherwise begin with all results of the month."""

_JOINED = f"""
    SELECT j.counted, u.antibiotic, u.sir, u.mic {_OF_THE_MONTH}
      AND u.id >= j.id * {ids.RESULTS} AND u.id < (j.id + 1) * {ids.RESULTS}
      AND u.antibiotic IS NOT NULL
    ORDER BY j.counted, j.place, u.id
"""
"""What other laboratories found out about findings that count; of several the one that ranks next first."""

_COUNTED = f"""
    SELECT DISTINCT j.counted, u.antibiotic, '', '' {_OF_THE_MONTH}
      AND u.id >= j.counted * {ids.RESULTS} AND u.id < (j.counted + 1) * {ids.RESULTS}
"""


class RegisterSource:
    """The register's months, read in one transaction, so that they belong together.

    Make it with `read_register`.
    """

    def __init__(self, codes: CodeMap, on: date, definitions: Catalogue | None = None) -> None:
        self.code_map_version: str = codes.version
        self._on = on
        self._definitions = definitions
        self._places: dict[str, tuple[str, str]] = {"": ("", "")}
        self._episode_keys = {key: o.episode_key for key, o in organisms().items()}
        self._groups = {key: material.group for key, material in materials().items()}

    def _place(self, number: str) -> tuple[str, str]:
        """Municipality and county of today for a number as sent, also one of an earlier structure; a
        number that cannot be placed (a municipality since split) is kept, its county unknown."""
        if number not in self._places:
            current = successor(number, self._on)
            known = municipalities(self._on).get(current) if current else None
            self._places[number] = (known.number, known.county) if known else (number, "")
        return self._places[number]

    def partitions(self) -> Mapping[str, int]:
        """Month → how often it has changed; months without anything left are not there."""
        others = months_of_all() if store.has_persons() else set()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT period, version, EXISTS "
                "(SELECT 1 FROM register_specimen s WHERE s.period = p.period) FROM register_period p"
            )
            rows = cursor.fetchall()
        found = {
            month: version for month, version, specimens in rows if specimens or month in others
        }
        # Of a register that was made before the other kinds' months were counted, until its next replay.
        return dict.fromkeys(others, 0) | found

    def others(self, table: str, partition: str) -> Iterator[pa.RecordBatch]:
        """The month's rows of another table; of a de-identified register there are findings alone."""
        definitions = (self._definitions or catalogue()) if store.has_persons() else None
        if table == "findings":
            yield from read_findings(partition, self._place, self._groups, definitions)
        elif definitions is None:
            return
        elif table == "evidence":
            yield from read_evidence(partition)
        elif table == "notifications":
            yield from read_forms(partition, self._place, definitions)
        else:
            yield from read_layout(LAYOUTS[table], partition, self._place)

    def isolates(self, partition: str) -> Iterator[pa.RecordBatch]:
        """The month's isolates: one row per finding that is one."""
        for rows in _select(_ISOLATES, partition):
            (
                isolate,
                person,
                organism,
                material,
                laboratory,
                collected,
                municipality,
                age,
                sex,
                ward,
                status,
                tie,
            ) = zip(*rows, strict=True)
            places = [self._place(number) for number in municipality]
            dates = pa.array(collected, pa.string()).cast(pa.date32())
            yield pa.record_batch(
                {
                    "isolate_id": pa.array(isolate, pa.int64()),
                    "person_id": pa.array(person, pa.int64()),
                    "organism": pa.array(organism, pa.string()),
                    "episode_key": _translate(organism, self._episode_keys),
                    "material": pa.array(material, pa.string()),
                    "material_group": _translate(material, self._groups),
                    "laboratory": pa.array(laboratory, pa.string()),
                    "collected": dates,
                    "year": pa.array([int(partition[:4])] * len(rows), pa.int16()),
                    "county": pa.array([county for _, county in places], pa.string()),
                    "municipality": pa.array([number for number, _ in places], pa.string()),
                    "age": pa.array(age, pa.int16()),
                    "sex": pa.array(sex, pa.string()),
                    "ward": pa.array(ward, pa.string()),
                    "status": pa.array(status, pa.string()),
                    "tie": pa.array(tie, pa.int64()),
                }
            )

    def susceptibilities(self, partition: str) -> Iterator[pa.RecordBatch]:
        """The month's results: one row per isolate and antibiotic. An isolate that several laboratories
        reported has its own results, and the others' for what it was not tested against itself."""
        for rows in _select(_SUSCEPTIBILITIES, partition):
            yield _results(rows)
        tested = {row[:2] for rows in _select(_COUNTED, partition) for row in rows}
        for rows in _select(_JOINED, partition):
            added = []
            for row in rows:
                if row[:2] not in tested:
                    tested.add(row[:2])
                    added.append(row)
            if added:
                yield _results(added)


@contextmanager
def read_register(codes: CodeMap, on: date) -> Iterator[RegisterSource]:
    """A source that sees the register as it is now, whatever the intake writes meanwhile.

    Args:
        on: the day whose municipalities and counties the columns speak of.
    """
    if connection.in_atomic_block:
        yield RegisterSource(codes, on)
        return
    if store.is_postgres():
        with store.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield RegisterSource(codes, on)
        return
    # Not `atomic`: that would take SQLite's write lock and keep the intake waiting.
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")
        try:
            yield RegisterSource(codes, on)
        finally:
            cursor.execute("ROLLBACK")


def _select(statement: str, partition: str) -> Iterator[Sequence[tuple[Any, ...]]]:
    with connection.cursor() as cursor:
        # The driver's own cursor: Django's would parse every date and time on the way.
        plain = cursor if store.is_postgres() else connection.connection.cursor()
        plain.execute(
            statement if store.is_postgres() else statement.replace("%s", "?"), [partition]
        )
        while rows := plain.fetchmany(BATCH_ROWS):
            yield rows


def _results(rows: Sequence[tuple[Any, ...]]) -> pa.RecordBatch:
    isolate, antibiotic, sir, mic = zip(*rows, strict=True)
    return pa.record_batch(
        {
            "isolate_id": pa.array(isolate, pa.int64()),
            "antibiotic": pa.array(antibiotic, pa.string()),
            "sir": pa.array(sir, pa.string()),
            "mic": pa.array(mic, pa.string()),
        }
    )


def _translate(keys: Sequence[str | None], names: Mapping[str, str]) -> pa.Array:
    """`names[key]` for every key; null for those without."""
    return pa.array([names.get(key) if key else None for key in keys], pa.string())
