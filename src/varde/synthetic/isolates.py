"""Isolates with their susceptibilities, and the reports that laboratories make of them.

Resistance within an isolate hangs together in two ways. Antibiotics of one *mechanism* share one
draw, so that resistance is nested: an Escherichia coli that is resistant to ceftazidim (ESBL) is
also resistant to cefotaksim and ampicillin; an MRSA to both cefoxitin and oxacillin. And each
mechanism follows, with the chance `linked`, the isolate's common draw: an ESBL isolate is more often
resistant to ciprofloxacin than others. Neither changes how often resistance to one antibiotic is.
Isolates of one strain share their draws, except for mechanisms lost or gained (`acquired`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import NamedTuple

import numpy as np

from varde.codes import materials

from .courses import Rise, Specimens, organism_names, specimens
from .draws import Floats, Ints, uniform
from .knowledge import (
    LocalCode,
    Resistance,
    constant,
    material_shares,
    mechanisms,
    panel,
    unmapped_codes,
)
from .laboratories import Laboratory, laboratories
from .persons import Population

DILUTIONS = (
    *("0.002", "0.004", "0.008", "0.016", "0.032", "0.064", "0.125", "0.25", "0.5"),
    *("1", "2", "4", "8", "16", "32", "64", "128", "256", "512"),
)
"""Doubling dilutions in mg/L, as laboratories write them."""

NEWBORN = 30
"""Days after birth before which a child has neither a name nor a number in a laboratory (assumption: many)."""

NURSING_HOME = "Syntetisk sykehjem"
WARDS = {
    "urine": ("Syntetisk legekontor", NURSING_HOME, "Syntetisk medisinsk sengepost"),
    "blood": ("Syntetisk medisinsk sengepost", "Syntetisk intensivavdeling"),
    "csf": ("Syntetisk intensivavdeling", "Syntetisk medisinsk sengepost"),
    "wound": ("Syntetisk legekontor", "Syntetisk kirurgisk sengepost", NURSING_HOME),
}
OTHER_WARDS = ("Syntetisk legekontor", "Syntetisk legevakt", "Syntetisk medisinsk sengepost")


class Result(NamedTuple):
    """One antibiotic's result; `mic` is in mg/L with a decimal point, or empty."""

    antibiotic: str
    sir: str
    mic: str


class Isolate(NamedTuple):
    """One organism of a report.

    Attributes:
        organism: key, or "" when the laboratory sends `unmapped`.
        unmapped: the code that no map knows, or None.
        extra: a test under a code that no map knows, or None.
    """

    organism: str
    unmapped: LocalCode | None
    results: tuple[Result, ...]
    extra: LocalCode | None


class Patient(NamedTuple):
    """The invented patient of a report; `number` is empty for one without a national number: `kind` is that of
    the number that they may have."""

    person: int
    number: str
    kind: str
    sex: str
    born: date
    municipality: str


class Report(NamedTuple):
    """One specimen and what grew in it, before it becomes messages.

    Attributes:
        serial: number of the report in the whole country, from 0.
        report_id: the laboratory's number for it, constant over its versions.
        begun: first day of the course it belongs to.
        material: key, or "" when the laboratory sends `unmapped`.
        collected: local time; at midnight when the laboratory gives the day alone.
        ward: the kind of unit that asked.
    """

    serial: int
    report_id: str
    begun: date
    laboratory: Laboratory
    patient: Patient
    material: str
    unmapped: LocalCode | None
    collected: datetime
    ward: str
    isolates: tuple[Isolate, ...]


def reports(
    isolates: int, seed: int, start: date, end: date, rise: Rise | None = None
) -> Iterator[Report]:
    """All reports, in the order of the courses' first days; `isolates` organisms in all."""
    serial = 0
    population = Population(seed)
    for batch in specimens(isolates, seed, start, end, population, rise):
        numbered = replace(batch, people=population.settle(batch.people, batch.day))
        yield from _assemble(numbered, serial, seed)
        serial += len(batch.day)


def _assemble(batch: Specimens, serial: int, seed: int) -> Iterator[Report]:
    first = _isolates(batch, batch.organism, 0, seed)
    second = _isolates(batch, batch.companion, 1, seed)
    patients = _patients(batch, seed)
    when = _collected(batch, seed)
    wards = uniform(seed, "ward", batch.identity).tolist()
    strange = uniform(seed, "unmapped-material", batch.identity)
    labs, shares = laboratories(), material_shares()
    begun = batch.begun.astype("datetime64[D]").tolist()
    columns = zip(
        begun, batch.laboratory.tolist(), batch.material.tolist(), strange.tolist(), strict=True
    )
    for row, (day, lab, material, unknown) in enumerate(columns):
        key = shares[material].key
        other = _one_of("material", unknown, constant("unmapped_material"), key)
        choices = WARDS.get(materials()[key].group, OTHER_WARDS)
        yield Report(
            serial=serial + row,
            report_id=f"{labs[lab].code}-{when[row].year % 100:02d}-{serial + row:07d}",
            begun=day,
            laboratory=labs[lab],
            patient=patients[row],
            material="" if other else key,
            unmapped=other,
            collected=when[row],
            ward=_ward(choices, wards[row], patients[row], day),
            isolates=tuple(isolate for isolate in (first[row], second[row]) if isolate),
        )


def _ward(choices: tuple[str, ...], draw: float, patient: Patient, day: date) -> str:
    """The kind of unit that asked; nobody under 67 lives in a nursing home here."""
    ward = choices[int(draw * len(choices))]
    young = day.year - patient.born.year < 67
    return choices[0] if young and ward == NURSING_HOME else ward


def _patients(batch: Specimens, seed: int) -> list[Patient]:
    people = batch.people
    hidden = uniform(seed, "nameless", people.index) < constant("nameless")
    nameless = (hidden | (batch.day - people.born < NEWBORN)).tolist()
    columns = zip(
        people.index.tolist(),
        people.number.tolist(),
        people.kind.tolist(),
        people.female.tolist(),
        people.born.astype("datetime64[D]").tolist(),
        people.municipality.tolist(),
        nameless,
        strict=True,
    )
    return [
        Patient(
            index, "" if hidden else f"{number:011d}", kind, "F" if female else "M", born, place
        )
        for index, number, kind, female, born, place, hidden in columns
    ]


def _collected(batch: Specimens, seed: int) -> list[datetime]:
    minutes = 6 * 60 + (16 * 60 * uniform(seed, "collected", batch.identity)).astype(np.int64)
    day_only = np.array([lab.day_only for lab in laboratories()])[batch.laboratory]
    minutes = np.where(day_only, 0, minutes)
    zero = datetime(1970, 1, 1)  # noqa: DTZ001 - local time, as laboratories write it
    columns = zip(batch.day.tolist(), minutes.tolist(), strict=True)
    return [zero + timedelta(days=day, minutes=minute) for day, minute in columns]


def _isolates(batch: Specimens, organism: Ints, which: int, seed: int) -> list[Isolate | None]:
    """One isolate a specimen, or None where nothing grew or there is no second organism."""
    present = batch.growth & (organism >= 0)
    found: list[Isolate | None] = [None] * len(organism)
    identity = batch.identity * 2 + which
    strange = uniform(seed, "unmapped-organism", batch.strain * 2 + which)
    extra = uniform(seed, "unmapped-antibiotic", identity)
    for at in np.unique(organism[present]):
        for material in np.unique(batch.material[present & (organism == at)]):
            mask = present & (organism == at) & (batch.material == material)
            rows = np.flatnonzero(mask)
            name = organism_names()[at]
            results = _results(batch, rows, name, int(at), int(material), which, seed)
            for row, mine in zip(rows.tolist(), results, strict=True):
                other = _one_of("organism", strange[row], constant("unmapped_organism"), name)
                more = _one_of("antibiotic", extra[row], constant("unmapped_antibiotic"))
                found[row] = Isolate("" if other else name, other, mine, more if mine else None)
    return found


def _one_of(kind: str, draw: float, chance: float, concept: str | None = None) -> LocalCode | None:
    """A code that no map knows, of those written for the concept, when the draw falls below the chance."""
    if draw >= chance:
        return None
    choices = unmapped_codes(kind, concept)
    return choices[int(draw / chance * len(choices))]


def _results(
    batch: Specimens, rows: Ints, name: str, organism: int, material: int, which: int, seed: int
) -> list[tuple[Result, ...]]:
    """The susceptibilities of one organism's isolates from one material."""
    tests = panel(name, material_shares()[material].key)
    if not tests:
        return [()] * len(rows)
    identity = batch.identity[rows] * 2 + which
    draws = _mechanism_draws(tests, identity, batch.strain[rows] + which, batch, rows, seed)
    sir = _categories(tests, draws, batch, rows, organism, seed)
    cell = identity[:, None] * 64 + np.arange(len(tests))
    tested = uniform(seed, "untested", cell) >= constant("untested")
    share = np.array([lab.mic for lab in laboratories()])[batch.laboratory[rows]]
    measured = uniform(seed, "mic", identity) < share
    step = uniform(seed, "dilution", cell)
    made = zip(tested.tolist(), sir.tolist(), measured.tolist(), step.tolist(), strict=True)
    return [
        tuple(
            Result(test.antibiotic, "SIR"[s], mic(test, "SIR"[s], d) if measure else "")
            for test, t, s, d in zip(tests, ts, ss, ds, strict=True)
            if t
        )
        for ts, ss, measure, ds in made
    ]


def _mechanism_draws(
    tests: tuple[Resistance, ...],
    identity: Ints,
    strain: Ints,
    batch: Specimens,
    rows: Ints,
    seed: int,
) -> Floats:
    """One number in [0, 1) for isolate × test; low numbers are resistant."""
    number = np.array([mechanisms().index(test.mechanism) for test in tests])
    cell = strain[:, None] * 64 + number
    shared = uniform(seed, "strain", strain)[:, None]
    linked = uniform(seed, "linked", cell) < constant("linked")
    draws = np.where(linked, shared, uniform(seed, "mechanism", cell))
    mine = identity[:, None] * 64 + number
    acquired = uniform(seed, "acquired", mine) < constant("acquired")
    acquired &= (batch.follow_up[rows] > 0)[:, None]
    return np.where(acquired, uniform(seed, "new-mechanism", mine), draws)


def _categories(
    tests: tuple[Resistance, ...],
    draws: Floats,
    batch: Specimens,
    rows: Ints,
    organism: int,
    seed: int,
) -> Ints:
    """0, 1, 2 for S, I, R."""
    years = (batch.day[rows] / 365.25 + 1970 - constant("reference_year"))[:, None]
    county = batch.people.municipality[rows].astype("U2").astype(np.int64)
    number = np.array([mechanisms().index(test.mechanism) for test in tests])
    place = (county[:, None] * 64 + number) * 1024 + organism
    level = constant("variation") * _bell(seed, "county", place)
    shift = level + np.array([test.trend for test in tests]) * years
    resistant = np.array([test.resistant for test in tests])
    rest = np.array([_increased_of_rest(test) for test in tests])
    r = moved(resistant, shift)
    i = r + (1 - r) * rest
    return np.where(draws < r, 2, np.where(draws < i, 1, 0)).astype(np.int64)


def moved(share: Floats, shift: Floats) -> Floats:
    """A share moved by `shift` logits; 0 and 1 stay."""
    factor = np.exp(shift)
    moved_share: Floats = share * factor / (1 - share + share * factor)
    return moved_share


def _increased_of_rest(test: Resistance) -> float:
    return test.increased / (1 - test.resistant) if test.resistant < 1 else 0.0


def _bell(seed: int, purpose: str, index: Ints) -> Floats:
    """About normal, mean 0 and standard deviation 1: four even draws summed (Irwin–Hall)."""
    total = sum(uniform(seed, f"{purpose}/{part}", index) for part in range(4))
    bell: Floats = (np.asarray(total) - 2.0) * 3**0.5
    return bell


@cache
def _concentrations(test: Resistance, sir: str) -> tuple[str, ...]:
    """The concentrations a category leaves, from low to high; none when no limit is known."""
    if test.resistant_over is None:
        return ()
    top = _place(test.resistant_over)
    low = top if test.susceptible_max is None else _place(test.susceptible_max)
    if sir == "R":
        above = DILUTIONS[top + 1 : top + 5]
        return (*above, f">{above[-1]}")
    if sir == "I":
        start = max(top - 3, 0) if test.susceptible_max is None else low + 1
        return DILUTIONS[start : top + 1]
    below = DILUTIONS[max(low - 4, 0) : low + 1] if test.susceptible_max is not None else ()
    return (f"<={below[0]}", *below[1:]) if below else ()


def mic(test: Resistance, sir: str, draw: float) -> str:
    """A minimum inhibitory concentration that EUCAST's limits place in the category, or "".

    Args:
        draw: in [0, 1), which of the doubling dilutions.
    """
    choices = _concentrations(test, sir)
    return choices[int(draw * len(choices))] if choices else ""


def _place(limit: float) -> int:
    return next(i for i, text in enumerate(DILUTIONS) if float(text) >= limit)
