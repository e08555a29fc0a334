"""The contact list of a case or an event: who was near, until when they are followed, and how they are each day.

Names, telephone numbers and national numbers are opened here alone, for whoever may see the case or the event's area and
has said what for; each look is in the access log.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from varde.access import audit
from varde.access.areas import Area
from varde.access.gate import page, require
from varde.access.keys import load_keys
from varde.access.purposes import purpose_of
from varde.followup import contacts
from varde.followup.contacts import ContactBook, ContactProblem, Known, Who
from varde.followup.tables import tables
from varde.followup.units import area_of_unit, unit_of
from varde.register import read_listed
from varde.web.pages.followup import words
from varde.web.pages.followup.events import find_event
from varde.web.pages.followup.gatekeeping import (
    allowed_area,
    ask,
    find_case,
    purposes_for,
    state_purpose,
    stated_purpose,
)

PROBLEMS = {
    "empty": gettext_lazy("Write what the contact is called."),
    "number": gettext_lazy("This is no national identity number."),
    "day": gettext_lazy("Give a day that is not in the future, and is followed."),
    "state": gettext_lazy("Choose how the contact is."),
    "many": gettext_lazy("There is no room for more contacts here."),
    "no-case": gettext_lazy("There is no case of this number in your area."),
}
_FIELDS = ("navn", "telefon", "nummer")


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters(*_FIELDS)
@page("case")
def of_case(request: HttpRequest, number: int) -> HttpResponse:
    """The contacts of a case."""
    case = find_case(request, number, "case")

    def place(purpose: str) -> Area | None:
        return allowed_area(request, case, purpose)

    return _List(
        title=_("Contacts of case {number}").format(number=number),
        address=reverse("case-contacts", args=[number]),
        back=reverse("case", args=[number]),
        key=f"case {number}",
        page="case",
        place=place,
        disease=case.listed.disease,
        case=number,
    ).answer(request)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters(*_FIELDS)
@page("events")
def of_event(request: HttpRequest, number: int) -> HttpResponse:
    """The contacts of an event: for the unit that opened it."""
    event = find_event(request, number)
    mine = unit_of(request.user, timezone.localdate())
    return _List(
        title=_("Contacts of event {number}").format(number=number),
        address=reverse("event-contacts", args=[number]),
        back=reverse("event", args=[number]),
        key=f"event {number}",
        page="events",
        place=lambda _purpose: area_of_unit(event.unit) or area_of_unit(mine or ""),
        disease=event.disease,
        event=number,
    ).answer(request)


class _List:
    """One contact list and what is done with it."""

    def __init__(
        self,
        *,
        title: str,
        address: str,
        back: str,
        key: str,
        page: str,
        place: Callable[[str], Area | None],
        disease: str,
        case: int = 0,
        event: int = 0,
    ) -> None:
        self.title, self.address, self.back, self.key, self.page = title, address, back, key, page
        self.place, self.disease, self.case, self.event = place, disease, case, event

    def answer(self, request: HttpRequest) -> HttpResponse:
        """The list, once it is said what for."""
        now = timezone.now()
        if request.method == "POST" and request.POST.get("gjor") == "apne":
            purpose = request.POST.get("formal", "")
            if purpose not in {one.key for one in purposes_for(request, "see-person")}:
                return ask(request, self.title, self.address, _("Say what you need it for."))
            state_purpose(request, self.key, purpose, now)
            return redirect(self.address)
        purpose = stated_purpose(request, self.key, now)
        if not purpose:
            return ask(request, self.title, self.address)
        require(request, self.page, "see-person", self.place(purpose), purpose)
        book = ContactBook(load_keys(Path(settings.VARDE_HOME)))
        if request.method == "POST":
            try:
                done = self._act(request, book, now)
            except ContactProblem as problem:
                trouble = str(PROBLEMS.get(problem.code, problem))
                return self._page(request, book, purpose, trouble)
            audit.record(request.user, "change", self.page, f"{done} {self.key}", 1)
            return redirect(self.address)
        return self._page(request, book, purpose)

    def _act(self, request: HttpRequest, book: ContactBook, now: datetime) -> str:
        by, said = request.user.get_username(), request.POST
        if said.get("gjor") == "ny":
            book.add(
                Who(
                    name=said.get("navn", "").strip()[:120],
                    phone=said.get("telefon", "").strip()[:30],
                    number="".join(said.get("nummer", "").split())[:11],
                ),
                said.get("relasjon", ""),
                _day(said.get("eksponert", "")),
                by,
                now,
                case=self.case,
                event=self.event,
                disease=self.disease,
            )
            return "contact of"
        contact = _number(said.get("kontakt", ""))
        if contact not in {one.id for one in contacts.list_contacts(self.case, self.event)}:
            raise Http404
        if said.get("gjor") == "dag":
            contacts.set_day(contact, _day(said.get("dag", "")), said.get("status", ""), by, now)
            return "contact's day of"
        if said.get("gjor") == "tilfelle":
            number = _number(said.get("sak", ""))
            case = read_listed([number]).get(number)
            if case is None:
                raise ContactProblem("no-case", "there is no such case")
            find_case(request, number, self.page)
            contacts.became_case(contact, number)
            return "contact that is a case, of"
        raise Http404

    def _page(
        self, request: HttpRequest, book: ContactBook, purpose: str, trouble: str = ""
    ) -> HttpResponse:
        today = timezone.localdate()
        opened = book.open(contacts.list_contacts(self.case, self.event))
        said = purpose_of(purpose)
        audit.record(request.user, "view", self.page, f"contacts of {self.key}", len(opened), said)
        about = [one.pseudonym for one in opened if one.pseudonym is not None]
        audit.record_looks(request.user, "view", self.page, f"contact of {self.key}", said, about)
        context: dict[str, Any] = {
            "title": self.title,
            "address": self.address,
            "back": self.back,
            "trouble": trouble,
            "typed": request.POST if trouble else {},
            "today": today,
            "states": words.DAY_STATES.items(),
            "contacts": [_describe(one, today) for one in opened],
            "follow_up": contacts.follow_up_days(self.disease, today, tables()),
        }
        return render(request, "web/contacts.html", context, status=422 if trouble else 200)


def _describe(one: Known, today: date) -> dict[str, Any]:
    return {
        "contact": one,
        "left": (one.until - today).days,
        "over": one.until < today,
        "today_key": one.days.get(today, ""),
        "today": words.DAY_STATES.get(one.days.get(today, ""), ""),
        "days": [
            {"day": day, "state": words.DAY_STATES[state], "key": state}
            for day, state in sorted(one.days.items())
            if state
        ],
        "missed": sum(1 for day, state in one.days.items() if day < today and not state),
    }


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ContactProblem("day", "this is no day") from None


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
