"""For whoever watches over the service: does it live, can it work, how does it fare?

The first two answers are open and say nothing about what the service holds. What is wrong in particular, and
the metrics, are for those on this machine and those who have the token.
"""

from __future__ import annotations

import logging
from pathlib import Path
from threading import Lock

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from varde.operation import check_readiness
from varde.web.intake.doors import doors
from varde.web.measuring import write_metrics
from varde.web.probing import may_look_inside

_logger = logging.getLogger(__name__)
_lock = Lock()
_lacking: tuple[str, ...] = ()


@require_safe
def show(request: HttpRequest) -> JsonResponse:
    """``{"status": "ok"}`` while the process lives; nothing else is asked."""
    return JsonResponse({"status": "ok"})


@require_safe
def show_readiness(request: HttpRequest) -> JsonResponse:
    """Whether the service can do its work: 200, or 503 with what it lacks (for those who may know)."""
    checks = check_readiness(
        Path(settings.VARDE_HOME), doors, timezone.now(), settings.VARDE_DISK_FREE_MB << 20
    )
    failing = tuple(check.name for check in checks if not check.ok)
    _tell_change(failing)
    ready = not failing
    answer: dict[str, object] = {"status": "ready" if ready else "not ready"}
    if may_look_inside(request):
        answer["checks"] = [
            {"name": check.name, "ok": check.ok, "detail": check.detail} for check in checks
        ]
    return JsonResponse(answer, status=200 if ready else 503)


def _tell_change(failing: tuple[str, ...]) -> None:
    """Tell the log what the service lacks, once for as long as it is the same."""
    global _lacking
    with _lock:
        before, _lacking = _lacking, failing
    if failing == before:
        return
    if failing:
        checks = [name.replace(" ", ":") for name in failing]
        _logger.warning("the service is not ready", extra={"checks": checks})
    else:
        _logger.info("the service is ready again")


@require_safe
def show_metrics(request: HttpRequest) -> HttpResponse:
    """Metrics in the text format of Prometheus."""
    if not may_look_inside(request):
        refused = HttpResponse("not for you\n", status=401, content_type="text/plain")
        refused["WWW-Authenticate"] = "Bearer"
        return refused
    return HttpResponse(write_metrics(doors), content_type=CONTENT_TYPE_LATEST)
