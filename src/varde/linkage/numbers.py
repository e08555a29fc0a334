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
    """Every kind, the year that DUF numbers begin with, and what is no number at all."""

    version: str
    source: str
    first_duf: int
    placeholders: frozenset[str]
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


def depends_on_day(kind: str, value: str) -> bool:
    """Whether `read_number` may say another thing of a number for another day on which it was said."""
    if kind in ELEVEN:
        # What tells no birth date may be of a rule that has not begun; a wrong one is wrong on any day.
        found = read_number(kind, value, None)
        return found.valid and found.birth_date is None
    return kind == "DUF"


@lru_cache(maxsize=1 << 14)
def is_placeholder(kind: str, value: str) -> bool:
    """Whether something only stands where a number would ("ANON", "0000"): it is nobody's. Of kinds that do not decide;
    those that do are checked by their form."""
    rule = number_rules().kinds.get(kind)
    if rule is not None and rule.decides:
        return False
    bare = "".join(sign for sign in value.casefold() if sign.isalnum())
    return len(set(bare)) < 2 or bare in number_rules().placeholders


def _read_eleven(kind: str, value: str, stated: date | None) -> Reading:
    found = identify(kind, value, stated)
    return Reading(found.valid, found.kind, found.birth_date, found.sex, found.synthetic)


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


class Known(NamedTuple):
    """What changes of number say of one number.

    Attributes:
        joined: all numbers of the person who has it, as ``"KIND:value"``; itself among them.
        doubted: numbers that it would be one person's with, were it not that changes contradict each other.
        parted: numbers that are certainly another person's, because somebody vouches for that.
    """

    joined: frozenset[str]
    doubted: frozenset[str] = frozenset()
    parted: frozenset[str] = frozenset()


def follow_changes(
    pairs: Iterable[tuple[str, str]], parted: Iterable[tuple[str, str]] = ()
) -> dict[str, Known]:
    """What pairs of numbers that are said to be one person's say of each number. The order does not count.

    One person has one national number, or several of which one became the other. Where other numbers (D, DUF) would
    lead to two of which nothing says that, no one knows which of them is right: none of those joins anything.
    Nor does anything that leads, in several steps, from a number to one that is said to be another person's.

    Args:
        parted: pairs that are said to be two persons'.
    """
    parted = list(parted)
    alike: list[tuple[str, str]] = []
    mixed: list[tuple[str, str]] = []
    for one, other in pairs:
        if _is_national(one) == _is_national(other):
            alike.append((one, other))
        else:
            mixed.append((other, one) if _is_national(one) else (one, other))
    sets = _connect(alike)

    def set_of(number: str) -> frozenset[str]:
        return sets.get(number, frozenset((number,)))

    reached: dict[frozenset[str], set[frozenset[str]]] = {}
    for other, number in mixed:
        reached.setdefault(set_of(other), set()).add(set_of(number))
    doubts: dict[str, set[str]] = {}
    for others, found in reached.items():
        for number in frozenset().union(*found) if len(found) > 1 else ():
            for other in others:
                doubts.setdefault(number, set()).add(other)
                doubts.setdefault(other, set()).add(number)
    joined = _connect([*alike, *(pair for pair in mixed if len(reached[set_of(pair[0])]) == 1)])
    for one, other in parted:
        if other in (torn := joined.get(one, frozenset())):
            for number in torn:
                doubts.setdefault(number, set()).update(torn - {number})
                joined[number] = frozenset((number,))
    others_of: dict[str, set[str]] = {}
    for pair in parted:
        ones, others = (joined.get(number, frozenset((number,))) for number in pair)
        for number in ones:
            others_of.setdefault(number, set()).update(others)
        for number in others:
            others_of.setdefault(number, set()).update(ones)
    return {
        number: Known(
            joined.get(number, frozenset((number,))),
            frozenset(doubts.get(number, ())),
            frozenset(others_of.get(number, ())),
        )
        for number in {number for pair in (*alike, *mixed, *parted) for number in pair}
    }


def _is_national(number: str) -> bool:
    return number.startswith("FNR:")


def _connect(pairs: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    sets: dict[str, set[str]] = {}
    for one, other in pairs:
        joined = sets.get(one, {one}) | sets.get(other, {other})
        for number in joined:
            sets[number] = joined
    return {number: frozenset(joined) for number, joined in sets.items()}


class Changes:
    """Which numbers are of one person, because somebody vouches for a change.

    Args:
        changes: in any order; chains (D number, national number, a corrected one) are followed.
    """

    def __init__(self, changes: Iterable[NumberChange] = ()) -> None:
        changes = list(changes)
        if not all(change.source for change in changes):
            raise LinkageFileError("change of number", "it has no source")
        self._known: Mapping[str, Known] = follow_changes(
            (f"{change.old.kind}:{change.old.value}", f"{change.new.kind}:{change.new.value}")
            for change in changes
        )

    def of(self, number: str) -> frozenset[str]:
        """All numbers, as ``"KIND:value"``, of the person who has this one; itself among them."""
        return self.known(number).joined

    def known(self, number: str) -> Known:
        """What changes say of a number."""
        return self._known.get(number) or Known(frozenset((number,)))


NO_CHANGES = Changes()
