"""Whoever opens a case says what for, and only where the case is theirs; each look is in the access log.

A purpose that was stated holds for a while, so that a button on the page does not ask again; each look is logged all
the same. A case that is not the user's looks as one that there is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language

from varde.access import audit
from varde.access.areas import Area
from varde.access.decisions import Allowed, allows
from varde.access.gate import require
from varde.access.purposes import Purpose, purpose_of
from varde.access.roles import Right, role_file, role_of
from varde.followup.models import Delivery
from varde.followup.units import area_of_unit, trust_named, unit_of
from varde.register import CurrentCase, current_cases, pseudonym_of

HOLDS = timedelta(minutes=30)
"""So long a purpose holds for one case, or one event's contacts."""
_KEY = "purposes"


def find_case(request: HttpRequest, number: int, page: str) -> CurrentCase:
    """The case, when it is the user's for some purpose.

    Raises:
        Http404: there is none, or it is not theirs; the attempt is logged.
        PermissionDenied: the user has no area.
    """
    if unit_of(request.user, timezone.localdate()) is None:
        raise PermissionDenied
    case = current_cases([number]).get(number)
    if case is None or not any(
        allowed_area(request, case, purpose.key) for purpose in purposes_for(request, "see-person")
    ):
        audit.record(request.user, "denied", page)
        raise Http404
    return case


def allowed_area(
    request: HttpRequest, case: CurrentCase, purpose: str, right: Right = "see-person"
) -> Area | None:
    """The place by which a case is the user's; None when it is not."""
    for area in areas_of(case):
        if isinstance(allows(request.user, right, area, purpose), Allowed):
            return area
    return None


def areas_of(case: CurrentCase) -> Iterator[Area]:
    """The places that a case belongs to: where the person lives and stays, the hospitals, and the units that stand
    in for another that did not answer."""
    for number in (case.listed.residence, case.listed.stay):
        if number:
            yield Area("municipality", number)
    for word in case.hospitals:
        if trust := trust_named(word, case.listed.first_day):
            yield Area("trust", trust)
    threads = Delivery.objects.filter(case=case.listed.number, event=0, state="standing")
    for unit in threads.values_list("unit", flat=True):
        if area := area_of_unit(unit):
            yield area
    yield Area("country")


def purposes_for(request: HttpRequest, right: Right) -> list[Purpose]:
    """What the user may state that it is for."""
    role = role_of(request.user)
    asked = role_file().rights[right].purposes
    return [purpose_of(key) for key in role.purposes if key in asked] if role else []


def state_purpose(request: HttpRequest, what: str, purpose: str, now: datetime) -> None:
    """Remember for a while what something (``case 17``) is looked at for."""
    held = request.session.get(_KEY, {})
    held = {key: value for key, value in held.items() if value[1] > now.isoformat()}
    request.session[_KEY] = held | {what: [purpose, (now + HOLDS).isoformat()]}


def stated_purpose(request: HttpRequest, what: str, now: datetime) -> str:
    """What the user has stated that something is looked at for; empty when nothing, or too long ago."""
    purpose, until = request.session.get(_KEY, {}).get(what, ("", ""))
    return purpose if until > now.isoformat() else ""


def look(request: HttpRequest, case: CurrentCase, purpose: str, page: str, what: str) -> None:
    """Let the user look at a case, and log it.

    Raises:
        AccessRefused: not for this purpose.
    """
    number = case.listed.number
    require(request, page, "see-person", allowed_area(request, case, purpose), purpose)
    about = pseudonym_of(number)
    said = purpose_of(purpose)
    if about is None:
        audit.record(request.user, "view", page, f"{what} {number}", 1, said)
    else:
        audit.record(request.user, "view", page, f"{what} {number}", 1, purpose=said, about=about)


def ask(request: HttpRequest, title: str, address: str, trouble: str = "") -> HttpResponse:
    """The page that asks what something is looked at for, and shows nothing of it."""
    context = {
        "title": title,
        "address": address,
        "trouble": trouble,
        "purposes": [
            (one.key, one.in_language(get_language() or "nb"))
            for one in purposes_for(request, "see-person")
        ],
    }
    return render(request, "web/case_purpose.html", context, status=422 if trouble else 200)
