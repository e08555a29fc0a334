"""What tests of cases share."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from varde.cases import classifier, criteria


@pytest.fixture
def count_calls(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How often a finding has been held against a criterion."""
    count = 0
    real = criteria.match

    def counted(*arguments: object) -> str:
        nonlocal count
        count += 1
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(criteria, "match", counted)
    monkeypatch.setattr(classifier, "match", counted)
    return lambda: count
