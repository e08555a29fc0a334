"""What the log says of requests that were not answered as they should be.

The name of the address, the method, the status and the class of the fault: enough to know what fails and since
when. Never the address itself, a query, a header, a body, or what a fault says.
"""

from __future__ import annotations

import logging
import math
import sys
import time
from typing import Any

from django.core.signals import got_request_exception
from django.http import HttpRequest

from varde.web.measuring import METHODS, count_fault, count_not_received, route_of

_logger = logging.getLogger(__name__)
_not_received: dict[tuple[str, int], tuple[float, int]] = {}
"""Part of the service and status -> when that was last told, and how many there were since."""


def watch_requests() -> None:
    """Tell of every fault that leaves a view, from now on."""
    got_request_exception.connect(_tell_unanswered, dispatch_uid="varde-trouble")


def tell_fault(request: HttpRequest, error: BaseException | None) -> None:
    """Tell of a fault of Varde's own, or of what it stands on: the answer is 500."""
    count_fault(error)
    if getattr(error, "varde_told", False):
        return
    about = _about(request, 500)
    if error is not None:
        error.varde_told = True  # type: ignore[attr-defined]
        about["error"] = type(error).__name__
    _logger.error("a request failed", extra=about, exc_info=error)


def tell_refused(
    request: HttpRequest, reason: str, status: int, error: BaseException | None = None
) -> None:
    """Tell of something that was not taken in.

    Args:
        reason: a code of the intake's refusals.
        error: what lies behind it, where the fault is here.
    """
    about = _about(request, status) | {"reason": reason}
    cause = error.__cause__ if error is not None else None
    if cause is not None:
        count_fault(cause)
        about["error"] = type(cause).__name__
    grave = status >= 500 or status == 429
    _logger.log(logging.WARNING if grave else logging.INFO, "a request was refused", extra=about)


def tell_not_received(part: str, method: str, status: int) -> None:
    """Tell of a request that was refused before it was received, for being too slow or too large, or for want of
    a place: at most a line a second for each part of the service and status, with how many there were since the
    last. Called by the event loop alone.
    """
    count_not_received(part, status)
    now = time.monotonic()
    last, count = _not_received.get((part, status), (-math.inf, 0))
    if now - last < 1:
        _not_received[part, status] = last, count + 1
        return
    _not_received[part, status] = now, 0
    about = {
        "part": part,
        "method": method if method in METHODS else "other",
        "status_code": status,
        "count": count + 1,
    }
    _logger.warning("a request was not received", extra=about)


def _tell_unanswered(request: HttpRequest | None = None, **_: Any) -> None:
    if request is not None:
        tell_fault(request, sys.exc_info()[1])


def _about(request: HttpRequest, status: int) -> dict[str, Any]:
    return {
        "route": route_of(request),
        "method": request.method if request.method in METHODS else "other",
        "status_code": status,
    }
