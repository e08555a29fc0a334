"""The commands `indicator …`, over a folder of Parquet files."""

from __future__ import annotations

import csv
import io
import json
import os
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from commands import run_varde
from prescribing.invented_prescribing import as_arrow, invent
from varde.cli import app
from varde.prescribing import indicators, layouts
from varde.prescribing.indicators import InvalidPeriod, InvalidQuestion, UnknownIndicator, catalogue
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


SHIPPED = Path(indicators.__file__).with_name("definitions")


def told_by_check(*more: str) -> tuple[int, list[str]]:
    answer = run.invoke(app, ["indicator", "check", *more])
    return answer.exit_code, answer.stderr.splitlines()


def test_check_tells_of_every_file_that_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("varde.cli.indicators.today", lambda: date(2026, 12, 1))
    assert told_by_check() == (0, ["52 definitions hold."])
    ab1, home = ((SHIPPED / f"{name}.toml").read_text("utf-8") for name in ("ab1", "home-ddd"))
    (tmp_path / "ab1.toml").write_text(ab1, "utf-8")
    assert told_by_check(str(tmp_path)) == (0, ["1 definition holds."])
    (tmp_path / "ab4.toml").write_text(ab1, "utf-8")
    (tmp_path / "home-ddd.toml").write_text(home.replace('"J01"', '"J0"'), "utf-8")
    status, told = told_by_check(str(tmp_path))
    assert status == 1
    assert told == [
        "ab4.toml: id: the id ab1 is not the file's name: call the file ab1.toml or ab1@2020-01-01.toml, or correct the id",
        "home-ddd.toml: numerator.where.atc: 'J0' is no beginning of an ATC code: write three, four, five or seven signs "
        "of one, as J01 or J01CE02",
        "1 definition holds.",
        "varde: 2 files are wrong: see above",
    ]
    assert told_by_check(str(tmp_path / "nowhere"))[0] == 1


def test_check_tells_of_reviews_that_have_passed_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("varde.cli.indicators.today", lambda: date(2030, 1, 1))
    ab1 = (SHIPPED / "ab1.toml").read_text("utf-8")
    (tmp_path / "ab1.toml").write_text(ab1, "utf-8")
    (tmp_path / "ab4.toml").write_text(ab1, "utf-8")
    status, told = told_by_check(str(tmp_path))
    last = "varde: 1 file is wrong: see above; the day of the next review has passed for ab1"
    assert status == 1 and told[-1] == last


def test_check_knows_today(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "ab1.toml").write_text((SHIPPED / "ab1.toml").read_text("utf-8"), "utf-8")
    monkeypatch.setattr("varde.cli.indicators.today", lambda: date(2026, 11, 25))
    status, told = told_by_check(str(tmp_path))
    assert status == 1 and told[0].startswith("ab1.toml: reviewed: nobody has looked it over on")


def test_check_survives_files_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes('title.nb = "Luftveisinfeksjon på"'.encode("latin-1"))
    (tmp_path / "b.toml").write_text("title.nb = \n", "utf-8")
    environment = os.environ | {"VARDE_HOME": str(tmp_path / "var")}
    answer = run_varde("indicator", "check", str(tmp_path), environment=environment)
    assert answer.returncode == 1
    first, second, *_ = answer.stderr.splitlines()
    assert first.startswith("a.toml: line 1: it is not written in UTF-8: ")
    assert second.startswith("b.toml: line 1, column 12: it is no TOML: ")
    (tmp_path / "empty").mkdir()
    answer = run_varde("indicator", "check", str(tmp_path / "empty"), environment=environment)
    assert answer.returncode == 1
    assert answer.stderr.startswith("varde: empty: there is no definition in this folder: ")


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
        (["ab1", "--period", "2024", "--engine", "spark"], InvalidQuestion),
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
    assert rows and {row["months"] for row in rows} == {len(months)}
    assert told.startswith("dispensings: nobody delivered anything of ")
    assert "left out of broad-spectrum (column months)." in told and told.count("\n") == 1
    rows, told = ask("j01-per-1000", "--by", "country")
    assert "the persons of j01-per-1000 are those of the whole period." in told
    rows, told = ask("broad-spectrum", "--role", "gp")
    assert "in which role they were prescribed" in told


HOMES = ("985626154", "985626155", "985626156", "985626157", "985626158")
TELLS, BOUGHT, GONE, CARE, LATER = HOMES


def write_homes(folder: Path) -> None:
    """Five that bought antibiotics in January: one that told bed days, one that never did, one that the first took over,
    a home-care district, and one that told bed days of the year after alone."""
    january, later = date(2025, 1, 1), date(2026, 1, 1)
    kinds = {number: "home-care" if number == CARE else "nursing-home" for number in HOMES}
    tables = {
        "institutions": [
            {"institution": number, "since": date(2020, 1, 1), "name": "x", "kind": kind}
            | {"municipality": "4601"}
            | ({"until": date(2025, 6, 30), "successor": TELLS} if number == GONE else {})
            for number, kind in kinds.items()
        ],
        "sales": [
            {"institution": number, "month": month, "atc": "J01CE02", "product": "1"}
            | {"route": "O", "packages": Decimal(1), "ddd": Decimal(9), "ddd_version": 2025}
            for number, month in (*((one, january) for one in HOMES), (TELLS, later))
        ],
        "bed-days": [
            {"institution": number, "month": month, "stay": "long", "bed_days": Decimal(300)}
            for number, month in ((TELLS, january), (LATER, later))
        ],
    }
    for key, rows in tables.items():
        schema = layouts()[key].schema
        full = [{name: row.get(name) for name in schema.names} for row in rows]
        pq.write_table(pa.Table.from_pylist(full, schema), folder / f"{key}.parquet")


@pytest.mark.parametrize("by", ["institution", "county"])
def test_institutions_that_took_over_from_each_other_in_a_circle_are_refused(
    tmp_path: Path, by: str
) -> None:
    write_homes(tmp_path)
    path = tmp_path / "institutions.parquet"
    rows = pq.read_table(path).to_pylist()
    for row in rows:
        if row["institution"] == TELLS:
            row |= {"until": date(2025, 7, 31), "successor": GONE}
    pq.write_table(pa.Table.from_pylist(rows, layouts()["institutions"].schema), path)
    asked = ["indicator", "compute", "home-ddd", "--by", by, "--from", str(tmp_path)]
    refused = run.invoke(app, [*asked, "--period", "2025"])
    assert refused.exit_code != 0 and isinstance(refused.exception, InvalidQuestion)
    assert f"{GONE} → {TELLS} → {GONE}" in str(refused.exception).replace(
        f"{TELLS} → {GONE} → {TELLS}", f"{GONE} → {TELLS} → {GONE}"
    )
    # Before the second ended, it had taken over.
    assert run.invoke(app, [*asked, "--period", "2025-01..2025-06"]).exit_code == 0


@pytest.mark.parametrize("by", ["institution", "county", "country"])
def test_who_bought_and_told_no_bed_days_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    write_homes(tmp_path)

    def ask(*more: str) -> tuple[list[dict[str, str]], str]:
        asked = ["indicator", "compute", "--by", by, "--format", "json", "--from", str(tmp_path)]
        answer = run.invoke(app, [*asked, *more])
        assert answer.exit_code == 0, answer.output
        return json.loads(answer.stdout), answer.stderr

    def without(told: str) -> list[str]:
        return [line for line in told.splitlines() if "no bed days to set them over" in line]

    rows, told = ask("home-ddd", "home-ddd-with-methenamine", "--period", "2025")
    assert {row["denominator"] for row in rows} == {"300.000"} and len(rows) == 2
    assert without(told) == [
        f"home-ddd, home-ddd-with-methenamine: 2 institutions ({BOUGHT}, {LATER}) had sales and no bed days to set them "
        "over in 2025-01..2025-12, and so no figure: hand in the missing bed days (`varde ingest FILE`)."
    ]
    # Over both years one has bed days; a month of which nobody delivered any is told of as such.
    assert [
        line.split(" had ")[0]
        for line in without(ask("home-ddd", "--period", "2025-01..2026-12")[1])
    ] == [f"home-ddd: 1 institution ({BOUGHT})"]
    assert without(ask("home-ddd", "--period", "2025-02")[1]) == []
    assert without(ask("home-broad-spectrum-share", "--period", "2025")[1]) == []
    monkeypatch.setattr("varde.cli.indicators.NAMED", 1)
    [line] = without(ask("home-ddd", "--period", "2025")[1])
    assert f"2 institutions ({BOUGHT} and 1 more) had sales" in line


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


def test_what_is_of_no_county_is_told(folder: Path) -> None:
    """Prescribers whom the register does not have are in the country's figures alone."""
    path = folder / "prescribers.parquet"
    rows = pq.read_table(path)
    gone = rows["prescriber"][0].as_py()
    pq.write_table(rows.filter(pc.not_equal(rows["prescriber"], gone)), path)
    asked = ["indicator", "compute", "j01-per-1000", "--period", "2024", "--from", str(folder)]
    county = run.invoke(app, [*asked, "--by", "county", "--format", "csv"])
    assert county.exit_code == 0
    [told] = [
        line for line in county.stderr.splitlines() if " dispensings are of no county" in line
    ]
    dispensed = pq.read_table(folder / "dispensings.parquet").to_pylist()
    year = [row for row in dispensed if row["dispensed_on"].year == 2024]
    assert told.split()[3] == f"{len(year):,}" and int(told.split()[1].replace(",", "")) > 0
    country = run.invoke(app, [*asked, "--by", "country", "--format", "csv"])
    assert "are of no" not in country.stderr


def test_an_indicator_without_any_row_is_told(folder: Path) -> None:
    asked = ["indicator", "compute", "ab1", "ab2", "--period", "2021", "--from", str(folder)]
    answer = run.invoke(app, [*asked, "--format", "csv"])
    assert len(answer.stdout.splitlines()) == 1
    assert "No prescriber has a figure of ab1, ab2" in answer.stderr


def test_homes_have_no_role(folder: Path) -> None:
    asked = ["indicator", "compute", "home-ddd", "--period", "2024", "--by", "institution"]
    answer = run.invoke(app, [*asked, "--role", "gp", "--from", str(folder)])
    assert isinstance(answer.exception, InvalidQuestion)
    assert "institutions, which have no role" in str(answer.exception)


def test_all_that_have_no_such_units_are_named_at_once(folder: Path) -> None:
    """One of surveys too, whose tables are not there."""
    (folder / "wards.parquet").unlink()
    homes = ["home-ddd", "residents-on-antibiotics"]
    asked = ["indicator", "compute", "ab1", *homes, "j01-per-shift-hours", "--period", "2024"]
    answer = run.invoke(app, [*asked, "--from", str(folder), "--by", "prescriber"])
    assert isinstance(answer.exception, InvalidQuestion) and answer.stdout == ""
    assert str(answer.exception) == (
        "home-ddd, residents-on-antibiotics are not computed by prescriber: "
        "give one of institution, municipality, county, country"
    )
    answer = run.invoke(app, [*asked, "home-ddd", "--from", str(folder), "--by", "institution"])
    assert str(answer.exception).count(" computed by institution: give one of ") == 1
    assert str(answer.exception).startswith("ab1, j01-per-shift-hours are not computed by")
    asked = ["indicator", "compute", "ab1", "j01-per-1000", "--period", "2024"]
    answer = run.invoke(app, [*asked, "--from", str(folder), "--by", "institution"])
    assert str(answer.exception) == (
        "ab1 is not computed by institution: give one of prescriber, out-of-hours-unit, peer-group, municipality, "
        "county, country; j01-per-1000 is not computed by institution: give one of prescriber, peer-group, "
        "municipality, county, country"
    )


def test_no_name_is_cut_off_in_the_list() -> None:
    ids = {one.id for one in catalogue().on(date(2026, 12, 31)).values()}
    listed = run.invoke(app, ["indicator", "list"]).stdout
    assert not [name for name in ids if f" {name} " not in listed]
