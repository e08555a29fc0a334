"""Settings about senders, checked when the service starts."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

SHORTEST_SECRET = 32


def read_base_address(text: str) -> str:
    """Scheme, host and port of the service, without a slash at the end; empty when nothing is said.

    Raises:
        ImproperlyConfigured: it is no such address.
    """
    address = text.strip().rstrip("/")
    try:
        parts = urlsplit(address)
        bare = f"{parts.scheme}://{parts.netloc}" == address and parts.port != 0
    except ValueError:  # a port that is no number
        bare = False
    known = bare and parts.scheme in ("https", "http") and parts.hostname and "@" not in address
    if address and not known:
        raise ImproperlyConfigured("VARDE_BASE_URL must read https://host or https://host:port")
    return address


def read_password_switch(text: str, has_provider: bool) -> bool:
    """Whether people may sign in with passwords.

    Raises:
        ImproperlyConfigured: neither with passwords nor through a provider.
    """
    if text == "0" and not has_provider:
        raise ImproperlyConfigured(
            "VARDE_PASSWORD_SIGN_IN is 0 and VARDE_OIDC_ISSUER is empty: nobody could sign in"
        )
    return text != "0"


def read_proxy_secret(text: str) -> str:
    """The secret of the TLS proxy; empty when there is none.

    Raises:
        ImproperlyConfigured: it is short enough to be guessed.
    """
    if text and len(text) < SHORTEST_SECRET:
        raise ImproperlyConfigured(
            f"VARDE_CLIENT_CERT_PROXY must have at least {SHORTEST_SECRET} characters: "
            "openssl rand -hex 32 makes one"
        )
    return text
