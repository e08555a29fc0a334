"""Access tokens: what this service gives a sender, and takes back for five minutes.

A token is a JWT (RFC 9068's ``at+jwt``) under HMAC-SHA256 with the service's token key, which is not in the
database. Only this service reads it. With DPoP it is bound to a key of the sender's (``cnf.jkt``).
"""

from __future__ import annotations

import secrets
from datetime import datetime

from joserfc.jwk import OctKey
from msgspec import Struct

from varde.access.clients.refusals import ClientRefused
from varde.access.clients.rules import rules
from varde.access.clients.signatures import is_signed_with, read_claims, sign, take_apart

AUDIENCE = "varde:intake"
ALGORITHM = "HS256"
TYPE = "at+jwt"


class Confirmation(Struct, frozen=True):
    """Thumbprint of the key that the token is bound to (RFC 9449, section 6)."""

    jkt: str


class TokenClaims(Struct, frozen=True, omit_defaults=True):
    """What an access token says; times are whole seconds since 1970."""

    aud: str
    sub: str
    scope: str
    iat: int
    exp: int
    jti: str
    cnf: Confirmation | None = None


class Grant(Struct, frozen=True):
    """A token that was checked: who may send what, and the key it is bound to (empty for none)."""

    client_id: str
    scopes: tuple[str, ...]
    thumbprint: str


def issue_token(
    key: bytes, client_id: str, scopes: tuple[str, ...], now: datetime, thumbprint: str = ""
) -> str:
    """A token for a client.

    Args:
        key: the token key, 32 bytes.
        thumbprint: of the key that a DPoP proof was made with; empty for a bearer token.
    """
    issued = int(now.timestamp())
    claims = TokenClaims(
        aud=AUDIENCE,
        sub=client_id,
        scope=" ".join(scopes),
        iat=issued,
        exp=issued + rules().seconds.token,
        jti=secrets.token_urlsafe(16),
        cnf=Confirmation(thumbprint) if thumbprint else None,
    )
    return sign(claims, OctKey.import_key(key), {"alg": ALGORITHM, "typ": TYPE})


def read_token(key: bytes, text: str, now: datetime) -> Grant:
    """What a token grants. Whether its client is still let in is for the caller to ask.

    Raises:
        ClientRefused: with subject ``token``: ``unreadable``, ``wrong-type``, ``algorithm-not-allowed``,
            ``bad-signature``, ``expired`` ...
    """
    signed = take_apart(text, "token", (TYPE,))
    if signed.header.alg != ALGORITHM:
        raise ClientRefused("algorithm-not-allowed", "token")
    if not is_signed_with(text, OctKey.import_key(key), ALGORITHM):
        raise ClientRefused("bad-signature", "token")
    claims = read_claims(signed, TokenClaims, "token")
    if claims.aud != AUDIENCE:
        raise ClientRefused("wrong-audience", "token")
    if claims.exp <= now.timestamp():
        raise ClientRefused("expired", "token").by(claims.sub, proven=True)
    return Grant(claims.sub, tuple(claims.scope.split(" ")), claims.cnf.jkt if claims.cnf else "")
