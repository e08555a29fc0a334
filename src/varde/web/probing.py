"""Who may look inside the service: those on this machine, and those who have the token.

A request that came through a proxy comes from this machine too; the header that proxies add gives it away.
"""

from __future__ import annotations

import hmac
import ipaddress

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

SHORTEST_TOKEN = 32
_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")


def read_token(text: str) -> str:
    """The token for those who watch from another machine; empty when there is none.

    Raises:
        ImproperlyConfigured: it is short enough to be guessed.
    """
    if text and len(text) < SHORTEST_TOKEN:
        raise ImproperlyConfigured(
            f"VARDE_METRICS_TOKEN must have at least {SHORTEST_TOKEN} characters: "
            "openssl rand -hex 32 makes one"
        )
    return text


def read_megabytes(text: str) -> int:
    """Free space, in MiB, that the service wants.

    Raises:
        ImproperlyConfigured: it is no whole number.
    """
    if not text:
        return 1024
    if not text.isascii() or not text.isdigit():
        raise ImproperlyConfigured("VARDE_DISK_FREE_MB must be a whole number of MiB")
    return int(text)


def may_look_inside(request: HttpRequest) -> bool:
    """Whether whoever asks may be told how the service fares."""
    return _has_token(request) or _is_local(request)


def _has_token(request: HttpRequest) -> bool:
    token: str = settings.VARDE_METRICS_TOKEN
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    known = hmac.compare_digest(given.strip().encode(), token.encode())
    return bool(token) and scheme.lower() == "bearer" and known


def _is_local(request: HttpRequest) -> bool:
    if any(name in request.META for name in _FORWARDED):
        return False
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)
