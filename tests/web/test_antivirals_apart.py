"""The resistance page is about antibiotics, though one code map knows antivirals too."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from varde.warehouse import refresh
from varde.web.answers import Question, answer
from varde.web.names import antibiotic_name
from warehouse.memory_source import MemorySource, isolate

VIRUS = "herpes-simplex-virus-type-1"


def test_answers_list_antibiotics_and_no_antivirals(tmp_path: Path, settings) -> None:  # type: ignore[no-untyped-def]
    rows = [
        {"isolate_id": 1, "antibiotic": code, "sir": "R", "mic": ""}
        for code in ("ACIC", "CIP", "FOSC")
    ]
    refresh(tmp_path / "warehouse", MemorySource.of([isolate(1, organism=VIRUS)], rows))
    settings.VARDE_HOME = tmp_path
    question = Question(
        organism=VIRUS,
        date_from=date(2000, 1, 1),
        date_to=date(2099, 12, 31),
        method="none",
    )
    assert [row.key for row in answer(question).rows] == ["CIP"]


@pytest.mark.parametrize(
    ("code", "name"), [("ACIC", "aciklovir"), ("CIP", "ciprofloksacin"), ("?", "?")]
)
def test_both_have_names(code: str, name: str) -> None:
    assert antibiotic_name(code) == name
