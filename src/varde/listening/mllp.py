"""Listens for HL7 version 2 messages over MLLP: takes them to the desk, and answers when they are safe.

One task of the event loop serves one connection; whatever waits for the database runs in a few
threads. A connection's next message is not looked at before the last one is answered: whoever sends
faster than the register takes in is slowed down by TCP itself.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import signal
import socket
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from errno import errorcode
from functools import partial
from typing import Any

from django.db import Error as DatabaseTrouble

from varde import __version__
from varde.access.clients import trusted_certificates
from varde.listening.certificates import trust
from varde.listening.channel import STEP, Bounds, Channel, Shared
from varde.listening.desk import Desk, ask

_logger = logging.getLogger(__name__)

THREADS = 16
WAITING_CONNECTIONS = 128


class AddressProblem(Exception):
    """An address cannot be listened on; the message says why."""


def bind(host: str, port: int, exposed: bool) -> socket.socket:
    """A socket that is bound to an address, not listening yet.

    Args:
        exposed: whether it may be one that other machines reach.

    Raises:
        AddressProblem: it is taken, unknown or not on this machine, or other machines would reach it.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise AddressProblem(f"{host}: {error.strerror}") from None
    family, _, _, _, address = found[0]
    if not exposed and not ipaddress.ip_address(str(address[0]).partition("%")[0]).is_loopback:
        raise AddressProblem(
            f"other machines reach {host}, and what they send would be readable on the way: give "
            "--tls-cert and --tls-key, or, inside a network that is itself closed, --insecure with --sender"
        )
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError as error:
        bound.close()
        raise AddressProblem(f"{host}, port {port}: {error.strerror}") from None
    return bound


class Listener:
    """Listens at one address until it is stopped.

    Args:
        desk: where messages are handed in.
        context: for TLS; None without.
        own: whether clients' own certificates are trusted, and looked up for each connection.
    """

    def __init__(
        self,
        desk: Desk,
        context: ssl.SSLContext | None = None,
        own: bool = False,
        bounds: Bounds | None = None,
    ) -> None:
        self._context = context
        self._own = own
        self._bounds = bounds or Bounds()
        self._threads = ThreadPoolExecutor(THREADS, "mllp")
        self._shared = Shared(desk, self._bounds, self._in_thread)
        self._tasks: set[asyncio.Task[None]] = set()

    def stop(self) -> None:
        """Stop, soon: nobody is let in any more, and messages in hand are answered. To be called in
        the event loop."""
        self._shared.stopping.set()

    async def run(self, bound: socket.socket, ready: Callable[[], None]) -> None:
        """Serve until it is stopped.

        Args:
            bound: as `bind` gives it.
            ready: called when connections are accepted.
        """
        bound.setblocking(False)
        bound.listen(WAITING_CONNECTIONS)
        accepting = asyncio.create_task(self._accept(bound))
        address, port = bound.getsockname()[:2]
        about = {"door": "mllp", "address": address, "port": port}
        _logger.info("the listener is ready", extra=about | {"version": __version__})
        ready()
        try:
            await self._shared.stopping.wait()
        finally:
            _logger.info("the listener stops: nobody is let in any more", extra=about)
            accepting.cancel()
            await asyncio.wait([accepting])
            bound.close()
            for task in list(self._shared.waiting):
                task.cancel()
            if self._tasks:
                await asyncio.wait(self._tasks)
            self._threads.shutdown()
            _logger.info("the listener has stopped", extra=about)

    async def _accept(self, bound: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, _ = await loop.sock_accept(bound)
            except OSError as error:  # as many files are open as may be: that passes
                about = {"door": "mllp", "reason": errorcode.get(error.errno or 0, "")}
                _logger.error("no connection can be accepted", extra=about)
                await asyncio.sleep(1)
                continue
            if len(self._tasks) >= self._bounds.connections:
                reason = {"door": "mllp", "reason": "too-many-connections"}
                _logger.warning("a connection was turned away", extra=reason)
                connection.close()
                continue
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            task = asyncio.create_task(self._serve(connection))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _serve(self, connection: socket.socket) -> None:
        try:
            channel = await self._open(connection)
        except (OSError, TimeoutError) as error:
            reason = getattr(error, "reason", None) or type(error).__name__
            _logger.warning("a connection failed", extra={"door": "mllp", "reason": reason})
            connection.close()
            return
        except DatabaseTrouble as error:
            about = {"door": "mllp", "reason": type(error).__name__}
            _logger.error("a connection failed", extra=about)
            connection.close()
            return
        except asyncio.CancelledError:
            connection.close()
            return
        try:
            await channel.serve()
        except (OSError, TimeoutError, asyncio.CancelledError):
            pass  # what was not answered will be sent again
        except Exception:
            _logger.exception("a connection was given up")
        await channel.close()

    async def _open(self, connection: socket.socket) -> Channel:
        """A channel over a connection, with TLS where it is asked for.

        Raises:
            OSError: there is no agreement on TLS (`ssl.SSLError`), or the other end is gone.
        """
        loop = asyncio.get_running_loop()
        context = self._context
        if context is not None and self._own:
            trust(context, await self._shared.work(partial(ask, trusted_certificates)))
        reader = asyncio.StreamReader(STEP)
        protocol = asyncio.StreamReaderProtocol(reader)
        seconds = {
            "ssl_handshake_timeout": self._bounds.handshake_seconds,
            "ssl_shutdown_timeout": 2,
        }
        with self._shared.idle():
            transport, _ = await loop.connect_accepted_socket(
                lambda: protocol, connection, ssl=context, **(seconds if context else {})
            )
        writer = asyncio.StreamWriter(transport, protocol, reader, loop)
        secured = transport.get_extra_info("ssl_object")
        certificate = secured.getpeercert(binary_form=True) if secured is not None else None
        if context is not None and certificate is None:
            raise ssl.SSLError("no certificate was shown")
        return Channel(self._shared, reader, writer, certificate)

    def _in_thread(self, task: Callable[[], Any]) -> asyncio.Future[Any]:
        return asyncio.get_running_loop().run_in_executor(self._threads, task)


def listen(listener: Listener, bound: socket.socket, ready: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT comes."""

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, listener.stop)
        await listener.run(bound, ready)

    asyncio.run(serve())
