"""Answers that are marked as notifiable and that nobody is told of, since no map knows what was found: for the duty
officer's desk, and for the page of the laboratory that sent them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from varde import register
from varde.access import audit
from varde.access.gate import page, require
from varde.web.expressions import NAME, query_of, seal, shown, unseal

REASONS = {
    "told": gettext_lazy("Whoever must act has been told"),
    "asked": gettext_lazy("The laboratory has been asked"),
    "not-notifiable": gettext_lazy("It is not notifiable after all"),
}
"""What the duty officer says who takes one off the desk."""


def describe_unknown(
    now: datetime, names: Mapping[str, str], sender: str | None = None, *, is_own: bool = False
) -> list[dict[str, Any]]:
    """What waits, for a template.

    Args:
        names: of senders.
        sender: only this one's, and then also what the duty officer has dealt with: the sender must still mend it.
        is_own: whether the reader is of that sender, and may read its words as they are.
    """
    return [
        {
            "one": one,
            "sender": names.get(one.sender, one.sender),
            "words": shown(one.expression[3] or one.expression[2], is_own),
            "marks": ", ".join(one.marks),
            "address": reverse("laboratory-code") + query_of(one.expression),
            "sealed": seal(one.expression),
        }
        for one in register.list_unknown_positives(now, sender, seen=sender is not None)
    ]


@require_POST
@page("desk")
def see(request: HttpRequest) -> HttpResponse:
    """Take one off the desk, and say what was done."""
    require(request, "desk", "confirm-codes")
    expression = unseal(request.POST.get(NAME, ""))
    reason = request.POST.get("grunn", "")
    if expression is None or reason not in REASONS:
        raise Http404
    number = register.see_unknown_positive(
        request.POST.get("avsender", "")[:80],
        expression,
        request.user.get_username(),
        reason,
        timezone.now(),
    )
    if number:
        audit.record(request.user, "change", "desk", "notifiable answer dealt with", number)
    return redirect(reverse("desk") + "#unknown-heading")
