"""For the one who watches over the service: is it up? Says nothing about what it holds."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe


@require_safe
def show(request: HttpRequest) -> JsonResponse:
    """``{"status": "ok"}``."""
    return JsonResponse({"status": "ok"})
