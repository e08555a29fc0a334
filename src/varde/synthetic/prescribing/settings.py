"""What the invented prescribing is drawn from: ``data/prescribing.toml``, checked when it is loaded."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec
import numpy as np

from varde.synthetic.draws import Floats

Property = Literal[
    "airway_antibiotic", "narrow_airway", "quinolone_urinary", "long_course", "wait_and_see"
]
PROPERTIES: tuple[Property, ...] = (
    "airway_antibiotic",
    "narrow_airway",
    "quinolone_urinary",
    "long_course",
    "wait_and_see",
)
"""What prescribers differ in."""

BETTER = np.array([-1.0, 1.0, -1.0, -1.0, 1.0])
"""The direction of good of each, as the guideline has it."""

KINDS = ("airway", "urinary", "skin", "special", "other")
"""What contacts are for."""

Record = msgspec.Struct


class Size(Record, frozen=True, forbid_unknown_fields=True):
    """How large a country is; `list_size` 0: as many persons as live there; no municipalities: all."""

    lists: int
    list_size: int
    out_of_hours_doctors: int
    out_of_hours_units: int
    homes: int
    home_care: int
    peer_group: float
    municipalities: tuple[str, ...]
    source: str


class Level(Record, frozen=True, forbid_unknown_fields=True):
    """One number, what it is and where it is from."""

    value: float
    text: str
    source: str


class Spread(Record, frozen=True, forbid_unknown_fields=True):
    """Standard deviations in logits, between doctors and between counties."""

    doctor: float
    county: float
    source: str


class Pattern(Record, frozen=True, forbid_unknown_fields=True):
    """What becomes of a prescriber: a step to the better within these bounds, or a slope."""

    key: str
    share: float
    step: tuple[float, float]
    slope: float
    source: str


class Ill(Record, frozen=True, forbid_unknown_fields=True):
    """How often, relative to others, by age band, sex and month."""

    female: tuple[float, ...]
    male: tuple[float, ...]
    months: tuple[float, ...]


class Diagnosis(Record, frozen=True, forbid_unknown_fields=True):
    """What somebody comes for, and what is given; see the file."""

    code: str
    kind: str
    weight: tuple[float, float, float]
    antibiotic: float
    only: Literal["", "F", "M"] = ""
    first: str = ""
    share: tuple[float, float] = (0.0, 0.0)
    rest: dict[str, float] = msgspec.field(default_factory=dict)
    days: int = 0
    men_days: int = 0
    begins: date | None = msgspec.field(default=None, name="from")
    later_days: int = 0

    def weights(self, man: int) -> tuple[float, ...]:
        """How often it is the reason, by age group, among women (0) or men (1)."""
        return (0.0, 0.0, 0.0) if self.only == "MF"[man] else self.weight

    def course(self, on: date, female: bool) -> int:
        """Days of a course by the guideline of a day."""
        if self.begins is not None and on >= self.begins:
            return self.later_days
        return self.men_days if self.men_days and not female else self.days


class Drug(Record, frozen=True, forbid_unknown_fields=True):
    """Grams a day for adults, milligrams a kilogram and day for children, packs in grams."""

    adult: float
    child: float
    packs: tuple[float, ...]
    bottles: tuple[float, ...]


class Billing(Record, frozen=True, forbid_unknown_fields=True):
    """Billing codes by weight."""

    gp: dict[str, float]
    gp_simple: dict[str, float]
    out_of_hours: dict[str, float]
    out_of_hours_simple: dict[str, float]
    source: str


class Profile(Record, frozen=True, forbid_unknown_fields=True):
    """A kind of home: the share of its bed days that are short stays."""

    key: str
    weight: float
    short: tuple[float, float]


class Homes(Record, frozen=True, forbid_unknown_fields=True):
    """Nursing homes; see the file."""

    first: float
    last: float
    urinary_first: float
    urinary_last: float
    lowest: float
    highest: float
    parenteral: float
    methenamine: float
    spread: float
    seldom_short: float
    beds: float
    beds_spread: float
    returned: float
    delivering: float
    merged: float
    closed: float
    renamed: float
    source: str
    profile: tuple[Profile, ...]
    urinary: dict[str, float]
    oral: dict[str, float]
    parenteral_drugs: dict[str, float]
    grams: dict[str, float]
    doses: dict[str, float]


class HomeCare(Record, frozen=True, forbid_unknown_fields=True):
    """Home-care districts: DDD bought in a month."""

    ddd: float
    source: str


class Prevalence(Record, frozen=True, forbid_unknown_fields=True):
    """The surveys of homes: days of the year, shares of homes and of residents."""

    rounds: tuple[tuple[int, int], ...]
    taking_part: float
    ward: int
    treated: float
    methenamine: float
    infected: float
    source: str


class Settings(Record, frozen=True, forbid_unknown_fields=True):
    """The file."""

    first_year: int
    years: int
    size: dict[str, Size]
    level: dict[str, Level]
    spread: dict[Property, Spread]
    pattern: tuple[Pattern, ...]
    ill: dict[str, Ill]
    diagnosis: tuple[Diagnosis, ...]
    billing: Billing
    longer_days: dict[int, int]
    shorter_days: dict[int, int]
    drug: dict[str, Drug]
    homes: Homes
    home_care: HomeCare
    prevalence: Prevalence


@cache
def settings() -> Settings:
    """The file, checked.

    Raises:
        msgspec.ValidationError: it is not what it should be.
    """
    text = files("varde.synthetic").joinpath("data/prescribing.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), Settings, strict=False)


def level(name: str) -> float:
    """A level by its name."""
    return settings().level[name].value


@cache
def diagnoses(kind: str) -> tuple[Diagnosis, ...]:
    """What people come for with that kind of illness."""
    return tuple(each for each in settings().diagnosis if each.kind == kind)


def logit(share: float | Floats) -> Floats:
    """The logarithm of the odds."""
    return np.asarray(np.log(share) - np.log1p(-np.asarray(share, np.float64)), np.float64)


def expit(value: float | Floats) -> Floats:
    """The share that has these log odds."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.asarray(value, np.float64))), np.float64)


def fit(target: float, shares: Floats, weights: Floats, spread: float) -> float:
    """What to add to the log odds of the shares so that their weighted mean, over normally distributed
    differences with that spread, is the target. Found by halving; the mean grows with what is added."""
    points, mass = np.polynomial.hermite_e.hermegauss(31)
    mass = mass / mass.sum()
    logits = logit(np.clip(shares, 1e-9, 1 - 1e-9))[:, None] + spread * points
    low, high = -20.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        mean = float(weights @ (expit(logits + middle) @ mass)) / float(weights.sum())
        low, high = (middle, high) if mean < target else (low, middle)
    return (low + high) / 2
