"""Benchmarks that write rows past the fold: they fit the tables as these are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from benchmarks import cases, lookup, reports


@pytest.fixture(autouse=True)
def found_from_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).parent.parent)


def test_all_history_is_classified_anew_in_a_small_register(tmp_path: Path) -> None:
    found: dict[str, Any] = cases.in_process("reclassify", "300", home=tmp_path)
    assert found["findings"] == 300
    assert found["first"]["changed"] > found["one"]["changed"] > 0 == found["same"]["changed"]


def test_persons_are_looked_up_in_a_small_register(tmp_path: Path) -> None:
    found = lookup.in_process(200, tmp_path)
    assert 0 < found["query"]["median"] < found["page"]["median"]


def test_reports_are_measured_with_few() -> None:
    found = reports.measure(8)
    assert found["rate"] > 0 and found["ratio"] > 0.5 and len(found["memory"]) == 4
