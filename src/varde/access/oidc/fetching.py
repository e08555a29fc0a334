"""One request to the provider and its answer, within a time and a size, following nothing.

The standard library bounds the wait for each piece, not for the whole: a timer cuts the connection of one that
sends a byte now and then. The proxy of the environment (``HTTPS_PROXY``, ``NO_PROXY``) is used as elsewhere.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ssl import create_default_context
from threading import Event, Timer
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, proxy_bypass

from msgspec import Struct

from varde.access.oidc.configuration import is_safe
from varde.access.oidc.refusals import SignInRefused

FORM = "application/x-www-form-urlencoded"


class Answer(Struct, frozen=True):
    """What came back. Header names are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def fetch(
    address: str,
    seconds: int,
    largest: int,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> Answer:
    """Ask once. A redirect is an answer like any other: it is not followed.

    Args:
        address: https, or http on this machine.
        seconds: for all of it.
        largest: most bytes of the answer's body.

    Raises:
        SignInRefused: ``provider-down``: no answer in time; ``provider-unusable``: the address is none to ask,
            or the answer is too large.
    """
    if not is_safe(address):
        raise SignInRefused("provider-unusable", "address-not-https")
    parts = urlsplit(address)
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    late = Event()
    try:
        with closing(_connect(parts, seconds)) as connection:
            connection.connect()
            with _cut_after(seconds, connection.sock, late):
                said = {"Accept": "application/json", **(headers or {})}
                connection.request(method, target, body, said)
                with connection.getresponse() as answer:
                    content = answer.read(largest + 1)
                    found = {name.lower(): value for name, value in answer.getheaders()}
    except (OSError, HTTPException, ValueError):
        raise SignInRefused("provider-down", "late" if late.is_set() else "no-answer") from None
    if late.is_set():
        raise SignInRefused("provider-down", "late")
    if len(content) > largest:
        raise SignInRefused("provider-unusable", "answer-too-large")
    return Answer(answer.status, found, content)


def _connect(parts: SplitResult, seconds: int) -> HTTPConnection:
    host = parts.hostname or ""
    if parts.scheme == "http":
        return HTTPConnection(host, parts.port or 80, timeout=seconds)
    proxy = getproxies().get("https", "")
    if not proxy or proxy_bypass(host):
        return HTTPSConnection(
            host, parts.port or 443, timeout=seconds, context=create_default_context()
        )
    through = urlsplit(proxy if "//" in proxy else f"//{proxy}")
    connection = HTTPSConnection(
        through.hostname or "",
        through.port or 3128,
        timeout=seconds,
        context=create_default_context(),
    )
    connection.set_tunnel(host, parts.port or 443)
    return connection


@contextmanager
def _cut_after(seconds: int, connected: socket.socket, late: Event) -> Iterator[None]:
    """Cut the connection when it takes longer; `late` says so."""

    def cut() -> None:
        late.set()
        with suppress(OSError):
            connected.shutdown(socket.SHUT_RDWR)

    timer = Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
