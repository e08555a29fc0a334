"""The warehouse's tables, as Arrow schemas: what laboratories find, and what the other kinds of statements say.

On disk all carry one more column, ``period`` ("2026-01"), which is the name of the folder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

import pyarrow as pa

ISOLATES: Final = pa.schema(
    [
        pa.field("isolate_id", pa.int64(), nullable=False),
        pa.field("person_id", pa.int64()),
        pa.field("organism", pa.string()),
        pa.field("episode_key", pa.string()),
        pa.field("material", pa.string()),
        pa.field("material_group", pa.string()),
        pa.field("laboratory", pa.string()),
        pa.field("collected", pa.date32(), nullable=False),
        pa.field("year", pa.int16(), nullable=False),
        pa.field("county", pa.string()),
        pa.field("municipality", pa.string()),
        pa.field("age", pa.int16()),
        pa.field("sex", pa.string()),
        pa.field("ward", pa.string()),
        pa.field("status", pa.string()),
        pa.field("tie", pa.int64()),
    ]
)
"""One organism found in one specimen.

``person_id`` null: unknown person. ``organism`` and ``material`` null: not mapped. ``episode_key``
null or empty: the isolate can never be a first isolate. ``county`` and ``municipality`` empty:
unknown. ``status``: P, S or F. ``tie`` orders one person's isolates of one day by their content.
"""

SUSCEPTIBILITIES: Final = pa.schema(
    [
        pa.field("isolate_id", pa.int64(), nullable=False),
        pa.field("antibiotic", pa.string()),
        pa.field("sir", pa.string()),
        pa.field("mic", pa.string()),
    ]
)
"""One isolate against one antibiotic. ``antibiotic`` null: not mapped; ``sir``: S, I, R or empty."""

_PLACE: Final = [pa.field("county", pa.string()), pa.field("municipality", pa.string())]

FINDINGS: Final = pa.schema(
    [
        pa.field("finding_id", pa.int64(), nullable=False),
        pa.field("person_id", pa.int64()),
        pa.field("organism", pa.string()),
        pa.field("method", pa.string()),
        pa.field("material", pa.string()),
        pa.field("material_group", pa.string()),
        pa.field("laboratory", pa.string()),
        pa.field("collected", pa.date32(), nullable=False),
        pa.field("year", pa.int16(), nullable=False),
        *_PLACE,
        pa.field("age", pa.int16()),
        pa.field("sex", pa.string()),
        pa.field("notifiable", pa.string()),
        pa.field("status", pa.string()),
        pa.field("counted", pa.bool_(), nullable=False),
        pa.field("results", pa.int32(), nullable=False),
        pa.field("unknown_antibiotics", pa.int32(), nullable=False),
        pa.field("without_mic", pa.int32(), nullable=False),
        pa.field("meets", pa.string(), nullable=False),
    ]
)
"""One organism that one laboratory reports of one specimen, however it was found; isolates are some of them.

``counted`` false: another laboratory reports it too, and its finding counts in place of this one. ``method``
empty: nobody says. ``results``: against how many antibiotics; of how many of those no map knows which
(``unknown_antibiotics``), and of how many there is no MIC. ``notifiable``: the laboratory's mark (MSIS-M …).
``meets``: the diseases whose laboratory criteria it meets so that it is a case with nothing beside it, with blanks
between them.
"""

CASES: Final = pa.schema(
    [
        pa.field("case_id", pa.int64(), nullable=False),
        pa.field("person_id", pa.int64()),
        pa.field("disease", pa.string(), nullable=False),
        pa.field("classification", pa.string(), nullable=False),
        pa.field("presentation", pa.string()),
        pa.field("first_day", pa.date32(), nullable=False),
        pa.field("year", pa.int16(), nullable=False),
        pa.field("imported", pa.string(), nullable=False),
        pa.field("form_missing", pa.bool_(), nullable=False),
        pa.field("definition", pa.date32(), nullable=False),
        pa.field("sex", pa.string()),
        pa.field("age", pa.int16()),
        *_PLACE,
        pa.field("infected_in", pa.string()),
    ]
)
"""One case, in the month of its first day. ``definition``: since when the definition holds that it was made by."""

EVIDENCE: Final = pa.schema(
    [
        pa.field("case_id", pa.int64(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("evidence_id", pa.int64(), nullable=False),
    ]
)
"""One piece that a case is made of, in the case's month. ``kind``: finding (the id of `FINDINGS`), form (of
`NOTIFICATIONS`) or dose (of `VACCINATIONS`)."""

NOTIFICATIONS: Final = pa.schema(
    [
        pa.field("notification_id", pa.int64(), nullable=False),
        pa.field("person_id", pa.int64()),
        pa.field("disease", pa.string()),
        pa.field("day", pa.date32(), nullable=False),
        pa.field("year", pa.int16(), nullable=False),
        *_PLACE,
        pa.field("age", pa.int16()),
        pa.field("sex", pa.string()),
    ]
)
"""One clinician's form. ``day``: of the specimen, else of onset, else when it was made. ``disease`` null: none
that is known."""

VACCINATIONS: Final = pa.schema(
    [
        pa.field("vaccination_id", pa.int64(), nullable=False),
        pa.field("person_id", pa.int64()),
        pa.field("vaccine", pa.string()),
        pa.field("given", pa.date32(), nullable=False),
        pa.field("year", pa.int16(), nullable=False),
        pa.field("dose", pa.int16()),
        *_PLACE,
        pa.field("age", pa.int16()),
        pa.field("sex", pa.string()),
        pa.field("programme", pa.string()),
    ]
)
"""One dose of one vaccine (ATC code; null: not mapped). ``dose``: its number as the vaccinator says."""

WARDS: Final = pa.schema(
    [
        pa.field("ward_id", pa.int64(), nullable=False),
        pa.field("institution", pa.string()),
        pa.field("institution_kind", pa.string(), nullable=False),
        pa.field("ward_type", pa.string()),
        pa.field("specialty", pa.string()),
        pa.field("surveyed", pa.date32(), nullable=False),
        pa.field("year", pa.int16(), nullable=False),
        *_PLACE,
        pa.field("present", pa.int32(), nullable=False),
        pa.field("with_infection", pa.int32()),
        pa.field("on_antibiotics", pa.int32()),
    ]
)
"""One ward on a survey day; the two last counts are null where the survey does not say."""

INFECTIONS: Final = pa.schema(
    [
        pa.field("ward_id", pa.int64(), nullable=False),
        pa.field("infection", pa.string(), nullable=False),
        pa.field("origin", pa.string()),
        pa.field("count", pa.int32(), nullable=False),
    ]
)
"""How many on a ward had one kind of infection, by where it was acquired. A zero is a count."""

TREATMENTS: Final = pa.schema(
    [
        pa.field("ward_id", pa.int64(), nullable=False),
        pa.field("antibiotic", pa.string()),
        pa.field("indication", pa.string()),
        pa.field("classification", pa.string()),
        pa.field("route", pa.string()),
        pa.field("age", pa.int16()),
        pa.field("sex", pa.string()),
    ]
)
"""One prescription on a surveyed ward; ``antibiotic`` null: not mapped."""

OPERATIONS: Final = pa.schema(
    [
        pa.field("operation_id", pa.int64(), nullable=False),
        pa.field("person_id", pa.int64()),
        pa.field("hospital", pa.string()),
        pa.field("procedure", pa.string()),
        pa.field("procedure_group", pa.string()),
        pa.field("operated", pa.date32(), nullable=False),
        pa.field("year", pa.int16(), nullable=False),
        *_PLACE,
        pa.field("age", pa.int16()),
        pa.field("sex", pa.string()),
        pa.field("urgent", pa.bool_()),
        pa.field("asa", pa.int16()),
        pa.field("wound_class", pa.int16()),
        pa.field("minutes", pa.int32()),
        pa.field("prophylaxis", pa.bool_()),
        pa.field("implant", pa.bool_()),
        pa.field("at_discharge", pa.string()),
        pa.field("at_follow_up", pa.string()),
        pa.field("infected", pa.date32()),
        pa.field("follow_up", pa.date32()),
    ]
)
"""One operation and its follow-up; the infections are none, superficial, deep, organ, or empty: nobody looked."""

TABLES: Final = {
    "isolates": ISOLATES,
    "susceptibilities": SUSCEPTIBILITIES,
    "findings": FINDINGS,
    "cases": CASES,
    "evidence": EVIDENCE,
    "notifications": NOTIFICATIONS,
    "vaccinations": VACCINATIONS,
    "wards": WARDS,
    "infections": INFECTIONS,
    "treatments": TREATMENTS,
    "operations": OPERATIONS,
}
"""Folder name → schema."""

Batchwise = Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]
"""A kernel's runner: batches of sorted rows in, batches out."""


def view_schema(name: str) -> pa.Schema:
    """The table's schema as readers see it: the month is its last column."""
    return TABLES[name].append(pa.field("period", pa.string()))
