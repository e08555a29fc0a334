"""The isolates behind invented submissions to NORM and RAVN: of nobody, not even an invented person."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, Literal, NamedTuple

import numpy as np

from varde.codes import population

from .draws import Floats, pick, uniform
from .isolates import Result, mic
from .knowledge import mechanisms, organism_shares, panel, profile, rows
from .laboratories import Laboratory, laboratories

Register = Literal["norm", "ravn"]

Cell = tuple[int, int, str, str]
"""Of the population table: first and last age, sex, municipality."""


class DeidentifiedIsolate(NamedTuple):
    """One isolate as it stands after every file of the year, with the laboratory's own number.

    Attributes:
        sampled: the day, which the register does not keep.
        age: whole years, up to 106; the register keeps 90 at most.
        infected_in: the code that the register keeps.
        method: likewise.
    """

    sender: str
    number: str
    year: int
    sampled: date
    sex: str
    age: int
    municipality: str
    material: str
    organism: str
    infected_in: str
    method: str
    mutations: tuple[str, ...]
    results: tuple[Result, ...]


def draw_isolates(
    register: Register, count: int, seed: int, year: int
) -> Iterator[DeidentifiedIsolate]:
    """This many isolates of a year, in no order of time."""
    index = np.arange(count)
    kinds = _kinds(register)
    kind = pick(np.array([share for *_, share in kinds]), uniform(seed, f"{register}/kind", index))
    days = (uniform(seed, f"{register}/day", index) * 365).astype(int).tolist()
    infected = pick(shares_of(settings()["place"]), uniform(seed, f"{register}/place", index))
    measured = uniform(seed, f"{register}/measured", index) < settings()["share"]["measured"]
    for at in range(count):
        organism, material, ages, _ = kinds[int(kind[at])]
        laboratory = laboratories_of(register)[at % len(laboratories_of(register))]
        person = _person(register, seed, at, ages, laboratory)
        if register == "norm":
            results = _bacterial(organism, material, seed, at, bool(measured[at]))
            mutations: tuple[str, ...] = ()
            method = "broth-dilution" if measured[at] else "disk-diffusion"
        else:
            results, mutations = _viral(organism, seed, at)
            method = "phenotypic" if organism.startswith("influenza") else "genotypic"
        yield DeidentifiedIsolate(
            sender=laboratory.sender,
            number=f"{laboratory.code}-{register.upper()}-{year % 100}-{at:06d}",
            year=year,
            sampled=date(year, 1, 1) + timedelta(days=days[at]),
            sex=person[0],
            age=person[1],
            municipality=person[2],
            material=material,
            organism=organism,
            infected_in=settings()["place"][int(infected[at])]["code"],
            method=method,
            mutations=mutations,
            results=results,
        )


def _bacterial(
    organism: str, material: str, seed: int, at: int, measured: bool
) -> tuple[Result, ...]:
    """Antibiotics of one mechanism share a draw: resistance is nested, as in `isolates`."""
    tests = panel(organism, material)
    cells = at * 64 + np.array([mechanisms().index(test.mechanism) for test in tests], np.int64)
    draws = uniform(seed, "norm/mechanism", cells).tolist()
    steps = uniform(seed, "norm/dilution", at * 64 + np.arange(len(tests))).tolist()
    found = []
    for test, draw, step in zip(tests, draws, steps, strict=True):
        increased = test.resistant + test.increased
        sir = "R" if draw < test.resistant else "I" if draw < increased else "S"
        found.append(Result(test.antibiotic, sir, mic(test, sir, step) if measured else ""))
    return tuple(found)


def _viral(organism: str, seed: int, at: int) -> tuple[tuple[Result, ...], tuple[str, ...]]:
    tests = [row for row in rows("ravn_resistance.csv") if row["virus"] == organism]
    draws = (100 * uniform(seed, "ravn/result", at * 64 + np.arange(len(tests)))).tolist()
    results, mutations = [], []
    for test, draw in zip(tests, draws, strict=True):
        resistant, increased = float(test["resistant"]), float(test["increased"])
        sir = "R" if draw < resistant else "I" if draw < resistant + increased else "S"
        results.append(Result(test["antiviral"], sir, ""))
        if sir == "R" and test["mutation"]:
            mutations.append(test["mutation"])
    return tuple(results), tuple(dict.fromkeys(mutations))


def _person(
    register: str, seed: int, at: int, ages: str, laboratory: Laboratory
) -> tuple[str, int, str]:
    """Sex, age and municipality of an inhabitant of a county that the laboratory serves."""
    cells, weights = _inhabitants(ages, laboratory)
    index = np.array([at])
    cell = cells[int(pick(weights, uniform(seed, f"{register}/person", index))[0])]
    low, high, sex, municipality = cell
    draw = float(uniform(seed, f"{register}/age", index)[0])
    return sex, low + int(draw * (high - low + 1)), municipality


@cache
def _inhabitants(ages: str, laboratory: Laboratory) -> tuple[list[Cell], Floats]:
    """Cells of the population table, and how often one of them gets such an infection.

    Args:
        ages: a profile of ``profiles.csv``, or the first and last age as ``18-70``.
    """
    cells: list[Cell] = []
    weights: list[float] = []
    for row in population():
        if row.municipality[:2] not in laboratory.counties:
            continue
        high = 106 if row.age_high is None else row.age_high
        cells.append((row.age_low, high, row.sex, row.municipality))
        rate = _rate(ages, row.sex, (row.age_low + high) / 2)
        weights.append(row.count * rate * laboratory.counties[row.municipality[:2]])
    return cells, np.array(weights, np.float64)


def _rate(ages: str, sex: str, age: float) -> float:
    if ages[0].isdigit():
        low, _, high = ages.partition("-")
        return float(int(low) <= age <= int(high))
    steps, rates = profile(ages)[sex]
    return rates[int(np.searchsorted(np.array(steps), age, side="right")) - 1]


@cache
def _kinds(register: Register) -> tuple[tuple[str, str, str, float], ...]:
    """Organism, material, ages and share."""
    if register == "ravn":
        return tuple(
            (
                row["virus"],
                row["material"],
                f"{row['age_low']}-{row['age_high']}",
                float(row["share"]),
            )
            for row in rows("ravn_viruses.csv")
        )
    return tuple(
        (found.organism, material, found.profile, found.share * share)
        for material, share in settings()["norm"]["materials"].items()
        for found in organism_shares(material)
        if panel(found.organism, material)
    )


@cache
def words() -> dict[str, str]:
    """Virus → the word that a submission has for it."""
    return {row["virus"]: row["word"] for row in rows("ravn_viruses.csv")}


@cache
def laboratories_of(register: Register) -> tuple[Laboratory, ...]:
    """The laboratories that send to a register."""
    chosen = settings()[register]["laboratories"]
    return tuple(laboratory for laboratory in laboratories() if laboratory.key in chosen)


@cache
def settings() -> dict[str, Any]:
    """What ``data/deidentified.toml`` says."""
    text = files("varde.synthetic").joinpath("data/deidentified.toml").read_text("utf-8")
    return tomllib.loads(text)


def shares_of(entries: Sequence[dict[str, Any]]) -> Floats:
    """The shares of these entries, to pick by."""
    return np.array([entry["share"] for entry in entries], np.float64)
