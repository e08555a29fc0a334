"""Files of a disclosed table: both hold the same, and nothing that is hidden."""

from __future__ import annotations

import csv
import io
import json

import pyarrow.parquet as pq
import pytest

from varde.publishing import (
    Disclosed,
    write_csv,
    write_decimal,
    write_interval,
    write_parquet,
    write_percent,
)
from varde.publishing.numbers import write_count

ROWS = [
    Disclosed(
        key="CIP", status="ok", n=1200, s=1100, i=20, r=80, percent_s=91.6666, percent_i=1.6666,
        percent_r=6.6666, low=5.39, high=8.22,
    ),
    Disclosed(key="COL", status="suppressed", limit=5),
    Disclosed(key="FOS", status="too-few", n=12),
]  # fmt: skip
NAMES = {"CIP": "ciprofloksacin, æøå", "COL": 'kolistin "x"'}
ABOUT = {"organism": "escherichia-coli", "snapshot": "7", "first_isolates": "episode:365"}


def test_csv_and_parquet_hold_the_same_columns_and_values() -> None:
    content = write_csv(ROWS, NAMES, ABOUT)
    assert content.startswith(b"\xef\xbb\xbf")
    lines = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    table = pq.read_table(io.BytesIO(write_parquet(ROWS, NAMES, ABOUT)))
    assert list(lines[0]) == table.column_names
    assert table.column_names == [
        *[
            "organism",
            "antibiotic",
            "n",
            "S",
            "I",
            "R",
            "pct_S",
            "pct_I",
            "pct_R",
            "R_low",
            "R_high",
            "status",
        ],
        *["antibiotic_name", "snapshot", "first_isolates"],
    ]
    for line, row in zip(lines, table.to_pylist(), strict=True):
        for column, value in row.items():
            if isinstance(value, float):
                assert float(line[column]) == pytest.approx(value, abs=5e-5)
            else:
                assert line[column] == ("" if value is None else str(value))


def test_what_is_hidden_is_in_no_file() -> None:
    table = pq.read_table(io.BytesIO(write_parquet(ROWS, NAMES, ABOUT))).to_pylist()
    assert [row["n"] for row in table] == [1200, None, 12]
    assert [row["R"] for row in table] == [80, None, None]
    assert table[1]["status"] == "suppressed"


def test_each_row_and_the_file_say_what_they_are_about() -> None:
    table = pq.read_table(io.BytesIO(write_parquet(ROWS, NAMES, ABOUT)))
    assert json.loads(table.schema.metadata[b"varde"]) == ABOUT
    assert {row["snapshot"] for row in table.to_pylist()} == {"7"}


def test_an_empty_table_is_a_heading_alone() -> None:
    assert write_csv([], {}, ABOUT).count(b"\r\n") == 1
    assert pq.read_table(io.BytesIO(write_parquet([], {}, ABOUT))).num_rows == 0


@pytest.mark.parametrize(
    ("value", "nb", "en"),
    [
        (4.25, "4,3\u00a0%", "4.3%"),
        (0.05, "0,1\u00a0%", "0.1%"),
        (0.0, "0,0\u00a0%", "0.0%"),
        (100.0, "100,0\u00a0%", "100.0%"),
    ],
)
def test_percentages_are_written_as_people_write_them(value: float, nb: str, en: str) -> None:
    assert (write_percent(value), write_percent(value, language="en")) == (nb, en)


def test_counts_and_intervals_follow_the_language() -> None:
    assert (write_count(1234567), write_count(1234567, "en")) == (
        "1\u00a0234\u00a0567",
        "1,234,567",
    )
    assert write_interval(2.06, 7.94) == "2,1–7,9"
    assert write_decimal(12.5, 0, "en-gb") == "13"
