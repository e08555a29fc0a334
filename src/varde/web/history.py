"""One person's history in words, in the reader's language: what the page of earlier findings and the form show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from varde import cases, codes, register
from varde.cases import Text
from varde.messages.records import Outcome
from varde.register import Answer, Dose, Found, History, Looked, PersonCase
from varde.web.names import antibiotic_name, concept_name, is_latin, organism_words

SIGNS = ("R", "I", "S")
MOST_ROWS = 200
"""Findings that the table shows, and answers without; what is older is counted."""
MOST_CHOICES = 12
"""Organisms that one can choose between in what was looked for; `varde.css` has a rule for each of them."""


def in_words(said: Text) -> str:
    """A text of the disease files."""
    return said.en if get_language() == "en" else said.nb


def disease_words(key: str) -> str:
    """What a disease is called."""
    known = cases.diseases().get(key)
    return in_words(known) if known else key


def vocabulary_words(group: str, key: str) -> str:
    """A word that is the same for every disease, such as a class or a method; the key where there is none."""
    words: Mapping[str, Text] = getattr(cases.vocabulary(), group)
    return in_words(words[key]) if key in words else key


def _organism_words(found: Found | Looked) -> str:
    """The organism, with the resistances that the laboratory named with it."""
    if found.organism:
        name = organism_words(found.organism)
    elif isinstance(found, Looked):
        name = _("Whatever grows")
    else:
        name = _("Something that Varde has no name for")
    return f"{name} ({found.markers.upper().replace(',', ', ')})" if found.markers else str(name)


def finding_words(found: Found, senders: Mapping[str, str]) -> dict[str, Any]:
    """A finding for a template."""
    by_sign = {
        sign: [antibiotic_name(one.antibiotic) for one in found.results if one.sir == sign]
        for sign in SIGNS
    }
    return {
        "found": found,
        "organism": _organism_words(found),
        "latin": is_latin(found.organism),
        "material": concept_name("material", found.material) if found.material else "",
        "method": vocabulary_words("methods", found.method) if found.method else "",
        "sender": senders.get(found.sender, found.sender),
        "also": [senders.get(key, key) for key in found.also],
        "signs": [(sign, names) for sign, names in by_sign.items() if names],
        "measured": [
            (antibiotic_name(one.antibiotic), f"{one.mic} mg/L")
            for one in found.results
            if one.mic and not one.sir
        ],
    }


def sought_words(
    history: History, senders: Mapping[str, str], today: date
) -> tuple[list[dict[str, Any]], list[tuple[int, str, int]]]:
    """What was looked for and what came of it, newest first, with what was found however it was found; and the
    organisms to choose between: number, name, how many rows. What stands last holds all that are left."""
    every: list[Found | Looked] = [*history.findings, *history.searches]
    # Stable, and findings first: what was found in a specimen stands before what was not.
    every.sort(key=lambda one: (one.day, one.second), reverse=True)
    names = list(dict.fromkeys(map(_organism_words, every)))
    places = {name: min(place, MOST_CHOICES) for place, name in enumerate(names, 1)}
    rows, counts = [], dict.fromkeys(sorted(set(places.values())), 0)
    for one in every:
        name = _organism_words(one)
        # What waits for a person to say what it is, was not found yet.
        named: Outcome = "found" if one.organism else "inconclusive"
        answer = one.answer if isinstance(one, Looked) else named
        grown = isinstance(one, Looked) and not one.organism
        counts[places[name]] += 1
        rows.append(
            {
                "day": one.day,
                "since": since(one.day, today),
                "what": name,
                "latin": is_latin(one.organism),
                "choice": places[name],
                "method": vocabulary_words("methods", one.method) if one.method else "",
                "material": concept_name("material", one.material) if one.material else "",
                "answer": answer,
                "said": outcome_words(answer, grown),
                "preliminary": one.status != "F" and answer != "pending",
                "sender": senders.get(one.sender, one.sender),
            }
        )
    last = len(names) > MOST_CHOICES
    choices = [
        (place, _("All others") if last and place == MOST_CHOICES else names[place - 1], count)
        for place, count in counts.items()
    ]
    return rows, choices if len(choices) > 1 else []


def outcome_words(answer: Outcome, grown: bool = False) -> str:
    """What a search came to.

    Args:
        grown: it was a culture of whatever grows.
    """
    if grown and answer in ("found", "not-found"):
        return _("growth") if answer == "found" else _("no growth")
    if grown and answer == "inconclusive":
        return _("unclear, such as mixed flora: see the answer")
    words = {
        "found": _("found"),
        "not-found": _("not found"),
        "inconclusive": _("unclear: see the answer"),
        "pending": _("on its way"),
    }
    return words[answer]


def tells_all(answer: Answer) -> bool:
    """Whether what was looked for in a specimen without finding is known, and stands among what was looked for."""
    return bool(answer.sought) and all(one.known for one in answer.sought)


def answer_words(answer: Answer, senders: Mapping[str, str]) -> dict[str, Any]:
    """A specimen without finding for a template."""
    return {
        "answer": answer,
        "material": concept_name("material", answer.material) if answer.material else "",
        "sender": senders.get(answer.sender, answer.sender),
    }


def case_words(case: PersonCase, today: date) -> dict[str, Any]:
    """A case for a template; open while more evidence would be about the same case, or a form is missing."""
    known = cases.diseases().get(case.disease)
    rows = known.definition if known else ()
    definition = next((row for row in rows if row.valid_from == case.definition), None)
    shown = definition.presentation if definition else ()
    presentation = next((one for one in shown if one.id == case.presentation), None)
    days = (today - case.first_day).days
    running = definition is not None and (
        definition.lifetime or days <= (definition.episode_days or 0)
    )
    return {
        "case": case,
        "disease": disease_words(case.disease),
        "class": vocabulary_words("classes", case.classification),
        "presentation": in_words(presentation) if presentation else "",
        "imported": vocabulary_words("imported", case.imported),
        "open": running or case.form_missing,
    }


def newest_patterns(history: History) -> list[Found]:
    """The newest finding of each organism that has categories: what worked the last time."""
    found: dict[str, Found] = {}
    for one in history.findings:
        if one.organism and any(result.sir for result in one.results):
            found.setdefault(one.organism, one)
    return list(found.values())


def carried_words(history: History) -> list[dict[str, Any]]:
    """The kinds of resistant bacteria that some finding tells of."""
    english = get_language() == "en"
    return [
        {
            "name": each.state.en if english else each.state.nb,
            "says": each.state.says_en if english else each.state.says_nb,
            "newest": each.findings[0].day,
            "oldest": each.findings[-1].day,
            "count": len(each.findings),
        }
        for each in register.find_carried(history.findings)
    ]


def protection_words(doses: Sequence[Dose]) -> tuple[list[dict[str, Any]], list[str]]:
    """Doses by disease, and the diseases of the programme against which the register knows of none."""
    told, gaps = [], []
    for each in register.by_disease(doses):
        name = vaccine_disease(each.disease) if each.disease else _("Not known against what")
        if each.doses:
            told.append(
                {"name": name, "doses": [(one.day, vaccine_words(one)) for one in each.doses]}
            )
        else:
            gaps.append(name)
    return told, gaps


def vaccine_words(dose: Dose) -> str:
    """What was given."""
    return concept_name("vaccine", dose.vaccine) if dose.vaccine else dose.sent


def vaccine_disease(key: str) -> str:
    """What a disease is called that a vaccine is against."""
    known = codes.vaccine_diseases()[key]
    return known.name_en if get_language() == "en" else known.name_nb


def since(day: date, today: date) -> str:
    """How long ago a day is, in words."""
    days = (today - day).days
    if days <= 0:
        return _("today")
    if days == 1:
        return _("yesterday")
    if days < 90:
        return _("{days} days ago").format(days=days)
    if days < 730:
        return _("{months} months ago").format(months=round(days / 30.44))
    return _("{years} years ago").format(years=int(days / 365.25))
