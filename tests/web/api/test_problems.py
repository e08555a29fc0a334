"""Every refusal: typed, in bokmål, with an address that explains it, and nothing of our own inside."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from varde.web.api import content, parameters
from varde.web.api.parameters import Question, read_question
from varde.web.api.problems import PROBLEM_JSON, Refusal, describe, gather, kinds
from web.api.invented_content import GUIDELINE, PNEUMONIA

ASKED = [
    ("/innhold?kodeverk=SNOMED&kode=1", 400, "ukjent-kodeverk", "kodeverk", "Mente du SNOMED-CT?"),
    ("/innhold?kodeverk=icpc-2&kode=R81", 400, "ukjent-kodeverk", "kodeverk", "Mente du ICPC-2?"),
    ("/innhold?kode=R81", 400, "kode-uten-kodeverk", "kodeverk", "ICD-10"),
    ("/anbefalinger?kodeverk=ICPC-2", 400, "kodeverk-uten-kode", "kode", "kode"),
    ("/innhold?kodeverk=ICPC-2&kode=", 400, "ugyldig-kode", "kode", "R81"),
    ("/innhold?kodeverk=ICPC-2&kode=<b>", 400, "ugyldig-kode", "kode", "<b>"),
    ("/innhold?gyldigDato=27.06.2024", 400, "ugyldig-dato", "gyldigDato", "ÅÅÅÅ-MM-DD"),
    ("/innhold?gyldigDato=", 400, "ugyldig-dato", "gyldigDato", "ÅÅÅÅ-MM-DD"),
    ("/innhold?gyldigDato=2023-02-29", 400, "ugyldig-dato", "gyldigDato", "kalenderen"),
    ("/innhold?gyldigDato=0000-01-01", 400, "ugyldig-dato", "gyldigDato", "kalenderen"),
    ("/innhold?gyldigDato=２０２４-01-01", 400, "ugyldig-dato", "gyldigDato", "ÅÅÅÅ"),
    ("/innhold?gyldigdato=2024-06-27", 400, "ukjent-parameter", "gyldigdato", "gyldigDato?"),
    ("/kapitler?kode=R81", 400, "ukjent-parameter", "kode", "Adressen tar"),
    ("/innhold?sok=hoste", 400, "ukjent-parameter", "sok", "Adressen tar"),
    (f"/innhold/{PNEUMONIA}?side=1", 400, "ukjent-parameter", "side", "Adressen tar"),
    ("/innhold?infoTyper=anbefaling,kapitel", 400, "ukjent-infotype", "infoTyper", "kapittel?"),
    ("/innhold?infoTyper=", 400, "ukjent-infotype", "infoTyper", "pico"),
    ("/innhold?side=0", 400, "ugyldig-side", "side", "1"),
    ("/innhold?side=-1", 400, "ugyldig-side", "side", "1"),
    ("/innhold?side=1.0", 400, "ugyldig-side", "side", "1"),
    ("/innhold?side=99999999", 400, "ugyldig-side", "side", "1"),
    ("/innhold?antall=201", 400, "ugyldig-side", "antall", "200"),
    ("/innhold?antall=0", 400, "ugyldig-side", "antall", "200"),
    ("/innhold?side=9999999", 404, "side-finnes-ikke", "side", "siste side er"),
    ("/innhold?format=xml", 400, "ukjent-format", "format", "markdown"),
    ("/innhold?full=ja", 400, "ugyldig-verdi", "full", "true"),
    ("/innhold?side=1&side=2", 400, "gitt-flere-ganger", "side", "én gang"),
    (f"/innhold?kodeverk=ICPC-2&kode={'R' * 101}", 400, "for-lang-verdi", "kode", "100"),
    (f"/innhold?kodeverk=ICPC-2&kode={'R' * 5000}", 414, "for-langt-sporsmal", None, "4096"),
    (f"/innhold?{'a&' * 51}", 414, "for-langt-sporsmal", None, "50"),
    ("/innhold/abc", 400, "ugyldig-id", "id", "abc"),
    (f"/innhold/0099-0003-{'a' * 200}", 400, "ugyldig-id", "id", "…"),
    ("/publikasjoner/1", 400, "ugyldig-id", "id", "1"),
    ("/innhold/a/b/c/d", 404, "ukjent-adresse", None, "/api/openapi.json"),
    ("/anbefalinger/x/versjoner", 404, "ukjent-adresse", None, "/api/openapi.json"),
    ("/api", 404, "ukjent-adresse", None, "/api/openapi.json"),
    ("/api/docs", 404, "ukjent-adresse", None, "/api/openapi.json"),
    ("/publikasjoner", 404, "ukjent-adresse", None, "/api/openapi.json"),
    ("/problemer/ugyldig-dat", 404, "ukjent-adresse", "slug", "ugyldig-dato?"),
    ("/problemer?side=1", 400, "ukjent-parameter", "side", "format"),
    ("/api/openapi.json?x=1", 400, "ukjent-parameter", "x", "ingen parametere"),
]


@pytest.mark.parametrize(("address", "status", "slug", "parameter", "said"), ASKED)
def test_what_is_wrong_is_said_with_what_to_do(
    client: Client, address: str, status: int, slug: str, parameter: str | None, said: str
) -> None:
    answer = client.get(address)
    assert answer.status_code == status and answer["Content-Type"] == PROBLEM_JSON
    problem = answer.json()
    assert problem["type"] == f"/problemer/{slug}" and problem["status"] == status
    assert problem["title"] == kinds()[slug].title
    assert problem["instance"] == address.partition("?")[0]
    assert problem.get("parameter") == parameter
    assert said in problem["detail"] and problem["detail"].endswith(".")
    assert answer["Cache-Control"] == "no-store" and answer["Content-Language"] == "nb"
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "ETag" not in answer
    explained = client.get(problem["type"])
    assert explained.status_code == 200 and explained.json()["title"] == problem["title"]


def test_every_fault_is_told_at_once(client: Client) -> None:
    problem = client.get("/innhold?gyldigdato=2024-06-27&side=0&format=xml").json()
    assert problem["type"] == "/problemer/flere-feil" and problem["status"] == 400
    assert [one["parameter"] for one in problem["errors"]] == ["gyldigdato", "side", "format"]
    for one in problem["errors"]:
        assert (
            one["type"].startswith("/problemer/") and one["detail"].rstrip(".") in problem["detail"]
        )


def test_what_was_sent_is_repeated_as_data_and_shortened(client: Client) -> None:
    answer = client.get("/innhold", {"<script>" * 12: "x"})
    assert answer["Content-Type"] == PROBLEM_JSON and answer["X-Content-Type-Options"] == "nosniff"
    assert len(answer.json()["parameter"]) == 60


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "trace"])
@pytest.mark.parametrize(
    "address", ["/innhold", f"/anbefalinger/{PNEUMONIA}", "/problemer", "/api/openapi.json"]
)
def test_other_methods_are_refused(client: Client, method: str, address: str) -> None:
    answer = getattr(client, method)(address)
    assert answer.status_code == 405 and answer["Content-Type"] == PROBLEM_JSON
    assert answer["Allow"] == "GET, HEAD, OPTIONS"
    assert answer.json()["type"] == "/problemer/metode-ikke-tillatt"


def test_a_post_needs_no_token_to_be_refused_in_the_api_s_form() -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post("/innhold").status_code == 405
    assert client.post("/innhold/a/b/c").status_code == 404


def test_a_fault_of_ours_tells_nothing(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(content, "cut", fail)
    with caplog.at_level(logging.ERROR):
        answer = client.get("/innhold?kodeverk=ICPC-2&kode=R81")
    assert answer.status_code == 500 and answer["Content-Type"] == PROBLEM_JSON
    assert answer.json()["type"] == "/problemer/intern-feil"
    assert "secret" not in answer.content.decode()
    assert "secret detail" in caplog.text and "R81" not in caplog.records[0].getMessage()


def test_a_fault_of_ours_tells_nothing_to_developers_either(
    client: Client, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.DEBUG = True
    monkeypatch.setattr(content, "cut", lambda *_: 1 / 0)
    answer = client.get("/innhold")
    assert answer.status_code == 500 and answer.json()["type"] == "/problemer/intern-feil"


@pytest.mark.parametrize(
    ("address", "there"),
    [
        ("/innhold/", "/innhold"),
        ("/innhold/?side=1&antall=2", "/innhold?side=1&antall=2"),
        (f"/publikasjoner/{GUIDELINE}//", f"/publikasjoner/{GUIDELINE}"),
        ("/api/openapi.json/", "/api/openapi.json"),
    ],
)
def test_a_slash_too_many_leads_to_the_address(client: Client, address: str, there: str) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer["Location"]) == (308, there)
    assert client.get(there).status_code == 200


def test_a_slash_leads_nowhere_else(client: Client) -> None:
    for address in ("/innhold//evil.example/", "/nothing/", "/%2Fevil.example/innhold/"):
        answer = client.get(address)
        assert answer.status_code == 404, address


@pytest.mark.parametrize("address", ["/innhold", f"/innhold/{PNEUMONIA}", "/problemer/x"])
def test_pages_elsewhere_may_ask(client: Client, address: str) -> None:
    answer = client.options(
        address, headers={"origin": "https://epj.example", "access-control-request-method": "GET"}
    )
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS" == answer["Allow"]
    assert "If-None-Match" in answer["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in answer
    asked = client.get(address, headers={"origin": "https://epj.example"})
    assert asked["Access-Control-Allow-Origin"] == "*"
    assert "ETag" in asked["Access-Control-Expose-Headers"]


@pytest.mark.parametrize("address", ["/innhold", f"/innhold/{PNEUMONIA}", "/innhold/abc"])
def test_head_is_get_without_the_body(client: Client, address: str) -> None:
    head, get = client.head(address), client.get(address)
    assert head.content == b"" and head.status_code == get.status_code
    assert dict(head.items()) == dict(get.items())


def test_every_answer_carries_the_security_headers(client: Client) -> None:
    addresses = ["/innhold", "/innhold/", "/innhold/abc", "/problemer", "/api/openapi.json", "/api"]
    answers = [client.get(address) for address in addresses]
    answers += [client.options("/innhold"), client.post("/innhold"), client.head("/innhold")]
    for answer in answers:
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["X-Frame-Options"] == "DENY"
        assert answer["Referrer-Policy"] == "same-origin"
        assert "Set-Cookie" not in answer and not answer.cookies


# --- the catalogue --------------------------------------------------------------------------------------


def test_every_kind_is_explained(client: Client) -> None:
    listed = client.get("/problemer").json()
    assert [one["type"] for one in listed] == [kind.address for kind in kinds().values()]
    for kind in kinds().values():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", kind.slug)
        assert kind.why.endswith(".") and kind.todo.endswith(".") and kind.en.endswith(".")
        assert 400 <= kind.status < 600


def test_one_refusal_is_itself_and_several_are_listed() -> None:
    one, two = Refusal("ugyldig-dato", "A.", "a"), Refusal("ugyldig-side", "B.", "b")
    assert gather([one]) is one
    problem = describe(gather([one, two]), "/x")
    assert problem.detail == "2 feil: A; B." and len(problem.errors) == 2  # type: ignore[arg-type]


# --- reading questions ----------------------------------------------------------------------------------

KNOWN = (
    parameters.DAY,
    parameters.FULL,
    parameters.SYSTEM,
    parameters.CODE,
    parameters.TYPES,
    parameters.PAGE,
    parameters.SIZE,
    parameters.FORMAT,
)


@given(st.text(max_size=300))
def test_any_query_is_read_or_refused(query: str) -> None:
    try:
        assert isinstance(read_question(query, KNOWN), Question)
    except Refusal as refusal:
        assert refusal.kind.status in (400, 414)


def test_examples_of_parameters_are_answered() -> None:
    for parameter in KNOWN:
        value = parameter.example
        values = value if isinstance(value, list) else [value]
        for one in values:
            text = str(one).lower() if isinstance(one, bool) else str(one)
            assert parameter.read(text) is not None
