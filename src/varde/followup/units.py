"""Units that can be told: a municipality's doctor, a trust's infection control, the national duty officer …

A unit is known by a name such as ``municipality:0301``, ``trust:993467049``, ``national``, ``food-safety``.
Municipalities are followed through mergers and new numbers: what one was told, the one that it became has.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from varde.access.areas import Area, area_of
from varde.access.roles import Holder
from varde.codes import find_hospital, municipalities, successor, trusts
from varde.codes.geography import all_municipalities, changes
from varde.followup.tables import Kind, tables

NATIONAL = "national"


def name_unit(kind: Kind, code: str = "") -> str:
    """The name of a unit."""
    return f"{kind}:{code}" if code else kind


def code_of(unit: str) -> str:
    """The number in a unit's name; empty where there is only one of its kind."""
    return unit.partition(":")[2]


def kind_of(unit: str) -> str:
    """The kind of a unit."""
    return unit.partition(":")[0]


def current(unit: str, on: date) -> str | None:
    """What a unit has become by a day; None of a municipality that was divided, or that there is not."""
    if kind_of(unit) != "municipality":
        return unit
    number = successor(code_of(unit), on)
    return None if number is None else name_unit("municipality", number)


def same(one: str, other: str, on: date) -> bool:
    """Whether two names are of one unit, as borders are on a day."""
    return one == other or (current(one, on) is not None and current(one, on) == current(other, on))


@lru_cache(maxsize=2048)
def names_of(unit: str, on: date) -> tuple[str, ...]:
    """All names that a unit has had: its own, and those of the municipalities that became it."""
    now = current(unit, on)
    if kind_of(unit) != "municipality" or now is None:
        return (unit,)
    numbers = {one.number for one in all_municipalities()} | changes().keys() | {code_of(unit)}
    found = {name_unit("municipality", number) for number in numbers}
    return tuple(sorted(name for name in found if current(name, on) == now))


def unit_of(user: Holder, on: date) -> str | None:
    """The unit whose inbox is a user's own; None for those who have none."""
    area = area_of(user)
    if area is None:
        return None
    if area.kind == "municipality":
        number = successor(area.code, on)
        return None if number is None else name_unit("municipality", number)
    if area.kind == "trust":
        return name_unit("trust", area.code)
    return NATIONAL if area.kind == "country" else None


def area_of_unit(unit: str) -> Area | None:
    """The place that a unit answers for."""
    kind, code = kind_of(unit), code_of(unit)
    if kind == "municipality":
        return Area("municipality", code)
    if kind == "trust":
        return Area("trust", code)
    return Area("country") if unit == NATIONAL else None


def say_unit(unit: str, on: date, language: str = "nb") -> str:
    """What a unit is called."""
    code = code_of(unit)
    if kind_of(unit) == "municipality":
        known = municipalities(on).get(successor(code, on) or code)
        return known.name if known else code
    if kind_of(unit) == "trust":
        return trusts(on).get(code, code)
    if kind_of(unit) == "state-administrator":
        office = tables().administrator_named(code, on)
        return office.name.in_language(language) if office else code
    words = tables().units.get(unit)
    return words.in_language(language) if words else unit


def trust_named(word: str, on: date, words: Mapping[str, str] = MappingProxyType({})) -> str | None:
    """The trust of the hospital that a word names: by number or name, of the hospital or of the trust; None when
    neither the tables nor what a site has said of the sender's words (`varde.register.hospital_words`) know it."""
    found = find_hospital(word, on, words)
    return found.trust if found else None


def is_unit(unit: str, on: date) -> bool:
    """Whether there is such a unit, as far as the tables tell."""
    kind, code = kind_of(unit), code_of(unit)
    if kind == "municipality":
        return current(unit, on) is not None
    if kind == "trust":
        return bool(code)
    if kind == "state-administrator":
        return tables().administrator_named(code, on) is not None
    return unit in tables().units
