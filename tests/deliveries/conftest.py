"""Homes to deliver to."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def no_keys_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys are made in each home."""
    for name in ("VARDE_PSEUDONYM_KEY", "VARDE_STORAGE_KEYS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"
