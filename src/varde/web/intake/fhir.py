"""``POST /fhir``: a Bundle handed in the way FHIR clients do, answered entry by entry.

The whole bundle is kept as one message. Then each DiagnosticReport and Immunization in it is taken in by
itself: a bad one waits in quarantine and never takes the others with it, whatever the type of the bundle.
That is less than the all-or-nothing of a FHIR transaction, and more than losing a good answer because of a
bad one; the national intake of medicine data answers resource by resource in the same way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from msgspec import DecodeError
from msgspec.json import decode, encode

from varde.access.clients import Client, ClientRefused, allowances, authenticate
from varde.register import Incoming, ItemReceipt, MessageReceipt
from varde.web.intake.answers import write_problem
from varde.web.intake.bodies import read_body
from varde.web.intake.doors import door
from varde.web.intake.receiving import WAIT_SECONDS, guarded, receipts_of
from varde.web.intake.refusals import IntakeRefused, dress

FHIR_JSON = "application/fhir+json; charset=utf-8"
KINDS: Mapping[str, str] = {"DiagnosticReport": "laboratory", "Immunization": "vaccination"}
"""Resources that are items of their own → the kind they are taken in as."""
_ANSWERS: Mapping[str, str] = {"batch": "batch-response", "transaction": "transaction-response"}
_STATUS: Mapping[str, str] = {
    "accepted": "201 Created",
    "duplicate": "200 OK",
    "quarantined": "422 Unprocessable Entity",
}
_ISSUES: Mapping[int, str] = {
    400: "invalid",
    401: "login",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    413: "too-long",
    415: "not-supported",
    429: "throttled",
    503: "transient",
}


def refuse_as_outcome(error: IntakeRefused | ClientRefused) -> HttpResponse:
    """The answer to something that is not taken, as an OperationOutcome."""
    code = _ISSUES.get(error.status, "exception" if error.status == 500 else "processing")
    outcome = write_outcome([("error", code, error.title("nb"), error.text("nb"))])
    return dress(HttpResponse(encode(outcome), content_type=FHIR_JSON, status=error.status), error)


@guarded("POST", refuse_as_outcome)
def receive_bundle(request: HttpRequest) -> HttpResponse:
    """Take a Bundle in, and say what became of each of its entries."""
    client = authenticate(request)
    body = read_body(request)
    allowances.spend(client.client_id, client.limits, len(body))
    bundle = _look_at(body)
    items = [entry["resource"]["resourceType"] for entry in _items(bundle)]
    kind = _kind(items, client)
    # Both doors of a mixed bundle are the register of persons.
    ticket = door("laboratory").submit([Incoming("", body, None, client.sender, kind, "fhir")])
    folded = ticket.wait(WAIT_SECONDS)
    [receipt] = receipts_of(ticket, "laboratory")
    address = f"/intake/{kind or 'laboratory'}/receipts/{receipt.message}"
    if not folded:
        kept = write_outcome(
            [("information", "informational", "Tatt imot", f"Kvittering: {address}")]
        )
        return HttpResponse(encode(kept), content_type=FHIR_JSON, status=202)
    if receipt.received != len(items) or not items:
        # The bundle as a whole could not be read: it waits in quarantine as one item.
        outcome = write_outcome([_issue(item) for item in receipt.items])
        response = HttpResponse(encode(outcome), content_type=FHIR_JSON, status=422)
    else:
        answer = _write_answer(bundle, receipt)
        response = HttpResponse(encode(answer), content_type=FHIR_JSON)
    response["Content-Location"] = address
    return response


addresses = [
    path("fhir", receive_bundle, name="fhir-intake"),
    path("fhir/", receive_bundle),
]


def add_to_capability(capability: dict[str, Any]) -> dict[str, Any]:
    """The CapabilityStatement of the service, with what may be handed in."""
    rest = capability["rest"][0]
    about = (
        "Diagnostisk svar (DiagnosticReport) og vaksinasjon (Immunization) tas imot hver for seg: det som "
        "ikke kan brukes, settes i karantene og tar ikke de andre med seg."
    )
    rest["interaction"] = [
        {"code": code, "documentation": about} for code in ("transaction", "batch")
    ]
    rest["security"]["service"] = [
        {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/restful-security-service",
                    "code": "SMART-on-FHIR",
                }
            ]
        }
    ]
    rest["security"]["description"] = (
        "Retningslinjen er åpen for alle. Innsending krever private_key_jwt (SMART Backend Services) "
        "eller klientsertifikat."
    )
    capability["implementation"]["description"] = (
        "Antibiotikaretningslinjen som åpne data, og inntak til infeksjonsregisteret"
    )
    return capability


def write_outcome(issues: list[tuple[str, str, str, str]]) -> dict[str, Any]:
    """An OperationOutcome of (severity, code, title, what was found and what to do)."""
    return {
        "resourceType": "OperationOutcome",
        "issue": [
            {
                "severity": severity,
                "code": code,
                "details": {"text": title},
                **({"diagnostics": text} if text else {}),
            }
            for severity, code, title, text in issues
        ],
    }


def _look_at(body: bytes) -> dict[str, Any]:
    """The bundle's outline. What it means is read later, once it is kept.

    Raises:
        IntakeRefused: ``not-a-bundle``.
    """
    try:
        bundle = decode(body)
    except (DecodeError, UnicodeDecodeError, RecursionError):
        raise IntakeRefused("not-a-bundle") from None
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
        raise IntakeRefused("not-a-bundle")
    return bundle


def _entries(bundle: dict[str, Any]) -> Iterator[Any]:
    entries = bundle.get("entry")
    yield from entries if isinstance(entries, list) else []


def _items(bundle: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The entries that are items of their own, in order."""
    for entry in _entries(bundle):
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict) and resource.get("resourceType") in KINDS:
            yield entry


def _kind(items: list[str], client: Client) -> str:
    """What the bundle is handed in as; empty when it holds several kinds.

    Raises:
        ClientRefused: it holds something that the client may not send.
    """
    kinds = {KINDS[item] for item in items}
    for kind in sorted(kinds):
        client.check_kind(kind)
    if not kinds and not set(KINDS.values()) & set(client.kinds):
        client.check_kind("laboratory")
    return kinds.pop() if len(kinds) == 1 else ""


def _write_answer(bundle: dict[str, Any], receipt: MessageReceipt) -> dict[str, Any]:
    states = iter(sorted(receipt.items, key=lambda item: item.position))
    answers = []
    for entry in _entries(bundle):
        resource = entry.get("resource") if isinstance(entry, dict) else None
        kind = resource.get("resourceType") if isinstance(resource, dict) else None
        item = next(states, None) if kind in KINDS else None
        answers.append({"response": _respond(item) if item else {"status": "200 OK"}})
    return {
        "resourceType": "Bundle",
        "type": _ANSWERS.get(bundle.get("type", ""), "batch-response"),
        "entry": answers,
    }


def _respond(item: ItemReceipt) -> dict[str, Any]:
    response: dict[str, Any] = {"status": _STATUS[item.state]}
    if item.state == "quarantined":
        response["outcome"] = write_outcome([_issue(item)])
    return response


def _issue(item: ItemReceipt) -> tuple[str, str, str, str]:
    """An issue of one item in quarantine: what is wrong, where, and what to do."""
    problem = write_problem(item)
    where = ": ".join(part for part in (problem["place"], problem["found"]) if part)
    said = " ".join(part for part in (where, problem.get("action", "")) if part)
    return "error", "processing", problem.get("title", item.reason), said
