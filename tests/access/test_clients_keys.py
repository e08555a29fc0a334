"""Key sets and certificates: what may be registered, and what is refused in words that help."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OKPKey

from access.a_sender import BY_ALGORITHM, certificate, key_set, private_key
from varde.access.clients import ClientInvalid, make_pair, read_certificate, read_key_set
from varde.access.clients.encoding import from_base64url, to_base64url
from varde.access.clients.keys import (
    LARGEST_FILE,
    MOST_KEYS,
    certificate_state,
    check_key,
    fingerprint_of,
    fits,
    thumbprint_of,
)
from varde.access.clients.rules import algorithms

RFC_7638 = {
    "kty": "RSA",
    "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPeb"
    "WKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMic"
    "AtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XP"
    "ksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
    "e": "AQAB",
    "alg": "RS256",
    "kid": "2011-04-29",
}
RFC_9449 = {
    "kty": "EC",
    "x": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
    "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA",
    "crv": "P-256",
}


def number(value: int) -> str:
    data = value.to_bytes((value.bit_length() + 7) // 8)
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def rsa_jwk(bits: int = 2048, exponent: int = 65_537) -> dict[str, str]:
    """A public RSA key that no library has to agree to make."""
    if exponent == 65_537:
        return {"kty": "RSA", "e": "AQAB", "n": number((1 << (bits - 1)) + 1)}
    numbers = rsa.generate_private_key(65_537, 2048).public_key().public_numbers()
    return {"kty": "RSA", "e": number(exponent), "n": number(numbers.n)}


def public(key: Any) -> dict[str, Any]:
    return dict(key.as_dict(private=False))


def test_thumbprints_are_those_of_the_standards() -> None:
    assert thumbprint_of(RFC_7638) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    assert thumbprint_of(RFC_9449) == "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"


def test_a_key_set_keeps_what_verifies_and_nothing_else() -> None:
    jwk = public(private_key()) | {"use": "sig", "x5u": "https://example.org/", "note": "ours"}
    [read] = read_key_set(json.dumps({"keys": [jwk]}).encode())
    assert read == {name: jwk[name] for name in ("kty", "crv", "x", "y", "kid")}


def test_a_key_without_kid_is_known_by_its_thumbprint() -> None:
    [read] = read_key_set(json.dumps({"keys": [RFC_9449]}).encode())
    assert read["kid"] == thumbprint_of(RFC_9449)


@pytest.mark.parametrize("name", BY_ALGORITHM)
def test_every_allowed_algorithm_has_keys(name: str) -> None:
    jwk = check_key(public(private_key(*BY_ALGORITHM[name])))
    assert fits(algorithms()[name], jwk)
    assert set(BY_ALGORITHM) == set(algorithms())
    others = [one for one in algorithms().values() if one.key_type != jwk["kty"]]
    assert others and not any(fits(one, jwk) for one in others)


def test_a_key_that_names_its_algorithm_goes_with_no_other() -> None:
    jwk = check_key(RFC_7638)
    assert [name for name, one in algorithms().items() if fits(one, jwk)] == ["RS256"]


@pytest.mark.parametrize(
    ("jwk", "said"),
    [
        (lambda: private_key().as_dict(private=True), "make a new pair"),
        (lambda: {"kty": "oct", "k": "c2VjcmV0"}, "private or symmetric"),
        (lambda: rsa_jwk(1024), "2048 to 8192 bits, it has 1024"),
        (lambda: rsa_jwk(2047), "it has 2047"),
        (lambda: rsa_jwk(8200), "it has 8200"),
        (lambda: rsa_jwk(exponent=3), "exponent"),
        (lambda: rsa_jwk(exponent=65_538), "exponent"),
        (lambda: rsa_jwk(exponent=(1 << 40) + 1), "exponent"),
        (lambda: public(ECKey.generate_key("P-521")), "no allowed algorithm"),
        (lambda: public(ECKey.generate_key("secp256k1")), "no allowed algorithm"),
        (lambda: public(OKPKey.generate_key("X25519")), "no allowed algorithm"),
        (lambda: public(OKPKey.generate_key("Ed448")), "no allowed algorithm"),
        (lambda: RFC_9449 | {"alg": "ES384"}, "no allowed algorithm"),
        (lambda: RFC_9449 | {"alg": "none"}, "alg is none of ES256"),
        (lambda: RFC_9449 | {"alg": ["ES256"]}, "alg is none of ES256"),
        (lambda: RFC_9449 | {"use": "enc"}, "use is not sig"),
        (lambda: RFC_9449 | {"key_ops": ["deriveKey"]}, "key_ops lack verify"),
        (lambda: RFC_9449 | {"key_ops": "verify"}, "key_ops lack verify"),
        (lambda: RFC_9449 | {"y": RFC_9449["x"]}, "no point on its curve"),
        (lambda: RFC_9449 | {"y": "AA"}, "no point on its curve"),
        (lambda: RFC_9449 | {"y": "+/+/"}, "malformed"),
        (lambda: RFC_7638 | {"n": "AA=="}, "malformed"),
        (lambda: RFC_9449 | {"y": 7}, "neither EC, RSA nor OKP"),
        (lambda: RFC_9449 | {"kty": ["EC"]}, "neither EC, RSA nor OKP"),
        (lambda: RFC_7638 | {"n": "A" * 5000}, "neither EC, RSA nor OKP"),
        (lambda: RFC_9449 | {"kid": ""}, "kid is not text"),
        (lambda: RFC_9449 | {"kid": 5}, "kid is not text"),
        (dict, "neither EC, RSA nor OKP"),
    ],
)
def test_a_key_that_must_not_be_used_is_refused(jwk: Any, said: str) -> None:
    with pytest.raises(ClientInvalid, match=said):
        read_key_set(json.dumps({"keys": [jwk()]}).encode())


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[]", "not JSON"),
        (b'{"keys": {}}', "not JSON"),
        (b'{"keys": [1]}', "not JSON"),
        (b'{"keys": ' + b"[" * 30_000, "not JSON"),
        (b'{"keys": []}', "1 to 20 keys, it has 0"),
        (b" " * (LARGEST_FILE + 1), "larger than"),
        (json.dumps({"keys": [RFC_9449] * (MOST_KEYS + 1)}).encode(), "it has 21"),
        (json.dumps({"keys": [RFC_9449] * 2}).encode(), "stands twice"),
    ],
)
def test_what_is_no_key_set_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(ClientInvalid, match=said):
        read_key_set(content)


@given(st.binary(max_size=60), st.integers(0, 10_000))
def test_a_damaged_key_set_is_read_or_refused_and_nothing_else(noise: bytes, place: int) -> None:
    whole = key_set(private_key())
    at = place % len(whole)
    try:
        keys = read_key_set(whole[:at] + noise + whole[at + len(noise) :])
    except ClientInvalid:
        return
    assert all(key["kty"] in ("EC", "RSA", "OKP") for key in keys)


@given(st.binary(max_size=50))
def test_base64url_there_and_back(data: bytes) -> None:
    assert from_base64url(to_base64url(data)) == data


@given(st.text("ABYZabyz0189-_+/= \n\u00e6", max_size=8))
def test_one_value_has_one_text(text: str) -> None:
    try:
        data = from_base64url(text)
    except ValueError:
        return
    assert urlsafe_b64encode(data).rstrip(b"=").decode() == text


def test_a_new_pair_is_es384_and_its_public_half_can_be_registered() -> None:
    pair = make_pair()
    [jwk] = read_key_set(json.dumps(pair.public).encode())
    assert (jwk["kid"], jwk["crv"], jwk["alg"]) == (pair.kid, "P-384", "ES384")
    assert pair.private["key_ops"] == ["sign"]  # what other clients look for
    assert "d" in pair.private and pair.private["kid"] == pair.kid
    assert make_pair().kid != pair.kid


def test_a_certificate_is_read_as_pem_or_der_and_known_by_its_der() -> None:
    der, _ = certificate()
    pem = x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)
    assert read_certificate(der) == read_certificate(b"Bag Attributes\n" + pem) == der
    assert fingerprint_of(der) == hashlib.sha256(der).hexdigest()


@pytest.mark.parametrize(
    "data", [b"", b"\x30\x03\x02\x01\x01", b"-----BEGIN CERTIFICATE-----\nAAAA\n", b"x" * 70_000]
)
def test_what_is_no_certificate_is_refused(data: bytes) -> None:
    with pytest.raises(ClientInvalid, match="certificate is"):
        read_certificate(data)


def test_a_certificate_counts_between_its_days() -> None:
    der, _ = certificate(10, begins=datetime(2026, 3, 1, tzinfo=UTC))
    state = {day: certificate_state(der, datetime(2026, 3, day, tzinfo=UTC)) for day in (1, 11, 12)}
    assert state == {1: "valid", 11: "valid", 12: "expired"}
    assert certificate_state(der, datetime(2026, 2, 28, tzinfo=UTC)) == "not-yet-valid"
