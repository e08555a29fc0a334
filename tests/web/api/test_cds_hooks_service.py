"""CDS Hooks over HTTP: discovery, cards, refusals, and that nothing of a request stays anywhere."""

from __future__ import annotations

import io
import json
import logging
from typing import Any

import pytest
from django.test import Client

from guidelines.cds_hooks.hook_requests import (
    ANAPHYLAXIS,
    allergy,
    collection,
    condition,
    hook_request,
    order,
    person,
    searchset,
)
from varde.web.api import cds_hooks
from web.api.hook_and_fhir import shipped_guideline

__all__ = ["shipped_guideline"]

PATIENT_VIEW = "/cds-services/varde-antibiotika-patient-view"
ORDER_SIGN = "/cds-services/varde-antibiotika-order-sign"
RECORD = {
    "patient": person("1984-05-17", "male"),
    "conditions": searchset(condition("ICPC-2 R81", recordedDate="2026-11-24")),
    "allergies": searchset(),
}


def post(client: Client, address: str, request: Any, status: int = 200, **extra: Any) -> Any:
    response = client.post(
        address,
        request if isinstance(request, bytes) else json.dumps(request),
        content_type=extra.pop("content_type", "application/json"),
        **extra,
    )
    assert response.status_code == status, response.content
    kind = "application/json" if status == 200 else "application/problem+json"
    assert response["Content-Type"] == kind
    assert response["Cache-Control"] == "no-store"
    assert response["Access-Control-Allow-Origin"] == "*"
    return json.loads(response.content) if response.content else None


def test_discovery(client: Client) -> None:
    response = client.get("/cds-services")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    assert response["ETag"]
    assert len(response.json()["services"]) == 5


def test_cards_lead_back_to_where_they_came_from(client: Client) -> None:
    cards = post(client, PATIENT_VIEW, hook_request("patient-view", RECORD))["cards"]
    [card] = [one for one in cards if one["summary"].startswith("Pneumoni")]
    assert "1 g x 4 i 5 døgn" in card["summary"]
    assert card["source"]["url"] == "http://testserver/antibiotika/pneumoni/"
    assert card["links"][0]["url"] == "http://testserver/antibiotika/pneumoni/"
    assert client.get("/antibiotika/pneumoni/").status_code == 200


def test_a_dangerous_order_is_critical(client: Client) -> None:
    record = RECORD | {"allergies": searchset(allergy("SNOMED 373270004", ANAPHYLAXIS))}
    request = hook_request("order-sign", record, draftOrders=collection(order("ATC J01CE02")))
    [card] = post(client, ORDER_SIGN, request)["cards"]
    assert card["indicator"] == "critical"


def test_faulty_fields_are_named(client: Client) -> None:
    request = hook_request("patient-view", {"patient": 3}, patientId="Patient/p1")
    problem = post(client, PATIENT_VIEW, request, 400)
    assert problem["status"] == 400
    assert [one["path"] for one in problem["errors"]] == ["context.patientId", "prefetch.patient"]


def test_refusals(client: Client) -> None:
    good = hook_request("patient-view", RECORD)
    assert post(client, "/cds-services/opioids", good, 404)["status"] == 404
    assert post(client, PATIENT_VIEW, hook_request("patient-view"), 412)["status"] == 412
    assert post(client, ORDER_SIGN, good, 400)["errors"][0]["path"] == "hook"
    assert post(client, PATIENT_VIEW, b"{", 400)["errors"][0]["path"] == "$"
    assert post(client, PATIENT_VIEW, good, 415, content_type="text/plain")["status"] == 415
    assert post(client, PATIENT_VIEW, b" " * (cds_hooks.LARGEST + 1), 413)["status"] == 413
    for method in ("get", "put", "delete"):
        response = getattr(client, method)(PATIENT_VIEW)
        assert response.status_code == 405
        assert "POST" in response["Allow"]


def test_a_request_may_be_larger_than_a_form_of_a_page(client: Client) -> None:
    record = RECORD | {"more": {"resourceType": "Binary", "data": "x" * 400_000}}
    assert post(client, PATIENT_VIEW, hook_request("patient-view", record))["cards"]
    feedback = {"feedback": [{"card": "x" * 400_000, "outcome": "overridden"}]}
    assert post(client, f"{PATIENT_VIEW}/feedback", feedback) is None


def test_a_request_without_length_is_read_to_its_end_or_refused(client: Client) -> None:
    body = json.dumps(hook_request("patient-view", RECORD)).encode()
    chunked = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}
    assert post(client, PATIENT_VIEW, body, 411, **chunked)["status"] == 411

    def ended(sent: bytes) -> dict[str, Any]:
        return chunked | {"wsgi.input_terminated": True, "wsgi.input": io.BytesIO(sent)}

    assert post(client, PATIENT_VIEW, body, **ended(body))["cards"]
    longest = b" " * (cds_hooks.LARGEST + 1)
    assert post(client, PATIENT_VIEW, b"x", 413, **ended(longest))["status"] == 413


def test_a_browser_elsewhere_may_ask(client: Client) -> None:
    response = client.options(PATIENT_VIEW)
    assert response.status_code == 204
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "POST" in response["Access-Control-Allow-Methods"]
    assert "Content-Type" in response["Access-Control-Allow-Headers"]


def test_feedback_is_accepted(client: Client) -> None:
    address = f"{PATIENT_VIEW}/feedback"
    feedback = {"feedback": [{"card": "x", "outcome": "overridden"}]}
    assert post(client, address, feedback) is None
    assert post(client, address, {}, 400)["errors"][0]["path"] == "feedback"
    assert post(client, "/cds-services/opioids/feedback", feedback, 404)["status"] == 404


def test_nothing_of_a_request_is_logged(
    client: Client, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when the service itself fails on it."""
    secret = "Kari-1984-secret"
    requests = [
        hook_request("patient-view", RECORD, secret=secret),
        hook_request("patient-view", {"patient": person(secret, "male")}),
        hook_request("patient-view", {secret: 3}),
    ]
    with caplog.at_level(logging.DEBUG):
        for request in requests:
            client.post(PATIENT_VIEW, json.dumps(request), content_type="application/json")

        def fail(*_: Any) -> None:
            raise KeyError(secret)

        monkeypatch.setattr(cds_hooks, "answer", fail)
        problem = post(client, PATIENT_VIEW, requests[0], 500)
    assert secret not in caplog.text
    assert secret not in json.dumps(problem)
    assert "KeyError" in caplog.text
