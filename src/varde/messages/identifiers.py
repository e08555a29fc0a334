"""Norwegian personal identifiers: are they well formed, and what do they say of birth date and sex?

Sources: Skatteetaten, fødselsnummer (KITH 1001:2010) and "Nytt fødselsnummer fra 2032", which lets
the first control digit leave a remainder of 0 to 3; numbers under that rule tell neither century nor
sex. A D-number adds 40 to the day; an H-number adds 40 to the month; synthetic persons of the tax
administration (Tenor) add 80 to the month, those of SyntPop 65 (FHI, Fhi.NINCheck).

Numbers that only that rule allows are given out from `NEW_RULE` on, so that what is stated before it and follows it
alone is a slip of the pen.

Pure: no clock. A number of a future birth date is therefore for the caller to judge.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import NamedTuple

from varde.messages.records import Sex

FIRST_WEIGHTS = (3, 7, 6, 1, 8, 9, 4, 5, 2)
SECOND_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
NATIONAL = frozenset({"FNR", "DNR", "HNR"})
NEW_RULE = date(2032, 1, 1)
"""From this day numbers may be given out whose first control digit leaves 1, 2 or 3."""

TENOR, SYNTPOP = 80, 65
"""What is added to the month of birth of synthetic persons, by who makes them."""


class Identity(NamedTuple):
    """What an identifier says about itself.

    Attributes:
        valid: length, control digits and birth date are right.
        kind: FNR, DNR, HNR or FHN by the number's own form, whatever the sender called it.
        birth_date: None where the number holds none: help numbers, and control digits that only the
            2032 rule allows (numbers issued under that rule no longer tell century or sex).
        sex: empty where the number holds none, as with `birth_date`.
        synthetic: the number is of a synthetic person (month + 80 or + 65).
        births: the days that it may tell: one, or under the rule of 2032 one of each century that has it; empty
            where the number tells none.
    """

    valid: bool
    kind: str
    birth_date: date | None = None
    sex: Sex = ""
    synthetic: bool = False
    births: tuple[date, ...] = ()

    def contradicts(self, born: date | None) -> bool:
        """Whether somebody born on that day cannot have this number."""
        return born is not None and self.births != () and born not in self.births


NO_IDENTITY = Identity(False, "")
"""Of somebody who has no number: it tells nothing, and contradicts nothing."""


def identify(kind: str, value: str, on: date | None = None) -> Identity:
    """Check an identifier of one of the kinds FNR, DNR, HNR, FHN, DUF or LOCAL.

    Args:
        kind: what the sender calls it. FNR and DNR are told apart by the number itself.
        value: the identifier without blanks.
        on: the day it was stated; None when nobody knows, then by any rule.
    """
    if kind in NATIONAL:
        found = _identify_eleven(value, kind)
        if found.valid and found.birth_date is None and on is not None and on < NEW_RULE:
            return Identity(False, found.kind, synthetic=found.synthetic)
        return found
    if kind == "FHN":
        return Identity(_digits(value, 11) and value[0] in "89", kind)
    if kind == "DUF":
        return Identity(_digits(value, 12), kind)
    return Identity(bool(value), kind)


def control_remainder(value: str) -> int | None:
    """The remainder (0 to 3) that the control digits of eleven digits leave; None when wrong."""
    # Written out: every person of every message comes by here. The weights are those above.
    a, b, c, d, e, f, g, h, i, first, second = map(int, value)
    remainder = (3 * a + 7 * b + 6 * c + d + 8 * e + 9 * f + 4 * g + 5 * h + 2 * i + first) % 11
    if remainder > 3:
        return None
    total = 5 * a + 4 * b + 3 * c + 2 * d + 7 * e + 6 * f + 5 * g + 4 * h + 3 * i + 2 * first
    if (total + second) % 11:
        return None
    return remainder


def _digits(value: str, length: int) -> bool:
    return len(value) == length and value.isascii() and value.isdigit()


@lru_cache(maxsize=65536)
def _identify_eleven(value: str, kind: str) -> Identity:
    if not _digits(value, 11):
        return Identity(False, kind)
    remainder = control_remainder(value)
    day, month, year = int(value[:2]), int(value[2:4]), int(value[4:6])
    if day > 40:
        day, kind = day - 40, "DNR"
    elif kind == "DNR":
        kind = "FNR"
    synthetic = month > SYNTPOP
    if synthetic:
        month -= TENOR if month > TENOR else SYNTPOP
    elif month > 40:
        month, kind = month - 40, "HNR"
    if remainder:
        # A leap year in one century may be none in another: any that has the day will do.
        days = (_day(day, month, century + year) for century in (1900, 2000))
        births = tuple(filter(None, days))
        return Identity(bool(births), kind, synthetic=synthetic, births=births)
    born = _birth_date(day, month, year, int(value[6:9]))
    if remainder is None or born is None:
        return Identity(False, kind, synthetic=synthetic)
    sex: Sex = "M" if int(value[8]) % 2 else "F"
    return Identity(True, kind, born, sex, synthetic, (born,))


def _birth_date(day: int, month: int, year: int, serial: int) -> date | None:
    century = _century(year, serial)
    return None if century is None else _day(day, month, century + year)


def _day(day: int, month: int, year: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _century(year: int, serial: int) -> int | None:
    """The century of a birth year from the three serial digits (individnummer)."""
    if serial < 500:
        return 1900
    if year < 40:
        return 2000
    if serial < 750 and year >= 54:
        return 1800
    if serial >= 900:
        return 1900
    return None
