"""Serves the pages with granian: a process that answers (`varde.web.rsgi`), and one that watches over it.

Told to stop (SIGTERM, Ctrl+C), granian lets nobody in any more and answers what it has in hand; then the doors
finish what waits in them, and the worker ends.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import sys
from copy import deepcopy

STOP_SECONDS = 75
"""How long stopping may take: a sender waits for its receipt up to 25 seconds, a door finishes within 30."""

PR_SET_PDEATHSIG = 1
"""Linux's name for "tell me when my parent ends" (prctl(2))."""


class PortTaken(Exception):
    """Something listens at the address already."""


def serve(host: str, port: int) -> None:
    """Serve until stopped.

    Raises:
        PortTaken: the server would share the port with another, and readers would meet either.
    """
    check_port(host, port)
    from django.conf import settings
    from django.db import connections
    from granian import Granian
    from granian.constants import Interfaces

    from varde.web.life import tell

    tell("starting", host, port)
    connections.close_all()  # The worker is another process and opens its own.
    # A worker that is told to stop before it runs at all would call the handler of the one that watches.
    os.register_at_fork(
        before=lambda: _hold_back(signal.SIG_BLOCK),
        after_in_parent=lambda: _hold_back(signal.SIG_UNBLOCK),
        after_in_child=_begin_as_worker,
    )
    Granian(
        "varde.web.rsgi:application",
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        workers=1,
        log_access=False,
        log_level="error",
        log_dictconfig=deepcopy(settings.LOGGING),
        workers_kill_timeout=STOP_SECONDS,
        websockets=False,
    ).serve()


def _hold_back(how: int) -> None:
    signal.pthread_sigmask(how, {signal.SIGTERM})


def _begin_as_worker() -> None:
    """Until the server listens to it, SIGTERM ends a worker: nothing is in hand yet. And it is told to stop when
    the process that watches over it ends, however that ends (Linux; elsewhere it must be stopped by hand)."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    _hold_back(signal.SIG_UNBLOCK)


def check_port(host: str, port: int) -> None:
    """Whether one could listen there now.

    Raises:
        PortTaken: something listens there, or nobody may.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        # Connections of a server that has just stopped are no obstacle; one that listens is.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(
                f"cannot serve at {host} port {port}: {error.strerror}. Is something running there? "
                "Choose another with --port (make demo PORT=8100)"
            ) from None
