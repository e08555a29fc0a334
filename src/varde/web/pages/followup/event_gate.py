"""Whose an event is: who sees it, who leads it, and what is said when something of it cannot be kept."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy

from varde.access import audit
from varde.access.decisions import Allowed, allows
from varde.access.gate import require
from varde.access.purposes import purpose_of
from varde.followup import events
from varde.followup.events import EventProblem
from varde.followup.models import Event
from varde.followup.units import NATIONAL, area_of_unit, names_of, unit_of
from varde.register import current_cases, pseudonym_of
from varde.web.forms.tables import day_of
from varde.web.pages.followup.gatekeeping import allowed_area, purposes_for

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
    "long": gettext_lazy(
        "This is too long: a place, a food or a laboratory has at most 120 signs, a reason 200, an answer 400, other text 4,000."
    ),
    "why": gettext_lazy("Say why."),
    "none": gettext_lazy("Tick one case at least."),
    "many": gettext_lazy("This is more than there is room for at once."),
    "other-disease": gettext_lazy("One of the cases is of another disease than the event."),
    "counts": gettext_lazy("Give four whole numbers of persons, or none of them."),
    "answer": gettext_lazy("Give the answer and its day, or neither."),
    "when": gettext_lazy(
        "Give days that are not in the future and at most ten years ago; an answer comes after its sample."
    ),
    "twice": gettext_lazy(
        "The event has an exposure of this name already. Change that one, or give this another name."
    ),
    "row": gettext_lazy("What you changed is not there any more."),
}


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


def leads(request: HttpRequest, event: Event, purpose: str) -> bool:
    """Whether an event is the user's to lead: their unit opened it, or they answer for all."""
    place = area_of_unit(event.unit)
    if isinstance(allows(request.user, "lead-events", place, purpose), Allowed):
        return True
    names = names_of(unit_for(request), timezone.localdate())
    may = isinstance(allows(request.user, "open-event", place, purpose), Allowed)
    return may and event.unit in names


def require_lead(request: HttpRequest, event: Event, purpose: str = "") -> str:
    """The purpose for which the user leads an event: closes it, says its disease and what it may be from.

    Args:
        purpose: empty: the one that was stated in the form.

    Raises:
        EventProblem: none was stated.
        AccessRefused: the event is not the user's to lead.
    """
    said = purpose or request.POST.get("formal", "")
    if said not in {one.key for one in purposes_for(request, "open-event")}:
        raise EventProblem("purpose", "nobody said what for")
    if not leads(request, event, said):
        require(request, "events", "lead-events", area_of_unit(event.unit), said)
    return said


def own_case(request: HttpRequest, number: int) -> int:
    """The number of a case in the user's area.

    Raises:
        EventProblem: there is none, or it is another's; the two look the same.
    """
    case = current_cases([number]).get(number)
    if case is None or allowed_area(request, case, "outbreak") is None:
        raise EventProblem("no-case", "there is no such case here")
    return number


def log_case(request: HttpRequest, number: int, what: str) -> None:
    """That something was done with a case in an event, about its person where anybody knows who it is."""
    about, purpose = pseudonym_of(number), purpose_of("outbreak")
    if about is None:
        audit.record(request.user, "change", "events", what, 1, purpose)
    else:
        audit.record(request.user, "change", "events", what, 1, purpose=purpose, about=about)


def number_of(text: str) -> int:
    """A number that was typed; 0 for what is none."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


def read_day(text: str, code: str = "day") -> date:
    """A day that was typed.

    Raises:
        EventProblem: it is none; with this code.
    """
    try:
        return date.fromisoformat(day_of(text.strip()))
    except ValueError:
        raise EventProblem(code, "this is no day") from None
