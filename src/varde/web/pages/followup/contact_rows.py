"""The contacts of a list in the reader's words: their days, what can be done for them, and the forms to correct them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from varde.followup.advice import advice_file, advice_of, advise
from varde.followup.contacts import ContactProblem, Known
from varde.followup.linking import Unlikely, Unlinked
from varde.register import dead_of_numbers
from varde.web.forms.faults import Complaint
from varde.web.pages.followup import words
from varde.web.pages.followup.contact_form import complaints_of, fault_of, show_form
from varde.web.templatetags.words import day as say_day


class Fault(NamedTuple):
    """What could not be done: with which contact (0: a new one), and why."""

    contact: int
    problem: ContactProblem
    action: str


def describe_contacts(
    request: HttpRequest,
    opened: Sequence[Known],
    fault: Fault | None,
    *,
    case: int,
    disease: str,
    unlinked: Mapping[int, Unlinked],
    unlikely: Mapping[int, Unlikely],
) -> dict[str, Any]:
    """The form of a new contact, the contacts, and what is wrong.

    Args:
        case: whose list it is; 0 for an event's.
        unlinked: contacts that became a case and are no evidence of it.
        unlikely: contacts that were near the case when it can have infected nobody.
    """
    today = timezone.localdate()
    typed = request.POST if fault else None
    faults = fault.problem.faults if fault else {}
    new = bool(fault and fault.action == "ny")
    form = show_form(typed if new else None, faults if new else {}, others=opened)
    complaints = complaints_of(form) if new else []
    rows = []
    dead = dead_of_numbers({one.pseudonym for one in opened if one.pseudonym is not None})
    for one in opened:
        mine = fault is not None and fault.contact == one.id
        correcting = mine and fault is not None and fault.action == "rett"
        shown = show_form(typed if correcting else None, faults if correcting else {}, one, opened)
        complaints += complaints_of(shown) if correcting else []
        row = _row(one, today, case, dead=one.pseudonym in dead)
        rows.append(
            row
            | {
                "form": shown,
                "correcting": correcting,
                "removing": mine and fault is not None and fault.action == "fjern",
                "unit": words.unit_words(one.unit, today) if one.unit else "",
                "typed": request.POST if mine and not correcting else {},
                "unlinked": say_unlinked(unlinked[one.id]) if one.id in unlinked else "",
                "unlikely": say_unlikely(unlikely[one.id]) if one.id in unlikely else "",
                "advice": [] if row["over"] or one.became else timely_advice(disease, one, today),
            }
        )
    if fault is not None and not complaints:
        said = _("Say why.") if fault.problem.code == "reason" else fault_of(fault.problem)
        who = next((one.who.name for one in opened if one.id == fault.contact), "")
        complaints = [Complaint(f"kontakt-{fault.contact}" if who else "", who, said)]
    return {"form": form, "contacts": rows, "complaints": complaints}


def _row(one: Known, today: date, case: int, *, dead: bool) -> dict[str, Any]:
    return {
        "contact": one,
        "dead": dead,
        "over": one.until < today or one.ended_at is not None or dead,
        "unsaid": one.until < today and not one.days.get(one.until),
        "earlier_case": one.case if case and one.case != case else 0,
        "today_key": one.days.get(today, ""),
        "today": words.DAY_STATES.get(one.days.get(today, ""), ""),
        "days": [
            {"day": day, "state": words.DAY_STATES[state], "key": state}
            for day, state in sorted(one.days.items())
            if state
        ],
        "missed": sum(
            1
            for day, state in one.days.items()
            if (one.added or day) <= day < _last(one, today) and not state and not dead
        ),
    }


def _last(one: Known, today: date) -> date:
    """The day before which something was to be said of each day."""
    return min(today, timezone.localdate(one.ended_at)) if one.ended_at else today


def say_unlinked(one: Unlinked) -> str:
    """Why a contact that became a case is no evidence of it."""
    why = {
        "event": _("the contact is an event's, and of no single case"),
        "no-case": _("one of the two cases is none any more"),
        "other-disease": _("the two cases are of two diseases"),
        "later": _("whoever the contact was near fell ill after the contact"),
        "kind": _("the definition of the disease asks for no such link"),
        "taken-back": _("the link was taken back, or both cases are one person's"),
    }
    if one.first is not None and one.last is not None and one.last < one.first:
        return _("This is no link between the cases: the disease cannot have passed.")
    if one.first is not None and one.last is not None:
        return _(
            "This is no link between the cases: the last exposure lies outside the days that count for this case, {first} to {last}."
        ).format(first=say_day(one.first), last=say_day(one.last))
    return _("This is no link between the cases: {why}.").format(why=why[one.why])


def say_unlikely(one: Unlikely) -> str:
    """That the last exposure of a contact lies outside the days on which the case may infect."""
    return _(
        "The last exposure lies outside the days on which case {number} may have infected others, {first} to {last}: check the day."
    ).format(number=one.case, first=say_day(one.first), last=say_day(one.last))


def describe_advice(disease: str, today: date) -> list[dict[str, Any]]:
    """What can be done for contacts of a disease."""
    language = words.language()
    return [
        {
            "name": row.name.in_language(language),
            "what": row.what.in_language(language),
            "origins": [advice_file().origins[key].in_language(language) for key in row.origins],
            "reviewed": row.reviewed,
        }
        for row in advice_of(disease, today)
    ]


def timely_advice(disease: str, contact: Known, today: date) -> list[str]:
    """What can be done for one contact now or later, with the days for it; what it is too late for is left out."""
    found = []
    for one in advise(disease, contact.last_exposure, today, contact.first_exposure):
        name = one.row.name.in_language(words.language())
        if one.state == "later":
            found.append(_("{what}, from {day}").format(what=name, day=say_day(one.first)))
        elif one.state == "open" and one.last is not None and one.row.counted_from == "first":
            found.append(
                _("{what}, until {day} (counted from the first exposure)").format(
                    what=name, day=say_day(one.last)
                )
            )
        elif one.state == "open" and one.last is not None:
            found.append(_("{what}, until {day}").format(what=name, day=say_day(one.last)))
        elif one.state == "open":
            found.append(name)
    return found
