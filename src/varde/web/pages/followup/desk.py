"""The national duty officer's desk: what nobody has answered, over all units, and what else waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from varde import register
from varde.access import audit
from varde.access.gate import page
from varde.followup import events, inbox
from varde.followup.models import Told
from varde.followup.telling import ESCALATION
from varde.followup.units import NATIONAL
from varde.followup.unknown_hospitals import list_unknown_hospitals
from varde.web.fault_words import reason_words
from varde.web.pages.followup import words
from varde.web.pages.followup.inbox import act_on, describe
from varde.web.pages.followup.unknown_positives import REASONS, describe_unknown
from varde.web.registers import laboratory_names

MOST = 100
UNKNOWN_RESIDENCE = "ukjent-bosted"
"""How an address asks for the cases of whom nobody knows where they live."""
GROUPS: Mapping[str, object] = {
    "case": gettext_lazy("Cases without receipt"),
    "form": gettext_lazy("Clinician's form missing"),
    "event": gettext_lazy("Events"),
    "answered": gettext_lazy("Receipt given, not done"),
    "over": gettext_lazy("Moved, withdrawn or settled"),
}
"""What is not urgent, by kind: the order of the page."""


@require_safe
@page("desk")
def show(request: HttpRequest) -> HttpResponse:
    """All queues, the most urgent first."""
    now, today = timezone.now(), timezone.localdate()
    own = [one for one in inbox.list_inbox(NATIONAL, now, today) if not inbox.is_routine(one, now)]
    elsewhere = {
        one.id: one
        for one in (*inbox.list_to_call(now, MOST), *inbox.list_unanswered(now, MOST))
        if one.unit != NATIONAL and not inbox.is_routine(one, now)
    }
    unanswered = list(elsewhere.values())
    open_events = events.list_events(None, today, closed=False)
    names = laboratory_names()
    unknown = describe_unknown(now, names)
    quarantined, quarantined_rows = _quarantined(request.LANGUAGE_CODE, names, today)
    audit.record(request.user, "view", "desk", "inbox thread", len(own) + len(unanswered))
    nobody = [one for one in own if one.reason.startswith("residence-")]
    asked = request.GET.get("vis", "")
    shown = nobody if asked == UNKNOWN_RESIDENCE else own
    urgent, rest = split([describe(one, now, today) for one in shown])
    urgent_elsewhere, rest_elsewhere = split([describe(one, now, today) for one in unanswered])
    context = {
        "unknown": unknown,
        "unknown_count": sum(row["one"].answers for row in unknown),
        "quarantined": quarantined,
        "quarantined_rows": quarantined_rows,
        "because": list(REASONS.items()),
        "chosen": asked if asked == UNKNOWN_RESIDENCE else "",
        "own": shown,
        "urgent": urgent,
        "rest": rest,
        "unanswered": unanswered,
        "urgent_elsewhere": urgent_elsewhere,
        "rest_elsewhere": rest_elsewhere,
        "escalated": sum(one.escalated for one in unanswered),
        "nobody": len(nobody),
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
        "hospitals": len(list_unknown_hospitals(now, today)),
        "nobody_left": sum(one.nobody_left for one in (*own, *unanswered)),
        "questions": register.count_identities()["questions"],
    }
    return render(request, "web/desk.html", context)


@require_POST
@page("desk")
def act(request: HttpRequest, thread: int) -> HttpResponse:
    """Answer a thread, the own or, by telephone, for a unit that has not."""
    return act_on(request, thread, "desk", None, reverse("desk"))


def split(
    rows: Sequence[Mapping[str, Any]],
) -> tuple[list[Mapping[str, Any]], list[tuple[str, list[Mapping[str, Any]]]]]:
    """Threads that somebody must answer at once; and the others by kind, each with what the kind is called."""
    urgent: list[Mapping[str, Any]] = []
    found: dict[str, list[Mapping[str, Any]]] = {key: [] for key in GROUPS}
    for row in rows:
        thread = row["thread"]
        if row["waits"] and (thread.at_once or thread.receiver == ESCALATION):
            urgent.append(row)
        elif not row["open"]:
            found["over"].append(row)
        else:
            kind = thread.kind if thread.kind in found else "case"
            found[kind if row["waits"] else "answered"].append(row)
    return urgent, [(str(GROUPS[key]), some) for key, some in found.items() if some]


def _forms() -> list[tuple[str, int]]:
    """How many clinicians' forms are missing, by disease, the most first."""
    rows = (
        Told.objects.filter(form_since__isnull=False, standing=True)
        .values("disease")
        .annotate(number=Count("case"))
        .order_by("-number", "disease")
    )
    return [(words.disease_words(row["disease"]), row["number"]) for row in rows[:10]]


def _quarantined(
    language: str, names: Mapping[str, str], today: date
) -> tuple[int, list[dict[str, Any]]]:
    """How much waits in quarantine and is notifiable, and what of it is shown, the newest first: nothing of what was
    sent."""
    number, items = register.list_quarantined_notifiable(MOST)
    return number, [
        {
            "item": one,
            "laboratory": names.get(one.sender, one.sender),
            "reason": reason_words(one.reason, language)["title"],
            "today": timezone.localdate(one.received_at) == today,
        }
        for one in items
    ]


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
