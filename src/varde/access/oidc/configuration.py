"""Which provider people sign in with: settings of the environment, checked when the service starts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from msgspec import Struct

from varde.access.oidc.rules import Rules, RulesInvalid, read_rules, shipped_rules

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
SHORTEST_SESSION = 300


class Configuration(Struct, frozen=True):
    """One provider, and us as its client.

    Attributes:
        issuer: the provider, as its tokens and metadata name it.
        client_id: what it knows us as.
        name: what people call it ("HelseID").
        contact: whom those without access are told to ask; empty: in general words.
        keys: file of our own keys.
        session: longest session, in seconds.
    """

    issuer: str
    client_id: str
    name: str
    contact: str
    keys: Path
    session: int
    rules: Rules


def read_configuration(environment: Mapping[str, str], home: Path) -> Configuration | None:
    """The provider that the environment names; None when it names none.

    Raises:
        ImproperlyConfigured: a setting is missing or cannot be used; the message says which.
    """
    issuer = environment.get("VARDE_OIDC_ISSUER", "").strip()
    client_id = environment.get("VARDE_OIDC_CLIENT_ID", "").strip()
    if not issuer:
        return None
    if not is_safe(issuer) or urlsplit(issuer).query or urlsplit(issuer).fragment:
        raise ImproperlyConfigured(
            "VARDE_OIDC_ISSUER must be an https address, as the provider's own metadata writes it"
        )
    if not client_id:
        raise ImproperlyConfigured("VARDE_OIDC_ISSUER is set: set VARDE_OIDC_CLIENT_ID too")
    rules = _rules(environment.get("VARDE_OIDC_RULES", ""))
    return Configuration(
        issuer=issuer,
        client_id=client_id,
        name=environment.get("VARDE_OIDC_NAME", "").strip() or "HelseID",
        contact=environment.get("VARDE_OIDC_CONTACT", "").strip(),
        keys=home / "keys" / "oidc.jwks.json",
        session=_seconds(environment.get("VARDE_OIDC_MAX_AGE", ""), rules.seconds.session),
        rules=rules,
    )


def is_safe(address: str) -> bool:
    """Whether an address is https, or http on this very machine, and no more than an address."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if not host or port == 0 or "@" in parts.netloc or not address.isascii() or " " in address:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)


def _rules(path: str) -> Rules:
    if not path:
        return shipped_rules()
    try:
        return read_rules(Path(path).read_bytes())
    except OSError as error:
        raise ImproperlyConfigured(f"VARDE_OIDC_RULES cannot be read: {error.strerror}") from None
    except RulesInvalid as error:
        raise ImproperlyConfigured(f"VARDE_OIDC_RULES cannot be used: {error}") from None


def _seconds(text: str, otherwise: int) -> int:
    if not text:
        return otherwise
    if not text.isdecimal() or not SHORTEST_SESSION <= int(text) <= 86_400:
        raise ImproperlyConfigured("VARDE_OIDC_MAX_AGE must be a number of seconds, 300 to 86400")
    return int(text)
