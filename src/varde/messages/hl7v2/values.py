"""The values in HL7 version 2 fields that mean something to us: codes, times, names, numbers.

Data types are those of HL7 2.5.1, chapter 2.A: CE, CWE and CNE (codes), HD (names of systems and
houses), EI and EIP (numbers of orders), TS and DR (times), NM and SN (numbers).
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from typing import NamedTuple

from varde.messages.answers.statements import is_loaded
from varde.messages.hl7v2.segments import Encoding, component, text_of
from varde.messages.hl7v2.words import words
from varde.messages.kith.quantities import parse_mic
from varde.messages.records import Code
from varde.messages.times import OSLO, midnight, parse_time

MAX_NAME = 200
"""Characters: a longer text is a remark and not a name, and is cut."""

NUMBERS = frozenset(("NM", "SN"))
CODED = frozenset(("CE", "CWE", "CNE", "IS", "ID", "CF"))
TEXTS = frozenset(("ST", "TX", "FT", ""))
MAX_CACHED = 120
TIME = re.compile(
    r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:\.\d{1,9})?)?)?)?\s?([+-]\d{4})?"
)
PARTS = re.compile(
    r"(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:\.\d{1,9})?)?)?)?)?)?\s?([+-]\d{4})?"
)
DAY = re.compile(r"\d{8}")
COMPARED = re.compile(r"(<=|>=|=<|=>|≤|≥|<|>|=)?\s*([0-9.,]{1,11})\s*(?:/\s*[0-9.,]{1,11})?")


class House(NamedTuple):
    """HD: what a system or institution is called, and its universal id; each may be empty."""

    name: str
    universal: str


def codes_of(value: str, encoding: Encoding) -> tuple[Code, ...]:
    """The codings of a CE, CWE or CNE field: the first, its alternates, and the original text."""
    if len(value) > MAX_CACHED:
        return _codes_of.__wrapped__(value[: 10 * MAX_NAME], encoding, encoding.component)
    return _codes_of(value, encoding, encoding.component)


def subcodes_of(value: str, encoding: Encoding) -> tuple[Code, ...]:
    """The codings of a coded value that stands in one component, with subcomponents."""
    if not encoding.subcomponent:
        return ()
    return _codes_of.__wrapped__(value[: 10 * MAX_NAME], encoding, encoding.subcomponent)


# Messages repeat a few hundred codes for ever: equal ones share one immutable record. Long texts are
# left out, so that what is written about a patient is never kept.
@lru_cache(maxsize=16384)
def _codes_of(value: str, encoding: Encoding, sign: str) -> tuple[Code, ...]:
    parts = [text_of(part, encoding)[:MAX_NAME] for part in value.split(sign)] if sign else [value]
    parts += [""] * (12 - len(parts))
    found: list[Code] = []
    for code, text, system in (parts[0:3], parts[3:6], parts[9:12]):
        if code or text:
            found.append(Code(system=system, code=code, text=text))
    original = parts[8]
    if original and all(original not in (code.text, code.code) for code in found):
        found.append(Code(text=original))
    return tuple(found)


def house_of(value: str, encoding: Encoding, sign: str = "") -> House:
    """An HD field, or with `sign` an HD in one component, whose parts are subcomponents."""
    parts = value[:1000].split(sign or encoding.component)
    name = text_of(parts[0], encoding)
    return House(name, text_of(parts[1], encoding) if len(parts) > 1 else "")


def number_in(value: str, encoding: Encoding) -> str:
    """The number of an order or a specimen (EI): its first component, without who gave it."""
    return component(value, 1, encoding)[:MAX_NAME]


def pair_of(value: str, encoding: Encoding) -> tuple[str, str]:
    """The placer's and the filler's number of an EIP field."""
    return component(value, 1, encoding)[:MAX_NAME], component(value, 2, encoding)[:MAX_NAME]


def zone_in(value: str) -> timezone | None:
    """The zone that a time states, as ``+0100``; None when it states none."""
    found = TIME.fullmatch(value.strip())
    return _zone(found.group(7)) if found is not None and found.group(7) else None


@lru_cache(maxsize=16384)
def moment_of(value: str, zone: timezone | None) -> datetime | None:
    """A time (TS, one component) in UTC; None when it is none, or has no day.

    Args:
        value: as ``20260105``, ``202601051030`` or ``20260105103000.123+0100``.
        zone: of times that state none; None means Norwegian local time. A day without hour is that
            day's Norwegian midnight, whatever the zone.
    """
    found = TIME.fullmatch(value.strip())
    if found is None:
        return parse_time(value.strip())
    year, month, day, hour, minute, second, stated = found.groups()
    try:
        if hour is None:
            return midnight(date(int(year), int(month), int(day)))
        at = (int(hour), int(minute or 0), int(second or 0))
        own = _zone(stated) if stated else zone or OSLO
        if own is None:
            return None
        return datetime(int(year), int(month), int(day), *at, tzinfo=own).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def legible(value: str) -> str:
    """A time with its parts set apart, as ``2026-13-40 10:30``, so that one that cannot be right is shown
    and not masked as a number; what has not the digits of a time stays as it is."""
    found = PARTS.fullmatch(value.strip())
    if found is None:
        return value
    day = "-".join(part for part in found.group(1, 2, 3) if part)
    clock = ":".join(part for part in found.group(4, 5, 6) if part)
    return " ".join(part for part in (day, clock, found.group(7)) if part)


def day_of(value: str) -> date | None:
    """The calendar day of a time of at least eight digits; None when there is none."""
    found = DAY.match(value)
    try:
        return date(int(value[:4]), int(value[4:6]), int(value[6:8])) if found else None
    except ValueError:
        return None


def _zone(stated: str) -> timezone | None:
    ahead = timedelta(hours=int(stated[1:3]), minutes=int(stated[3:5]))
    if ahead > timedelta(hours=14):
        return None
    return timezone(-ahead if stated[0] == "-" else ahead)


def compared(value: str, kind: str, encoding: Encoding) -> str:
    """A number with its comparator as ``<=0.5``; empty when it is none, or a range.

    Of a ratio (``<=2/38``) the first number counts: it is the drug that the concentration of a
    combination is stated for.

    Args:
        value: OBX-5 as it stands.
        kind: OBX-2; SN holds the comparator and two numbers in components.
    """
    text = text_of(value[:MAX_NAME], encoding)
    if kind == "SN" and encoding.component in value:
        sign, first, between, second = (
            component(value, number, encoding) for number in (1, 2, 3, 4)
        )
        if second and between not in ("/", ":"):
            return ""
        text = words().comparators.get(sign.upper(), sign) + first
    for unit in words().mic_units:
        if text.casefold().endswith(unit):
            text = text[: -len(unit)].rstrip()
    found = COMPARED.fullmatch(text)
    return parse_mic((found.group(1) or "") + found.group(2)) if found is not None else ""


def measure_of(kind: str, value: str, unit: str, encoding: Encoding) -> str:
    """A measured value with its unit, as it is written; empty for what is none."""
    if kind not in NUMBERS | TEXTS or not value:
        return ""
    whole = value[:MAX_NAME]
    number = text_of(whole.replace(encoding.component, "") if kind == "SN" else whole, encoding)
    if not number[:1].isdigit() and number[:1] not in "<>=≤≥~" and not is_loaded(number):
        return ""
    return " ".join((number, *(each.code or each.text for each in codes_of(unit, encoding)[:1])))


def amount_of(kind: str, value: str, unit: str, encoding: Encoding) -> str:
    """An amount of growth in words, with its unit."""
    if kind == "SN":
        parts = [text_of(part, encoding) for part in value[:MAX_NAME].split(encoding.component)]
        written = "".join(parts)
    else:
        codes = codes_of(value, encoding)[:1] if kind in CODED else ()
        written = (codes[0].text or codes[0].code) if codes else text_of(value, encoding)
    units = codes_of(unit, encoding)[:1] if written else ()
    return f"{written} {units[0].code or units[0].text}"[:MAX_NAME] if units else written[:MAX_NAME]
