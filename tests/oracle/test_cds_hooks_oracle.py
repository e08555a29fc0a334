"""The HL7 validator's own CDS Hooks test cases: what it finds in a request, Varde finds too, but for addresses of drafts."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from varde.guidelines import SHIPPED, Publication, read_library
from varde.guidelines.cds_hooks import InvalidRequest, answer, discover

DAY = date(2026, 11, 25)


@pytest.fixture(scope="module")
def cases(shared: Path) -> Path:
    return shared / "oracles" / "cdshooks"


def ask(cases: Path, name: str) -> list[object]:
    hook = "patient-view" if "patient-view" in name else "order-select"
    publication = Publication(read_library(SHIPPED).edition(DAY))
    body = (cases / f"{name}.json").read_bytes()
    found = answer(f"varde-antibiotika-{hook}", body, publication, DAY, "https://varde.test")
    cards = found["cards"]
    assert isinstance(cards, list)
    return cards


@pytest.mark.parametrize(
    "name",
    ["request-order-select-good", "request-order-select-extensions", "request-patient-view-good"],
)
def test_good_requests_about_opioids_get_no_cards(cases: Path, name: str) -> None:
    assert ask(cases, name) == []


@pytest.mark.parametrize(
    ("name", "paths"),
    [
        (
            "request-order-select-bad",
            {
                "context.patientId",
                "context.encounterId",
                "context.selections[0]",
                # It asks for fullUrl of the draft too, which FHIR has 0..1, and CDS Hooks' own examples do without.
                "prefetch.item1",
            },
        ),
        (
            "request-patient-view-bad",
            {"context.patientId", "context.encounterId", "prefetch.item1", "prefetch.item2"},
        ),
    ],
)
def test_faults_that_the_validator_found_are_named(cases: Path, name: str, paths: set[str]) -> None:
    with pytest.raises(InvalidRequest) as caught:
        ask(cases, name)
    assert {fault.path for fault in caught.value.faults} == paths


def test_discovery_has_the_members_of_the_good_one(cases: Path) -> None:
    good = json.loads((cases / "services-good.json").read_text())["services"]
    members = {name for one in good for name in one}
    for one in discover()["services"]:
        assert set(one) == members
