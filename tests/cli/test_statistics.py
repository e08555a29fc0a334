"""The commands `varde statistics`: the pages' tables on the command line, small numbers hidden."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from figures.register_rows import isolate, result, row, write
from varde.cli import app, main


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    write(
        tmp_path / "warehouse",
        cases=[row("cases", case_id=n, disease="pertussis") for n in range(1, 13)]
        + [row("cases", case_id=n, disease="measles") for n in range(20, 23)]
        + [
            row("cases", case_id=n, disease="rabies", classification="suspected")
            for n in range(30, 39)
        ],
        vaccinations=[row("vaccinations", vaccination_id=n, person_id=n) for n in range(1, 11)],
        wards=[row("wards", ward_id=n, with_infection=3) for n in range(1, 6)],
        findings=[row("findings", finding_id=n, results=2, without_mic=1) for n in range(1, 41)],
    )
    isolates = [isolate(n, person_id=None) for n in range(1, 41)]
    write(
        tmp_path / "norm" / "warehouse",
        isolates=isolates,
        susceptibilities=[result(n, "CIP", "R" if n < 9 else "S") for n in range(1, 41)],
    )
    settings.VARDE_HOME = tmp_path
    return tmp_path


def ask(*words: str) -> list[dict[str, Any]]:
    done = CliRunner().invoke(app, ["statistics", *words, "--format", "json"])
    assert done.exit_code == 0, done.output
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_cases_are_hidden_as_on_the_page(home: Path) -> None:
    rows = {row["disease"]: row for row in ask("msis", "--year", "2026")}
    assert rows["measles"]["n"] == "suppressed" and rows["pertussis"]["n"] == "protected"
    assert rows["total"]["n"] == 15
    assert rows["measles"]["rate"] == "suppressed"
    [of_one, total] = ask("msis", "--by", "county", "--disease", "pertussis")
    # Chosen alone it is hidden as beside the others: of the 15 it would leave the 3.
    assert (of_one["county"], of_one["n"], total["n"]) == ("03", "protected", "protected")
    assert of_one["rate"] == "not-computable", "no year was chosen"


def test_every_register_has_its_command(home: Path) -> None:
    [_, total] = ask("msis", "--by", "disease", "--disease", "rabies")
    assert (total["n"], total["suspected"]) == (0, 9)
    [given, total] = ask("sysvak", "--by", "year")
    assert (given["year"], given["n"], total["n"]) == (2026, 10, 10)
    first, *_ = ask("sysvak", "--table", "numbers", "--disease", "mumps")
    assert (first["dose_number"], first["n"]) == (1, 10)
    [ward] = ask("nois", "--institution", "hospital")
    assert (ward["n"], ward["count"], ward["pct"]) == (100, 15, 15.0)
    [drug] = ask("norm", "--organism", "escherichia-coli")
    assert (drug["antibiotic"], drug["n"], drug["R"], drug["pct"]) == ("CIP", 40, 8, 20.0)
    [laboratory] = ask("quality")
    assert (laboratory["laboratory"], laboratory["mic"]) == ("HER:1", 50.0)
    found = {(row["kind"], row["key"]): row for row in ask("overview", "--year", "2026")}
    # Of MSIS's total of 15 a reader would know the 3 cases of measles by it.
    assert found["disease", "pertussis"]["cases"] == "protected"
    assert found["organism", "escherichia-coli"]["findings"] == 40


def test_csv_has_a_line_for_each_row(home: Path) -> None:
    done = CliRunner().invoke(app, ["statistics", "sysvak", "--format", "csv"])
    assert [row["n"] for row in csv.DictReader(io.StringIO(done.stdout))] == ["10", "10"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nois", "--table", "all"], "no table"),
        (["msis", "--by", "person"], "cannot break down by"),
        (["nois", "--procedure", "colon"], "cannot be chosen by"),
    ],
)
def test_what_cannot_be_asked_is_said(home: Path, words: list[str], said: str) -> None:
    done = CliRunner().invoke(app, ["statistics", *words])
    assert done.exit_code == 1
    assert said in done.output + done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["msis", "--disease", "nonsense"],
        ["msis", "--county", "99"],
        ["sysvak", "--disease", "gonorrhoea"],
        ["norm", "--organism", "wool"],
        ["nois", "--table", "any", "--procedure", "haircut"],
    ],
)
def test_what_there_is_none_of_is_no_nought(
    home: Path,
    words: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sys.argv", ["varde", "statistics", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    said = capsys.readouterr()
    assert not said.out and f"{words[-1]!r}" in said.err and "there is no" in said.err


@pytest.mark.django_db(databases=["default", "ravn"])
def test_a_register_without_anything_says_so(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("varde.cli.statistics._has_register", lambda database: False)
    done = CliRunner().invoke(app, ["statistics", "ravn"])
    assert done.exit_code == 1
    assert "nothing has been handed in" in done.output + done.stderr
