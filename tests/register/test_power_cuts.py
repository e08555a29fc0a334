"""The power fails during intake under load: nothing acknowledged is lost, nothing is counted twice."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from register.power import run_in_a_process

CUTS = int(os.environ.get("VARDE_POWER_CUTS", "20"))


def run(tmp_path: Path, cuts: int, synchronous: str) -> dict[str, Any]:
    done = run_in_a_process(
        "register.power_cuts", str(cuts), os.environ.get("VARDE_KILL_SEED", "1"), synchronous,
        VARDE_HOME=str(tmp_path / "home"), DATABASE_URL="",
        PYTHONPATH=str(Path(__file__).resolve().parents[1]),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["cuts"] == cuts
    return found


def test_nothing_acknowledged_is_lost_when_the_power_fails(tmp_path: Path) -> None:
    found = run(tmp_path, CUTS, "FULL")
    assert found["wrong"] == []
    # The cuts fell while messages were coming, not before or after all of them.
    assert len(set(found["acknowledged"])) > CUTS // 3
    assert found["cases"] > 0


def test_the_disk_of_these_tests_does_forget(tmp_path: Path) -> None:
    """With a setting that promises less, acknowledged messages are gone: so the test above can fail."""
    assert run(tmp_path, 2, "OFF")["wrong"]
