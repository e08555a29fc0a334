"""What is wrong with the answers of a form, each fault beside its question.

The readers decide, the same that read what machines send: they name the first fault of a message. So that
a person is told all of them at once, each answer that is refused is taken out, and the rest asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from varde.messages import reasons
from varde.register import ItemReceipt
from varde.web.forms.fields import Field, Values

Ask = Callable[[Values], ItemReceipt | None]
"""The first fault that the readers find in some answers; None when they can be used."""

Faults = dict[str, list[str]]
"""Name of a field → what is wrong with its answer, in words; "" for what is no field's."""


class Complaint(NamedTuple):
    """One line of the summary above a form; the id is empty for a fault that is no field's."""

    id: str
    label: object
    text: str


def find_faults(
    values: Values,
    ask: Ask,
    place: Callable[[str], str],
    stand_ins: Mapping[str, str],
) -> tuple[list[tuple[str, ItemReceipt]], Values]:
    """Every fault the readers find, with the name of its field; and the answers without those at fault.

    Args:
        ask: asks the readers.
        place: the name of the field at a place in the message; "" for none.
        stand_ins: name of a field → an answer that is right, for those that must have one.
    """
    left = dict(values)
    found: list[tuple[str, ItemReceipt]] = []
    while (problem := ask(left)) is not None:
        name = place(problem.place)
        if any(name == known for known, _ in found):
            break
        found.append((name, problem))
        if name in stand_ins:
            left[name] = [stand_ins[name]]
        elif name in left:
            del left[name]
        else:
            break
    return found, left


def say_fault(problem: ItemReceipt, field: Field | None) -> str:
    """What is wrong with an answer and what to do, for the person who gave it."""
    if field is not None and problem.reason == "bad-value" and field.kind == "number":
        return _("Write a whole number from %(least)s to %(most)s.") % {
            "least": field.least,
            "most": field.most,
        }
    if problem.reason == "contradictory-values":
        # Days and numbers say what they contradict; the code of an answer says nothing to people.
        if not any(sign.isdigit() for sign in problem.detail):
            return _("This is missing, or does not go together with another answer.")
        return _("This does not go together with another answer: %(detail)s.") % {
            "detail": problem.detail
        }
    words = _words().get(problem.reason)
    if words:
        return words
    known = reasons().get(problem.reason)
    if known is None:
        return problem.reason
    text = known.en if get_language() == "en" else known.nb
    return f"{text.title}. {text.action}"


def _words() -> dict[str, str]:
    """Reasons in the words of a form: those of `reasons.json` are written for who builds a sender."""
    return {
        "missing-value": _("Fill this in."),
        "missing-diagnosis": _("Choose the disease, or write it."),
        "missing-patient": _("Fill in the identity number, or birth date and sex."),
        "bad-date": _("Write a day that exists as day, month and year, such as 21.11.2026."),
        "absurd-date": _("The year cannot be right."),
        "future-date": _("The day is in the future."),
        "future-collected": _("The day is in the future."),
        "invalid-identity-number": _(
            "The number is not valid: check every digit. Leave it empty if the patient has none."
        ),
        "contradictory-birth-date": _("The birth date is not that of the identity number."),
        "contradictory-sex": _("The sex is not that of the identity number."),
        "born-after-collected": _("The patient was born after the specimen was taken."),
        "contradictory-code": _("The agent does not belong to the disease."),
        "unknown-code": _("Choose an answer from the list."),
        "bad-value": _("This cannot be read: see how it is to be written."),
        "bad-field": _("This cannot be read: see how it is to be written."),
        "too-large": _("This is too long."),
        "unexpected-identity": _(
            "This may hold an identity number. Take it out: no person may be recognised here."
        ),
    }
