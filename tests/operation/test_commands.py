"""The commands of whoever runs Varde: what scripts read, exit statuses, and that the access log knows."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from operation.sites import (
    NOW,
    at,
    copy,
    database_file,
    dump,
    everything,
    messages,
    without_keys,
)
from varde.access.key_files import KeySource, add_storage_key
from varde.access.models import AccessLogEntry
from varde.cli import app
from varde.register import Incoming, open_register
from varde.register.intake import take_in

Run = Callable[..., Result]


@pytest.fixture
def site(filled_site: Path, tmp_path: Path) -> Path:
    return copy(filled_site, tmp_path / "site")


@pytest.fixture
def varde(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on a home folder."""

    def run(home: Path, *arguments: str, status: int = 0) -> Result:
        monkeypatch.setenv("VARDE_HOME", str(home))
        with at(home):
            result = CliRunner().invoke(app, arguments)
        assert result.exit_code == status, result.output
        return result

    return run


def last_entry(home: Path) -> tuple[str, str, str, int]:
    with at(home):
        entry = AccessLogEntry.objects.latest("id")
        return entry.action, entry.page, entry.object_kind, entry.object_count


def test_backup_and_restore(site: Path, empty_site: Path, tmp_path: Path, varde: Run) -> None:
    before = dump(site)
    said = json.loads(varde(site, "backup", str(tmp_path / "b.zip"), "--json").stdout)
    assert said["messages"] == {"default": 31, "ravn": 2, "norm": 2}
    assert said["keys"] == {name: ["k1"] for name in ("default", "ravn", "norm", "identity")}
    assert said["size"] == (tmp_path / "b.zip").stat().st_size and len(said["sha256"]) == 64
    assert last_entry(site) == ("backup", "command-line", "backup", 1)
    again = without_keys(empty_site, tmp_path / "again")
    result = varde(again, "restore", str(tmp_path / "b.zip"))
    assert result.stdout == ""
    assert "Now: varde refresh" in result.stderr
    assert result.stderr.count("Until then nobody can open it") == 4
    assert last_entry(again) == ("restore", "command-line", "backup", 1)
    found = dump(again)
    assert len(found["default/access_accesslogentry"]) == 1 + len(
        before["default/access_accesslogentry"]
    )
    assert {k: v for k, v in found.items() if "accesslog" not in k} == {
        k: v for k, v in before.items() if "accesslog" not in k
    }
    refused = varde(again, "restore", str(tmp_path / "b.zip"), status=1)
    assert "there is a register already" in refused.stderr
    assert "there is a file" in varde(site, "backup", str(tmp_path / "b.zip"), status=1).stderr
    (tmp_path / "c.zip").write_bytes((tmp_path / "b.zip").read_bytes()[:5000])
    assert "is no backup" in varde(again, "restore", str(tmp_path / "c.zip"), status=1).stderr


def test_keys(site: Path, varde: Run) -> None:
    states = json.loads(varde(site, "keys", "list", "--json").stdout)
    assert [state["database"] for state in states] == ["default", "ravn", "norm", "identity"]
    assert [key for key, _, _ in states[0]["storage"]] == ["k1"]
    results = json.loads(varde(site, "keys", "rotate", "--json").stdout)
    assert [(r["database"], r["key_id"], r["sealed"], r["remaining"]) for r in results] == [
        ("default", "k2", 31, 0),
        ("ravn", "k2", 2, 0),
        ("norm", "k2", 2, 0),
        ("identity", "k2", 3, 0),
    ]
    assert last_entry(site) == ("keys-rotated", "command-line", "messages identity", 3)
    said = varde(site, "keys", "rotate", "--retire").stderr
    assert "31 messages sealed anew with k3, a new key" in said
    assert said.count("Out of use, in keys/retired: k2, k1.") == 4
    table = varde(site, "keys", "list").stdout
    assert "retired" in table and "k3" in table and "pseudonym" in table


def test_a_key_can_be_taken_out_of_use_without_making_another(site: Path, varde: Run) -> None:
    said = varde(site, "keys", "retire").stderr
    assert said.count("nothing to do") == 4
    varde(site, "keys", "rotate")
    before = json.loads(varde(site, "keys", "list", "--json").stdout)
    said = varde(site, "keys", "retire").stderr
    assert said.count("out of use, in keys/retired: k1.") == 4
    assert last_entry(site) == ("keys-retired", "command-line", "keys identity", 1)
    after = json.loads(varde(site, "keys", "list", "--json").stdout)
    for one, other in zip(before, after, strict=True):
        [newest, [key_id, check, _]] = one["storage"]
        assert other["storage"] == [newest]
        assert other["retired"] == [[key_id, check]] and len(check) == 16
        assert check in varde(site, "keys", "list").stdout
    assert json.loads(varde(site, "keys", "retire", "--json").stdout) == {
        "default": [],
        "ravn": [],
        "norm": [],
        "identity": [],
    }


def test_a_key_that_is_needed_is_not_taken_out_of_use(site: Path, varde: Run) -> None:
    with at(site):
        add_storage_key(KeySource(site), [])
    said = varde(site, "keys", "retire", status=1).stderr
    assert "31 messages of the register default are under older keys" in " ".join(said.split())
    (site / "keys" / "retired").mkdir()
    [newest, older] = (site / "keys" / "storage.keys").read_text().splitlines()
    (site / "keys" / "retired" / "k1.keys").write_text(older)
    (site / "keys" / "storage.keys").write_text(newest)
    rows = [line for line in varde(site, "keys", "list").stdout.splitlines() if "k1" in line]
    assert "retired, and needed" in rows[0] and " 31 " in rows[0]
    assert len(rows) == 4, "one line for each register, and for the vault"


@pytest.mark.parametrize(
    "command",
    [
        "keys list", "keys rotate", "keys retire", "retention", "retention --apply", "backup {}/b.zip",
        "restore {}/none.zip", "restore {}/bad.zip", "status", "replay", "quarantine", "refresh",
        "codes unmapped", "client list", "status --register norm",
    ],
)  # fmt: skip
def test_where_there_is_no_register_it_is_said_and_nothing_is_made(
    command: str, tmp_path: Path, varde: Run
) -> None:
    (tmp_path / "bad.zip").write_text("no backup")
    (home := tmp_path / "home").mkdir()
    said = varde(home, *command.format(tmp_path).split(), status=1)
    told = " ".join(said.stderr.split())
    if command.startswith("restore"):
        assert "none.zip" in told or "is no backup of Varde" in told or said.exception
    else:
        assert told == f"varde: there is no register in {home}: set VARDE_HOME to its folder"
    assert said.stdout == "" and everything(tmp_path) == {"bad.zip", "home"}


@pytest.mark.parametrize("command", ["status", "ingest .", "serve", "keys rotate", "backup b.zip"])
def test_no_empty_register_is_made_in_the_place_of_one_that_is_gone(
    command: str, site: Path, tmp_path: Path, varde: Run
) -> None:
    assert (site / ".migrate.lock").read_text() == "made\n"
    database_file(site).rename(tmp_path / "away")
    before = everything(site)
    told = " ".join(varde(site, *command.split(), status=1).stderr.split())
    assert "was here and is gone" in told and str(database_file(site)) in told
    assert everything(site) == before


def test_a_replay_says_what_waits_as_the_status_does(site: Path, varde: Run) -> None:
    with at(site):
        from varde.register import close_entry, quarantine_items, using

        with using("default"):
            [item, *_] = quarantine_items(None, limit=10)
            close_entry(item.id, "kari", "no longer needed", NOW)
    waiting = json.loads(varde(site, "status", "--json").stdout)["quarantined"]
    told = " ".join(varde(site, "replay").stderr.split())
    assert f"{waiting + 1} not usable as sent" in told
    now = f"In quarantine now: {waiting} items"
    assert f"{now}; corrected or closed since they came: 1." in told
    some = " ".join(varde(site, "replay", "--quarantined").stderr.split())
    assert f"{now}." in some


def test_keys_of_the_environment(site: Path, varde: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VARDE_NORM_STORAGE_KEYS", (site / "norm/keys/storage.keys").read_text())
    said = varde(site, "keys", "rotate").stderr
    assert "Register norm: the keys come from VARDE_NORM_STORAGE_KEYS. Put a new one first" in (
        " ".join(said.split())
    )


def test_a_rotation_that_leaves_something_says_so(site: Path, varde: Run) -> None:
    from django.db import connections

    with at(site), connections["default"].cursor() as cursor:
        cursor.execute("UPDATE register_message SET sealed = %s WHERE id = 7", [b"x" * 40])
    result = varde(site, "keys", "rotate", "--retire", status=1)
    assert "1 message of the register default cannot be opened" in " ".join(result.stderr.split())
    assert "31" not in result.stderr and "30 messages sealed anew" in result.stderr


def test_retention(site: Path, varde: Run) -> None:
    from django.utils import timezone

    old = timezone.now().replace(year=2020, day=1)
    with at(site):
        register = open_register(site)
        take_in(register, [Incoming("", b"old", None, "", "", "api")], lambda: old)
        take_in(register, messages(1, first=700), timezone.now)
    due = json.loads(varde(site, "retention", "--json").stdout)
    by_rule = {(row["rule"], row["register"]): row for row in due}
    assert by_rule["unusable-messages", "default"]["due"] == 1
    assert by_rule["access-log", "default"]["after"] is None
    assert by_rule["messages", "default"]["before"] is None
    assert {row["removed"] for row in due} == {0}
    shown = varde(site, "retention")
    assert "varde retention --apply" in shown.stderr and "2 years" in shown.stdout
    for words in ("For ever", "nobody corrects", "Of use for a quarter"):
        assert shown.stdout.count(words) <= 1, "each rule and its reason stand there once"
    assert shown.stdout.count("nobody corrects") == 1 and shown.stdout.count("norm") >= 3
    done: list[dict[str, Any]] = json.loads(varde(site, "retention", "--apply", "--json").stdout)
    assert {row["rule"]: row["removed"] for row in done if row["removed"]} == {
        row["rule"]: row["due"] for row in due if row["due"]
    }
    assert "Remove with" not in varde(site, "retention").stderr
    (site / "retention.json").write_text('{"periods": {"messages": {"days": 1}}}')
    assert "cannot be changed" in varde(site, "retention", status=1).stderr
