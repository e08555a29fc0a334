"""DPoP (RFC 9449): a sender shows that it holds the key that its token is bound to.

Each request brings a proof: a text that is signed with that key, names the request, and is used once. The
service gives no nonces: proofs are young, and remembered.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from msgspec import Struct

from varde.access.clients.encoding import to_base64url
from varde.access.clients.keys import check_key, thumbprint_of
from varde.access.clients.once import use_once
from varde.access.clients.refusals import ClientInvalid, ClientRefused
from varde.access.clients.rules import rules
from varde.access.clients.signatures import check_algorithm, read_claims, take_apart, verify

TYPE = "dpop+jwt"
LONGEST_ID = 512
_PORTS = {"https": 443, "http": 80}


class ProofClaims(Struct, frozen=True):
    """What a proof says (RFC 9449, section 4.2)."""

    jti: str
    htm: str
    htu: str
    iat: float
    ath: str = ""


def check_proof(text: str, method: str, address: str, now: datetime, token: str = "") -> str:
    """The thumbprint of the key that made a proof. The proof cannot be used again.

    Args:
        method, address: those of the request that it came with.
        token: the access token that it came with; empty at the token endpoint.

    Raises:
        ClientRefused: with subject ``proof``; the code says why.
    """
    signed = take_apart(text, "proof", (TYPE,), brings_key=True)
    check_algorithm(signed, None, "proof")
    try:
        key = check_key(signed.jwk or {})
    except ClientInvalid:
        raise ClientRefused("key-refused", "proof") from None
    verify(signed, key, "proof")
    claims = read_claims(signed, ProofClaims, "proof")
    if not 0 < len(claims.jti) <= LONGEST_ID:
        raise ClientRefused("missing-claim", "proof")
    if claims.htm != method or not _is_same(claims.htu, address):
        raise ClientRefused("wrong-request", "proof")
    if token and claims.ath != hash_of(token):
        raise ClientRefused("wrong-request", "proof")
    seconds, moment = rules().seconds, now.timestamp()
    if claims.iat > moment + seconds.leeway:
        raise ClientRefused("not-yet-valid", "proof")
    if claims.iat < moment - seconds.proof - seconds.leeway:
        raise ClientRefused("expired", "proof")
    thumbprint = thumbprint_of(key)
    until = datetime.fromtimestamp(claims.iat, UTC) + timedelta(
        seconds=seconds.proof + seconds.leeway + 1
    )
    if not use_once("proof", thumbprint, claims.jti, until, now):
        raise ClientRefused("replayed", "proof")
    return thumbprint


def hash_of(token: str) -> str:
    """``ath``: SHA-256 of a token, base64url."""
    return to_base64url(hashlib.sha256(token.encode()).digest())


def _is_same(htu: str, address: str) -> bool:
    """Whether two addresses are the same but for query, fragment, letters of the host, and usual port."""
    try:
        return _plain(htu) == _plain(address)
    except ValueError:
        return False


def _plain(address: str) -> tuple[str, str, int | None, str]:
    parts = urlsplit(address)
    return (
        parts.scheme,
        parts.hostname or "",
        parts.port or _PORTS.get(parts.scheme),
        parts.path or "/",
    )
