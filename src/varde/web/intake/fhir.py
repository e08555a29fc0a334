"""``POST /fhir``: a Bundle handed in the way FHIR clients do, answered entry by entry.

The whole bundle is kept as one message. Then each DiagnosticReport and Immunization in it is taken in by
itself: a bad one waits in quarantine and never takes the others with it, whatever the type of the bundle.
That is less than the all-or-nothing of a FHIR transaction, and more than losing a good answer because of a
bad one; the national intake of medicine data answers resource by resource in the same way.

A bundle that cannot be used as a whole (cut off, too deep, of a type that nobody sends) is kept too, and
the answer 422 says what to do. What is no bundle at all is refused, and not kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from msgspec import DecodeError, Struct, ValidationError
from msgspec.json import decode, encode

from varde.access.clients import Client, ClientRefused, authenticate
from varde.messages import MessageError
from varde.messages.fhir.documents import parse_bundle
from varde.messages.fhir.references import Store
from varde.messages.json_documents import as_utf8
from varde.register import Incoming, ItemReceipt, MessageReceipt
from varde.web.intake.answers import write_problem
from varde.web.intake.bodies import take_body
from varde.web.intake.doors import door
from varde.web.intake.receiving import WAIT_SECONDS, guarded, receipts_of
from varde.web.intake.refusals import IntakeRefused, dress

FHIR_JSON = "application/fhir+json; charset=utf-8"
KINDS: Mapping[str, str] = {"DiagnosticReport": "laboratory", "Immunization": "vaccination"}
"""Resources that are items of their own → the kind they are taken in as."""
REASONS = "tag:varde.example,2026:reasons"
"""Code system of why something waits in quarantine: the keys of `varde.messages.reasons`."""
REFUSALS = "tag:varde.example,2026:intake"
"""Code system of why something is not taken."""
OAUTH = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
"""Where clients that read only the CapabilityStatement look for the token address (SMART App Launch)."""
SIGN = re.compile(rb'"resourceType"\s{0,100}:\s{0,100}"Bundle"')
ENTRY = re.compile(r"Bundle\.entry\[(\d+)\]")
WINDOW = 4096
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
    issue = Issue(
        title=error.title("nb"),
        text=f"{error.text('nb')} / {error.text('en')}",
        code=_ISSUES.get(error.status, "exception" if error.status == 500 else "processing"),
        reason=error.code,
        system=REFUSALS,
        title_en=error.title("en"),
    )
    return dress(_write(write_outcome([issue]), error.status), error)


@guarded("POST", refuse_as_outcome)
def receive_bundle(request: HttpRequest) -> HttpResponse:
    """Take a Bundle in, and say what became of each of its entries."""
    client = authenticate(request)
    body = take_body(request, client)
    outline = read_outline(body)
    kind = _kind(outline, client)
    # Both doors of a mixed bundle are the register of persons.
    ticket = door("laboratory").submit([Incoming("", body, None, client.sender, kind, "fhir")])
    folded = ticket.wait(WAIT_SECONDS)
    [receipt] = receipts_of(ticket, "laboratory")
    address = f"/intake/{kind or 'laboratory'}/receipts/{receipt.message}"
    if not folded:
        kept = Issue("Tatt imot", f"Kvittering: {address}", "information", "informational")
        response = _write(write_outcome([kept]), 202)
    elif not outline.items or receipt.received < len(outline.items):
        # The bundle as a whole could not be read: it waits in quarantine as one item.
        response = _write(write_outcome([_issue(item) for item in receipt.items]), 422)
    else:
        response = _write(write_answer(outline, receipt), 200)
    response["Content-Location"] = address
    return response


addresses = [
    path("fhir", receive_bundle, name="fhir-intake"),
    path("fhir/", receive_bundle, name="fhir-intake-slash"),
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
    base = settings.VARDE_BASE_URL or capability["implementation"]["url"].removesuffix("/fhir")
    token = {"url": "token", "valueUri": base + reverse("oauth-token")}
    rest["security"]["extension"] = [{"url": OAUTH, "extension": [token]}]
    rest["security"]["description"] = (
        "Retningslinjen er åpen for alle. Innsending krever private_key_jwt (SMART Backend Services) "
        "eller klientsertifikat."
    )
    capability["implementation"]["description"] = (
        "Antibiotikaretningslinjen som åpne data, og inntak til infeksjonsregisteret"
    )
    return capability


class Issue(Struct, frozen=True):
    """One issue of an OperationOutcome.

    Attributes:
        title: what kind of thing it is, in bokmål; `title_en` the same in English.
        text: what was found and what to do.
        severity, code: FHIR's.
        reason: for programs, a code of `system`; empty for none.
        place: where in the bundle, as FHIRPath; empty for the whole of it.
    """

    title: str
    text: str = ""
    severity: str = "error"
    code: str = "processing"
    reason: str = ""
    system: str = ""
    title_en: str = ""
    place: str = ""


def write_outcome(issues: list[Issue]) -> dict[str, Any]:
    """An OperationOutcome; FHIR wants at least one issue."""
    return {"resourceType": "OperationOutcome", "issue": [_write_issue(issue) for issue in issues]}


def _write_issue(issue: Issue) -> dict[str, Any]:
    coding = {"system": issue.system, "code": issue.reason, "display": issue.title_en}
    details: dict[str, Any] = {"text": issue.title}
    if issue.reason:
        details["coding"] = [{name: value for name, value in coding.items() if value}]
    written = {"severity": issue.severity, "code": issue.code, "details": details}
    if issue.text:
        written["diagnostics"] = issue.text
    if issue.place:
        written["expression"] = [issue.place]
    return written


class Outline(Struct, frozen=True):
    """What a bundle holds, before anybody reads what it means.

    Attributes:
        type: of the bundle.
        entries: how many it has.
        items: the entries (from 0) that give an item each, in order: reports, vaccinations, and those
            of which nobody can say that they are none. Empty when the whole cannot be used.
        types: the resource types of those, as far as they have one.
    """

    type: str = ""
    entries: int = 0
    items: tuple[int, ...] = ()
    types: frozenset[str] = frozenset()


class _Head(Struct, rename="camel"):
    resource_type: Any = None


def read_outline(body: bytes) -> Outline:
    """The bundle's outline, by the eyes of the reader that reads it once it is kept.

    Raises:
        IntakeRefused: ``not-json`` or ``not-a-bundle``.
    """
    _check_bundle(body)
    try:
        bundle, damaged = parse_bundle(body)
    except MessageError:
        return Outline()
    held = Store(bundle.entry, damaged).statements()
    return Outline(
        type=bundle.type,
        entries=len(bundle.entry),
        items=tuple(each.number for each in held),
        types=frozenset(each.kind for each in held),
    )


def _check_bundle(body: bytes) -> None:
    """See that somebody meant to send a bundle, also where it cannot be read.

    Raises:
        IntakeRefused: ``not-json`` or ``not-a-bundle``.
    """
    try:
        text = as_utf8(body)
    except MessageError:
        text = body
    object_begins = text.lstrip()[:1] == b"{"
    try:
        meant = decode(text, type=_Head).resource_type == "Bundle"
    except ValidationError:
        meant = False
    except (DecodeError, RecursionError, UnicodeDecodeError):
        meant = object_begins and SIGN.search(text[:WINDOW]) is not None
    if not meant:
        raise IntakeRefused(
            "not-a-bundle" if object_begins or text.lstrip()[:1] == b"[" else "not-json"
        )


def _kind(outline: Outline, client: Client) -> str:
    """What the bundle is handed in as; empty when it may hold several kinds.

    Raises:
        ClientRefused: it holds something that the client may not send.
    """
    kinds = {KINDS[each] for each in outline.types if each in KINDS}
    for kind in sorted(kinds):
        client.check_kind(kind)
    if not kinds:
        kinds = set(KINDS.values()) & set(client.kinds)
    if not kinds:
        client.check_kind("laboratory")
    return kinds.pop() if len(kinds) == 1 else ""


def write_answer(outline: Outline, receipt: MessageReceipt) -> dict[str, Any]:
    """The Bundle that answers entry by entry, in the order of what was sent.

    Args:
        outline: of the bundle.
        receipt: of its items. It lists so many only, those in quarantine first.
    """
    found = {item.position: item for item in receipt.items}
    unlisted = "200 OK" if receipt.quarantined <= len(found) else "202 Accepted"
    entries: list[dict[str, Any]] = [{"status": "200 OK"} for _ in range(outline.entries)]
    for position, entry in enumerate(outline.items, 1):
        item = found.get(position)
        entries[entry] = _respond(item) if item is not None else {"status": unlisted}
    # Damaged entries that no item reaches come after all items.
    for position, item in found.items():
        damaged = ENTRY.match(item.place) if position > len(outline.items) else None
        if damaged is not None:
            entries[int(damaged[1])] = _respond(item)
    return {
        "resourceType": "Bundle",
        "type": _ANSWERS.get(outline.type, "batch-response"),
        "entry": [{"response": response} for response in entries],
    }


def _respond(item: ItemReceipt) -> dict[str, Any]:
    response: dict[str, Any] = {"status": _STATUS[item.state]}
    if item.state == "quarantined":
        response["outcome"] = write_outcome([_issue(item)])
    return response


def _issue(item: ItemReceipt) -> Issue:
    """One item in quarantine: what is wrong, where, and what to do."""
    problem = write_problem(item)
    where = ": ".join(part for part in (problem["place"], problem["found"]) if part)
    actions = " / ".join(problem[key] for key in ("action", "action_en") if problem.get(key))
    place = problem["place"].partition(" (")[0]
    return Issue(
        title=problem.get("title", item.reason),
        text=" ".join(part for part in (where, actions) if part),
        reason=item.reason,
        system=REASONS,
        title_en=problem.get("title_en", ""),
        place=place if place.startswith("Bundle.") else "",
    )


def _write(answer: dict[str, Any], status: int) -> HttpResponse:
    return HttpResponse(encode(answer), content_type=FHIR_JSON, status=status)
