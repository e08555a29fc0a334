"""The intake is killed at random moments and started again: nothing is lost, nothing is doubled."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from commands import Running, start_varde
from register.power import run_in_a_process
from varde.synthetic import write_norway

TESTS = Path(__file__).resolve().parents[1]
KILLS = int(os.environ.get("VARDE_KILLS", "4"))


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    keys = {"VARDE_PSEUDONYM_KEY": "01" * 32, "VARDE_STORAGE_KEYS": "k:" + "02" * 32}
    path = os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])
    return os.environ | keys | {"PYTHONPATH": path, "DATABASE_URL": ""}


def start(inbox: Path, environment: dict[str, str], home: Path) -> Running:
    return start_varde(
        "ingest", "--json", str(inbox), environment=environment | {"VARDE_HOME": str(home)}
    )


def dump(environment: dict[str, str], home: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "register.dump"],
        env=environment | {"VARDE_HOME": str(home)},
        check=True,
        capture_output=True,
        text=True,
    )
    state: dict[str, Any] = json.loads(done.stdout)
    return state


def test_killed_intake_loses_nothing_and_doubles_nothing(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    inbox = tmp_path / "inbox"
    summary = write_norway(inbox, isolates=1_500, seed=7)

    undisturbed = start(inbox, environment, tmp_path / "undisturbed")
    began = time.monotonic()
    done = undisturbed.wait()
    lasted = time.monotonic() - began
    counts = json.loads(done.stdout)
    assert counts["received"] == summary.items

    chance = random.Random(os.environ.get("VARDE_KILL_SEED", "1"))
    home = tmp_path / "killed"
    alive_when_killed = 0
    for _ in range(KILLS):
        process = start(inbox, environment, home)
        time.sleep(chance.uniform(0.3, 1.0) * lasted)
        alive_when_killed += process.kill()
    assert alive_when_killed, "every run had ended before it was killed: nothing was tested"

    last = start(inbox, environment, home).wait()
    assert last.returncode == 0
    assert json.loads(last.stdout)["received"] == summary.items
    expected = dump(environment, tmp_path / "undisturbed")
    assert expected["cases"]
    found = dump(environment, home)
    assert {name: len(rows) for name, rows in found.items()} == {
        name: len(rows) for name, rows in expected.items()
    }
    assert found == expected


def test_an_intake_under_load_that_is_killed_loses_nothing_it_acknowledged(tmp_path: Path) -> None:
    kills = int(os.environ.get("VARDE_KILLS_UNDER_LOAD", "20"))
    done = run_in_a_process(
        "register.kills", str(kills), os.environ.get("VARDE_KILL_SEED", "1"),
        VARDE_HOME=str(tmp_path / "home"), DATABASE_URL="", PYTHONPATH=str(TESTS),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout)
    assert found["alive"] > kills * 3 // 4, "many runs had ended before they were killed"
    assert found["told"] > 0
    assert found["cases"] > 0
    assert (found["lost"], found["equal"]) == (0, True)
