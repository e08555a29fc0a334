"""Real isolates through the whole chain: file, log, register, columns, antibiogram.

The 2,000 isolates and what the R package AMR counts of them; nothing may differ. They are not part of
the repository (their licence is GPL-2); where they are absent this is skipped.
"""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import pytest

from commands import run_varde

ROOT = Path(__file__).resolve().parents[2]
MAPPING = ROOT / "examples" / "mappings" / "amr-example-isolates.toml"
COUNTS = ("n", "S", "I", "R")


def varde(home: Path, *arguments: str) -> str:
    environment = os.environ | {"VARDE_HOME": str(home), "DATABASE_URL": ""}
    done = run_varde(*arguments, environment=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def read(text: str) -> dict[tuple[str, str], tuple[int, ...]]:
    return {
        (row["organism"], row["antibiotic"]): tuple(int(row[name]) for name in COUNTS)
        for row in csv.DictReader(text.splitlines())
    }


def test_the_chain_counts_what_the_amr_package_counts(tmp_path: Path, shared: Path) -> None:
    folder = shared / "oracles" / "amr"
    isolates = folder / "example_isolates.csv"
    if not isolates.is_file():
        pytest.skip("the AMR package's example isolates are not beside the repository")
    counts = json.loads(
        varde(tmp_path, "ingest", str(isolates), "--mapping", str(MAPPING), "--json")
    )
    assert counts == {
        "received": 2000,
        "accepted": 2000,
        "duplicate": 0,
        "quarantined": 0,
        "unmapped": 0,
    }
    varde(tmp_path, "refresh")
    for method, expected in (("episode:365", "episode_365"), ("none", "all_isolates")):
        found = read(varde(tmp_path, "antibiogram", "--first-isolates", method, "--format", "csv"))
        assert found == read((folder / f"counts_{expected}.csv").read_text())
