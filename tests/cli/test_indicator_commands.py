"""The commands `indicator …`, over a folder of Parquet files."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from random import Random

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from prescribing.invented_prescribing import as_arrow, invent
from varde.cli import app
from varde.prescribing.indicators import InvalidPeriod, InvalidQuestion, UnknownIndicator
from varde.warehouse import WarehouseError

run = CliRunner()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for key, table in as_arrow(invent(Random(6), 60)).items():
        pq.write_table(table, tmp_path / f"{key}.parquet")
    return tmp_path


def test_list_says_what_there_is() -> None:
    answer = run.invoke(app, ["indicator", "list", "--format", "csv"])
    assert answer.exit_code == 0
    rows = list(csv.DictReader(io.StringIO(answer.stdout)))
    assert {"ab1", "ab2", "ab3", "ab4"} <= {row["indicator"] for row in rows}
    assert all(row["better"] in ("lower", "higher", "none") for row in rows)


def test_compute_prints_exact_figures(folder: Path) -> None:
    asked = [
        "indicator",
        "compute",
        "ab1",
        "broad-spectrum",
        "--period",
        "2024",
        "--from",
        str(folder),
    ]
    answer = run.invoke(app, [*asked, "--format", "json"])
    assert answer.exit_code == 0, answer.output
    rows = json.loads(answer.stdout)
    assert {row["indicator"] for row in rows} == {"ab1", "broad-spectrum"}
    assert all(row["denominator"].endswith(".000") for row in rows)
    printed = run.invoke(app, [*asked, "--format", "csv", "--by", "country"])
    assert printed.stdout.splitlines()[0].startswith("indicator,unit,since,until")


@pytest.mark.parametrize(
    ("more", "error"),
    [
        (["nothing", "--period", "2024"], UnknownIndicator),
        (["ab1", "--period", "2024-13"], InvalidPeriod),
        (["ab1", "--period", "2024", "--by", "doctor"], InvalidQuestion),
        (["ab1", "--period", "2024", "--role", "dentist"], InvalidQuestion),
        (["home-ddd", "--period", "2024"], InvalidQuestion),
    ],
)
def test_what_cannot_be_asked_is_said(folder: Path, more: list[str], error: type) -> None:
    answer = run.invoke(app, ["indicator", "compute", *more, "--from", str(folder)])
    assert answer.exit_code == 1
    assert isinstance(answer.exception, error)


def test_a_file_without_its_columns_is_refused(folder: Path) -> None:
    path = folder / "dispensings.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["atc"]), path)
    answer = run.invoke(
        app, ["indicator", "compute", "ab1", "--period", "2024", "--from", str(folder)]
    )
    assert isinstance(answer.exception, InvalidQuestion)
    assert "has no column atc" in str(answer.exception)


def test_what_is_left_out_is_told_beside_the_figures(folder: Path) -> None:
    def ask(id_: str, *more: str) -> tuple[list[dict[str, str]], str]:
        asked = ["indicator", "compute", id_, "--period", "2023-12..2025-12", "--format", "json"]
        answer = run.invoke(app, [*asked, "--from", str(folder), *more])
        assert answer.exit_code == 0, answer.output
        return json.loads(answer.stdout), answer.stderr

    # Of invented homes something is told of four months at most; some doctors have several posts or none.
    rows, told = ask("home-ddd", "--by", "institution")
    assert rows and all(int(row["months"]) < 4 for row in rows)
    assert f"home-ddd: {len(rows)} of the figures are of fewer months than were delivered" in told
    for table in ("sales", "bed-days"):
        assert f"{table}: nobody delivered anything of 20" in told
    assert "role" not in told
    rows, told = ask("broad-spectrum")
    days = pq.read_table(folder / "dispensings.parquet")["dispensed_on"].to_pylist()
    months = {day.replace(day=1) for day in days}
    assert rows and {row["months"] for row in rows} == {str(len(months))}
    assert told.startswith("dispensings: nobody delivered anything of ")
    assert "left out of broad-spectrum (column months)." in told and told.count("\n") == 1
    rows, told = ask("j01-per-1000", "--by", "country")
    assert "the persons of j01-per-1000 are those of the whole period." in told
    rows, told = ask("broad-spectrum", "--role", "gp")
    assert "in which role they were prescribed" in told


def test_what_can_be_computed_is_printed_and_the_rest_is_an_error(folder: Path) -> None:
    (folder / "wards.parquet").unlink()
    asked = ["indicator", "compute", "home-ddd", "residents-on-antibiotics", "--period", "2024"]
    answer = run.invoke(
        app, [*asked, "--by", "institution", "--format", "json", "--from", str(folder)]
    )
    assert answer.exit_code == 1 and isinstance(answer.exception, InvalidQuestion)
    assert {row["indicator"] for row in json.loads(answer.stdout)} == {"home-ddd"}
    assert "residents-on-antibiotics is not computed: it counts" in answer.stderr


def test_without_a_snapshot_what_was_delivered_is_computed_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VARDE_HOME", str(tmp_path))
    asked = ["indicator", "compute", "--period", "2024", "--by", "institution", "--format", "csv"]
    answer = run.invoke(app, [*asked, "home-ddd", "residents-on-antibiotics"])
    assert answer.exit_code == 1 and isinstance(answer.exception, WarehouseError)
    assert answer.stdout.startswith("indicator,unit,since,until")
    assert "residents-on-antibiotics is not computed: it counts" in answer.stderr
    answer = run.invoke(app, [*asked, "residents-on-antibiotics"])
    assert isinstance(answer.exception, WarehouseError) and answer.stdout == ""
