"""Coming to the intake with a token, a bound token or a certificate; and with forged ones."""

from __future__ import annotations

import json
import time
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import Client as Browser

from access.a_sender import (
    ENDPOINT,
    assertion,
    certificate,
    private_key,
    proof,
    public,
    register,
    signed,
    symmetric,
    unsigned,
)
from varde.access.clients import (
    Client,
    ClientRefused,
    authenticate,
    challenge,
    token_key,
)
from varde.access.clients.gate import PROXY_SECRET
from varde.access.clients.proofs import hash_of
from varde.access.clients.tokens import issue_token
from varde.access.models import AccessLogEntry
from web.asking import INTAKE, handed_in, post, refused, said, token_for, with_token

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_refusal_log")]
SECRET = "a secret that only the proxy knows, and long"


# --- the access token ---------------------------------------------------------------------------


def claimed(client: Client, **changes: Any) -> dict[str, Any]:
    now = int(time.time())
    claims = {
        "aud": "varde:intake",
        "sub": client.client_id,
        "scope": "varde:intake/laboratory",
        "iat": now,
        "exp": now + 100,
        "jti": "x",
    }
    return {name: value for name, value in (claims | changes).items() if value is not None}


def minted(claims: Any, secret: bytes | None = None, alg: str = "HS256", **header: Any) -> str:
    key = symmetric(token_key() if secret is None else secret)
    return signed(claims, key, alg, **({"typ": "at+jwt", "kid": None} | header))


TOKENS: dict[str, tuple[Any, str]] = {
    "another key": (lambda c: minted(claimed(c), b"x" * 32), "bad-signature"),
    "empty key": (lambda c: minted(claimed(c), b"x" * 31 + b"\0"), "bad-signature"),
    "alg none": (lambda c: unsigned(claimed(c), typ="at+jwt"), "algorithm-not-allowed"),
    "HS512 under the right key": (
        lambda c: minted(claimed(c), alg="HS512"),
        "algorithm-not-allowed",
    ),
    "the sender's own key": (
        lambda c: signed(claimed(c), typ="at+jwt"),
        "algorithm-not-allowed",
    ),
    "jwk": (lambda c: minted(claimed(c), jwk={"kty": "oct", "k": "AAAA"}), "header-refused"),
    "an assertion": (lambda c: assertion(c.client_id), "wrong-type"),
    "no type": (lambda c: minted(claimed(c), typ=None), "wrong-type"),
    "expired": (lambda c: minted(claimed(c, exp=int(time.time()))), "expired"),
    "no exp": (lambda c: minted(claimed(c, exp=None)), "missing-claim"),
    "another audience": (lambda c: minted(claimed(c, aud="web")), "wrong-audience"),
    "a client that is gone": (lambda c: minted(claimed(c, sub="gone")), "unknown-client"),
    "bound, without proof": (lambda c: minted(claimed(c, cnf={"jkt": "x"})), "proof-missing"),
    "garbage": (lambda c: "x", "unreadable"),
    "nothing": (lambda c: "", "unreadable"),
    "huge": (lambda c: "x" * 9000, "too-large"),
}


@pytest.mark.parametrize("attack", TOKENS)
def test_forged_and_stale_tokens_are_refused(sender: Client, attack: str) -> None:
    make, code = TOKENS[attack]
    error = refused(with_token(make(sender)))
    assert (error.code, error.subject) == (code, "token")
    assert error.status == (413 if code == "too-large" else 401)
    assert error.error == "invalid_token"
    assert AccessLogEntry.objects.get().page == "intake"


def test_what_the_forgeries_are_made_from_is_good(sender: Client) -> None:
    assert authenticate(with_token(minted(claimed(sender)))).client_id == sender.client_id


def test_a_token_ends_after_five_minutes(sender: Client) -> None:
    for seconds, good in ((-298, True), (-301, False)):
        token = issue_token(
            token_key(),
            sender.client_id,
            ("varde:intake/laboratory",),
            datetime.now(UTC) + timedelta(seconds=seconds),
        )
        if good:
            authenticate(with_token(token))
        else:
            assert refused(with_token(token)).code == "expired"


def test_a_token_of_another_installation_is_worth_nothing(
    sender: Client, tmp_path: Path, settings
) -> None:  # type: ignore[no-untyped-def]
    token = minted(claimed(sender))
    settings.VARDE_HOME = tmp_path
    assert refused(with_token(token)).code == "bad-signature"
    kept = tmp_path / "keys" / "tokens.key"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert bytes.fromhex(kept.read_text()) == token_key()


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Basic YTpi"}, {"Authorization": ""}, {"Authorization": "x"}]
)
def test_who_says_nothing_is_told_how(headers: dict[str, str]) -> None:
    error = refused(handed_in(**headers))
    assert (error.code, error.status) == ("no-credentials", 401)
    assert challenge(error).startswith("Bearer, DPoP algs=")


def test_challenges_say_what_was_wrong(sender: Client) -> None:
    expired = challenge(refused(with_token(minted(claimed(sender, exp=1)))))
    assert expired.startswith('Bearer error="invalid_token", error_description="The access token')
    bound = challenge(refused(with_token(minted(claimed(sender, cnf={"jkt": "x"})))))
    assert bound.startswith('DPoP error="invalid_token"') and 'algs="ES256 ' in bound
    with pytest.raises(ClientRefused) as caught:
        sender.check_kind("norm")
    assert challenge(caught.value).startswith('Bearer error="insufficient_scope"')


# --- DPoP ---------------------------------------------------------------------------------------


@pytest.fixture
def bound(machine: Browser, sender: Client) -> str:
    """A token bound to the key of a proof."""
    headers = {"DPoP": proof(private_key("EC", "P-256"), ENDPOINT, "ES256")}
    answer = post(machine, assertion(sender.client_id), headers)
    body = json.loads(answer.content)
    assert (answer.status_code, body["token_type"]) == (200, "DPoP")
    return str(body["access_token"])


def with_proof(token: str, text: str) -> HttpRequest:
    return with_token(token, "DPoP", DPoP=text)


def prove(token: str, address: str = INTAKE, **more: Any) -> str:
    ath = more.pop("ath", hash_of(token))
    return proof(private_key("EC", "P-256"), address, "ES256", ath=ath, **more)


def test_the_hash_of_a_token_is_the_standards() -> None:
    # RFC 9449, section 7.1
    token = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"
    assert hash_of(token) == "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"


def test_a_bound_token_needs_a_new_proof_each_time(sender: Client, bound: str) -> None:
    text = prove(bound)
    assert authenticate(with_proof(bound, text)).client_id == sender.client_id
    assert refused(with_proof(bound, text)).code == "replayed"
    assert authenticate(with_proof(bound, prove(bound))).client_id == sender.client_id


@pytest.mark.parametrize(
    "address",
    [
        "http://TESTSERVER/intake/laboratory",
        "http://testserver:80/intake/laboratory",
        "http://testserver/intake/laboratory?a=b#c",
    ],
)
def test_addresses_are_compared_as_addresses(bound: str, address: str) -> None:
    authenticate(with_proof(bound, prove(bound, address)))


PROOFS: dict[str, tuple[Any, str]] = {
    "another address": (lambda t: prove(t, "http://testserver/intake/norm"), "wrong-request"),
    "another host": (lambda t: prove(t, "http://evil.example/intake/laboratory"), "wrong-request"),
    "another scheme": (lambda t: prove(t, "https://testserver/intake/laboratory"), "wrong-request"),
    "another port": (lambda t: prove(t, "http://testserver:8/intake/laboratory"), "wrong-request"),
    "no address": (lambda t: prove(t, "http://[::1"), "wrong-request"),
    "another method": (lambda t: prove(t, htm="GET"), "wrong-request"),
    "another token": (lambda t: prove(t, ath=hash_of("x")), "wrong-request"),
    "no token": (lambda t: prove(t, ath=None), "wrong-request"),
    "too old": (lambda t: prove(t, iat=time.time() - 121), "expired"),
    "to come": (lambda t: prove(t, iat=time.time() + 65), "not-yet-valid"),
    "no time": (lambda t: prove(t, iat=None), "missing-claim"),
    "no id": (lambda t: prove(t, jti=None), "missing-claim"),
    "empty id": (lambda t: prove(t, jti=""), "missing-claim"),
    "another key": (
        lambda t: proof(private_key("EC", "P-384"), INTAKE, ath=hash_of(t)),
        "not-bound",
    ),
    "a key that did not sign": (
        lambda t: prove(
            t, header={"jwk": dict(private_key("EC", "P-256", 7).as_dict(private=False))}
        ),
        "bad-signature",
    ),
    "a private key": (
        lambda t: prove(t, header={"jwk": dict(private_key("EC", "P-256").as_dict(private=True))}),
        "key-refused",
    ),
    "a symmetric key": (
        lambda t: signed(
            {"jti": "a", "htm": "POST", "htu": INTAKE, "iat": time.time(), "ath": hash_of(t)},
            symmetric(b"k" * 32),
            "HS256",
            typ="dpop+jwt",
            kid=None,
            jwk={"kty": "oct", "k": "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s"},
        ),
        "algorithm-not-allowed",
    ),
    "no key": (lambda t: prove(t, header={"jwk": None}), "header-refused"),
    "key that is a list": (lambda t: prove(t, header={"jwk": []}), "unreadable"),
    "key pointed to": (
        lambda t: prove(t, header={"jku": "https://evil.example"}),
        "header-refused",
    ),
    "type of an assertion": (lambda t: prove(t, header={"typ": "JWT"}), "wrong-type"),
    "alg none": (
        lambda t: unsigned(
            {"jti": "a", "htm": "POST", "htu": INTAKE, "iat": 1}, typ="dpop+jwt", jwk=public()
        ),
        "algorithm-not-allowed",
    ),
    "two proofs": (lambda t: f"{prove(t)},{prove(t)}", "unreadable"),
    "huge": (lambda t: prove(t, note="x" * 8000), "too-large"),
    "none at all": (lambda t: "", "proof-missing"),
}


@pytest.mark.parametrize("attack", PROOFS)
def test_attacks_on_the_proof_are_refused(bound: str, attack: str) -> None:
    make, code = PROOFS[attack]
    error = refused(with_proof(bound, make(bound)))
    assert error.code == code
    assert challenge(error).startswith("DPoP error=")


def test_bound_and_free_tokens_are_not_taken_for_each_other(
    machine: Browser, sender: Client, bound: str
) -> None:
    assert refused(with_token(bound)).code == "proof-missing"
    free = token_for(machine, sender)
    assert refused(with_proof(free, prove(free))).code == "not-bound"


def test_a_bad_proof_gets_no_token(machine: Browser, sender: Client) -> None:
    key = private_key("EC", "P-256")
    for text, code in (
        ("x", "unreadable"),
        (proof(key, INTAKE, "ES256"), "wrong-request"),
        ("", "unreadable"),
    ):
        answer = post(machine, assertion(sender.client_id), {"DPoP": text})
        assert said(answer) == (400, "invalid_dpop_proof", code)
    text = proof(key, ENDPOINT, "ES256")
    assert post(machine, assertion(sender.client_id), {"DPoP": text}).status_code == 200
    assert said(post(machine, assertion(sender.client_id), {"DPoP": text}))[2] == "replayed"


# --- certificates -------------------------------------------------------------------------------


@pytest.fixture
def known(settings) -> Iterator[tuple[Client, str]]:  # type: ignore[no-untyped-def]
    """A client with a certificate, and the header in which a proxy passes that on."""
    settings.VARDE_CLIENT_CERT_PROXY = SECRET
    der, _ = certificate()
    yield register(keys=(), certificates=(der,)), f":{b64encode(der).decode()}:"


def passed_on(header: str, secret: str = SECRET) -> HttpRequest:
    return handed_in(**{"Client-Cert": header, PROXY_SECRET: secret})


def test_a_certificate_from_our_proxy_says_who_it_is(known: tuple[Client, str]) -> None:
    client, header = known
    assert authenticate(passed_on(header)) == client


@pytest.mark.parametrize("secret", ["", "x", SECRET[:-1], SECRET + "x", SECRET.upper(), "blåbær"])
def test_a_certificate_from_anybody_else_is_not_looked_at(
    known: tuple[Client, str], secret: str
) -> None:
    assert refused(passed_on(known[1], secret)).code == "no-credentials"
    assert refused(passed_on("garbage", secret)).code == "no-credentials"


def test_without_a_secret_no_certificate_is_believed(known: tuple[Client, str], settings) -> None:  # type: ignore[no-untyped-def]
    settings.VARDE_CLIENT_CERT_PROXY = ""
    assert refused(passed_on(known[1], "")).code == "no-credentials"
    assert refused(passed_on(known[1], SECRET)).code == "no-credentials"


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "no-credentials"),
        ("::", "unreadable"),
        ("AAAA", "unreadable"),
        (":A:", "unreadable"),
        (":AAAA:, :AAAA:", "unreadable"),
        (":-_-_:", "unreadable"),
        (f":{'A' * 20_000}:", "unreadable"),
        (":AAAA:", "unknown-client"),
    ],
)
def test_what_is_no_certificate_is_refused(
    known: tuple[Client, str], header: str, code: str
) -> None:
    error = refused(passed_on(header))
    assert (error.code, error.status) == (code, 401)
    assert challenge(error).startswith("Bearer, DPoP algs=")


def test_a_strangers_certificate_lets_nobody_in(known: tuple[Client, str]) -> None:
    der, _ = certificate()
    assert refused(passed_on(f":{b64encode(der).decode()}:")).code == "unknown-client"


def test_a_token_counts_before_a_certificate(machine: Browser, known: tuple[Client, str]) -> None:
    _, header = known
    for scheme, code in (("Bearer x", "unreadable"), ("Basic x", "no-credentials")):
        request = passed_on(header)
        request.META["HTTP_AUTHORIZATION"] = scheme
        assert refused(request).code == code
