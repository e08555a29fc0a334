"""Doses per kilogram at one weight: the weight as it is written, and what it means for a dose."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from varde.guidelines import InvalidPatient
from varde.guidelines.advice import Answer, Patient, judge, work_out
from varde.guidelines.model import Behandlingsregime, Doseringsregime

WEIGHT = re.compile(r"\d{1,3}([.,]\d{0,3})?", re.ASCII)
"""Also with nothing after the comma yet: the page follows the typing."""


class InvalidWeight(Exception):
    """What was given is no weight of a person."""


@dataclass(frozen=True, slots=True)
class AtWeight:
    """What a weight means for one dose.

    Attributes:
        amounts: dose, frequency and duration.
        detail: how the dose was worked out, and whether the highest single dose cut it.
    """

    amounts: str
    detail: str


def read_weight(text: str) -> Decimal | None:
    """Kilograms, with comma or point; None for nothing.

    Raises:
        InvalidWeight
    """
    written = text.strip().removesuffix("kg").strip()
    if not written:
        return None
    if not WEIGHT.fullmatch(written):
        raise InvalidWeight(text)
    weight = Decimal(written.replace(",", ".").rstrip("."))
    try:
        Patient(weight=weight)
    except InvalidPatient:
        raise InvalidWeight(text) from None
    return weight


def is_by_weight(regime: Doseringsregime) -> bool:
    """Whether a dose is given per kilogram."""
    return bool(work_out(regime, None).missing)


def rules_out(weight: Decimal | None, regimen: Behandlingsregime) -> bool:
    """Whether a regimen is not for this weight."""
    if weight is None:
        return False
    # Weight is all that is known, so that nothing else can speak against the regimen.
    return judge(regimen, Patient(weight=weight), None).answer is Answer.NO


def at_weight(
    regimen: Behandlingsregime, regime: Doseringsregime, weight: Decimal | None
) -> AtWeight | None:
    """One dose of a regimen at a weight; None where there is nothing to say."""
    if weight is None or rules_out(weight, regimen) or not is_by_weight(regime):
        return None
    found = work_out(regime, weight)
    return AtWeight(found.short.removeprefix(f"{found.drug} "), " ".join(found.detail))
