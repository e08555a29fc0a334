"""The codes of the guide and what they mean here, as data (``data/vocabulary.toml``)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

Route = Literal["O", "P", "R", "T", "I", "U"]
Sex = Literal["F", "M", ""]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of the file."""


class BundleRules(_File, frozen=True):
    """What a bundle must be. `profiles` is what the addresses of the profiles begin with."""

    type: str
    method: str
    profiles: str


class Systems(_File, frozen=True):
    """Addresses of code systems, identifiers and extensions."""

    organisation: str
    resh: str
    municipality: str
    municipality_extension: str
    classification: str
    ucum: str
    atc: tuple[str, ...]


class Forms(_File, frozen=True):
    """Code systems that a drug's form may be of."""

    systems: tuple[str, ...]


class Vocabulary(_File, frozen=True):
    """The whole of ``vocabulary.toml``.

    Attributes:
        statuses: of an administration → what becomes of it.
        persons: identifier system → kind of number.
        reasons: code system of a diagnosis → as the table calls it, in the order of choice.
        routes: code system → code → route.
        grams, international: UCUM code → grams, or international units.
        dose_grams, dose_international: the same of the units of daily doses.
        stays: class of a stay → kind of institution, where it is part of a municipality.
        forbidden: type of resource → elements that it may not have.
    """

    version: str
    source: str
    bundle: BundleRules
    systems: Systems
    statuses: dict[str, Literal["given", "deleted"]]
    persons: dict[str, str]
    genders: dict[str, Sex]
    reasons: dict[str, str]
    forms: Forms
    routes: dict[str, dict[str, Route]]
    grams: dict[str, Decimal]
    dose_grams: dict[str, Decimal]
    international: dict[str, Decimal]
    dose_international: dict[str, Decimal]
    stays: dict[str, Literal["nursing-home", "home-care"]]
    forbidden: dict[str, tuple[str, ...]]

    @property
    def amounts(self) -> tuple[tuple[Mapping[str, Decimal], Mapping[str, Decimal]], ...]:
        """What a dose and a daily dose may both be measured in: UCUM code and unit → a common unit."""
        return (
            (self.grams, self.dose_grams),
            (self.international, self.dose_international),
        )


@cache
def vocabulary() -> Vocabulary:
    """The codes as shipped.

    Raises:
        msgspec.ValidationError: the file does not have the shape of `Vocabulary`.
    """
    text = files("varde.messages.lmdi").joinpath("data/vocabulary.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), Vocabulary)
