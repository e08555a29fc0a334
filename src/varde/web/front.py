"""In front of the pages: a request is received whole before a thread is given to it, and sent whole after.

Threads are few, because each has its own connections to the databases. A client that sends slowly, or reads
slowly, must therefore never hold one; nor may senders who wait for their receipts keep those out who look at
pages, or anybody keep out the probes. So

* bodies are received by the event loop, in memory, within a time and a size, and all of them together
  within a size;
* each part of the service (`SHARES`) has threads of its own, and a place where a few may wait for one;
* where no place is left, a sender gets the intake's own "busy" (429), and everybody else 503.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from varde.web.public_answers import Application, Environ, Headers, collect

Given = tuple[int, Headers, bytes]
"""Status, headers and content of an answer."""

BUSY = "varde.busy"
"""Stands in the environment of a request for which there is no place: the view only says so."""

PAUSE_SECONDS = 15.0
"""Longest wait for the next piece of a body."""
GRACE_SECONDS = 30.0
SLOWEST = 16 * 1024
"""A body has `GRACE_SECONDS` and a second for every so many bytes that have come."""
SMALL = 1 << 20
"""Largest body of a request that says nothing about who sends it."""
ROOM = 4
"""All bodies together may be so many times the largest one."""
RETRY_SECONDS = 2


@dataclass
class Share:
    """The threads of one part of the service.

    Attributes:
        threads: how many requests are worked on at once.
        places: how many more may wait for a thread.
        inside: requests that are worked on or wait.
    """

    name: str
    threads: int
    places: int
    inside: int = 0
    pool: ThreadPoolExecutor = field(init=False)

    def __post_init__(self) -> None:
        self.pool = ThreadPoolExecutor(self.threads, thread_name_prefix=f"varde-{self.name}")

    @property
    def full(self) -> bool:
        return self.inside >= self.threads + self.places


def make_shares() -> dict[str, Share]:
    """The parts by the first part of the address; all else belongs to the pages, named by the empty one."""
    senders = Share("senders", threads=16, places=64)
    return {
        "": Share("pages", threads=8, places=128),
        "intake": senders,
        "fhir": senders,
        "fhirmottak": senders,
        "oauth": Share("tokens", threads=2, places=128),
        "healthz": Share("alive", threads=1, places=32),
        "readyz": Share("ready", threads=2, places=32),
        "metrics": Share("metrics", threads=1, places=32),
    }


class Refused(Exception):
    """A request that is not received.

    Args:
        status: of the answer; the connection is closed after it.
        why: for the reader, one sentence.
    """

    def __init__(self, status: int, why: str) -> None:
        self.status = status
        self.why = why
        super().__init__(why)


class Front:
    """An RSGI application (granian's own interface) that gives whole requests to a WSGI application's threads.

    Args:
        application: the WSGI application.
        largest: most bytes of one body.
        recall: an answer that is known already and takes no time; None when there is none.
        on_stop: called when the last answer has been given and the service ends.
        on_refused: told of each request that was not received: the name of its part of the service, its
            method and the status.
    """

    def __init__(
        self,
        application: Application,
        largest: int,
        recall: Callable[[Environ], Given | None] = lambda _: None,
        on_stop: Callable[[], None] = lambda: None,
        on_refused: Callable[[str, str, int], None] = lambda part, method, status: None,
    ) -> None:
        self._application = application
        self._largest = largest
        self._room = ROOM * largest
        self._held = 0
        self._recall = recall
        self._on_stop = on_stop
        self._on_refused = on_refused
        self._shares = make_shares()
        self._refusals = Share("refusals", threads=2, places=1024)

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        """The worker ends."""
        self._on_stop()

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Answer one request."""
        body = BytesIO()
        try:
            environ = _environ_of(scope, body)
            given = self._recall(environ)
            if given is None:
                try:
                    await self._receive(environ, protocol, body)
                    given = await self._work(environ)
                finally:
                    self._held -= body.getbuffer().nbytes
        except Refused as error:
            self._on_refused(self._share_of(scope.path).name, scope.method, error.status)
            given = _refusal(error)
        with suppress(OSError, RuntimeError):  # whoever sent too slowly is often gone
            protocol.response_bytes(*given)

    async def _receive(self, environ: Environ, protocol: Any, body: BytesIO) -> None:
        """The whole body, or `Refused`."""
        if not (environ.get("CONTENT_LENGTH") or "HTTP_TRANSFER_ENCODING" in environ):
            return
        known = "HTTP_AUTHORIZATION" in environ or "HTTP_COOKIE" in environ
        most = self._largest if known else min(SMALL, self._largest)
        began = time.monotonic()
        pieces = aiter(protocol)
        while True:
            left = GRACE_SECONDS + body.tell() / SLOWEST - (time.monotonic() - began)
            try:
                piece = await asyncio.wait_for(
                    anext(pieces, b""), min(PAUSE_SECONDS, max(left, 0.001))
                )
            except TimeoutError:
                raise Refused(408, "The request did not come in time: send it again.") from None
            except (OSError, RuntimeError):
                raise Refused(400, "The request was cut short: send it again.") from None
            if not piece:
                break
            # One byte too many is let in, so that the view says in its own words that it is too large.
            taken = piece[: most + 1 - body.tell()]
            if self._held + len(taken) > self._room:
                raise Refused(503, "Too much is being sent at once: try again in a moment.")
            body.write(taken)
            self._held += len(taken)
            if body.tell() > most:
                if not known:
                    raise Refused(413, "That is more than the address takes.")
                break
        body.seek(0)

    async def _work(self, environ: Environ) -> Given:
        """The application's answer, worked out in a thread of the part that the address belongs to."""
        share = self._share_of(environ["PATH_INFO"])
        if share.full:
            if share.name != "senders":
                raise Refused(503, "The service is busy: try again in a moment.")
            environ[BUSY] = RETRY_SECONDS
            share = self._refusals
            if share.full:
                raise Refused(503, "The service is busy: try again in a moment.")
        share.inside += 1
        try:
            running = asyncio.get_running_loop().run_in_executor(
                share.pool, _run, self._application, environ
            )
            return await asyncio.shield(running)
        finally:
            share.inside -= 1

    def _share_of(self, path: str) -> Share:
        first = path.split("/", 2)[1] if "/" in path else ""
        return self._shares.get(first) or self._shares[""]


def _environ_of(scope: Any, body: BytesIO) -> Environ:
    """A request as WSGI has it (PEP 3333): text of any letters is Latin-1 over its UTF-8 bytes."""
    server, _, port = scope.server.rpartition(":")
    environ: Environ = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": server.strip("[]") or "localhost",
        "SERVER_PORT": port or "0",
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        key = name.upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = f"HTTP_{key}"
        separator = "; " if key == "HTTP_COOKIE" else ","
        environ[key] = f"{environ[key]}{separator}{value}" if key in environ else value
    if "HTTP_HOST" not in environ and scope.authority:
        environ["HTTP_HOST"] = scope.authority
    return environ


def _run(application: Application, environ: Environ) -> Given:
    """An application's answer."""
    status, headers, content = collect(application, environ)
    return int(status[:3]), headers, content


def _refusal(error: Refused) -> Given:
    headers = [
        ("content-type", "text/plain; charset=utf-8"),
        ("cache-control", "no-store"),
        ("connection", "close"),
    ]
    if error.status == 503:
        headers.append(("retry-after", str(RETRY_SECONDS)))
    return error.status, headers, error.why.encode()
