"""What is prescribed at the contacts of a month, and besides them, and dispensed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from varde.synthetic.draws import Floats, Ints

from .calendar import Month
from .columns import chosen, dates, decimal_text, decimals, generator, pseudonyms, table
from .contacts import IDS, Contacts, diagnose, rates, sexes
from .drugs import courses, drugs, index_versions, pack_doses, products
from .people import People
from .places import cells, nation
from .propensities import Propensities, spread_of
from .settings import KINDS, PROPERTIES, diagnoses, expit, fit, level, logit, settings
from .staff import Staff, hpr

ELSEWHERE = 500_000
"""HPR numbers of those who prescribe elsewhere begin so many later."""

SYSTEMS = ("ICPC-2", "ICD-10")


@dataclass(frozen=True, eq=False)
class Choice:
    """How a typical prescriber chooses, by diagnosis.

    Attributes:
        antibiotic: log odds of an antibiotic at a consultation.
        first: the drug that a prescriber's propensity is about; a position among the drugs.
        share: log odds of it, for women and men.
        rest: steps of the other drugs, each row ending in one.
        airway, urinary: which propensity it is.
    """

    antibiotic: Floats
    first: Ints
    share: Floats
    rest: Floats
    airway: NDArray[np.bool_]
    urinary: NDArray[np.bool_]


@cache
def typical() -> Choice:
    """The choices, moved so that the country has the levels of the settings."""
    known = settings().diagnosis
    kinds = np.array([each.kind for each in known])
    airway, urinary = kinds == "airway", kinds == "urinary"
    given = np.array([each.antibiotic for each in known])
    seen = _seen()
    spread = spread_of("airway_antibiotic")
    moved = logit(np.clip(given, 1e-12, 1 - 1e-12))
    moved[airway] += fit(
        level("airway_antibiotic"), given[airway], seen[airway].sum(axis=1), spread
    )
    share = np.clip(np.array([each.share for each in known]), 1e-9, 1 - 1e-9)
    logits = logit(share)
    treated = seen * expit(moved)[:, None]
    logits[airway] += fit(
        level("narrow_airway"),
        share[airway].ravel(),
        treated[airway].ravel(),
        spread_of("narrow_airway"),
    )
    logits[urinary] += fit(
        level("quinolone_urinary"),
        share[urinary, 0],
        treated[urinary, 0],
        spread_of("quinolone_urinary"),
    )
    rest = np.array([[each.rest.get(atc, 0.0) for atc in drugs()] for each in known])
    total = rest.sum(axis=1, keepdims=True)
    steps = np.cumsum(rest / np.where(total, total, 1), axis=1)
    steps[:, -1] = 1.0
    first = np.array([drugs().index(each.first) if each.first else 0 for each in known])
    return Choice(moved, first, logits, steps, airway, urinary)


@cache
def _seen() -> Floats:
    """How often each diagnosis is seen, by sex: its share of its kind in the country's ages."""
    known = settings()
    middle = np.array([(low + high) / 2 for low, high in cells()])
    group = (middle >= 12).astype(int) + (middle >= 65)
    people = nation().reshape(-1, 2)
    found = np.zeros((len(known.diagnosis), 2))
    for at, each in enumerate(known.diagnosis):
        ill = known.ill[each.kind]
        ill_people = people * np.column_stack([ill.female, ill.male])
        for man in (0, 1):
            weights = np.array([other.weights(man) for other in diagnoses(each.kind)])
            of_kind = (np.array(each.weights(man)) / weights.sum(axis=0))[group]
            found[at, man] = (ill_people[:, man] * of_kind).sum() / ill_people.sum()
    return found


@cache
def renewal_rate() -> float:
    """Prescriptions of J01 without a contact that day, for one inhabitant and year: what the others leave of the level."""
    choice, seen = typical(), _seen()
    simple, more = level("simple"), float(np.log(level("simple_antibiotic")))
    counted = np.array([each.first.startswith("J01") for each in settings().diagnosis])
    given = 0.0
    for kind in KINDS:
        mine = np.array([each.kind == kind for each in settings().diagnosis]) & counted
        spread = spread_of("airway_antibiotic") if kind == "airway" else 0.0
        mean = [
            _mean(choice.antibiotic[mine] + added, spread) @ seen[mine].sum(axis=1)
            for added in (0.0, more)
        ]
        given += sum(rates()[kind]) * float(mean[0] + simple * mean[1])
    own = level("j01") / 1000 * (1 - level("other_prescribers"))
    assert own > given, f"contacts alone give {given * 1000:.0f} of {own * 1000:.0f}"  # noqa: S101
    return own - given


def _mean(logits: Floats, spread: float) -> Floats:
    points, mass = np.polynomial.hermite_e.hermegauss(31)
    return np.asarray(expit(logits[:, None] + spread * points) @ (mass / mass.sum()))


@dataclass(frozen=True, eq=False)
class Prescriptions:
    """Prescriptions as columns, positions as in `Contacts`.

    Attributes:
        hpr: numbers of the prescribers.
        unit: organisation numbers; 0 for none.
        effect: what is particular about each prescriber: row × property.
        dispensed: the day, since 1970-01-01.
        system: of the reimbursement code; -1 for none.
        waiting: 1 wait-and-see, 0 not, -1 unknown.
    """

    person: Ints
    hpr: Ints
    unit: Ints
    effect: NDArray[np.float32]
    day: Ints
    age: Ints
    diagnosis: NDArray[np.int16]
    dispensed: Ints
    system: Ints
    waiting: Ints


def prescribe(
    contacts: Contacts,
    units: Ints,
    propensities: Propensities,
    month: Month,
    seed: int,
) -> Prescriptions:
    """At which contacts an antibiotic is prescribed, and whether to wait with it.

    Args:
        units: the organisation number of each contact.
    """
    draw = generator(seed, "prescribed", month.at)
    choice = typical()
    ill = np.flatnonzero(
        np.array([each.antibiotic > 0 for each in settings().diagnosis])[contacts.diagnosis]
    )
    effect = propensities.effect[contacts.prescriber[ill], :, month.at]
    diagnosis = contacts.diagnosis[ill]
    odds = choice.antibiotic[diagnosis] + np.where(
        choice.airway[diagnosis], effect[:, PROPERTIES.index("airway_antibiotic")], 0.0
    )
    odds += np.where(contacts.simple[ill], np.log(level("simple_antibiotic")), 0.0)
    given = draw.random(len(ill)) < expit(odds)
    rows, effect, diagnosis = ill[given], effect[given], diagnosis[given]
    size = len(rows)
    waits = choice.airway[diagnosis] & (
        draw.random(size)
        < expit(logit(level("wait_and_see")) + effect[:, PROPERTIES.index("wait_and_see")])
    )
    unknown = draw.random(size) < level("wait_and_see_unknown")
    day = contacts.day[rows]
    return Prescriptions(
        person=contacts.person[rows],
        hpr=hpr(contacts.prescriber[rows]),
        unit=units[rows],
        effect=effect,
        day=day,
        age=contacts.age[rows],
        diagnosis=diagnosis,
        dispensed=day + np.where(waits, draw.integers(1, 5, size), 0),
        system=np.where(draw.random(size) < level("reimbursed"), 0, -1),
        waiting=np.where(unknown, -1, waits.astype(np.int64)),
    )


def prescribe_besides(
    people: People,
    staff: Staff,
    propensities: Propensities,
    practice_numbers: Ints,
    month: Month,
    seed: int,
) -> list[Prescriptions]:
    """What is prescribed without a contact that day, methenamine, and what others prescribe."""
    own = level("j01") / 1000
    found = []
    for number, (kind, rate) in enumerate(
        (
            ("renewal", renewal_rate()),
            ("methenamine", level("methenamine") / 1000),
            ("elsewhere", own * level("other_prescribers")),
        )
    ):
        draw = generator(seed, "besides", month.at, number)
        mass = people.mass(kind, month)
        season = settings().ill[kind].months[month.first.month - 1] / 12
        counts = draw.poisson(np.diff(mass[people.starts]) * rate * season)
        each = np.repeat(np.arange(len(counts)), counts)
        low, high = mass[people.starts[each]], mass[people.starts[each + 1]]
        at = np.searchsorted(mass, low + draw.random(len(each)) * (high - low), side="right") - 1
        person = np.minimum(at, len(mass) - 2)
        size = len(person)
        day = month.workdays[draw.integers(0, len(month.workdays), size)]
        later = np.where(draw.random(size) < 0.3, draw.integers(1, 6, size), 0)
        age = people.ages(person, day)
        away = kind == "elsewhere"
        holder = staff.holder[each, month.at]
        reimbursed = level("reimbursed_methenamine" if kind == "methenamine" else "reimbursed")
        found.append(
            Prescriptions(
                person=person,
                hpr=hpr(ELSEWHERE + draw.integers(0, staff.elsewhere, size))
                if away
                else hpr(holder),
                unit=np.zeros(size, np.int64)
                if away
                else practice_numbers[staff.practice[each, month.at]],
                effect=np.zeros((size, len(PROPERTIES)), np.float32)
                if away
                else propensities.effect[holder, :, month.at],
                day=day,
                age=age,
                diagnosis=diagnose(kind, age, people.female[person], draw.random(size)),
                dispensed=day + later,
                system=np.where(draw.random(size) < reimbursed, int(away), -1),
                waiting=np.where(draw.random(size) < level("wait_and_see_unknown"), -1, 0),
            )
        )
    return found


def choose_drugs(
    given: Prescriptions, female: NDArray[np.bool_], month: Month, draw: np.random.Generator
) -> tuple[Ints, Ints]:
    """Product and number of packs of each prescription."""
    choice, size = typical(), len(given.person)
    diagnosis, man = given.diagnosis, (~female).astype(np.int64)
    odds = choice.share[diagnosis, man].copy()
    for rows, name in ((choice.airway, "narrow_airway"), (choice.urinary, "quinolone_urinary")):
        mine = rows[diagnosis]
        odds[mine] += given.effect[mine, PROPERTIES.index(name)]
    first = draw.random(size) < expit(odds)
    other = (draw.random(size)[:, None] >= choice.rest[diagnosis]).sum(axis=1)
    drug = np.where(first, choice.first[diagnosis], np.minimum(other, len(drugs()) - 1))
    longer = expit(logit(level("long_course")) + given.effect[:, PROPERTIES.index("long_course")])
    chance = draw.random(size)
    length = np.where(chance < longer, 2, np.where(chance > 1 - level("short_course"), 0, 1))
    group = (given.age >= 5).astype(np.int64) + (given.age >= 12)
    product, packs = courses(month.first)
    cell = diagnosis, drug, group, man, length
    return product[cell].astype(np.int64), packs[cell].astype(np.int64)


def dispensing_table(
    parts: Sequence[Prescriptions], people: People, month: Month, last_day: int, seed: int
) -> pa.Table:
    """The table ``dispensings`` of what was prescribed in a month; what is not dispensed by the last day is not there."""
    whole = Prescriptions(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in Prescriptions.__dataclass_fields__
        )
    )
    order = np.argsort(whole.dispensed, kind="stable")
    order = order[whole.dispensed[order] <= last_day]
    whole = Prescriptions(
        *(getattr(whole, name)[order] for name in Prescriptions.__dataclass_fields__)
    )
    product, packs = choose_drugs(
        whole, people.female[whole.person], month, generator(seed, "drugs", month.at)
    )
    return _table(whole, people, product, packs, month, seed)


def _table(
    given: Prescriptions, people: People, product: Ints, packs: Ints, month: Month, seed: int
) -> pa.Table:
    size = len(product)
    doses = np.rint(pack_doses(month.last)[product] * packs * 1000).astype(np.int64)
    reimbursed = given.system >= 0
    return table(
        "dispensings",
        {
            "dispensing_id": decimal_text(month.at * IDS + np.arange(size), 11, "U"),
            "dispensed_on": dates(given.dispensed),
            "prescribed_on": dates(given.day, given.dispensed != given.day),
            "prescriber": decimal_text(given.hpr, 9),
            "unit": _blank(decimal_text(given.unit, 9), given.unit > 0),
            "patient": pseudonyms(seed, given.person),
            "age": people.ages(given.person, given.dispensed).astype(np.int32),
            "sex": sexes(people, given.person),
            "atc": chosen([each.atc for each in products()], product),
            "product": chosen([each.number for each in products()], product),
            "ddd": decimals(doses, 3),
            "ddd_version": index_versions(given.dispensed),
            "reimbursement_system": chosen(SYSTEMS, given.system),
            "reimbursement_code": chosen(
                [each.code for each in settings().diagnosis],
                np.where(reimbursed, given.diagnosis, -1),
            ),
            "wait_and_see": pa.array(given.waiting == 1, mask=given.waiting < 0),
        },
    )


def _blank(column: pa.Array, known: NDArray[np.bool_]) -> pa.Array:
    return column.take(pa.array(np.arange(len(known)), mask=~known))
