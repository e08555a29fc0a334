"""The national duty officer's desk: what nobody has answered, over all units, and what else waits."""

from __future__ import annotations

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from varde import register
from varde.access import audit
from varde.access.gate import page
from varde.followup import events, inbox
from varde.followup.models import Told
from varde.followup.units import NATIONAL
from varde.web.pages.followup import words
from varde.web.pages.followup.inbox import act_on, describe
from varde.web.registers import laboratory_names

MOST = 100


@require_safe
@page("desk")
def show(request: HttpRequest) -> HttpResponse:
    """All queues, the most urgent first."""
    now, today = timezone.now(), timezone.localdate()
    own = inbox.list_inbox(NATIONAL, now, today)
    unanswered = [one for one in inbox.list_unanswered(now, MOST) if one.unit != NATIONAL]
    open_events = events.list_events(None, today, closed=False)
    audit.record(request.user, "view", "desk", "inbox thread", len(own) + len(unanswered))
    context = {
        "own": [describe(one, now, today) for one in own],
        "unanswered": [describe(one, now, today) for one in unanswered],
        "escalated": sum(one.escalated for one in unanswered),
        "nobody": sum(one.reason.startswith("residence-") for one in own),
        "forms": Told.objects.filter(form_since__isnull=False, standing=True).count(),
        "form_rows": _forms(),
        "events": [
            {
                "event": one,
                "disease": words.disease_words(one.disease),
                "kind": words.EVENT_KINDS.get(one.kind, one.kind),
                "unit": words.unit_words(one.unit, today),
            }
            for one in open_events
        ],
        "silent": _silent(),
        "questions": register.count_identities()["questions"],
    }
    return render(request, "web/desk.html", context)


@require_POST
@page("desk")
def act(request: HttpRequest, thread: int) -> HttpResponse:
    """Answer a thread, the own or, by telephone, for a unit that has not."""
    return act_on(request, thread, "desk", None, reverse("desk"))


def _forms() -> list[tuple[str, int]]:
    """How many clinicians' forms are missing, by disease, the most first."""
    rows = (
        Told.objects.filter(form_since__isnull=False, standing=True)
        .values("disease")
        .annotate(number=Count("case"))
        .order_by("-number", "disease")
    )
    return [(words.disease_words(row["disease"]), row["number"]) for row in rows[:10]]


def _silent() -> list[dict[str, object]]:
    """Senders from whom nothing comes any more."""
    now = timezone.now()
    rules = register.rules_on(timezone.localdate())
    names = laboratory_names()
    found = []
    for last in register.last_received(None):
        if not last.kind:
            continue
        active = register.active_hours(last, rules.weeks * 7 * 24)
        if register.judge(active, now, rules).verdict == "silent":
            who = names.get(last.sender, last.sender)
            found.append({"who": who, "sender": last.sender, "last": last.at})
    return found
