"""A unit's inbox: the municipal doctor's, and that of a hospital trust's infection control.

It names diseases and times and nobody: whose a case is stands on its own page, behind a purpose.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from varde.access import audit
from varde.access.gate import page
from varde.followup import inbox
from varde.followup.inbox import Choice, Waiting
from varde.followup.units import names_of, unit_of
from varde.web.pages.followup import words
from varde.web.pages.followup.contacts_today import find_due

SHOWN: dict[str, Choice] = {"": "open", "ferdige": "done", "alle": "all"}
ACTIONS = {
    "kvitter": (inbox.receipt, "receipt given"),
    "ferdig": (inbox.finish, "thread done"),
    "gjenopne": (inbox.reopen, "thread taken up again"),
}


@require_safe
@page("inbox")
def show(request: HttpRequest) -> HttpResponse:
    """What the user's unit has been told, the most urgent first."""
    now, today = timezone.now(), timezone.localdate()
    unit = own_unit(request)
    asked = request.GET.get("vis", "")
    chosen = asked if asked in SHOWN else ""
    found = inbox.list_inbox(unit, now, today, SHOWN[chosen])
    disease = request.GET.get("sykdom", "")
    keys = sorted({one.disease for one in found}, key=words.disease_words)
    if disease in keys:
        found = [one for one in found if one.disease == disease]
    audit.record(request.user, "view", "inbox", "inbox thread", len(found))
    return render(
        request,
        "web/inbox.html",
        {
            "unit": words.unit_words(unit, today),
            "threads": [describe(one, now, today) for one in found],
            "waiting": sum(one.waits for one in found),
            "unread": sum(one.news for one in found),
            "chosen": chosen,
            "choices": list(SHOWN),
            "disease": disease if disease in keys else "",
            "diseases": [(key, words.disease_words(key)) for key in keys],
            "due_contacts": len(find_due(unit)),
        },
    )


@require_POST
@page("inbox")
def act(request: HttpRequest, thread: int) -> HttpResponse:
    """Give a receipt, be done with a thread, or take it up again: one button."""
    return act_on(request, thread, "inbox", own_unit(request), reverse("inbox"))


def act_on(
    request: HttpRequest, thread: int, page_key: str, unit: str | None, back: str
) -> HttpResponse:
    """Do what a button asks for.

    Args:
        unit: whose thread it must be; None: anybody's.
        back: where to go on to.
    """
    asked = ACTIONS.get(request.POST.get("gjor", ""))
    found = inbox.thread_of(thread)
    mine = found is not None and (
        unit is None or found.unit in names_of(unit, timezone.localdate())
    )
    if asked is None or not mine:
        raise Http404
    do, told = asked
    if do(thread, request.user.get_username(), timezone.now()):
        audit.record(request.user, "change", page_key, f"{told} {thread}", 1)
    following = request.POST.get("neste", "")
    safe = url_has_allowed_host_and_scheme(following, allowed_hosts=None)
    return redirect(following if following and safe else back)


def own_unit(request: HttpRequest) -> str:
    """The unit of the user.

    Raises:
        PermissionDenied: there is none.
    """
    unit = unit_of(request.user, timezone.localdate())
    if unit is None:
        raise PermissionDenied
    return unit


def describe(one: Waiting, now: datetime, today: date) -> dict[str, Any]:
    """A thread in the reader's words."""
    return {
        "thread": one,
        "disease": words.disease_words(one.disease),
        "class": words.CLASSES.get(one.classification, ""),
        "kind": words.KINDS.get(one.kind, one.kind),
        "which": _("event {number}").format(number=one.event) if one.event else one.case,
        "receiver": words.told_as(one.receiver, one.reason, one.unit),
        "reason": words.reason_words(one.reason) if one.reason else "",
        "unit": words.unit_words(one.unit, today),
        "due": words.say_answer(one, now, one.overdue),
        "phone": words.phone_words(one.unit, today),
        "told": words.say_due(one.told_at, now),
        "latest": words.ENTRIES.get(one.latest, ""),
        "waits": one.waits,
        "open": one.state == "standing",
        "address": _address(one),
    }


def _address(one: Waiting) -> str:
    """Where to read on; what ceased or moved keeps a page for whoever was told of it."""
    if one.event:
        return reverse("event", args=[one.event])
    return reverse("case", args=[one.case])
