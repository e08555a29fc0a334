"""Which isolates are first: the plain rule, the kernel, both runners and the engine all agree."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resistance.invented_rows import METHODS, isolate_rows
from resistance.plain_answers import order, plain_first
from varde.resistance import InvalidMethod, first_isolates, mark_first, parse_method
from varde.resistance.first_isolates import NEEDED, find_repeats, repeats_of_sorted
from varde.warehouse import ISOLATES, Tables, open_tables, refresh
from warehouse.memory_source import MemorySource, isolate

SCHEMA = pa.schema([ISOLATES.field(name) for name in NEEDED])


def first_ids(tables: Tables, method: str) -> set[int]:
    found = tables.fetch(first_isolates(tables, tables.isolates, method))["isolate_id"].to_pylist()
    assert len(found) == len(set(found))
    return set(found)


def followed(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows that the kernel is about."""
    return [
        {name: row[name] for name in NEEDED}
        for row in rows
        if row["organism"] is not None and row["episode_key"] and row["person_id"] is not None
    ]


@pytest.mark.parametrize("method", ["patient", "episode:1", "episode:30", "episode:365"])
@settings(max_examples=60, deadline=None)
@given(rows=isolate_rows, size=st.integers(1, 5))
def test_the_runners_agree_with_the_plain_rule(
    rows: list[dict[str, Any]], size: int, method: str
) -> None:
    known = followed(rows)
    counted = plain_first(rows, method)
    repeats = {row["isolate_id"] for row in known} - counted
    days = parse_method(method).days or None
    unsorted = pa.Table.from_pylist(known, SCHEMA).to_batches(max_chunksize=size)
    assert set(find_repeats(unsorted, days)["isolate_id"].to_pylist()) == repeats
    # The sorted runner meets keys that go on in the next batch, and empty batches.
    known.sort(key=lambda row: (row["person_id"], row["episode_key"], *order(row)))
    batches = [
        pa.RecordBatch.from_pylist([], SCHEMA),
        *pa.Table.from_pylist(known, SCHEMA).to_batches(max_chunksize=size),
    ]
    found = pa.Table.from_batches(repeats_of_sorted(batches, days), find_repeats([], 1).schema)
    assert set(found["isolate_id"].to_pylist()) == repeats
    assert found.num_rows == len(repeats)


@settings(max_examples=25, deadline=None)
@given(rows=isolate_rows)
def test_the_engine_agrees_with_the_plain_rule(rows: list[dict[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        refresh(Path(name), MemorySource.of(rows, []))
        with open_tables(Path(name)) as tables:
            for method in METHODS:
                assert first_ids(tables, method) == plain_first(rows, method)


@given(
    st.lists(st.tuples(st.integers(-(2**40), 2**40), st.integers(-9, 900)), max_size=60),
    st.one_of(st.none(), st.integers(1, 10**6)),
)
def test_the_kernel(rows: list[tuple[int, int]], days: int | None) -> None:
    rows.sort()
    start: dict[int, int] = {}
    expected = []
    for key, day in rows:
        new = key not in start or (days is not None and day - start[key] >= days)
        start[key] = day if new else start[key]
        expected.append(new)
    columns = np.array(rows, np.int64).reshape(-1, 2)
    assert mark_first(columns[:, 0], columns[:, 1], days).tolist() == expected


def test_many_keys_that_do_not_fit_one_integer() -> None:
    """Far apart persons and days are numbered anew instead of overflowing."""
    rows = [
        isolate(number, person_id=person, collected=day, episode_key=f"Genus species{number % 50}")
        for number, (person, day) in enumerate(
            (person, day)
            for person in (-(2**63), 2**63 - 1, 0)
            for day in (date(1, 1, 1), date(9999, 12, 31), date(2026, 1, 1))
            for _ in range(50)
        )
    ]
    table = pa.Table.from_pylist(followed(rows), SCHEMA)
    found = find_repeats(table.to_batches(), 365)["isolate_id"].to_pylist()
    assert found == []
    twice = pa.concat_tables([table, table])
    assert sorted(find_repeats(twice.to_batches(), 365)["isolate_id"].to_pylist()) == list(
        range(len(rows))
    )


def test_one_day_is_ordered_by_content_then_number(open_rows: Callable[..., Tables]) -> None:
    rows = [
        isolate(1, person_id=1, tie=None),
        isolate(2, person_id=1, tie=5),
        isolate(4, person_id=1, tie=3),
        isolate(3, person_id=1, tie=3),
    ]
    assert first_ids(open_rows(rows), "episode:365") == {3}


def test_unknown_persons_each_count(open_rows: Callable[..., Tables]) -> None:
    rows = [isolate(number, person_id=None) for number in (1, 2, 3)]
    assert first_ids(open_rows(rows), "patient") == {1, 2, 3}


def test_none_counts_unknown_organisms_but_not_unmapped(open_rows: Callable[..., Tables]) -> None:
    rows = [
        isolate(1, organism="unknown", episode_key=""),
        isolate(2, organism=None, episode_key=None),
        isolate(3),
    ]
    tables = open_rows(rows)
    assert first_ids(tables, "none") == {1, 3}
    assert first_ids(tables, "episode:365") == {3}


def test_nothing_to_choose_from(open_rows: Callable[..., Tables]) -> None:
    tables = open_rows([])
    assert all(first_ids(tables, method) == set() for method in METHODS)


@pytest.mark.parametrize("text", ["none", "patient", "episode:1", "episode:365"])
def test_methods_are_read_and_shown(text: str) -> None:
    assert str(parse_method(text)) == text
    assert parse_method(parse_method(text)) == parse_method(text)


@pytest.mark.parametrize("text", ["", "episode", "episode:0", "episode:-1", "episode:1.5", "all"])
def test_other_methods_are_refused(text: str) -> None:
    with pytest.raises(InvalidMethod, match="episode:365"):
        parse_method(text)
