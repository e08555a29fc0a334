"""All indicators of all prescribers over millions of dispensings, against one plain GROUP BY.

The yardstick is the least that any figures of prescribing must do: DuckDB reads the same Parquet file once and adds up
daily doses and rows by prescriber, month and drug. Ours works out every indicator that a prescriber can have, for three
years: numerators and denominators, the contacts that prescriptions were written in, distinct patients, and what the
guideline of the day says of each.

Each run is a process of its own, so that its processor time and peak memory are its own. It first asks the same of small
tables, so that what is measured is the question and not the loading of libraries. `VARDE_BENCH_DISPENSINGS` says how
many dispensings there are (20 million unless it does), and there are half as many contacts.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from varde.prescribing import layouts
from varde.prescribing.indicators import Period, catalogue, compute

SIZE = int(os.environ.get("VARDE_BENCH_DISPENSINGS", "20000000"))
YEARS = (2024, 2025, 2026)
FIRST_DAY = np.datetime64("2024-01-01")
DAYS = 1096
BATCH = 500_000
ATC = {
    "J01CE02": 24,
    "J01CA08": 14,
    "J01XX05": 9,
    "J01CA04": 9,
    "J01AA02": 7,
    "J01XE01": 5,
    "J01CF01": 6,
    "J01EA01": 4,
    "J01FA01": 4,
    "J01FA09": 2,
    "J01FA10": 2,
    "J01EE01": 3,
    "J01MA02": 3,
    "J01FF01": 3,
    "J01CR02": 1,
    "J01DB01": 1,
    "J01AA04": 2,
    "J01XD01": 0.2,
    "J01CA01": 0.2,
    "J01CE01": 0.1,
    "J01CF02": 0.3,
    "J01DD01": 0.1,
    "J01DD04": 0.1,
    "J01GB03": 0.1,
    "J01MA01": 0.1,
    "J01MA12": 0.1,
    "J01MA14": 0.1,
    "J01XX08": 0.1,
    "J01XC01": 0.1,
    "J01CA11": 0.1,
    "J01CA12": 0.1,
    "J01CR05": 0.1,
    "J01DC02": 0.1,
    "J01DD02": 0.1,
    "J01DH02": 0.1,
    "J01DH03": 0.1,
    "J01DH51": 0.1,
    "J01AA07": 0.1,
    "J01FA06": 0.1,
    "J01EC01": 0.1,
}
ICPC = {
    "R74": 14,
    "R75": 5,
    "R76": 4,
    "R78": 4,
    "R81": 4,
    "R72": 2,
    "R05": 6,
    "R95": 3,
    "H71": 3,
    "U71": 8,
    "U70": 1,
    "S76": 3,
    "S84": 1,
    "A04": 12,
    "K86": 14,
    "L03": 16,
    "P76": 10,
    "T90": 9,
    "D01": 8,
    "A97": 10,
    "N01": 8,
    "S88": 7,
    "W78": 3,
    "X84": 1,
}
BILLING = {"2ad": 45, "2ad 2cd": 20, "11ad": 10, "11ad 2ae": 5, "1be": 10, "1bd": 5, "2ae": 5}
Choices = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Cost:
    """CPU and wall seconds of a question, and the peak memory of its process in MB."""

    cpu: float
    wall: float
    peak: float


def pick(random: np.random.Generator, weights: dict[str, Any], n: int) -> pa.Array:
    """Names in these proportions."""
    parts = np.array(list(weights.values()), float)
    return pa.array(list(weights)).take(
        pa.array(random.choice(len(parts), n, p=parts / parts.sum()))
    )


def texts(pattern: str, most: int) -> pa.Array:
    """So many names, numbered."""
    return pa.array([pattern.format(number) for number in range(most)])


def numbers(most: int) -> pa.Array:
    """So many pseudonyms: numbers without any order."""
    return pa.array(np.random.default_rng(0).integers(-(2**63), 2**63, most, np.int64))


@dataclass(frozen=True)
class Country:
    """Invented tables of one size: a prescriber has 700 patients, most prescriptions are of a contact, and a third of the
    prescribers have a post out of hours too."""

    size: int

    @property
    def prescribers(self) -> int:
        return max(20, min(10_000, self.size // 200))

    def write(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        names = texts("{:07d}", self.prescribers)
        patients = numbers(700 * self.prescribers)
        with (
            pq.ParquetWriter(folder / "dispensings.parquet", schema("dispensings")) as dispensings,
            pq.ParquetWriter(
                folder / "consultations.parquet", schema("consultations")
            ) as consultations,
        ):
            for number, start in enumerate(range(0, self.size, BATCH)):
                n = min(BATCH, self.size - start)
                random = np.random.default_rng(number)
                who, where, day, age = self.contacts(random, n)
                facts = {
                    "prescriber": names.take(pa.array(who)),
                    "patient": patients.take(pa.array(where)),
                    "age": pa.array(age, pa.int32()),
                    "sex": pa.array(["F", "M"]).take(pa.array(where % 2)),
                }
                dispensings.write_table(self.dispensings(random, start, day, facts))
                half = {name: column[: n // 2] for name, column in facts.items()}
                consultations.write_table(
                    self.consultations(random, start // 2, day[: n // 2], half)
                )
        for key, table in self.small(names).items():
            pq.write_table(table, folder / f"{key}.parquet")

    def contacts(self, random: np.random.Generator, n: int) -> tuple[Choices, ...]:
        who = random.integers(0, self.prescribers, n)
        where = who * 700 + random.integers(0, 700, n)
        day = FIRST_DAY + random.integers(0, DAYS, n)
        return who, where, day, (where * 7919 % 95)

    def dispensings(
        self, random: np.random.Generator, start: int, day: Choices, facts: dict[str, pa.Array]
    ) -> pa.Table:
        n = day.size
        coded = random.random(n) < 0.4
        codes = pick(random, ICPC, n)
        none = pa.scalar(None, pa.string())
        return filled(
            "dispensings",
            n,
            facts
            | {
                "dispensing_id": pa.array(np.arange(start, start + n)).cast(pa.string()),
                "dispensed_on": pa.array(day),
                "atc": pick(random, ATC, n),
                "ddd": thousandths(random.choice([3000, 3333, 5000, 6667, 7000, 10000], n)),
                "ddd_version": pa.array(np.full(n, 2025), pa.int32()),
                "reimbursement_system": pc.if_else(pa.array(coded), "ICPC-2", none),
                "reimbursement_code": pc.if_else(pa.array(coded), codes, none),
                "wait_and_see": pa.array(random.random(n) < 0.05, mask=random.random(n) < 0.3),
            },
        )

    def consultations(
        self, random: np.random.Generator, start: int, day: Choices, facts: dict[str, pa.Array]
    ) -> pa.Table:
        n = day.size
        return filled(
            "consultations",
            n,
            facts
            | {
                "consultation_id": pa.array(np.arange(start, start + n)).cast(pa.string()),
                "held_on": pa.array(day),
                "setting": pa.array(["gp"] * n),
                "billing": pick(random, BILLING, n),
                "diagnoses": pick(random, ICPC, n),
            },
        )

    def small(self, names: pa.Array) -> dict[str, pa.Table]:
        rows = [
            (name, year, low, sex)
            for name in names.to_pylist()
            for year in YEARS
            for low in range(0, 100, 10)
            for sex in "FM"
        ]
        n = len(rows)
        lists = filled(
            "list-populations",
            n,
            {
                "prescriber": pa.array([row[0] for row in rows]),
                "since": pa.array([date(row[1], 1, 1) for row in rows]),
                "until": pa.array([date(row[1], 12, 31) for row in rows]),
                "age_low": pa.array([row[2] for row in rows], pa.int32()),
                "age_high": pa.array([row[2] + 9 for row in rows], pa.int32()),
                "sex": pa.array([row[3] for row in rows]),
                "persons": pa.array(np.full(n, 35), pa.int32()),
            },
        )
        held = len(names)
        on_duty = names.slice(0, held // 3)  # who is a doctor out of hours too
        posts = held + len(on_duty)
        prescribers = filled(
            "prescribers",
            posts,
            {
                "prescriber": pa.concat_arrays([names, on_duty]),
                "since": pa.array([date(2020, 1, 1)] * posts),
                "role": pa.array(["gp"] * held + ["out-of-hours"] * len(on_duty)),
                "unit": pa.array(["974760673"] * held + ["974760711"] * len(on_duty)),
                "municipality": pa.array(["4601"] * posts),
            },
        )
        shifts = filled(
            "shifts",
            held,
            {
                "prescriber": names,
                "unit": pa.array(["974760711"] * held),
                "began_on": pa.array([date(2026, 1, 5)] * held),
                "part": pa.array(["night"] * held),
                "hours": thousandths(np.full(held, 8000)),
            },
        )
        return {
            "list-populations": lists,
            "prescribers": prescribers,
            "shifts": shifts,
            "institutions": filled("institutions", 0, {}),
        }


def schema(key: str) -> pa.Schema:
    return pa.schema([field.with_nullable(True) for field in layouts()[key].kept])


def filled(key: str, n: int, columns: dict[str, pa.Array]) -> pa.Table:
    """A table with null in the columns that are not given."""
    return pa.table(
        [
            columns[field.name].cast(field.type)
            if field.name in columns
            else pa.nulls(n, field.type)
            for field in schema(key)
        ],
        schema(key),
    )


def thousandths(values: Choices) -> pa.Array:
    """Decimals of whole thousandths: a decimal is kept as two halves, the upper one its sign."""
    halves = np.stack([values, values >> 63], axis=1).astype(np.int64)
    return pa.Array.from_buffers(
        pa.decimal128(12, 3), values.size, [None, pa.py_buffer(halves.tobytes())]
    )


PLAIN = """
    SELECT prescriber, date_trunc('month', dispensed_on) AS month, atc, sum(ddd), count(*)
    FROM read_parquet('{path}') GROUP BY ALL
"""


def ask_plain(folder: Path) -> Callable[[], int]:
    import duckdb

    connection = duckdb.connect()
    query = PLAIN.format(path=folder / "dispensings.parquet")
    return lambda: connection.execute(query).to_arrow_table().num_rows


def ask_ours(folder: Path) -> Callable[[], int]:
    import ibis

    connection = ibis.duckdb.connect()
    connection.raw_sql("SET enable_progress_bar = false")
    tables = {path.stem: connection.read_parquet(path) for path in folder.glob("*.parquet")}
    periods = [Period(date(year, 1, 1), date(year, 12, 31)) for year in YEARS]
    found = catalogue().on(date(2026, 12, 31)).values()
    indicators = [one for one in found if "prescriber" in one.kinds]
    return lambda: compute(tables, indicators, "prescriber", periods).num_rows


QUESTIONS = {"ours": ask_ours, "plain GROUP BY": ask_plain}


def measure(folder: Path, small: Path, name: str) -> Cost:
    assert QUESTIONS[name](small)() > 0
    ask = QUESTIONS[name](folder)
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
    return {name: Cost(*medians(found)) for name, found in costs.items()}


def medians(costs: list[Cost]) -> Iterator[float]:
    for part in ("cpu", "wall", "peak"):
        yield statistics.median(getattr(cost, part) for cost in costs)


def run(size: int = SIZE, rounds: int = 3) -> dict[str, float]:
    """Print the table; return its ratios by name."""
    with tempfile.TemporaryDirectory(prefix="varde-bench-") as name:
        folder, small = Path(name) / "large", Path(name) / "small"
        Country(1_000).write(small)
        Country(size).write(folder)
        print(f"Indicators of all prescribers over {size:,} dispensings, {size // 2:,} contacts")
        costs = measure_all(folder, small, rounds)
    return report(costs)


def report(costs: dict[str, Cost]) -> dict[str, float]:
    print(f"  {'':44} {'CPU s':>7} {'wall s':>7} {'peak MB':>8}")
    for name, cost in costs.items():
        print(f"  {name:44} {cost.cpu:7.2f} {cost.wall:7.2f} {cost.peak:8,.0f}")
    ratio = costs["ours"].cpu / costs["plain GROUP BY"].cpu
    print(f"  {'ours / plain GROUP BY, cpu':44} {ratio:7.2f}")
    return {"indicators / group by, cpu": ratio, "indicators, peak MB": costs["ours"].peak}


if __name__ == "__main__":
    run()
