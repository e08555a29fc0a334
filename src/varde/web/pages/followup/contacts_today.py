"""One list of the contacts of whom the user's unit should hear something today, or should have: whom to call, and what
there is to do. What is said of them is kept from the list itself.

Names and telephone numbers are opened here, after it was said what for; each contact with a national number is a look at
that person in the access log. National numbers are not shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from varde.access import audit
from varde.access.gate import page, require
from varde.access.keys import load_keys
from varde.access.purposes import Purpose, purpose_of
from varde.access.roles import Right, may_open
from varde.followup import contacts
from varde.followup.contacts import ContactBook, ContactProblem, Known
from varde.followup.due_contacts import Due, list_due
from varde.followup.threads import alone
from varde.followup.units import NATIONAL, area_of_unit, names_of
from varde.web.pages.followup import words
from varde.web.pages.followup.contact_form import fault_of
from varde.web.pages.followup.contact_rows import timely_advice
from varde.web.pages.followup.event_gate import number_of, unit_for
from varde.web.pages.followup.gatekeeping import (
    ask,
    purposes_for,
    state_purpose,
    stated_purpose,
    units_having,
)
from varde.web.templatetags.words import day as say_day

RIGHT: Right = "follow-contacts"
KEY = "contacts today"


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@page("contacts")
def show(request: HttpRequest) -> HttpResponse:
    """The list, once it is said what for; what is said of a contact is kept."""
    unit, now = unit_for(request), timezone.now()
    address, title = reverse("contacts-today"), _("Contacts today")
    allowed = [one.key for one in purposes_for(request, RIGHT)]
    if request.method == "POST" and request.POST.get("gjor") == "apne":
        purpose = request.POST.get("formal", "")
        if purpose not in allowed:
            return ask(request, title, address, _("Say what you need it for."), RIGHT)
        state_purpose(request, KEY, purpose, now)
        return redirect(address)
    purpose = stated_purpose(request, KEY, now)
    if purpose not in allowed:
        return ask(request, title, address, right=RIGHT)
    require(request, "contacts", RIGHT, area_of_unit(unit), purpose)
    said, trouble = purpose_of(purpose), ""
    found = find_due(unit)
    opened = _open(found)
    if request.method == "POST":
        try:
            _say(request, found, opened, said)
        except ContactProblem as problem:
            trouble = fault_of(problem)
        else:
            return redirect(address)
    _log(request, found, opened, said)
    context = {
        "title": title,
        "trouble": trouble,
        "days": _by_day(found, opened),
        "may_notify": may_open(request.user, "notification"),
        "total": len(found),
        "states": words.DAY_STATES.items(),
        "today": timezone.localdate(),
    }
    return render(request, "web/contacts_today.html", context, status=422 if trouble else 200)


def find_due(unit: str) -> list[Due]:
    """The contacts that a unit is to hear of, without whom another unit met that does not have the case."""
    today = timezone.localdate()
    found, names = list_due(unit, today), set(names_of(unit, today))
    if unit == NATIONAL:
        return found
    others = {one.case for one in found if one.case and one.contact.unit not in names}
    having = {case: units_having(case) for case in others}
    shown = {
        one.id
        for case in others
        for one in contacts.shown_to(
            [due.contact for due in found if due.case == case], names, having[case]
        )
    }
    return [one for one in found if one.case not in others or one.contact.id in shown]


def _open(found: Sequence[Due]) -> dict[int, Known]:
    book = ContactBook(load_keys(Path(settings.VARDE_HOME)))
    return {one.id: one for one in book.open([due.contact for due in found])}


def _list_of(one: Due) -> str:
    """The list on which a contact stands, as the access log names it."""
    return f"case {one.case}" if one.case else f"event {one.contact.event}"


def _log(
    request: HttpRequest, found: Sequence[Due], opened: Mapping[int, Known], said: Purpose
) -> None:
    """That the list was opened, and each look at a person; of those without a number, how many of which list."""
    audit.record(request.user, "view", "contacts", "contact due today", len(found), said)
    for key, each in groupby(sorted(found, key=_list_of), _list_of):
        known = [opened[one.contact.id].pseudonym for one in each]
        about = [one for one in known if one is not None]
        audit.record_looks(request.user, "view", "contacts", f"contact of {key}", said, about)
        if nameless := len(known) - len(about):
            what = f"contact without number of {key}"
            audit.record(request.user, "view", "contacts", what, nameless, said)


def _say(
    request: HttpRequest, found: Sequence[Due], opened: Mapping[int, Known], said: Purpose
) -> None:
    """Keep how a contact is on its day; it is done in the list then."""
    number = number_of(request.POST.get("kontakt", ""))
    one = next((due for due in found if due.contact.id == number), None)
    if one is None or request.POST.get("gjor") != "dag":
        raise Http404
    state, about = request.POST.get("status", ""), opened[number].pseudonym
    what = f"contact of {_list_of(one)}, day {one.day}: {state}"
    with alone():
        contacts.set_day(number, one.day, state, request.user.get_username(), timezone.now())
        if about is None:
            audit.record(request.user, "change", "contacts", what, 1, said)
        else:
            audit.record(request.user, "change", "contacts", what, 1, purpose=said, about=about)


def _by_day(found: Sequence[Due], opened: Mapping[int, Known]) -> list[dict[str, Any]]:
    """Those with symptoms, and then the others by the day since when they wait."""
    today = timezone.localdate()

    def rows(each: Iterable[Due]) -> list[dict[str, Any]]:
        return [_row(one, opened[one.contact.id]) for one in each]

    ill = [one for one in found if one.ill_since is not None]
    others = groupby((one for one in found if one.ill_since is None), lambda one: one.since)
    first = [{"key": "symptoms", "ill": True, "rows": rows(ill)}] if ill else []
    return first + [
        {
            "key": f"{since:%Y-%m-%d}",
            "since": since,
            "overdue": since < today,
            "rows": rows(each),
        }
        for since, each in others
    ]


def _row(one: Due, known: Known) -> dict[str, Any]:
    today = timezone.localdate()
    if one.case:
        of, back = (
            _("case {number}").format(number=one.case),
            reverse("case-contacts", args=[one.case]),
        )
    else:
        of = _("event {number}").format(number=one.contact.event)
        back = reverse("event-contacts", args=[one.contact.event])
    return {
        "contact": known,
        "of": of,
        "address": back,
        "disease": words.disease_words(one.disease),
        "day": one.day,
        "is_today": one.day == today,
        "todo": [_call(one), *timely_advice(one.disease, known, today)],
    }


def _call(one: Due) -> str:
    """What to ask for first, by what was said last."""
    if one.ill_since is not None:
        since = say_day(one.ill_since)
        return _("Symptoms since {day}: isolate, see that a specimen is taken").format(day=since)
    if one.state_day is None:
        return _("Call for the first time: ask how they are")
    day = say_day(one.state_day)
    if one.state == "tested":
        return _("Tested {day}: ask for the answer").format(day=day)
    if one.state == "not-reached":
        return _("Not reached {day}: try again").format(day=day)
    return _("Well {day}: ask how they are").format(day=day)
