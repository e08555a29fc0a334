"""The same answers on Spark, to the last digit."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from resistance.invented_rows import METHODS, ORGANISMS
from resistance.plain_answers import plain_first
from varde.resistance import DIMENSIONS, antibiogram, first_isolates, trend, unmapped
from varde.warehouse import Tables, UnknownEngine, open_tables, refresh
from warehouse.memory_source import MemorySource, isolate, result

pytestmark = [
    pytest.mark.spark,
    pytest.mark.xdist_group("spark"),
    # PySpark leaves its sockets to the garbage collector.
    pytest.mark.filterwarnings("ignore:.*socket.*:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def make_rows(seed: int, size: int = 1500) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    dice = random.Random(seed)
    isolates, results = [], []
    for number in range(1, size + 1):
        organism, key = dice.choice(ORGANISMS)
        isolates.append(
            isolate(
                number,
                person_id=dice.choice((None, *range(60))),
                organism=organism,
                episode_key=key,
                collected=date(2023, 1, 1) + timedelta(dice.randrange(1000)),
                tie=dice.choice((None, 1, 2)),
                age=dice.choice((None, *range(0, 100, 5))),
                county=dice.choice(("03", "", "11")),
                status=dice.choice("PSF"),
                ward=dice.choice(("", "Æ-post", "intensive")),
            )
        )
        for antibiotic in dice.sample(("CIP", "GEN", "AMP", "SXT", None), 3):
            results.append(result(number, antibiotic, dice.choice(("S", "S", "I", "R", ""))))
    return isolates, results


def ask_everything(tables: Tables) -> dict[str, Any]:
    """Every kind of question, every column, every method; a question takes Spark a second."""
    answers: dict[str, Any] = {"unmapped": unmapped(tables, county="03")}
    for method in METHODS:
        first = tables.fetch(first_isolates(tables, tables.isolates, method))
        answers[method] = sorted(first["isolate_id"].to_pylist())
    answers["every column"] = antibiogram(tables, DIMENSIONS, "none")
    answers["one column"] = antibiogram(tables, ("antibiotic",))
    answers["selected"] = antibiogram(
        tables,
        ("age_group", "organism", "antibiotic"),
        "episode:30",
        county=["03", ""],
        date_from=date(2023, 6, 1),
        date_to=date(2025, 1, 1),
        include_preliminary=False,
    )
    answers["trend"] = trend(tables, "escherichia-coli", "CIP", "quarter")
    return answers


def test_spark_and_duckdb_agree(spark_folder: Path) -> None:
    isolates, results = make_rows(1)
    refresh(spark_folder, MemorySource.of(isolates, results))
    with open_tables(spark_folder) as tables:
        ours = ask_everything(tables)
    with open_tables(spark_folder, "spark") as tables:
        theirs = ask_everything(tables)
        with pytest.raises(UnknownEngine, match="map_sorted"):
            next(tables.stream(tables.isolates))
    for question, answer in ours.items():
        assert theirs[question] == answer, question
    for method in METHODS:
        assert ours[method] == sorted(plain_first(isolates, method))


def test_spark_without_rows(spark_folder: Path) -> None:
    refresh(spark_folder, MemorySource())
    answers = []
    for engine in ("duckdb", "spark"):
        with open_tables(spark_folder, engine) as tables:  # type: ignore[arg-type]
            answers.append(antibiogram(tables))
            assert tables.fetch(tables.isolates).num_rows == 0
    assert answers[0] == answers[1]
    assert answers[0].num_rows == 0
