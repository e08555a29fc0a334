"""Numbers of persons as evidence: which are right, what they say, and which of them are one person's.

Sources: KITH 1001:2010; Skatteetaten, "Nytt fødselsnummer fra 2032"; FHI, Fhi.NINCheck (the control
digits of help numbers). `varde.messages.identify` says what a number's own form says; here is what
that leaves open: a rule that has not begun, control digits of help numbers, years of DUF numbers.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal, NamedTuple

import msgspec

from varde.linkage.errors import LinkageFileError
from varde.messages import PersonId, Sex, control_remainder, identify

FILE = Path(__file__).parent / "data" / "numbers.toml"
ELEVEN = frozenset({"FNR", "DNR", "HNR"})


class KindRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a kind of number is worth; see ``data/numbers.toml``."""

    decides: bool
    scope: Literal["country", "issuer"]
    several: bool


class NumberRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every kind, and the days that rules begin on."""

    version: str
    source: str
    new_rule: date
    first_duf: int
    kinds: dict[str, KindRule]


class NumberChange(msgspec.Struct, frozen=True, kw_only=True):
    """One person's number became another: mostly a D number that became a national number.

    Attributes:
        old, new: the numbers. Which is which does not matter to the comparison.
        source: who says so ("Folkeregisteret"); never empty: a link that nobody vouches for is none.
        day: when it was said.
    """

    old: PersonId
    new: PersonId
    source: str
    day: date


class Reading(NamedTuple):
    """What a number says.

    Attributes:
        valid: it can have been given out by the day it was stated.
        kind: as its own form says; FNR, DNR and HNR are told apart by the number.
        birth_date: None where the number tells none, or no longer for certain.
        sex: empty where the number tells none.
        synthetic: the number is of an invented person.
    """

    valid: bool
    kind: str
    birth_date: date | None = None
    sex: Sex = ""
    synthetic: bool = False


@lru_cache(maxsize=1)
def number_rules() -> NumberRules:
    """The rules of ``data/numbers.toml``.

    Raises:
        LinkageFileError: the file breaks its schema.
    """
    try:
        return msgspec.convert(tomllib.loads(FILE.read_text("utf-8")), NumberRules)
    except (msgspec.ValidationError, tomllib.TOMLDecodeError) as error:
        raise LinkageFileError(FILE.name, str(error)) from error


@lru_cache(maxsize=1 << 16)
def read_number(kind: str, value: str, stated: date | None = None) -> Reading:
    """Whether a number can have been given out, and what it says of birth date and sex.

    Args:
        kind: as `PersonId.kind`, or PASSPORT.
        value: the number without blanks.
        stated: the day it was said; None when unknown, then by any rule.
    """
    rules = number_rules()
    if kind not in rules.kinds:
        return Reading(False, kind)
    if kind == "FHN":
        right = _has_digits(value, 11) and value[0] in "89" and control_remainder(value) == 0
        return Reading(right, kind)
    if kind == "DUF":
        return Reading(_is_duf(value, stated), kind)
    if kind in ELEVEN:
        return _read_eleven(kind, value, stated)
    return Reading(bool(value), kind)


def _read_eleven(kind: str, value: str, stated: date | None) -> Reading:
    found = identify(kind, value)
    # Numbers that only the new rule allows cannot have been given out before it began.
    early = stated is not None and stated < number_rules().new_rule
    if found.valid and early and control_remainder(value) != 0:
        return Reading(False, found.kind, synthetic=found.synthetic)
    return Reading(*found)


def _is_duf(value: str, stated: date | None) -> bool:
    """Twelve digits that begin with the year of the application.

    A rule for the last two digits is told, but by no authority that could be found, so it is not asked for.
    """
    if not _has_digits(value, 12):
        return False
    last = 9999 if stated is None else stated.year
    return number_rules().first_duf <= int(value[:4]) <= last


def _has_digits(value: str, length: int) -> bool:
    return len(value) == length and value.isascii() and value.isdigit()


class Changes:
    """Which numbers are of one person, because somebody vouches for a change.

    Args:
        changes: in any order; chains (D number, national number, a corrected one) are followed.
    """

    def __init__(self, changes: Iterable[NumberChange] = ()) -> None:
        sets: dict[str, set[str]] = {}
        for change in changes:
            if not change.source:
                raise LinkageFileError("change of number", "it has no source")
            old, new = (f"{one.kind}:{one.value}" for one in (change.old, change.new))
            joined = sets.get(old, {old}) | sets.get(new, {new})
            for number in joined:
                sets[number] = joined
        self._sets: Mapping[str, frozenset[str]] = MappingProxyType(
            {number: frozenset(joined) for number, joined in sets.items()}
        )

    def of(self, number: str) -> frozenset[str]:
        """All numbers, as ``"KIND:value"``, of the person who has this one; itself among them."""
        return self._sets.get(number) or frozenset((number,))


NO_CHANGES = Changes()
