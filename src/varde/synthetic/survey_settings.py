"""What the invented surveys are drawn from, and the rows they are written as."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np

from .draws import Floats, uniform


class Plan(NamedTuple):
    """One row of one file.

    Attributes:
        institution: who sends it, a position in `institutions`.
        sent: the day of the file.
        cells: heading → what is written.
        reason: why it must be refused; empty when it must not.
    """

    institution: int
    sent: date
    cells: dict[str, str]
    reason: str = ""


class Fate(NamedTuple):
    """What becomes of one thing that is sent.

    Attributes:
        corrected: its first version is wrong and replaced.
        cancelled: it is withdrawn in the end.
        faulty: its first version must be refused.
        mended: a later version is right; without it the thing never comes in.
    """

    corrected: bool
    cancelled: bool
    faulty: bool
    mended: bool


@cache
def settings() -> dict[str, Any]:
    """The file, as it is."""
    text = files("varde.synthetic").joinpath("data/surveys.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def institutions() -> Sequence[dict[str, Any]]:
    """Those who take part."""
    found: Sequence[dict[str, Any]] = settings()["institution"]
    return found


def styles() -> Sequence[dict[str, Any]]:
    """The ways to write a table."""
    found: Sequence[dict[str, Any]] = settings()["style"]
    return found


def draw(seed: int, purpose: str, *index: int) -> float:
    """A number in [0, 1) that depends on nothing but its arguments."""
    return float(draws(seed, purpose, 1, *index)[0])


def draws(seed: int, purpose: str, count: int, *index: int) -> Floats:
    """Some of them at once."""
    return uniform(seed, "/".join(["survey", purpose, *map(str, index)]), np.arange(count))


def choose(rows: Sequence[dict[str, Any]], chance: float) -> dict[str, Any]:
    """The row that a draw falls at, in proportion to the rows' weights."""
    left = chance * sum(row["weight"] for row in rows)
    for row in rows:
        left -= row["weight"]
        if left < 0:
            return row
    return rows[-1]


def fate_of(seed: int, purpose: str, *index: int) -> Fate:
    """What becomes of the thing of that number."""
    share = settings()["share"]
    chance = draw(seed, f"{purpose}/fate", *index)
    corrected = chance < share["corrected"]
    cancelled = not corrected and chance < share["corrected"] + share["cancelled"]
    faulty = chance > 1 - share["faulty"]
    mended = faulty and draw(seed, f"{purpose}/mended", *index) < share["mended"]
    return Fate(corrected, cancelled, faulty, mended)


def sender(institution: dict[str, Any]) -> str:
    """Who sends, as every table says it."""
    return f"HER:{institution['her']}"


def institution_number(institution: dict[str, Any]) -> str:
    """What a table says the institution is: its organisation number, which prescribing knows a nursing home by too; HER-id
    where it has none."""
    return str(institution.get("organisation", institution["her"]))


def envelope(
    institution: dict[str, Any], number: str, made: datetime | None, service_type: str = ""
) -> dict[str, str]:
    """The cells that every row begins with; `made` is Norwegian time."""
    style = styles()[institution["style"]]
    return {
        "Avsender": sender(institution),
        "Avsendernavn": institution["name"],
        "Nummer": number,
        "Tidspunkt": "" if made is None else made.strftime(style["time"]),
        "Type": service_type,
    }


def write_day(institution: dict[str, Any], day: date | None) -> str:
    """A day as the institution writes it; empty for none."""
    return "" if day is None else day.strftime(styles()[institution["style"]]["date"])
