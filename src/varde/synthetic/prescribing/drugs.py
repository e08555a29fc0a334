"""What the pharmacy has, in how many daily doses a pack is, and which pack covers which course."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from varde.codes import daily_dose, daily_doses
from varde.synthetic.draws import Floats, Ints

from .settings import Diagnosis, Drug, settings

FIRST_PRODUCT = 990_001
LENGTHS = ("short", "guideline", "long")
WEIGHTS = (14.0, 28.0)
"""Kilograms of children under five, and of those up to eleven: assumption. Older ones get packs for adults."""


@dataclass(frozen=True, slots=True)
class Product:
    """A pack.

    Attributes:
        number: six digits.
        grams: of the substance in it.
        bottle: for children.
    """

    number: str
    atc: str
    route: str
    grams: float
    bottle: bool


@cache
def drugs() -> tuple[str, ...]:
    """ATC codes of what is dispensed."""
    return tuple(settings().drug)


@cache
def products() -> tuple[Product, ...]:
    """All packs: those dispensed or given by mouth, then those for injection."""
    packs = [
        (atc, "O", grams, bottle)
        for atc, drug in settings().drug.items()
        for sizes, bottle in ((drug.packs, False), (drug.bottles, True))
        for grams in sizes
    ]
    packs += [(atc, "P", grams, False) for atc, grams in settings().homes.grams.items()]
    return tuple(Product(str(FIRST_PRODUCT + at), *pack) for at, pack in enumerate(packs))


def index_version(year: int) -> int:
    """The year of the ATC/DDD index whose doses are used: that of the dispensing, but none newer than `varde.codes` knows."""
    return min(year, max(int(dose.version) for dose in daily_doses()))


def index_versions(days: Ints) -> NDArray[np.int32]:
    """The same for each of many days, since 1970-01-01."""
    years = days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    newest = index_version(9999)
    return np.asarray(np.minimum(years, newest), np.int32)


@lru_cache(maxsize=64)
def pack_doses(on: date) -> Floats:
    """Daily doses in one pack of each product, under the doses valid on a day.

    Raises:
        LookupError: `varde.codes` has no daily dose in grams for one of them.
    """
    return np.array([_doses(product, on) for product in products()])


def _doses(product: Product, on: date) -> float:
    dose = daily_dose(product.atc, product.route, on)
    if dose is None or dose.unit not in ("g", "mg"):
        raise LookupError(f"no daily dose in grams of {product.atc} {product.route} on {on}")
    return product.grams / float(dose.value) * (1 if dose.unit == "g" else 1000)


@lru_cache(maxsize=4)
def _courses(days: tuple[tuple[int, int], ...]) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    known, shape = settings(), (len(settings().diagnosis), len(drugs()), 3, 2, 3)
    product, packs = np.full(shape, -1, np.int16), np.zeros(shape, np.int16)
    for at, diagnosis in enumerate(known.diagnosis):
        for atc in (diagnosis.first, *diagnosis.rest) if diagnosis.first else ():
            drug = drugs().index(atc)
            for group, man, length in np.ndindex(3, 2, 3):
                course = _length(days[at][man], length)
                cell = at, drug, group, man, length
                product[cell], packs[cell] = _cover(atc, known.drug[atc], group, course)
    return product, packs


def _length(days: int, length: int) -> int:
    known = settings()
    return (known.shorter_days[days], days, known.longer_days[days])[length]


def _cover(atc: str, drug: Drug, group: int, days: int) -> tuple[int, int]:
    """The smallest pack that lasts so long, or as many of the largest as are needed."""
    child = group < 2
    need = days * (drug.child * WEIGHTS[group] / 1000 if child else drug.adult)
    fits = [
        (product.grams, at)
        for at, product in enumerate(products())
        if (product.atc, product.route, product.bottle) == (atc, "O", child)
    ]
    # Packs of the least course are meant to last just so long: a hundredth is rounding.
    enough = [pack for pack in fits if pack[0] >= need * 0.99]
    if enough:
        return min(enough)[1], 1
    grams, at = max(fits)
    return at, int(np.ceil(need / grams - 0.01))


def courses(on: date) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """Product and number of packs by diagnosis, drug, size of the patient (under 5, under 12, larger), sex (women, men)
    and length (`LENGTHS`), under the guideline of a day; product -1 where the drug is not given."""
    return _courses(tuple(_days(each, on) for each in settings().diagnosis))


def _days(diagnosis: Diagnosis, on: date) -> tuple[int, int]:
    return diagnosis.course(on, True), diagnosis.course(on, False)
