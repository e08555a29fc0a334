"""Ibis tables over exactly the files of one snapshot, on the engine of choice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from varde.warehouse.engines import Engine, OnEngine, check_engine, connect_engine
from varde.warehouse.errors import SnapshotGone, UnknownEngine
from varde.warehouse.manifest import Manifest, read_manifest
from varde.warehouse.schemas import Batchwise, view_schema

if TYPE_CHECKING:
    import ibis

OPENING_TRIES: Final = 3


@dataclass(frozen=True)
class Tables(OnEngine):
    """One snapshot, open for questions. Not for several threads at once: open one in each.

    Attributes:
        isolates: the schema `ISOLATES` and `period`.
        susceptibilities: the schema `SUSCEPTIBILITIES` and `period`.
        snapshot: the snapshot's number: when it has grown, open anew to see what is new.
        code_map_version: of the codes in these tables.

    The other tables are there by their names: see `table`.
    """

    isolates: ibis.Table
    susceptibilities: ibis.Table
    snapshot: int
    code_map_version: str
    engine: Engine
    connection: Any
    _open: Callable[[str], ibis.Table] = field(repr=False, compare=False)
    _opened: dict[str, ibis.Table] = field(default_factory=dict, repr=False, compare=False)

    def table(self, name: str) -> ibis.Table:
        """One of the tables by its name in `TABLES` ("cases", "vaccinations" …): its schema and `period`. Opened
        when it is first asked for.

        Raises:
            KeyError: there is no such table.
        """
        if name not in self._opened:
            self._opened[name] = self._open(name)
        return self._opened[name]

    def map_sorted(
        self,
        table: ibis.Table,
        group: Sequence[str],
        order: Sequence[str],
        function: Batchwise,
        schema: pa.Schema,
    ) -> ibis.Table:
        """What `function` makes of the rows, as a table: for what no expression says.

        It is given batches whose rows are sorted by `group`, then `order` (null last). One group
        may span batches, but all of it passes through one call; on Spark there are many calls at
        the same time, and the answer is not worked out before it is asked for.

        Args:
            schema: of the batches that `function` yields.
        """
        if self.engine == "spark":
            from varde.warehouse import spark

            return spark.map_sorted(self.connection, table, group, order, function, schema)
        import ibis

        keys = [ibis.asc(name, nulls_first=False) for name in (*group, *order)]
        batches = function(self.stream(table.order_by(keys)))
        return ibis.memtable(pa.Table.from_batches(batches, schema))

    def stream(self, table: ibis.Table, rows: int = 1_000_000) -> Iterator[pa.RecordBatch]:
        """The answer in batches of at most so many rows, never whole in memory (DuckDB only).

        Raises:
            UnknownEngine: on Spark, where rows stay where they are: use `map_sorted`.
        """
        if self.engine == "spark":
            raise UnknownEngine("only the engine 'duckdb' streams: on Spark use map_sorted")
        # Not Ibis's own batches: they warn of a method that this DuckDB is about to drop.
        answer = self.connection.raw_sql(self.connection.compile(table))
        yield from answer.to_arrow_reader(rows)


def open_tables(folder: Path, engine: Engine = "duckdb") -> Tables:
    """Open the current snapshot.

    The tables stay readable while newer snapshots are made, until the second one after theirs.

    Raises:
        NoSnapshot: run ``varde refresh`` first.
        SnapshotGone: files of the current snapshot are missing.
        UnknownEngine, EngineMissing: see there.
    """
    check_engine(engine)
    manifest = _whole_manifest(folder)
    connection = connect_engine(engine)
    if engine == "spark":
        from varde.warehouse import spark

        view = partial(spark.view, connection, folder)
    else:
        view = partial(_duckdb_view, connection, folder)

    def opened(name: str) -> ibis.Table:
        view_schema(name)  # a name that is no table's must not become a path
        return view(name, manifest)

    first = {name: opened(name) for name in ("isolates", "susceptibilities")}
    return Tables(
        **first,
        snapshot=manifest.snapshot,
        code_map_version=manifest.code_map_version,
        engine=engine,
        connection=connection,
        _open=opened,
        _opened=first.copy(),
    )


def _whole_manifest(folder: Path) -> Manifest:
    """The manifest, with all its files in place: two refreshes may pass between the two looks."""
    missing: list[str] = []
    for _ in range(OPENING_TRIES):
        manifest = read_manifest(folder)
        missing = [path for path in manifest.paths() if not (folder / path).is_file()]
        if not missing:
            return manifest
    raise SnapshotGone(
        f"{len(missing)} files of the snapshot in {folder} are missing, among them {missing[0]}: "
        "remove the folder and run 'varde refresh'"
    )


def _duckdb_view(connection: Any, folder: Path, name: str, manifest: Manifest) -> ibis.Table:
    paths = manifest.file_paths(folder, name)
    if not paths:
        return connection.create_table(name, view_schema(name).empty_table())
    return connection.read_parquet(
        paths, table_name=name, hive_partitioning=True, hive_types_autocast=False
    )
