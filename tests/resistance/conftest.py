"""Open tables over rows given as dictionaries, on DuckDB and, where there is a Java, on Spark."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path

import pytest

from varde.warehouse import Tables, open_tables, refresh
from warehouse.memory_source import MemorySource, Rows

Opener = Callable[..., Tables]


@pytest.fixture
def open_rows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opener]:
    """``open_rows(isolates, results, engine="duckdb")`` → tables, through a real refresh."""
    with ExitStack() as stack:

        def opened(isolates: Rows, results: Rows = (), engine: str = "duckdb") -> Tables:
            folder = tmp_path_factory.mktemp("rows")
            refresh(folder, MemorySource.of(isolates, results))
            return stack.enter_context(open_tables(folder, engine))  # type: ignore[arg-type]

        yield opened


@pytest.fixture
def spark_folder(tmp_path: Path) -> Path:
    """A folder for a test on Spark. Absent Spark skips it on a desk, and fails it in CI."""
    missing = [
        name
        for name, found in (("Java", shutil.which("java")), ("PySpark", find_spec("pyspark")))
        if not found
    ]
    if missing:
        message = f"Spark cannot run here: {' and '.join(missing)} not installed"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    # A Java that answers a few questions and ends has no use for code that is compiled with the greatest care, nor
    # for threads that collect its garbage beside the work.
    os.environ.setdefault("SPARK_SUBMIT_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
    return tmp_path
