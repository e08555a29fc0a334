"""What is wrong with the answers of a form, each fault beside its question.

The readers decide, the same that read what machines send: they name the first fault of a message. So that
a person is told all of them at once, each answer that is refused is taken out, and the rest asked again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from varde.messages import reasons
from varde.register import ItemReceipt
from varde.web.forms.fields import Field, Values
from varde.web.forms.tables import day_of

Ask = Callable[[Values], ItemReceipt | None]
"""The first fault that the readers find in some answers; None when they can be used."""

Faults = dict[str, list[str]]
"""Name of a field → what is wrong with its answer, in words; "" for what is no field's."""


class Complaint(NamedTuple):
    """One line of the summary above a form; the id is empty for a fault that is no field's."""

    id: str
    label: object
    text: str


@dataclass(frozen=True)
class Answers:
    """What was answered, for words that name the other answer of a contradiction.

    Attributes:
        fields: every field of the form, by its name.
        compared: names of the fields that others are compared with, the likeliest first.
        words: name of a field → what is wrong with it when its contradiction is no pair of values.
        number: the field of an identity number, which holds a birth date.
    """

    fields: Mapping[str, Field] = field(default_factory=dict)
    values: Values = field(default_factory=dict)
    compared: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    number: str = ""


_PAIR = re.compile(r"(?P<one>[0-9-]+) (?P<sign>[<>]) (?P<other>[0-9-]+)", re.ASCII)
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_SHORT = re.compile(r"[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{2}", re.ASCII)


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


def say_fault(problem: ItemReceipt, field: Field | None, answers: Answers | None = None) -> str:
    """What is wrong with an answer and what to do, for the person who gave it."""
    if field is not None and problem.reason in ("bad-value", "bad-field"):
        return _say_unreadable(field)
    if problem.reason == "bad-date" and _SHORT.fullmatch(problem.detail):
        return _("Write all four digits of the year, such as 21.11.1945.")
    if problem.reason == "contradictory-values":
        return _say_contradiction(problem, field, answers or Answers())
    words = _words().get(problem.reason)
    if words:
        return words
    known = reasons().get(problem.reason)
    if known is None:
        return problem.reason
    text = known.en if get_language() == "en" else known.nb
    return f"{text.title}. {text.action}"


def _say_unreadable(field: Field) -> str:
    if field.kind == "number":
        return _("Write a whole number from %(least)s to %(most)s.") % {
            "least": field.least,
            "most": field.most,
        }
    if field.groups:
        return _("Choose an answer from the list.")
    if field.example:
        return _("This cannot be read. Write it as in this example: %(example)s.") % {
            "example": field.example
        }
    return _("This cannot be read.")


def _say_contradiction(problem: ItemReceipt, field: Field | None, answers: Answers) -> str:
    """What an answer does not go together with: the other question, and its answer as people write it."""
    name = field.name if field is not None else ""
    pair = _PAIR.fullmatch(problem.detail)
    if pair is None:
        return answers.words.get(name) or _(
            "This is missing, or does not go together with another answer."
        )
    one, sign, other = pair.group("one", "sign", "other")
    if _said(answers, name) == other:  # the reader may name either of the two first
        one, sign, other = other, "<" if sign == ">" else ">", one
    said = {"other": _question(answers, name, other), "answer": people_write(other)}
    if not _ISO.fullmatch(other):
        if sign == "<":
            return _("This cannot be less than “%(other)s” (%(answer)s).") % said
        return _("This cannot be more than “%(other)s” (%(answer)s).") % said
    if sign == "<":
        return _("This cannot be before %(other)s (%(answer)s).") % said
    return _("This cannot be after %(other)s (%(answer)s).") % said


def people_write(value: str) -> str:
    """A day as people write it, 01.02.1980; anything else as it is."""
    try:
        return f"{date.fromisoformat(value):%d.%m.%Y}" if _ISO.fullmatch(value) else value
    except ValueError:
        return value


def _question(answers: Answers, name: str, value: str) -> str:
    """The other question that was answered so, in the middle of a sentence."""
    names = (*answers.compared, *answers.fields)
    found = next((n for n in names if n != name and _said(answers, n) == value), "")
    if found and found in answers.fields:
        label = str(answers.fields[found].label)
        return label[:1].lower() + label[1:] if _ISO.fullmatch(value) else label
    if answers.number and answers.number in answers.values:
        return _("the birth date of the identity number")
    return _("another answer")


def _said(answers: Answers, name: str) -> str:
    """An answer as the reader has it: a day in ISO, a number without zeros before it."""
    given = (answers.values.get(name) or [""])[0]
    return given.lstrip("0") or "0" if given.isdigit() else day_of(given)


def _words() -> dict[str, str]:
    """Reasons in the words of a form: those of `reasons.json` are written for who builds a sender."""
    return {
        "missing-value": _("Fill this in."),
        "missing-diagnosis": _("Choose the disease, or write it."),
        "missing-patient": _("Fill in the identity number, or both names, birth date and sex."),
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
        "bad-value": _("This cannot be read."),
        "bad-field": _("This cannot be read."),
        "too-large": _("This is too long."),
        "unexpected-identity": _(
            "This may hold an identity number. Take it out: no person may be recognised here."
        ),
    }
