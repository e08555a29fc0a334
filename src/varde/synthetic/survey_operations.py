"""Invented operations under surveillance of NOIS-POSI, and their follow-up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from .draws import Ints, pick
from .kith import wrong_digit
from .persons import Population
from .survey_settings import (
    Fate,
    Plan,
    choose,
    draw,
    envelope,
    fate_of,
    institutions,
    sender,
    settings,
    styles,
    write_day,
)

DAYS = 30
"""An infection within so many days counts."""

FOLLOWED_AFTER = timedelta(days=60)
"""So long after the first file of a half-year comes the one with the follow-up."""

DEPTHS = {
    "": "",
    "none": "ingen",
    "superficial": "overflatisk",
    "deep": "dyp",
    "organ": "organ/hulrom",
}


class TruthOperation(NamedTuple):
    """One operation as a register must hold it.

    Attributes:
        number: the sender's.
        patient: eleven digits; empty when the hospital sent none.
        final: whether its outcome is known.
    """

    sender: str
    number: str
    patient: str
    procedure: str
    group: str
    operated: date
    discharged: date
    minutes: int
    at_discharge: str
    at_follow_up: str
    infected: date | None
    follow_up: date | None
    died: date | None
    final: bool


class _Operation(NamedTuple):
    """An operation, who did it, and the cells that no truth asks for."""

    hospital: int
    truth: TruthOperation
    woman: bool
    born: date
    procedure: dict[str, Any]


def invent_operations(
    operations: int, seed: int, year: int
) -> tuple[list[Plan], list[TruthOperation]]:
    """The rows of the table, and the truth behind them."""
    population = Population(seed)
    plans: list[Plan] = []
    true: list[TruthOperation] = []
    for index in range(operations):
        operation = _draw_operation(population, seed, year, index)
        fate = fate_of(seed, "operation", index)
        plans += _plan(operation, fate, seed, index)
        stands = _standing(operation.truth, fate)
        if stands is not None:
            true.append(stands)
    return plans, true


def _draw_operation(population: Population, seed: int, year: int, index: int) -> _Operation:
    hospitals = [n for n, each in enumerate(institutions()) if each["kind"] == "hospital"]
    hospital = hospitals[index % len(hospitals)]
    procedure = choose(settings()["procedure"], draw(seed, "procedure", index))
    number, woman, born = _patient(population, procedure, seed, index)
    operated = date(year, 1, 1) + timedelta(days=int(draw(seed, "operated", index) * 365))
    discharged = operated + timedelta(days=1 + int(draw(seed, "stay", index) * 9))
    truth = TruthOperation(
        sender=sender(institutions()[hospital]),
        number=f"OP-{year}-{index:05d}",
        patient=number,
        procedure=procedure["code"],
        group=procedure["group"],
        operated=operated,
        discharged=discharged,
        minutes=int(procedure["minutes"] * (0.6 + 0.9 * draw(seed, "minutes", index))),
        at_discharge="none",
        at_follow_up="",
        infected=None,
        follow_up=None,
        died=None,
        final=False,
    )
    return _Operation(hospital, _outcome(truth, seed, index), woman, born, procedure)


@lru_cache(maxsize=64)
def _cells_of(population: Population, low: int, high: int, women: bool) -> Ints:
    """The cells of the population with somebody of the right age."""
    fitting = (population.age >= low) & (population.age <= high)
    if women:
        fitting &= population.female
    return np.flatnonzero(fitting)


def _patient(
    population: Population, procedure: dict[str, Any], seed: int, index: int
) -> tuple[str, bool, date]:
    """Number (empty for some), sex and birth date of somebody of the right age."""
    cells = _cells_of(population, *procedure["ages"], procedure.get("women", False))
    chance = np.array([draw(seed, "patient/cell", index)])
    cell = int(cells[pick(population.counts[cells].astype(np.float64), chance)[0]])
    within = int(draw(seed, "patient", index) * population.counts[cell])
    person = population.people(np.array([population.starts[cell] + within], np.int64))
    known = draw(seed, "patient/number", index) >= settings()["operation"]["without_number"]
    born = date(1970, 1, 1) + timedelta(days=int(person.born[0]))
    return f"{int(person.number[0]):011d}" if known else "", bool(person.female[0]), born


def _outcome(truth: TruthOperation, seed: int, index: int) -> TruthOperation:
    """The operation with what is known at the end of its follow-up."""
    share = settings()["operation"]
    if draw(seed, "died", index) < share["died"]:
        died = truth.operated + timedelta(days=1 + int(draw(seed, "died/day", index) * 25))
        return truth._replace(died=died, discharged=min(truth.discharged, died), final=True)
    infected = draw(seed, "surgery/infected", index) < share["infected"]
    early = infected and draw(seed, "surgery/early", index) < share["at_discharge"]
    depth = "none"
    found: date | None = None
    if infected:
        deep = draw(seed, "surgery/deep", index)
        depth = "superficial" if deep >= share["deep"] else "organ" if deep < 0.1 else "deep"
        if early:
            found = truth.discharged
        else:
            left = DAYS - (truth.discharged - truth.operated).days
            wait = 1 + int(draw(seed, "surgery/found", index) * (left - 1))
            found = truth.discharged + timedelta(days=wait)
    truth = truth._replace(
        at_discharge=depth if early else "none", infected=found if early else None
    )
    if draw(seed, "followed", index) >= share["followed"]:
        return truth
    seen = truth.operated + timedelta(days=DAYS + int(draw(seed, "followed/day", index) * 10))
    return truth._replace(at_follow_up=depth, infected=found, follow_up=seen, final=True)


def _standing(truth: TruthOperation, fate: Fate) -> TruthOperation | None:
    """What stands in the end: a row that was refused comes in with its follow-up, if there is one."""
    if fate.cancelled or (fate.faulty and not fate.mended and not _followed(truth)):
        return None
    return truth


def _followed(truth: TruthOperation) -> bool:
    return truth.follow_up is not None or truth.died is not None


def _plan(operation: _Operation, fate: Fate, seed: int, index: int) -> Iterator[Plan]:
    truth = operation.truth
    half = date(
        truth.operated.year + (truth.operated.month > 6), 7 if truth.operated.month < 7 else 1, 15
    )
    made = datetime.combine(truth.discharged + timedelta(days=1), time(8, index % 60))
    institution = institutions()[operation.hospital]
    at_first = _cells(operation, before_follow_up(truth))
    first, reason = at_first, ""
    if fate.corrected:
        first = at_first | {"Varighet": str(truth.minutes + 60)}
    elif fate.faulty:
        reason, wrong = _fault(operation, seed, index)
        first = at_first | wrong
    yield Plan(operation.hospital, half, envelope(institution, truth.number, made) | first, reason)
    changed = made + timedelta(days=3)
    if fate.corrected or fate.mended:
        again = envelope(institution, truth.number, changed, "M") | at_first
        yield Plan(operation.hospital, half + timedelta(days=20), again)
    # The follow-up is made when it is done, whenever a mended row was sent.
    done = datetime.combine((truth.follow_up or truth.died or truth.discharged), time(15, 0))
    if _followed(truth):
        done = max(done, changed) + timedelta(days=1)
        row = envelope(institution, truth.number, done, "M") | _cells(operation, truth)
        yield Plan(operation.hospital, half + FOLLOWED_AFTER, row)
    if fate.cancelled:
        gone = envelope(institution, truth.number, max(done, changed) + timedelta(days=5), "C")
        yield Plan(operation.hospital, half + FOLLOWED_AFTER, gone | at_first)


def before_follow_up(truth: TruthOperation) -> TruthOperation:
    """What a hospital knows at discharge."""
    early = truth.at_discharge != "none"
    return truth._replace(
        at_follow_up="", follow_up=None, died=None, infected=truth.infected if early else None
    )


def _cells(operation: _Operation, truth: TruthOperation) -> dict[str, str]:
    institution = institutions()[operation.hospital]
    woman = styles()[institution["style"]]["woman"]
    infected = truth.at_follow_up not in ("", "none")
    return {
        "Fødselsnummer": truth.patient,
        "Fødselsdato": write_day(institution, operation.born),
        "Kjønn": woman if operation.woman else "M",
        "SykehusId": str(institution["her"]),
        "Sykehus": institution["name"],
        "Prosedyrekode": f"{truth.procedure[:3]} {truth.procedure[3:]}",
        "Prosedyre": operation.procedure["words"],
        "Operasjonsdato": write_day(institution, truth.operated),
        "Utskrivningsdato": write_day(institution, truth.discharged),
        "ØyeblikkeligHjelp": "ja" if truth.minutes % 4 == 0 else "nei",
        "ASA": str(1 + truth.minutes % 4),
        "Kontaminasjonsgrad": "2" if truth.group == "colon" else "1",
        "Varighet": str(truth.minutes),
        "Antibiotikaprofylakse": "ja" if truth.minutes % 10 else "nei",
        "Implantat": "ja" if operation.procedure["implant"] else "nei",
        "InfeksjonUtskrivning": DEPTHS[truth.at_discharge],
        "InfeksjonOppfølging": DEPTHS[truth.at_follow_up],
        "Infeksjonsdato": write_day(institution, truth.infected),
        "Oppfølgingsdato": write_day(institution, truth.follow_up),
        "Reoperasjon": "ja" if infected and truth.minutes % 3 == 0 else "",
        "Dødsdato": write_day(institution, truth.died),
    }


def _fault(operation: _Operation, seed: int, index: int) -> tuple[str, dict[str, str]]:
    """A reason, and the cells that give it."""
    institution = institutions()[operation.hospital]
    before = operation.truth.operated - timedelta(days=1)
    faults = [
        ("contradictory-values", {"Utskrivningsdato": write_day(institution, before)}),
        ("bad-value", {"InfeksjonUtskrivning": "usikkert"}),
        ("missing-value", {"Prosedyrekode": ""}),
    ]
    if operation.truth.patient:
        wrong = wrong_digit(operation.truth.patient)
        faults.append(("invalid-identity-number", {"Fødselsnummer": wrong}))
    return faults[int(draw(seed, "operation/fault", index) * len(faults))]
