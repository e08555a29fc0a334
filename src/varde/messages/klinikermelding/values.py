"""Single values of the form: codes in their lists, answers, days, words, institutions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

import msgspec

from varde.messages.errors import InvalidContent, MessageError, UnreadableMessage
from varde.messages.json_documents import find_duplicates, may_hold_duplicates
from varde.messages.kith.words import normal
from varde.messages.klinikermelding.lists import TREE, CodeList, code_lists, form_fields
from varde.messages.records import Answer, Code
from varde.messages.times import EARLIEST, LATEST, norwegian_day, parse_time

MAX_TEXT = 4_000
"""Characters of one text: about two pages."""

MAX_REMEMBERED = 250
"""Bytes of a value that is remembered. A longer one holds somebody's own words: it does not come again."""

MAX_MEMORY = 1_024
"""Values of one field that are remembered; then all are forgotten."""

MAX_SEVERAL = 200
"""Most values of one field; the longest list has half as many codes in all its versions."""

HOSPITALS = "MSIS-sykehus"
"""What MSIS's own numbers of hospitals are numbers in; the list has no OID that we know."""

ANSWERS: Mapping[str, Answer] = {"1": "yes", "2": "no", "3": "unknown"}
NORWEGIAN_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)
ANY_CODE = re.compile(r"[\w.+-]{1,40}")
NATIONAL_LIST = re.compile(r"\d{4,6}", re.ASCII)
KINDS = {dict: "object", list: "array", str: "str", int: "int", float: "float", bool: "bool"}

_FIELDS = {field.path: field for field in form_fields()}


_decode = msgspec.json.Decoder().decode


class Remembered(dict[bytes, Any]):
    """What a field says, by its bytes.

    The same few codes and days stand in millions of forms, so that most values need not be read. Only
    for fields that hold nothing of one person alone.
    """

    def __init__(self, read: Callable[[Any, str], Any], path: str) -> None:
        super().__init__()
        self.read = read
        self.path = path

    def __missing__(self, raw: bytes) -> Any:
        found = self.read(decode_value(raw, self.path), self.path)
        if len(raw) <= MAX_REMEMBERED:
            if len(self) >= MAX_MEMORY:
                self.clear()
            self[raw] = found
        return found


def decode_value(raw: msgspec.Raw | bytes | None, place: str) -> Any:
    """The value of one field; None when it is not there.

    Args:
        raw: its JSON, known to be well-formed.

    Raises:
        InvalidContent: ``bad-field`` for a number out of all bounds.
        UnreadableMessage: ``duplicate-key``; ``malformed-json`` for what only a reader of the whole sees.
    """
    if raw is None:
        return None
    try:
        value = _decode(raw)
    except msgspec.ValidationError:
        raise InvalidContent("bad-field", place, "≠ 64 bit") from None
    except msgspec.DecodeError:
        raise UnreadableMessage("malformed-json", place) from None
    if type(value) in (dict, list):
        refuse_duplicates(bytes(raw), value, place)
    return value


def refuse_duplicates(text: bytes, value: Any, place: str) -> None:
    """Refuse an object that holds a key twice: readers differ in which of the two they believe.

    Raises:
        UnreadableMessage: ``duplicate-key``, with the keys.
    """
    if may_hold_duplicates(text, value):
        twice = find_duplicates(text)
        if twice:
            raise UnreadableMessage("duplicate-key", place, ", ".join(sorted(twice)))


def wrong_kind(place: str, value: Any, wanted: str) -> InvalidContent:
    """The error of a value that is of another kind than its field: ``bad-field``."""
    return InvalidContent("bad-field", place, f"{KINDS.get(type(value), 'null')} ≠ {wanted}")


def read_text(value: Any, place: str) -> str:
    """Words with single blanks between; empty when there are none.

    Raises:
        InvalidContent: ``bad-field`` or ``too-large``.
    """
    if value is None:
        return ""
    if type(value) is not str:
        raise wrong_kind(place, value, "str")
    if len(value) > MAX_TEXT:
        raise InvalidContent("too-large", place, f"{len(value)} > {MAX_TEXT}")
    return " ".join(value.split())


def read_reference(value: Any, place: str) -> str:
    """A number or name of something as text, whether it was sent as text or as a whole number.

    Raises:
        InvalidContent: ``bad-field`` or ``too-large``.
    """
    if type(value) is int and 0 <= value < 10**18:
        return str(value)
    return read_text(value, place)


def read_day(value: Any, place: str) -> date | None:
    """A day: as in 2026-01-31, 2026-01-31T10:30:00 (the Norwegian day of it) or 31.01.2026.

    Raises:
        InvalidContent: ``bad-field`` or ``bad-date``.
    """
    written = read_text(value, place)
    if not written:
        return None
    found = _parse_day(written)
    if found is None:
        raise InvalidContent("bad-date", place, written)
    return found


def _parse_day(written: str) -> date | None:
    """The day that some text says; None when it says none."""
    try:
        if len(written) == 10 and written[4] == "-":
            return date.fromisoformat(written)
        parts = NORWEGIAN_DAY.fullmatch(written)
        if parts is not None:
            return date(int(parts[3]), int(parts[2]), int(parts[1]))
    except ValueError:
        return None
    moment = parse_time(written)
    return None if moment is None else norwegian_day(moment)


parse_day = lru_cache(maxsize=16384)(_parse_day)
"""The same, remembered: the days of a report are few."""


def check_day(day: date, place: str) -> date:
    """The day, unless it is a typing error or filler.

    Raises:
        InvalidContent: ``absurd-date``.
    """
    if not EARLIEST <= day < LATEST:
        raise InvalidContent("absurd-date", place, day.isoformat())
    return day


def read_answer(value: Any, path: str) -> Answer:
    """Yes, no, unknown, or empty when the question was not answered.

    Raises:
        InvalidContent: what `read_code` raises.
    """
    code = read_code(value, path)
    return "" if code is None else ANSWERS[code.code]


def read_codes(value: Any, path: str) -> tuple[Code, ...]:
    """Several coded values, each once, in their order; a gap in the list is passed over.

    Raises:
        InvalidContent: ``too-large`` and what `read_code` raises.
    """
    if value is None:
        return ()
    if type(value) is not list:
        raise wrong_kind(path, value, "array")
    if len(value) > MAX_SEVERAL:
        raise InvalidContent("too-large", path, f"{len(value)} > {MAX_SEVERAL}")
    found: dict[tuple[str, str], Code] = {}
    for number, each in enumerate(value):
        try:
            code = read_code(each, path)
        except MessageError as error:
            error.place = error.place.replace(path, f"{path}[{number}]", 1)
            raise
        if code is not None:
            found.setdefault((code.code, "" if code.code else code.text), code)
    return tuple(found.values())


def read_institution(value: Any, path: str) -> Code | None:
    """An institution, as ``{"id": 36, "navn": "…"}`` or as words alone.

    Raises:
        InvalidContent: ``bad-field`` or ``too-large``.
    """
    if value is None:
        return None
    if type(value) is str:
        number, name = "", read_text(value, path)
    elif type(value) is dict:
        number = read_reference(value.get("id"), f"{path}.id")
        name = read_text(value.get("navn"), f"{path}.navn")
    else:
        raise wrong_kind(path, value, "object")
    if not number:
        return Code(text=name) if name else None
    return Code(system=HOSPITALS, code=number, text=name)


def read_code(value: Any, path: str) -> Code | None:
    """A coded value; None when it says nothing.

    Args:
        value: ``{"id", "verdi", "beskrivelse", "oid"}`` as it was sent. ``verdi`` may be a number,
            ``oid`` the number of a list or a whole OID; the older ``oId`` is read too; ``id`` is a row of
            MSIS's own database and says nothing to others.
        path: of the field, which says which lists it takes.

    Raises:
        InvalidContent: ``bad-field``; ``unknown-code``: not in the list, or in a list that the field does
            not take; ``contradictory-code``: the words are those of another code of the list.
    """
    if value is None:
        return None
    if type(value) is not dict:
        return _read_words(value, path)
    oid = value.get("oid")
    if oid is None:
        oid = value.get("oId")
    return _find_code(path, value.get("verdi"), value.get("beskrivelse"), oid)


def _read_words(value: Any, path: str) -> Code | None:
    treatment = _FIELDS[path].text
    if type(value) is not str or (treatment == "refuse" and value.strip()):
        raise wrong_kind(path, value, "object")
    text = read_text(value, path) if treatment == "take" else ""
    return Code(text=text) if text else None


def _find_code(path: str, verdi: Any, beskrivelse: Any, oid: Any) -> Code | None:
    text = read_text(beskrivelse, f"{path}.beskrivelse")
    written = _read_value(verdi, f"{path}.verdi")
    if written == "" and not text:
        return None
    lists = _lists_of(path, _read_oid(oid, f"{path}.oid"))
    if lists is None:
        return _take_any(written, text, oid, path)
    if written == "":
        return _find_meaning(text, lists, path)
    for each in lists:
        code = _settle(written, text, each)
        if code is None:
            continue
        if each.contradicts(code, text):
            raise InvalidContent("contradictory-code", path, f"{code} ≠ {text}")
        return Code(system=each.system, code=code, text=text)
    raise InvalidContent("unknown-code", f"{path}.verdi", f"{lists[0].number}: {written}")


def _find_meaning(text: str, lists: tuple[CodeList, ...], path: str) -> Code:
    """The code of words alone; the words themselves where a list is not known as a whole."""
    for each in lists:
        meant = each.meanings.get(normal(text), frozenset())
        if len(meant) == 1:
            return Code(system=each.system, code=next(iter(meant)), text=text)
    if all(each.closed for each in lists):
        raise InvalidContent("unknown-code", f"{path}.beskrivelse", f"{lists[0].number}: {text}")
    return Code(text=text)


def _read_value(verdi: Any, place: str) -> str | int:
    """The code as text, or as a number that may have lost its zeros."""
    if type(verdi) is int:
        if not 0 <= verdi < 10**9:
            raise InvalidContent("bad-field", place, f"{len(str(abs(verdi)))} × 0–9")
        return verdi
    return read_text(verdi, place)


def _read_oid(oid: Any, place: str) -> str:
    """The number of a national list, or another OID as it was sent; empty when none was."""
    if oid is None:
        return ""
    written = read_reference(oid, place).removeprefix("urn:oid:")
    return written.removeprefix(TREE)


def _lists_of(path: str, number: str) -> tuple[CodeList, ...] | None:
    """The lists that a value may be in; None when the field takes any."""
    names = _FIELDS[path].lists
    if not names:
        return None
    if not number:
        return tuple(code_lists()[name] for name in names)
    if number not in names:
        raise InvalidContent("unknown-code", f"{path}.oid", f"{names[0]}: {number}")
    return (code_lists()[number],)


def _settle(written: str | int, text: str, among: CodeList) -> str | None:
    """The code of a list that is meant; None when the list has no such code.

    A number has lost its leading zeros: it means the code that has its value. Where two codes have, as 1
    and 01 of the workplaces, the words decide, and without words nothing is taken.
    """
    if type(written) is str:
        return written if among.takes(written) else None
    possible = among.numerals.get(int(written), ())
    if len(possible) > 1:
        first = {frozenset(among.texts[code]) for code in possible}
        told = [code for code in possible if code in among.meanings.get(normal(text), ())]
        return possible[0] if len(first) == 1 else told[0] if len(told) == 1 else None
    if possible:
        return possible[0]
    padded = (str(written).zfill(width) for width in range(1, 8))
    return None if among.closed else next((code for code in padded if among.takes(code)), None)


def _take_any(written: str | int, text: str, oid: Any, path: str) -> Code:
    code = str(written)
    if code and ANY_CODE.fullmatch(code) is None:
        raise InvalidContent("unknown-code", f"{path}.verdi", code)
    number = _read_oid(oid, f"{path}.oid")
    system = TREE + number if NATIONAL_LIST.fullmatch(number) else number
    return Code(system=system if code else "", code=code, text=text)
