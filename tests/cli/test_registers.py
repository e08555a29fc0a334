"""`varde quarantine`, `status` and `replay` on each register: the same shapes, and never another's rows."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from commands import Done, run_varde
from messages import deidentified_lists as lists
from varde.cli import app
from varde.register import using
from varde.register.settings import write_setting

DATABASES = ["default", "ravn", "norm"]


def run(*arguments: str) -> Any:
    done = CliRunner().invoke(app, [*arguments, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def of_norm(*arguments: str) -> Any:
    return run(*arguments, "--register", "norm")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a submission to NORM of which one row cannot be used."""
    monkeypatch.setenv("VARDE_HOME", str(tmp_path))
    file = tmp_path / "submission.csv"
    file.write_bytes(
        lists.write(
            "norm",
            lists.row("norm", Isolatnummer="A"),
            lists.row("norm", Isolatnummer="B", Kommune="langt nord"),
        )
    )
    return tmp_path


@pytest.mark.django_db(databases=DATABASES)
def test_each_register_answers_for_itself(home: Path) -> None:
    assert run("ingest", str(home / "submission.csv"))["quarantined"] == 1
    found = of_norm("quarantine")
    [item] = found["items"]
    assert item["place"] == "line 3, column Kommune" and item["file"] == item["detail"] == ""
    assert found["reasons"] == [{"reason": item["reason"], "count": 1}] and not found["unmapped"]
    persons = run("quarantine")
    assert persons == {"reasons": [], "items": [], "unmapped": []}
    assert persons.keys() == found.keys()

    status, other = of_norm("status"), run("status")
    assert status.keys() == other.keys()
    assert {name: status[name] for name in ("reports", "quarantined", "persons", "snapshot")} == {
        "reports": 1,
        "quarantined": 1,
        "persons": 0,
        "snapshot": None,
    }
    assert other["messages"] == run("status", "--register", "ravn")["messages"] == 0

    result = of_norm("replay")
    assert (result["messages"], result["counts"]["accepted"], result["why"]) == (1, 1, [])
    assert result["added"] == result["removed"] == result["changed"] == []
    assert of_norm("replay", "--quarantined")["messages"] == 1
    assert of_norm("status") == status and of_norm("quarantine") == found
    assert run("replay")["messages"] == 0


@pytest.mark.django_db(databases=DATABASES)
def test_a_replay_applies_the_maps_and_readers_of_the_day(home: Path) -> None:
    run("ingest", str(home / "submission.csv"))
    maps = home / "maps"
    maps.mkdir(exist_ok=True)
    (maps / "own.csv").write_text(
        "kind,system,code,text,concept,source,valid_from\n"
        "organism,,,Fabelkokk,bacillus,the site's own,2026-01-01\n"
    )
    with using("norm"):
        write_setting("reader", "an older one")
    assert of_norm("status")["replay_advised"]
    assert of_norm("replay")["why"] == ["code maps", "readers"]
    assert of_norm("replay")["why"] == [] and not of_norm("status")["replay_advised"]


@pytest.mark.parametrize("command", ["quarantine", "status", "replay"])
def test_another_word_is_told_in_one_sentence(command: str) -> None:
    done = CliRunner().invoke(app, [command, "--register", "msis"])
    assert done.exit_code == 1 and done.stdout == ""
    told = " ".join(done.stderr.split())
    assert told == "varde: there is no register 'msis': give one of persons, ravn, norm"


def test_a_register_that_nothing_has_come_for_has_zeros(tmp_path: Path) -> None:
    environment = os.environ | {"VARDE_HOME": str(tmp_path / "home"), "DATABASE_URL": ""}

    def varde(*arguments: str) -> Done:
        return run_varde(*arguments, environment=environment)

    for name in ("norm", "persons"):
        nothing = varde("status", "--register", name)
        assert nothing.returncode == 1 and nothing.stdout == ""
        assert nothing.stderr == (
            f"varde: there is no register in {tmp_path}/home: set VARDE_HOME to its folder\n"
        )
        assert not list(tmp_path.iterdir()), "looking made something"
    (tmp_path / "nothing.xml").write_text("")
    assert varde("ingest", str(tmp_path / "nothing.xml")).returncode == 0
    done = varde("status", "--register", "norm", "--json")
    assert done.returncode == 0, done.stderr
    status = json.loads(done.stdout)
    assert status.pop("snapshot") is None and not any(status.pop("notices").values())
    assert not any(status.values())
