"""The engines that answer questions: what opens one, what asks it, what lets go of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

import pyarrow as pa

from varde.warehouse.errors import UnknownEngine

if TYPE_CHECKING:
    import ibis

Engine = Literal["duckdb", "spark"]


class OnEngine:
    """Tables that are open on an engine, until they are closed (or left, as a context).

    Attributes:
        engine: what runs the questions.
        connection: the Ibis backend, for those who need the engine itself.
    """

    engine: Engine
    connection: Any

    def fetch(self, table: ibis.Table) -> pa.Table:
        """The answer to an expression over these tables, the same on every engine."""
        if self.engine == "spark":
            from varde.warehouse import spark

            return spark.frame(self.connection, table).toArrow()
        return self.connection.to_pyarrow(table)

    def close(self) -> None:
        """Let go of the engine (Spark's session is shared in the process and stays)."""
        if self.engine == "duckdb":
            self.connection.disconnect()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def check_engine(engine: str) -> None:
    """See that it is an engine that there is.

    Raises:
        UnknownEngine: it is not.
    """
    if engine not in ("duckdb", "spark"):
        raise UnknownEngine(f"engine {engine!r} is unknown: use 'duckdb' or 'spark'")


def connect_engine(engine: Engine) -> Any:
    """The Ibis backend of an engine.

    Raises:
        UnknownEngine, EngineMissing: see there.
    """
    check_engine(engine)
    if engine == "spark":
        from varde.warehouse import spark

        return spark.connect()
    import ibis

    # Nothing may be fetched at run time, and all that is needed is built in.
    connection = ibis.duckdb.connect(
        autoinstall_known_extensions=False, autoload_known_extensions=False
    )
    # A question of some seconds would draw its bar on standard output, among the answer.
    connection.raw_sql("SET enable_progress_bar = false")
    return connection


def view_files(
    connection: Any, engine: Engine, name: str, paths: Sequence[Path], schema: pa.Schema
) -> ibis.Table:
    """Parquet files as one table with the columns of a schema; the files may have more.

    Args:
        connection: of `connect_engine`.
        name: what the engine calls the view.
    """
    if engine == "spark":
        from varde.warehouse import spark

        return spark.view_files(connection, name, paths, schema)
    if not paths:
        return connection.create_table(name, schema.empty_table())
    files = [str(path) for path in paths]
    view = connection.read_parquet(files, table_name=name, hive_partitioning=False)
    return view.select(*schema.names)
