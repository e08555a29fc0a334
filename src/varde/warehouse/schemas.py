"""The warehouse's two tables, as Arrow schemas.

On disk both carry one more column, ``period`` ("2026-01"), which is the name of the folder.
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

TABLES: Final = {"isolates": ISOLATES, "susceptibilities": SUSCEPTIBILITIES}
"""Folder name → schema."""

Batchwise = Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]
"""A kernel's runner: batches of sorted rows in, batches out."""


def view_schema(name: str) -> pa.Schema:
    """The table's schema as readers see it: the month is its last column."""
    return TABLES[name].append(pa.field("period", pa.string()))
