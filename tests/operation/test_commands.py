"""The commands of whoever runs Varde: what scripts read, exit statuses, and that the access log knows."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from operation.sites import at, copy, dump, messages, without_keys
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
    assert said["keys"] == {"default": ["k1"], "ravn": ["k1"], "norm": ["k1"]}
    assert said["size"] == (tmp_path / "b.zip").stat().st_size and len(said["sha256"]) == 64
    assert last_entry(site) == ("backup", "command-line", "backup", 1)
    again = without_keys(empty_site, tmp_path / "again")
    result = varde(again, "restore", str(tmp_path / "b.zip"))
    assert result.stdout == ""
    assert "Now: varde refresh" in result.stderr
    assert result.stderr.count("Until then nobody can open it") == 3
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
    assert [state["database"] for state in states] == ["default", "ravn", "norm"]
    assert [key for key, _, _ in states[0]["storage"]] == ["k1"]
    results = json.loads(varde(site, "keys", "rotate", "--json").stdout)
    assert [(r["database"], r["key_id"], r["sealed"], r["remaining"]) for r in results] == [
        ("default", "k2", 31, 0),
        ("ravn", "k2", 2, 0),
        ("norm", "k2", 2, 0),
    ]
    assert last_entry(site) == ("keys-rotated", "command-line", "messages norm", 2)
    said = varde(site, "keys", "rotate", "--retire").stderr
    assert "31 messages sealed anew with k3, a new key" in said
    assert said.count("Out of use, in keys/retired: k2, k1.") == 3
    table = varde(site, "keys", "list").stdout
    assert "retired" in table and "k3" in table and "pseudonym" in table


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
    done: list[dict[str, Any]] = json.loads(varde(site, "retention", "--apply", "--json").stdout)
    assert {row["rule"]: row["removed"] for row in done if row["removed"]} == {
        row["rule"]: row["due"] for row in due if row["due"]
    }
    assert "Remove with" not in varde(site, "retention").stderr
    (site / "retention.json").write_text('{"periods": {"messages": {"days": 1}}}')
    assert "cannot be changed" in varde(site, "retention", status=1).stderr
