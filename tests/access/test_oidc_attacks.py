"""A provider that lies, breaks, or is impersonated lets nobody in, takes little time and memory, and is told plainly."""

from __future__ import annotations

import hmac
import ipaddress
import json
import logging
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from django.utils import timezone
from joserfc.jwk import ECKey, RSAKey
from msgspec.structs import replace

from access.oidc_hostile import ACCESS_TOKEN, Hostile, hostile_provider, sign_with
from access.oidc_world import CLIENT_ID, LEVEL, PID, RETURN, configure
from varde.access.clients.encoding import to_base64url
from varde.access.keys import Keys
from varde.access.models import Grant, UsedId
from varde.access.oidc import provider as provider_module
from varde.access.oidc.fetching import fetch
from varde.access.oidc.flow import begin, finish
from varde.access.oidc.id_token import LOGOUT_EVENT
from varde.access.oidc.identity import Identity
from varde.access.oidc.provider import Provider
from varde.access.oidc.refusals import SignInRefused
from varde.access.oidc.rules import shipped_rules
from varde.access.oidc.sessions import end_sessions, hold, still_holds

pytestmark = pytest.mark.django_db
KEYS = Keys(pseudonym=b"p" * 32, storage={"k1": b"s" * 32})
QUICK = replace(
    shipped_rules(),
    seconds=replace(shipped_rules().seconds, answer=1, trouble=0),
    limits=replace(shipped_rules().limits, answer_bytes=40_000),
)


@pytest.fixture
def hostile() -> Iterator[Hostile]:
    with hostile_provider() as found:
        yield found


@pytest.fixture
def provider(hostile: Hostile, tmp_path: Path) -> Provider:
    return Provider(configure(hostile.address, tmp_path, rules=QUICK))


def sign_in(provider: Provider, hostile: Hostile, **came: Any) -> Identity:
    address, attempt = begin(provider, RETURN, "", "nb", timezone.now())
    asked = parse_qs(urlsplit(address).query)
    hostile.nonce = asked["nonce"][0] if "nonce" in asked else attempt.nonce
    told = {"state": attempt.state, "code": "a-code"} | came
    return finish(provider, attempt, told, KEYS, timezone.now())


def refusal(provider: Provider, hostile: Hostile, **came: Any) -> str:
    with pytest.raises(SignInRefused) as caught:
        sign_in(provider, hostile, **came)
    return str(caught.value)


def test_an_honest_one_lets_somebody_in(provider: Provider, hostile: Hostile) -> None:
    found = sign_in(provider, hostile)
    assert len(found.person) == 20 and found.hpr == "" and found.organisations == ()
    token = dict(hostile.asked)["/token"]
    assert token["client_assertion"].count(".") == 2 and "client_secret" not in token
    assert "01815000172" not in repr(found)


class In(float):
    """So many seconds from when the token is made."""


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"iss": "https://evil.example"}, "issuer"),
        ({"iss": None}, "missing-claim"),
        ({"aud": "another-client"}, "audience"),
        ({"aud": [CLIENT_ID, "another-client"]}, "audience"),
        ({"aud": []}, "audience"),
        ({"aud": None}, "missing-claim"),
        ({"azp": "another-client"}, "azp"),
        ({"nonce": "another"}, "nonce"),
        ({"nonce": ""}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"nonce": 7}, "missing-claim"),
        ({"sub": ""}, "sub"),
        ({"sub": "x" * 256}, "sub"),
        ({"exp": In(-61)}, "expired"),
        ({"exp": None}, "missing-claim"),
        ({"exp": "soon"}, "missing-claim"),
        ({"iat": In(300)}, "not-yet-valid"),
        ({"nbf": In(300)}, "not-yet-valid"),
        ({"iat": In(-900)}, "too-old"),
        ({"auth_time": None}, "auth_time"),
        ({"auth_time": In(300)}, "auth_time"),
        ({"auth_time": In(-50_000)}, "authenticated-too-long-ago"),
        ({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}, "at_hash"),
    ],
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(
    provider: Provider, hostile: Hostile, claims: dict[str, Any], why: str
) -> None:
    now = time.time()
    hostile.claims = {
        name: now + value if isinstance(value, In) else value for name, value in claims.items()
    }
    assert refusal(provider, hostile) == f"token-refused {why}"


@pytest.mark.parametrize("aud", [CLIENT_ID, [CLIENT_ID]])
def test_what_may_be_left_out_may_be_left_out(
    provider: Provider, hostile: Hostile, aud: Any
) -> None:
    hostile.claims = {"at_hash": None, "azp": CLIENT_ID, "aud": aud, "sid": None}
    assert sign_in(provider, hostile).session == ""


@pytest.mark.parametrize(
    ("claims", "refused"),
    [
        ({LEVEL: "3"}, "level-too-low level-3"),
        ({LEVEL: 3}, "level-too-low level-3"),
        ({LEVEL: None}, "level-too-low level-0"),
        ({LEVEL: "Level4 or more"}, "level-too-low level-0"),
        ({LEVEL: True}, "level-too-low level-0"),
        ({PID: None}, "claims-missing person"),
        ({PID: "123"}, "claims-missing person"),
        ({PID: "01815000172; DROP"}, "claims-missing person"),
        ({PID: ["01815000172", "02815000180"]}, "claims-missing person"),
        ({PID: {"value": "01815000172"}}, "claims-missing person"),
    ],
)
def test_who_it_is_and_how_surely_must_stand_in_the_token(
    provider: Provider, hostile: Hostile, claims: dict[str, Any], refused: str
) -> None:
    hostile.claims = claims
    said = {"sub": "somebody", PID: "01815000172", LEVEL: "4"}
    hostile.answers["/userinfo"] = (200, {}, json.dumps(said).encode())
    assert refusal(provider, hostile) == refused


def _unsigned(header: dict[str, Any], claims: dict[str, Any]) -> str:
    parts = (json.dumps(header | {"alg": "none"}), json.dumps(claims))
    return ".".join(to_base64url(part.encode()) for part in parts) + "."


def test_a_token_without_signature_is_refused(provider: Provider, hostile: Hostile) -> None:
    hostile.sign = _unsigned
    assert refusal(provider, hostile) == "token-refused algorithm-not-allowed"
    hostile.sign = lambda header, claims: hostile.honest(header, claims).rpartition(".")[0] + "."
    assert refusal(provider, hostile) == "token-refused bad-signature"


def _shared(secret: bytes, header: dict[str, Any], claims: dict[str, Any]) -> str:
    parts = (json.dumps(header | {"alg": "HS256"}), json.dumps(claims))
    signed = ".".join(to_base64url(part.encode()) for part in parts)
    return f"{signed}.{to_base64url(hmac.digest(secret, signed.encode(), 'sha256'))}"


def test_the_public_key_is_no_shared_secret(provider: Provider, hostile: Hostile) -> None:
    public = hostile.key.as_pem(private=False)
    for secret in (public, hostile.key.as_dict(private=False)["x"].encode()):
        hostile.sign = lambda header, claims, secret=secret: _shared(  # type: ignore[misc]
            secret, header, claims
        )
        assert refusal(provider, hostile) == "token-refused algorithm-not-allowed"


def test_another_key_under_the_same_id_is_refused(provider: Provider, hostile: Hostile) -> None:
    other = ECKey.generate_key("P-256")
    hostile.sign = lambda header, claims: sign_with(other, header, claims)
    assert refusal(provider, hostile) == "token-refused bad-signature"
    rsa = RSAKey.generate_key(2048)
    hostile.sign = lambda header, claims: sign_with(rsa, header | {"alg": "RS256"}, claims)
    assert refusal(provider, hostile) == "token-refused algorithm-not-allowed"


@pytest.mark.parametrize(
    "header",
    [
        {"jwk": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}},
        {"jku": "https://evil.example/jwks"},
        {"x5u": "https://evil.example/cert"},
        {"x5c": ["AA"]},
    ],
)
def test_a_token_brings_no_key_of_its_own(
    provider: Provider, hostile: Hostile, header: dict[str, Any]
) -> None:
    hostile.sign = lambda told, claims: ".".join(
        (
            to_base64url(json.dumps(told | header).encode()),
            *hostile.honest(told, claims).split(".")[1:],
        )
    )
    assert refusal(provider, hostile) == "token-refused header-refused"


@pytest.mark.parametrize("typ", ["at+jwt", "logout+jwt", "dpop+jwt"])
def test_a_token_of_another_type_is_refused(provider: Provider, hostile: Hostile, typ: str) -> None:
    hostile.header = {"typ": typ}
    assert refusal(provider, hostile) == "token-refused wrong-type"


def test_a_changed_body_is_refused(provider: Provider, hostile: Hostile) -> None:
    def change(header: dict[str, Any], claims: dict[str, Any]) -> str:
        first, _, last = hostile.honest(header, claims).split(".")
        body = json.dumps(claims | {PID: "02815000180"}).encode()
        return f"{first}.{to_base64url(body)}.{last}"

    hostile.sign = change
    assert refusal(provider, hostile) == "token-refused bad-signature"


@pytest.mark.parametrize("text", ["", "x", "a.b", "a.b.c.d", "..", "é.é.é", "x" * 9000])
def test_what_is_no_token_is_refused(provider: Provider, hostile: Hostile, text: str) -> None:
    hostile.sign = lambda *_: text
    assert refusal(provider, hostile).startswith("token-refused ")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"issuer": "https://evil.example"}, "provider-unusable metadata-of-another-issuer"),
        ({"issuer": None}, "provider-unusable metadata-unreadable"),
        ({"token_endpoint": "http://10.0.0.1/"}, "provider-unusable metadata-address-not-https"),
        ({"jwks_uri": "file:///etc/passwd"}, "provider-unusable metadata-address-not-https"),
        (
            {"authorization_endpoint": "javascript:alert(1)"},
            "provider-unusable metadata-address-not-https",
        ),
        ({"token_endpoint": "https://a@evil/"}, "provider-unusable metadata-address-not-https"),
        ({"token_endpoint": "https://evil:0/"}, "provider-unusable metadata-address-not-https"),
        ({"token_endpoint": 7}, "provider-unusable metadata-unreadable"),
        (
            {"code_challenge_methods_supported": ["plain"]},
            "provider-unusable metadata-without-pkce",
        ),
        (
            {"token_endpoint_auth_methods_supported": ["client_secret_basic"]},
            "provider-unusable metadata-without-private-key-jwt",
        ),
    ],
)
def test_metadata_that_cannot_be_trusted_is_refused(
    provider: Provider, hostile: Hostile, changed: dict[str, Any], why: str
) -> None:
    hostile.metadata = changed
    assert refusal(provider, hostile) == why


@pytest.mark.parametrize("issuer", ["https://provider.example", "https://provider.example/a/b"])
def test_a_provider_on_the_network_does_not_lead_to_this_machine(
    hostile: Hostile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, issuer: str
) -> None:
    told = hostile.say_metadata() | {"issuer": issuer}
    answer = provider_module.Answer(200, {}, json.dumps(told).encode())
    monkeypatch.setattr(provider_module, "fetch", lambda *_, **__: answer)
    with pytest.raises(SignInRefused, match="metadata-address-not-https"):
        Provider(configure(issuer, tmp_path)).metadata()


KEY_SETS = {
    "none": {"keys": []},
    "no list": {"keys": {}},
    "no set": [],
    "too many": {"keys": [{"kty": "EC"}] * 51},
    "symmetric": {"keys": [{"kty": "oct", "k": "AA", "kid": "a"}]},
    "private": {"keys": [ECKey.generate_key("P-256").as_dict(private=True)]},
    "weak": {"keys": [{"kty": "RSA", "e": "AQAB", "n": to_base64url(b"\xff" * 128)}]},
    "off the curve": {"keys": [{"kty": "EC", "crv": "P-256", "x": "AA" * 22, "y": "AA" * 22}]},
}


@pytest.mark.parametrize("name", sorted(KEY_SETS))
def test_a_key_set_that_was_tampered_with_is_refused(
    provider: Provider, hostile: Hostile, name: str
) -> None:
    hostile.answers["/jwks"] = (200, {}, json.dumps(KEY_SETS[name]).encode())
    assert refusal(provider, hostile).startswith("provider-unusable ")


def test_other_keys_in_the_set_do_no_harm(provider: Provider, hostile: Hostile) -> None:
    others = [{"kty": "oct", "k": "AA"}, {"kty": "new"}, {"kty": "RSA", "use": "enc"}, {}]
    content = {"keys": [*others, *hostile.say_keys()["keys"]]}
    hostile.answers["/jwks"] = (200, {}, json.dumps(content).encode())
    assert sign_in(provider, hostile).person


@pytest.mark.parametrize(
    "path", ["/.well-known/openid-configuration", "/jwks", "/token", "/userinfo"]
)
@pytest.mark.parametrize(
    ("answer", "codes"),
    [
        ((200, {}, b"x" * 50_000), {"provider-unusable"}),
        ((200, {}, b"[" * 30_000), {"provider-unusable"}),
        ((200, {}, b'{"a": 1'), {"provider-unusable"}),
        ((200, {}, b"\xff\xfe"), {"provider-unusable"}),
        ((200, {}, b""), {"provider-unusable"}),
        (
            (302, {"Location": "https://evil.example/"}, b""),
            {"provider-unusable", "provider-refused"},
        ),
        ((404, {}, b"{}"), {"provider-unusable", "provider-refused"}),
        ((500, {}, b"{}"), {"provider-down"}),
        ((200, {"X": "y" * 70_000}, b"{}"), {"provider-down"}),
    ],
)
def test_an_answer_that_is_broken_or_huge_is_refused(
    provider: Provider, hostile: Hostile, path: str, answer: Any, codes: set[str]
) -> None:
    hostile.answers[path] = answer
    assert refusal(provider, hostile).split()[0] in codes
    assert not any(path == "/" for path, _ in hostile.asked)


def _drip(handler: Any) -> None:
    """Send a byte now and then: each wait is short, all of them are not."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    try:
        for _ in range(50):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.1)
    except OSError:
        pass


def test_an_answer_that_never_ends_is_cut_off(provider: Provider, hostile: Hostile) -> None:
    hostile.answers["/jwks"] = _drip
    began = time.monotonic()
    assert refusal(provider, hostile) == "provider-down late"
    assert time.monotonic() - began < 3


def test_a_slow_provider_holds_few_and_the_others_are_told(
    hostile: Hostile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = Provider(configure(hostile.address, tmp_path, rules=QUICK))
    monkeypatch.setattr(provider_module, "WAIT_FOR_A_PLACE", 0.05)
    for _ in range(QUICK.limits.calls):
        assert provider._places.acquire(blocking=False)
    assert refusal(provider, hostile) == "busy places"


def test_a_provider_that_is_down_is_told_at_once_the_second_time(tmp_path: Path) -> None:
    with hostile_provider() as gone:
        address = gone.address
    provider = Provider(configure(address, tmp_path))
    with pytest.raises(SignInRefused, match="provider-down no-answer"):
        provider.metadata()
    began = time.monotonic()
    with pytest.raises(SignInRefused, match="provider-down asked-a-moment-ago"):
        provider.metadata()
    assert time.monotonic() - began < 0.2


def test_what_was_fetched_is_used_on_while_the_provider_is_down(
    hostile: Hostile, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    moment = [0.0]
    provider = Provider(configure(hostile.address, tmp_path, rules=QUICK), lambda: moment[0])
    known = provider.metadata()
    hostile.answers["/.well-known/openid-configuration"] = (500, {}, b"")
    moment[0] += QUICK.seconds.metadata + 1
    with caplog.at_level(logging.WARNING):
        assert provider.metadata() == known
    assert "used on" in caplog.text
    moment[0] += QUICK.seconds.stale
    with pytest.raises(SignInRefused, match="provider-down"):
        provider.metadata()


def test_an_unknown_key_makes_keys_be_fetched_anew_but_not_often(
    hostile: Hostile, tmp_path: Path
) -> None:
    moment = [0.0]
    provider = Provider(configure(hostile.address, tmp_path, rules=QUICK), lambda: moment[0])
    known = str(hostile.key.kid)
    assert provider.keys_for(known)
    for _ in range(20):
        assert provider.keys_for("made-up") == ()
    assert [path for path, _ in hostile.asked].count("/jwks") == 2
    hostile.key = ECKey.generate_key("P-256", {"alg": "ES256"}, auto_kid=True)
    moment[0] += QUICK.seconds.keys_again
    assert provider.keys_for(str(hostile.key.kid))
    assert provider.keys_for(known) == ()  # a key that the provider took back is no key


def test_a_token_that_should_be_bound_and_is_not_is_refused(
    provider: Provider, hostile: Hostile
) -> None:
    hostile.metadata = {"dpop_signing_alg_values_supported": ["ES256"]}
    plain = {"access_token": ACCESS_TOKEN, "token_type": "Bearer", "id_token": "x"}
    hostile.answers["/token"] = (200, {}, json.dumps(plain).encode())
    assert refusal(provider, hostile) == "provider-unusable token-not-bound"
    del hostile.answers["/token"]
    assert sign_in(provider, hostile).person
    sent = [told for path, told in hostile.asked if path == "/userinfo"][-1]
    assert sent["authorization"].startswith("DPoP ") and sent["dpop"].count(".") == 2


def test_a_nonce_that_is_always_wrong_ends(provider: Provider, hostile: Hostile) -> None:
    hostile.metadata = {"dpop_signing_alg_values_supported": ["ES256"]}
    hostile.answers["/token"] = (400, {"DPoP-Nonce": "n"}, b'{"error": "use_dpop_nonce"}')
    assert refusal(provider, hostile) == "provider-refused token-use_dpop_nonce"
    assert [path for path, _ in hostile.asked].count("/token") == 2


def test_what_another_says_at_userinfo_is_not_taken(provider: Provider, hostile: Hostile) -> None:
    hostile.answers["/userinfo"] = (200, {}, b'{"sub": "another"}')
    assert refusal(provider, hostile) == "token-refused userinfo-of-another"


@pytest.mark.parametrize(
    ("came", "why"),
    [
        ({"error": "access_denied"}, "cancelled access_denied"),
        ({"error": "server_error"}, "provider-refused server_error"),
        ({"error": "<script>"}, "provider-refused other"),
        ({"iss": "https://evil.example"}, "token-refused iss-of-answer"),
        ({"code": ""}, "provider-unusable no-code"),
    ],
)
def test_an_answer_in_the_browser_is_read_with_care(
    provider: Provider, hostile: Hostile, came: dict[str, str], why: str
) -> None:
    assert refusal(provider, hostile, **came) == why


def test_pushing_that_is_refused_is_told(provider: Provider, hostile: Hostile) -> None:
    hostile.metadata = {"pushed_authorization_request_endpoint": f"{hostile.address}/par"}
    hostile.answers["/par"] = (400, {}, b'{"error": "invalid_scope"}')
    assert refusal(provider, hostile) == "provider-refused pushed-invalid_scope"
    pushed = dict(hostile.asked)["/par"]
    assert pushed["code_challenge_method"] == "S256" and len(pushed["code_challenge"]) == 43
    assert {"state", "nonce", "client_assertion"} <= set(pushed)


@pytest.mark.parametrize(
    "address",
    [
        "http://provider.example/",
        "ftp://x/",
        "file:///etc/passwd",
        "https://",
        "https://a b/",
        "//x",
    ],
)
def test_no_other_address_is_asked(address: str) -> None:
    with pytest.raises(SignInRefused, match="address-not-https"):
        fetch(address, 1, 10)


def logout_claims(**changed: Any) -> dict[str, Any]:
    """An honest logout token's claims; None leaves one out."""
    claims = {
        "jti": f"logout-{time.monotonic_ns()}",
        "events": {LOGOUT_EVENT: {}},
        "nonce": None,
        "at_hash": None,
        "auth_time": None,
        "sub": None,
    }
    return claims | changed


def test_a_logout_token_ends_the_session_it_names(provider: Provider, hostile: Hostile) -> None:
    now = timezone.now()
    identity = sign_in(provider, hostile)
    held = hold(identity, 1, 3600, now)
    other = held | {"session": "f" * 32}
    Grant.objects.create(
        pk=1, hpr="1", role="duty-officer", valid_from=timezone.localdate(), created=now
    )
    assert still_holds(held, now) and still_holds(other, now)
    end_sessions(provider, hostile.make_token(**logout_claims()), KEYS, timezone.now())
    assert not still_holds(held, now) and still_holds(other, now)
    # One that names the person alone ends all that had begun; not what begins afterwards.
    UsedId.objects.all().delete()
    token = hostile.make_token(**logout_claims(sid=None, sub="somebody"))
    end_sessions(provider, token, KEYS, timezone.now())
    assert not still_holds(held, now) and not still_holds(other, now)
    later = timezone.now()
    assert still_holds(hold(identity, 1, provider.configuration.session + 1, later), later)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"nonce": "x"}, "no-logout-token"),
        ({"events": {}}, "no-logout-token"),
        ({"events": {LOGOUT_EVENT: 7}}, "no-logout-token"),
        ({"events": None}, "missing-claim"),
        ({"sid": None}, "nobody-named"),
        ({"jti": ""}, "nobody-named"),
        ({"aud": "another-client"}, "audience"),
        ({"iss": "https://evil.example"}, "issuer"),
        ({"iat": time.time() - 2000}, "too-old"),
        ({"exp": time.time() - 100}, "expired"),
    ],
)
def test_a_logout_token_that_is_none_ends_nothing(
    provider: Provider, hostile: Hostile, changed: dict[str, Any], why: str
) -> None:
    with pytest.raises(SignInRefused) as caught:
        end_sessions(provider, hostile.make_token(**logout_claims(**changed)), KEYS, timezone.now())
    assert str(caught.value) == f"token-refused {why}"
    assert not UsedId.objects.exists()


@pytest.mark.parametrize("content", [{}, {"grant": "x"}, {"grant": 1, "since": 0}])
def test_a_session_that_is_malformed_does_not_go_on(content: dict[str, Any]) -> None:
    assert not still_holds(content, timezone.now())


def test_a_certificate_that_nobody_vouches_for_is_not_believed(tmp_path: Path) -> None:
    der, key = self_signed("127.0.0.1")
    (tmp_path / "cert.pem").write_bytes(der + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

        def answer() -> None:
            with suppress(OSError):
                connection, _ = listening.accept()
                with connection, context.wrap_socket(connection, server_side=True):
                    pass

        thread = Thread(target=answer)
        thread.start()
        provider = Provider(configure(f"https://127.0.0.1:{port}", tmp_path, rules=QUICK))
        with pytest.raises(SignInRefused, match="provider-down no-answer"):
            provider.metadata()
        thread.join()


def self_signed(host: str) -> tuple[bytes, bytes]:
    """A certificate and its key, PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = timezone.now()
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), False
        )
        .sign(key, SHA256())
    )
    return built.public_bytes(Encoding.PEM), key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
