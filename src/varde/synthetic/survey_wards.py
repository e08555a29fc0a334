"""Invented wards on the days of NOIS-PIAH, and the prescriptions of those days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import Any, NamedTuple

import numpy as np

from varde.messages import published_tables

from .draws import Floats
from .persons import Population
from .survey_settings import (
    Fate,
    Plan,
    choose,
    draw,
    draws,
    envelope,
    fate_of,
    institution_number,
    institutions,
    sender,
    settings,
    styles,
    write_day,
)

SENT_AFTER = timedelta(days=14)
CORRECTED_AFTER = timedelta(days=44)
WORDS = {"hospital": "Sykehus", "nursing-home": "Sykehjem"}
PEOPLE = {"hospital": "Pasienter", "nursing-home": "Beboere"}


class TruthWard(NamedTuple):
    """One ward on one day, as a register must hold it.

    Attributes:
        number: the sender's.
        infections: (infection, origin, count), for every kind that is asked for.
    """

    sender: str
    number: str
    surveyed: date
    institution: str
    kind: str
    municipality: str
    present: int
    with_infection: int
    on_antibiotics: int
    infections: tuple[tuple[str, str, int], ...]


class TruthTreatment(NamedTuple):
    """One prescription, as a register must hold it."""

    sender: str
    number: str
    surveyed: date
    ward: str
    atc: str
    classification: str
    age: int


def invent_wards(
    wards: int, seed: int, year: int
) -> tuple[list[Plan], list[TruthWard], list[Plan], list[TruthTreatment]]:
    """The rows of the two tables, and the truth behind each."""
    ward_plans: list[Plan] = []
    true_wards: list[TruthWard] = []
    treatment_plans: list[Plan] = []
    true_treatments: list[TruthTreatment] = []
    for turn, (month, day) in enumerate(settings()["rounds"]):
        for index in range(wards):
            ward = _draw_ward(seed, date(year, month, day), turn, index)
            fate = fate_of(seed, "ward", turn, index)
            ward_plans += _plan_ward(ward, fate, seed, index)
            if not fate.cancelled and (fate.mended or not fate.faulty):
                true_wards.append(ward)
            for treatment, plans in _treatments(ward, seed, turn, index):
                treatment_plans += plans
                if treatment is not None:
                    true_treatments.append(treatment)
    return ward_plans, true_wards, treatment_plans, true_treatments


def _draw_ward(seed: int, surveyed: date, turn: int, index: int) -> TruthWard:
    institution = institutions()[index % len(institutions())]
    present = 8 + int(draw(seed, "present", turn, index) * 20)
    infected = _hits(draws(seed, "infected", present, turn, index), settings()["ward"]["infected"])
    treated = _hits(draws(seed, "treated", present, turn, index), settings()["ward"]["treated"])
    asked = _asked(institution["kind"])
    which = Counter(
        asked[int(chance * len(asked))]
        for chance in draws(seed, "infection", infected, turn, index).tolist()
    )
    return TruthWard(
        sender=sender(institution),
        number=f"{surveyed.year}-{turn + 1}-{index:04d}",
        surveyed=surveyed,
        institution=institution_number(institution),
        kind=institution["kind"],
        municipality=institution["municipality"],
        present=present,
        with_infection=infected,
        on_antibiotics=treated,
        infections=tuple(
            (infection, origin, which[infection, origin]) for infection, origin in asked
        ),
    )


def _hits(chances: Floats, share: float) -> int:
    return int((chances < share).sum())


@cache
def _counting(kind: str) -> list[tuple[str, str, str]]:
    """Infection, origin and heading of every count that a kind of institution is asked for."""
    return [
        (column.about["infection"], column.about["origin"], column.heading)
        for column in published_tables()["nois-piah-avdeling"].columns
        if "infection" in column.about and column.about.get("only", kind) == kind
    ]


def _asked(kind: str) -> list[tuple[str, str]]:
    return [(infection, origin) for infection, origin, _ in _counting(kind)]


def _place(institution: dict[str, Any], ward: TruthWard, index: int) -> dict[str, str]:
    return {
        "PrevalensDato": write_day(institution, ward.surveyed),
        "InstitusjonType": WORDS[ward.kind],
        # Spreadsheets drop the leading zero of a municipality's number.
        "Kommune": ward.municipality.lstrip("0"),
        "InstitusjonId": ward.institution,
        "Institusjon": institution["name"],
        "Avdeling": _name(index),
        "Avdelingstype": "Langtid" if ward.kind == "nursing-home" else "",
    }


def _name(index: int) -> str:
    return f"Syntetisk post {index}"


def _plan_ward(ward: TruthWard, fate: Fate, seed: int, index: int) -> Iterator[Plan]:
    number = index % len(institutions())
    institution = institutions()[number]
    right = _place(institution, ward, index) | _counts(ward)
    sent, later = ward.surveyed + SENT_AFTER, ward.surveyed + CORRECTED_AFTER
    people = PEOPLE[ward.kind]
    first = right
    reason = ""
    if fate.corrected:
        first = right | {f"Antall{people}Kl8": str(ward.present + 3)}
    elif fate.faulty:
        reason, wrong = _ward_fault(ward, seed, index)
        first = right | wrong
    # The first version has no time: it counts as made on the day of the survey.
    yield Plan(number, sent, envelope(institution, ward.number, None) | first, reason)
    if fate.corrected or fate.mended or fate.cancelled:
        made = datetime.combine(later - timedelta(days=1), time(9, 30))
        change = "C" if fate.cancelled else "M"
        yield Plan(number, later, envelope(institution, ward.number, made, change) | right)


def _counts(ward: TruthWard) -> dict[str, str]:
    people = PEOPLE[ward.kind]
    counts = {f"Antall{people}Kl8": ward.present}
    counts[f"Antall{people}MedInfeksjon"] = ward.with_infection
    counts[f"Antall{people}SomGisAntibiotika"] = ward.on_antibiotics
    by_kind = {(infection, origin): count for infection, origin, count in ward.infections}
    for infection, origin, heading in _counting(ward.kind):
        counts[heading] = by_kind[infection, origin]
    return {heading: str(count) for heading, count in counts.items()}


@lru_cache(maxsize=4)
def _population(seed: int) -> Population:
    return Population(seed)


def _ward_fault(ward: TruthWard, seed: int, index: int) -> tuple[str, dict[str, str]]:
    """A reason, and the cells that give it."""
    people = PEOPLE[ward.kind]
    number = int(_population(seed).people(np.array([index], np.int64)).number[0])
    faults = [
        ("contradictory-values", {f"Antall{people}MedInfeksjon": str(ward.present + 1)}),
        ("unexpected-identity", {"Avdeling": f"{_name(index)}, {number:011d}"}),
        ("missing-value", {"Avdeling": ""}),
        ("bad-value", {f"Antall{people}Kl8": "ca. 20"}),
    ]
    return faults[int(draw(seed, "ward/fault", index) * len(faults))]


def _treatments(
    ward: TruthWard, seed: int, turn: int, index: int
) -> Iterator[tuple[TruthTreatment | None, list[Plan]]]:
    """The prescriptions of a ward; None for one that no register may hold."""
    for n, chance in enumerate(draws(seed, "drug", ward.on_antibiotics, turn, index).tolist(), 1):
        drug = choose(settings()["drug"], chance)
        fate = fate_of(seed, "treatment", turn, index, n)
        age = 60 + int(draw(seed, "treated/age", turn, index, n) * 40)
        treatment = TruthTreatment(
            sender=ward.sender,
            number=f"{ward.number}-{n}",
            surveyed=ward.surveyed,
            ward=_name(index),
            atc=drug["atc"],
            classification=drug["classification"],
            age=age,
        )
        stays = not fate.cancelled and (fate.mended or not fate.faulty)
        yield treatment if stays else None, _plan_treatment(treatment, ward, drug, fate, index)


def _plan_treatment(
    treatment: TruthTreatment, ward: TruthWard, drug: dict[str, Any], fate: Fate, index: int
) -> list[Plan]:
    number = index % len(institutions())
    institution = institutions()[number]
    woman = styles()[institution["style"]]["woman"]
    right = _place(institution, ward, index) | {
        "ATCKode": drug["atc"],
        "ATCSubstans": drug["substance"],
        "Indikasjon": drug["indication"],
        "Klassifisering": drug["classification"],
        "Administrasjonsvei": drug["route"],
        "Alder": str(treatment.age),
        "Kjønn": woman if treatment.age % 3 else "M",
    }
    sent, later = ward.surveyed + SENT_AFTER, ward.surveyed + CORRECTED_AFTER
    first, reason = right, ""
    if fate.corrected:
        first = right | {"ATCKode": "J01MA02", "ATCSubstans": "Ciprofloxacin"}
    elif fate.faulty:
        first, reason = right | {"ATCKode": drug["atc"][:5]}, "bad-value"
    plans = [Plan(number, sent, envelope(institution, treatment.number, None) | first, reason)]
    if fate.corrected or fate.mended or fate.cancelled:
        made = datetime.combine(later - timedelta(days=1), time(9, 45))
        change = "C" if fate.cancelled else "M"
        plans.append(
            Plan(number, later, envelope(institution, treatment.number, made, change) | right)
        )
    return plans
