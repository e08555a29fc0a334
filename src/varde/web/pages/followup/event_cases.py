"""Cases are joined to an event and taken out: one by its number, or several chosen from the list of the own ones."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from varde.access import audit
from varde.access.gate import require
from varde.followup import choosing, event_disease, events
from varde.followup.models import Event
from varde.followup.threads import alone
from varde.followup.units import area_of_unit
from varde.register import CurrentCase, ListedCase, current_cases
from varde.web.pages.followup import words
from varde.web.pages.followup.event_gate import leads, log_case, number_of, own_case, unit_for
from varde.web.pages.followup.gatekeeping import allowed_area
from varde.web.registers import the_register


def join(request: HttpRequest, event: Event) -> None:
    """Join the case whose number was typed."""
    _require_unit(request)
    number = own_case(request, asked_number(request))
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
            log_case(request, number, f"case {number} joined to event {event.id}")


def leave(request: HttpRequest, event: Event) -> None:
    """Take one case out."""
    _require_unit(request)
    asked = asked_number(request)
    number = asked if leads(request, event, "outbreak") else own_case(request, asked)
    by = request.user.get_username()
    with alone():
        if events.leave(event.id, number, by, timezone.now(), register=the_register()):
            log_case(request, number, f"case {number} left event {event.id}")


def join_chosen(request: HttpRequest, event: Event) -> None:
    """Join all cases that were ticked, or none of them; each is in the access log."""
    _require_unit(request)
    numbers = [own_case(request, one) for one in ticked(request)]
    with alone():
        joined = choosing.join_all(
            event.id,
            numbers,
            request.user.get_username(),
            timezone.now(),
            register=the_register(),
            why=request.POST.get("grunn", ""),
            purpose="outbreak",
        )
        for number in joined:
            log_case(request, number, f"case {number} joined to event {event.id}")


def leave_chosen(request: HttpRequest, event: Event) -> None:
    """Take all cases out that were ticked, or none of them; each is in the access log."""
    _require_unit(request)
    numbers = ticked(request)
    if not leads(request, event, "outbreak"):
        numbers = [own_case(request, one) for one in numbers]
    with alone():
        gone = choosing.leave_all(
            event.id,
            numbers,
            request.user.get_username(),
            timezone.now(),
            register=the_register(),
            why=request.POST.get("grunn", ""),
        )
        for number in gone:
            log_case(request, number, f"case {number} left event {event.id}")


def _require_unit(request: HttpRequest) -> None:
    """Refuse whoever may not put cases into events of the own area."""
    require(request, "events", "open-event", area_of_unit(unit_for(request)), "outbreak")


def asked_number(request: HttpRequest) -> int:
    """The number of a case that was typed; 0 for none."""
    return number_of(request.POST.get("sak", ""))


def ticked(request: HttpRequest) -> list[int]:
    """The numbers of the cases that were ticked."""
    return [number_of(one) for one in request.POST.getlist("saker")]


def describe_case(
    request: HttpRequest,
    event: Event,
    one: ListedCase,
    case: CurrentCase | None,
    purpose: str,
    today: date,
) -> dict[str, Any]:
    """A case of an event, for its page and its line list: where it is from only for those whose it is."""
    mine = case is not None and allowed_area(request, case, purpose) is not None
    return {
        "number": one.number,
        "mine": mine,
        "disease": words.disease_words(one.disease),
        "other": event.disease not in ("", one.disease),
        "class": words.CLASSES.get(one.classification, one.classification),
        "day": one.onset or one.first_day,
        "onset": one.onset is not None,
        "residence": words.place_words(one.residence, today) if mine else "",
    }


def describe_candidates(request: HttpRequest, event: Event) -> dict[str, Any]:
    """The own cases that may belong to an event, for the list to choose from; that they were listed is logged."""
    today, unit = timezone.localdate(), unit_for(request)
    whole = request.GET.get("saker") == "alle"
    found = choosing.list_candidates(event, unit, today, whole)
    if found:
        audit.record(request.user, "view", "events", f"own cases for event {event.id}", len(found))
    before = choosing.taken_out_of(event.id, [one.number for one in found])
    first, last = choosing.days_of(event, today)
    return {
        "candidates": [
            {
                "number": one.number,
                "disease": words.disease_words(one.disease),
                "class": words.CLASSES.get(one.classification, one.classification),
                "day": one.onset or one.first_day,
                "onset": one.onset is not None,
                "residence": words.place_words(one.residence, today),
                "taken_out": one.number in before,
            }
            for one in found
        ],
        "candidates_whole": whole,
        "candidates_first": first,
        "candidates_last": last,
        "most_candidates": choosing.MOST,
    }


def describe_strangers(event: Event, disease: str) -> dict[str, Any]:
    """How many cases of an event are of another disease than somebody says it is of, for the question whether it is."""
    others = event_disease.of_others(event.id, disease)
    return {
        "disease": words.disease_words(disease),
        "key": disease,
        "number": len(others),
        "all": len(events.cases_in(event.id)),
        "diseases": sorted({words.disease_words(one.disease) for one in others}),
    }


def describe_doubtful(number: int) -> dict[str, Any] | None:
    """A case of another disease than the event's, for the question whether it is meant."""
    case = current_cases([number]).get(number) if number else None
    if case is None:
        return None
    return {"number": number, "disease": words.disease_words(case.listed.disease)}
