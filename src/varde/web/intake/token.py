"""Where senders' machines get their access tokens, and where they read how (OAuth 2.0, SMART Backend Services).

RFC 6749 section 4.4 with private_key_jwt (RFC 7523); with a DPoP proof (RFC 9449) the token is bound to its key.
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import parse_qsl

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from varde.access.clients import (
    Client,
    ClientRefused,
    OverLimit,
    algorithms,
    allowances,
    base_address,
    check_assertion,
    check_proof,
    grant_scopes,
    issue_token,
    known_scopes,
    record_issued,
    refusal_log,
    rules,
    token_key,
)

FORM = "application/x-www-form-urlencoded"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LARGEST = 16_384
"""Bytes of a request: an assertion, and scopes."""
MOST_FIELDS = 20


@csrf_exempt
@require_POST
def give_token(request: HttpRequest) -> HttpResponse:
    """An access token for a client that says who it is, or why not (RFC 6749, sections 5.1 and 5.2)."""
    try:
        return _sent(_give(request))
    except ClientRefused as refused:
        refusal_log.record(refused, "token")
        return _sent(_refuse(refused))


@require_safe
def show_configuration(request: HttpRequest) -> HttpResponse:
    """What there is and how to ask for it (SMART App Launch 2.2, "Conformance")."""
    answer = JsonResponse(
        {
            "token_endpoint": _address(request),
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": list(algorithms()),
            "dpop_signing_alg_values_supported": list(algorithms()),
            "grant_types_supported": ["client_credentials"],
            "scopes_supported": list(known_scopes()),
            "capabilities": ["client-confidential-asymmetric", "permission-v2"],
            # Asked for by the standard, also of a service where no person signs in.
            "code_challenge_methods_supported": ["S256"],
        }
    )
    answer["Access-Control-Allow-Origin"] = "*"
    return answer


addresses = [
    path("oauth/token", give_token, name="oauth-token"),
    path(".well-known/smart-configuration", show_configuration, name="smart-configuration"),
    path(
        "fhir/.well-known/smart-configuration", show_configuration, name="fhir-smart-configuration"
    ),
]
"""To stand before the addresses of the API, which answers for everything else below ``/fhir``."""


def _give(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    form = _read_form(request)
    if form.get("grant_type") != "client_credentials":
        raise ClientRefused("unsupported-grant" if form.get("grant_type") else "bad-request")
    if form.get("client_assertion_type") != ASSERTION_TYPE or not form.get("client_assertion"):
        raise ClientRefused("no-credentials")
    client = check_assertion(form["client_assertion"], _address(request), now)
    try:
        return _grant(request, form, client, now)
    except ClientRefused as refused:
        raise refused.by(client.client_id, proven=True) from None


def _grant(
    request: HttpRequest, form: dict[str, str], client: Client, now: datetime
) -> HttpResponse:
    if form.get("client_id", client.client_id) != client.client_id:
        raise ClientRefused("wrong-issuer", "assertion")
    allowances.spend(client.client_id, client.limits, 0)
    scopes = grant_scopes(form.get("scope", ""), client.kinds)
    proof = request.headers.get("DPoP")
    bound = check_proof(proof, "POST", _address(request), now) if proof is not None else ""
    token = issue_token(token_key(), client.client_id, scopes, now, bound)
    record_issued(client, scopes)
    return JsonResponse(
        {
            "access_token": token,
            "token_type": "DPoP" if bound else "Bearer",
            "expires_in": rules().seconds.token,
            "scope": " ".join(scopes),
        }
    )


def _read_form(request: HttpRequest) -> dict[str, str]:
    """The fields; one without a value counts as not sent (RFC 6749, section 3.2).

    Raises:
        ClientRefused: ``too-large``, or ``bad-request``: no form, or a field that stands twice.
    """
    if request.content_type != FORM:
        raise ClientRefused("bad-request")
    body = request.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise ClientRefused("too-large")
    try:
        text = body.decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        raise ClientRefused("bad-request") from None
    form = dict(pairs)
    if len(form) < len(pairs):
        raise ClientRefused("bad-request")
    return {name: value for name, value in form.items() if value}


def _address(request: HttpRequest) -> str:
    """The address of `give_token` as senders know it: what ``aud`` must be."""
    return base_address(request) + reverse("oauth-token")


def _refuse(refused: ClientRefused) -> HttpResponse:
    """RFC 6749, section 5.2: 400, also where an intake address would say 401 or 403."""
    status = 400 if refused.status in (401, 403) else refused.status
    answer = JsonResponse(
        {
            "error": refused.error,
            "error_description": refused.text("en"),
            "code": refused.code,
            "beskrivelse": refused.text("nb"),
        },
        status=status,
        json_dumps_params={"ensure_ascii": False},
    )
    if isinstance(refused, OverLimit) and refused.retry_after is not None:
        answer["Retry-After"] = str(refused.retry_after)
    return answer


def _sent(answer: HttpResponse) -> HttpResponse:
    """Kept by nobody (RFC 6749, section 5.1)."""
    answer["Cache-Control"] = "no-store"
    answer["Pragma"] = "no-cache"
    return answer
