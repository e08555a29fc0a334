"""The FHIR view over HTTP: content types, versions, conditions, refusals."""

from __future__ import annotations

import json
from typing import Any

import fhirkit
import pytest
from django.test import Client

from varde.guidelines import SHIPPED, read_library
from web.api.hook_and_fhir import shipped_guideline

__all__ = ["shipped_guideline"]

FHIR_JSON = "application/fhir+json; charset=utf-8"
PNEUMONIA = read_library(SHIPPED).id_of_slug("anbefaling", "pneumoni")
PLAN = f"/fhir/PlanDefinition/{PNEUMONIA}"


def get(client: Client, address: str, status: int = 200, **headers: str) -> Any:
    response = client.get(address, headers=headers)
    assert response.status_code == status, response.content
    assert response["Content-Type"] == FHIR_JSON
    assert fhirkit.validate(response.content) == []
    return response


def body(response: Any) -> Any:
    return json.loads(response.content)


def test_metadata(client: Client) -> None:
    found = body(get(client, "/fhir/metadata"))
    assert found["fhirVersion"] == "4.0.1"
    assert found["implementation"]["url"] == "http://testserver/fhir"
    types = {one["type"] for one in found["rest"][0]["resource"]}
    assert types == {"PlanDefinition", "ActivityDefinition", "MedicationKnowledge", "DetectedIssue"}


def test_reading_with_a_version(client: Client) -> None:
    response = get(client, PLAN)
    plan = body(response)
    assert plan["title"] == "Pneumoni"
    assert response["ETag"] == f'W/"{plan["meta"]["versionId"]}"'
    assert response["Last-Modified"].endswith("GMT")
    assert response["Access-Control-Allow-Origin"] == "*"


def test_a_caller_who_has_the_version_gets_304(client: Client) -> None:
    response = get(client, PLAN)
    for headers in (
        {"if-none-match": response["ETag"]},
        {"if-none-match": f'W/"999", {response["ETag"]}'},
        {"if-none-match": "*"},
        {"if-modified-since": response["Last-Modified"]},
    ):
        again = client.get(PLAN, headers=headers)
        assert again.status_code == 304
        assert again.content == b""
        assert again["ETag"] == response["ETag"]
    for headers in (
        {"if-none-match": 'W/"1000"'},
        {"if-modified-since": "Mon, 01 Jan 2001 00:00:00 GMT"},
        {"if-modified-since": "never"},
        {"if-none-match": 'W/"1000"', "if-modified-since": response["Last-Modified"]},
    ):
        assert client.get(PLAN, headers=headers).status_code == 200


def test_the_guideline_of_an_earlier_day(client: Client) -> None:
    now = body(get(client, PLAN))
    before = body(get(client, f"{PLAN}?gyldigDato=2024-06-26"))
    assert int(before["version"]) == int(now["version"]) - 1
    bundle = body(get(client, "/fhir/PlanDefinition?context=icpc-2|R81&gyldigDato=2024-06-26"))
    assert "gyldigDato=2024-06-26" in bundle["link"][0]["url"]
    found = [one["resource"] for one in bundle["entry"] if one["resource"]["id"] == PNEUMONIA]
    assert found == [before]
    get(client, f"{PLAN}?gyldigDato=1990-01-01", 404)


def test_history_and_versions(client: Client) -> None:
    history = body(get(client, f"{PLAN}/_history"))
    assert history["type"] == "history"
    assert history["total"] == len(history["entry"]) >= 2
    first = body(get(client, f"{PLAN}/_history/1"))
    assert first["meta"]["versionId"] == "1"
    get(client, f"{PLAN}/_history/99", 404)


def test_searching_by_address_and_by_form(client: Client) -> None:
    found = body(get(client, "/fhir/PlanDefinition?context=icpc-2|R81&_count=1"))
    assert found["total"] == 2
    assert found["link"][0]["url"].startswith("http://testserver/fhir/PlanDefinition?context=")
    assert found["entry"][0]["fullUrl"].startswith("http://testserver/fhir/PlanDefinition/")
    posted = client.post("/fhir/PlanDefinition/_search", {"context": "icpc-2|R81", "_count": "1"})
    assert posted.status_code == 200
    assert body(posted) == found


def test_unknown_parameters(client: Client) -> None:
    address = "/fhir/PlanDefinition?colour=red"
    lenient = get(client, address)
    assert lenient["Cache-Control"] == "no-store"
    get(client, address, prefer="handling=lenient")
    outcome = body(get(client, address, 400, prefer="respond-async; handling=strict"))
    assert "colour" in outcome["issue"][0]["diagnostics"]
    get(client, "/fhir/PlanDefinition?_count=x", 400)
    get(client, "/fhir/PlanDefinition?gyldigDato=i+dag", 400)
    for day in ("20240626", "2024-W26-3", "2024-W10-1", "2024-6-026", "2024-06-31"):
        get(client, f"{PLAN}?gyldigDato={day}", 400)
    get(client, "/fhir/PlanDefinition?" + "&".join(["title=x"] * 60), 400)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"accept": "application/fhir+json"},
        {"accept": "application/json;q=0.9, text/html"},
        {"accept": "*/*"},
        {"accept": "text/html, */*;q=0.1"},
    ],
)
def test_json_is_given_to_whoever_takes_it(client: Client, headers: dict[str, str]) -> None:
    get(client, PLAN, **headers)


def test_other_formats_are_not_there(client: Client) -> None:
    get(client, PLAN, 406, accept="application/fhir+xml")
    get(client, "/fhir/metadata", 406, accept="text/html")
    get(client, f"{PLAN}?_format=xml", 406)
    get(client, f"{PLAN}?_format=application/fhir%2Bjson", accept="application/fhir+xml")
    get(client, f"{PLAN}?_format=application/fhir+json", accept="application/fhir+xml")


@pytest.mark.parametrize(
    "address",
    [
        "/fhir/Patient",
        "/fhir/Patient/1",
        "/fhir/PlanDefinition/none",
        "/fhir/PlanDefinition/none/_history",
        "/fhir/PlanDefinition/a/b/c/d",
    ],
)
def test_what_is_not_there_is_an_outcome(client: Client, address: str) -> None:
    outcome = body(get(client, address, 404))
    assert outcome["resourceType"] == "OperationOutcome"
    assert outcome["issue"][0]["code"] == "not-found"


def test_the_root_takes_bundles_only(client: Client) -> None:
    response = client.get("/fhir")
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert body(response)["issue"][0]["code"] == "not-supported"


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_writing_is_refused_as_an_outcome(client: Client, method: str) -> None:
    response = getattr(client, method)(PLAN)
    assert response.status_code == 405
    assert "GET" in response["Allow"]
    assert body(response)["resourceType"] == "OperationOutcome"


def test_a_browser_elsewhere_may_ask(client: Client) -> None:
    response = client.options(PLAN)
    assert response.status_code == 204
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "GET" in response["Access-Control-Allow-Methods"]


def test_head_has_the_headers_of_get(client: Client) -> None:
    response = client.head(PLAN)
    assert response.status_code == 200
    assert response["ETag"]
