"""The service with the content that comes with Varde, whatever the clock says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache

import pytest

from varde.guidelines import SHIPPED, read_library
from varde.web import guideline
from varde.web.api import fhir

DAY = date(2026, 11, 25)


@cache
def _shipped() -> guideline.Guideline:
    return guideline.Guideline(read_library(SHIPPED), None, ())


@pytest.fixture(autouse=True)
def shipped_guideline(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(guideline, "current", _shipped)
    monkeypatch.setattr(guideline, "today", lambda: DAY)
    yield
    guideline.publication.cache_clear()
    fhir.repository.cache_clear()
