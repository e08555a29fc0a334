"""The commands as scripts call them: names, shapes, exit statuses, what goes where."""

from __future__ import annotations

import csv
import io
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from commands import Done, run_varde
from register.answers import MAPPING

pytestmark = pytest.mark.xdist_group("commands")

LIST = """id,patient,date,organism,AMP,CIP
{}"""
GOOD = [f"{n},P{n},2026-01-{n % 28 + 1:02d},Escherichia coli,{'RS'[n % 2]},S" for n in range(1, 41)]


def varde(home: Path, *arguments: str, typed: str = "") -> Done:
    environment = os.environ | {"VARDE_HOME": str(home), "DATABASE_URL": ""}
    return run_varde(*arguments, environment=environment, typed=typed)


def as_json(done: Done) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A register with forty isolates of a list, one of them bad, refreshed."""
    folder = tmp_path_factory.mktemp("cli")
    inbox = folder / "inbox"
    inbox.mkdir()
    rows = [*GOOD, "41,P41,not a date,Escherichia coli,R,R", "42,P42,2026-01-03,Ukjent sopp,S,S"]
    (inbox / "list.csv").write_text(LIST.format("\n".join(rows)))
    (inbox / "mapping.toml").write_bytes(MAPPING)
    counts = as_json(varde(folder, "ingest", str(inbox), "--json"))
    assert counts == {
        "received": 42,
        "accepted": 41,
        "duplicate": 0,
        "quarantined": 1,
        "unmapped": 1,
    }
    assert varde(folder, "refresh").returncode == 0
    return folder


def test_the_same_files_again_are_duplicates(home: Path) -> None:
    counts = as_json(varde(home, "ingest", str(home / "inbox"), "--json"))
    # What could not be used is in quarantine still.
    assert (counts["received"], counts["duplicate"], counts["accepted"]) == (42, 41, 0)
    assert counts["quarantined"] == 1


def test_a_mapping_can_be_given(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(LIST.format(GOOD[0]))
    (tmp_path / "mine.toml").write_bytes(MAPPING)
    command = ("ingest", str(tmp_path / "list.csv"), "--mapping", str(tmp_path / "mine.toml"))
    counts = as_json(varde(tmp_path / "home", *command, "--json"))
    assert counts["accepted"] == 1


def test_quarantine_lists_reasons(home: Path) -> None:
    answer = as_json(varde(home, "quarantine", "--json"))
    assert answer["reasons"] == [{"reason": "bad-date", "count": 1}]
    [item] = answer["items"]
    assert item["reason"] == "bad-date"
    assert item["sender"] == "LIST"
    assert [code["text"] for code in answer["unmapped"]] == ["Ukjent sopp"]
    table = varde(home, "quarantine")
    assert table.returncode == 0
    assert "LIST" in table.stdout
    assert str(item["id"]) in table.stdout and item["message_ref"][:6] in table.stdout


def test_antibiogram_as_csv_json_and_table(home: Path) -> None:
    done = varde(home, "antibiogram", "--format", "csv")
    assert done.returncode == 0
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert list(rows[0])[:6] == ["organism", "antibiotic", "n", "S", "I", "R"]
    found = {(row["organism"], row["antibiotic"]): row for row in rows}
    assert [found["Escherichia coli", "AMP"][key] for key in ("n", "S", "I", "R")] == [
        "40",
        "20",
        "0",
        "20",
    ]
    assert found["Escherichia coli", "AMP"]["status"] == "ok"
    same = as_json(varde(home, "antibiogram", "--format", "json"))
    assert {(row["organism"], row["antibiotic"]) for row in same} == set(found)
    assert "Escherichia coli" in varde(home, "antibiogram").stdout


def test_antibiogram_by_other_columns_and_within_a_period(home: Path) -> None:
    command = ("antibiogram", "--by", "antibiotic,year", "--first-isolates", "none")
    rows = as_json(
        varde(home, *command, "--from", "2026-01-01", "--to", "2026-01-31", "--format", "json")
    )
    assert {(row["antibiotic"], row["year"]) for row in rows} == {("AMP", 2026), ("CIP", 2026)}
    assert as_json(varde(home, *command, "--from", "2027-01-01", "--format", "json")) == []


def test_status_counts_everything(home: Path) -> None:
    status = as_json(varde(home, "status", "--json"))
    assert status["reports"] == 41
    assert status["persons"] == 41
    assert status["quarantined"] == 1
    assert status["waiting"] == 0
    assert status["snapshot"] == 1
    assert status["replay_advised"] is False


def test_replay_changes_nothing_when_nothing_changed(home: Path) -> None:
    result = as_json(varde(home, "replay", "--json"))
    assert result["messages"] == 1
    assert result["added"] == result["removed"] == result["changed"] == result["why"] == []
    assert as_json(varde(home, "replay", "--quarantined", "--json"))["settled"] == 0


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        (("ingest", "nowhere.xml"), "there is no nowhere.xml"),
        (
            ("antibiogram", "--first-isolates", "sometimes"),
            "first isolates by 'sometimes' is unknown",
        ),
        (("antibiogram", "--by", "shoe size"), "cannot break down by"),
        (("antibiogram", "--county", "99"), "there is no county '99'"),
        (("antibiogram", "--material", "tea"), "there is no material 'tea'"),
        (("ingest", ".", "--mapping", "."), ".: Is a directory"),
        (("user", "a", "--role", "municipal-doctor"), "say which with --area"),
        (("user", "a", "--role", "municipal-doctor", "--area", "9999"), "no municipality '9999'"),
        (("demo", "--no-serve"), "invented ones must not be mixed with them"),
        (("antibiogram", "--organism", "yeti"), "there is no organism 'yeti'"),
    ],
)
def test_mistakes_are_told_in_one_sentence(
    home: Path, command: tuple[str, ...], complaint: str
) -> None:
    done = varde(home, *command)
    assert done.returncode == 1
    assert done.stdout == ""
    assert complaint in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_an_antibiogram_without_a_snapshot_says_what_to_do(tmp_path: Path) -> None:
    done = varde(tmp_path, "antibiogram", "--format", "csv")
    assert done.returncode == 1
    assert "varde refresh" in done.stderr


def test_another_installations_keys_are_refused(home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "varde.cli", "status"],
        env=os.environ | {"VARDE_HOME": str(home), "VARDE_PSEUDONYM_KEY": "ab" * 32},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "not the keys that this register was made with" in " ".join(done.stderr.split())


def test_the_demo_makes_a_country_with_answers_and_problems_and_can_be_repeated(
    tmp_path: Path,
) -> None:
    for _ in range(2):
        done = varde(tmp_path, "demo", "--no-serve", "--size", "small")
        assert done.returncode == 0, done.stderr
        assert done.stdout == ""
    assert " 0 accepted" in " ".join(done.stderr.split())
    status = as_json(varde(tmp_path, "status", "--json"))
    assert status["reports"] > 3_000
    assert status["quarantined"] > 10
    assert status["unmapped"] > 10
    assert status["joined"] > 10
    assert status["snapshot"] == 1
    rows = as_json(varde(tmp_path, "antibiogram", "--format", "json"))
    assert any(row["status"] == "ok" and row["organism"] == "Escherichia coli" for row in rows)


def test_a_user_is_made_with_a_role_and_a_password_that_is_asked_for(tmp_path: Path) -> None:
    def ask(role: str, password: str) -> Done:
        return varde(tmp_path, "user", "anna", "--role", role, typed=f"{password}\n{password}\n")

    assert "there is no role 'king': give one of" in ask("king", "a-long-password-1").stderr
    assert "12" in ask("epidemiologist", "short").stderr
    made = ask("epidemiologist", "a-long-password-1")
    assert made.returncode == 0, made.stderr
    assert "anna can sign in as epidemiologist" in made.stderr
    stored = (tmp_path / "varde.sqlite3").read_bytes()
    assert b"a-long-password-1" not in stored


def test_what_the_register_writes_is_for_its_owner_alone(home: Path) -> None:
    written = [
        home / "varde.sqlite3",
        *(home / "warehouse").rglob("*.parquet"),
        *(home / "keys").iterdir(),
    ]
    assert len(written) > 4
    assert not [path for path in written if path.stat().st_mode & 0o077]


def test_a_database_address_that_is_none_is_told_in_one_sentence(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "varde.cli", "status"],
        env=os.environ | {"VARDE_HOME": str(tmp_path), "DATABASE_URL": "mysql://x/y"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "DATABASE_URL must read postgres://" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_taken_port_is_refused(tmp_path: Path, command: str) -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = varde(tmp_path, command, "--port", str(port))
    assert done.returncode == 1
    assert f"cannot serve at 127.0.0.1 port {port}" in " ".join(done.stderr.split())
    assert not (tmp_path / "demo").exists()  # nor was anything made first
