"""How good what each laboratory sends is; see `varde.web.quality`. A laboratory contact sees its own."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from varde.access import audit
from varde.access.gate import page
from varde.web.pages.laboratory import scope_of
from varde.web.quality import describe_quality


@require_safe
@page("data-quality")
def show(request: HttpRequest) -> HttpResponse:
    """All laboratories for national roles, with one that they choose; the own one for a laboratory contact."""
    own = scope_of(request)
    context = describe_quality(own, request.GET.get("avsender", ""))
    if context["refused"]:
        return render(request, "web/data_quality.html", context, status=422)
    audit.record(request.user, "view", "data-quality", "laboratory", context["seen"])
    return render(request, "web/data_quality.html", context)
