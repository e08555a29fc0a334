"""Whose a case is, and whom to call about it: shown once, for infection control, and logged as a look at that person."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from varde import register
from varde.access import audit
from varde.access.gate import page
from varde.access.roles import may_do
from varde.linkage import Description
from varde.register import Behind
from varde.register.whose import RIGHT
from varde.web.pages.followup import words
from varde.web.pages.followup.gatekeeping import allowed_in, ask, find_kept, purposes_for
from varde.web.registers import laboratory_names, the_register
from varde.web.templatetags.words import day as say_day

KINDS = {
    "laboratory": gettext_lazy("The laboratory's answer"),
    "notification": gettext_lazy("The clinician's form"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@page("case")
def show(request: HttpRequest, number: int) -> HttpResponse:
    """What is known of the person; only as the answer to a form that says what for, so that no address shows it."""
    if not may_do(request.user, RIGHT):
        audit.record(request.user, "denied", "case")
        raise PermissionDenied
    address = reverse("case-whose", args=[number])
    kept = find_kept(request, number, "case", RIGHT)
    if kept.case is None:
        raise Http404
    if request.method != "POST":
        return redirect("case", number)
    purpose = request.POST.get("formal", "")
    if purpose not in {one.key for one in purposes_for(request, RIGHT)}:
        title = _("Case {number}").format(number=number)
        return ask(request, title, address, _("Say what you need it for."), RIGHT)
    area = allowed_in(request, kept.areas, purpose, RIGHT)
    opened = register.open_case(the_register(), request.user, number, area, purpose, "case")
    if opened is None:
        raise Http404
    names = laboratory_names()
    context: dict[str, Any] = {
        "case": kept.case.listed,
        "disease": words.disease_words(kept.disease),
        "rows": describe_person(opened.descriptions),
        "behind": [describe_behind(one, names) for one in opened.behind],
    }
    answer = render(request, "web/case_whose.html", context)
    answer["Cache-Control"] = "no-store"
    return answer


def describe_person(descriptions: tuple[Description, ...]) -> list[tuple[object, list[str]]]:
    """Name of a field, and all that reports say in it, each once."""
    today = timezone.localdate()
    found: list[tuple[object, list[str]]] = []
    for label, said in (
        (_("Name"), [" ".join(filter(None, (one.given, one.family))) for one in descriptions]),
        (_("Number"), [number.value for one in descriptions for number in one.numbers]),
        (_("Birth date"), [say_day(one.born) for one in descriptions if one.born]),
        (_("Telephone"), [one.phone for one in descriptions]),
        (_("Postal code"), [one.postal_code for one in descriptions]),
        (
            _("Lives in"),
            [words.place_words(one.municipality, today) for one in descriptions],
        ),
    ):
        each = list(dict.fromkeys(one for one in said if one))
        if each:
            found.append((label, each))
    return found


def describe_behind(one: Behind, names: dict[str, str]) -> dict[str, Any]:
    """A piece of evidence and who is behind it, in the reader's words."""
    return {
        "kind": KINDS[one.kind],
        "sender": names.get(one.sender, one.sender),
        "day": one.day,
        "who": one.requester,
    }
