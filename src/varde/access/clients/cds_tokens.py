"""A clinical system says who it is to a CDS Hooks service: a JWT that it signed, in ``Authorization: Bearer``.

As CDS Hooks 2.0 has it ("Trusting CDS Clients"): ``iss`` names the system, ``aud`` the address that is called, ``jti`` is
used once. Its keys are those that were registered: the address of a key set in the header (``jku``) is passed over, since
a stranger could write one. ``iss`` is the client's id here.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from varde.access.clients.assertions import check_claims
from varde.access.clients.keys import find_key
from varde.access.clients.recording import refusal_log
from varde.access.clients.refusals import ClientRefused
from varde.access.clients.signatures import check_algorithm, read_claims, take_apart, verify
from varde.access.clients.store import Client, find_client

TYPES = ("", "jwt")


class CdsClaims(Struct, frozen=True):
    """What the token says; times are seconds since 1970. More than this is allowed and not looked at."""

    iss: str
    aud: str | tuple[str, ...]
    exp: float
    iat: float
    jti: str


def check_cds_token(text: str, audience: str, now: datetime, page: str) -> Client:
    """The client that signed a token. It cannot be used again.

    Args:
        audience: the address that was called: the one value that ``aud`` may have.
        page: for the access log, where every refusal is written.

    Raises:
        ClientRefused: with subject ``call``; the code says why.
    """
    try:
        return _check(text, audience, now)
    except ClientRefused as refused:
        refusal_log.record(refused, page)
        raise


def _check(text: str, audience: str, now: datetime) -> Client:
    signed = take_apart(text, "call", TYPES, passed_over=("jku",))
    check_algorithm(signed, None, "call")
    claims = read_claims(signed, CdsClaims, "call")
    client = find_client(claims.iss, "call")
    key = find_key(client.keys, signed.header.kid)
    try:
        if key is None:
            raise ClientRefused("unknown-key", "call")
        verify(signed, key, "call")
    except ClientRefused as refused:
        raise refused.by(client.client_id, proven=False) from None
    try:
        check_claims(claims, client, audience, claims.iat, now, "call")
    except ClientRefused as refused:
        raise refused.by(client.client_id, proven=True) from None
    return client
