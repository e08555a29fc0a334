"""The commands on the access log: what scripts read, exit statuses, and that they are logged themselves."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from access.audit.logs import DOCTOR, fill, read_log
from access.tampering import disarm, execute, read_guards
from messages.numbers import some_number
from operation.sites import at, copy, database_file, without_keys
from varde.access import audit, throttle
from varde.access.audit import signing
from varde.access.keys import load_keys
from varde.access.models import AccessLogEntry, User
from varde.access.pseudonyms import make_pseudonymiser
from varde.access.purposes import purpose_of
from varde.cli import app
from varde.operation import backup, restore

PASSWORD = "a-long-enough-password"
NUMBER = some_number()


@pytest.fixture
def home(empty_site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(signing, "_keeper", signing._Keeper())
    made = copy(empty_site, tmp_path / "site")
    with at(made):
        fill(12)
    return made


@pytest.fixture
def varde(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a command on a home folder."""

    def run(home: Path, *arguments: str, status: int = 0, given: str | None = None) -> Result:
        monkeypatch.setenv("VARDE_HOME", str(home))
        monkeypatch.setenv("COLUMNS", "200")
        with at(home):
            result = CliRunner().invoke(app, ["audit", *arguments], input=given)
        assert result.exit_code == status, result.output + str(result.exception)
        return result

    return run


def test_sign_and_verify(home: Path, varde: Any) -> None:
    report = json.loads(varde(home, "verify", "--json").stdout)
    assert (report["whole"], report["entries"], report["heads"], report["signed"]) == (
        True,
        12,
        0,
        0,
    )
    assert report["notes"] == ["nothing is signed: only the chain was verified"]
    head = json.loads(varde(home, "sign", "--json").stdout)
    assert (head["sequence"], head["number"], head["kind"]) == (12, 2, "entries")
    said = varde(home, "verify").stderr
    assert "12 entries, 2 heads; signed up to entry 12." in said and "is whole" in said
    assert head["hash"] in said
    assert f"entry 12 has the hash {head['hash']}" in " ".join(varde(home, "sign").stderr.split())
    with at(home):
        disarm()
        execute("UPDATE access_accesslogentry SET actor = 'x' WHERE id = 4")
    report = json.loads(varde(home, "verify", "--json", status=1).stdout)
    assert (report["whole"], report["first_bad"], report["faults"][0]["kind"]) == (
        False,
        4,
        "changed",
    )
    assert "entry 4 is not what its hash says" in varde(home, "verify", status=1).stderr


@pytest.mark.parametrize(
    ("statement", "kind", "first"),
    [
        ("UPDATE access_accesslogentry SET at = '2026-01-01 00:00:00' WHERE id = 7", "changed", 7),
        ("UPDATE access_accesslogentry SET about = '' WHERE id = 7", "changed", 7),
        ("UPDATE access_accesslogentry SET purpose = 'care' WHERE id = 1", "changed", 1),
        ("UPDATE access_accesslogentry SET version = 2 WHERE id = 3", "unknown-version", 3),
        ("UPDATE access_accesslogentry SET id = 99 WHERE id = 12", "gap", 12),
        ("UPDATE access_accesslogentry SET id = -1 WHERE id = 1", "duplicate", -1),
        ("DELETE FROM access_accesslogentry WHERE id = 5", "gap", 5),
        ("DELETE FROM access_accesslogentry WHERE id > 9", "tail-missing", 10),
        ("DELETE FROM access_accesslogentry", "tail-missing", 1),
        ("UPDATE access_signedhead SET line = replace(line, '1', '2') WHERE number = 2", "head-changed", None),
    ],
)  # fmt: skip
def test_what_was_done_past_varde_is_found(
    statement: str, kind: str, first: int | None, home: Path, varde: Any
) -> None:
    varde(home, "sign")
    with at(home):
        disarm()
        execute(statement)
    report = json.loads(varde(home, "verify", "--json", status=1).stdout)
    assert report["faults"][0]["kind"] == kind and report["first_bad"] == first


REMOVED = {
    "all of it": (
        "DELETE FROM access_accesslogentry; DELETE FROM access_signedhead",
        0,
        {"heads-missing", "tail-missing"},
    ),
    "its end": (
        "DELETE FROM access_accesslogentry WHERE id > 9; DELETE FROM access_signedhead WHERE number > 1",
        1,
        {"heads-missing", "tail-missing"},
    ),
    "its heads": ("DELETE FROM access_signedhead", 0, {"heads-missing"}),
    "its guards": ("SELECT 1", 2, set()),
}


@pytest.mark.parametrize("what", REMOVED)
def test_what_an_earlier_verification_saw_is_missed(what: str, home: Path, varde: Any) -> None:
    """Log, heads and what the database remembers of them are cut alike."""
    statements, heads, kinds = REMOVED[what]
    varde(home, "sign")
    varde(home, "verify")
    with at(home):
        disarm()
        for statement in statements.split("; "):
            execute(statement)
    file = home / "audit-heads.jsonl"
    lines = file.read_bytes().splitlines(keepends=True)
    assert len(lines) == 2
    file.write_bytes(b"".join(lines[:heads]))
    for _ in range(2):  # a verification that found faults does not make them what is usual
        report = json.loads(varde(home, "verify", "--json", status=1).stdout)
        assert {fault["kind"] for fault in report["faults"]} == kinds | {"unguarded"}


def test_a_key_without_heads_is_a_fault(home: Path, tmp_path: Path, varde: Any) -> None:
    varde(home, "sign")
    (tmp_path / "audit.pem").write_text(varde(home, "key").stdout)
    with at(home):
        disarm()
        execute("DELETE FROM access_signedhead")
    (home / "audit-heads.jsonl").unlink()
    for given in ((), ("--public-key", str(tmp_path / "audit.pem"))):
        report = json.loads(varde(home, "verify", "--json", *given, status=1).stdout)
        assert "heads-missing" in {fault["kind"] for fault in report["faults"]}


def test_a_cut_that_is_called_a_restore_is_told(home: Path, varde: Any) -> None:
    varde(home, "sign")
    varde(home, "verify")
    with at(home):
        guards = read_guards()
        disarm()
        execute("DELETE FROM access_accesslogentry WHERE id > 9")
        for guard in guards:
            execute(guard)
    varde(home, "sign", "--restored")
    found = varde(home, "verify", "--json", status=3)
    report = json.loads(found.stdout)
    assert report["whole"] and report["restored"] == [3]
    assert any("no varde restore is in the log" in note for note in report["notes"])


def test_a_copy_is_verified_with_the_public_key_alone(
    home: Path, tmp_path: Path, varde: Any
) -> None:
    varde(home, "sign")
    said = varde(home, "key")
    assert said.stdout.startswith("-----BEGIN PUBLIC KEY-----")
    assert json.loads(varde(home, "key", "--json").stdout)["pem"] == said.stdout
    (tmp_path / "audit.pem").write_text(said.stdout)
    other = without_keys(home, tmp_path / "copy")
    heads = tmp_path / "heads"
    (other / "audit-heads.jsonl").rename(heads)
    before = sorted(path for path in other.rglob("*") if "varde.sqlite3-" not in path.name)
    given = ("verify", "--from", str(heads))
    assert "give one with --public-key" in varde(other, *given, status=1).stderr
    varde(other, *given, "--public-key", str(tmp_path / "audit.pem"))
    assert before == sorted(path for path in other.rglob("*") if "varde.sqlite3-" not in path.name)
    with at(other):
        disarm()
        execute("DELETE FROM access_accesslogentry WHERE id > 9")
    varde(other, *given, "--public-key", str(tmp_path / "audit.pem"), status=1)
    assert "there is no" in varde(other, "verify", "--from", "nowhere", status=1).stderr


def test_a_backup_that_was_put_back_is_recorded(home: Path, tmp_path: Path, varde: Any) -> None:
    from django.utils import timezone

    varde(home, "sign")
    with at(home):
        backup(home, tmp_path / "b.zip", timezone.now())
        fill(5)
        audit.sign()
    kept = tmp_path / "heads"
    shutil.copy(home / "audit-heads.jsonl", kept)
    database_file(home).unlink()
    for beside in home.glob("varde.sqlite3-*"):
        beside.unlink()
    with at(home):
        from varde.register import make_tables

        (home / ".migrate.lock").unlink()
        make_tables(home)
        execute("DELETE FROM register_setting")
        restore(home, tmp_path / "b.zip")
    report = json.loads(varde(home, "verify", "--json", status=1).stdout)
    assert [fault["kind"] for fault in report["faults"]] == ["tail-missing"]
    assert report["first_bad"] == 13
    said = " ".join(varde(home, "sign", status=1).stderr.split())
    assert "varde audit sign --restored records that" in said
    head = json.loads(varde(home, "sign", "--restored", "--json").stdout)
    assert (head["kind"], head["since"], head["sequence"]) == ("restored", 12, 13)
    # Once with a status of its own: whoever signs can say so, and a person must know that it was so.
    said = varde(home, "verify", status=3).stderr
    assert "as far as entry 17, is not in this log" in said and "See that it was so" in said
    assert "as far as entry 17, is not in this log" in varde(home, "verify").stderr
    # Whoever kept the heads of before sees that what they vouch for is gone.
    report = json.loads(varde(home, "verify", "--from", str(kept), "--json", status=1).stdout)
    assert {fault["kind"] for fault in report["faults"]} == {"tail-missing"}


def test_the_entries_of_a_day(home: Path, varde: Any) -> None:
    with at(home):
        moment = AccessLogEntry.objects.get(id=1).at
    from django.utils import timezone

    day = timezone.localtime(moment).date().isoformat()
    found = json.loads(varde(home, "list", "--day", day, "--json").stdout)
    assert [row["id"] for row in found] == list(range(1, 13))
    with at(home):
        assert found[3]["digest"] == AccessLogEntry.objects.get(id=4).digest
        last = AccessLogEntry.objects.latest("id")
        assert (last.action, last.page, last.object_count) == ("view", "command-line", 12)
    assert json.loads(varde(home, "list", "--day", "2001-01-01", "--json").stdout) == []
    shown = varde(home, "list", "--day", day).stdout
    assert "kari" in shown and "sign-in-failed" in shown and "outbreak" in shown


@pytest.fixture
def seen(home: Path, settings: Any) -> Path:
    """A person was looked at, under an earlier number and under this one."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with at(home):
        pseudonymise = make_pseudonymiser(load_keys(home), "register")
        for number in (NUMBER, some_number(day=40)):
            about = pseudonymise("FNR", "", number)
            audit.record(
                DOCTOR, "view", "person", "person", 1, purpose=purpose_of("care"), about=about
            )
        for name, role in (("ada", "administrator"), ("kari", "duty-officer")):
            User.objects.create_user(name, PASSWORD, display_name=name.title(), role=role)
    return home


def test_a_person_is_shown_who_has_seen_them(seen: Path, varde: Any) -> None:
    ask = ("person", "--user", "ada", "--number", "-")
    result = varde(seen, *ask, "--json", given=f"{PASSWORD}\n{NUMBER}\n")
    [look] = json.loads(result.stdout)
    assert (look["name"], look["role_name"], look["purpose"], look["sequence"]) == (
        "Kari",
        "Nasjonal smittevernvakt",
        "Helsehjelp til personen",
        13,
    )
    assert NUMBER not in result.output.replace(PASSWORD, "")
    with at(seen):
        entry = AccessLogEntry.objects.latest("id")
    assert (entry.actor, entry.action, entry.role) == ("ada", "looks-shown", "administrator")
    assert entry.purpose == "access-request" and len(entry.about) == 64

    both = f"{PASSWORD}\n{NUMBER}\n{some_number(day=40)}\n"
    shown = varde(seen, *ask, given=both).stdout
    assert "Helsehjelp til personen" in shown and "Formål" in shown and "Åpnet" in shown
    assert shown.count("Kari") == 2 and "Ada" in shown, "the look for the person is one, too"
    english = varde(seen, *ask, "--language", "en", given=both).stdout
    assert "Care for the person" in english and "Purpose" in english and "Opened" in english
    nobody = varde(seen, *ask, given=f"{PASSWORD}\n{some_number(serial_of_nobody())}\n")
    assert nobody.stdout.strip() == "" and "Ingen har sett" in nobody.stderr
    with at(seen):
        assert audit.verify() is None
        assert NUMBER.encode() not in repr(read_log(seen)).encode()


def serial_of_nobody() -> Any:
    from datetime import date

    return date(1951, 6, 7)


@pytest.mark.parametrize(
    ("user", "given", "told", "logged"),
    [
        ("kari", f"{PASSWORD}\n{NUMBER}\n", "your role is not allowed", "denied"),
        ("ada", f"wrong\n{NUMBER}\n", "the password is wrong", "sign-in-failed"),
        ("nobody", f"{PASSWORD}\n{NUMBER}\n", "the password is wrong", "sign-in-failed"),
        ("ada", f"{PASSWORD}\n12345\n", "that is no number", None),
        ("ada", f"{PASSWORD}\nabcdefghijk\n", "that is no number", None),
        ("ada", f"{PASSWORD}\n", "no number came", None),
    ],
)
def test_nobody_else_is_shown_it(
    user: str, given: str, told: str, logged: str | None, seen: Path, varde: Any
) -> None:
    result = varde(seen, "person", "--user", user, "--number", "-", given=given, status=1)
    assert told in " ".join(result.stderr.split()) and result.stdout.strip() == ""
    assert NUMBER not in result.output
    with at(seen):
        last = AccessLogEntry.objects.latest("id")
        assert (last.action == logged) if logged else last.pk == 14


def test_a_number_is_never_taken_from_the_command_line(seen: Path, varde: Any) -> None:
    result = varde(seen, "person", "--user", "ada", "--number", NUMBER, given="", status=1)
    assert NUMBER not in result.output and "reads it from standard input" in result.stderr


def test_passwords_cannot_be_guessed_here_either(seen: Path, varde: Any) -> None:
    for _ in range(throttle.LIMIT):
        varde(seen, "person", "--user", "ada", given=f"wrong\n{NUMBER}\n", status=1)
    said = varde(seen, "person", "--user", "ada", given=f"{PASSWORD}\n{NUMBER}\n", status=1)
    assert "too many attempts" in said.stderr


def test_a_command_that_logged_something_signs_it_as_it_ends(home: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    done = subprocess.run(
        [sys.executable, "-m", "varde.cli", "audit", "list"],
        env=environment | {"VARDE_HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "sign-in-failed" in done.stdout
    last = json.loads((home / "audit-heads.jsonl").read_text().splitlines()[-1])
    assert (last["kind"], last["sequence"]) == ("entries", 13)


@pytest.mark.parametrize("command", ["verify", "sign", "list", "key", "person --user x"])
def test_where_there_is_no_register_nothing_is_made(
    command: str, tmp_path: Path, varde: Any
) -> None:
    (home := tmp_path / "none").mkdir()
    assert "there is no register" in varde(home, *command.split(), status=1).stderr
    assert not list(home.iterdir())
