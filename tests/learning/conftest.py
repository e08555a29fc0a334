"""A home with the tables of the room, and reports to keep."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def home(db: None, tmp_path: Path, settings, monkeypatch: pytest.MonkeyPatch) -> Path:  # type: ignore[no-untyped-def]
    """Where keys are made and deliveries lie."""
    for name in ("VARDE_PSEUDONYM_KEY", "VARDE_STORAGE_KEYS"):
        monkeypatch.delenv(name, raising=False)
    settings.VARDE_HOME = tmp_path
    return tmp_path
