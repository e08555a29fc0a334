"""Public keys and certificates of senders: read, checked, compared, and made for a test.

A key set is a JWK Set (RFC 7517). A certificate is known by the SHA-256 of its DER.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, cast

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, import_key, thumbprint
from msgspec import DecodeError, Struct
from msgspec.json import decode

from varde.access.clients.encoding import from_base64url
from varde.access.clients.refusals import ClientInvalid
from varde.access.clients.rules import Algorithm, algorithms, rules

PublicJwk = dict[str, str]

LARGEST_FILE = 65_536
"""Bytes of a file with keys or a certificate."""

LONGEST = 4_096
"""Characters of one part of a key: an RSA modulus of 8192 bits has 1366."""

MOST_KEYS = 20
LONGEST_KID = 200
LEAST_EXPONENT = 65_537  # FIPS 186-5, A.1.1
MOST_EXPONENT_BITS = 32  # a longer one is only slow
PRIVATE = ("d", "p", "q", "dp", "dq", "qi", "oth", "k")
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "EC": ("crv", "x", "y"),
    "OKP": ("crv", "x"),
    "RSA": ("e", "n"),
}
"""Members that make the key, by ``kty``; what its thumbprint is over (RFC 7638, RFC 8037)."""


class KeyPair(Struct, frozen=True):
    """A new pair of keys.

    Attributes:
        kid: the key's id: its thumbprint.
        private: private JWK.
        public: JWK Set with the public one.
    """

    kid: str
    private: dict[str, Any]
    public: dict[str, Any]


def read_key_set(data: bytes) -> tuple[PublicJwk, ...]:
    """The public signature keys of a JWK Set, each with a ``kid``, and nothing else of it.

    A key without ``kid`` gets its thumbprint (RFC 7638).

    Raises:
        ClientInvalid: it is no key set, holds a private or too weak a key, or one kid twice.
    """
    if len(data) > LARGEST_FILE:
        raise ClientInvalid(
            f"the key set is larger than {LARGEST_FILE} bytes: give signature keys only"
        )
    try:
        found = decode(data, type=dict[str, Any])
    except (DecodeError, RecursionError, UnicodeDecodeError):
        raise ClientInvalid('the key set is not JSON of the form {"keys": [...]}') from None
    listed = found.get("keys")
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise ClientInvalid('the key set is not JSON of the form {"keys": [...]}')
    if not 1 <= len(listed) <= MOST_KEYS:
        raise ClientInvalid(f"the key set must have 1 to {MOST_KEYS} keys, it has {len(listed)}")
    keys = tuple(check_key(one) for one in listed)
    kids = [key["kid"] for key in keys]
    for kid in kids:
        if kids.count(kid) > 1:
            raise ClientInvalid(
                f"the kid {kid!r} stands twice in the key set: give each key its own"
            )
    return keys


def check_key(jwk: Mapping[str, Any]) -> PublicJwk:
    """The public members of a JWK that may verify signatures here.

    Raises:
        ClientInvalid: it is private, of another kind, malformed or too weak.
    """
    if any(name in jwk for name in PRIVATE):
        raise ClientInvalid(
            "this is a private or symmetric key: give the public one, and make a new pair, since a "
            "private key that was sent is no secret any more"
        )
    operations = jwk.get("key_ops", ["verify"])
    if (
        jwk.get("use", "sig") != "sig"
        or not isinstance(operations, list)
        or "verify" not in operations
    ):
        raise ClientInvalid(
            "a key's use is not sig, or its key_ops lack verify: give the keys that sign"
        )
    names = REQUIRED.get(str(jwk.get("kty")), ())
    key = {name: jwk.get(name) for name in ("kty", *names)}
    alg, kid = jwk.get("alg"), jwk.get("kid")
    if not names or not all(isinstance(v, str) and 0 < len(v) <= LONGEST for v in key.values()):
        raise ClientInvalid(
            "a key is neither EC, RSA nor OKP with all its members (RFC 7518, RFC 8037)"
        )
    public = cast(PublicJwk, key)
    if alg is not None:
        if not isinstance(alg, str) or alg not in algorithms():
            raise ClientInvalid(f"a key's alg is none of {', '.join(algorithms())}")
        public["alg"] = alg
    if not any(fits(one, public) for one in algorithms().values()):
        raise ClientInvalid(
            "a key goes with no allowed algorithm: give EC on P-256 or P-384, RSA, or Ed25519"
        )
    _check(public)
    if kid is not None and (not isinstance(kid, str) or not 0 < len(kid) <= LONGEST_KID):
        raise ClientInvalid(f"a key's kid is not text of 1 to {LONGEST_KID} characters")
    public["kid"] = kid or thumbprint_of(public)
    return public


def fits(algorithm: Algorithm, jwk: Mapping[str, str]) -> bool:
    """Whether the key is made for the algorithm: its kind and curve, and its own ``alg`` if it has one."""
    return (
        jwk["kty"] == algorithm.key_type
        and jwk.get("crv", "") == algorithm.curve
        and jwk.get("alg", algorithm.name) == algorithm.name
    )


def find_key(keys: Sequence[PublicJwk], kid: str) -> PublicJwk | None:
    """The key with this id."""
    return next((key for key in keys if key["kid"] == kid), None)


def thumbprint_of(jwk: Mapping[str, str]) -> str:
    """SHA-256 over the members that make the key, base64url (RFC 7638)."""
    return thumbprint({name: jwk[name] for name in ("kty", *REQUIRED[jwk["kty"]])})


def make_pair() -> KeyPair:
    """A new ES384 pair."""
    key = ECKey.generate_key("P-384", {"alg": "ES384", "use": "sig"}, auto_kid=True)
    public = key.as_dict(private=False, key_ops=["verify"])
    private = key.as_dict(private=True, key_ops=["sign"])
    return KeyPair(str(key.kid), dict(private), {"keys": [public]})


def read_certificate(data: bytes) -> bytes:
    """The DER of a certificate given as PEM (the first in the file) or DER.

    Raises:
        ClientInvalid: it is neither.
    """
    if len(data) > LARGEST_FILE:
        raise ClientInvalid(f"the certificate is larger than {LARGEST_FILE} bytes")
    try:
        if b"-----BEGIN CERTIFICATE" in data:
            data = x509.load_pem_x509_certificate(data).public_bytes(Encoding.DER)
        x509.load_der_x509_certificate(data)
    except ValueError:
        raise ClientInvalid("the certificate is neither PEM nor DER (X.509)") from None
    return data


def fingerprint_of(der: bytes) -> str:
    """SHA-256 of a certificate's DER, in hexadecimal digits."""
    return hashlib.sha256(der).hexdigest()


def certificate_state(der: bytes, now: datetime) -> Literal["valid", "expired", "not-yet-valid"]:
    """Whether a certificate (DER) is valid now."""
    certificate = x509.load_der_x509_certificate(der)
    if now > certificate.not_valid_after_utc:
        return "expired"
    return "not-yet-valid" if now < certificate.not_valid_before_utc else "valid"


def _check(jwk: PublicJwk) -> None:
    """See that the numbers are a key, and a strong one. RSA alone can be weak: a curve is as strong as its
    name."""
    try:
        if jwk["kty"] == "RSA":
            _check_rsa(_number(jwk["n"]).bit_length(), _number(jwk["e"]))
        import_key({name: value for name, value in jwk.items() if name != "alg"})
    except (JoseError, ValueError, TypeError):
        raise ClientInvalid(
            "a key is no point on its curve, or its numbers are malformed"
        ) from None


def _check_rsa(bits: int, exponent: int) -> None:
    allowed = rules().rsa_bits
    if not allowed.least <= bits <= allowed.most:
        raise ClientInvalid(
            f"an RSA key must have {allowed.least} to {allowed.most} bits, it has {bits}"
        )
    if exponent < LEAST_EXPONENT or exponent.bit_length() > MOST_EXPONENT_BITS or not exponent % 2:
        raise ClientInvalid("an RSA key's exponent is not 65537 or a little above: make a new key")


def _number(text: str) -> int:
    return int.from_bytes(from_base64url(text))
