"""Signing in: from the click to who it is (authorization code, OpenID Connect Core 1.0, OAuth 2.1).

With PKCE (S256), state and nonce; the request is pushed (PAR, RFC 9126) and tokens bound to a key (DPoP, RFC 9449)
where the provider has that; we say who we are with a signed assertion (private_key_jwt). Tokens are used at once and
kept nowhere.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from joserfc.jwk import ECKey, import_key
from msgspec import Struct

from varde.access.clients.encoding import to_base64url
from varde.access.clients.once import use_once
from varde.access.clients.signatures import sign
from varde.access.keys import Keys
from varde.access.oidc.configuration import Configuration
from varde.access.oidc.fetching import FORM, Answer
from varde.access.oidc.id_token import IdToken, check_id_token
from varde.access.oidc.identity import Identity, identify, lacks
from varde.access.oidc.keys import ALGORITHM, read_keys
from varde.access.oidc.provider import Provider, read_json
from varde.access.oidc.refusals import SignInRefused

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST_ANSWER = 4_096
"""Characters of one value that comes back."""
CANCELLED = frozenset({"access_denied", "login_required", "consent_required"})
KNOWN_ERRORS = CANCELLED | {
    *("invalid_request", "unauthorized_client", "unsupported_response_type", "invalid_scope"),
    *("server_error", "temporarily_unavailable", "interaction_required", "invalid_client"),
    *("account_selection_required", "invalid_request_object", "invalid_dpop_proof"),
    *("invalid_grant", "unmet_authentication_requirements", "use_dpop_nonce", "invalid_token"),
}
"""What the provider may say that we write into our log."""


class Attempt(Struct, frozen=True):
    """One sign-in that is under way, as the session holds it.

    Attributes:
        wanted: the page to go on to.
        at: when it began, seconds since 1970.
    """

    state: str
    nonce: str
    verifier: str
    redirect_uri: str
    wanted: str
    at: float


class Tokens(Struct, frozen=True):
    """What the token address answers."""

    access_token: str
    token_type: str
    id_token: str


class _Pushed(Struct, frozen=True):
    request_uri: str


class _Error(Struct, frozen=True):
    error: str


def begin(
    provider: Provider, redirect_uri: str, wanted: str, language: str, now: datetime
) -> tuple[str, Attempt]:
    """Where to send the browser, and what to remember until it comes back.

    Raises:
        SignInRefused: the provider does not answer, or refuses.
        KeyProblem: there is no key to sign with.
    """
    metadata = provider.metadata()
    attempt = Attempt(
        state=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(32),
        redirect_uri=redirect_uri,
        wanted=wanted,
        at=now.timestamp(),
    )
    ours = provider.configuration
    asked = {
        "client_id": ours.client_id,
        "response_type": "code",
        "scope": " ".join(ours.rules.scopes),
        "redirect_uri": redirect_uri,
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge": to_base64url(hashlib.sha256(attempt.verifier.encode()).digest()),
        "code_challenge_method": "S256",
        "max_age": str(ours.rules.seconds.authentication),
        "ui_locales": "en nb" if language.startswith("en") else "nb no en",
    }
    if ours.rules.acr_values:
        asked["acr_values"] = ours.rules.acr_values
    if address := metadata.pushed_authorization_request_endpoint:
        answer = _post(provider, address, asked, now)
        if answer.status not in (200, 201):
            raise _refused(answer, "pushed")
        pushed = read_json(answer.body, _Pushed, "pushed").request_uri
        asked = {"client_id": ours.client_id, "request_uri": pushed}
    joint = "&" if "?" in metadata.authorization_endpoint else "?"
    return f"{metadata.authorization_endpoint}{joint}{urlencode(asked)}", attempt


def finish(
    provider: Provider, attempt: Attempt, came: Mapping[str, str], keys: Keys, now: datetime
) -> Identity:
    """Who it is that came back.

    Args:
        attempt: the one of this browser with the state that came back.
        came: the parameters that the browser brought.
        keys: of this installation: the person's number becomes a pseudonym with them.

    Raises:
        SignInRefused: nobody is signed in; the code says why.
        KeyProblem: there is no key to sign with.
    """
    code = _read_answer(provider, attempt, came, now)
    proof_key = ECKey.generate_key("P-256") if provider.metadata().wants_dpop else None
    tokens = _redeem(provider, attempt, code, proof_key, now)
    token = check_id_token(provider, tokens.id_token, attempt.nonce, tokens.access_token, now)
    rules = provider.configuration.rules
    userinfo: Mapping[str, Any] = {}
    if lacks(rules, token.all) and provider.metadata().userinfo_endpoint:
        userinfo = _ask_userinfo(provider, tokens, token, proof_key, now)
    return identify(rules, keys, provider.configuration.issuer, token.all, userinfo)


def _read_answer(
    provider: Provider, attempt: Attempt, came: Mapping[str, str], now: datetime
) -> str:
    """The code, when the answer is to this attempt and of this provider."""
    ours = provider.configuration
    state = came.get("state", "")
    if not hmac.compare_digest(state.encode("utf-8", "replace"), attempt.state.encode()):
        raise SignInRefused("attempt-unknown", "state")
    age = now.timestamp() - attempt.at
    if not 0 <= age <= ours.rules.seconds.attempt:
        raise SignInRefused("attempt-unknown", "too-old")
    until = now + timedelta(seconds=ours.rules.seconds.attempt + 60)
    if not use_once("sign-in", ours.issuer, attempt.state, until, now):
        raise SignInRefused("attempt-unknown", "used")
    # Mix-up: the answer of another provider must not be redeemed at this one (RFC 9207).
    needed = provider.metadata().authorization_response_iss_parameter_supported
    if came.get("iss", "" if needed else ours.issuer) != ours.issuer:
        raise SignInRefused("token-refused", "iss-of-answer")
    if error := came.get("error", ""):
        known = error if error in KNOWN_ERRORS else "other"
        raise SignInRefused("cancelled" if error in CANCELLED else "provider-refused", known)
    code = came.get("code", "")
    if not 0 < len(code) <= LONGEST_ANSWER:
        raise SignInRefused("provider-unusable", "no-code")
    return code


def _redeem(
    provider: Provider, attempt: Attempt, code: str, proof_key: ECKey | None, now: datetime
) -> Tokens:
    address = provider.metadata().token_endpoint
    asked = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": attempt.redirect_uri,
        "code_verifier": attempt.verifier,
        "client_id": provider.configuration.client_id,
    }
    answer = _post(provider, address, asked, now, proof_key)
    nonce = answer.headers.get("dpop-nonce", "")
    if answer.status == 400 and proof_key and nonce and _error_of(answer) == "use_dpop_nonce":
        answer = _post(provider, address, asked, now, proof_key, nonce)
    if answer.status != 200:
        raise _refused(answer, "token")
    tokens: Tokens = read_json(answer.body, Tokens, "token")
    if proof_key and tokens.token_type.lower() != "dpop":
        raise SignInRefused("provider-unusable", "token-not-bound")
    return tokens


def _ask_userinfo(
    provider: Provider, tokens: Tokens, token: IdToken, proof_key: ECKey | None, now: datetime
) -> Mapping[str, Any]:
    """What the userinfo address says of the same person."""
    address = provider.metadata().userinfo_endpoint
    answer = _get_with_token(provider, address, tokens, proof_key, now, "")
    nonce = answer.headers.get("dpop-nonce", "")
    if answer.status == 401 and proof_key and nonce:
        answer = _get_with_token(provider, address, tokens, proof_key, now, nonce)
    if answer.status != 200:
        raise _refused(answer, "userinfo")
    found: dict[str, Any] = read_json(answer.body, dict[str, Any], "userinfo")
    if found.get("sub") != token.claims.sub:
        raise SignInRefused("token-refused", "userinfo-of-another")
    return found


def _get_with_token(
    provider: Provider,
    address: str,
    tokens: Tokens,
    proof_key: ECKey | None,
    now: datetime,
    nonce: str,
) -> Answer:
    if not tokens.access_token.isascii() or len(tokens.access_token.split()) != 1:
        raise SignInRefused("provider-unusable", "access-token")
    headers = {"Authorization": f"Bearer {tokens.access_token}"}
    if proof_key:
        proof = make_proof(proof_key, "GET", address, now, nonce, tokens.access_token)
        headers = {"Authorization": f"DPoP {tokens.access_token}", "DPoP": proof}
    return provider.ask(address, headers=headers)


def _post(
    provider: Provider,
    address: str,
    form: Mapping[str, str],
    now: datetime,
    proof_key: ECKey | None = None,
    nonce: str = "",
) -> Answer:
    said = {
        **form,
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": make_assertion(provider.configuration, now),
    }
    headers = {"Content-Type": FORM}
    if proof_key:
        headers["DPoP"] = make_proof(proof_key, "POST", address, now, nonce)
    return provider.ask(address, "POST", headers, urlencode(said).encode("ascii"))


def make_assertion(ours: Configuration, now: datetime) -> str:
    """Who we are (RFC 7523), for the provider alone: its issuer is the only audience. Good for a minute.

    Raises:
        KeyProblem: there is no key to sign with.
    """
    jwk = read_keys(ours.keys)[0]
    issued = int(now.timestamp())
    claims = {
        "iss": ours.client_id,
        "sub": ours.client_id,
        "aud": ours.issuer,
        "iat": issued,
        "nbf": issued,
        "exp": issued + 60,
        "jti": secrets.token_urlsafe(16),
    }
    header = {"alg": ALGORITHM, "typ": "client-authentication+jwt", "kid": jwk["kid"]}
    return sign(claims, import_key(dict(jwk)), header)


def make_proof(
    key: ECKey, method: str, address: str, now: datetime, nonce: str = "", token: str = ""
) -> str:
    """A DPoP proof for one request; `token` is the one that goes along with it."""
    claims: dict[str, Any] = {
        "jti": secrets.token_urlsafe(16),
        "htm": method,
        "htu": address.partition("?")[0],
        "iat": int(now.timestamp()),
    }
    if nonce:
        claims["nonce"] = nonce
    if token:
        claims["ath"] = to_base64url(hashlib.sha256(token.encode()).digest())
    public = key.as_dict(private=False)
    jwk = {name: public[name] for name in ("kty", "crv", "x", "y")}
    return sign(claims, key, {"alg": ALGORITHM, "typ": "dpop+jwt", "jwk": jwk})


def _error_of(answer: Answer) -> str:
    try:
        error: str = read_json(answer.body, _Error, "error").error
    except SignInRefused:
        return "other"
    return error if error in KNOWN_ERRORS else "other"


def _refused(answer: Answer, what: str) -> SignInRefused:
    if answer.status >= 500:
        return SignInRefused("provider-down", f"{what}-status-5xx")
    return SignInRefused("provider-refused", f"{what}-{_error_of(answer)}")
