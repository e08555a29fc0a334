"""A notification filled in with what is known already: from the number, and from the register.

Nothing is filled in that somebody must judge (symptoms, how and where the patient was infected); what is filled in can be
changed, and each field says where it is from.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.utils.translation import gettext as _

from varde import cases
from varde.codes import find_hospital, hospitals, municipalities, successor
from varde.messages.identifiers import Identity
from varde.register import Found, Gone, History, PersonCase, current_cases, read_case
from varde.web.forms import notification
from varde.web.forms.choices import diseases
from varde.web.forms.fields import Values
from varde.web.names import organism_words

RESIDENCE = "pasient.bosted"
_SEXES = {"M": "1", "F": "2"}
"""Codes of the form's list of sexes."""
_PICTURES = {"infection": "met", "carriage": "unmet"}
"""Presentation of a case → what the name of a disease says of the clinical picture."""


class Filled(NamedTuple):
    """Answers, and where each is from: name of the field → words."""

    values: Values
    marks: dict[str, str]


def choose_case(history: History, number: str) -> PersonCase | None:
    """The case that is to be notified: that of a number among the person's own, else the newest that lacks a form."""
    asked = [case for case in history.cases if str(case.number) == number]
    waiting = [case for case in history.cases if case.form_missing]
    return next(iter([*asked, *waiting]), None)


def fill(
    number: str, identity: Identity, history: History, case: PersonCase | None, today: date
) -> Filled:
    """What is known.

    Args:
        number, identity: as they were typed, and what the number says of itself.
        case: what the notification is of; None when nothing is waiting.
    """
    filled = Filled({}, {})
    _put(filled, notification.NUMBER, number, _("As you typed it."))
    _patient(filled, identity, history, today)
    if case is not None:
        _disease(filled, case)
        _findings(filled, evidence_of(case, history))
        _hospital(filled, case)
        if case.onset:
            _put(filled, notification.ONSET, _day(case.onset), _from_register())
    return filled


def evidence_of(case: PersonCase, history: History) -> list[Found]:
    """The findings that a case is made of, the first of them first."""
    known = read_case(case.number)
    if known is None or isinstance(known, Gone):
        return []
    keys = set(known.case.evidence)
    return sorted((f for f in history.findings if f.key in keys), key=lambda f: (f.day, f.second))


def _patient(filled: Filled, identity: Identity, history: History, today: date) -> None:
    if identity.birth_date:
        _put(filled, notification.BORN, _day(identity.birth_date), _("From the number."))
    sex = identity.sex or history.sex
    if sex:
        words = _("From the number.") if identity.sex else _from_register()
        _put(filled, notification.SEX, _SEXES[sex], words)
    place = successor(history.municipality, today) if history.municipality else None
    if place in municipalities(today):
        _put(filled, RESIDENCE, str(place), _from_register())


def _disease(filled: Filled, case: PersonCase) -> None:
    name = form_name(case.disease, case.presentation)
    if name:
        _put(filled, notification.DISEASE, name, _("From the case that the register has."))


def form_name(disease: str, presentation: str = "") -> str:
    """What the form calls a disease; empty when it has no name for it, or several and nothing tells which."""
    named = [(nb, cases.disease_named(nb)) for nb, _en in diseases()]
    own = [(nb, one.clinical) for nb, one in named if one is not None and one.disease == disease]
    if len(own) == 1:
        return own[0][0]
    wanted = _PICTURES.get(presentation, "unknown")
    fitting = [nb for nb, clinical in own if clinical == wanted]
    return fitting[0] if len(fitting) == 1 else ""


def _findings(filled: Filled, findings: Sequence[Found]) -> None:
    if not findings:
        return
    first = findings[0]
    _put(filled, notification.SAMPLED, _day(first.day), _("From the laboratory's answer."))
    if first.organism:
        words = organism_words(first.organism)
        _put(filled, notification.AGENT, words, _("From the laboratory's answer."))


def _hospital(filled: Filled, case: PersonCase) -> None:
    """The one hospital that a case's answers name. Whether the patient is admitted there somebody must judge."""
    known = current_cases([case.number]).get(case.number)
    said = known.hospitals if known else ()
    names = {name for word in said if (name := hospital_name(word, case.first_day))}
    if len(names) == 1:
        _put(filled, notification.HOSPITAL, names.pop(), _("From the laboratory's answer."))


def hospital_name(word: str, on: date) -> str:
    """What a hospital is called that a number or words name; the words where they name no more than its trust; empty for
    what names neither, as a ward does."""
    found = find_hospital(word, on)
    if found is None:
        return ""
    known = hospitals(on).get(found.number)
    own = "" if word.strip().isdigit() else word.strip()
    return known.name if known else own


def _put(filled: Filled, name: str, answer: str, words: str) -> None:
    filled.values[name] = [answer]
    filled.marks[name] = words


def _from_register() -> str:
    return _("From the register, as it was last said.")


def _day(day: date) -> str:
    """As the form takes it."""
    return f"{day:%d.%m.%Y}"
