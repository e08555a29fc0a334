"""The service with a small invented guideline of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from varde.web import guideline
from web.api.invented_content import write_content


@pytest.fixture(scope="session")
def invented_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose own content is the invented guideline; made once."""
    home = tmp_path_factory.mktemp("api-home")
    write_content(home / "guidelines")
    return home


@pytest.fixture(autouse=True)
def invented_guideline(
    invented_home: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """The service answers from the invented guideline alone."""
    settings.VARDE_HOME = invented_home
    settings.VARDE_DEMO_CONTENT = False
    monkeypatch.setattr(guideline, "_kept", guideline._Kept())
    guideline.publication.cache_clear()
    yield
    guideline.publication.cache_clear()


@pytest.fixture
def client() -> Client:
    """A caller who is nobody in particular."""
    return Client(raise_request_exception=False)
