"""The same tables on Spark."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from figures.asking import CASES, OPERATIONS, SERIES
from figures.random_registers import invent
from figures.register_rows import write
from varde import statistics
from varde.cases import catalogue
from varde.warehouse import Tables, open_tables

pytestmark = [
    pytest.mark.spark,
    pytest.mark.xdist_group("spark"),
    # PySpark leaves its sockets to the garbage collector.
    pytest.mark.filterwarnings("ignore:.*socket.*:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def ask_some(tables: Tables) -> list[pa.Table]:
    """The questions that put most together: each takes Spark seconds."""
    return [
        statistics.count_cases(tables, CASES),
        statistics.number_doses(tables, SERIES),
        statistics.surgical_site_infections(tables, OPERATIONS),
        statistics.overview(tables, catalogue(), 2025),
    ]


def test_spark_and_duckdb_agree_on_the_registers(spark_folder: Path) -> None:
    write(spark_folder, **invent(3, 40))
    with open_tables(spark_folder) as tables:
        ours = ask_some(tables)
    with open_tables(spark_folder, "spark") as tables:
        theirs = ask_some(tables)
    for our, their in zip(ours, theirs, strict=True):
        assert our == their
