"""The tables the invented country is drawn from, each row with its source; see ``data/README.md``."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from varde.codes import materials


class MaterialShare(NamedTuple):
    """A material, its share of all specimens, and a yearly wave in it (month 1–12 of the peak)."""

    key: str
    share: float
    swing: float
    peak: int


class OrganismShare(NamedTuple):
    """An organism in a material, and the profile of those who get it."""

    organism: str
    share: float
    profile: str


class Resistance(NamedTuple):
    """How often an organism is resistant to an antibiotic.

    Attributes:
        resistant, increased: shares of R and I among the tested, 0 to 1, in the reference year.
        trend: change in logits a year.
        mechanism: what shares a mechanism is resistant together.
        susceptible_max, resistant_over: limits in mg/L; None: no S category, or no MIC written.
    """

    antibiotic: str
    resistant: float
    increased: float
    trend: float
    mechanism: str
    susceptible_max: float | None
    resistant_over: float | None


class LocalCode(NamedTuple):
    """A code of a laboratory's own, or a national one, with the words sent beside it."""

    code: str
    text: str


@cache
def material_shares() -> tuple[MaterialShare, ...]:
    """All materials that are drawn."""
    return tuple(
        MaterialShare(
            row["material"],
            float(row["share"]),
            float(row["season_swing"]),
            int(row["season_peak_month"]),
        )
        for row in rows("materials.csv")
    )


@cache
def organism_shares(material: str) -> tuple[OrganismShare, ...]:
    """The organisms found in a material."""
    return tuple(
        OrganismShare(row["organism"], float(row["share"]), row["profile"])
        for row in rows("organisms.csv")
        if row["material"] == material
    )


@cache
def profile(name: str) -> dict[str, tuple[tuple[float, ...], tuple[float, ...]]]:
    """For each sex: the ages from which rates hold, and the rates."""
    found: dict[str, list[tuple[float, float]]] = {"F": [], "M": []}
    for row in rows("profiles.csv"):
        if row["profile"] == name:
            found[row["sex"]].append((float(row["age_from"]), float(row["rate"])))
    return {
        sex: (tuple(age for age, _ in steps), tuple(rate for _, rate in steps))
        for sex, steps in found.items()
    }


@cache
def panel(organism: str, material: str) -> tuple[Resistance, ...]:
    """What an organism from a material is tested against; the material group's own row wins."""
    group = materials()[material].group
    found: dict[str, Resistance] = {}
    for row in rows("resistance.csv"):
        if organism not in row["organisms"].split() or row["material_group"] not in ("", group):
            continue
        if row["antibiotic"] in found and not row["material_group"]:
            continue
        found[row["antibiotic"]] = _resistance(row)
    return tuple(found.values())


@cache
def mechanisms() -> tuple[str, ...]:
    """All mechanisms, in the order of the file."""
    return tuple(dict.fromkeys(row["mechanism"] for row in rows("resistance.csv")))


@cache
def constant(name: str) -> float:
    """A number of ``constants.csv``."""
    return {row["name"]: float(row["value"]) for row in rows("constants.csv")}[name]


@cache
def national_codes() -> dict[str, LocalCode]:
    """Antibiotic → NLK code, for those whose code is known."""
    return {
        row["concept"]: LocalCode(row["code"], row["text"])
        for row in rows("local_codes.csv")
        if row["kind"] == "nlk"
    }


@cache
def unmapped_codes(kind: str, concept: str | None = None) -> tuple[LocalCode, ...]:
    """Codes of a kind (organism, antibiotic, material) that no map knows.

    Args:
        concept: only those that laboratories write for this; where they have none, those that say nothing.
    """
    mine = [row for row in rows("local_codes.csv") if row["kind"] == f"unmapped-{kind}"]
    if concept is not None:
        fits = [row for row in mine if row["concept"] == concept]
        mine = fits or [row for row in mine if not row["concept"]]
    return tuple(LocalCode(row["code"], row["text"]) for row in mine)


def rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of a data file, as text."""
    text = files("varde.synthetic").joinpath(f"data/{name}").read_text("utf-8")
    return csv.DictReader(text.splitlines())


def _resistance(row: dict[str, str]) -> Resistance:
    return Resistance(
        antibiotic=row["antibiotic"],
        resistant=float(row["resistant"]) / 100,
        increased=float(row["increased"]) / 100,
        trend=float(row["trend"]),
        mechanism=row["mechanism"],
        susceptible_max=_number(row["susceptible_max"]),
        resistant_over=_number(row["resistant_over"]),
    )


def _number(text: str) -> float | None:
    return float(text) if text else None
