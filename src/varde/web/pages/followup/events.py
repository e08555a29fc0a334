"""Outbreaks that somebody reported: the list, opening one, and one with its cases, curve, log and conclusion."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from varde.access import audit
from varde.access.decisions import Allowed, allows
from varde.access.gate import page, require
from varde.access.purposes import purpose_of
from varde.access.roles import may_do
from varde.cases import diseases
from varde.followup import contacts, event_disease, events, inbox
from varde.followup.due_contacts import Ongoing, count_ongoing
from varde.followup.events import EventProblem, Opening
from varde.followup.models import Event, EventStep
from varde.followup.units import NATIONAL, area_of_unit
from varde.register import current_cases
from varde.web.pages.followup import event_cases, event_exposures, words
from varde.web.pages.followup.event_curve import draw_curve
from varde.web.pages.followup.event_gate import (
    PROBLEMS,
    find_event,
    leads,
    read_day,
    require_lead,
    unit_for,
)
from varde.web.pages.followup.gatekeeping import purposes_for
from varde.web.registers import the_register


@require_http_methods(["GET", "HEAD", "POST"])
@page("events")
def show_all(request: HttpRequest) -> HttpResponse:
    """The events of the user's unit, and a form to open one."""
    unit = unit_for(request)
    if request.method == "POST":
        return _open(request, unit)
    return _list(request, unit)


def _list(request: HttpRequest, unit: str, trouble: str = "") -> HttpResponse:
    today = timezone.localdate()
    found = events.list_events(None if unit == NATIONAL else unit, today)
    audit.record(request.user, "view", "events", "event", len(found))
    context = {
        "events": [
            {
                "event": one,
                "kind": words.EVENT_KINDS.get(one.kind, one.kind),
                "disease": words.agent_words(one.disease),
                "unit": words.unit_words(one.unit, today),
                "cases": len(events.of_its_disease(one, events.cases_in(one.id))),
            }
            for one in found
        ],
        "may_open": may_do(request.user, "open-event"),
        "trouble": trouble,
        "typed": request.POST if trouble else {},
        "kinds": words.EVENT_KINDS.items(),
        "diseases": disease_choices(),
        "purposes": [
            (one.key, one.in_language(words.language()))
            for one in purposes_for(request, "open-event")
        ],
        "today": today,
    }
    return render(request, "web/events.html", context, status=422 if trouble else 200)


def disease_choices() -> list[tuple[str, str]]:
    """The diseases that an event may be of, by name."""
    found = ((key, words.disease_words(key)) for key in diseases())
    return sorted(found, key=lambda one: words.sort_key(one[1]))


def _open(request: HttpRequest, unit: str) -> HttpResponse:
    said = request.POST
    purpose = said.get("formal", "")
    if may_do(request.user, "open-event") and not purpose:
        return _list(request, unit, str(PROBLEMS["purpose"]))
    require(request, "events", "open-event", area_of_unit(unit), purpose)
    try:
        opening = Opening(
            kind=said.get("type", ""),
            disease=said.get("sykdom", ""),
            unit=unit,
            place=said.get("sted", ""),
            first_day=read_day(said.get("dag", "")),
            description=said.get("beskrivelse", ""),
        )
        number = events.open_event(opening, request.user.get_username(), timezone.now())
    except EventProblem as problem:
        return _list(request, unit, str(PROBLEMS[problem.code]))
    audit.record(request.user, "change", "events", f"event {number}", 1, purpose_of(purpose))
    return redirect(reverse("event", args=[number]))


@require_http_methods(["GET", "HEAD", "POST"])
@page("events")
def show(request: HttpRequest, number: int) -> HttpResponse:
    """One event; what a form asks for is done."""
    event = find_event(request, number)
    if request.method != "POST":
        audit.record(request.user, "view", "events", f"event {number}", 1)
        return _page(request, event)
    act = ACTIONS.get(request.POST.get("gjor", ""))
    if act is None:
        raise Http404
    try:
        if request.POST["gjor"] == "fjern":
            removing = event_exposures.ask_removal(request, event)
            if removing is not None:
                return _page(request, event, removing=removing)
        act(request, event)
    except EventProblem as problem:
        if problem.code == "contacts":
            return _page(request, event, closing=count_ongoing(event.id, timezone.localdate()))
        if problem.code == "other-diseases":
            return _page(request, event, strangers=request.POST.get("sykdom", ""))
        if problem.code == "other-disease" and "sak" in request.POST:
            return _page(request, event, doubtful=event_cases.asked_number(request))
        return _page(request, event, str(PROBLEMS[problem.code]))
    return redirect(reverse("event", args=[number]))


def _close(request: HttpRequest, event: Event) -> None:
    purpose, by = require_lead(request, event), request.user.get_username()
    words_given = request.POST.get("konklusjon", "")
    if events.keep_conclusion(words_given) and request.POST.get("folges-videre") != "ja":
        ongoing = count_ongoing(event.id, timezone.localdate())
        if ongoing.followed and event.closed_at is None:
            raise EventProblem("contacts", f"{ongoing.followed} contacts are followed still")
    if events.close_event(event.id, words_given, by, timezone.now(), purpose):
        said = purpose_of(purpose)
        audit.record(request.user, "change", "events", f"event closed {event.id}", 1, said)


def _reopen(request: HttpRequest, event: Event) -> None:
    purpose, by = require_lead(request, event), request.user.get_username()
    if events.reopen_event(event.id, by, timezone.now(), purpose):
        said = purpose_of(purpose)
        audit.record(request.user, "change", "events", f"event opened again {event.id}", 1, said)


def _say_disease(request: HttpRequest, event: Event) -> None:
    purpose, by = require_lead(request, event), request.user.get_username()
    disease = request.POST.get("sykdom", "")
    others = [] if disease == event.disease else event_disease.of_others(event.id, disease)
    if others and request.POST.get("andre-sykdommer") != "ja":
        raise EventProblem("other-diseases", f"{len(others)} cases are not of {disease}")
    if event_disease.say_disease(
        event.id, disease, by, timezone.now(), register=the_register(), purpose=purpose
    ):
        what = f"disease of event {event.id}: {disease or 'not known'}"
        audit.record(request.user, "change", "events", what, 1, purpose_of(purpose))


ACTIONS: Mapping[str, Callable[[HttpRequest, Event], None]] = {
    "ta-med": event_cases.join,
    "ta-ut": event_cases.leave,
    "ta-med-valgte": event_cases.join_chosen,
    "ta-ut-valgte": event_cases.leave_chosen,
    "sykdom": _say_disease,
    "eksponering": event_exposures.keep_exposure,
    "prove": event_exposures.keep_sample,
    "fjern": event_exposures.remove,
    "avslutt": _close,
    "gjenapne": _reopen,
}


def _page(
    request: HttpRequest,
    event: Event,
    trouble: str = "",
    doubtful: int = 0,
    strangers: str = "",
    removing: Mapping[str, Any] | None = None,
    closing: Ongoing | None = None,
) -> HttpResponse:
    """The event.

    Args:
        doubtful: a case of another disease, which somebody wants to join to it.
        strangers: a disease that somebody wants to say it is of, and not all of its cases are.
        closing: contacts who are followed still, when somebody wants to close the event.
        removing: an exposure or a sample that somebody wants to remove, as `ask_removal` gives it.
    """
    today, now = timezone.localdate(), timezone.now()
    may = isinstance(
        allows(request.user, "open-event", area_of_unit(unit_for(request)), "outbreak"), Allowed
    )
    cases = events.cases_in(event.id)
    counted = events.of_its_disease(event, cases)
    now_known = current_cases([one.number for one in cases])
    unit = unit_for(request)
    context: dict[str, Any] = {
        "event": event,
        "kind": words.EVENT_KINDS.get(event.kind, event.kind),
        "disease": words.agent_words(event.disease),
        "diseases": disease_choices(),
        "chosen_disease": strangers
        or (request.POST.get("sykdom", event.disease) if trouble else event.disease),
        "ticked": event_cases.ticked(request) if trouble else [],
        "unit": words.unit_words(event.unit, today),
        "trouble": trouble,
        "typed": request.POST if trouble or closing else {},
        "closing": closing,
        "doubtful": event_cases.describe_doubtful(doubtful),
        "strangers": event_cases.describe_strangers(event, strangers) if strangers else None,
        "removing": removing,
        "ceased": events.ceased_in(event.id),
        "turns": [_turn(one) for one in events.turns_of(event.id)],
        "leads": any(leads(request, event, one.key) for one in purposes_for(request, "open-event")),
        "purposes": [
            (one.key, one.in_language(words.language()))
            for one in purposes_for(request, "open-event")
        ],
        "may_follow": any(
            isinstance(
                allows(request.user, "follow-contacts", area_of_unit(event.unit), one.key), Allowed
            )
            for one in purposes_for(request, "follow-contacts")
        ),
        "may": may,
        "cases": [
            event_cases.describe_case(
                request, event, one, now_known.get(one.number), "outbreak", today
            )
            for one in cases
        ],
        "charts": draw_curve(counted),
        "others": len(cases) - len(counted),
        "steps": [
            {"step": one, "left": one.left_at is not None} for one in events.steps_of(event.id)
        ],
        "threads": [
            {
                "thread": one,
                "unit": words.unit_words(one.unit, today),
                "overdue": inbox.is_overdue(one, now),
                "mine": unit in (one.unit, NATIONAL),
            }
            for one in inbox.list_threads(event=event.id)
        ],
        "contacts": contacts.count_contacts(event=event.id),
        **event_exposures.describe_exposures(request, event, trouble),
        **(event_cases.describe_candidates(request, event) if may and not event.closed_at else {}),
    }
    asked = trouble or doubtful or strangers or removing or closing
    return render(request, "web/event.html", context, status=422 if asked else 200)


def _turn(one: EventStep) -> dict[str, Any]:
    """A step of an event in the reader's words."""
    said = words.agent_words(one.text) if one.what == "disease" else one.text
    return {"what": one.what, "by": one.by, "at": one.at, "text": said}
