"""Every card has the shape that CDS Hooks 2.0 asks for, and the orders in it are valid R4."""

from __future__ import annotations

import json
import uuid
from decimal import Decimal
from urllib.parse import urlsplit

import fhirkit
import pytest
from fhir.resources.R4B.medicationrequest import MedicationRequest

from guidelines.cds_hooks.hook_requests import Json
from guidelines.cds_hooks.test_hook_scenarios import SITUATIONS, Situation, cards_of
from varde.guidelines.cds_hooks import encode_answer
from varde.guidelines.cds_hooks.texts import escape, shorten

MEMBERS = {
    "uuid", "summary", "detail", "indicator", "source", "suggestions", "selectionBehavior",
    "overrideReasons", "links",
}  # fmt: skip


def actions(card: Json) -> list[Json]:
    return [action for one in card.get("suggestions", ()) for action in one["actions"]]


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda one: one.name)
def test_cards_have_the_shape_of_the_standard(situation: Situation) -> None:
    for card in cards_of(situation):
        assert set(card) <= MEMBERS
        assert uuid.UUID(card["uuid"])
        assert 0 < len(card["summary"]) < 140
        assert card["indicator"] in {"info", "warning", "critical"}
        assert card["source"]["label"]
        for url in (card["source"]["url"], *(link["url"] for link in card.get("links", ()))):
            assert urlsplit(url).netloc == "varde.test"
            assert urlsplit(url).path.startswith("/antibiotika/")
        assert ("suggestions" in card) == ("selectionBehavior" in card)
        recommended = [one for one in card.get("suggestions", ()) if one.get("isRecommended")]
        assert len(recommended) <= 1
        assert "<" not in card["detail"].replace("\\<", "")
        for one in card.get("overrideReasons", ()):
            assert set(one) == {"code", "system", "display"}


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda one: one.name)
def test_suggested_orders_are_valid_to_two_foreign_validators(situation: Situation) -> None:
    for card in cards_of(situation):
        for action in actions(card):
            assert action["description"]
            if action["type"] == "delete":
                assert action["resourceId"].startswith("MedicationRequest/")
                continue
            assert action["type"] == "create"
            resource = encode_answer(action["resource"])
            assert fhirkit.validate(resource) == []
            MedicationRequest.model_validate_json(resource)


def test_the_same_request_gives_the_same_answer() -> None:
    for situation in SITUATIONS:
        assert encode_answer({"cards": cards_of(situation)}) == encode_answer(
            {"cards": cards_of(situation)}
        )


def test_a_suggested_dose_is_the_exact_one() -> None:
    [situation] = [one for one in SITUATIONS if one.name.startswith("the same of 17.3 kg")]
    text = encode_answer({"cards": cards_of(situation)})
    cards = json.loads(text, parse_float=Decimal)["cards"]
    doses = {
        (action["resource"]["medicationCodeableConcept"]["text"].split()[0]): action["resource"][
            "dosageInstruction"
        ][0]
        for card in cards
        for action in actions(card)
    }
    dosage = doses["Pivmecillinam"]
    assert dosage["doseAndRate"][0]["doseQuantity"]["value"] == Decimal("129.75")
    assert dosage["doseAndRate"][0]["doseQuantity"]["code"] == "mg"
    assert dosage["timing"]["repeat"]["frequency"] == 3
    assert dosage["timing"]["repeat"]["boundsDuration"]["value"] == 5


def test_a_long_summary_is_cut_after_a_word() -> None:
    assert shorten("kort") == "kort"
    cut = shorten("ord " * 60)
    assert len(cut) < 140
    assert cut.endswith("ord …")
    assert len(shorten("x" * 300)) < 140


def test_what_a_record_calls_things_is_no_markdown() -> None:
    assert escape("a*b_[c](d)<e>") == r"a\*b\_\[c\](d)\<e\>"
