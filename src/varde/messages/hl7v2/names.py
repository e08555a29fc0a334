"""What names an HL7 version 2 message and its reports: sender, message id, number of the report.

Also for messages that cannot be read: a laboratory must see its own broken messages, and a corrected
one must settle the broken one. What cannot be seen for certain is left empty.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from varde.messages.hl7v2.observations import is_culture
from varde.messages.hl7v2.segments import (
    BLANKS,
    MAX_BYTES,
    WIDE,
    Encoding,
    Message,
    Segment,
    component,
    field,
    find_starts,
)
from varde.messages.hl7v2.values import MAX_NAME, House, codes_of, house_of, number_in
from varde.messages.hl7v2.words import words
from varde.messages.names import Names
from varde.messages.records import Code

MAX_SEARCHED = 2 * MAX_BYTES
MAX_LINE = 10_000
MAX_TEST = 60
"""Characters of what was ordered that are part of a report's number."""

LOINC = frozenset(
    ("ln", "loinc", "http://loinc.org", "2.16.840.1.113883.6.1", "urn:oid:2.16.840.1.113883.6.1")
)
LOINC_CODE = re.compile(r"\d{1,5}-\d", re.ASCII)

LETTERS = re.compile(r"[^\W\d_]+")
ORDER = re.compile(rb"[\r\n]OBR[^\sA-Za-z0-9]")
CONTROL = re.compile(rb"[\r\n]ORC[^\sA-Za-z0-9]")


class Sender(NamedTuple):
    """The answering laboratory: its key, and what it is called."""

    identifier: str
    name: str


def read_sender(header: Segment, encoding: Encoding) -> Sender:
    """Who sends, from MSH-4 (the institution), else from MSH-3 (its system); empty without either.

    A HER-id or organisation number in either counts first. Of anything else the universal id is
    taken before the name, since two laboratories may be called the same.
    """
    return _read_sender(_in_header(header, 4), _in_header(header, 3), encoding)


@lru_cache(maxsize=1024)
def _read_sender(institution: str, system: str, encoding: Encoding) -> Sender:
    houses = [house_of(value, encoding) for value in (institution, system)]
    name = next((house.name for house in houses if house.name), "")[:MAX_NAME]
    for house in houses:
        key = _norwegian(house)
        if key:
            return Sender(key, name)
    for house in houses:
        called = house.universal or house.name
        if called:
            return Sender(f"HL7:{called[:MAX_NAME]}", name)
    return Sender("", "")


def read_message_id(header: Segment, encoding: Encoding) -> str:
    """MSH-10, the sender's own id of the message."""
    return component(_in_header(header, 10), 1, encoding)[:MAX_NAME]


def salvage_names(data: bytes) -> Names:
    """The names in a file that cannot be read: of its only message; empty when it has several."""
    if len(data) > MAX_SEARCHED:
        return Names()
    wide = WIDE.get(data[:2])
    if wide:
        data = data.decode(wide, "replace").encode("utf-8", "replace")
    begun = [at for at in find_starts(data) if data.startswith(b"MSH", at)]
    return salvage_message(data[begun[0] :]) if len(begun) == 1 else Names()


def salvage_message(data: bytes) -> Names:
    """The names of one message that begins with MSH, as far as they are plain ASCII. Never raises.

    The report's number is given only when the message has one order; or none, and one that says what became of it (ORC).
    """
    text = _first_line(data.lstrip(BLANKS))
    signs = text[3:8]
    if len(signs) < 5 or any(c.isalnum() or c.isspace() for c in signs[:2]):
        return Names()
    escape = signs[3] if signs[3] != signs[0] else ""
    encoding = Encoding(signs[0], signs[1], "", escape, "")
    header = _whole_fields(text, signs[0])
    sender = read_sender(header, encoding).identifier if len(header) > 3 else ""
    orders = [match.start() + 1 for match in ORDER.finditer(data)]
    number = ""
    if len(orders) == 1:
        fields = _whole_fields(_first_line(data[orders[0] :]), signs[0])
        numbers = (number_in(field(fields, at), encoding) for at in (3, 2))
        # Without all of OBR-4 nobody can tell what the report is called.
        number = next(filter(None, numbers), "") if len(fields) > 4 else ""
        number = report_number(number, field(fields, 4), encoding)
    elif (
        not orders and len(controls := [match.start() + 1 for match in CONTROL.finditer(data)]) == 1
    ):
        fields = _whole_fields(_first_line(data[controls[0] :]), signs[0])
        numbers = (number_in(field(fields, at), encoding) for at in (3, 2))
        number = next(filter(None, numbers), "") if len(fields) > 3 else ""
    message_id = read_message_id(header, encoding)
    return Names(*(name if _is_plain(name) else "" for name in (sender, message_id, number)))


def _first_line(data: bytes) -> str:
    """The first line with its end; without end when the data stop before it."""
    found = re.match(rb"[^\r\n]*[\r\n]?", data[:MAX_LINE])
    return found.group().decode("ascii", "replace") if found is not None else ""


def _whole_fields(line: str, sign: str) -> list[str]:
    """The fields of a line, without the last when the line has no end: it may have been cut."""
    fields = line.split(sign)
    return fields if line[-1:] in ("\r", "\n") else fields[:-1]


def report_number(number: str, ordered: str, encoding: Encoding) -> str:
    """What a report is called by its sender: the number of its order, with what was ordered where the same
    number may be of several tests.

    An accession number is often of a specimen, and each test made on it has an order of that number with
    another OBR-4. A general bacterial culture has its number alone, with the tests on what grew, whatever code it
    has; as do orders by Norwegian code lists, where the number is that of the report. A culture for something else
    (fungi, mycobacteria, one organism) is a test like others.

    Args:
        number: OBR-3, else OBR-2; empty when there is neither.
        ordered: OBR-4 as it stands.
        encoding: of the message.
    """
    if not number or not ordered:
        return number
    test = (
        _test_of(ordered, encoding)
        if len(ordered) <= MAX_NAME
        else _test_of.__wrapped__(ordered, encoding)
    )
    return f"{number}^{test}"[:MAX_NAME] if test else number


@lru_cache(maxsize=4096)
def _test_of(ordered: str, encoding: Encoding) -> str:
    """The code of what was ordered, LOINC's before a laboratory's own, else its words; empty where the number does without."""
    names = codes_of(ordered, encoding)
    known = words()
    culture = False
    for code in names:
        called = f"{code.code} {code.text}".casefold()
        tests = code.code in known.susceptibility_never or known.susceptibility.search(called)
        if tests or code.system.startswith(known.national_lists):
            return ""
        culture = culture or is_culture(code)
    if culture and _is_general(names):
        return ""
    # A laboratory's own code first in one version and after LOINC's in the next is one test.
    shared = [c for c in names if c.system.casefold() in LOINC and LOINC_CODE.fullmatch(c.code)]
    if culture and shared and _says_no_target(shared[0]):
        # It is of every culture. What this one is for stands beside it, or in its words.
        own = [c for c in names if c not in shared] or [Code(text=shared[0].text)]
        return (own[0].code or _without_stage(own[0].text))[:MAX_TEST]
    first = next(iter(shared or names), None)
    if first is not None and not shared and first.text and _says_method(first):
        return _without_stage(first.text)[:MAX_TEST]
    return "" if first is None else (first.code or _without_stage(first.text))[:MAX_TEST]


def _says_method(code: Code) -> bool:
    """Whether a laboratory's own code is of every test by one method: which of them its words say."""
    called = code.code.casefold()
    return called in words().method_codes and code.text.casefold() != called


def _says_no_target(code: Code) -> bool:
    """Whether a culture's code of LOINC's is of cultures for bacteria as such."""
    return code.code in words().general_cultures or bool(code.text and _is_general([code]))


def _is_general(names: Sequence[Code]) -> bool:
    """Whether a culture is for bacteria as such: by a code that is, unless something else is named beside it; else when
    its names have no other word."""
    known = words()
    written = [_plain_name(code.text) for code in names if code.text]
    if any(code.code in known.general_cultures for code in names):
        return not any(target in name for name in written for target in known.culture_targets)
    written = written or [_plain_name(code.code) for code in names]
    return all(
        known.general_word.fullmatch(word) for name in written for word in LETTERS.findall(name)
    )


def _plain_name(name: str) -> str:
    """A name in small letters without the words of a version and without those that name two cultures at once."""
    folded = _without_stage(name)
    for phrase in words().general_phrases:
        folded = folded.replace(phrase, " ")
    return folded


def _without_stage(name: str) -> str:
    """What a test is called without the words that say which version of its answer it is."""
    folded = name.casefold()
    return " ".join(words().stages.sub(" ", folded).split()) or folded


def header_field(message: Message, number: int) -> str:
    """A field of MSH, from 3."""
    return _in_header(message.header, number)


def _in_header(header: Segment, number: int) -> str:
    return field(header, number - 1)


def _norwegian(house: House) -> str:
    """``HER:91843`` or ``ENH:985626154``: the number as the name, or as the last arc of the OID."""
    for root, kind in words().sender_roots.items():
        if house.universal == root and house.name.isascii() and house.name.isdigit():
            return f"{kind}:{house.name}"
        for written in (house.universal, house.name):
            root_of, _, last = written.rpartition(".")
            if root_of == root and last.isascii() and last.isdigit():
                return f"{kind}:{last}"
    return ""


def _is_plain(name: str) -> bool:
    return name.isascii() and name.isprintable()
