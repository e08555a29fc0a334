"""Deaths as evidence: somebody of whom a specimen was taken long after a death is not the one who died.

How long is long is in ``data/deaths.toml``, dated and sourced.
"""

from __future__ import annotations

import tomllib
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Literal, Protocol

import msgspec

from varde.linkage.errors import LinkageFileError

FILE = Path(__file__).parent / "data" / "deaths.toml"
DeathReason = Literal["seen-after-death", "two-deaths"]


class DeathRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of ``data/deaths.toml``."""

    valid_from: date
    after_days: int
    apart_days: int


class DeathRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All rows, the newest last."""

    version: str
    source: str
    rules: tuple[DeathRule, ...]


class Mortal(Protocol):
    """A day of death and the last day of being seen, as ordinals of `datetime.date`; 0 where nothing is known."""

    @property
    def died(self) -> int: ...

    @property
    def seen(self) -> int: ...


@lru_cache(maxsize=1)
def death_rules() -> DeathRules:
    """The rules of ``data/deaths.toml``.

    Raises:
        LinkageFileError: the file breaks its schema, or has no rule of the first days.
    """
    try:
        found = msgspec.convert(tomllib.loads(FILE.read_text("utf-8")), DeathRules)
    except (msgspec.ValidationError, tomllib.TOMLDecodeError) as error:
        raise LinkageFileError(FILE.name, str(error)) from error
    days = [rule.valid_from for rule in found.rules]
    if not days or days != sorted(set(days)):
        raise LinkageFileError(FILE.name, "the rules do not follow each other")
    return found


@lru_cache(maxsize=4096)
def _rule(died: int) -> DeathRule:
    rules = death_rules().rules
    return next((r for r in reversed(rules) if r.valid_from.toordinal() <= died), rules[0])


def is_long_after(seen: date, died: date) -> bool:
    """Whether somebody was seen so long after a death that it is not theirs."""
    return _long_after(seen.toordinal(), died.toordinal())


def _long_after(seen: int, died: int) -> bool:
    return seen > died + _rule(died).after_days


def contradict_by_death(one: Mortal, other: Mortal) -> DeathReason | None:
    """What days of death say against that two are one: both died, on days far apart; or one was seen long after the
    other had died. The order does not count."""
    if not (one.died or other.died):
        return None
    if one.died and other.died:
        first, last = sorted((one.died, other.died))
        return "two-deaths" if last - first > _rule(first).apart_days else None
    died, seen = one.died or other.died, other.seen if one.died else one.seen
    return "seen-after-death" if seen and _long_after(seen, died) else None
