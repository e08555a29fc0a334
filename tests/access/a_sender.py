"""A laboratory's machine as the tests play it: keys, assertions and proofs made with joserfc by hand."""

from __future__ import annotations

import json
import secrets
import time
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jws
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey

from varde.access.clients import Client, NewClient, add_client, read_key_set

ENDPOINT = "http://testserver/oauth/token"
SENDER = "HER:91843"
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
BY_ALGORITHM = {
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "RS256": ("RSA", 2048),
    "RS384": ("RSA", 2048),
    "RS512": ("RSA", 2048),
    "PS256": ("RSA", 2048),
    "PS384": ("RSA", 2048),
    "PS512": ("RSA", 2048),
    "EdDSA": ("OKP", "Ed25519"),
    "Ed25519": ("OKP", "Ed25519"),
}
_KINDS: dict[str, Any] = {"EC": ECKey, "RSA": RSAKey, "OKP": OKPKey}


@cache
def private_key(kind: str = "EC", size: str | int = "P-384", number: int = 0) -> Key:
    """A key pair; the same for the same arguments."""
    return _KINDS[kind].generate_key(size, auto_kid=True)


def key_set(*keys: Key) -> bytes:
    """The public halves as a JWK Set."""
    return json.dumps({"keys": [key.as_dict(private=False) for key in keys]}).encode()


def register(*keys: Key, kinds: tuple[str, ...] = ("laboratory",), **more: Any) -> Client:
    """A registered client with these keys, or one of its own."""
    public = read_key_set(key_set(*(keys or (private_key(),))))
    new = {"name": "Fjordby", "sender": SENDER, "kinds": kinds, "keys": public} | more
    return add_client(NewClient(**new), NOW)


def claims_of(client_id: str, now: float | None = None, **changes: Any) -> dict[str, Any]:
    """The claims of a good assertion; a change to None leaves one out."""
    now = time.time() if now is None else now
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": ENDPOINT,
        "iat": int(now),
        "exp": int(now) + 120,
        "jti": secrets.token_hex(8),
    }
    return {name: value for name, value in (claims | changes).items() if value is not None}


def signed(claims: Any, key: Key | None = None, alg: str = "ES384", **header: Any) -> str:
    """A signed text; its header has the key's kid unless the header says otherwise."""
    key = key or private_key()
    protected = {"alg": alg, "typ": "JWT", "kid": key.kid} | header
    protected = {name: value for name, value in protected.items() if value is not None}
    body = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    text = f"{plain(json.dumps(protected).encode())}.{plain(body)}"
    # By the algorithm alone: the library would refuse to write some of the headers that attackers write.
    return f"{text}.{plain(jws.JWSRegistry.algorithms[alg].sign(text.encode(), key))}"


def plain(data: bytes) -> str:
    """base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def assertion(client_id: str, key: Key | None = None, alg: str = "ES384", **changes: Any) -> str:
    """A good client assertion but for the changes of its claims."""
    return signed(claims_of(client_id, **changes), key, alg)


def proof(
    key: Key, address: str, alg: str = "ES384", *, header: dict[str, Any] | None = None, **more: Any
) -> str:
    """A DPoP proof for POST."""
    claims = {"jti": secrets.token_hex(8), "htm": "POST", "htu": address, "iat": int(time.time())}
    claims = {name: value for name, value in (claims | more).items() if value is not None}
    public = {k: v for k, v in key.as_dict(private=False).items() if k != "kid"}
    named = {"typ": "dpop+jwt", "kid": None, "jwk": public} | (header or {})
    return signed(claims, key, alg, **named)


def unsigned(claims: dict[str, Any], **header: Any) -> str:
    """A text without signature."""
    parts = [json.dumps(part).encode() for part in ({"alg": "none"} | header, claims)]
    return ".".join([*map(plain, parts), ""])


def public(number: int = 9) -> dict[str, Any]:
    """The public half of a key; that of `private_key` is number 0."""
    return dict(private_key("EC", "P-384", number).as_dict(private=False))


def symmetric(secret: bytes) -> OctKey:
    """An HMAC key, for attacks: also from what a library would not take for one."""
    return OctKey(secret, secret)


def certificate(
    days: int = 365, *, begins: datetime | None = None, name: str = "Fjordby"
) -> tuple[bytes, bytes]:
    """A self-signed certificate (DER) and its private key (PEM)."""
    key = ec.generate_private_key(ec.SECP256R1())
    begins = begins or datetime.now(UTC) - timedelta(days=1)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=days))
        .sign(key, SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return made.public_bytes(Encoding.DER), private
