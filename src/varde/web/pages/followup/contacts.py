"""The contact list of a case or an event: who was near, until when they are followed, and how they are each day.

Names, telephone numbers and national numbers are opened here alone, for a unit that follows the case or opened the event,
after it has said what for; each look is in the access log, and so is what was corrected and removed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
from varde.access.areas import Area
from varde.access.gate import page, require
from varde.access.keys import load_keys
from varde.access.purposes import Purpose, purpose_of
from varde.access.roles import Right
from varde.followup import contacts, handing_over
from varde.followup.contacts import ContactBook, ContactProblem, Known
from varde.followup.lineage import heir_of
from varde.followup.linking import find_unlikely, find_unlinked, is_own
from varde.followup.models import Contact
from varde.followup.tables import tables
from varde.followup.threads import alone
from varde.followup.units import NATIONAL, area_of_unit, names_of, unit_of
from varde.register import current_cases
from varde.web.pages.followup import words
from varde.web.pages.followup.contact_form import (
    REASONS,
    read_contact,
    read_day,
)
from varde.web.pages.followup.contact_rows import Fault, describe_advice, describe_contacts
from varde.web.pages.followup.event_gate import find_event
from varde.web.pages.followup.gatekeeping import (
    allowed_area,
    allowed_in,
    ask,
    find_kept,
    purposes_for,
    state_purpose,
    stated_purpose,
    units_having,
)
from varde.web.registers import the_register

RIGHT: Right = "follow-contacts"


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@page("contacts")
def of_case(request: HttpRequest, number: int) -> HttpResponse:
    """The contacts of a case, also of one that ceased or went to another unit, for whoever met them."""
    kept = find_kept(request, number, "contacts", RIGHT)
    return _List(
        request,
        title=_("Contacts of case {number}").format(number=number),
        address=reverse("case-contacts", args=[number]),
        back=reverse("case", args=[number]),
        key=f"case {number}",
        place=lambda purpose: allowed_in(request, kept.areas, purpose, RIGHT),
        disease=kept.disease,
        case=number,
        open=kept.state == "standing",
    ).answer()


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@page("contacts")
def of_event(request: HttpRequest, number: int) -> HttpResponse:
    """The contacts of an event: for the unit that opened it, and the duty officer."""
    event = find_event(request, number)
    return _List(
        request,
        title=_("Contacts of event {number}").format(number=number),
        address=reverse("event-contacts", args=[number]),
        back=reverse("event", args=[number]),
        key=f"event {number}",
        place=lambda _purpose: area_of_unit(event.unit),
        disease=event.disease,
        event=number,
    ).answer()


class _List:
    """One contact list and what is done with it.

    Args:
        key: what it is of, for the access log and the stated purpose.
        place: where it is for a purpose; None: nowhere of the user's.
        open: whether contacts may be added.
    """

    def __init__(
        self,
        request: HttpRequest,
        *,
        title: str,
        address: str,
        back: str,
        key: str,
        place: Callable[[str], Area | None],
        disease: str,
        case: int = 0,
        event: int = 0,
        open: bool = True,
    ) -> None:
        self.request, self.now = request, timezone.now()
        self.today = timezone.localdate()
        self.by = request.user.get_username()
        self.title, self.address, self.back, self.key = title, address, back, key
        self.place, self.disease, self.case, self.event = place, disease, case, event
        self.open, self.saved = open, ""
        self.unit = unit_of(request.user, self.today) or ""
        self.names = set(names_of(self.unit, self.today))

    def answer(self) -> HttpResponse:
        """The list, once it is said what for."""
        request = self.request
        allowed = [one.key for one in purposes_for(request, RIGHT)]
        if request.method == "POST" and request.POST.get("gjor") == "apne":
            purpose = request.POST.get("formal", "")
            if purpose not in allowed:
                trouble = _("Say what you need it for.")
                return ask(request, self.title, self.address, trouble, RIGHT)
            state_purpose(request, self.key, purpose, self.now)
            return redirect(self.address)
        purpose = stated_purpose(request, self.key, self.now)
        if purpose not in allowed:
            require(request, "contacts", RIGHT, self._place_of_any(allowed), allowed[0])
            return ask(request, self.title, self.address, right=RIGHT)
        require(request, "contacts", RIGHT, self.place(purpose), purpose)
        said = purpose_of(purpose)
        book = ContactBook(load_keys(Path(settings.VARDE_HOME)))
        opened = book.open(self._shown())
        fault = self._act(book, opened, said) if request.method == "POST" else None
        if request.method == "POST" and fault is None:
            return redirect(self._after())
        return self._page(opened, said, fault)

    def _after(self) -> str:
        """Where to go on to: it is said there of a contact that became a case whether that is evidence, and of a new one
        whether the exposure may be any."""
        if self.saved:
            return f"{self.address}?lagret={self.saved}"
        saved = self.request.POST.get("kontakt", "")
        if self.request.POST.get("gjor") not in ("tilfelle", "rett") or not _number(saved):
            return self.address
        return f"{self.address}?lagret={saved}#kontakt-{saved}"

    def _place_of_any(self, purposes: Sequence[str]) -> Area | None:
        places = map(self.place, purposes)
        return next((one for one in places if one is not None), None)

    def _shown(self) -> list[Contact]:
        """The contacts that are the user's unit's to see."""
        found = contacts.list_contacts(self.case, self.event)
        if self.event or self.unit == NATIONAL:
            return found
        return contacts.shown_to(found, self.names, units_having(heir_of(self.case)))

    def _act(self, book: ContactBook, opened: Sequence[Known], said: Purpose) -> Fault | None:
        """Do what a button asks for, and log it; what could not be done."""
        action = self.request.POST.get("gjor", "")
        contact = _number(self.request.POST.get("kontakt", ""))
        try:
            if action == "ny":
                self._log(self._add(book), said, "added")
            elif action == "be-om":
                self._ask_to_take_over(said)
            elif action == "ta-over":
                self._take_over(said)
            else:
                known = next((one for one in opened if one.id == contact), None)
                if known is None or action not in _ACTIONS:
                    raise Http404
                with alone():
                    if done := _ACTIONS[action](self, book, known):
                        self._log(known.pseudonym, said, done)
        except ContactProblem as problem:
            return Fault(contact if action != "ny" else 0, problem, action)
        return None

    def _log(self, about: bytes | None, said: Purpose, done: str) -> None:
        what = f"contact of {self.key}, {done}"
        if about is None:
            audit.record(self.request.user, "change", "contacts", what, 1, said)
        else:
            audit.record(
                self.request.user, "change", "contacts", what, 1, purpose=said, about=about
            )

    def _add(self, book: ContactBook) -> bytes | None:
        if not self.open:
            raise ContactProblem("ceased", "there is no such case here")
        typed = read_contact(self.request.POST)
        added = book.add(
            typed.who,
            typed.relation,
            typed.last_exposure,
            self.by,
            self.now,
            first_exposure=typed.first_exposure,
            case=self.case,
            event=self.event,
            disease=self.disease,
            unit=self.unit,
        )
        self.saved = str(added)
        return book.pseudonym(typed.who.number) if typed.who.number else None

    def _correct(self, book: ContactBook, known: Known) -> str:
        typed = read_contact(self.request.POST, known.id)
        changed = book.correct(
            known.id,
            typed.who,
            typed.relation,
            typed.last_exposure,
            self.now,
            first_exposure=typed.first_exposure,
        )
        if not {"number", "last_exposure"}.isdisjoint(changed):
            contacts.follow_correction(known.id, **self._stating())
        return f"corrected: {' '.join(changed)}" if changed else ""

    def _remove(self, book: ContactBook, known: Known) -> str:
        reason = self.request.POST.get("grunn", "")
        if reason not in REASONS:
            raise ContactProblem("reason", "say why")
        gone = contacts.remove(known.id, register=the_register(), by=self.by, now=self.now)
        return f"removed: {reason}" if gone else ""

    def _day(self, book: ContactBook, known: Known) -> str:
        day = read_day(self.request.POST.get("dag", ""))
        if day is None:
            raise ContactProblem("day", "this is no day")
        state = self.request.POST.get("status", "")
        contacts.set_day(known.id, day, state, self.by, self.now)
        return f"day {day}: {state}"

    def _became(self, book: ContactBook, known: Known) -> str:
        number = _number(self.request.POST.get("sak", ""))
        case = current_cases([number]).get(number)
        if case is None or not any(
            allowed_area(self.request, case, one.key) for one in purposes_for(self.request, RIGHT)
        ):
            raise ContactProblem("no-case", "there is no such case here")
        if self.case and is_own(number, self.case):
            raise ContactProblem("own-case", "the case is of the person whose contact this is")
        if self.disease not in ("", case.listed.disease):
            raise ContactProblem("other-disease", f"the case is not of {self.disease}")
        match = book.match(known, number)
        if match == "other":
            raise ContactProblem("other-person", "the case is of somebody else")
        contacts.became_case(known.id, number, match == "same", **self._stating())
        return "became a case"

    def _became_none(self, book: ContactBook, known: Known) -> str:
        contacts.became_case(known.id, None, **self._stating())
        return "is no case after all"

    def _stating(self) -> dict[str, Any]:
        """With what contacts are stated to be evidence, and taken back."""
        purpose = stated_purpose(self.request, self.key, self.now)
        return {"register": the_register(), "by": self.by, "purpose": purpose, "now": self.now}

    def _end(self, book: ContactBook, known: Known) -> str:
        return "follow-up ended" if contacts.end(known.id, self.by, self.now) else ""

    def _take_up(self, book: ContactBook, known: Known) -> str:
        return "follow-up taken up" if contacts.take_up(known.id) else ""

    def _ask_to_take_over(self, said: Purpose) -> None:
        if not self.case:
            raise Http404
        if handing_over.ask_to_take_over(self.case, self.unit, self.names, self.by, self.now):
            what = f"contacts of {self.key}, asked to take over"
            audit.record(self.request.user, "change", "contacts", what, 1, said)

    def _take_over(self, said: Purpose) -> None:
        wanted = _number(self.request.POST.get("overlevering", ""))
        asked = {one.id: one for one in self._asked_by_others()}
        if wanted not in asked:
            raise Http404
        names = names_of(asked[wanted].unit, self.today)
        number = handing_over.take_over(wanted, self.unit, names, self.by, self.now)
        what = f"contacts of {self.key}, taken over"
        audit.record(self.request.user, "change", "contacts", what, number, said)

    def _asked_by_others(self) -> list[Any]:
        """What other units have asked for, where the user's has the case now."""
        if not self.case or not self.open:
            return []
        waiting = handing_over.waiting_handovers(self.case)
        return [one for one in waiting if one.unit not in self.names]

    def _page(self, opened: Sequence[Known], said: Purpose, fault: Fault | None) -> HttpResponse:
        request, today = self.request, self.today
        audit.record(request.user, "view", "contacts", f"contacts of {self.key}", len(opened), said)
        about = [one.pseudonym for one in opened if one.pseudonym is not None]
        audit.record_looks(request.user, "view", "contacts", f"contact of {self.key}", said, about)
        if nameless := len(opened) - len(about):
            # Whose look it was cannot be said; that contacts were looked at, and of what, can.
            what = f"contact without number of {self.key}"
            audit.record(request.user, "view", "contacts", what, nameless, said)
        listed = self._shown()
        described = describe_contacts(
            request,
            opened,
            fault,
            case=self.case,
            disease=self.disease,
            unlinked=find_unlinked(the_register(), listed),
            unlikely=find_unlikely(the_register(), listed),
        )
        saved = _number(request.GET.get("lagret", ""))
        heir = heir_of(self.case) if self.case else 0
        own = [one for one in opened if one.unit in self.names]
        without = (
            bool(self.case) and self.unit != NATIONAL and self.names.isdisjoint(units_having(heir))
        )
        context: dict[str, Any] = {
            "title": self.title,
            "address": self.address,
            "back": self.back,
            **described,
            "advice": describe_advice(self.disease, today),
            "saved_doubt": next(
                (
                    one["unlinked"] or one["unlikely"]
                    for one in described["contacts"]
                    if one["contact"].id == saved
                ),
                "",
            ),
            "today": today,
            "states": words.DAY_STATES.items(),
            "reasons": REASONS.items(),
            "open": self.open,
            "case": self.case,
            "heir": heir if heir != self.case else 0,
            "may_ask": bool(own) and without and current_cases([heir]),
            "waiting": [
                {"one": one, "unit": words.unit_words(one.unit, today)}
                for one in (handing_over.waiting_handovers(self.case) if self.case else ())
                if one.unit in self.names
            ],
            "asked": [
                {"one": one, "unit": words.unit_words(one.unit, today)}
                for one in self._asked_by_others()
            ],
            "follow_up": contacts.follow_up_days(self.disease, today, tables()),
        }
        return render(request, "web/contacts.html", context, status=422 if fault else 200)


_ACTIONS: Mapping[str, Callable[[_List, ContactBook, Known], str]] = {
    "dag": _List._day,
    "tilfelle": _List._became,
    "ikke-tilfelle": _List._became_none,
    "rett": _List._correct,
    "fjern": _List._remove,
    "avslutt": _List._end,
    "ta-opp": _List._take_up,
}


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
