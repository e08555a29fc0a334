"""The Spark engine: one local session in the process, quiet, on this machine's own address."""

from __future__ import annotations

import itertools
import logging
import os
import shutil
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING, Any, Final

from varde.warehouse.errors import EngineMissing
from varde.warehouse.manifest import Manifest
from varde.warehouse.schemas import view_schema

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

    from varde.warehouse.schemas import Batchwise

SETTINGS: Final = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "8",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    # "2026-01" is a name, not a date to be guessed at.
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
    "spark.sql.warehouse.dir": f"{gettempdir()}/varde-spark",
    "spark.driver.extraJavaOptions": "-Duser.timezone=UTC",
}

_numbers = itertools.count(1)


def connect(master: str = "local[2]") -> Any:
    """The Ibis backend on the process's Spark session, which is started when there is none.

    Raises:
        EngineMissing: PySpark or Java is not installed.
    """
    _require()
    import ibis
    from pyspark.sql import SparkSession

    # Spark starts its Python workers by this name alone; they must be this very Python.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    logging.getLogger("py4j").setLevel(logging.WARNING)
    builder = SparkSession.builder.master(master).appName("varde")
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return ibis.pyspark.connect(session)


def _require() -> None:
    if find_spec("pyspark") is None:
        raise EngineMissing(
            "PySpark is not installed: install the extra 'spark' ('varde-register[spark]'), "
            "or use the engine 'duckdb'"
        )
    home = os.environ.get("JAVA_HOME", "")
    if shutil.which("java") is None and not (home and (Path(home) / "bin" / "java").is_file()):
        raise EngineMissing(
            "Java is not installed: Spark needs Java 17 on the PATH or in JAVA_HOME; "
            "or use the engine 'duckdb'"
        )


def view(connection: Any, folder: Path, name: str, manifest: Manifest) -> ibis.Table:
    """One table of the snapshot as a temporary view."""
    from pyspark.sql.pandas.types import from_arrow_schema

    session = _session()
    paths = manifest.file_paths(folder, name)
    schema = from_arrow_schema(view_schema(name))
    if paths:
        reader = session.read.schema(schema).option("basePath", str((folder / name).absolute()))
        return name_frame(connection, reader.parquet(*paths), name)
    return name_frame(connection, session.createDataFrame([], schema), name)


def view_files(connection: Any, name: str, paths: Sequence[Path], schema: pa.Schema) -> ibis.Table:
    """See `engines.view_files`."""
    from pyspark.sql.pandas.types import from_arrow_schema

    session = _session()
    spark_schema = from_arrow_schema(schema)
    stem = name.replace("-", "_")
    if not paths:
        return name_frame(connection, session.createDataFrame([], spark_schema), stem)
    read = session.read.schema(spark_schema).parquet(*(str(path) for path in paths))
    return name_frame(connection, read, stem)


def frame(connection: Any, table: ibis.Table) -> Any:
    """An Ibis expression as a Spark data frame, not run yet."""
    return _session().sql(connection.compile(table))


def map_sorted(
    connection: Any,
    table: ibis.Table,
    group: Sequence[str],
    order: Sequence[str],
    function: Batchwise,
    schema: pa.Schema,
) -> ibis.Table:
    """See `Tables.map_sorted`: each group's rows meet in one Spark partition and are sorted there."""
    from pyspark.sql import functions
    from pyspark.sql.pandas.types import from_arrow_schema

    made = (
        frame(connection, table)
        .repartition(*group)
        .sortWithinPartitions(*(functions.asc_nulls_last(name) for name in (*group, *order)))
        .mapInArrow(function, from_arrow_schema(schema))
    )
    return name_frame(connection, made, "mapped")


def name_frame(connection: Any, frame: Any, stem: str) -> ibis.Table:
    """A Spark data frame as an Ibis table."""
    alias = f"varde_{stem}_{next(_numbers)}"
    frame.createOrReplaceTempView(alias)
    return connection.table(alias)


def _session() -> Any:
    from pyspark.sql import SparkSession

    return SparkSession.builder.getOrCreate()
