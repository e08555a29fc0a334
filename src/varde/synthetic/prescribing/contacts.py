"""The contacts of a month: who came to whom, on which day, with what, and how it was billed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from varde.synthetic.draws import Floats, Ints, pick

from .calendar import Month
from .columns import chosen, dates, decimal_text, generator, pseudonyms, table
from .people import People
from .places import Places
from .settings import KINDS, diagnoses, level, settings
from .shifts import Shifts
from .staff import Staff, hpr

SETTINGS = ("gp", "out-of-hours")
IDS = 10**8
"""More than the rows of a table in a month: numbers of rows begin with the month."""


@dataclass(frozen=True, eq=False)
class Contacts:
    """Contacts as columns.

    Attributes:
        person, prescriber: positions.
        unit: practice, or out-of-hours unit where `away`.
        day: since 1970-01-01.
        age: whole years.
        diagnosis: a position among those of the settings.
        away: at an out-of-hours unit.
        simple: no consultation, but a simple or electronic contact.
        billing: a position in `billing_codes`.
    """

    person: Ints
    prescriber: Ints
    unit: Ints
    day: Ints
    age: Ints
    diagnosis: NDArray[np.int16]
    away: NDArray[np.bool_]
    simple: NDArray[np.bool_]
    billing: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.person)

    def take(self, rows: NDArray[np.bool_] | Ints) -> Contacts:
        """Some of them."""
        return Contacts(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


@cache
def rates() -> dict[str, tuple[float, float]]:
    """Consultations for one inhabitant and year by kind: in practices, and out of hours.

    Out-of-hours units have the share of all consultations at which airway infections are what they are of all, of those in
    practices and of those out of hours. Other kinds are divided alike; what is left of all is for other reasons.
    """
    airway = level("airway_contacts") / 1000
    everything = airway / level("airway_of_all")
    here, there = level("airway_of_gp"), level("airway_of_out_of_hours")
    away = (level("airway_of_all") - here) / (there - here)
    found = {"airway": (everything * (1 - away) * here, everything * away * there)}
    for kind in ("urinary", "skin", "special"):
        found[kind] = (
            level(f"{kind}_contacts") / 1000 * (1 - away),
            level(f"{kind}_contacts") / 1000 * away,
        )
    left = [sum(each[place] for each in found.values()) for place in (0, 1)]
    found["other"] = (everything * (1 - away) - left[0], everything * away - left[1])
    return found


@cache
def billing_codes() -> tuple[str, ...]:
    """All of them."""
    billing = settings().billing
    groups = (billing.gp, billing.gp_simple, billing.out_of_hours, billing.out_of_hours_simple)
    return tuple(dict.fromkeys(code for group in groups for code in group))


def age_group(age: Ints) -> Ints:
    """0 for children under 12, 1 for adults, 2 for those of 65 and over."""
    return (age >= 12).astype(np.int64) + (age >= 65)


def meet(
    people: People,
    staff: Staff,
    places: Places,
    shifts: Shifts,
    activity: Floats,
    month: Month,
    seed: int,
) -> Contacts:
    """All contacts of a month."""
    parts = []
    bounds = _unit_bounds(places, people)
    busyness = shifts.busyness
    ends = np.searchsorted(shifts.unit, np.arange(len(staff.pools) + 1))
    for number, kind in enumerate(KINDS):
        draw = generator(seed, "contacts", month.at, number)
        mass = people.mass(kind, month)
        season = settings().ill[kind].months[month.first.month - 1] / 12
        here, away = (rate * season * (1 + level("simple")) for rate in rates()[kind])
        lists = mass[people.starts]
        each, person = _come(draw, lists, mass, here * activity)
        parts.append(
            _row(
                draw,
                people,
                kind,
                person,
                staff.holder[each, month.at],
                staff.practice[each, month.at],
                month.workdays[draw.integers(0, len(month.workdays), len(each))],
                False,
            )
        )
        unit, person = _come(draw, mass[bounds], mass, np.full(len(bounds) - 1, away))
        low, high = busyness[ends[unit]], busyness[ends[unit + 1]]
        shift = _between(draw, busyness, low, high)
        parts.append(
            _row(
                draw, people, kind, person, shifts.prescriber[shift], unit, shifts.day[shift], True
            )
        )
    whole = Contacts(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in Contacts.__dataclass_fields__
        )
    )
    return whole.take(np.argsort(whole.day, kind="stable"))


def _unit_bounds(places: Places, people: People) -> Ints:
    """Where the persons of each unit begin: municipalities of a unit stand together."""
    unit = places.unit[people.place]
    first = np.searchsorted(unit, np.arange(int(places.unit.max()) + 1))
    return people.starts[np.append(first, len(unit))]


def _come(
    draw: np.random.Generator, borders: Floats, mass: Floats, rate: Floats
) -> tuple[Ints, Ints]:
    """Which part of the population, and who in it: Poisson counts, and persons by how prone they are."""
    counts = draw.poisson(np.diff(borders) * rate)
    part = np.repeat(np.arange(len(counts)), counts)
    return part, _between(draw, mass, borders[part], borders[part + 1])


def _between(draw: np.random.Generator, mass: Floats, low: Floats, high: Floats) -> Ints:
    at = low + draw.random(len(low)) * (high - low)
    found = np.searchsorted(mass, at, side="right") - 1
    return np.minimum(found, len(mass) - 2)


def _row(
    draw: np.random.Generator,
    people: People,
    kind: str,
    person: Ints,
    prescriber: Ints,
    unit: Ints,
    day: Ints,
    away: bool,
) -> Contacts:
    count = len(person)
    age = people.ages(person, day)
    simple = draw.random(count) < level("simple") / (1 + level("simple"))
    billing = settings().billing
    usual, short = (
        (billing.out_of_hours, billing.out_of_hours_simple)
        if away
        else (billing.gp, billing.gp_simple)
    )
    chance = draw.random(count)
    return Contacts(
        person=person,
        prescriber=prescriber,
        unit=unit,
        day=day,
        age=age,
        diagnosis=diagnose(kind, age, people.female[person], draw.random(count)),
        away=np.full(count, away),
        simple=simple,
        billing=np.where(simple, _codes(short, chance), _codes(usual, chance)).astype(np.int8),
    )


def _codes(weights: dict[str, float], chance: Floats) -> Ints:
    position = np.array([billing_codes().index(code) for code in weights])
    return np.asarray(position[pick(np.array(list(weights.values())), chance)])


def diagnose(kind: str, age: Ints, female: NDArray[np.bool_], chance: Floats) -> NDArray[np.int16]:
    """What people of these ages and sexes come for; positions among the diagnoses of the settings."""
    steps, first = _diagnosis_steps(kind)
    group = 2 * age_group(age) + ~female
    found = np.searchsorted(steps, group + chance, side="right") - group * len(diagnoses(kind))
    return (first + np.minimum(found, len(diagnoses(kind)) - 1)).astype(np.int16)


@cache
def _diagnosis_steps(kind: str) -> tuple[Floats, int]:
    weights = np.array(
        [
            [each.weights(man)[group] for each in diagnoses(kind)]
            for group in range(3)
            for man in (0, 1)
        ]
    )
    steps = np.cumsum(weights / weights.sum(axis=1, keepdims=True), axis=1)
    steps[:, -1] = 1.0
    first = next(i for i, each in enumerate(settings().diagnosis) if each.kind == kind)
    return np.asarray((steps + np.arange(6)[:, None]).ravel()), first


def consultation_table(
    contacts: Contacts,
    people: People,
    practice_numbers: Ints,
    unit_numbers: Ints,
    month: Month,
    seed: int,
) -> pa.Table:
    """The table ``consultations`` of a month."""
    size = len(contacts)
    codes = [each.code for each in settings().diagnosis]
    return table(
        "consultations",
        {
            "consultation_id": decimal_text(month.at * IDS + np.arange(size), 11, "K"),
            "held_on": dates(contacts.day),
            "prescriber": decimal_text(hpr(contacts.prescriber), 9),
            "unit": decimal_text(unit_of(contacts, practice_numbers, unit_numbers), 9),
            "setting": chosen(SETTINGS, contacts.away.astype(np.int64)),
            "patient": pseudonyms(seed, contacts.person),
            "age": contacts.age.astype(np.int32),
            "sex": sexes(people, contacts.person),
            "billing": chosen(billing_codes(), contacts.billing),
            "diagnoses": chosen(codes, contacts.diagnosis),
        },
    )


def unit_of(contacts: Contacts, practice_numbers: Ints, unit_numbers: Ints) -> Ints:
    """The organisation number of where each contact was."""
    found = np.empty(len(contacts), np.int64)
    found[contacts.away] = unit_numbers[contacts.unit[contacts.away]]
    found[~contacts.away] = practice_numbers[contacts.unit[~contacts.away]]
    return found


def sexes(people: People, persons: Ints) -> pa.Array:
    """F or M."""
    return chosen("FM", (~people.female[persons]).astype(np.int64))
