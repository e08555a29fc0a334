"""Hospitals that no table knows: the duty officer says which they are, so that their infection control is told."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from varde.access import audit
from varde.access.gate import page
from varde.codes import hospitals, trusts
from varde.followup.unknown_hospitals import list_unknown_hospitals, recognise
from varde.web.pages.followup import words

NONE = "ingen"
"""How the form says that a word names no hospital."""


@require_http_methods(["GET", "HEAD", "POST"])
@page("desk")
def show(request: HttpRequest) -> HttpResponse:
    """The words, each with a choice; a POST says what one means."""
    now, today = timezone.now(), timezone.localdate()
    trouble = ""
    if request.method == "POST":
        chosen, word = request.POST.get("sykehus", ""), request.POST.get("ord", "")
        if chosen:
            try:
                recognise(
                    word, "" if chosen == NONE else chosen, request.user.get_username(), now, today
                )
            except KeyError:
                raise Http404 from None
            audit.record(request.user, "change", "desk", "name of a hospital", 1)
            return redirect("desk-hospitals")
        trouble = _("Choose a hospital, or that it is none.")
    found = list_unknown_hospitals(now, today)
    audit.record(request.user, "view", "desk", "name of a hospital", len(found))
    context = {
        "trouble": trouble,
        "rows": found,
        "none": NONE,
        "trusts": sorted(trusts(today).items(), key=lambda one: words.sort_key(one[1])),
        "hospitals": sorted(
            ((one.number, one.name) for one in hospitals(today).values()),
            key=lambda one: words.sort_key(one[1]),
        ),
    }
    return render(request, "web/desk_hospitals.html", context, status=422 if trouble else 200)
