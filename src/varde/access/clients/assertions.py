"""A sender says who it is: private_key_jwt (RFC 7521, RFC 7523, SMART Backend Services).

The text is signed with one of the client's registered keys, made for our token address, lives minutes and
is used once.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Protocol

from joserfc.errors import JoseError
from joserfc.jwk import import_key
from msgspec import Struct

from varde.access.clients.keys import check_key, find_key, fits
from varde.access.clients.once import use_once
from varde.access.clients.refusals import ClientInvalid, ClientRefused
from varde.access.clients.rules import algorithms, rules
from varde.access.clients.signatures import (
    Signed,
    check_algorithm,
    read_claims,
    sign,
    take_apart,
    verify,
)
from varde.access.clients.store import Client, find_client

TYPES = ("", "jwt", "client-authentication+jwt")
LONGEST_ID = 512
Signing = Literal["assertion", "call"]
_USES: dict[Signing, str] = {"assertion": "assertion", "call": "cds"}
_ELSEWHERE: dict[Signing, str] = {"assertion": "wrong-audience", "call": "wrong-address"}
"""What was signed → the refusal when it was made for another, which says what ``aud`` is to be."""


class Bounded(Protocol):
    """Claims that say for whom, until when, and which once."""

    @property
    def aud(self) -> str | tuple[str, ...]: ...
    @property
    def exp(self) -> float: ...
    @property
    def jti(self) -> str: ...


class AssertionClaims(Struct, frozen=True):
    """What a client assertion says (RFC 7523, section 3); times are seconds since 1970."""

    iss: str
    sub: str
    aud: str | tuple[str, ...]
    exp: float
    jti: str
    iat: float | None = None
    nbf: float | None = None


def check_assertion(text: str, audience: str, now: datetime) -> Client:
    """The client that made a client assertion. It cannot be used again.

    Args:
        audience: the address of the token endpoint: the one value that ``aud`` may have.

    Raises:
        ClientRefused: with subject ``assertion``; the code says why.
    """
    signed = take_apart(text, "assertion", TYPES)
    check_algorithm(signed, None, "assertion")
    claims = read_claims(signed, AssertionClaims, "assertion")
    if claims.iss != claims.sub:
        raise ClientRefused("wrong-issuer", "assertion")
    client = find_client(claims.iss, "assertion")
    try:
        _check_signature(signed, client)
    except ClientRefused as refused:
        raise refused.by(client.client_id, proven=False) from None
    try:
        begins = max(claims.iat or 0, claims.nbf or 0)
        check_claims(claims, client, audience, begins, now, "assertion")
    except ClientRefused as refused:
        raise refused.by(client.client_id, proven=True) from None
    return client


def make_assertion(client_id: str, private: Mapping[str, Any], audience: str, now: datetime) -> str:
    """A client assertion, as a sender makes it: good for a minute.

    Args:
        private: private JWK.

    Raises:
        ClientInvalid: it is no private key that may sign here.
    """
    try:
        key = import_key(dict(private))
        public = check_key(key.as_dict(private=False, key_ops=["verify"]))
    except (JoseError, ValueError, TypeError):
        raise ClientInvalid("the key cannot be read: give a private key as JWK") from None
    if not key.is_private:
        raise ClientInvalid("this is the public key: an assertion is signed with the private one")
    algorithm = next(one.name for one in algorithms().values() if fits(one, public))
    issued = int(now.timestamp())
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "iat": issued,
        "exp": issued + 60,
        "jti": secrets.token_urlsafe(16),
    }
    return sign(claims, key, {"alg": algorithm, "typ": "JWT", "kid": public["kid"]})


def _check_signature(signed: Signed, client: Client) -> None:
    key = find_key(client.keys, signed.header.kid)
    if key is None:
        raise ClientRefused("unknown-key", "assertion")
    verify(signed, key, "assertion")


def check_claims(
    claims: Bounded, client: Client, audience: str, begins: float, now: datetime, subject: Signing
) -> None:
    """That something signed is of a client in use, made for our address alone, holds now and was not used before.

    Args:
        audience: the one value that ``aud`` may have.
        begins: when it begins to hold; 0 when it does not say.
        subject: what was signed, for the refusal.

    Raises:
        ClientRefused: the code says why.
    """
    if not client.active:
        raise ClientRefused("disabled", subject)
    # A list with others in it is refused too: one of them could pass it on to us.
    if claims.aud not in (audience, (audience,)):
        raise ClientRefused(_ELSEWHERE[subject], subject)
    if not 0 < len(claims.jti) <= LONGEST_ID:
        raise ClientRefused("missing-claim", subject)
    seconds, moment = rules().seconds, now.timestamp()
    if claims.exp <= moment - seconds.leeway:
        raise ClientRefused("expired", subject)
    if claims.exp > moment + seconds.assertion + seconds.leeway:
        raise ClientRefused("lives-too-long", subject)
    if begins > moment + seconds.leeway:
        raise ClientRefused("not-yet-valid", subject)
    until = datetime.fromtimestamp(claims.exp, UTC) + timedelta(seconds=seconds.leeway + 1)
    if not use_once(_USES[subject], client.client_id, claims.jti, until, now):
        raise ClientRefused("replayed", subject)
