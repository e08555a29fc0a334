"""As many dispensings as a measurement wants, in batches: for benchmarks, without the contacts and lists behind them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from varde.prescribing import layouts

from .calendar import months_of, number_of
from .columns import (
    dates,
    decimal_text,
    generator,
    organisation_numbers,
    pseudonyms,
)
from .country import invent_prescribing
from .settings import settings
from .staff import PRACTICE, hpr

BATCH = 1_000_000
PATIENTS = 400
"""Persons that a prescriber gives antibiotics to."""

DRAWN = (
    "age",
    "sex",
    "atc",
    "product",
    "ddd",
    "ddd_version",
    "reimbursement_system",
    "reimbursement_code",
    "wait_and_see",
)
"""What is drawn together, from the rows of a small country."""


@lru_cache(maxsize=1)
def _pattern(seed: int) -> pa.Table:
    country = invent_prescribing("small", seed, years=1)
    tables = [month["dispensings"] for month in country.batches(["dispensings"])]
    return pa.concat_tables(tables).combine_chunks()


def invent_dispensings(
    rows: int, seed: int = 1, *, prescribers: int = 10_000, batch: int = BATCH
) -> Iterator[pa.RecordBatch]:
    """Rows of the table ``dispensings`` over the invented years, none of them of a contact.

    Drug, pack, age and sex are drawn together from a small invented country; prescriber, patient and day are drawn alone,
    so that a patient's age is not the same in all rows. Numbers of rows go on from batch to batch.

    Args:
        rows: how many in all.
        prescribers: among how many, some with more patients than others.
        batch: rows of a batch; another one, other rows.

    Raises:
        ValueError: no prescribers, or batches of nothing.
    """
    if prescribers < 1 or batch < 1:
        raise ValueError("at least one prescriber, and one row in a batch")
    known, schema = settings(), layouts()["dispensings"].schema
    months = months_of(known.first_year, known.years)
    first, last = number_of(months[0].first), number_of(months[-1].last)
    pattern = _pattern(seed)
    units = organisation_numbers(prescribers // PRACTICE + 1)
    busy = np.cumsum(generator(seed, "bulk/busy").lognormal(0, 0.5, prescribers))
    for number, begin in enumerate(range(0, rows, batch)):
        size = min(batch, rows - begin)
        draw = generator(seed, "bulk", number)
        drawn = pattern.take(pa.array(draw.integers(0, pattern.num_rows, size)))
        who = np.searchsorted(busy, draw.random(size) * busy[-1], side="right")
        who = np.minimum(who, prescribers - 1)
        patient = who * PATIENTS + (PATIENTS * draw.random(size) ** 2).astype(np.int64)
        day = draw.integers(first, last + 1, size)
        blank = pc.is_valid(drawn["prescribed_on"]).to_numpy()
        columns = {name: drawn[name].combine_chunks() for name in DRAWN} | {
            "dispensing_id": decimal_text(begin + np.arange(size), 11, "U"),
            "dispensed_on": dates(day),
            "prescribed_on": dates(day - 1, blank),
            "prescriber": decimal_text(hpr(who), 9),
            "unit": decimal_text(units[who // PRACTICE], 9),
            "patient": pseudonyms(seed, patient),
        }
        yield pa.RecordBatch.from_arrays(
            [_whole(columns[name]) for name in schema.names], schema=schema
        )


def _whole(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
