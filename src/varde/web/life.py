"""What the log says of the service itself: that it starts, is ready, stops, has stopped.

Whoever starts and stops the service calls `tell`; what it says needs no database and never fails.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Literal

from django.conf import settings
from django.db import Error as DatabaseTrouble

from varde import __version__
from varde.operation import DATABASES, state_of

Moment = Literal["starting", "ready", "stopping", "stopped"]

_logger = logging.getLogger(__name__)
_EVENTS: dict[Moment, str] = {
    "starting": "the service starts",
    "ready": "the service is ready",
    "stopping": "the service stops: nobody is let in any more",
    "stopped": "the service has stopped",
}


def tell(
    moment: Moment,
    address: str = "",
    port: int = 0,
    *,
    finished: bool = True,
    seconds: float | None = None,
) -> None:
    """Log a moment in the life of the service.

    Args:
        address, port: where it listens, where that is known.
        finished: False when something that is kept still waits to be read.
        seconds: how long it took.
    """
    about: dict[str, Any] = {"version": __version__}
    if address:
        about |= {"address": address, "port": port}
    if seconds is not None:
        about["seconds"] = seconds
    if moment == "ready":
        about["registers"] = [name for name in DATABASES if _is_there(name)]
    if moment == "stopped":
        about["state"] = "finished" if finished else "unfinished"
    _logger.log(logging.INFO if finished else logging.WARNING, _EVENTS[moment], extra=about)


def _is_there(database: str) -> bool:
    try:
        return state_of(Path(settings.VARDE_HOME), database) == "there"
    except (DatabaseTrouble, OSError):
        return False
