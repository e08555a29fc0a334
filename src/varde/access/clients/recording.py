"""Tokens given and senders refused, in the access log; never a token, a key or what a stranger wrote."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Lock
from time import monotonic_ns

from msgspec import Struct

from varde.access import audit
from varde.access.clients.limits import MINUTE, Level, Rate, fill, take, wait_for
from varde.access.clients.refusals import ClientRefused
from varde.access.clients.store import Client

MOST = Rate(60, MINUTE)
"""How many refusals are logged one by one. Anyone on the network can be refused as often as he likes, and the
log is kept for ever: those beyond are counted, and the next that is logged says how many it stands for."""


_logger = logging.getLogger(__name__)


class _Actor(Struct, frozen=True):
    """A client as the access log knows users."""

    username: str = ""
    area: str = ""


def record_issued(client: Client, scopes: tuple[str, ...]) -> None:
    """Log that a client got a token. The entry names the scope, or the first of several."""
    more = f" +{len(scopes) - 1}" if len(scopes) > 1 else ""
    what = f"{scopes[0][: 64 - len(more)]}{more}"
    audit.record(_Actor(client.client_id, client.sender), "token-issued", "token", what, 1)


class RefusalLog:
    """Logs refusals, within `MOST`. Safe for threads.

    Args:
        clock: nanoseconds, never going back.
    """

    def __init__(self, clock: Callable[[], int] = monotonic_ns) -> None:
        self._clock = clock
        self._level: Level | None = None
        self._unlogged = 0
        self._lock = Lock()

    def record(self, refused: ClientRefused, page: str) -> None:
        """Log a refusal: its code, and the registered client that it is, or says it is, from.

        The actor is the client only when it has proven who it is; a claim stands beside the code.
        """
        with self._lock:
            self._level = fill(self._level, MOST, self._clock())
            if wait_for(self._level, MOST, 1):
                self._unlogged += 1
                return
            self._level = take(self._level, MOST, 1)
            count, self._unlogged = 1 + self._unlogged, 0
        about = {"route": page, "reason": refused.code, "count": count}
        if refused.proven:
            about["client"] = refused.claimed
        _logger.warning("a sender was refused", extra=about)
        actor = _Actor(refused.claimed) if refused.proven else _Actor()
        claim = f": {refused.claimed}?" if refused.claimed and not refused.proven else ""
        audit.record(actor, "token-refused", page, f"{refused.code}{claim}", count)


refusal_log = RefusalLog()
"""The one of this process."""
