"""Rows of one file that say they are the same row of the source."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np

from varde.prescribing.layout import Layout

Rows = np.ndarray[Any, np.dtype[np.int64]]


class Duplicates(NamedTuple):
    """Numbers of rows, in order.

    Attributes:
        contradictory: rows of one key that are not alike: nobody knows which of them is right.
        repeated: rows that are the same as an earlier one in all columns.
    """

    contradictory: Rows
    repeated: Rows


def find_duplicates(
    connection: duckdb.DuckDBPyConnection, layout: Layout, paths: Sequence[Path | str]
) -> Duplicates:
    """Look through the accepted rows of one file.

    Args:
        connection: its settings bound the memory that is used.
        paths: Parquet files with the columns of `accepted_schema`.
    """
    none = np.zeros(0, np.int64)
    if not paths:
        return Duplicates(none, none)
    files = [str(path) for path in paths]
    keys = ", ".join(f'"{name}"' for name in layout.identified_by)
    every = ", ".join(f'"{column.name}"' for column in layout.columns)
    # Few keys ever come twice: the first look is at hashes of eight bytes alone.
    # Statements are put together from the names of a layout, values never.
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE suspects AS SELECT hash({keys}) AS h "  # noqa: S608
        "FROM read_parquet($files, hive_partitioning = false) GROUP BY h HAVING count(*) > 1",
        {"files": files},
    )
    suspected = connection.execute("SELECT count(*) FROM suspects").fetchone()
    if not suspected or not suspected[0]:
        return Duplicates(none, none)
    found = connection.execute(
        f"""
        WITH candidates AS (
            SELECT * FROM read_parquet($files, hive_partitioning = false)
            WHERE hash({keys}) IN (SELECT h FROM suspects)
        ), alike AS (
            SELECT {keys}, min("row") AS first, list("row") AS numbers FROM candidates
            GROUP BY {every}
        ), counted AS (
            SELECT *, count(*) OVER (PARTITION BY {keys}) AS kinds FROM alike
        )
        SELECT unnest(numbers) AS number, kinds > 1 AS contradictory, first FROM counted
        WHERE kinds > 1 OR len(numbers) > 1
        """,  # noqa: S608
        {"files": files},
    ).fetchnumpy()
    numbers = np.asarray(found["number"], np.int64)
    wrong = np.asarray(found["contradictory"], bool)
    first = np.asarray(found["first"], np.int64)
    return Duplicates(np.sort(numbers[wrong]), np.sort(numbers[~wrong & (numbers != first)]))
