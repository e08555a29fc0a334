"""The same numerators and denominators on Spark, to the last thousandth."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import ibis
import pyarrow.parquet as pq
import pytest

from prescribing.invented_prescribing import PERIODS, as_arrow, invent, on_duckdb
from varde.prescribing.indicators import catalogue, compute, explain, find_delivered

pytestmark = [
    pytest.mark.spark,
    pytest.mark.xdist_group("spark"),
    # PySpark leaves its sockets to the garbage collector.
    pytest.mark.filterwarnings("ignore:.*socket.*:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
ASKED = {
    "prescriber": (
        *("ab1", "ab2", "ab3-0-9", "ab4", "j01-per-1000", "inhabitants-with-j01"),
        *("children-airways", "concordance", "course-within", "j01-per-shift-hours"),
    ),
    "county": ("ab3", "airways-penicillin-v", "first-choice-contact"),
    "institution": (
        *("home-ddd", "home-parenteral-share", "prescriptions-methenamine"),
        *("given-home-ddd", "given-home-broad-spectrum-share", "care-urinary-share"),
    ),
}


def test_spark_counts_as_duckdb_does(tmp_path: Path) -> None:
    from varde.warehouse import spark

    rows = invent(Random(43), 60)
    here = ibis.duckdb.connect()
    tables = on_duckdb(here, rows)
    connection = spark.connect()
    there: dict[str, Any] = {}
    for key, table in as_arrow(rows).items():
        pq.write_table(table, tmp_path / f"{key}.parquet")
        frame = connection._session.read.parquet(str(tmp_path / f"{key}.parquet"))
        there[key] = spark.name_frame(connection, frame, "prescribing")
    for by, names in ASKED.items():
        asked = [catalogue().get(name, date(2026, 1, 1)) for name in names]
        strata = by == "county"
        expected = compute(tables, asked, by, PERIODS[:1], strata)  # type: ignore[arg-type]
        assert expected.num_rows > 3
        assert compute(there, asked, by, PERIODS[:1], strata).equals(expected)  # type: ignore[arg-type]
    asked = [catalogue().get(name, date(2026, 1, 1)) for name in ASKED["prescriber"]]
    delivered = find_delivered(tables, asked, PERIODS[:1])
    assert find_delivered(there, asked, PERIODS[:1]) == delivered
    fewer = {key: some - {date(2024, 6, 1)} for key, some in delivered.items()}
    some = [
        compute(each, asked[:4], "prescriber", PERIODS[:1], delivered=fewer)
        for each in (tables, there)
    ]
    assert some[0].num_rows and some[0].equals(some[1])
    one = catalogue().get("ab3", date(2026, 1, 1))
    listed = explain(there, one, "prescriber", "101", PERIODS[0])
    assert listed == explain(tables, one, "prescriber", "101", PERIODS[0])
    here.disconnect()
