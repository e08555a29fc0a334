"""What one cell says: text in, a typed value or `CellFault` out.

Parsers see a cell without blanks at its edges, never an empty one. Days are written as 2026-01-05 or 05.01.2026;
nothing else, since 05/01 is two days in two countries. Numbers have a decimal comma or point and nothing between
thousands, because 1.234 would be two numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import cache

from varde.codes import antibiotics, daily_doses, municipalities
from varde.messages import identify
from varde.prescribing.layout import Column
from varde.prescribing.reading.contradictions import doubtful_diagnoses
from varde.prescribing.reading.errors import CellFault

Value = str | date | int | Decimal | bool
Parse = Callable[[str], Value]

EARLIEST = date(1900, 1, 1)
LATEST = date(2099, 12, 31)

YES_NO = {
    **dict.fromkeys(("ja", "j", "yes", "y", "true", "1"), True),
    **dict.fromkeys(("nei", "n", "no", "false", "0"), False),
}
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_NORWEGIAN = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")
_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
_NORWEGIAN_MONTH = re.compile(r"([0-9]{1,2})\.([0-9]{4})")
_INTEGER = re.compile(r"-?[0-9]{1,9}")
_DECIMAL = re.compile(r"(-?[0-9]{1,12})(?:[.,]([0-9]{1,30}))?")
_ATC = re.compile(r"[A-Z][0-9]{2}[A-Z]{2}[0-9]{2}")
_HPR = re.compile(r"0*([1-9][0-9]{0,8})")
_ORGANISATION = re.compile(r"[0-9]{9}")
_MUNICIPALITY = re.compile(r"[0-9]{3,4}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_WEIGHTS = (3, 2, 7, 6, 5, 4, 3, 2)


def parser_of(column: Column, latest: date | None = None) -> Parse:
    """What reads the cells of a column. The function raises `CellFault`.

    Args:
        latest: no day may be later; None: any.
    """
    match column.holds:
        case "date":
            return lambda cell: _check_day(_day(cell), latest)
        case "month":
            return lambda cell: _check_day(_month(cell), latest)
        case "integer":
            return lambda cell: _integer(cell, column)
        case "decimal":
            return lambda cell: _decimal(cell, column)
        case "yes-no":
            return _yes_no
        case "code":
            known = {code.casefold(): code for code in column.codes}
            return lambda cell: _known(cell, known)
        case "codes":
            return lambda cell: _codes(cell, column)
        case "atc":
            return _atc
        case "hpr":
            return _hpr
        case "organisation":
            return _organisation
        case "municipality":
            return _municipality
        case "pseudonym":
            return lambda cell: _plain_text(cell, column)
        case "text":
            return lambda cell: _text(cell, column)


def is_organisation(number: str) -> bool:
    """Whether nine digits have the right check digit (modulus 11, weights 3 2 7 6 5 4 3 2; Brønnøysundregistrene)."""
    rest = sum(w * int(d) for w, d in zip(_WEIGHTS, number[:8], strict=True)) % 11
    return (11 - rest) % 11 == int(number[8])


def is_national(cell: str) -> bool:
    """Whether a cell is a valid national identity number, D-number, H-number or common help number, however it is
    written."""
    digits = re.sub(r"[ .\-\u00a0]", "", cell)
    if len(digits) != 11 or not digits.isascii() or not digits.isdigit():
        return False
    return identify("FNR", digits).valid


@cache
def known_atc() -> frozenset[str]:
    """ATC codes of antibiotics that the house knows, and of what has a daily dose."""
    named = {antibiotic.atc for antibiotic in antibiotics().values() if antibiotic.atc}
    return frozenset(named | {dose.atc for dose in daily_doses()})


def _made(year: str, month: str, day: str) -> date:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise CellFault("no-date") from None


def _day(cell: str) -> date:
    if found := _ISO.fullmatch(cell):
        return _made(*found.groups())
    if found := _NORWEGIAN.fullmatch(cell):
        day, month, year = found.groups()
        return _made(year, month, day)
    raise CellFault("no-date")


def _month(cell: str) -> date:
    try:
        if found := _MONTH.fullmatch(cell):
            year, month = found.groups()
            return _made(year, month, "1")
        if found := _NORWEGIAN_MONTH.fullmatch(cell):
            month, year = found.groups()
            return _made(year, month, "1")
        first = _day(cell)
    except CellFault:
        raise CellFault("no-month") from None
    if first.day != 1:
        raise CellFault("no-month")
    return first


def _check_day(day: date, latest: date | None) -> date:
    if not EARLIEST <= day <= LATEST:
        raise CellFault("absurd-date", day.isoformat())
    if latest is not None and day > latest:
        raise CellFault("future-date", day.isoformat())
    return day


def _check_bounds(number: int | Decimal, column: Column) -> None:
    if column.least is not None and number < column.least:
        raise CellFault("out-of-bounds", f"{number} < {column.least}")
    if column.most is not None and number > column.most:
        raise CellFault("out-of-bounds", f"{number} > {column.most}")


def _integer(cell: str, column: Column) -> int:
    if not _INTEGER.fullmatch(cell):
        raise CellFault("no-integer")
    number = int(cell)
    _check_bounds(number, column)
    return number


def _decimal(cell: str, column: Column) -> Decimal:
    found = _DECIMAL.fullmatch(cell)
    if found is None:
        raise CellFault("no-number")
    whole, places = found.group(1), (found.group(2) or "").rstrip("0")
    if len(places) > column.places:
        raise CellFault("too-many-decimals")
    number = Decimal(f"{whole}.{places:0<{column.places}}")
    _check_bounds(number, column)
    if abs(number) >= 10 ** (12 - column.places):
        raise CellFault("out-of-bounds")
    return abs(number) if number.is_zero() else number


def _yes_no(cell: str) -> bool:
    found = YES_NO.get(cell.casefold())
    if found is None:
        raise CellFault("no-yes-or-no")
    return found


def _known(cell: str, known: dict[str, str]) -> str:
    found = known.get(cell.casefold())
    if found is None:
        raise CellFault("not-in-list")
    return found


def _fitted(cell: str, pattern: str) -> str | None:
    """The cell in the case that the pattern asks for."""
    for written in (cell, cell.upper(), cell.lower()):
        if re.fullmatch(pattern, written):
            return written
    return None


def _codes(cell: str, column: Column) -> str:
    found = []
    for code in re.split(r"[ ,\u00a0]+", cell.strip(", \u00a0")):
        fitted = _fitted(code, column.pattern) if column.pattern else code
        if fitted is None or not fitted:
            raise CellFault("wrong-form", code)
        found.append(fitted)
    text = " ".join(dict.fromkeys(found))
    if len(text) > column.longest:
        raise CellFault("too-long")
    return text


def _plain_text(cell: str, column: Column) -> str:
    if len(cell) > column.longest:
        raise CellFault("too-long")
    if _CONTROL.search(cell):
        raise CellFault("control-character")
    return cell


def _text(cell: str, column: Column) -> str:
    _plain_text(cell, column)
    if is_national(cell):
        raise CellFault("identity-number")
    if not column.pattern:
        return cell
    fitted = _fitted(cell, column.pattern)
    if fitted is None:
        raise CellFault("wrong-form")
    return fitted


def _atc(cell: str) -> str:
    code = cell.upper()
    if not _ATC.fullmatch(code):
        raise CellFault("no-atc")
    return code


def _hpr(cell: str) -> str:
    found = _HPR.fullmatch(cell)
    if found is None:
        raise CellFault("no-hpr-number")
    return found.group(1)


def _organisation(cell: str) -> str:
    number = re.sub(r"[ \u00a0]", "", cell)
    if not _ORGANISATION.fullmatch(number):
        raise CellFault("no-organisation-number")
    if not is_organisation(number):
        raise CellFault("wrong-check-digit")
    return number


def _municipality(cell: str) -> str:
    if not _MUNICIPALITY.fullmatch(cell):
        raise CellFault("no-municipality")
    return cell.zfill(4)  # spreadsheets drop the leading zero


@cache
def _known_municipalities() -> frozenset[str]:
    return frozenset(
        number
        for year in range(EARLIEST.year, LATEST.year + 1)
        for number in municipalities(date(year, 1, 1))
    )


def notice_of(column: Column, value: Value) -> str:
    """Why a good cell is told all the same; empty when there is nothing to tell.

    An antibiotic's code or a municipality that nobody here knows may be newer, or older, than our lists: it is kept.
    """
    if column.holds == "atc" and str(value).startswith("J01") and value not in known_atc():
        return "unknown-atc"
    if column.name == "diagnoses" and doubtful_diagnoses(str(value)):
        return "unknown-chapter"
    if column.holds == "municipality" and value not in _known_municipalities():
        return "unknown-municipality"
    return ""
