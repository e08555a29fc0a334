"""An identity token and a logout token: signed by the provider, for us, for this sign-in, and fresh.

OpenID Connect Core 1.0 section 3.1.3.7 and Back-Channel Logout 1.0 section 2.6. The key is one that we fetched
from the provider, the algorithm is on our list and the one that the key is made for (`clients.signatures`): ``none``
and symmetric ones never are.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.json import decode

from varde.access.clients.encoding import to_base64url
from varde.access.clients.refusals import ClientRefused
from varde.access.clients.signatures import Signed, read_claims, take_apart, verify
from varde.access.oidc.provider import Provider
from varde.access.oidc.refusals import SignInRefused

ID_TYPES = ("", "jwt", "id_token+jwt")
LOGOUT_TYPES = ("", "jwt", "logout+jwt")
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
LONGEST_SUBJECT = 255
_HASHES = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512}


class IdClaims(Struct, frozen=True):
    """What an identity token says of itself; times are seconds since 1970."""

    iss: str
    sub: str
    aud: str | tuple[str, ...]
    exp: float
    iat: float
    nonce: str = ""
    azp: str | None = None
    nbf: float | None = None
    auth_time: float | None = None
    at_hash: str | None = None
    sid: str = ""


class LogoutClaims(Struct, frozen=True):
    """What a logout token says."""

    iss: str
    aud: str | tuple[str, ...]
    iat: float
    jti: str
    events: dict[str, Any]
    exp: float | None = None
    sub: str = ""
    sid: str = ""
    nonce: str | None = None


class IdToken(Struct, frozen=True):
    """An identity token that was checked; `all` is everything it says."""

    claims: IdClaims
    all: Mapping[str, Any]


def check_id_token(
    provider: Provider, text: str, nonce: str, access_token: str, now: datetime
) -> IdToken:
    """What an identity token says, when it may be believed.

    Args:
        nonce: the one that went with the request.
        access_token: the one that came beside it.

    Raises:
        SignInRefused: ``token-refused`` with what was wrong, or the provider's keys cannot be had.
    """
    signed = _verified(provider, text, ID_TYPES)
    claims = _claims(signed, IdClaims)
    rules, moment = provider.configuration.rules.seconds, now.timestamp()
    _check_parties(provider, claims.iss, claims.aud)
    if claims.azp not in (None, provider.configuration.client_id):
        raise SignInRefused("token-refused", "azp")
    if not 0 < len(claims.sub) <= LONGEST_SUBJECT:
        raise SignInRefused("token-refused", "sub")
    if not nonce or not hmac.compare_digest(claims.nonce.encode(), nonce.encode()):
        raise SignInRefused("token-refused", "nonce")
    if claims.exp <= moment - rules.leeway:
        raise SignInRefused("token-refused", "expired")
    if max(claims.iat, claims.nbf or 0) > moment + rules.leeway:
        raise SignInRefused("token-refused", "not-yet-valid")
    if claims.iat < moment - rules.token_age - rules.leeway:
        raise SignInRefused("token-refused", "too-old")
    # It was asked for with max_age, so it must be there.
    if claims.auth_time is None or claims.auth_time > moment + rules.leeway:
        raise SignInRefused("token-refused", "auth_time")
    if claims.auth_time < moment - rules.authentication - rules.leeway:
        raise SignInRefused("token-refused", "authenticated-too-long-ago")
    if claims.at_hash is not None and claims.at_hash != half_hash(signed.header.alg, access_token):
        raise SignInRefused("token-refused", "at_hash")
    return IdToken(claims, decode(signed.body, type=dict[str, Any]))


def check_logout_token(provider: Provider, text: str, now: datetime) -> LogoutClaims:
    """What a logout token says, when it may be believed. Whether it was used before is the caller's to see.

    Raises:
        SignInRefused: as `check_id_token`.
    """
    signed = _verified(provider, text, LOGOUT_TYPES)
    claims = _claims(signed, LogoutClaims)
    rules, moment = provider.configuration.rules.seconds, now.timestamp()
    _check_parties(provider, claims.iss, claims.aud)
    if claims.nonce is not None or not isinstance(claims.events.get(LOGOUT_EVENT), dict):
        raise SignInRefused("token-refused", "no-logout-token")
    if not (claims.sub or claims.sid) or not 0 < len(claims.jti) <= LONGEST_SUBJECT:
        raise SignInRefused("token-refused", "nobody-named")
    if claims.exp is not None and claims.exp <= moment - rules.leeway:
        raise SignInRefused("token-refused", "expired")
    if abs(moment - claims.iat) > rules.token_age + rules.leeway:
        raise SignInRefused("token-refused", "too-old")
    return claims


def half_hash(algorithm: str, text: str) -> str:
    """Left half of a hash, base64url, as ``at_hash`` is (OpenID Connect Core, section 3.1.3.6)."""
    # Ed25519 hashes with SHA-512.
    digest = _HASHES.get(algorithm[-3:], hashlib.sha512)(text.encode()).digest()
    return to_base64url(digest[: len(digest) // 2])


def _verified(provider: Provider, text: str, types: tuple[str, ...]) -> Signed:
    try:
        signed = take_apart(text, "token", types)
    except ClientRefused as refused:
        raise SignInRefused("token-refused", refused.code) from None
    wrong = "unknown-key"
    for key in provider.keys_for(signed.header.kid):
        try:
            verify(signed, key, "token")
        except ClientRefused as refused:
            wrong = refused.code
        else:
            return signed
    raise SignInRefused("token-refused", wrong)


def _claims(signed: Signed, shape: type[Any]) -> Any:
    try:
        return read_claims(signed, shape, "token")
    except ClientRefused as refused:
        raise SignInRefused("token-refused", refused.code) from None


def _check_parties(provider: Provider, issuer: str, audience: str | tuple[str, ...]) -> None:
    client_id = provider.configuration.client_id
    if issuer != provider.configuration.issuer:
        raise SignInRefused("token-refused", "issuer")
    # A list with others in it is refused too: we know no other that we would trust with it.
    if audience not in (client_id, (client_id,)):
        raise SignInRefused("token-refused", "audience")
