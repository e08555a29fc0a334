"""A recommendation's treatments as the page shows them: by category, with what each must be weighed against."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from varde.guidelines import (
    Amount,
    PlacedRegimen,
    Whom,
    iterate_regimens,
    say_whom,
    write_amounts,
    write_drug,
    write_number,
    write_plain,
    write_terms,
)
from varde.guidelines.advice.facts import rules
from varde.guidelines.fhir import plain_text
from varde.guidelines.model import (
    AnbefalingData,
    BehandlingMedOverskrift,
    Doseringsregime,
    Kode,
    ListetKontraindikasjon,
    Treff,
)
from varde.guidelines.treatments import HEADINGS
from varde.web.pages.guideline.listing import Label, label_days
from varde.web.pages.guideline.weight import AtWeight, at_weight, is_by_weight, rules_out

_SENTENCE = re.compile(r".+?[.!?](?=\s+[A-ZÆØÅ]|$)")
MOST_SAID = 2
"""Contra-indications whose first sentence is shown at once; more are named alone."""


@dataclass(frozen=True, slots=True)
class Caution:
    """A contra-indication under a dose.

    Attributes:
        condition: names of the condition.
        drugs: the active ingredients it concerns.
        text: what to do (HTML of the content, not cleaned).
        first: its first sentence, as plain text.
        avoid: the drug is to be avoided in it, not only given with care.
        matches: why it is listed here; empty where the content lists it itself.
    """

    condition: str
    drugs: str
    text: str
    first: str
    avoid: bool
    matches: tuple[Treff, ...]


@dataclass(frozen=True, slots=True)
class Dose:
    """One drug of a regimen.

    Attributes:
        amounts: dose, frequency and duration in one line; empty where none is given.
        most: the highest single dose in words; empty for none.
        same_as: the drug further up that has exactly these cautions, each with the same reason.
        at_weight: what it is at the weight that was asked for.
        uncoupled: nobody knows what is in the drug, so that no caution says nothing.
    """

    drug: str
    route: str
    amounts: str
    text: str
    most: str
    cautions: tuple[Caution, ...]
    same_as: str
    at_weight: AtWeight | None
    uncoupled: bool

    @property
    def says_first(self) -> bool:
        """Whether there are so few cautions that each can be said in a sentence at once."""
        return len(self.cautions) <= MOST_SAID


@dataclass(frozen=True, slots=True)
class Regimen:
    """Drugs that are given together, and to whom.

    Attributes:
        outside: it is not for the weight that was asked for.
    """

    heading: str
    whom: Whom
    doses: tuple[Dose, ...]
    outside: bool


@dataclass(frozen=True, slots=True)
class Category:
    """Regimens under one heading: standard, alternatives, going over to tablets."""

    heading: Label
    regimens: tuple[Regimen, ...]


@dataclass(frozen=True, slots=True)
class Treatment:
    """What to do: a text, or regimens, or both."""

    heading: str
    text: str
    days: str
    days_label: Label
    categories: tuple[Category, ...]


def has_weight_doses(data: AnbefalingData) -> bool:
    """Whether any dose is given per kilogram."""
    return any(
        is_by_weight(dose)
        for placed in iterate_regimens(data)
        for dose in placed.regimen.doseringregimer
    )


def lay_out(data: AnbefalingData, weight: Decimal | None = None) -> tuple[Treatment, ...]:
    """The treatments in the order of the content.

    Args:
        data: of a recommendation as it is served, contra-indications listed.
        weight: in kilograms, for doses per kilogram.
    """
    seen: dict[tuple[tuple[str, str], ...], str] = {}
    placed = list(iterate_regimens(data))
    return tuple(
        _treatment(one, [own for own in placed if own.place[0] == number], weight, seen)
        for number, one in enumerate(data.behandlinger or ())
    )


def _treatment(
    one: BehandlingMedOverskrift,
    placed: list[PlacedRegimen],
    weight: Decimal | None,
    seen: dict[tuple[tuple[str, str], ...], str],
) -> Treatment:
    data = one.behandling.data or None
    days = data.varighetBehandlingAntallDogn if data else None
    return Treatment(
        heading=one.overskrift or "",
        text=one.behandling.tekst or "",
        days=write_plain(days) if isinstance(days, Amount) else "",
        days_label=label_days((data.ledetekstVarighetBehandling or "") if data else ""),
        categories=tuple(
            Category(_category(heading), tuple(_regimen(own, weight, seen) for own in group))
            for heading, group in groupby(placed, key=lambda own: own.heading)
        ),
    )


def _category(heading: str) -> Label:
    standard, alternative, oral = HEADINGS.values()
    translated = {
        standard: _("Standard treatment"),
        alternative: _("Alternatives"),
        oral: _("Switch to oral treatment"),
    }
    return Label(translated[heading]) if heading in translated else Label(heading, "nb")


def _regimen(
    placed: PlacedRegimen, weight: Decimal | None, seen: dict[tuple[tuple[str, str], ...], str]
) -> Regimen:
    regimen = placed.regimen
    return Regimen(
        heading=regimen.overskrift or "",
        whom=say_whom(regimen.limits, get_language() or "nb"),
        doses=tuple(
            _dose(dose, at_weight(regimen, dose, weight), seen) for dose in regimen.doseringregimer
        ),
        outside=rules_out(weight, regimen),
    )


def _dose(
    dose: Doseringsregime,
    worked_out: AtWeight | None,
    seen: dict[tuple[tuple[str, str], ...], str],
) -> Dose:
    data = dose.data
    drug = write_drug(data)
    cautions = tuple(sorted(_cautions(dose), key=lambda caution: not caution.avoid))
    key = tuple(
        (caution.condition + caution.text, " ".join(one.forklaring for one in caution.matches))
        for caution in cautions
    )
    same_as = seen.get(key, "") if key else ""
    seen.setdefault(key, drug)
    most = data.varde.maksEnkeltdose if data.varde else None
    return Dose(
        drug=drug,
        route=write_terms(data.administrasjonsvei) if data.administrasjonsvei else "",
        amounts=write_amounts(data),
        text=dose.tekst or "",
        most=write_number(most.low) if isinstance(most, Amount) else "",
        cautions=cautions,
        same_as=same_as,
        at_weight=worked_out,
        uncoupled=bool(data.varde and data.varde.kobling == "ingen"),
    )


def _cautions(dose: Doseringsregime) -> Iterator[Caution]:
    listed: tuple[ListetKontraindikasjon, ...] = dose.data.kontraindikasjoner or ()
    for one in listed:
        yield Caution(
            condition=write_terms(one.data.tilstand),
            drugs=write_terms(one.data.virkestoff),
            text=one.tekst or "",
            first=first_sentence(one.tekst or ""),
            avoid=any(_is_avoided(code) for code in one.data.tilstand.koder),
            matches=one.varde.matches if one.varde else (),
        )


def _is_avoided(condition: Kode) -> bool:
    """Whether the facts about patients mark a condition so; one that they do not know is not."""
    rule = rules().get(condition.code)
    return rule is not None and rule.grad == "unngå"


def first_sentence(html: str) -> str:
    """The first sentence of a text as plain text; all of its first line where none ends there."""
    line = plain_text(html).partition("\n")[0]
    found = _SENTENCE.match(line)
    return found[0] if found else line
