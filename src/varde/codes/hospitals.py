"""Hospitals and the trusts (helseforetak) that they belong to, by organisation number, with their periods; and which of
them words mean.

A hospital is written in many ways: in bokmål or nynorsk, with or without its trust, with a department after a comma. What
is told apart here is told by the tables, never guessed: of words that name two trusts, or none, nothing is said.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from varde.codes.errors import CodeFileError
from varde.codes.geography import municipalities
from varde.codes.tables import (
    DATA,
    DATE,
    OPTIONAL_DATE,
    TEXT,
    check_period,
    check_unique,
    read_date,
    read_table,
)

HOSPITALS = DATA / "hospitals.csv"
TRUSTS = DATA / "trusts.csv"
NAMES = DATA / "hospital_names.csv"
_NUMBER = r"[89]\d{8}"
_MUNICIPALITY = r"(\d{4})?"

_STRONG_BREAKS = re.compile(r"\s*[,;/|()\n]\s*|\s+[-–—]\s*|\s*[-–—]\s+")
"""What stands between a hospital and its department; a dash within a word may be part of a name."""
_BREAKS = re.compile(r"\s*[,;/|()\n\-–—]\s*")
_NO_LETTERS = re.compile(r"[^\w]+")
_SCHEME = re.compile(r"(?:enh|org|orgnr|her|resh)\s*[: ]\s*", re.IGNORECASE)
_COMPANY = frozenset(("hf", "as", "ans", "sa"))
_HOUSE = ("sykehus", "hospital")
"""What is in a name that is a hospital's whatever comes after it."""


@dataclass(frozen=True, slots=True)
class Hospital:
    """A hospital in one trust between two days, both included; `valid_to` None: still so.

    Attributes:
        number, trust: organisation numbers.
        municipality: where it lies, by the number of that time; `varde.codes.successor` brings it to a later day.
    """

    number: str
    name: str
    trust: str
    trust_name: str
    municipality: str
    valid_from: date
    valid_to: date | None


class NamedHospital(NamedTuple):
    """What words or a number mean.

    Attributes:
        trust: organisation number.
        number: of the hospital; empty where only the trust is known.
        municipality: where it lies, as `Hospital` has it; empty where a trust has hospitals in several.
    """

    trust: str
    number: str
    municipality: str


class _Row(NamedTuple):
    """A row of one of the files, with its period."""

    line: int
    cells: tuple[str, ...]
    first: date
    last: date | None

    def holds(self, on: date) -> bool:
        return self.first <= on and (self.last is None or on <= self.last)


@lru_cache(maxsize=1)
def _all_trusts() -> tuple[_Row, ...]:
    schema = {"number": _NUMBER, "name": TEXT, **_PERIOD}
    rows = tuple(_rows(TRUSTS, schema))
    check_unique(TRUSTS, ((row.line, (row.cells[0], row.first)) for row in rows), "trust")
    return rows


@lru_cache(maxsize=1)
def _all_hospitals() -> tuple[Hospital, ...]:
    schema = {
        "number": _NUMBER,
        "name": TEXT,
        "trust": _NUMBER,
        "municipality": _MUNICIPALITY,
        **_PERIOD,
    }
    names = {row.cells[0]: row.cells[1] for row in _all_trusts()}
    found = []
    for line, (number, name, trust, municipality, *_), first, last in _rows(HOSPITALS, schema):
        if trust not in names:
            raise CodeFileError(HOSPITALS, line, f"there is no trust {trust}")
        _check_place(HOSPITALS, line, municipality, first)
        found.append((line, Hospital(number, name, trust, names[trust], municipality, first, last)))
    check_unique(HOSPITALS, ((line, (h.number, h.valid_from)) for line, h in found), "hospital")
    return tuple(hospital for _, hospital in found)


@lru_cache(maxsize=1)
def _all_names() -> tuple[_Row, ...]:
    schema = {"name": TEXT, "of": _NUMBER, "municipality": _MUNICIPALITY, **_PERIOD}
    numbers = {one.number for one in _all_hospitals()} | {row.cells[0] for row in _all_trusts()}
    rows = tuple(_rows(NAMES, schema))
    for row in rows:
        if row.cells[1] not in numbers:
            raise CodeFileError(NAMES, row.line, f"there is no hospital or trust {row.cells[1]}")
        _check_place(NAMES, row.line, row.cells[2], row.first)
    return rows


_PERIOD = {"valid_from": DATE, "valid_to": OPTIONAL_DATE, "source": TEXT}


def _rows(path: Path, schema: Mapping[str, str]) -> Iterator[_Row]:
    for line, cells in read_table(path, schema):
        first, last = read_date(path, line, cells[-3]), read_date(path, line, cells[-2])
        if first is None:
            raise CodeFileError(path, line, "valid_from is empty")
        check_period(path, line, first, last)
        yield _Row(line, cells, first, last)


def _check_place(path: Path, line: int, municipality: str, first: date) -> None:
    if municipality and municipality not in municipalities(first):
        raise CodeFileError(path, line, f"there is no municipality {municipality} on {first}")


@lru_cache(maxsize=512)
def hospitals(on: date) -> Mapping[str, Hospital]:
    """The hospitals that the file has on a day, by number. It has some, not all: see ``SOURCES.md``."""
    return MappingProxyType(
        {
            one.number: one
            for one in _all_hospitals()
            if one.valid_from <= on and (one.valid_to is None or on <= one.valid_to)
        }
    )


@lru_cache(maxsize=512)
def trusts(on: date) -> Mapping[str, str]:
    """The trusts that there are on a day: number → name."""
    return MappingProxyType({row.cells[0]: row.cells[1] for row in _all_trusts() if row.holds(on)})


def find_hospital(
    word: str, on: date, mapped: Mapping[str, str] = MappingProxyType({})
) -> NamedHospital | None:
    """The hospital or trust that a number or words mean; None when nothing tells, or when they name two trusts.

    A number goes before all words. Of words: the whole, then its parts between commas and dashes, alone and as they
    begin it together. A name that says that it is a hospital's may have more words after it.

    Args:
        word: as sent; a number may have its kind before it ("HER:…", "ENH:…").
        mapped: what a site has said that words mean, by `normal_name`: number of a hospital or a trust. Only what
            the tables do not know is looked for there.
    """
    since = _since(on)
    found = _find(word, since)
    if found is None and mapped and (number := mapped.get(normal_name(word))):
        found = _by_name(since).get(number)
    return found


@lru_cache(maxsize=4096)
def _find(word: str, since: date) -> NamedHospital | None:
    table = _by_name(since)
    number = _SCHEME.sub("", word.strip())
    if number.isdigit():
        return table.get(number)
    whole = normal_name(word)
    if not whole:
        return None
    if found := table.get(whole):
        return found
    for breaks in (_STRONG_BREAKS, _BREAKS):
        parts = [name for part in breaks.split(word) if (name := normal_name(part))]
        starts = (table.get(" ".join(parts[:count])) for count in range(len(parts) - 1, 1, -1))
        start = next((one for one in starts if one), None)
        named = [start, *(_begins(part, table) for part in parts)]
        if any(named):
            return _agreed(named)
    return None


def _begins(part: str, table: Mapping[str, NamedHospital | None]) -> NamedHospital | None:
    """What a part names: the whole of it, or a hospital's name with more words after it."""
    words = part.split()
    for count in range(len(words), 0, -1):
        name = " ".join(words[:count])
        if count < len(words) and (count < 2 or not any(house in name for house in _HOUSE)):
            continue
        if found := table.get(name):
            return found
    return None


def _agreed(named: list[NamedHospital | None]) -> NamedHospital | None:
    """What parts mean together: one hospital, or else one trust; None where two trusts are named."""
    found = [one for one in named if one is not None]
    if len({one.trust for one in found}) != 1:
        return None
    exact = {one for one in found if one.number} or set(found)
    if len(exact) == 1:
        return exact.pop()
    return NamedHospital(found[0].trust, "", "")


def normal_name(word: str) -> str:
    """A name as it is compared: without case, dots, breaks, the kind of company, and whether it is nynorsk."""
    plain = word.casefold().replace(".", " ").replace("sjukehus", "sykehus")
    words = [one for one in _NO_LETTERS.sub(" ", plain).split() if one not in _COMPANY]
    return " ".join(words)


@lru_cache(maxsize=1)
def _changes() -> tuple[date, ...]:
    """The days from which something in the tables is another than the day before, from the first day there is."""
    periods = [(one.valid_from, one.valid_to) for one in _all_hospitals()]
    periods += [(row.first, row.last) for row in (*_all_trusts(), *_all_names())]
    firsts = {first for first, _ in periods}
    ends = {last + timedelta(days=1) for _, last in periods if last is not None}
    return tuple(sorted({date.min, *firsts, *ends}))


def _since(on: date) -> date:
    """The first day of those, up to this one, on which all tables say the same."""
    changes = _changes()
    return changes[bisect_right(changes, on) - 1]


@lru_cache(maxsize=512)
def _by_name(on: date) -> Mapping[str, NamedHospital | None]:
    """Numbers and compared names of a day; None for a name that means two."""
    found: dict[str, NamedHospital | None] = {}
    by_number: dict[str, NamedHospital] = {}
    for number, name in trusts(on).items():
        by_number[number] = NamedHospital(number, "", "")
        _put(found, name, by_number[number])
    for one in hospitals(on).values():
        by_number[one.number] = NamedHospital(one.trust, one.number, one.municipality)
        _put(found, one.name, by_number[one.number])
    for row in _all_names():
        name, of, municipality = row.cells[:3]
        if row.holds(on) and of in by_number:
            meant = by_number[of]
            _put(found, name, meant._replace(municipality=municipality or meant.municipality))
    return MappingProxyType(found | by_number)


def _put(found: dict[str, NamedHospital | None], name: str, meant: NamedHospital) -> None:
    key = normal_name(name)
    before = found.get(key, meant)
    # A trust of one house has the house's name: the more that is known of it holds.
    if before is not None and before.trust == meant.trust:
        found[key] = max(before, meant, key=lambda one: (one.number != "", one.municipality != ""))
    else:
        found[key] = None
