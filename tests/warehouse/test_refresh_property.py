"""Whatever happens to the source in whatever order, the warehouse is what one full refresh gives."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from varde.warehouse import open_tables, refresh
from warehouse.memory_source import MemorySource, isolate, result

MONTHS = ("2025-12", "2026-01", "2026-02")

change = st.one_of(
    st.tuples(st.just("set"), st.sampled_from(MONTHS), st.lists(st.integers(0, 50), max_size=4)),
    st.tuples(st.just("drop"), st.sampled_from(MONTHS), st.just([])),
    st.tuples(st.just("refresh"), st.just(""), st.just([])),
)


def snapshot_of(folder: Path) -> list[list[dict[str, Any]]]:
    with open_tables(folder) as tables:
        found = [
            tables.fetch(tables.isolates).sort_by("isolate_id"),
            tables.fetch(tables.susceptibilities).sort_by("isolate_id"),
        ]
    return [table.to_pylist() for table in found]


@settings(max_examples=25, deadline=None)
@given(st.lists(change, max_size=8))
def test_refreshes_add_up(changes: list[tuple[str, str, list[int]]]) -> None:
    source, version = MemorySource(), 0
    with tempfile.TemporaryDirectory() as name:
        folder, full = Path(name, "stepwise"), Path(name, "at-once")
        for kind, month, ages in changes:
            version += 1
            if kind == "set":
                ids = [100 * MONTHS.index(month) + place for place in range(len(ages))]
                isolates = [isolate(i, age=age) for i, age in zip(ids, ages, strict=True)]
                source.months[month] = (version, isolates, [result(i) for i in ids])
            elif kind == "drop":
                source.months.pop(month, None)
            else:
                refresh(folder, source)
        refresh(folder, source)
        refresh(full, source)
        assert snapshot_of(folder) == snapshot_of(full)
        assert not refresh(folder, source).changed
