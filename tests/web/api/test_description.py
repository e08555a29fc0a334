"""The description of the API: every address, parameter and refusal, and true of what is served."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import msgspec
import pytest
from django.test import Client
from django.urls import URLResolver, get_resolver

from varde.guidelines import encode
from varde.guidelines.files import read_special
from varde.guidelines.model import AnbefalingData, Innhold
from varde.web import guideline
from varde.web.api import parameters, schemas
from varde.web.api.problems import PROBLEM_JSON, kinds
from web.api.invented_content import GUIDELINE, PNEUMONIA
from web.api.test_problems import ASKED

OURS = (
    "/innhold",
    "/innhold/{id}",
    "/innhold/{id}/versjoner",
    "/innhold/{id}/versjoner/{gyldigFra}",
    "/retningslinjer",
    "/retningslinjer/{id}",
    "/kapitler",
    "/kapitler/{id}",
    "/anbefalinger",
    "/anbefalinger/{id}",
    "/kontraindikasjoner",
    "/kontraindikasjoner/{id}",
    "/publikasjoner/{id}",
    "/problemer",
    "/problemer/{slug}",
    "/api/openapi.json",
)


@pytest.fixture
def described(client: Client) -> dict[str, Any]:
    answer = client.get("/api/openapi.json")
    assert answer.status_code == 200 and answer["Content-Type"] == "application/json"
    assert answer["Content-Language"] == "en"
    found: dict[str, Any] = answer.json()
    return found


def validator(described: dict[str, Any], schema: Any) -> Any:
    """Checks against a schema of the description."""
    whole = {**schema, "components": described["components"]}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


def schema_of(described: dict[str, Any], path: str) -> Any:
    answer = described["paths"][path]["get"]["responses"]["200"]
    return answer["content"]["application/json"]["schema"]


def test_it_is_openapi_3_1_with_a_licence_and_names_nobody(described: dict[str, Any]) -> None:
    assert described["openapi"].startswith("3.1")
    assert described["info"]["license"]["identifier"] == "Apache-2.0"
    assert "contact" not in described["info"]


def test_every_address_is_described(described: dict[str, Any]) -> None:
    assert set(OURS) <= set(described["paths"])
    resolver = next(
        one
        for one in get_resolver().url_patterns
        if isinstance(one, URLResolver) and one.namespace == "api"
    )
    served = {
        "/" + str(one.pattern).replace("<", "{").replace(">", "}")
        for one in resolver.url_patterns
        if one.name != "unknown"
    }
    ours = {path for path in served if not path.startswith(("/fhir", "/cds-services"))}
    assert ours == set(OURS)


def test_operations_have_names_of_their_own(described: dict[str, Any]) -> None:
    names = [one["operationId"] for path in described["paths"].values() for one in path.values()]
    assert len(names) == len(set(names))
    for path in OURS:
        operation = described["paths"][path]["get"]
        assert operation["summary"] and operation["description"] and operation["tags"]
        for parameter in operation["parameters"]:
            assert parameter["description"], (path, parameter["name"])


def test_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    names = set(described["components"]["schemas"])

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            if "$ref" in value:
                assert value["$ref"].removeprefix("#/components/schemas/") in names
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(described)


def test_every_object_is_as_described(client: Client, described: dict[str, Any]) -> None:
    publication = guideline.publication_on(None)
    seen = set()
    for entry in publication.edition.library.entries():
        served = json.loads(encode(publication.serve(entry)))
        validator(described, schema_of(described, "/innhold/{id}")).validate(served)
        name = {
            "anbefaling": "Anbefaling",
            "kontraindikasjon": "Kontraindikasjon",
            "pico": "Pico",
        }.get(entry.innhold.info_type, "Infobit")
        validator(described, schemas.reference(name)).validate(served)
        seen.add(name)
    assert seen == set(schemas.NAMES.values())


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("/innhold", "/innhold?antall=200"),
        ("/innhold", "/innhold?antall=200&full=true"),
        ("/innhold/{id}/versjoner", f"/innhold/{PNEUMONIA}/versjoner"),
        ("/innhold/{id}/versjoner/{gyldigFra}", f"/innhold/{PNEUMONIA}/versjoner/2022-09-07"),
        ("/retningslinjer", "/retningslinjer?full=true"),
        ("/kapitler", "/kapitler"),
        ("/anbefalinger", "/anbefalinger?kodeverk=ICPC-2&kode=R81"),
        ("/kontraindikasjoner", "/kontraindikasjoner?full=true"),
        ("/publikasjoner/{id}", f"/publikasjoner/{GUIDELINE}?full=true"),
        ("/problemer", "/problemer"),
        ("/problemer/{slug}", "/problemer/ugyldig-dato"),
    ],
)
def test_answers_are_as_described(
    client: Client, described: dict[str, Any], path: str, address: str
) -> None:
    answer = client.get(address)
    validator(described, schema_of(described, path)).validate(answer.json())
    headers = described["paths"][path]["get"]["responses"]["200"]["headers"]
    for name in headers:
        assert name in answer, name


def test_the_schema_is_no_looser_than_the_model(described: dict[str, Any]) -> None:
    checks = validator(described, schemas.reference("Anbefaling"))
    example = json.loads(json.dumps(schemas.examples()["Anbefaling"]))
    checks.validate(example)
    example["ukjent"] = 1
    assert not checks.is_valid(example)
    dose = validator(described, schemas.reference("Amount"))
    for good in ("150", "7.5", {"lav": "100", "hoy": "200"}):
        assert dose.is_valid(good)
    for bad in (150, "1e3", "-1", "01", {"lav": "100"}, {"lav": "1", "hoy": "2", "x": "3"}):
        assert not dose.is_valid(bad)


def test_the_example_is_an_object_of_the_model() -> None:
    example = json.dumps(schemas.examples()["Anbefaling"]).encode()
    read = msgspec.json.decode(example, type=Innhold[AnbefalingData], dec_hook=read_special)
    assert json.loads(encode(read)) == json.loads(example)


def test_every_refusal_is_described_where_it_happens(
    client: Client, described: dict[str, Any]
) -> None:
    problem = validator(described, schemas.reference("Problem"))
    for address, status, slug, _, _ in ASKED:
        answer = client.get(address)
        problem.validate(answer.json())
        parts = address.partition("?")[0].strip("/").split("/")
        path = _described_path(described, parts)
        if path is None:
            assert slug == "ukjent-adresse"
            continue
        examples = described["paths"][path]["get"]["responses"][str(status)]["content"][
            PROBLEM_JSON
        ]["examples"]
        assert slug in examples, (path, slug)


def _described_path(described: dict[str, Any], parts: list[str]) -> str | None:
    for path in described["paths"]:
        wanted = path.strip("/").split("/")
        if len(wanted) == len(parts) and all(
            part == given or part.startswith("{") for part, given in zip(wanted, parts, strict=True)
        ):
            return str(path)
    return None


def test_examples_of_problems_are_problems(described: dict[str, Any]) -> None:
    problem = validator(described, schemas.reference("Problem"))
    found = set()
    for path in OURS:
        for status, response in described["paths"][path]["get"]["responses"].items():
            for slug, example in (
                response.get("content", {}).get(PROBLEM_JSON, {}).get("examples", {}).items()
            ):
                problem.validate(example["value"])
                assert example["value"]["status"] == int(status)
                found.add(slug)
    assert found == set(kinds()) - {"metode-ikke-tillatt"}


def test_parameters_are_described_as_they_are_read(described: dict[str, Any]) -> None:
    for path in OURS:
        for parameter in described["paths"][path]["get"]["parameters"]:
            if parameter["in"] == "query":
                validator(described, parameter["schema"]).validate(parameter["example"])
    listed = described["paths"]["/innhold"]["get"]["parameters"]
    names = {one["name"] for one in listed if one["in"] == "query"}
    assert names == {
        "gyldigDato", "full", "format", "side", "antall", "kodeverk", "kode", "infoTyper"
    }  # fmt: skip
    assert next(one for one in listed if one["name"] == "antall")["schema"]["maximum"] == (
        parameters.LARGEST_PAGE
    )


def test_the_description_is_sent_once(client: Client) -> None:
    etag = client.get("/api/openapi.json")["ETag"]
    assert client.get("/api/openapi.json", headers={"if-none-match": etag}).status_code == 304
