"""Units of doses: their plural, which are shown as gram, and which are per kilogram."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

import msgspec
from msgspec import Struct

DATA = Path(__file__).with_name("data") / "units.json"


class Unit(Struct, frozen=True, forbid_unknown_fields=True):
    """One unit.

    Attributes:
        name: as it is shown, in the singular.
        also: other terms for the same unit.
        plural: as it is shown after any number but one.
        thousand: the unit that a thousand of this one make on the page; empty for none.
        per_kg: the unit that remains when multiplied by a weight in kg; empty when it is not per kg.
    """

    name: str
    also: tuple[str, ...]
    plural: str
    thousand: str = ""
    per_kg: str = ""


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    source: str
    units: tuple[Unit, ...]


@cache
def units() -> Mapping[str, Unit]:
    """Every unit by each of its names, casefolded."""
    file = msgspec.json.decode(DATA.read_bytes(), type=_File)
    return MappingProxyType(
        {name.casefold(): unit for unit in file.units for name in (unit.name, *unit.also)}
    )


def unit_named(term: str) -> Unit:
    """The unit with this term; one that is not in the file is shown as it is called."""
    return units().get(term.casefold()) or Unit(name=term, also=(), plural=term)
