"""``POST /fhirmottak/v1/LegemiddelregisterBundle``: administered drugs, as FHI's guide LMDI has them handed in.

The body is the guide's envelope (SignertKryptertBundle), or the bundle as it is: connections are encrypted, and who sends
is known. The answer is an OperationOutcome with one issue for each entry: 200 when all of them can be used, 400 when one
or more cannot; the others are kept all the same, and sending them again changes nothing. Nothing of an envelope that does
not open is kept.

``/validate`` does the same and keeps nothing. ``/validateLegemiddelregisterBundle`` asks nobody who they are, as the guide
has it, takes small bundles, and only so many a minute from all together.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography import x509
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from msgspec.json import encode

from varde.access.clients import Client, Limits, allowances, authenticate, certificates_of
from varde.access.keys import KeyProblem
from varde.deliveries import DeliveriesError, take_bundle, validate_bundle
from varde.messages.lmdi import (
    EnvelopeRefused,
    Outcome,
    OwnCertificate,
    looks_sealed,
    open_envelope,
    reasons,
)
from varde.prescribing.reading import FileRefused
from varde.web.intake.bodies import read_body, take_body
from varde.web.intake.fhir import FHIR_JSON, REASONS, Issue, refuse_as_outcome, write_outcome
from varde.web.intake.receiving import guarded
from varde.web.intake.refusals import IntakeRefused

KIND = "administrations"
"""What a client must be registered for."""

OPEN_BYTES = 1 << 20
"""The largest bundle that is validated for anybody: what the front receives of a request that says nothing of who it is
(`varde.web.front.SMALL`)."""

OPEN_LIMITS = Limits(requests_per_minute=20, bytes_per_day=500_000_000)
"""How much is validated for all who do not say who they are, together."""

_SAID = {"accepted": ("Tatt imot", "Accepted"), "deleted": ("Slettet", "Deleted")}
_VALID = {"accepted": ("Gyldig", "Valid"), "deleted": ("Gyldig sletting", "Valid deletion")}


@guarded("POST", refuse_as_outcome)
def receive(request: HttpRequest) -> HttpResponse:
    """Take in what is in the body."""
    try:
        client, content = _let_in(request)
    except EnvelopeRefused as error:
        return _refuse(error.reason, error.place, error.detail)
    home = Path(settings.VARDE_HOME)
    try:
        found = take_bundle(home, content, source=client.sender, clock=timezone.now)
    except (OSError, KeyProblem, DeliveriesError) as error:
        raise IntakeRefused("not-durable", retry_after=30) from error
    if found.refusal is not None:
        refusal = found.refusal
        return _refuse(refusal.reason, refusal.place, refusal.shown)
    return _answer(found.outcomes, _SAID)


@guarded("POST", refuse_as_outcome)
def validate(request: HttpRequest) -> HttpResponse:
    """Say what would become of the body; nothing of it is kept."""
    try:
        client, content = _let_in(request)
    except EnvelopeRefused as error:
        return _refuse(error.reason, error.place, error.detail)
    return _validate(content, client.sender)


@guarded("POST", refuse_as_outcome)
def validate_openly(request: HttpRequest) -> HttpResponse:
    """The same for anybody, of a bundle as it is."""
    body = read_body(request, min(OPEN_BYTES, settings.VARDE_INTAKE_MAX_BYTES))
    allowances.spend(f"{KIND} (open)", OPEN_LIMITS, len(body))
    return _validate(body, "")


addresses = [
    path("fhirmottak/v1/LegemiddelregisterBundle", receive, name="administrations"),
    path("fhirmottak/v1/validate", validate, name="administrations-validate"),
    path(
        "fhirmottak/v1/validateLegemiddelregisterBundle",
        validate_openly,
        name="administrations-validate-openly",
    ),
]


def _let_in(request: HttpRequest) -> tuple[Client, bytes]:
    """Who hands in, and the bundle.

    Raises:
        ClientRefused: nobody who may, or too much.
        IntakeRefused: the body cannot be taken.
        EnvelopeRefused: it is an envelope, and does not open.
    """
    client = authenticate(request)
    body = take_body(request, client, lambda: client.check_kind(KIND))
    if not looks_sealed(body):
        return client, body
    opened = open_envelope(
        body,
        receivers=own_certificates(Path(settings.VARDE_HOME)),
        sender=client.sender.removeprefix("ENH:"),
        signers=[x509.load_der_x509_certificate(der) for der in certificates_of(client.client_id)],
        now=timezone.now(),
        most=settings.VARDE_INTAKE_MAX_BYTES,
    )
    return client, opened.content


def own_certificates(home: Path) -> list[OwnCertificate]:
    """What envelopes may be encrypted for: the PEM files, each of certificate and key, in ``keys/lmdi``.

    Raises:
        ValueError: one of them is none.
    """
    files = sorted((home / "keys" / "lmdi").glob("*.pem"))
    return [_read_certificate(path, path.stat().st_mtime_ns) for path in files]


@lru_cache(maxsize=16)
def _read_certificate(file: Path, changed: int) -> OwnCertificate:
    return OwnCertificate.of(file.read_bytes())


def _validate(content: bytes, source: str) -> HttpResponse:
    try:
        outcomes = validate_bundle(content, source=source, now=timezone.now())
    except FileRefused as error:
        return _refuse(error.reason, error.place, error.shown)
    return _answer(outcomes, _VALID)


def _answer(outcomes: tuple[Outcome, ...], said: dict[str, tuple[str, str]]) -> HttpResponse:
    issues = [_issue(each, said) for each in outcomes]
    refused = any(each.state == "refused" for each in outcomes)
    return _write(issues, 400 if refused else 200)


def _issue(outcome: Outcome, said: dict[str, tuple[str, str]]) -> Issue:
    if outcome.state == "refused":
        return _explain(outcome.reason, outcome.place, outcome.detail)
    nb, en = said[outcome.state]
    return Issue(
        title=nb,
        title_en=en,
        severity="information",
        code="informational",
        reason=outcome.state,
        system=REASONS,
        place=f"Bundle.entry[{outcome.entry}].resource",
    )


def _refuse(reason: str, place: str, detail: str) -> HttpResponse:
    return _write([_explain(reason, place, detail)], 400)


def _explain(code: str, place: str, detail: str) -> Issue:
    """Why something cannot be used, where, and what to do."""
    reason = reasons().get(code)
    where = ": ".join(filter(None, (place, detail)))
    actions = f"{reason.nb.action} / {reason.en.action}" if reason is not None else ""
    return Issue(
        title=reason.nb.title if reason is not None else code,
        title_en=reason.en.title if reason is not None else "",
        text=" ".join(filter(None, (where, actions))),
        code="invalid",
        reason=code,
        system=REASONS,
        place=place if place.startswith("Bundle.") else "",
    )


def _write(issues: list[Issue], status: int) -> HttpResponse:
    answer: dict[str, Any] = write_outcome(issues)
    return HttpResponse(encode(answer), content_type=FHIR_JSON, status=status)
