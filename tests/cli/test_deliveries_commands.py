"""`varde ingest` of prescribing and `varde deliveries`, as scripts call them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from commands import Done, run_varde
from deliveries.given import IDENTITY, bed_days, dispensings
from messages import lmdi_builder as lmdi
from messages.table_rows import WARD
from varde.prescribing import layouts

pytestmark = pytest.mark.xdist_group("commands")


def varde(home: Path, *arguments: str) -> Done:
    return run_varde(
        *arguments, environment=os.environ | {"VARDE_HOME": str(home), "DATABASE_URL": ""}
    )


def as_json(done: Done, status: int = 0) -> Any:
    assert done.returncode == status, done.stderr
    return json.loads(done.stdout)


def test_files_of_prescribing_from_the_door_to_a_correction(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "bed-days-2026.csv").write_bytes(
        bed_days(("2026-01", "short", "1"), ("2026-02", "long", "x"))
    )
    (inbox / "any name.txt").write_bytes(dispensings({}, {"dispensing_id": "D2", "age": "x"}))
    (inbox / "other.xml").write_bytes(b"<x/>")
    home = tmp_path / "home"
    found = as_json(varde(home, "ingest", str(inbox), "--source", "FHI", "--json"))
    assert found["received"] == found["quarantined"] == 1
    receipts = {each["table"]: each for each in found["deliveries"]}
    assert {key: (each["accepted"], each["rejected"]) for key, each in receipts.items()} == {
        "bed-days": (1, 1),
        "dispensings": (1, 1),
    }
    listed = as_json(varde(home, "deliveries", "list", "--json"))
    assert [(each["table"], each["source"], each["waiting"], each["years"]) for each in listed] == [
        ("dispensings", "FHI", 1, [2026]),
        ("bed-days", "FHI", 1, [2026]),
    ]
    [row] = as_json(varde(home, "deliveries", "rejected", "--table", "bed-days", "--json"))
    delivery = receipts["bed-days"]["delivery"]
    assert row["delivery"] == delivery and row["row"] == 3
    assert row["errors"] == [{"column": "bed_days", "reason": "no-number", "shown": "x"}]
    shown = varde(home, "deliveries", "rejected")
    assert "Not a number" in shown.stdout and "p-1" not in shown.stdout
    rows = varde(home, "deliveries", "rejected", "--delivery", delivery, "--csv").stdout
    (tmp_path / "mine.csv").write_text(rows.replace(";x", ";2"))
    answer = as_json(varde(home, "deliveries", "correct", str(tmp_path / "mine.csv"), "--json"))
    assert (answer["accepted"], answer["closed"]) == (1, 1)
    removed = as_json(varde(home, "deliveries", "remove", delivery, "--json"))
    assert removed["id"] == delivery
    assert len(as_json(varde(home, "deliveries", "list", "--json"))) == 2
    assert as_json(varde(home, "deliveries", "drop", "--before", "2026", "--json")) == []
    assert varde(home, "deliveries", "remove", delivery).returncode == 1
    assert "any name.txt" in varde(home, "deliveries", "list").stdout


def test_what_cannot_be_used_ends_with_status_1_and_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "sales-2026.csv").write_bytes(b"a;b\n1;2\n")
    (tmp_path / "x.csv").write_bytes(dispensings({"patient": IDENTITY}))
    home = tmp_path / "home"
    done = varde(home, "ingest", str(tmp_path / "sales-2026.csv"), str(tmp_path / "x.csv"))
    assert done.returncode == 1 and "as sales: Unknown column (a, b − institution" in done.stderr
    assert "National identity numbers" in done.stderr and IDENTITY not in done.stderr
    said = as_json(varde(home, "ingest", "--table", "shifts", str(tmp_path / "x.csv"), "--json"), 1)
    assert said["deliveries"][0]["refusal"]["reason"] == "unknown-column"
    assert "give one of" in varde(home, "ingest", "--table", "x", str(tmp_path / "x.csv")).stderr
    assert "no time" in varde(
        home, "ingest", "--delivered-at", "x", str(tmp_path / "x.csv")
    ).stderr  # fmt: skip


def test_a_list_that_is_like_a_table_is_told_as_that_and_not_as_a_laboratorys(
    tmp_path: Path,
) -> None:
    home, inbox = tmp_path / "home", tmp_path / "inbox"
    inbox.mkdir()
    good = dispensings({}).decode()
    lines = [line.split(";") for line in good.splitlines()]
    written = {
        "many.csv": "\n".join(";".join([*line, "æ"]) for line in lines).encode(),
        "few.csv": "\n".join(";".join(line[1:]) for line in lines).encode(),
        "latin.csv": good.replace("p-1", "pæ").encode("cp1252"),
        "wide.csv": good.encode("utf-16"),
    }
    for name, content in written.items():
        (inbox / name).write_bytes(content)
    found = as_json(varde(home, "ingest", str(inbox), "--json"), 1)
    assert found["received"] == 0
    assert {
        each["name"]: (each["table"], *each["refusal"].values()) for each in found["deliveries"]
    } == {
        "many.csv": ("dispensings", "unknown-column", "", "æ"),
        "few.csv": ("dispensings", "missing-column", "dispensing_id", ""),
        "latin.csv": ("dispensings", "wrong-encoding", "", ""),
        "wide.csv": ("dispensings", "wrong-encoding", "", ""),
    }
    # A list that somebody has explained is a laboratory's.
    (inbox / "few.csv.mapping.toml").write_text("")
    found = as_json(varde(home, "ingest", str(inbox / "few.csv"), "--json"))
    assert found["quarantined"] == 1


def test_institutions_in_a_circle_are_told_until_they_are_put_right(tmp_path: Path) -> None:
    home, file = tmp_path / "home", tmp_path / "institutions.csv"
    head = "institution;since;until;name;kind;municipality;part_of;successor\n"
    one = "974760673;2020-01-01;2024-12-31;A;nursing-home;4601;;889640782\n"
    other = "889640782;2020-01-01;2025-12-31;B;nursing-home;4601;;974760673\n"
    file.write_text(head + one)
    assert "circles" not in as_json(varde(home, "ingest", str(file), "--json"))
    file.write_text(head + other)
    found = as_json(varde(home, "ingest", str(file), "--json"))
    assert found["circles"] == [{"column": "successor", "numbers": ["889640782", "974760673"]}]
    assert found["deliveries"][0]["accepted"] == 1
    done = varde(home, "ingest", str(file))
    assert done.returncode == 0 and "each of 889640782, 974760673 was taken over" in done.stderr
    (tmp_path / "bed-days.csv").write_bytes(bed_days(("2026-01", "short", "1")))
    varde(home, "ingest", str(tmp_path / "bed-days.csv"))
    compute = ("indicator", "compute", "home-ddd", "--by", "institution", "--period", "2026")
    done = varde(home, *compute)
    assert done.returncode == 1 and "institutions in a circle" in done.stderr
    assert "Traceback" not in done.stderr
    file.write_text(head + other.replace("974760673\n", "\n"))
    assert "circles" not in as_json(varde(home, "ingest", str(file), "--json"))
    assert varde(home, *compute).returncode == 0


def test_a_survey_in_parquet_is_a_survey_as_in_csv(tmp_path: Path) -> None:
    rows = [WARD, WARD | {"Nummer": "2"}, WARD | {"Nummer": "3", "AntallBeboereKl8": "mange"}]
    table = pa.table({name: [row[name] for row in rows] for name in WARD})
    pq.write_table(table, tmp_path / "piah.parquet")
    home = tmp_path / "home"
    found = as_json(varde(home, "ingest", str(tmp_path / "piah.parquet"), "--json"))
    assert (found["received"], found["accepted"], found["quarantined"]) == (3, 2, 1)
    [item] = as_json(varde(home, "quarantine", "--json"))["items"]
    assert (item["reason"], item["place"]) == ("bad-value", "line 4, column AntallBeboereKl8")


def test_the_template_is_the_heading_row(tmp_path: Path) -> None:
    done = varde(tmp_path, "deliveries", "template", "bed-days")
    names = [column.name for column in layouts()["bed-days"].columns]
    assert done.stdout.lstrip("\ufeff").strip() == ";".join(names)
    assert varde(tmp_path, "deliveries", "template", "x").returncode == 1


def test_bundles_of_administered_drugs_are_prescribing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    made = lmdi.bundle([lmdi.given("d1", "1"), lmdi.given("d2", "2", dosage={})])
    (tmp_path / "bundle.json").write_bytes(lmdi.write(made))
    said = ("ingest", str(tmp_path / "bundle.json"), "--source", lmdi.SENDER, "--json")
    found = as_json(varde(home, *said))
    [receipt] = found["deliveries"]
    assert (receipt["table"], receipt["accepted"], receipt["rejected"]) == ("administrations", 1, 1)
    assert found["received"] == 0
    shown = varde(home, "deliveries", "rejected")
    assert "Dose missing" in shown.stdout and lmdi.FIRST not in shown.stdout
    (tmp_path / "bundle.json").write_bytes(lmdi.write(lmdi.bundle(type="batch")))
    done = varde(home, *said[:-1])
    assert done.returncode == 1 and "Bundle against the profile" in done.stderr


def test_a_reports_reader_and_folder_as_people_write_them(tmp_path: Path) -> None:
    """An institution's number may have its kind before it; a folder that cannot be made is said to be that."""
    home = tmp_path / "home"
    file = tmp_path / "bed-days-2026.csv"
    file.write_bytes(bed_days(("2026-01", "short", "1")))
    as_json(varde(home, "ingest", str(file), "--source", "FHI", "--json"))
    report = ("report", "rask", "--year", "2026")
    done = varde(home, *report, "--unit", "ENH:100000156", "--out", str(tmp_path / "out"))
    assert done.returncode != 0 and "ENH:" not in done.stderr
    blocked = file / "below"
    done = varde(home, *report, "--out", str(blocked))
    assert done.returncode != 0 and "there is no" not in done.stderr
    assert "nothing can be written to" in done.stderr


def test_rows_of_another_source_that_were_replaced_are_told(tmp_path: Path) -> None:
    """The numbers of a source are its own: two that both count from 1 must not replace each other without a word."""
    told = []
    for source, age in (("epj-a", "30"), ("epj-b", "40"), ("epj-b", "41")):
        file = tmp_path / "dispensings-2026.csv"
        file.write_bytes(dispensings({"age": age}))
        done = varde(tmp_path / "home", "ingest", str(file), "--source", source)
        assert done.returncode == 0, done.stderr
        told.append("Rows of another source were replaced (epj-a)" in done.stderr)
    assert told == [False, True, False]


def test_who_sends_a_bundle_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "bundle.json").write_bytes(lmdi.write(lmdi.bundle([lmdi.given("d1", "1")])))
    done = varde(tmp_path / "home", "ingest", str(tmp_path / "bundle.json"))
    assert done.returncode == 1 and "--source ENH:NUMBER" in done.stderr
    assert as_json(varde(tmp_path / "home", "deliveries", "list", "--json")) == []


def test_a_file_of_which_no_row_can_be_used_ends_with_status_1(tmp_path: Path) -> None:
    (tmp_path / "dispensings-2026.csv").write_bytes(dispensings({"age": "x"}))
    done = varde(tmp_path / "home", "ingest", str(tmp_path / "dispensings-2026.csv"))
    assert done.returncode == 1 and "0 accepted, 1 rejected" in done.stderr


def test_a_correction_has_the_pseudonyms_of_what_it_corrects(tmp_path: Path) -> None:
    home = tmp_path / "home"
    file = tmp_path / "dispensings-2026.csv"
    file.write_bytes(dispensings({}, {"dispensing_id": "D2", "age": "x"}))
    said = ("--series", "a", "--json")
    [receipt] = as_json(varde(home, "ingest", str(file), *said))["deliveries"]
    rows = varde(home, "deliveries", "rejected", "--delivery", receipt["delivery"], "--csv").stdout
    (tmp_path / "mine.csv").write_text(rows.replace(";x;", ";40;"))
    answer = as_json(varde(home, "deliveries", "correct", str(tmp_path / "mine.csv"), "--json"))
    assert (answer["accepted"], answer["closed"]) == (1, 1)
    listed = as_json(varde(home, "deliveries", "list", "--json"))
    assert [each["series"] for each in listed] == ["a", "a"]
