"""The form of one contact: its questions, what was typed, and what is wrong with it, each fault beside its question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from varde.followup.contacts import LONGEST, ContactProblem, Known, Who
from varde.web.forms.faults import Complaint
from varde.web.forms.fields import Field, Shown, id_of, read_answers
from varde.web.forms.tables import day_of
from varde.web.templatetags.words import day as say_day

FAULTS: Mapping[str, object] = {
    "empty": gettext_lazy("Write what the contact is called."),
    "long": gettext_lazy("This is too long: at most %(most)s signs."),
    "identity": gettext_lazy(
        "This may hold a national number. It belongs in the field for the national number, and nowhere else."
    ),
    "number": gettext_lazy("This is no national identity number."),
    "twice": gettext_lazy("This national number is on the list already."),
    "day": gettext_lazy("Give a day, such as 21.11.2026, at most a year ago."),
    "own": gettext_lazy(
        "This is the national number of the person whose contacts these are: nobody is a contact of their own."
    ),
    "future": gettext_lazy("The day is yet to come."),
    "after-last": gettext_lazy("The first exposure cannot be after the last."),
}
REASONS: Mapping[str, object] = {
    "wrong": gettext_lazy("it is the wrong person"),
    "double": gettext_lazy("the person stands here twice"),
    "no-contact": gettext_lazy("the person was not near after all"),
}
"""Why a contact is removed; the key is in the access log."""


class Typed(NamedTuple):
    """What was answered.

    Attributes:
        last_exposure: None where what was typed is no day.
        first_exposure: None where nothing was typed; what was typed, where it is no day.
    """

    who: Who
    relation: str
    last_exposure: date | None
    first_exposure: date | str | None = None


def fields_of(contact: int = 0) -> dict[str, Field]:
    """The questions by what they ask for; those about a contact that there is have its number in their names."""
    end = f"-{contact}" if contact else ""
    return {
        "name": Field(name=f"navn{end}", label=_("Name"), longest=LONGEST["name"], required=True),
        "phone": Field(name=f"telefon{end}", label=_("Telephone"), longest=LONGEST["phone"]),
        "number": Field(
            name=f"nummer{end}", label=_("National number, when it is known"), identity=True
        ),
        "relation": Field(name=f"relasjon{end}", label=_("Relation"), longest=LONGEST["relation"]),
        "first_exposure": Field(
            name=f"eksponert-forst{end}",
            label=_("First exposure"),
            kind="day",
            hint=_("Only where it is another day than the last: some deadlines count from it."),
        ),
        "last_exposure": Field(
            name=f"eksponert{end}",
            label=_("Last exposure"),
            kind="day",
            hint=_("Day, month and year, such as 21.11.2026."),
            required=True,
        ),
    }


def read_contact(sent: QueryDict, contact: int = 0) -> Typed:
    """What was typed of a contact."""
    fields = fields_of(contact)
    values = read_answers(sent, {one.name: one for one in fields.values()})
    said = {key: " ".join(values.get(one.name, ())) for key, one in fields.items()}
    return Typed(
        Who(name=said["name"], phone=said["phone"], number=said["number"]),
        said["relation"],
        read_day(said["last_exposure"]),
        (read_day(said["first_exposure"]) or said["first_exposure"])
        if said["first_exposure"]
        else None,
    )


def read_day(text: str) -> date | None:
    """A day as it may be typed; None where it is none."""
    try:
        return date.fromisoformat(day_of(text.strip()))
    except ValueError:
        return None


def show_form(
    sent: QueryDict | None,
    faults: Mapping[str, str],
    contact: Known | None = None,
    others: Sequence[Known] = (),
) -> list[Shown]:
    """The questions with what was typed, else with what is known of the contact.

    Args:
        sent: what was typed; None when nothing was.
        faults: what it asks for → code (`ContactProblem.faults`).
        others: the contacts on the list, to name the one that a number stands at already.
    """
    shown = []
    for key, field in fields_of(contact.id if contact else 0).items():
        text = _known(contact, key) if sent is None and contact else ""
        if sent is not None:
            text = sent.get(field.name, "")
        told = [_say(key, faults[key], text, others)] if key in faults else []
        shown.append(Shown(field, [text] if text else [], told))
    return shown


def _known(contact: Known, key: str) -> str:
    if key == "relation":
        return contact.relation
    if key == "last_exposure":
        return f"{contact.last_exposure:%d.%m.%Y}"
    if key == "first_exposure":
        return f"{contact.first_exposure:%d.%m.%Y}" if contact.first_exposure else ""
    return str(getattr(contact.who, key))


def _say(key: str, code: str, text: str, others: Sequence[Known]) -> str:
    said = str(FAULTS.get(code, code)) % {"most": LONGEST.get(key, 0)}
    if code == "twice":
        same = [one for one in others if one.who.number == "".join(text.split())]
        return " ".join(
            [said, *(f"{one.who.name}, {say_day(one.last_exposure)}." for one in same[:1])]
        )
    return said


def complaints_of(shown: Sequence[Shown]) -> list[Complaint]:
    """A line of the summary for each fault."""
    return [
        Complaint(id_of(one.field.name), one.field.label, fault)
        for one in shown
        for fault in one.faults
    ]


def fault_of(problem: ContactProblem) -> str:
    """What is wrong in a sentence, where it is no field's."""
    return str(PROBLEMS.get(problem.code, problem))


PROBLEMS: Mapping[str, object] = {
    "day": gettext_lazy("The contact is not followed on this day. Give a day such as 21.11.2026."),
    "future": gettext_lazy("Nobody knows yet how the contact will be on a day to come."),
    "state": gettext_lazy("Choose how the contact is."),
    "many": gettext_lazy("There is no room for more contacts here."),
    "ceased": gettext_lazy("There is no such case any more: it takes no new contacts."),
    "no-case": gettext_lazy("There is no case of this number in your area."),
    "own-case": gettext_lazy(
        "That is the case whose contact this is, or another case of the same person: it cannot be what the contact became. Write the number of the contact's own case."
    ),
    "other-disease": gettext_lazy(
        "That case is of another disease than the contact was exposed to: the follow-up goes on. Check the number of the case."
    ),
    "other-person": gettext_lazy(
        "That case is of somebody with another national number than this contact. Check the number of the case."
    ),
}
