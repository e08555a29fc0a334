"""Opening a snapshot: its files and no others, with the right columns, whatever happens beside it."""

from __future__ import annotations

import builtins
import multiprocessing
import shutil
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pyarrow as pa
import pytest

import varde.warehouse.spark as spark_engine
from varde.warehouse import (
    ISOLATES,
    SUSCEPTIBILITIES,
    EngineMissing,
    NoSnapshot,
    SnapshotGone,
    UnknownEngine,
    open_tables,
    read_manifest,
    refresh,
)
from warehouse.memory_source import MemorySource, isolate, result


def test_nothing_refreshed_yet(tmp_path: Path) -> None:
    with pytest.raises(NoSnapshot, match="varde refresh"):
        open_tables(tmp_path)
    with pytest.raises(NoSnapshot, match="varde refresh"):
        open_tables(tmp_path / "absent")


def test_unknown_engine(tmp_path: Path) -> None:
    with pytest.raises(UnknownEngine, match="'duckdb' or 'spark'"):
        open_tables(tmp_path, "excel")  # type: ignore[arg-type]


@pytest.mark.parametrize("months", [{}, {"2026-01": (1, [isolate(1)], [result(1)])}])
def test_columns_are_the_schemas_and_the_month(tmp_path: Path, months: Any) -> None:
    refresh(tmp_path, MemorySource(months))
    with open_tables(tmp_path) as tables:
        for table, schema in (
            (tables.isolates, ISOLATES),
            (tables.susceptibilities, SUSCEPTIBILITIES),
        ):
            found = tables.fetch(table)
            assert found.num_rows == len(months)
            assert found.schema.names == [*schema.names, "period"]
            assert found.schema.types == [*schema.types, pa.string()]


def test_the_month_is_text(tmp_path: Path) -> None:
    refresh(tmp_path, MemorySource({"2026-01": (1, [isolate(1)], [result(1)])}))
    with open_tables(tmp_path) as tables:
        assert tables.fetch(tables.isolates)["period"].to_pylist() == ["2026-01"]
        assert (tables.snapshot, tables.code_map_version, tables.engine) == (1, "codes-1", "duckdb")


def test_strangers_among_the_files_are_not_read(tmp_path: Path) -> None:
    refresh(tmp_path, MemorySource({"2026-01": (1, [isolate(1)], [result(1)])}))
    path = tmp_path / read_manifest(tmp_path).files("isolates")[0].path
    shutil.copy(path, path.with_name("stranger.parquet"))
    with open_tables(tmp_path) as tables:
        assert tables.fetch(tables.isolates).num_rows == 1


def test_missing_file_is_said(tmp_path: Path) -> None:
    refresh(tmp_path, MemorySource({"2026-01": (1, [isolate(1)], [result(1)])}))
    (tmp_path / read_manifest(tmp_path).files("isolates")[0].path).unlink()
    with pytest.raises(SnapshotGone, match="varde refresh"):
        open_tables(tmp_path)


def test_an_open_snapshot_outlives_the_next_refresh(tmp_path: Path) -> None:
    refresh(tmp_path, MemorySource({"2026-01": (1, [isolate(1)], [])}))
    with open_tables(tmp_path) as tables:
        refresh(tmp_path, MemorySource({"2026-01": (2, [isolate(1), isolate(2)], [])}))
        assert tables.fetch(tables.isolates).num_rows == 1
    with open_tables(tmp_path) as tables:
        assert tables.fetch(tables.isolates).num_rows == 2


def generation(number: int) -> MemorySource:
    """Every row of both tables, in every month, says its generation."""
    row = {**result(1), "mic": str(number)}
    return MemorySource(
        {
            f"2026-{month:02}": (number, [isolate(month, laboratory=str(number))], [row])
            for month in range(1, 4)
        }
    )


def keep_refreshing(folder: str, stop: Any) -> None:
    number = 2
    while not stop.is_set():
        refresh(Path(folder), generation(number))
        number += 1


def test_readers_beside_refreshes_never_see_a_mix(tmp_path: Path) -> None:
    refresh(tmp_path, generation(1))
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    writer = context.Process(target=keep_refreshing, args=(str(tmp_path), stop))
    writer.start()
    seen, too_slow = set(), 0
    try:
        while len(seen) < 8 and too_slow < 500:
            try:
                with open_tables(tmp_path) as tables:
                    laboratories = tables.fetch(tables.isolates)["laboratory"].to_pylist()
                    mics = tables.fetch(tables.susceptibilities)["mic"].to_pylist()
            except (duckdb.IOException, SnapshotGone):
                too_slow += 1  # two refreshes passed while this one read: said, never a mix
                continue
            assert len(laboratories) == len(mics) == 3
            assert len({*laboratories, *mics}) == 1
            seen.add(laboratories[0])
    finally:
        stop.set()
        writer.join(timeout=30)
    assert writer.exitcode == 0
    assert len(seen) >= 8


def test_spark_without_pyspark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refresh(tmp_path, MemorySource())
    monkeypatch.setattr(spark_engine, "find_spec", lambda name: None)
    with pytest.raises(EngineMissing, match="extra 'spark'"):
        open_tables(tmp_path, "spark")


def test_spark_without_java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refresh(tmp_path, MemorySource())
    monkeypatch.setattr(spark_engine, "find_spec", lambda name: builtins.object())
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(EngineMissing, match="Java 17"):
        open_tables(tmp_path, "spark")


def test_sorted_rows_pass_through_one_function(tmp_path: Path) -> None:
    rows = [isolate(i, person_id=i % 3 if i % 4 else None, tie=-i) for i in range(20)]
    refresh(tmp_path, MemorySource({"2026-01": (1, rows, [])}))
    schema = pa.schema([("person_id", pa.int64()), ("tie", pa.int64())])

    def pick(batches: Any) -> Any:
        for batch in batches:
            yield batch.select(schema.names)

    with open_tables(tmp_path) as tables:
        made = tables.map_sorted(tables.isolates, ("person_id",), ("tie",), pick, schema)
        assert isinstance(made, ibis.Table)
        found = [tuple(row.values()) for row in tables.fetch(made).to_pylist()]
    assert found == sorted(found, key=lambda row: (row[0] is None, row))
    assert len(found) == 20


def test_long_questions_draw_nothing_among_the_answer(tmp_path: Path) -> None:
    refresh(tmp_path, MemorySource.of([isolate(1)], [result(1)]))
    with open_tables(tmp_path) as tables:
        drawn = tables.connection.raw_sql("SELECT current_setting('enable_progress_bar')")
        assert drawn.fetchone() == (False,)
