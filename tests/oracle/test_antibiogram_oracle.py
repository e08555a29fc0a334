"""First isolates and counts against the R package AMR on its 2,000 example isolates.

Nothing may differ: which rows are first, and every count of every organism and antibiotic. The
files are not part of the repository (their licence is GPL-2); where they are absent this is
skipped.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from varde.resistance import antibiogram, first_isolates
from varde.warehouse import Tables, open_tables, refresh
from warehouse.memory_source import MemorySource, isolate, result

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "oracles" / "amr"

pytestmark = pytest.mark.skipif(
    not (FOLDER / "example_isolates.csv").is_file(),
    reason="the AMR package's example isolates are not beside the repository",
)

EPISODE_KEYS = {
    "(unknown name)": "",
    "Lactobacillus delbrueckii lactis": "Lactobacillus delbrueckii",
}
"""Genus and species are the name, but for what has no species, and what has more."""

FIRST_ANTIBIOTIC = 8
"""The columns of the antibiotics begin after the eight that describe the isolate."""


def read_rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def make_isolates(rows: list[dict[str, str]]) -> Iterator[dict[str, Any]]:
    """An isolate of the warehouse for each row; the names serve as keys."""
    persons: dict[str, int] = {}
    for row in rows:
        name = row["organism"]
        yield isolate(
            int(row["row"]),
            person_id=persons.setdefault(row["patient"], len(persons)),
            organism=name,
            episode_key=EPISODE_KEYS.get(name, name),
            collected=date.fromisoformat(row["date"]),
            age=int(row["age"]),
            sex=row["gender"],
            ward=row["ward"],
            tie=int(row["row"]),
        )


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tables]:
    rows = read_rows("example_isolates.csv")
    antibiotics = list(rows[0])[FIRST_ANTIBIOTIC:]
    results = [
        result(int(row["row"]), code, row[code])
        for row in rows
        for code in antibiotics
        if row[code]
    ]
    folder = tmp_path_factory.mktemp("oracle")
    refresh(folder, MemorySource.of(list(make_isolates(rows)), results))
    with open_tables(folder) as opened:
        yield opened


@pytest.mark.parametrize(
    ("method", "column"),
    [("episode:365", "episode_365"), ("episode:30", "episode_30"), ("patient", "patient_based")],
)
def test_the_same_rows_are_first(tables: Tables, method: str, column: str) -> None:
    first = tables.fetch(first_isolates(tables, tables.isolates, method).select("isolate_id"))
    theirs = {int(row["row"]) for row in read_rows("first_isolates.csv") if row[column] == "TRUE"}
    assert len(theirs) > 1000
    assert set(first["isolate_id"].to_pylist()) == theirs
    assert first.num_rows == len(theirs)


@pytest.mark.parametrize(
    ("method", "name"),
    [("episode:365", "counts_episode_365.csv"), ("none", "counts_all_isolates.csv")],
)
def test_the_same_counts(tables: Tables, method: str, name: str) -> None:
    numbers = ("n", "S", "I", "R")
    ours = {
        (row["organism"], row["antibiotic"]): tuple(row[number] for number in numbers)
        for row in antibiogram(tables, method=method).to_pylist()
    }
    theirs = {
        (row["organism"], row["antibiotic"]): tuple(int(row[number]) for number in numbers)
        for row in read_rows(name)
    }
    assert len(theirs) > 1000
    assert ours == theirs


def test_isolates_with_an_organism(tables: Tables) -> None:
    """`isolate_based` leaves out the unknown organism, which `none` counts."""
    theirs = [row["isolate_based"] == "TRUE" for row in read_rows("first_isolates.csv")]
    unknown = tables.isolates.filter(tables.isolates.episode_key == "")
    assert len(theirs) - sum(theirs) == tables.fetch(unknown).num_rows
