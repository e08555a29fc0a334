"""Signed texts (JWS compact form, RFC 7515): taken apart within bounds, and verified.

Nothing in a text decides how it is verified: the algorithm must be on our list and be the one the key is
made for, and the key is one that we have, never one that the text brings or points to. (A DPoP proof
brings its key by design; it is taken through `keys.check_key`, and trusted for nothing but itself.)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from joserfc import jws
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import DictKey, Key, import_key
from msgspec import DecodeError, Struct, ValidationError
from msgspec.json import decode, encode

from varde.access.clients.encoding import from_base64url
from varde.access.clients.keys import PublicJwk, fits
from varde.access.clients.refusals import ClientRefused, Subject
from varde.access.clients.rules import algorithms

LONGEST = 8_192
"""Characters of a signed text: an assertion with an RSA key of 8192 bits has about 2,000."""

REFUSED = ("jku", "x5u", "x5c", "crit", "b64", "zip")
_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]*)\.([A-Za-z0-9_-]*)", re.ASCII)

Claims = TypeVar("Claims", bound=Struct)


class Header(Struct, frozen=True):
    """What a header says of the signature; the rest of it is not looked at."""

    alg: str
    typ: str = ""
    kid: str = ""


class Signed(Struct, frozen=True):
    """A text that was taken apart. Nothing in it is known to be true before `verify`.

    Attributes:
        jwk: the public key that a DPoP proof brings; None in anything else.
    """

    text: str
    header: Header
    body: bytes
    jwk: Mapping[str, Any] | None = None


def take_apart(
    text: str,
    subject: Subject,
    types: tuple[str, ...],
    *,
    brings_key: bool = False,
    passed_over: tuple[str, ...] = (),
) -> Signed:
    """Header and body of a signed text.

    Args:
        types: the values of ``typ`` that are allowed, in small letters; "" for none at all.
        brings_key: whether the header must bring a public key (``jwk``), as a DPoP proof does; in anything
            else it must not.
        passed_over: of `REFUSED`, those that a standard lets others write and that are not followed here.

    Raises:
        ClientRefused: ``too-large``, ``unreadable``, ``header-refused``, ``wrong-type``.
    """
    if len(text) > LONGEST:
        raise ClientRefused("too-large", subject)
    parts = _COMPACT.fullmatch(text)
    if not parts:
        raise ClientRefused("unreadable", subject)
    try:
        content = from_base64url(parts[1])
        raw = decode(content, type=dict[str, Any])
        header = decode(content, type=Header)
        body = from_base64url(parts[2])
    except (DecodeError, ValueError, RecursionError):
        raise ClientRefused("unreadable", subject) from None
    jwk = raw.get("jwk")
    if (
        any(name in raw for name in REFUSED if name not in passed_over)
        or ("jwk" in raw) != brings_key
    ):
        raise ClientRefused("header-refused", subject)
    if header.typ.lower() not in types:
        raise ClientRefused("wrong-type", subject)
    if brings_key and not isinstance(jwk, dict):
        raise ClientRefused("unreadable", subject)
    return Signed(text, header, body, jwk)


def read_claims(signed: Signed, shape: type[Claims], subject: Subject) -> Claims:
    """The body as claims of one shape; more than the shape names is allowed.

    Raises:
        ClientRefused: ``missing-claim``: one is missing or of the wrong type; ``unreadable``: no JSON.
    """
    try:
        return decode(signed.body, type=shape)
    except ValidationError:
        raise ClientRefused("missing-claim", subject) from None
    except (DecodeError, ValueError, RecursionError):
        raise ClientRefused("unreadable", subject) from None


def check_algorithm(signed: Signed, jwk: Mapping[str, str] | None, subject: Subject) -> None:
    """See that the algorithm is allowed and, when there is a key, the one that the key is made for.

    Raises:
        ClientRefused: ``algorithm-not-allowed``.
    """
    algorithm = algorithms().get(signed.header.alg)
    if algorithm is None or (jwk is not None and not fits(algorithm, jwk)):
        raise ClientRefused("algorithm-not-allowed", subject)


def verify(signed: Signed, jwk: PublicJwk, subject: Subject) -> None:
    """See that a text was signed with the private key that belongs to `jwk`.

    Raises:
        ClientRefused: ``algorithm-not-allowed`` or ``bad-signature``.
    """
    check_algorithm(signed, jwk, subject)
    public: DictKey = {name: v for name, v in jwk.items() if name not in ("kid", "alg")}
    if not is_signed_with(signed.text, import_key(public), signed.header.alg):
        raise ClientRefused("bad-signature", subject)


def is_signed_with(text: str, key: Key, algorithm: str) -> bool:
    """Whether the signature of a text fits key and algorithm."""
    try:
        jws.deserialize_compact(text, key, registry=_Registry(algorithm))
    except (JoseError, ValueError, TypeError):
        return False
    return True


def sign(claims: Mapping[str, Any] | Struct, key: Key, header: Mapping[str, Any]) -> str:
    """A signed text; `header` names ``alg``."""
    return jws.serialize_compact(
        dict(header), encode(claims), key, registry=_Registry(header["alg"])
    )


class _Registry(jws.JWSRegistry):
    """Allows one algorithm. (The library's own warns where EdDSA is called by its older name.)"""

    max_header_length = LONGEST
    max_payload_length = LONGEST
    max_signature_length = LONGEST

    def __init__(self, algorithm: str) -> None:
        super().__init__(algorithms=[algorithm], strict_check_header=False)
        self._only = algorithm

    def get_alg(self, name: str) -> Any:
        if name != self._only:
            raise UnsupportedAlgorithmError(f"only {self._only} is allowed here")
        return self.algorithms[name]
