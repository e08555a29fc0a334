"""The refresh rewrites what changed, and nothing that goes wrong harms the snapshot before it."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from varde.warehouse import (
    ISOLATES,
    TABLES,
    InvalidPartition,
    ManifestDamaged,
    NoSnapshot,
    RefreshRunning,
    SchemaMismatch,
    open_tables,
    read_manifest,
    refresh,
)
from varde.warehouse.files import ROW_GROUP_ROWS, write_file
from warehouse.memory_source import MemorySource, isolate, result

TESTS = Path(__file__).resolve().parents[1]


def make_source(**versions: int) -> MemorySource:
    """Months like ``m2026_01=3``; what is in a month says its version."""
    source = MemorySource()
    for number, (name, version) in enumerate(versions.items(), start=1):
        source.months[name[1:].replace("_", "-")] = (
            version,
            [isolate(100 * number + row, laboratory=f"v{version}") for row in range(5)],
            [result(100 * number + row) for row in range(5)],
        )
    return source


def contents(folder: Path) -> list[Any]:
    with open_tables(folder) as tables:
        found = [tables.fetch(table) for table in (tables.isolates, tables.susceptibilities)]
    return [sorted(map(repr, table.to_pylist())) for table in found]


def files(folder: Path) -> set[str]:
    """All files below the folder but the manifest and the lock."""
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return found - {"manifest.json", ".refresh.lock"}


def test_first_refresh_writes_every_month(tmp_path: Path) -> None:
    steps: list[tuple[str, int, int]] = []
    folder = tmp_path / "not" / "there"
    done = refresh(folder, make_source(m2026_01=1, m2026_02=1), lambda *step: steps.append(step))
    assert (done.snapshot, done.changed, done.written) == (1, True, ("2026-01", "2026-02"))
    assert done.rows == dict.fromkeys(TABLES, 0) | {"isolates": 10, "susceptibilities": 10}
    assert steps == [("2026-01", 1, 2), ("2026-02", 2, 2)]


def test_manifest_describes_its_files(tmp_path: Path) -> None:
    refresh(tmp_path, make_source(m2026_01=4))
    manifest = read_manifest(tmp_path)
    assert manifest.code_map_version == "codes-1"
    assert manifest.partitions["2026-01"].version == 4
    for entry in (*manifest.files("isolates"), *manifest.files("susceptibilities")):
        data = (tmp_path / entry.path).read_bytes()
        assert hashlib.sha256(data).hexdigest() == entry.sha256 == Path(entry.path).stem
        assert len(data) == entry.bytes
        assert pq.read_metadata(tmp_path / entry.path).num_rows == entry.rows == 5


def test_no_change_makes_no_snapshot(tmp_path: Path) -> None:
    source = make_source(m2026_01=1)
    refresh(tmp_path, source)
    before = (tmp_path / "manifest.json").stat()
    done = refresh(tmp_path, source)
    assert (done.snapshot, done.changed, done.unchanged) == (1, False, 1)
    assert (tmp_path / "manifest.json").stat().st_ino == before.st_ino


def test_only_changed_months_are_read(tmp_path: Path) -> None:
    refresh(tmp_path, make_source(m2026_01=1, m2026_02=1, m2026_03=1))
    source = make_source(m2026_01=1, m2026_02=2, m2026_03=1)
    asked: list[str] = []

    class Watched(MemorySource):
        def isolates(self, partition: str) -> Iterator[pa.RecordBatch]:
            asked.append(partition)
            return super().isolates(partition)

    done = refresh(tmp_path, Watched(source.months))
    assert asked == ["2026-02"]
    assert (done.written, done.unchanged) == (("2026-02",), 2)


def test_vanished_month_is_dropped(tmp_path: Path) -> None:
    refresh(tmp_path, make_source(m2026_01=1, m2026_02=1))
    done = refresh(tmp_path, make_source(m2026_01=1))
    assert (done.dropped, done.written) == (("2026-02",), ())
    assert len(contents(tmp_path)[0]) == 5


def test_new_code_map_is_recorded(tmp_path: Path) -> None:
    source = make_source(m2026_01=1)
    refresh(tmp_path, source)
    source.code_map_version = "codes-2"
    assert refresh(tmp_path, source).snapshot == 2
    assert read_manifest(tmp_path).code_map_version == "codes-2"


def test_the_two_last_snapshots_are_kept(tmp_path: Path) -> None:
    kept = []
    for version in (1, 2, 3):
        refresh(tmp_path, make_source(m2026_01=version))
        kept.append(read_manifest(tmp_path).paths())
    assert files(tmp_path) == kept[1] | kept[2]


def test_equal_content_in_other_batches_is_the_same_file(tmp_path: Path) -> None:
    source = make_source(m2026_01=1)
    refresh(tmp_path, source)
    before = read_manifest(tmp_path).paths()
    source.months["2026-01"] = (2, *source.months["2026-01"][1:])
    source.batch_rows = 2
    refresh(tmp_path, source)
    assert read_manifest(tmp_path).paths() == before


def test_month_without_rows_has_no_file(tmp_path: Path) -> None:
    refresh(tmp_path, MemorySource({"2026-01": (1, [], [])}))
    assert files(tmp_path) == set()
    assert contents(tmp_path) == [[], []]


@pytest.mark.parametrize("name", ["2026-13", "2026", "../2026-01", "2026-01/..", "2026-1", ""])
def test_only_months_become_folders(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidPartition, match="2026-01"):
        refresh(tmp_path, MemorySource({name: (1, [isolate(1)], [])}))


def test_other_columns_are_refused(tmp_path: Path) -> None:
    refresh(tmp_path, make_source(m2026_01=1))

    class Wrong(MemorySource):
        def isolates(self, partition: str) -> Iterator[pa.RecordBatch]:
            yield pa.RecordBatch.from_pydict({"isolate_id": [1], "surprise": ["x"]})

    before = contents(tmp_path)
    with pytest.raises(SchemaMismatch, match="surprise"):
        refresh(tmp_path, Wrong(make_source(m2026_01=2).months))
    assert contents(tmp_path) == before


def test_damaged_manifest_is_said_and_repaired(tmp_path: Path) -> None:
    refresh(tmp_path, make_source(m2026_01=1))
    before = contents(tmp_path)
    (tmp_path / "manifest.json").write_text('{"snapshot": 1')
    with pytest.raises(ManifestDamaged, match="varde refresh"):
        read_manifest(tmp_path)
    refresh(tmp_path, make_source(m2026_01=1))
    assert contents(tmp_path) == before


def test_other_schema_version_is_written_anew(tmp_path: Path) -> None:
    source = make_source(m2026_01=1)
    refresh(tmp_path, source)
    path = tmp_path / "manifest.json"
    older = msgspec.structs.replace(read_manifest(tmp_path), schema_version=0, snapshot=7)
    path.write_bytes(msgspec.json.encode(older))
    with pytest.raises(ManifestDamaged, match="schema version 0"):
        read_manifest(tmp_path)
    done = refresh(tmp_path, source)
    assert (done.snapshot, done.written) == (8, ("2026-01",))


def test_large_months_are_written_in_groups(tmp_path: Path) -> None:
    """However large or small the batches, no more than a row group is held."""
    rows = 2 * ROW_GROUP_ROWS + 7
    sizes = [rows - 5, 0, 3, 2]

    def batches() -> Iterator[pa.RecordBatch]:
        for size in sizes:
            columns = [pa.array([i] * size, pa.int64()) for i in range(2)]
            yield pa.RecordBatch.from_arrays(columns, schema=schema)

    schema = pa.schema([("a", pa.int64()), ("b", pa.int64())])
    entry = write_file(tmp_path, "table/period=2026-01", schema, batches())
    assert entry is not None
    metadata = pq.read_metadata(tmp_path / entry.path)
    groups = [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)]
    assert groups == [ROW_GROUP_ROWS, ROW_GROUP_ROWS, 7]
    assert metadata.row_group(0).column(0).compression == "ZSTD"


def make_cases(**versions: int) -> MemorySource:
    """Months with rows of every table; what is in them says the version."""
    source = make_source(**versions)
    for month, (version, _, _) in source.months.items():
        number = 10 * int(month[-2:]) + version
        for table, schema in TABLES.items():
            row = {field.name: _any_value(field.type, number, month) for field in schema}
            source.more.setdefault(table, {})[month] = [row]
    return source


def _any_value(kind: pa.DataType, number: int, month: str) -> Any:
    if pa.types.is_date(kind):
        return date.fromisoformat(f"{month}-01")
    return (
        bool(number % 2)
        if pa.types.is_boolean(kind)
        else str(number)
        if kind == pa.string()
        else number
    )


def every_table(folder: Path) -> list[Any]:
    with open_tables(folder) as tables:
        found = [tables.fetch(tables.table(name)) for name in TABLES]
    return [sorted(map(repr, table.to_pylist())) for table in found]


def test_a_crash_at_any_step_is_harmless_for_every_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As above: the old snapshot of all tables, or the new one of all, and never something between."""
    old, new = make_cases(m2026_01=1), make_cases(m2026_01=2, m2026_03=1)
    refresh(tmp_path / "reference-old", old)
    refresh(tmp_path / "reference-new", new)
    states = [every_table(tmp_path / "reference-old"), every_table(tmp_path / "reference-new")]
    assert all(states[0]) and all(states[1])
    refresh(tmp_path / "counted", old)
    with monkeypatch.context() as patch:
        left = crash_after(patch, 10_000)
        refresh(tmp_path / "counted", new)
    steps = 10_000 - left[0]
    assert steps > 100
    seen = set()
    # A prime apart, so that every kind of step is met; and all of those about the manifest and after it.
    for step in {*range(0, steps, 61), *range(steps - 4, steps)}:
        folder = tmp_path / str(step)
        refresh(folder, old)
        with monkeypatch.context() as patch, pytest.raises(Crash):
            crash_after(patch, step)
            refresh(folder, new)
        seen.add(states.index(every_table(folder)))
        refresh(folder, new)
        assert every_table(folder) == states[1]
    assert seen == {0, 1}


class Crash(BaseException):
    """The machine stops here."""


def test_a_crash_at_any_step_is_harmless(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop before every single write, rename, removal or flush to disk, one after another."""
    old, new = make_source(m2026_01=1, m2026_02=1), make_source(m2026_01=2, m2026_03=1)
    refresh(tmp_path / "reference-old", old)
    refresh(tmp_path / "reference-new", new)
    states = [contents(tmp_path / "reference-old"), contents(tmp_path / "reference-new")]
    seen, step = set(), 0
    while True:
        folder = tmp_path / str(step)
        refresh(folder, make_source(m2025_12=1))
        refresh(folder, old)
        with monkeypatch.context() as patch:
            crash_after(patch, step)
            try:
                refresh(folder, new)
            except Crash:
                pass
            else:
                break
        state = states.index(contents(folder))
        seen.add(state)
        refresh(folder, new)
        assert contents(folder) == states[1]
        assert read_manifest(folder).paths() <= files(folder)
        assert not [name for name in files(folder) if ".tmp" in name]
        step += 1
    assert step > 10
    assert seen == {0, 1}


def crash_after(patch: pytest.MonkeyPatch, steps: int) -> list[int]:
    """Stop at the step after so many; the list says how many are left."""
    left = [steps]

    def counted(function: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            if not left[0]:
                raise Crash
            left[0] -= 1
            return function(*args, **kwargs)

        return call

    patch.setattr(os, "fsync", counted(os.fsync))
    for name in ("replace", "unlink", "rmdir"):
        patch.setattr(Path, name, counted(getattr(Path, name)))
    return left


KILLED = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from warehouse.memory_source import MemorySource, isolate, result
from varde.warehouse import refresh

class Slow(MemorySource):
    def isolates(self, partition):
        yield from super().isolates(partition)
        if partition == "2026-02":
            print("half way", flush=True)
            time.sleep(60)

months = {name: (2, [isolate(1), isolate(2)], [result(1)]) for name in ("2026-01", "2026-02")}
refresh(Path(sys.argv[1]), Slow(months))
"""


def test_a_killed_refresh_is_harmless(tmp_path: Path) -> None:
    refresh(tmp_path, make_source(m2026_01=1, m2026_02=1))
    before, kept = contents(tmp_path), files(tmp_path)
    command = [sys.executable, "-c", KILLED, str(tmp_path), str(TESTS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"half way\n"
        with pytest.raises(RefreshRunning, match="another refresh"):
            refresh(tmp_path, make_source(m2026_01=3), wait=False)
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=30)
    assert contents(tmp_path) == before
    assert files(tmp_path) > kept, "the killed refresh left something behind"
    done = refresh(tmp_path, make_source(m2026_01=1, m2026_02=1))
    assert not done.changed
    assert files(tmp_path) == kept


def test_a_second_refresh_waits_for_the_first(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED.replace("60", "1"), str(tmp_path), str(TESTS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"half way\n"
        with pytest.raises(NoSnapshot):
            read_manifest(tmp_path)
        started = time.monotonic()
        done = refresh(tmp_path, make_source(m2026_01=3))
        assert time.monotonic() - started > 0.2
        process.wait(timeout=30)
    assert done.snapshot == 2
    assert done.dropped == ("2026-02",)


def test_null_where_none_may_be_is_refused(tmp_path: Path) -> None:
    class Hole(MemorySource):
        def isolates(self, partition: str) -> Iterator[pa.RecordBatch]:
            nullable = pa.schema([field.with_nullable(True) for field in ISOLATES])
            rows = [{**isolate(1), "isolate_id": None}]
            yield pa.RecordBatch.from_pylist(rows, nullable)

    with pytest.raises(SchemaMismatch, match="isolate_id"):
        refresh(tmp_path, Hole({"2026-01": (1, [], [])}))
