"""What the readers say of a fault, in words for people: what was found, and where.

A reader gives values, not sentences, because they stand in two languages; here they become sentences of both,
by a table (`fault_words.json`). A value that the table has no words for is shown as it is, in both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec

from varde import messages

_DATA = Path(__file__).with_name("fault_words.json")
_LINE = re.compile(r"\bline (\d+)")
_AT_LINE = re.compile(r"\s*\(line \d+\)$")
_STEP = re.compile(r"[A-Za-z][A-Za-z0-9]*")


class _Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    nb: str
    en: str

    def of(self, language: str) -> str:
        return self.en if language == "en" else self.nb


class _Found(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What some details of some reasons mean.

    Attributes:
        pattern: of the whole detail; its groups are put into the words.
        where: of the whole place, where the words need it.
    """

    reasons: tuple[str, ...]
    pattern: str
    nb: str
    en: str
    where: str = ""


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    source: str
    encodings: dict[str, str]
    types: dict[str, _Words]
    found: tuple[_Found, ...]
    names: dict[str, _Words]


class _Rule(NamedTuple):
    """An entry of the table, made ready."""

    pattern: re.Pattern[str]
    where: re.Pattern[str] | None
    words: _Words


@cache
def table() -> _Table:
    """The words, as the file has them."""
    return msgspec.json.decode(_DATA.read_bytes(), type=_Table)


@cache
def _rules() -> Mapping[str, tuple[_Rule, ...]]:
    """Reason → what its details mean, the first that fits."""
    found: dict[str, tuple[_Rule, ...]] = {}
    for each in table().found:
        where = re.compile(each.where) if each.where else None
        rule = _Rule(re.compile(each.pattern, re.DOTALL), where, _Words(each.nb, each.en))
        for reason in each.reasons:
            found[reason] = (*found.get(reason, ()), rule)
    return found


def reason_words(code: str, language: str) -> dict[str, str]:
    """Title, explanation and what to do about a reason, in the reader's language."""
    found = messages.reasons().get(code)
    if found is None:
        return {"title": code, "explanation": "", "action": ""}
    text = found.en if language == "en" else found.nb
    return {"title": text.title, "explanation": text.explanation, "action": text.action}


def detail_words(reason: str, detail: str, language: str, place: str = "") -> str:
    """What was found, in a sentence where there is one; else the value; empty when nothing was."""
    for rule in _rules().get(reason, ()):
        values = _fit(rule, detail, place, language)
        if values is not None:
            return rule.words.of(language).format_map(values)
    return detail


def _fit(rule: _Rule, detail: str, place: str, language: str) -> dict[str, str] | None:
    """What stands in the words of a rule; None when the rule is not about this."""
    found = rule.pattern.fullmatch(detail)
    at = rule.where.fullmatch(place) if rule.where is not None else None
    if found is None or (rule.where is not None and at is None):
        return None
    values = found.groupdict() | (at.groupdict() if at is not None else {})
    for name in values.keys() & {"codec", "real"}:
        values[name] = encoding_name(values[name])
    for name in values.keys() & {"found", "wanted"}:
        kind = table().types.get(values[name])
        values[name] = values[name] if kind is None else kind.of(language)
    if "byte" in values:
        sign = bytes.fromhex(values["byte"]).decode("cp1252", "ignore")
        if not sign.isalpha():
            return None
        values["sign"] = sign
    return values


def encoding_name(codec: str) -> str:
    """What people call an encoding."""
    return table().encodings.get(codec.casefold(), codec)


def place_words(place: str, language: str) -> str:
    """A place in a message with its few English words in the reader's language."""
    if language == "en":
        return place
    return re.sub(r"\bline (?=\d)", "linje ", re.sub(r"\bcolumn (?=\S)", "kolonne ", place))


def plain_place(place: str, language: str) -> str:
    """The path in a place by what its steps are called; empty when the place names none of them.

    ``Message/ServReport/Patient/AnalysedSubject (line 15)`` is the message › the report › the patient ›
    the specimen.
    """
    names = table().names
    steps = [names[step].of(language) for step in _steps(place) if step in names]
    return " › ".join(dict.fromkeys(steps))


def _steps(place: str) -> Iterator[str]:
    """The names in a place, from the outermost."""
    path = _AT_LINE.sub("", place)
    if _LINE.match(path):
        return
    path, _blank, resource = path.partition(" (")
    if resource:  # FHIR says which resource the field is in, after the path
        yield resource.rstrip(")")
        path = path.partition(".resource.")[2]
    yield from _STEP.findall(path)
    field = re.fullmatch(r"[A-Z0-9]{3}\[\d+\]-(\d+).*", path)
    if field is not None:
        yield field[1]


def line_of(place: str) -> int | None:
    """The line that a place names, from 1; None when it names none."""
    found = _LINE.search(place)
    return int(found[1]) if found else None
