"""Getting an access token, as a laboratory's system does; and everything an attacker tries."""

from __future__ import annotations

import json
import random
import time
from base64 import b64encode, urlsafe_b64decode
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client as Browser
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt

from access.a_sender import (
    BY_ALGORITHM,
    ENDPOINT,
    assertion,
    certificate,
    claims_of,
    plain,
    private_key,
    public,
    register,
    signed,
    symmetric,
    unsigned,
)
from varde.access.clients import (
    Client,
    ClientError,
    ClientRefused,
    authenticate,
    check_assertion,
    set_active,
)
from varde.access.models import AccessLogEntry, UsedId
from varde.web.intake.token import FORM, LARGEST
from web.asking import post, refused, said, token_for, with_token

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_refusal_log")]

# --- as it should be ----------------------------------------------------------------------------


def test_the_whole_way_of_a_backend_service(machine: Browser, sender: Client) -> None:
    """SMART Backend Services, step by step and by hand: read, sign, ask, send."""
    found = json.loads(machine.get("/fhir/.well-known/smart-configuration").content)
    assert "ES384" in found["token_endpoint_auth_signing_alg_values_supported"]
    assert found["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]
    assert "client-confidential-asymmetric" in found["capabilities"]
    assert "system/*.c" in found["scopes_supported"]
    now = int(time.time())
    claims = {
        "iss": sender.client_id,
        "sub": sender.client_id,
        "aud": found["token_endpoint"],
        "exp": now + 300,
        "jti": "kq2b7",
    }
    header = {"alg": "ES384", "kid": private_key().kid, "typ": "JWT"}
    text = jwt.encode(header, claims, private_key(), algorithms=["ES384"])
    answer = machine.post(
        found["token_endpoint"],
        urlencode(
            {
                "grant_type": "client_credentials",
                "scope": "system/*.c",
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion": text,
            }
        ),
        content_type="application/x-www-form-urlencoded",
    )
    body = json.loads(answer.content)
    assert answer.status_code == 200 and answer["Cache-Control"] == "no-store"
    assert {key: body[key] for key in ("token_type", "expires_in", "scope")} == {
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "system/*.c",
    }
    assert authenticate(with_token(body["access_token"])) == sender


@pytest.mark.parametrize("algorithm", BY_ALGORITHM)
def test_every_listed_algorithm_gets_a_token(machine: Browser, algorithm: str) -> None:
    key = private_key(*BY_ALGORITHM[algorithm])
    client = register(key)
    assert post(machine, assertion(client.client_id, key, algorithm)).status_code == 200


def test_the_addresses_of_the_configuration_are_two_and_say_the_same(machine: Browser) -> None:
    first = machine.get("/.well-known/smart-configuration")
    second = machine.get("/fhir/.well-known/smart-configuration")
    assert first.content == second.content and first["Access-Control-Allow-Origin"] == "*"
    assert json.loads(first.content)["token_endpoint"] == ENDPOINT
    assert Browser().post("/.well-known/smart-configuration").status_code == 405


def test_a_configured_address_is_the_one_that_counts(
    machine: Browser, sender: Client, settings
) -> None:  # type: ignore[no-untyped-def]
    settings.VARDE_BASE_URL = "https://varde.example.org"
    told = json.loads(machine.get("/.well-known/smart-configuration").content)["token_endpoint"]
    assert told == "https://varde.example.org/oauth/token"
    assert post(machine, assertion(sender.client_id, aud=told)).status_code == 200
    answer = post(machine, assertion(sender.client_id))
    assert said(answer) == (400, "invalid_client", "wrong-audience")


def test_a_token_lets_in_what_it_is_for_and_no_more(machine: Browser, sender: Client) -> None:
    token = token_for(machine, sender)
    client = authenticate(with_token(token))
    assert (client.client_id, client.kinds) == (sender.client_id, ("laboratory",))
    assert authenticate(with_token(token)) == client  # as often as needed, until it runs out
    everything = authenticate(with_token(token_for(machine, sender, scope=None)))
    assert everything.kinds == ("laboratory", "vaccination")
    fhir = authenticate(
        with_token(token_for(machine, sender, scope="system/Immunization.c"), "bearer")
    )
    assert fhir.kinds == ("vaccination",)


def test_what_a_token_says(machine: Browser, sender: Client) -> None:
    header, claims, _ = token_for(machine, sender).split(".")
    assert json.loads(urlsafe_b64decode(header + "==")) == {"alg": "HS256", "typ": "at+jwt"}
    content = json.loads(urlsafe_b64decode(claims + "=="))
    assert content["exp"] - content["iat"] == 300
    assert (content["sub"], content["scope"]) == (sender.client_id, "varde:intake/laboratory")
    assert len(content["jti"]) > 20
    assert sender.name not in json.dumps(content)


def test_tokens_are_logged_and_neither_they_nor_assertions_are(
    machine: Browser, sender: Client
) -> None:
    text = assertion(sender.client_id)
    token = json.loads(post(machine, text).content)["access_token"]
    post(machine, text)
    fields = ("actor", "area", "action", "page", "object_kind")
    entries = list(AccessLogEntry.objects.values_list(*fields))
    assert entries == [
        (sender.client_id, "HER:91843", "token-issued", "token", "varde:intake/laboratory"),
        (sender.client_id, "", "token-refused", "token", "replayed"),
    ]
    for secret in (*text.split("."), *token.split(".")):
        assert not any(secret in str(entry) for entry in entries)


def test_the_log_is_shown_in_words(
    machine: Browser, sender: Client, sign_in: Callable[..., Browser]
) -> None:
    post(machine, assertion(sender.client_id))
    post(machine, of_another(sender))
    page = sign_in("administrator").get("/tilgangslogg/").content.decode()
    assert "Fikk tilgangstoken" in page and "varde:intake/laboratory" in page
    assert "Slapp ikke inn" in page
    assert f"1 Signaturen stemmer ikke: {sender.client_id}?" in page


# --- forms --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"grant_type": "authorization_code"},
            (400, "unsupported_grant_type", "unsupported-grant"),
        ),
        ({"grant_type": None}, (400, "invalid_request", "bad-request")),
        ({"grant_type": ""}, (400, "invalid_request", "bad-request")),
        ({"client_assertion_type": None}, (400, "invalid_client", "no-credentials")),
        ({"client_assertion_type": "password"}, (400, "invalid_client", "no-credentials")),
        ({"client_assertion": None}, (400, "invalid_client", "no-credentials")),
        ({"client_assertion": "", "client_secret": "x"}, (400, "invalid_client", "no-credentials")),
        ({"client_id": "another"}, (400, "invalid_client", "wrong-issuer")),
        ({"scope": "varde:intake/norm"}, (400, "invalid_scope", "scope-refused")),
        ({"scope": "system/*.rs"}, (400, "invalid_scope", "scope-refused")),
        ({"scope": "x" * LARGEST}, (413, "invalid_request", "too-large")),
    ],
)
def test_a_form_that_is_wrong_says_how(
    machine: Browser, sender: Client, fields: dict[str, Any], expected: tuple[int, str, str]
) -> None:
    assert said(post(machine, assertion(sender.client_id), **fields)) == expected
    assert AccessLogEntry.objects.get().object_kind.startswith(expected[2])


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"{}", "application/json"),
        (b"grant_type=client_credentials", "text/plain"),
        (b"grant_type=client_credentials&grant_type=client_credentials", FORM),
        (b"&".join(b"a%d=1" % number for number in range(50)), FORM),
        (b"grant_type=\xff", FORM),
        (b"grant_type=%ff", FORM),
        (b"", FORM),
    ],
)
def test_what_is_no_form_is_refused(machine: Browser, body: bytes, content_type: str) -> None:
    answer = machine.post("/oauth/token", body, content_type=content_type)
    assert said(answer) == (400, "invalid_request", "bad-request")


def test_only_post_is_answered(machine: Browser) -> None:
    assert machine.get("/oauth/token").status_code == 405


def test_the_clients_own_id_may_stand_beside_its_assertion(
    machine: Browser, sender: Client
) -> None:
    assert post(machine, assertion(sender.client_id), client_id=sender.client_id).status_code == 200


# --- attacks on the assertion -------------------------------------------------------------------


def of_another(sender: Client, **changes: Any) -> str:
    """Signed with a key that is not the client's, under the name of one that is."""
    stranger = private_key("EC", "P-384", 9)
    return signed(claims_of(sender.client_id, **changes), stranger, kid=private_key().kid)


def with_public_key_as_secret(sender: Client, form: str) -> str:
    """The classic confusion: HMAC under what everybody knows, the client's public key."""
    key = private_key("RSA", 2048)
    secret = {
        "pem": key.as_pem(private=False),
        "der": key.as_der(private=False),
        "jwk": json.dumps(key.as_dict(private=False)).encode(),
    }[form]
    return signed(claims_of(sender.client_id), symmetric(secret), "HS256", kid=key.kid)


ATTACKS: dict[str, tuple[Any, str]] = {
    "alg none": (lambda c: unsigned(claims_of(c.client_id)), "algorithm-not-allowed"),
    "alg None": (lambda c: unsigned(claims_of(c.client_id), alg="NoNe"), "algorithm-not-allowed"),
    "alg none with kid": (
        lambda c: unsigned(claims_of(c.client_id), kid=private_key().kid),
        "algorithm-not-allowed",
    ),
    "signature cut off": (
        lambda c: assertion(c.client_id).rpartition(".")[0] + ".",
        "bad-signature",
    ),
    "HS256 with the public key as PEM": (
        lambda c: with_public_key_as_secret(c, "pem"),
        "algorithm-not-allowed",
    ),
    "HS256 with the public key as DER": (
        lambda c: with_public_key_as_secret(c, "der"),
        "algorithm-not-allowed",
    ),
    "HS256 with the public key as JWK": (
        lambda c: with_public_key_as_secret(c, "jwk"),
        "algorithm-not-allowed",
    ),
    "another's key": (of_another, "bad-signature"),
    "a key nobody registered": (
        lambda c: assertion(c.client_id, private_key("EC", "P-384", 9)),
        "unknown-key",
    ),
    "no kid": (lambda c: signed(claims_of(c.client_id), kid=None), "unknown-key"),
    "kid of a file": (
        lambda c: signed(claims_of(c.client_id), kid="../../../../dev/null"),
        "unknown-key",
    ),
    "kid that is a number": (lambda c: signed(claims_of(c.client_id), kid=1), "unreadable"),
    "key brought in jwk": (
        lambda c: signed(claims_of(c.client_id), private_key("EC", "P-384", 9), jwk=public()),
        "header-refused",
    ),
    "own key brought in jwk": (
        lambda c: signed(claims_of(c.client_id), jwk=public(0)),
        "header-refused",
    ),
    "keys pointed to by jku": (
        lambda c: signed(claims_of(c.client_id), jku="https://evil.example/jwks"),
        "header-refused",
    ),
    "certificate pointed to by x5u": (
        lambda c: signed(claims_of(c.client_id), x5u="https://evil.example/cert"),
        "header-refused",
    ),
    "certificate brought in x5c": (
        lambda c: signed(claims_of(c.client_id), x5c=[b64encode(certificate()[0]).decode()]),
        "header-refused",
    ),
    "an algorithm of another kind of key": (
        lambda c: signed(
            claims_of(c.client_id), private_key("RSA", 2048), "RS256", kid=private_key().kid
        ),
        "algorithm-not-allowed",
    ),
    "a proof in its place": (
        lambda c: signed(claims_of(c.client_id), typ="dpop+jwt"),
        "wrong-type",
    ),
    "an access token's type": (
        lambda c: signed(claims_of(c.client_id), typ="at+jwt"),
        "wrong-type",
    ),
    "aud of another": (
        lambda c: assertion(c.client_id, aud="https://x.example/token"),
        "wrong-audience",
    ),
    "aud of two": (lambda c: assertion(c.client_id, aud=[ENDPOINT, "https://x"]), "wrong-audience"),
    "aud with more": (lambda c: assertion(c.client_id, aud=ENDPOINT + "/"), "wrong-audience"),
    "aud in capitals": (lambda c: assertion(c.client_id, aud=ENDPOINT.upper()), "wrong-audience"),
    "aud that is the host": (
        lambda c: assertion(c.client_id, aud="http://testserver"),
        "wrong-audience",
    ),
    "aud of nobody": (lambda c: assertion(c.client_id, aud=[]), "wrong-audience"),
    "no aud": (lambda c: assertion(c.client_id, aud=None), "missing-claim"),
    "expired": (lambda c: assertion(c.client_id, exp=time.time() - 61), "expired"),
    "no exp": (lambda c: assertion(c.client_id, exp=None), "missing-claim"),
    "exp far ahead": (lambda c: assertion(c.client_id, exp=time.time() + 366), "lives-too-long"),
    "exp for ever": (lambda c: assertion(c.client_id, exp=1e300), "lives-too-long"),
    "exp beyond numbers": (
        lambda c: signed(
            json.dumps(claims_of(c.client_id, exp=1)).replace('"exp": 1', '"exp": 1e999').encode()
        ),
        "missing-claim",
    ),
    "exp that is not a number": (
        lambda c: signed(json.dumps(claims_of(c.client_id, exp=float("nan"))).encode()),
        "unreadable",
    ),
    "exp as text": (lambda c: assertion(c.client_id, exp="4102444800"), "missing-claim"),
    "exp as truth": (lambda c: assertion(c.client_id, exp=True), "missing-claim"),
    "iat to come": (lambda c: assertion(c.client_id, iat=time.time() + 70), "not-yet-valid"),
    "nbf to come": (lambda c: assertion(c.client_id, nbf=time.time() + 70), "not-yet-valid"),
    "iat as text": (lambda c: assertion(c.client_id, iat="now"), "missing-claim"),
    "no jti": (lambda c: assertion(c.client_id, jti=None), "missing-claim"),
    "empty jti": (lambda c: assertion(c.client_id, jti=""), "missing-claim"),
    "endless jti": (lambda c: assertion(c.client_id, jti="x" * 600), "missing-claim"),
    "iss alone": (lambda c: assertion(c.client_id, sub=None), "missing-claim"),
    "sub of another": (lambda c: assertion(c.client_id, sub="another"), "wrong-issuer"),
    "iss of another": (lambda c: assertion(c.client_id, iss="another"), "wrong-issuer"),
    "nobody": (lambda c: assertion("nobody"), "unknown-client"),
    "nobody with a zero byte": (lambda c: assertion("no\0body"), "unknown-client"),
    "claims that are a list": (lambda c: signed(b"[]"), "missing-claim"),
    "claims that are no JSON": (lambda c: signed(b"{"), "unreadable"),
    "claims nested without end": (lambda c: signed(b'{"a":' + b"[" * 3000), "unreadable"),
    "oversize": (lambda c: assertion(c.client_id, note="x" * 8000), "too-large"),
    "two parts": (lambda c: "a.b", "unreadable"),
    "five parts (encrypted)": (lambda c: "a.b.c.d.e", "unreadable"),
    "JSON form": (lambda c: '{"payload":"","signatures":[]}', "unreadable"),
    "padding": (lambda c: assertion(c.client_id).replace(".", "=.", 1), "unreadable"),
    "header that is a list": (lambda c: "W10.e30.AA", "unreadable"),
    "header that is no UTF-8": (lambda c: "_w.e30.AA", "unreadable"),
    "header without alg": (lambda c: "e30.e30.AA", "unreadable"),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_attacks_on_the_assertion_are_refused(
    machine: Browser, sender: Client, attack: str
) -> None:
    make, code = ATTACKS[attack]
    rsa = private_key("RSA", 2048)
    target = register(private_key(), rsa, client_id="target") if "public key" in attack else sender
    answer = post(machine, make(target))
    expected = (
        (413, "invalid_client", code) if code == "too-large" else (400, "invalid_client", code)
    )
    assert said(answer) == expected
    assert not UsedId.objects.exists()
    entry = AccessLogEntry.objects.get()
    assert entry.action == "token-refused"
    assert entry.object_kind in (code, f"{code}: {target.client_id}?")


@pytest.mark.parametrize(
    "extension", [{"crit": ["b64"], "b64": False}, {"crit": ["exp"], "exp": 1}]
)
def test_extensions_of_signatures_are_refused(
    machine: Browser, sender: Client, extension: dict[str, Any]
) -> None:
    header = {"alg": "ES384", "typ": "JWT", "kid": private_key().kid} | extension
    parts = [json.dumps(part).encode() for part in (header, claims_of(sender.client_id))]
    text = ".".join([*map(plain, parts), "AAAA"])
    assert said(post(machine, text))[2] == "header-refused"


def test_a_key_that_is_for_one_algorithm_verifies_no_other(machine: Browser) -> None:
    key = private_key("RSA", 2048)
    jwk = key.as_dict(private=False) | {"alg": "PS256"}
    client = register(keys=({**jwk},))  # type: ignore[arg-type]
    assert post(machine, assertion(client.client_id, key, "PS256")).status_code == 200
    assert (
        said(post(machine, assertion(client.client_id, key, "RS256")))[2] == "algorithm-not-allowed"
    )


def test_an_assertion_is_good_for_one_token(machine: Browser, sender: Client) -> None:
    text = assertion(sender.client_id)
    assert post(machine, text).status_code == 200
    assert said(post(machine, text)) == (400, "invalid_client", "replayed")
    same_id = claims_of(sender.client_id, jti="again")
    assert post(machine, signed(same_id)).status_code == 200
    assert said(post(machine, signed(same_id | {"exp": same_id["exp"] + 9})))[2] == "replayed"


def test_two_senders_may_come_to_the_same_id(machine: Browser, sender: Client) -> None:
    other = register()
    for client in (sender, other):
        assert post(machine, assertion(client.client_id, jti="1")).status_code == 200


def test_no_client_speaks_for_another(machine: Browser) -> None:
    mine, theirs = private_key("EC", "P-256", 1), private_key("EC", "P-256", 2)
    register(mine, client_id="mine")
    register(theirs, client_id="theirs")
    assert said(post(machine, assertion("theirs", mine, "ES256")))[2] == "unknown-key"
    forged = signed(claims_of("theirs"), mine, "ES256", kid=theirs.kid)
    assert said(post(machine, forged))[2] == "bad-signature"


def test_clocks_may_differ_by_a_minute(machine: Browser, sender: Client) -> None:
    now = time.time()
    for changes in (
        {"iat": now + 50, "exp": now + 350},
        {"iat": now - 350, "exp": now - 50},
        {"nbf": now + 50},
        {"iat": None},
    ):
        assert post(machine, assertion(sender.client_id, **changes)).status_code == 200


def test_a_client_that_was_shut_out_gets_nothing_and_its_tokens_end(
    machine: Browser, sender: Client
) -> None:
    token = token_for(machine, sender)
    set_active(sender.client_id, False)
    assert said(post(machine, assertion(sender.client_id)))[2] == "disabled"
    assert (
        said(post(machine, of_another(sender)))[2] == "bad-signature"
    )  # strangers are told nothing
    assert refused(with_token(token)).code == "disabled"


def test_a_client_that_asks_too_often_is_told_to_wait(machine: Browser) -> None:
    client = register(requests_per_minute=2)
    answers = [post(machine, assertion(client.client_id)) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert said(answers[2]) == (429, "temporarily_unavailable", "too-many-requests")
    assert 25 <= int(answers[2]["Retry-After"]) <= 30


@given(st.integers(0, 2**32), st.integers(1, 4))
def test_a_damaged_assertion_is_refused_in_a_typed_way(seed: int, times: int) -> None:
    dice = random.Random(seed)
    text = bytearray(_whole().encode())
    for _ in range(times):
        text[dice.randrange(len(text))] = dice.randrange(256)
    damaged = text.decode("latin-1")
    try:
        check_assertion(damaged, ENDPOINT, datetime.now(UTC))
    except ClientError as error:
        assert isinstance(error, ClientRefused) and error.subject == "assertion"
    else:
        assert damaged == _whole()


_WHOLE: list[str] = []


def _whole() -> str:
    """One good assertion, of a client that nobody registered: to look it up is as far as it comes."""
    if not _WHOLE:
        _WHOLE.append(assertion("nobody"))
    return _WHOLE[0]
