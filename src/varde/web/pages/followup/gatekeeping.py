"""Whoever opens a case says what for, and only where the case is theirs; each look is in the access log.

A purpose that was stated holds for a while, so that a button on the page does not ask again; each look is logged all
the same. A case that is not the user's looks as one that there is not. One that ceased, or went to another unit, keeps a page
for those who were told of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Literal

import msgspec
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
from varde.followup.models import Delivery, Told
from varde.followup.units import NATIONAL, area_of_unit, name_unit, names_of, trust_named, unit_of
from varde.register import CurrentCase, current_cases, hospital_words, pseudonym_of

HOLDS = timedelta(minutes=30)
"""So long a purpose holds for one case, or one event's contacts."""
_KEY = "purposes"


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A case as it is the user's.

    Attributes:
        case: as it is now; None where there is none any more, or where it is another unit's.
        state: "standing"; "moved": it is another unit's now; "gone"; "merged": it is one with another.
        areas: places by which it is the user's.
        about: a pseudonym of whose it is; None when nobody knows.
    """

    number: int
    disease: str
    case: CurrentCase | None
    state: Literal["standing", "moved", "gone", "merged"]
    areas: tuple[Area, ...]
    about: bytes | None


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


def find_kept(request: HttpRequest, number: int, page: str, right: Right = "see-person") -> Kept:
    """The case, when it is the user's for some purpose, or was and they were told of it.

    Raises:
        Http404: there is none, or it is not theirs; the attempt is logged.
        PermissionDenied: the user has no area.
    """
    unit = unit_of(request.user, timezone.localdate())
    if unit is None:
        raise PermissionDenied
    found = _kept(request, number, unit, right)
    if found is None or not any(
        allowed_in(request, found.areas, purpose.key, right)
        for purpose in purposes_for(request, right)
    ):
        audit.record(request.user, "denied", page)
        raise Http404
    return found


def _kept(request: HttpRequest, number: int, unit: str, right: Right) -> Kept | None:
    case = current_cases([number]).get(number)
    about = pseudonym_of(number)
    if case is not None:
        areas = tuple(areas_of(case))
        disease = case.listed.disease
        if any(allowed_in(request, areas, one.key, right) for one in purposes_for(request, right)):
            return Kept(
                number=number,
                disease=disease,
                case=case,
                state="standing",
                areas=areas,
                about=about,
            )
        names = names_of(unit, timezone.localdate())
        own = Delivery.objects.filter(case=number, event=0, unit__in=names, state="moved")
        mine = area_of_unit(unit) if own.exists() else None
        if mine is None:
            return None
        return Kept(
            number=number, disease=disease, case=None, state="moved", areas=(mine,), about=about
        )
    told = Told.objects.filter(case=number, standing=False).first()
    if told is None:
        return None
    threads = dict(Delivery.objects.filter(case=number, event=0).values_list("unit", "state"))
    places = [area_of_unit(name) for name in threads]
    return Kept(
        number=number,
        disease=told.disease,
        case=None,
        state="merged" if "merged" in threads.values() else "gone",
        areas=(*(one for one in places if one is not None), Area("country")),
        about=bytes(told.about) if told.about is not None else None,
    )


def allowed_in(
    request: HttpRequest, areas: Iterable[Area], purpose: str, right: Right = "see-person"
) -> Area | None:
    """The first of some places where the user may do something; None when none is."""
    for area in areas:
        if isinstance(allows(request.user, right, area, purpose), Allowed):
            return area
    return None


def units_having(number: int) -> set[str]:
    """All names of the units that have a case now, or had it when it ceased."""
    today = timezone.localdate()
    case = current_cases([number]).get(number)
    if case is None:
        last = Delivery.objects.filter(case=number, event=0, state__in=("gone", "merged"))
        units = {*last.values_list("unit", flat=True), NATIONAL}
    else:
        kinds = {"municipality": "municipality", "trust": "trust"}
        units = {
            name_unit(kinds[area.kind], area.code) if area.kind in kinds else NATIONAL  # type: ignore[arg-type]
            for area in areas_of(case)
        }
    return {name for unit in units for name in names_of(unit, today)}


def allowed_area(
    request: HttpRequest, case: CurrentCase, purpose: str, right: Right = "see-person"
) -> Area | None:
    """The place by which a case is the user's; None when it is not."""
    return allowed_in(request, areas_of(case), purpose, right)


def areas_of(case: CurrentCase) -> Iterator[Area]:
    """The places that a case belongs to: where the person lives and stays, the hospitals, and the units that stand
    in for another that did not answer."""
    for number in (case.listed.residence, case.listed.stay):
        if number:
            yield Area("municipality", number)
    said = hospital_words()
    for sender, word in case.hospitals_by:
        if trust := trust_named(word, case.listed.first_day, said.get(sender, {})):
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


def look(request: HttpRequest, kept: Kept, purpose: str, page: str, what: str) -> None:
    """Let the user look at a case, and log it.

    Raises:
        AccessRefused: not for this purpose.
    """
    require(request, page, "see-person", allowed_in(request, kept.areas, purpose), purpose)
    said = purpose_of(purpose)
    if kept.about is None:
        audit.record(request.user, "view", page, f"{what} {kept.number}", 1, said)
    else:
        audit.record(
            request.user,
            "view",
            page,
            f"{what} {kept.number}",
            1,
            purpose=said,
            about=kept.about,
        )


def ask(
    request: HttpRequest, title: str, address: str, trouble: str = "", right: Right = "see-person"
) -> HttpResponse:
    """The page that asks what something is looked at for, and shows nothing of it."""
    context = {
        "title": title,
        "address": address,
        "trouble": trouble,
        "purposes": [
            (one.key, one.in_language(get_language() or "nb"))
            for one in purposes_for(request, right)
        ],
    }
    return render(request, "web/case_purpose.html", context, status=422 if trouble else 200)
