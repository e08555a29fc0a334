"""Counts, percentages and what is not computable, against the plain answer."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resistance.invented_rows import METHODS, isolates_and_results
from resistance.plain_answers import plain_antibiogram
from varde.resistance import (
    DIMENSIONS,
    InvalidSelection,
    Unmapped,
    antibiogram,
    trend,
    unmapped,
    wilson,
)
from varde.warehouse import Tables, open_tables, refresh
from warehouse.memory_source import MemorySource, isolate, result

Opener = Callable[..., Tables]
NUMBERS = ("n", "S", "I", "R")


def counts(table: Any, by: tuple[str, ...]) -> dict[tuple[Any, ...], tuple[int, ...]]:
    rows = table.to_pylist()
    found = {
        tuple(row[name] for name in by): tuple(row[number] for number in NUMBERS) for row in rows
    }
    assert len(found) == len(rows)
    return found


@settings(max_examples=30, deadline=None)
@given(
    data=isolates_and_results(),
    by=st.lists(st.sampled_from(DIMENSIONS), unique=True, max_size=3)
    .map(lambda names: [*dict.fromkeys([*names, "antibiotic"])])
    .flatmap(st.permutations)
    .map(tuple),
    method=st.sampled_from(METHODS),
)
def test_counts_are_the_plain_ones(data: Any, by: tuple[str, ...], method: str) -> None:
    isolates, results = data
    with tempfile.TemporaryDirectory() as name:
        refresh(Path(name), MemorySource.of(isolates, results))
        with open_tables(Path(name)) as tables:
            table = antibiogram(tables, by=by, method=method)
    assert counts(table, by) == plain_antibiogram(isolates, results, by, method)
    keys = [tuple((value is None, value) for value in key) for key in counts(table, by)]
    assert keys == sorted(keys)


@settings(max_examples=25, deadline=None)
@given(data=isolates_and_results(), wanted=st.sampled_from(("03", "11", ["03", ""], [])))
def test_selection_comes_before_first_isolates(data: Any, wanted: str | list[str]) -> None:
    isolates, results = data
    chosen = [
        row
        for row in isolates
        if row["county"] in ([wanted] if isinstance(wanted, str) else wanted)
        and row["status"] != "P"
        and row["collected"] >= date(2024, 12, 19)
        and row["collected"] <= date(2025, 11, 20)
    ]
    by = ("organism", "antibiotic")
    with tempfile.TemporaryDirectory() as name:
        refresh(Path(name), MemorySource.of(isolates, results))
        with open_tables(Path(name)) as tables:
            table = antibiogram(
                tables,
                by,
                "episode:30",
                county=wanted,
                include_preliminary=False,
                date_from=date(2024, 12, 19),
                date_to=date(2025, 11, 20),
            )
    assert counts(table, by) == plain_antibiogram(chosen, results, by, "episode:30")


def some(number: int, sirs: str, **values: Any) -> tuple[list[Any], list[Any]]:
    """Isolates of different persons, one result each."""
    ids = range(number, number + len(sirs))
    return (
        [isolate(i, **values) for i in ids],
        [result(i, "CIP", sir) for i, sir in zip(ids, sirs, strict=True)],
    )


def test_percentages_from_thirty(open_rows: Opener) -> None:
    many = some(1, "S" * 20 + "I" * 4 + "R" * 6, county="03")
    few = some(101, "S" * 20 + "R" * 9, county="11")
    none = some(201, "    ".replace(" ", "x"), county="15")
    for row in none[1]:
        row["sir"] = ""
    lists = [[*a, *b, *c] for a, b, c in zip(many, few, none, strict=True)]
    ok, too_few, impossible = antibiogram(
        open_rows(*lists), by=("county", "antibiotic")
    ).to_pylist()
    low, high = wilson(6, 30)
    assert ok == {
        "county": "03",
        "antibiotic": "CIP",
        "n": 30,
        "S": 20,
        "I": 4,
        "R": 6,
        "pct_S": pytest.approx(66.6667, abs=1e-4),
        "pct_I": pytest.approx(13.3333, abs=1e-4),
        "pct_R": 20.0,
        "R_low": 100 * float(low),
        "R_high": 100 * float(high),
        "status": "ok",
    }
    empty = dict.fromkeys(("pct_S", "pct_I", "pct_R", "R_low", "R_high"))
    assert too_few == {
        "county": "11",
        "antibiotic": "CIP",
        "n": 29,
        "S": 20,
        "I": 0,
        "R": 9,
        **empty,
        "status": "too-few",
    }
    assert impossible == {
        "county": "15",
        "antibiotic": "CIP",
        "n": 0,
        "S": 0,
        "I": 0,
        "R": 0,
        **empty,
        "status": "not-computable",
    }


def test_columns_are_the_same_without_rows(open_rows: Opener) -> None:
    full = antibiogram(open_rows(*some(1, "R")))
    empty = antibiogram(open_rows([]))
    assert empty.num_rows == 0
    assert empty.schema.equals(full.schema)


def test_unmapped_are_counted_apart(open_rows: Opener) -> None:
    isolates = [isolate(1, organism=None), isolate(2), isolate(3, county="11")]
    results = [result(1, None), result(2, None), result(2, "CIP"), result(3, None)]
    tables = open_rows(isolates, results)
    assert unmapped(tables) == Unmapped(isolates=1, results=3)
    assert unmapped(tables, county="03") == Unmapped(isolates=1, results=2)
    assert unmapped(tables, county="46") == Unmapped(isolates=0, results=0)
    assert sum(antibiogram(tables, method="none")["n"].to_pylist()) == 1


@pytest.mark.parametrize(
    "by", [("colour",), ("organism", "organism"), "organism", (), ("organism",)]
)
def test_other_columns_are_refused(open_rows: Opener, by: Any) -> None:
    with pytest.raises(InvalidSelection, match="break down"):
        antibiogram(open_rows([]), by=by)


def test_other_selections_are_refused(open_rows: Opener) -> None:
    tables = open_rows([])
    with pytest.raises(InvalidSelection, match="colour"):
        antibiogram(tables, colour="red")  # type: ignore[call-arg]
    with pytest.raises(InvalidSelection, match="after"):
        antibiogram(tables, date_from=date(2026, 2, 1), date_to=date(2026, 1, 31))
    with pytest.raises(InvalidSelection, match="'year' or 'quarter'"):
        trend(tables, "escherichia-coli", "CIP", by="month")  # type: ignore[arg-type]


def test_trend_has_no_holes(open_rows: Opener) -> None:
    groups = [
        some(1, "S" * 15 + "R" * 15, collected=date(2024, 11, 3)),
        some(101, "R", collected=date(2025, 6, 30)),
        some(201, "S" * 40, collected=date(2026, 1, 1), organism="klebsiella-pneumoniae"),
    ]
    lists = [[row for group in groups for row in group[part]] for part in (0, 1)]
    lists[1].append(result(1, "GEN"))
    tables = open_rows(*lists)
    found = trend(tables, "escherichia-coli", "CIP", "quarter").to_pylist()
    assert [(row["step"], row["n"], row["pct_R"], row["status"]) for row in found] == [
        ("2024-Q4", 30, 50.0, "ok"),
        ("2025-Q1", 0, None, "not-computable"),
        ("2025-Q2", 1, None, "too-few"),
    ]
    years = trend(tables, "escherichia-coli", "CIP").to_pylist()
    assert [(row["step"], row["n"], row["R"]) for row in years] == [
        ("2024", 30, 15),
        ("2025", 1, 1),
    ]
    assert trend(tables, "escherichia-coli", "VAN").num_rows == 0
    assert trend(tables, "escherichia-coli", "CIP", county="46").num_rows == 0


def test_trend_follows_episodes_over_the_years(open_rows: Opener) -> None:
    days = (date(2024, 12, 1), date(2025, 1, 15), date(2025, 12, 1))
    isolates = [isolate(i, person_id=7, collected=day) for i, day in enumerate(days, start=1)]
    tables = open_rows(isolates, [result(i, "CIP", "R") for i in (1, 2, 3)])
    years = trend(tables, "escherichia-coli", "CIP").to_pylist()
    assert [(row["step"], row["n"]) for row in years] == [("2024", 1), ("2025", 1)]
