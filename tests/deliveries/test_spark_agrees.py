"""The tables are the same on Spark."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest

from deliveries.given import bed_days, deliver, dispensings
from varde.deliveries import open_tables
from varde.prescribing import layouts
from varde.warehouse import UnknownEngine

pytestmark = [
    pytest.mark.spark,
    pytest.mark.xdist_group("spark"),
    # PySpark leaves its sockets to the garbage collector.
    pytest.mark.filterwarnings("ignore:.*socket.*:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def test_the_tables_are_the_same_on_spark(home: Path) -> None:
    if shutil.which("java") is None or find_spec("pyspark") is None:
        message = "Spark cannot run here: Java or PySpark is not installed"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    os.environ.setdefault("SPARK_SUBMIT_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
    with pytest.raises(UnknownEngine):
        open_tables(home, "sqlite")  # type: ignore[arg-type]
    rows = [
        {"dispensing_id": f"D{n}", "dispensed_on": f"202{n % 7}-02-0{n % 9 + 1}"} for n in range(30)
    ]
    deliver(home, dispensings(*rows, {"age": "0", "ddd": "0,125"}), 1)
    deliver(home, dispensings({"ddd": "7"}), 2)
    deliver(home, bed_days(("2026-01", "short", "1,5")), 2)
    with open_tables(home) as duck, open_tables(home, "spark") as spark:
        for key in ("dispensings", "bed-days", "sales"):
            expected = duck.fetch(duck[key])
            found = spark.fetch(spark[key])
            names = [field.name for field in layouts()[key].schema]
            assert found.column_names == expected.column_names == names
            assert sorted(map(str, found.to_pylist())) == sorted(map(str, expected.to_pylist()))
        sums = [
            each.fetch(each["dispensings"].aggregate(ddd=each["dispensings"].ddd.sum()))
            for each in (duck, spark)
        ]
        assert sums[0]["ddd"].to_pylist() == sums[1]["ddd"].to_pylist()
