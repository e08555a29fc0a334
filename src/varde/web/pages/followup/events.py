"""Outbreaks that somebody reported: the list, opening one, and one with its cases, curve, log and conclusion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from varde.access import audit
from varde.access.decisions import Allowed, allows
from varde.access.gate import page, require
from varde.access.purposes import purpose_of
from varde.access.roles import may_do
from varde.cases import diseases
from varde.followup import contacts, events, inbox
from varde.followup.events import EventProblem, Opening
from varde.followup.models import Event
from varde.followup.threads import alone
from varde.followup.units import NATIONAL, area_of_unit, names_of, unit_of
from varde.publishing import Column, ColumnWords, draw_columns
from varde.register import CurrentCase, ListedCase, current_cases, pseudonym_of
from varde.web.forms.tables import day_of
from varde.web.pages.followup import words
from varde.web.pages.followup.gatekeeping import allowed_area, purposes_for
from varde.web.registers import the_register
from varde.web.templatetags.words import day as say_day

PROBLEMS = {
    "kind": gettext_lazy("Choose what kind of place it is."),
    "disease": gettext_lazy("Choose a disease from the list, or that nobody knows yet."),
    "day": gettext_lazy("Give the first day: not in the future, and at most ten years ago."),
    "empty": gettext_lazy("Fill in all that is asked for."),
    "identity": gettext_lazy(
        "This may hold an identity number. Take it out: no person may be recognised here."
    ),
    "closed": gettext_lazy("The event is closed."),
    "no-case": gettext_lazy("There is no case of this number in your area."),
    "purpose": gettext_lazy("Say what you need it for."),
    "long": gettext_lazy("This is too long: a place has at most 120 signs, other text 4,000."),
}
SERIES = ("confirmed", "probable", "suspected")
FEWEST = 15
"""A curve shows so many days at least."""
WIDTHS = (("", 760.0), ("-narrow", 340.0))


def unit_for(request: HttpRequest) -> str:
    """The unit whose events the user sees.

    Raises:
        PermissionDenied: the user has no area.
    """
    unit = unit_of(request.user, timezone.localdate())
    if unit is None:
        raise PermissionDenied
    return unit


def find_event(request: HttpRequest, number: int) -> Event:
    """An event that the user's unit opened or was told of; national roles see all.

    Raises:
        Http404: there is none, or it is another's.
    """
    unit = unit_for(request)
    event = events.read_event(number)
    if event is None or not (unit == NATIONAL or events.is_of(event, unit, timezone.localdate())):
        raise Http404
    return event


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
                "disease": words.disease_words(one.disease),
                "unit": words.unit_words(one.unit, today),
                "cases": len(events.cases_in(one.id)),
            }
            for one in found
        ],
        "may_open": may_do(request.user, "open-event"),
        "trouble": trouble,
        "typed": request.POST if trouble else {},
        "kinds": words.EVENT_KINDS.items(),
        "diseases": sorted(
            ((key, words.disease_words(key)) for key in diseases()),
            key=lambda one: one[1].casefold(),
        ),
        "purposes": [
            (one.key, one.in_language(words.language()))
            for one in purposes_for(request, "open-event")
        ],
        "today": today,
    }
    return render(request, "web/events.html", context, status=422 if trouble else 200)


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
            first_day=_day(said.get("dag", "")),
            description=said.get("beskrivelse", ""),
        )
        number = events.open_event(opening, request.user.get_username(), timezone.now())
    except EventProblem as problem:
        return _list(request, unit, str(PROBLEMS[problem.code]))
    audit.record(request.user, "change", "events", f"event {number}", 1, purpose_of(purpose))
    return redirect(reverse("event", args=[number]))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(day_of(text.strip()))
    except ValueError:
        raise EventProblem("day", "this is no day") from None


@require_http_methods(["GET", "HEAD", "POST"])
@page("events")
def show(request: HttpRequest, number: int) -> HttpResponse:
    """One event; what a form asks for is done."""
    event = find_event(request, number)
    if request.method != "POST":
        audit.record(request.user, "view", "events", f"event {number}", 1)
        return _page(request, event)
    act = {"ta-med": _join, "ta-ut": _leave, "avslutt": _close, "gjenapne": _reopen}.get(
        request.POST.get("gjor", "")
    )
    if act is None:
        raise Http404
    try:
        act(request, event)
    except EventProblem as problem:
        if problem.code == "other-disease":
            return _page(request, event, doubtful=_asked_number(request))
        return _page(request, event, str(PROBLEMS[problem.code]))
    return redirect(reverse("event", args=[number]))


def _leads(request: HttpRequest, event: Event, purpose: str) -> bool:
    """Whether an event is the user's to close and open again: their unit opened it, or they answer for all."""
    place = area_of_unit(event.unit)
    if isinstance(allows(request.user, "lead-events", place, purpose), Allowed):
        return True
    names = names_of(unit_for(request), timezone.localdate())
    may = isinstance(allows(request.user, "open-event", place, purpose), Allowed)
    return may and event.unit in names


def _require_lead(request: HttpRequest, event: Event) -> str:
    """The purpose that was stated for closing an event or opening it again.

    Raises:
        EventProblem: none was.
        AccessRefused: the event is not the user's to lead.
    """
    purpose = request.POST.get("formal", "")
    if purpose not in {one.key for one in purposes_for(request, "open-event")}:
        raise EventProblem("purpose", "nobody said what for")
    if not _leads(request, event, purpose):
        require(request, "events", "lead-events", area_of_unit(event.unit), purpose)
    return purpose


def _join(request: HttpRequest, event: Event) -> None:
    require(request, "events", "open-event", area_of_unit(unit_for(request)), "outbreak")
    number = _own_case(request)
    sure, by = request.POST.get("annen-sykdom") == "ja", request.user.get_username()
    with alone():
        done = events.join(
            event.id,
            number,
            by,
            timezone.now(),
            register=the_register(),
            other_disease=sure,
            purpose="outbreak",
        )
        if done:
            _log(request, number, f"case {number} joined to event {event.id}")


def _leave(request: HttpRequest, event: Event) -> None:
    require(request, "events", "open-event", area_of_unit(unit_for(request)), "outbreak")
    leads = _leads(request, event, "outbreak")
    number = _asked_number(request) if leads else _own_case(request)
    by = request.user.get_username()
    with alone():
        if events.leave(event.id, number, by, timezone.now(), register=the_register()):
            _log(request, number, f"case {number} left event {event.id}")


def _log(request: HttpRequest, number: int, what: str) -> None:
    about, purpose = pseudonym_of(number), purpose_of("outbreak")
    if about is None:
        audit.record(request.user, "change", "events", what, 1, purpose)
    else:
        audit.record(request.user, "change", "events", what, 1, purpose=purpose, about=about)


def _own_case(request: HttpRequest) -> int:
    """The number that was typed, of a case in the user's area.

    Raises:
        EventProblem: there is none, or it is another's; the two look the same.
    """
    number = _asked_number(request)
    case = current_cases([number]).get(number)
    if case is None or allowed_area(request, case, "outbreak") is None:
        raise EventProblem("no-case", "there is no such case here")
    return number


def _asked_number(request: HttpRequest) -> int:
    text = request.POST.get("sak", "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


def _close(request: HttpRequest, event: Event) -> None:
    purpose, by = _require_lead(request, event), request.user.get_username()
    words_given = request.POST.get("konklusjon", "")
    if events.close_event(event.id, words_given, by, timezone.now(), purpose):
        said = purpose_of(purpose)
        audit.record(request.user, "change", "events", f"event closed {event.id}", 1, said)


def _reopen(request: HttpRequest, event: Event) -> None:
    purpose, by = _require_lead(request, event), request.user.get_username()
    if events.reopen_event(event.id, by, timezone.now(), purpose):
        said = purpose_of(purpose)
        audit.record(request.user, "change", "events", f"event opened again {event.id}", 1, said)


def _page(request: HttpRequest, event: Event, trouble: str = "", doubtful: int = 0) -> HttpResponse:
    """The event.

    Args:
        doubtful: a case of another disease, which somebody wants to join to it.
    """
    today, now = timezone.localdate(), timezone.now()
    cases = events.cases_in(event.id)
    now_known = current_cases([one.number for one in cases])
    unit = unit_for(request)
    area = area_of_unit(unit)
    context: dict[str, Any] = {
        "event": event,
        "kind": words.EVENT_KINDS.get(event.kind, event.kind),
        "disease": words.disease_words(event.disease),
        "unit": words.unit_words(event.unit, today),
        "trouble": trouble,
        "typed": request.POST if trouble else {},
        "doubtful": _doubtful(doubtful),
        "ceased": events.ceased_in(event.id),
        "turns": events.turns_of(event.id),
        "leads": any(
            _leads(request, event, one.key) for one in purposes_for(request, "open-event")
        ),
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
        "may": isinstance(allows(request.user, "open-event", area, "outbreak"), Allowed),
        "cases": [_case(request, one, now_known.get(one.number), today) for one in cases],
        "charts": _charts(cases),
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
    }
    return render(request, "web/event.html", context, status=422 if trouble or doubtful else 200)


def _doubtful(number: int) -> dict[str, Any] | None:
    """A case of another disease than the event's, for the question whether it is meant."""
    case = current_cases([number]).get(number) if number else None
    if case is None:
        return None
    return {"number": number, "disease": words.disease_words(case.listed.disease)}


def _case(
    request: HttpRequest, one: ListedCase, case: CurrentCase | None, today: date
) -> dict[str, Any]:
    """A case in the list: where it is from only for those whose it is."""
    mine = case is not None and allowed_area(request, case, "outbreak") is not None
    return {
        "number": one.number,
        "mine": mine,
        "disease": words.disease_words(one.disease),
        "class": words.CLASSES.get(one.classification, one.classification),
        "day": one.onset or one.first_day,
        "residence": words.place_words(one.residence, today) if mine else "",
    }


def _charts(cases: Sequence[ListedCase]) -> list[str]:
    """The epidemic curve, for wide and narrow windows."""
    counted = events.curve(cases)
    if not counted:
        return []
    first, last = min(counted), max(counted)
    title = _("Who fell ill when")
    one = _("1 case on {first}, by onset or first day.")
    several = _("{number} cases from {first} to {last}, by onset or first day.")
    description = (one if len(cases) == 1 else several).format(
        number=len(cases), first=say_day(first), last=say_day(last)
    )
    chart_words = ColumnWords(
        title=title,
        description=description,
        axis=_("Cases"),
        series=tuple(str(words.CLASSES[name]).capitalize() for name in SERIES),
        language=words.language(),
    )
    return [
        draw_columns(
            _columns(_with_days_around(counted), width),
            chart_words,
            name=f"curve{end}",
            width=width,
        )
        for end, width in WIDTHS
    ]


def _with_days_around(
    counted: Mapping[date, Mapping[str, int]],
) -> Mapping[date, Mapping[str, int]]:
    """A curve of few days with empty ones on both sides: a single day is no column as wide as the page."""
    first, missing = min(counted), FEWEST - len(counted)
    by_week = (max(counted) - first).days >= len(counted)
    if missing <= 0 or by_week:
        return counted
    after = min(missing // 2, max(0, (timezone.localdate() - max(counted)).days))
    start = first - timedelta(days=missing - after)
    days = (start + timedelta(days=place) for place in range(FEWEST))
    return {day: counted.get(day, {}) for day in days}


def _columns(counted: Mapping[date, Mapping[str, int]], width: float) -> list[Column]:
    every = max(1, round(len(counted) * 70 / width))
    return [
        Column(
            label=f"{day.day}.{day.month}." if place % every == 0 else "",
            told=words.say_cases(say_day(day), sum(values.values())),
            values=tuple(values.get(name, 0) for name in SERIES),
        )
        for place, (day, values) in enumerate(sorted(counted.items()))
    ]
