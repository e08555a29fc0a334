"""The door in front of the intake: which client does a request, or a connection, come from?

By access token: ``Authorization: Bearer`` or, bound to a key, ``Authorization: DPoP`` with a proof. By
client certificate: a proxy that ends TLS and has seen the certificate's key at work passes it on in
``Client-Cert`` (RFC 9440). That header is believed only beside the secret that Varde shares with the proxy:
whoever reaches Varde past the proxy can write a certificate, which is public, but not the secret.
"""

from __future__ import annotations

import hmac
import re
from base64 import b64decode
from datetime import datetime
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from varde.access.clients.limits import Allowances
from varde.access.clients.proofs import check_proof
from varde.access.clients.recording import refusal_log
from varde.access.clients.refusals import ClientRefused
from varde.access.clients.rules import algorithms
from varde.access.clients.store import Client, find_by_certificate, find_client
from varde.access.clients.tokens import read_token
from varde.access.keys import load_token_key

PROXY_SECRET = "Varde-Proxy-Secret"  # noqa: S105 - the name of a header
LONGEST_CERTIFICATE = 16_384
_BYTES = re.compile(r":([A-Za-z0-9+/]+={0,2}):", re.ASCII)
_ABOUT_KEYS = frozenset({"proof-missing", "not-bound"})

allowances = Allowances()
"""What each client has left to send, in this process."""


def authenticate(request: HttpRequest) -> Client:
    """The client that a request comes from; its kinds are those that the access token is for.

    Args:
        request: to an intake address. Its body is not read. Every refusal is in the access log.

    Raises:
        ClientRefused: nobody, or somebody who is not let in; `challenge` says how to try again.
    """
    try:
        return _identify(request, timezone.now())
    except ClientRefused as refused:
        refusal_log.record(refused, "intake")
        raise


def identify_certificate(der: bytes) -> Client:
    """The client at the other end of a TLS connection, by its certificate (DER).

    The listener has let TLS see that the other end holds the certificate's key; `trusted_certificates` are
    those to trust.

    Raises:
        ClientRefused: no active client has this certificate, or it is not valid today.
    """
    try:
        return find_by_certificate(der, timezone.now())
    except ClientRefused as refused:
        refusal_log.record(refused, "intake")
        raise


def challenge(refused: ClientRefused) -> str:
    """The value of ``WWW-Authenticate`` that goes with an answer 401 or 403 (RFC 6750, RFC 9449)."""
    known = f'algs="{" ".join(algorithms())}"'
    if refused.code == "no-credentials" or refused.subject == "certificate":
        return f"Bearer, DPoP {known}"
    said = f'error="{refused.error}", error_description="{refused}"'
    if refused.subject == "proof" or refused.code in _ABOUT_KEYS:
        return f"DPoP {said}, {known}"
    return f"Bearer {said}"


def base_address(request: HttpRequest) -> str:
    """``https://host`` of this service as senders know it: as configured, else as the request came."""
    return settings.VARDE_BASE_URL or request.build_absolute_uri("/").rstrip("/")


def token_key() -> bytes:
    """The key of access tokens of this service."""
    return _token_key(Path(settings.VARDE_HOME))


def _identify(request: HttpRequest, now: datetime) -> Client:
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() in ("bearer", "dpop"):
        return _by_token(request, scheme.lower(), credentials.strip(), now)
    der = _certificate(request)
    if scheme or der is None:
        raise ClientRefused("no-credentials")
    return find_by_certificate(der, now)


def _by_token(request: HttpRequest, scheme: str, token: str, now: datetime) -> Client:
    grant = read_token(token_key(), token, now)
    try:
        if scheme == "dpop":
            _check_binding(request, token, grant.thumbprint, now)
        elif grant.thumbprint:
            raise ClientRefused("proof-missing", "token")
        client = find_client(grant.client_id, "token")
        if not client.active:
            raise ClientRefused("disabled", "token")
    except ClientRefused as refused:
        raise refused.by(grant.client_id, proven=scheme == "bearer") from None
    return client.within(grant.scopes)


def _check_binding(request: HttpRequest, token: str, thumbprint: str, now: datetime) -> None:
    address = base_address(request) + request.get_full_path()
    proof = request.headers.get("DPoP", "")
    if not proof:
        raise ClientRefused("proof-missing", "token")
    if check_proof(proof, request.method or "", address, now, token) != thumbprint:
        raise ClientRefused("not-bound", "token")


def _certificate(request: HttpRequest) -> bytes | None:
    """The certificate that our proxy passed on; None when there is none, or somebody else says so.

    Raises:
        ClientRefused: ``unreadable``: the proxy passed something else on.
    """
    secret: str = settings.VARDE_CLIENT_CERT_PROXY
    given = request.headers.get(PROXY_SECRET, "")
    if not secret or not hmac.compare_digest(secret.encode(), given.encode("utf-8", "replace")):
        return None
    header = request.headers.get("Client-Cert", "").strip()
    if not header:
        return None
    found = _BYTES.fullmatch(header)
    if not found or len(header) > LONGEST_CERTIFICATE:
        raise ClientRefused("unreadable", "certificate")
    try:
        return b64decode(found[1], validate=True)
    except ValueError:
        raise ClientRefused("unreadable", "certificate") from None


@cache
def _token_key(home: Path) -> bytes:
    return load_token_key(home)
