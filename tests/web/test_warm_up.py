"""A worker asks the warehouse once before its first reader, and starts whatever the answer is."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from varde.web import answers
from varde.web.wsgi import warm_up


def test_the_first_reader_finds_the_answer_ready(home: Path) -> None:
    answers._choices.cache_clear()
    warm_up()
    assert answers._choices.cache_info().currsize == 1


def test_a_worker_starts_without_a_snapshot(
    empty_home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    warm_up()
    assert caplog.records == []


def test_a_damaged_warehouse_is_logged_and_stops_no_worker(
    empty_home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (empty_home / "warehouse").mkdir()
    (empty_home / "warehouse" / "manifest.json").write_text("{")
    with caplog.at_level(logging.ERROR):
        warm_up()
    assert "the warehouse does not answer" in caplog.text
