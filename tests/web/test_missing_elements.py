"""The element that is said to be missing is the one that the documentation of messages asks for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from messages import kith_builder as kith
from varde.messages import read
from varde.messages.records import Failure
from varde.web.missing_elements import _formats, missing_element

PAGE = (Path(__file__).parents[2] / "docs" / "messages.md").read_text(encoding="utf-8")
KITH = PAGE.partition("<!-- elements:kith -->")[2].partition("<!-- /elements -->")[0]


@pytest.mark.parametrize(("reason", "element"), _formats()[0].elements.items())
def test_the_documentation_asks_for_it(reason: str, element: str) -> None:
    [row] = [line for line in KITH.splitlines() if f"*{reason}*" in line]
    named = re.findall(r"`([^`]+)`", row.split("|")[1])
    assert any(
        f"ServReport/{path}".endswith(element) or path == f"/{element}"
        for path in (re.sub(r"\[\w+\]", "", name) for name in named)
    )


def test_a_specimen_without_a_day_lacks_the_day_and_not_itself() -> None:
    patient = kith.patient(kith.specimen(collected=None), kith.culture("E. coli"))
    [found] = read(kith.message(kith.report(patient)))
    assert isinstance(found, Failure) and "AnalysedSubject" in found.place
    assert missing_element(found.reason, found.place) == "CollectedSample/CollectedDate"
    assert missing_element("bad-date", found.place) == ""
    assert missing_element("missing-collected", "line 3, column Dato") == ""
