"""Hospitals that no table knows: the duty officer says which they are, so that their infection control is told; and takes
back what was said."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from varde.access import audit
from varde.access.gate import page
from varde.codes import hospitals, trusts
from varde.followup.unknown_hospitals import list_unknown_hospitals, recognise, take_back
from varde.followup.wards import is_only_a_ward
from varde.register import list_hospital_words
from varde.web.pages.followup import words
from varde.web.registers import laboratory_names

NONE = "ingen"
"""How the form says that a word names no hospital."""


@require_http_methods(["GET", "HEAD", "POST"])
@page("desk")
def show(request: HttpRequest) -> HttpResponse:
    """The words, each with a choice, and what was said; a POST says what one means, or takes it back."""
    now, today = timezone.now(), timezone.localdate()
    trouble = ""
    if request.method == "POST":
        chosen, word = request.POST.get("sykehus", ""), request.POST.get("ord", "")
        sender, by = request.POST.get("avsender", ""), request.user.get_username()
        is_back = request.POST.get("gjor") == "tilbake"
        if chosen or is_back:
            try:
                if is_back:
                    take_back(sender, word, now, today)
                else:
                    recognise(sender, word, "" if chosen == NONE else chosen, by, now, today)
            except KeyError:
                raise Http404 from None
            audit.record(request.user, "change", "desk", "name of a hospital", 1)
            return redirect("desk-hospitals")
        trouble = _("Choose a hospital, or that it is none.")
    found = list_unknown_hospitals(now, today)
    audit.record(request.user, "view", "desk", "name of a hospital", len(found))
    names, houses, owners = laboratory_names(), hospitals(today), trusts(today)
    context = {
        "trouble": trouble,
        "rows": [{"one": one, "sender": names.get(one.sender, one.sender)} for one in found],
        "said": [
            {
                "one": one,
                "sender": names.get(one.sender, one.sender),
                "of": houses[one.of].name if one.of in houses else owners.get(one.of, one.of),
                "only_a_ward": is_only_a_ward(one.name),
            }
            for one in list_hospital_words()
        ],
        "none": NONE,
        "trusts": sorted(owners.items(), key=lambda one: words.sort_key(one[1])),
        "hospitals": sorted(
            ((one.number, one.name) for one in houses.values()),
            key=lambda one: words.sort_key(one[1]),
        ),
    }
    return render(request, "web/desk_hospitals.html", context, status=422 if trouble else 200)
