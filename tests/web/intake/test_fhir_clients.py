"""FHIR software of others drives the real service, and judges what it answers and what we write.

fhirpy (Python) and fhir-kit-client (Node) find the token address, read the open guideline and hand in
bundles. Medplum's validator judges structure, types, invariants and the value sets that R4 requires.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import fhirpy
import pytest
from fhirpy.base.exceptions import AuthorizationError, ForbiddenError, OperationOutcome

from foreign_node import run_node
from messages import fhir_builder as fhir
from messages.fhir_builder import Json
from varde.guidelines.fhir import TYPES
from varde.synthetic import Vaccinations, messages
from web.intake.fhir_senders import GROUP, dose, report, run_service, whole
from web.intake.service import Sender, Service

pytestmark = GROUP

GOOD = whole("FC-1", report("FC-R1"), dose("FC-V1"))
BAD = whole("FC-2", dose("FC-V2"), dose("FC-V3", status="not-done"), kind="batch")
FOREIGN = whole("FC-3", report("FC-R3"), her="99999")


@pytest.fixture(scope="module")
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Service:
    return run_service(request.config, tmp_path_factory)[0]


@pytest.fixture(scope="module")
def senders(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Sender]:
    return run_service(request.config, tmp_path_factory)[1]


@pytest.fixture(scope="module")
def base(service: Service) -> str:
    return f"http://127.0.0.1:{service.port}/fhir"


@pytest.fixture(scope="module")
def kit(base: str, senders: dict[str, Sender]) -> Json:
    """What came back to fhir-kit-client."""
    sender = senders["laboratory"]
    told = {
        "base": base,
        "clientId": sender.client_id,
        "key": sender.key,
        "scope": " ".join(f"varde:intake/{kind}" for kind in sender.kinds),
        "good": renamed(GOOD, "KIT"),
        "bad": renamed(BAD, "KIT"),
        "foreign": renamed(FOREIGN, "KIT"),
    }
    found: Json = run_node("send.mjs", json.dumps(told).encode())
    return found


def renamed(bundle: Json, by: str) -> Json:
    """The same with numbers of its own."""
    return json.loads(json.dumps(bundle).replace('"FC-', f'"{by}-'))


def statuses(bundle: Json) -> list[str]:
    return [entry["response"]["status"][:3] for entry in bundle["entry"]]


def reason_of(outcome: Json) -> str:
    assert outcome["resourceType"] == "OperationOutcome"
    return outcome["issue"][0]["details"]["coding"][0]["code"]


# --- fhirpy ---------------------------------------------------------------------------------------


def client_of(base: str, sender: Sender | None) -> fhirpy.SyncFHIRClient:
    token = f"Bearer {sender.fetch_token()}" if sender else None
    return fhirpy.SyncFHIRClient(base, authorization=token)


def send(client: fhirpy.SyncFHIRClient, bundle: Json) -> Any:
    """A bundle sent as fhirpy sends one: its answer takes the place of what was sent."""
    fields = {name: value for name, value in bundle.items() if name != "resourceType"}
    return client.resource("Bundle", **fields).save()


def test_fhirpy_hands_bundles_in(base: str, senders: dict[str, Sender]) -> None:
    client = client_of(base, senders["laboratory"])
    answer = send(client, renamed(GOOD, "PY"))
    assert (answer["resourceType"], answer["type"]) == ("Bundle", "transaction-response")
    assert statuses(answer) == ["201", "201"] + ["200"] * 5
    answer = send(client, renamed(BAD, "PY"))
    assert answer["type"] == "batch-response"
    assert statuses(answer) == ["201", "422"] + ["200"] * 5
    assert reason_of(answer["entry"][1]["response"]["outcome"]) == "not-vaccinated"


@pytest.mark.parametrize("kind", ["searchset", "history"])
def test_fhirpy_is_told_why_a_bundle_cannot_be_used(
    base: str, senders: dict[str, Sender], kind: str
) -> None:
    with pytest.raises(OperationOutcome) as raised:
        send(client_of(base, senders["laboratory"]), renamed(GOOD, "PY2") | {"type": kind})
    assert reason_of(raised.value.resource) == "wrong-bundle"


def test_fhirpy_is_told_who_may_not(base: str, senders: dict[str, Sender]) -> None:
    with pytest.raises(AuthorizationError) as unknown:
        send(client_of(base, None), GOOD)
    assert reason_of(json.loads(str(unknown.value))) == "no-credentials"
    with pytest.raises(ForbiddenError) as forbidden:
        send(client_of(base, senders["other"]), GOOD)
    assert reason_of(json.loads(str(forbidden.value))) == "not-allowed"


def test_fhirpy_reads_the_guideline(base: str) -> None:
    client = client_of(base, None)
    capability = client.execute("metadata", method="get")
    assert capability["fhirVersion"] == "4.0.1"
    codes = {one["code"] for one in capability["rest"][0]["interaction"]}
    assert codes == {"transaction", "batch"}
    plans = client.resources("PlanDefinition")
    every = plans.limit(10).fetch_all()
    assert len(every) == plans.count() > 10
    assert len({plan.id for plan in every}) == len(every)
    one = plans.search(_id=every[3].id).get()
    assert one.serialize() == client.get("PlanDefinition", every[3].id)


# --- fhir-kit-client ------------------------------------------------------------------------------


def test_kit_finds_the_token_address_wherever_it_looks(kit: Json, service: Service) -> None:
    token = f"http://127.0.0.1:{service.port}/oauth/token"
    assert kit["found"]["wellKnown"]["tokenUrl"] == token
    assert kit["found"]["capability"] == {"tokenUrl": token}
    assert kit["token"] == "Bearer"


def test_both_addresses_say_the_same(service: Service) -> None:
    one = service.ask("GET", "/.well-known/smart-configuration")
    two = service.ask("GET", "/fhir/.well-known/smart-configuration")
    assert one.json == two.json
    for answer in (one, two):
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["access-control-allow-origin"] == "*"
    # What SMART App Launch 2.2 asks for of a service where no person signs in.
    assert one.json.keys() >= {
        "token_endpoint",
        "grant_types_supported",
        "capabilities",
        "code_challenge_methods_supported",
    }
    assert "authorization_endpoint" not in one.json


def test_kit_reads_the_guideline(kit: Json) -> None:
    first, second, posted = kit["pages"]
    assert (len(first), len(second)) == (5, 5) and not set(first) & set(second)
    assert posted == first
    assert kit["same"] and kit["versions"] >= 1


def test_kit_hands_bundles_in(kit: Json) -> None:
    answers = kit["answers"]
    found = {name: answer["status"] for name, answer in answers.items()}
    assert found == {
        "transaction": 200,
        "batch": 200,
        "again": 200,
        "unusable": 422,
        "foreign": 200,
        "stranger": 401,
        "forged": 401,
    }
    assert statuses(answers["transaction"]["body"]) == ["201", "201"] + ["200"] * 5
    assert answers["again"] == answers["transaction"]
    assert statuses(answers["batch"]["body"])[:2] == ["201", "422"]
    assert reason_of(answers["unusable"]["body"]) == "wrong-bundle"
    [entry, *_] = answers["foreign"]["body"]["entry"]
    assert reason_of(entry["response"]["outcome"]) == "foreign-sender"
    assert reason_of(answers["stranger"]["body"]) == "no-credentials"


# --- Medplum's validator --------------------------------------------------------------------------

MISTAKEN = {
    r'warning: Invalid reference: got "urn:uuid:[0-9a-f-]{36}", expected .*': (
        "A reference to the fullUrl of another entry (R4, Bundle, 'Resolving references in bundles'). "
        "`test_references_within_bundles_lead_somewhere` looks at these."
    ),
}
"""What the validator says of good resources, and why it is wrong there."""


_ISSUE = {"severity": "error", "code": "invalid"}
_PAIR = {"response": {"status": "201"}, "resource": fhir.patient(gender="m")}
WRONG: dict[str, tuple[Json, str]] = {
    "missing": ({"resourceType": "OperationOutcome"}, "Missing required property"),
    "unknown": (
        {"resourceType": "OperationOutcome", "issue": [_ISSUE], "x": 1},
        "Invalid additional property",
    ),
    "code": (
        {"resourceType": "OperationOutcome", "issue": [_ISSUE | {"code": "odd"}]},
        "is not in http://hl7.org/fhir/ValueSet/issue-type",
    ),
    "inside": (
        {"resourceType": "Bundle", "type": "batch-response", "entry": [_PAIR]},
        "is not in http://hl7.org/fhir/ValueSet/administrative-gender",
    ),
    "invariant": (
        {"resourceType": "Bundle", "type": "collection", "entry": [_PAIR]},
        "Constraint bdl-4 not met",
    ),
}
"""Wrong resources, and what the validator must say of them."""

Group = dict[str, Json]


@pytest.fixture(scope="module")
def groups(service: Service, senders: dict[str, Sender], kit: Json) -> dict[str, Group]:
    """All that is judged."""
    sent = {f"kit {name}": answer["body"] for name, answer in kit["answers"].items()}
    return {
        "wrong": {name: resource for name, (resource, _) in WRONG.items()},
        "written": dict(written()),
        "guideline": dict(open_guideline(service)),
        "answered": dict(answered(service, senders["laboratory"])) | sent,
    }


@pytest.fixture(scope="module")
def verdicts(groups: dict[str, Group]) -> dict[str, dict[str, list[str]]]:
    """What is wrong, by group and name; names of good ones are left out.

    One process judges all: reading R4's definitions takes longer than that.
    """
    lines = [
        json.dumps({"name": f"{group}|{name}", "resource": one})
        for group, named in groups.items()
        for name, one in named.items()
    ]
    found = run_node("validate.mjs", "\n".join(lines).encode())
    assert len(found) == len(lines)
    wrong: dict[str, dict[str, list[str]]] = {group: {} for group in groups}
    for full, verdict in found.items():
        group, _, name = full.partition("|")
        if issues := [issue for issue in verdict["issues"] if not is_mistaken(issue)]:
            wrong[group][name] = issues
    # Codes were looked at, too.
    assert sum(verdict["bound"] for verdict in found.values()) > 500
    return wrong


def is_mistaken(issue: str) -> bool:
    return any(re.fullmatch(known, issue) for known in MISTAKEN)


def written() -> Iterator[tuple[str, Json]]:
    """What the invented country sends."""
    for name, data in messages(40, bad_share=0, lists=False, wire="fhir"):
        yield name, json.loads(data)
    for name, data in Vaccinations(doses=60, bad_share=0).bundles():
        yield f"vaccinations/{name}", json.loads(data)


def open_guideline(service: Service) -> Iterator[tuple[str, Json]]:
    """A sample of the guideline: some of each type, and the versions of one."""
    for kind in TYPES:
        page = service.ask("GET", f"/fhir/{kind}?_count=25").json
        yield kind, page
        some = page["entry"][-1]["resource"]["id"]
        yield f"{kind}/{some}", service.ask("GET", f"/fhir/{kind}/{some}").json
        yield f"{kind}/history", service.ask("GET", f"/fhir/{kind}/{some}/_history").json


def answered(service: Service, sender: Sender) -> Iterator[tuple[str, Json]]:
    """What the service answers: bundles, and outcomes of every kind."""

    def post(bundle: Json | bytes) -> Json:
        body = bundle if isinstance(bundle, bytes) else fhir.write(bundle)
        return sender.post("/fhir", body).json  # type: ignore[no-any-return]

    good = fhir.write(renamed(GOOD, "MED"))
    yield "capability", service.ask("GET", "/fhir/metadata").json
    yield "transaction", post(good)
    yield "batch", post(renamed(BAD, "MED"))
    yield "document", post(renamed(GOOD, "MED2") | {"type": "document"})
    yield "foreign", post(renamed(FOREIGN, "MED"))
    yield "odd entry", post(fhir.bundle(dose("MED-V9"), {"id": "x"}, fhir.patient()))
    yield "truncated", post(good[:-9])
    yield "wrong type", post(renamed(GOOD, "MED3") | {"type": "history"})
    yield "no bundle", post(fhir.patient())
    yield "XML", post(b"<Bundle/>")
    yield "nobody", service.ask("POST", "/fhir", good).json
    yield "method", service.ask("DELETE", "/fhir").json
    yield "unknown", service.ask("GET", "/fhir/PlanDefinition/none").json
    yield "unknown type", service.ask("GET", "/fhir/Patient").json


def test_the_validator_sees_what_is_wrong(verdicts: dict[str, dict[str, list[str]]]) -> None:
    assert verdicts["wrong"].keys() == WRONG.keys()
    for name, (_, said) in WRONG.items():
        assert any(said in issue for issue in verdicts["wrong"][name]), verdicts["wrong"][name]


@pytest.mark.parametrize("group", ["written", "guideline", "answered"])
def test_what_we_write_is_valid(
    groups: dict[str, Group], verdicts: dict[str, dict[str, list[str]]], group: str
) -> None:
    assert len(groups[group]) >= 10
    assert verdicts[group] == {}


def test_every_kind_of_answer_was_judged(groups: dict[str, Group]) -> None:
    answers = groups["answered"].values()
    assert {one["resourceType"] for one in answers} == {
        "Bundle",
        "CapabilityStatement",
        "OperationOutcome",
    }
    codes = {one["issue"][0]["code"] for one in answers if "issue" in one}
    assert codes >= {"processing", "invalid", "login", "not-supported", "not-found"}


def test_references_within_bundles_lead_somewhere() -> None:
    followed = 0
    for name, bundle in written():
        known = {entry["fullUrl"]: entry["resource"] for entry in bundle["entry"]}
        assert len(known) == len(bundle["entry"]), name
        for reference in re.findall(r'"reference": "([^"]*)"', json.dumps(bundle["entry"])):
            assert reference in known, (name, reference)
            followed += 1
    assert followed > 500
