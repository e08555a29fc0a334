"""First isolates and antibiogram over millions of isolates, against one plain GROUP BY.

The yardstick is the least that any antibiogram must do: DuckDB reads the same Parquet files, joins
each result to its isolate, and counts by organism, antibiotic and category, with no choice of first
isolates, no intervals and no sorting. Ours does all of that. A second, lower yardstick counts the
results alone, without the join: that is no antibiogram (no organism), only the cost of reading.

Each run is a process of its own, so that its peak memory is its own. It first asks the same of a
small snapshot, so that what is measured is the question and not the loading of libraries.
"""

from __future__ import annotations

import multiprocessing
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from varde.warehouse import ISOLATES, SUSCEPTIBILITIES, open_tables, read_manifest, refresh

MONTHS = [f"{year}-{month:02}" for year in (2023, 2024, 2025) for month in range(1, 13)]
SPECIES = 40
ANTIBIOTICS = [
    *("AMP", "AMC", "TZP", "CXM", "CTX", "CAZ", "MEM", "CIP", "GEN", "SXT", "NIT", "TMP"),
    *("MEC", "FOS", "VAN", "LNZ", "ERY", "CLI", "OXA", "FUS"),
]
COUNTIES = [
    "03",
    "11",
    "15",
    "18",
    "31",
    "32",
    "33",
    "34",
    "39",
    "40",
    "42",
    "46",
    "50",
    "55",
    "56",
]
MATERIALS = ["urine", "blood", "wound", "airways", "other"]
MICS = ["<=0.25", "0.5", "1", "2", "4", ">8", ""]
BATCH = 100_000
Choices = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class GeneratedSource:
    """Isolates as a country has them: few species make up most, few persons are sampled often.

    Each month is made from its own seed, so nothing is held.
    """

    size: int
    code_map_version: str = "generated"

    def partitions(self) -> Mapping[str, int]:
        return dict.fromkeys(MONTHS, 1)

    def isolates(self, partition: str) -> Iterator[pa.RecordBatch]:
        for random, ids in self._pieces(partition):
            yield self._isolates(random, ids, partition)

    def susceptibilities(self, partition: str) -> Iterator[pa.RecordBatch]:
        for random, ids in self._pieces(partition):
            tested = random.integers(8, 11, ids.size)
            first = random.integers(0, len(ANTIBIOTICS), ids.size)
            rows = np.repeat(np.arange(ids.size), tested)
            place = np.arange(rows.size) - np.repeat(np.cumsum(tested) - tested, tested)
            columns = {
                "isolate_id": pa.array(ids[rows]),
                "antibiotic": names(ANTIBIOTICS, (first[rows] + place) % len(ANTIBIOTICS)),
                "sir": names(
                    ["S", "I", "R", ""], random.choice(4, rows.size, p=[0.75, 0.05, 0.19, 0.01])
                ),
                "mic": names(MICS, random.integers(0, len(MICS), rows.size)),
            }
            yield pa.RecordBatch.from_pydict(columns, SUSCEPTIBILITIES)

    def others(self, table: str, partition: str) -> Iterator[pa.RecordBatch]:
        return iter(())

    def _pieces(self, partition: str) -> Iterator[tuple[np.random.Generator, Choices]]:
        number = MONTHS.index(partition)
        edges = [self.size * step // len(MONTHS) for step in (number, number + 1)]
        for start in range(*edges, BATCH):
            ids = np.arange(start, min(start + BATCH, edges[1])) + 1
            yield np.random.default_rng(start), ids

    def _isolates(
        self, random: np.random.Generator, ids: Choices, partition: str
    ) -> pa.RecordBatch:
        n = ids.size
        persons = max(self.size * 2 // 5, 1)
        weights = 1 / np.arange(1, SPECIES + 1) ** 1.2
        species = random.choice(SPECIES, n, p=weights / weights.sum())
        county = names(COUNTIES, random.integers(0, len(COUNTIES), n))
        days = np.datetime64(f"{partition}-01") + random.integers(0, 28, n)
        organism = [f"genus-{number}-species-{number}" for number in range(SPECIES)]
        key = [f"Genus{number} species{number}" for number in range(SPECIES)]
        columns = {
            "isolate_id": pa.array(ids),
            "person_id": pa.array(
                (persons * random.random(n) ** 1.3).astype(np.int64), mask=random.random(n) < 0.01
            ),
            "organism": names(organism, species),
            "episode_key": names(key, species),
            "material": names(MATERIALS, random.integers(0, 5, n)),
            "material_group": names(MATERIALS, random.integers(0, 5, n)),
            "laboratory": names(
                [f"HER:{number}" for number in range(20)], random.integers(0, 20, n)
            ),
            "collected": pa.array(days),
            "year": pa.array(np.full(n, int(partition[:4]), np.int16)),
            "county": county,
            "municipality": county,
            "age": pa.array(random.integers(0, 100, n).astype(np.int16)),
            "sex": names(["F", "M"], random.integers(0, 2, n)),
            "ward": names(["", "medical", "surgical", "intensive care"], random.integers(0, 4, n)),
            "status": names(["F", "P"], (random.random(n) < 0.03).astype(int)),
            "tie": pa.array(random.integers(0, 2**62, n)),
        }
        return pa.RecordBatch.from_pydict(columns, ISOLATES)


def names(values: list[str], choice: Choices) -> pa.Array:
    return pa.array(values).take(pa.array(choice))


PLAIN = """
    SELECT organism, antibiotic, count(*) AS n, sum((sir = 'S')::INT) AS s,
           sum((sir = 'I')::INT) AS i, sum((sir = 'R')::INT) AS r
    FROM read_parquet({susceptibilities}) JOIN read_parquet({isolates}) USING (isolate_id)
    GROUP BY organism, antibiotic
"""
WITHOUT_JOIN = """
    SELECT antibiotic, count(*) AS n, sum((sir = 'S')::INT) AS s,
           sum((sir = 'I')::INT) AS i, sum((sir = 'R')::INT) AS r
    FROM read_parquet({susceptibilities}) GROUP BY antibiotic
"""


def ask_plain(folder: Path, query: str) -> Callable[[], int]:
    import duckdb

    manifest = read_manifest(folder)
    paths = {
        table: [str(folder / entry.path) for entry in manifest.files(table)]
        for table in ("isolates", "susceptibilities")
    }
    connection = duckdb.connect()
    return lambda: connection.execute(query.format(**paths)).to_arrow_table().num_rows


def ask_ours(folder: Path, method: str) -> Callable[[], int]:
    from varde.resistance import antibiogram

    tables = open_tables(folder)
    return lambda: antibiogram(tables, method=method).num_rows


QUESTIONS: dict[str, tuple[Callable[[Path, str], Callable[[], int]], str]] = {
    "ours": (ask_ours, "episode:365"),
    "ours, all isolates": (ask_ours, "none"),
    "plain GROUP BY with the join": (ask_plain, PLAIN),
    "GROUP BY of the results alone": (ask_plain, WITHOUT_JOIN),
}


@dataclass(frozen=True)
class Cost:
    """CPU and wall seconds of a question, and the peak memory of its process in MB."""

    cpu: float
    wall: float
    peak: float


def measure(folder: Path, small: Path, name: str) -> Cost:
    prepare, argument = QUESTIONS[name]
    assert prepare(small, argument)() > 0
    ask = prepare(folder, argument)
    before, start = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    assert ask() > 0
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(cpu, wall, after.ru_maxrss / 1024)


def measure_all(folder: Path, small: Path, rounds: int) -> dict[str, Cost]:
    """The median of some rounds; the questions take turns, so that all meet the same machine."""
    context = multiprocessing.get_context("spawn")
    costs: dict[str, list[Cost]] = {name: [] for name in QUESTIONS}
    for _ in range(rounds):
        for name in QUESTIONS:
            with ProcessPoolExecutor(1, context) as pool:
                costs[name].append(pool.submit(measure, folder, small, name).result())
    return {
        name: Cost(
            *(
                statistics.median(getattr(cost, part) for cost in found)
                for part in ("cpu", "wall", "peak")
            )
        )
        for name, found in costs.items()
    }


def run(size: int = 5_000_000, rounds: int = 3) -> dict[str, float]:
    """Print the table; return its ratios by name."""
    with tempfile.TemporaryDirectory(prefix="varde-bench-") as name:
        folder, small = Path(name) / "large", Path(name) / "small"
        refresh(small, GeneratedSource(1_000))
        start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
        result = refresh(folder, GeneratedSource(size))
        wall = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        rows = result.rows or {}
        print(
            f"Antibiogram over {rows['isolates']:,} isolates, {rows['susceptibilities']:,} results"
        )
        print(
            f"  (written to Parquet in {wall:.0f} s, process peak {peak:,.0f} MB from {before.ru_maxrss / 1024:,.0f})"
        )
        costs = measure_all(folder, small, rounds)
    return report(costs)


def report(costs: dict[str, Cost]) -> dict[str, float]:
    print(f"  {'':44} {'CPU s':>7} {'wall s':>7} {'peak MB':>8}")
    for name, cost in costs.items():
        print(f"  {name:44} {cost.cpu:7.2f} {cost.wall:7.2f} {cost.peak:8,.0f}")
    ratios: dict[str, float] = {}
    for yardstick, short in (
        ("plain GROUP BY with the join", "join"),
        ("GROUP BY of the results alone", "results alone"),
    ):
        for part in ("cpu", "wall"):
            ratio = getattr(costs["ours"], part) / getattr(costs[yardstick], part)
            ratios[f"antibiogram / {short}, {part}"] = ratio
            print(f"  ours / {yardstick + ', ' + part:37} {ratio:7.2f}")
    ratios["antibiogram, peak MB"] = costs["ours"].peak
    return ratios


if __name__ == "__main__":
    run()
