"""What the cells of a published column say: text in, a typed value or `InvalidContent` out.

Parsers see a cell without blanks at its edges, and never an empty one. Days may be written as
2026-01-05 or 05.01.2026; nothing else, since 05/01 is two days in two countries.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from varde.codes import municipalities
from varde.messages.errors import InvalidContent
from varde.messages.identifiers import identify
from varde.messages.records import PersonId
from varde.messages.tables.definition import Column, plain_code
from varde.messages.times import (
    EARLIEST,
    LATEST,
    generated_fault,
    midnight,
    norwegian_day,
    parse_time,
)

Parse = Callable[[str], Any]

READ_AS_TEXT = frozenset({"text", "code", "municipality", "atc", "sender"})
"""Where a blank cell is the empty text."""

YES_NO = MappingProxyType(
    {
        "ja": True,
        "nei": False,
        "j": True,
        "n": False,
        "yes": True,
        "no": False,
        "1": True,
        "0": False,
    }
)
_INTEGER = re.compile(r"-?[0-9]{1,9}")
_DECIMAL = re.compile(r"-?[0-9]{1,9}(?:[.,][0-9]{1,6})?")
_ATC = re.compile(r"[A-Z][0-9]{2}[A-Z]{2}[0-9]{2}")
_SENDER = re.compile(
    r"HER:[0-9]{1,10}|RSH:[0-9]{1,10}|ENH:[0-9]{9}|FORM:[A-Z0-9](?:[A-Z0-9-]{0,38}[A-Z0-9])?"
)
_ELEVEN = re.compile(r"(?<!\d)\d{6}[ .\-\u00a0]?\d{5}(?!\d)")
_ELEVEN_OR_MORE = re.compile(r"(?:\d[ .\u00a0]?){11}|\d{6}-\d{5}")
_NORWEGIAN = re.compile(
    r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})(?:[ T]([0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?))?"
)
_DUF = re.compile(r"(?:19[89]|20[0-9])[0-9]{9}")
"""Begins with the year of registration."""

_ORGANISATION = (3, 2, 7, 6, 5, 4, 3, 2)


def parser_of(column: Column, latest: datetime) -> Parse:
    """What reads the cells of a column.

    Args:
        latest: nothing may be dated later.

    The function raises `InvalidContent` without a place.
    """
    return _PARSERS[column.holds](column, latest)


def holds_identity(text: str, strict: bool = True) -> bool:
    """Whether a text holds what may be a national identity number.

    Args:
        strict: any eleven digits in a row, blanks and dots aside, also as a part of more: the number
            may be mistyped or have a running number after it, and the register, which shows no such
            run of digits, could not tell two of them apart. Else only eleven that stand alone and are
            a valid number.
    """
    if strict:
        return _ELEVEN_OR_MORE.search(text) is not None
    return any(map(_is_national, _ELEVEN.findall(text)))


def _is_national(written: str) -> bool:
    digits = re.sub(r"\D", "", written)
    return identify("FNR", digits).valid or identify("FHN", digits).valid


def _text(column: Column, latest: datetime) -> Parse:
    pattern = re.compile(column.pattern) if column.pattern else None
    longest, strict = column.longest, not column.long_numbers

    def parse(cell: str) -> str:
        if len(cell) > longest:
            raise InvalidContent("too-large", detail=f"{len(cell)} > {longest}")
        if len(cell) > 10 and holds_identity(cell, strict):
            raise InvalidContent("unexpected-identity", detail="• × 11")
        if pattern is not None and not pattern.fullmatch(cell):
            raise InvalidContent("bad-value", detail=cell)
        return cell

    return parse


def _sender(column: Column, latest: datetime) -> Parse:
    def parse(cell: str) -> str:
        key = "".join(cell.split()).upper()
        if not _SENDER.fullmatch(key) or (key[:3] == "ENH" and not is_organisation_number(key[4:])):
            raise InvalidContent("bad-value", detail=cell)
        return key

    return parse


def is_organisation_number(number: str) -> bool:
    """Whether the control digit of an organisation number is right (modulus 11)."""
    rest = sum(w * int(d) for w, d in zip(_ORGANISATION, number, strict=False)) % 11
    return (11 - rest) % 11 == int(number[8])


def _date(column: Column, latest: datetime) -> Parse:
    first, last = column.earliest or EARLIEST, norwegian_day(latest)

    def parse(cell: str) -> date:
        moment = _moment_of(cell)
        if moment is None:
            raise InvalidContent("bad-date", detail=cell)
        day = norwegian_day(moment)
        if not first <= day < LATEST:
            raise InvalidContent("absurd-date", detail=day.isoformat())
        if day > last:
            raise InvalidContent("future-date", detail=day.isoformat())
        return day

    return parse


def _moment(column: Column, latest: datetime) -> Parse:
    first, last = midnight(EARLIEST), min(latest, midnight(LATEST) - timedelta.resolution)

    def parse(cell: str) -> datetime:
        moment = _moment_of(cell)
        if moment is None:
            raise InvalidContent("bad-date", detail=cell)
        if first <= moment <= last:  # most are, and the days of two zones cost more to compare
            return moment
        fault = generated_fault(moment, latest)
        if fault is not None:
            raise InvalidContent(fault[0], detail=fault[1])
        return moment

    return parse


def _moment_of(cell: str) -> datetime | None:
    if cell[4:5] == "-":
        return parse_time(cell)
    found = _NORWEGIAN.fullmatch(cell)
    if found is None:
        return None
    day, month, year, hour = found.groups()
    iso = f"{year}-{month:0>2}-{day:0>2}"
    return parse_time(f"{iso}T{hour:0>5}" if hour else iso)


def _integer(column: Column, latest: datetime) -> Parse:
    least, most = column.least or 0, column.most or 0

    def parse(cell: str) -> int:
        if not _INTEGER.fullmatch(cell):
            raise InvalidContent("bad-value", detail=cell)
        number = int(cell)
        if not least <= number <= most:
            raise InvalidContent("bad-value", detail=_outside(number, least, most))
        return number

    return parse


def _decimal(column: Column, latest: datetime) -> Parse:
    least, most = column.least or 0, column.most or 0

    def parse(cell: str) -> Decimal:
        if not _DECIMAL.fullmatch(cell):
            raise InvalidContent("bad-value", detail=cell)
        number = Decimal(cell.replace(",", "."))
        if not least <= number <= most:
            raise InvalidContent("bad-value", detail=_outside(number, least, most))
        return number

    return parse


def _outside(number: int | Decimal, least: int, most: int) -> str:
    return f"{number} > {most}" if number > most else f"{number} < {least}"


def _yes_no(column: Column, latest: datetime) -> Parse:
    def parse(cell: str) -> bool:
        found = YES_NO.get(cell.casefold())
        if found is None:
            raise InvalidContent("bad-value", detail=cell)
        return found

    return parse


def _code(column: Column, latest: datetime) -> Parse:
    known = {
        plain_code(word): choice.code
        for choice in column.codes
        for word in (choice.code, *choice.aliases)
    }

    def parse(cell: str) -> str:
        found = known.get(plain_code(cell))
        if found is None:
            raise InvalidContent("bad-value", detail=cell)
        return found

    return parse


def _atc(column: Column, latest: datetime) -> Parse:
    def parse(cell: str) -> str:
        code = "".join(cell.split()).upper()
        if not _ATC.fullmatch(code):
            raise InvalidContent("bad-value", detail=cell)
        return code

    return parse


def _municipality(column: Column, latest: datetime) -> Parse:
    names = _numbers_by_name(norwegian_day(latest))

    def parse(cell: str) -> str:
        if len(cell) <= 4 and cell.isascii() and cell.isdigit():
            return cell.zfill(4)  # spreadsheets drop the leading zero
        found = names.get(cell.casefold())
        if found is None:
            raise InvalidContent("bad-value", detail=cell)
        return found

    return parse


@lru_cache(maxsize=64)
def _numbers_by_name(on: date) -> Mapping[str, str]:
    """Name in lower case → number, of the municipalities of a day; not a name that two bear."""
    found: dict[str, list[str]] = {}
    for number, municipality in municipalities(on).items():
        found.setdefault(municipality.name.casefold(), []).append(number)
    return {name: numbers[0] for name, numbers in found.items() if len(numbers) == 1}


def _person(column: Column, latest: datetime) -> Parse:
    on = norwegian_day(latest)

    def parse(cell: str) -> PersonId:
        value = "".join(cell.split())
        kind = "FHN" if value[:1] in "89" else "FNR"
        if column.duf and _DUF.fullmatch(value):
            kind = "DUF"
        identity = identify(kind, value, on)
        if not identity.valid:
            raise InvalidContent("invalid-identity-number", detail=f"• × {len(value)}")
        return PersonId(kind=identity.kind, value=value)

    return parse


_PARSERS: dict[str, Callable[[Column, datetime], Parse]] = {
    "text": _text,
    "date": _date,
    "moment": _moment,
    "integer": _integer,
    "decimal": _decimal,
    "yes-no": _yes_no,
    "code": _code,
    "municipality": _municipality,
    "person": _person,
    "atc": _atc,
    "sender": _sender,
}
