"""Susceptibility tests in OBX: which category, which concentration or zone, and what of it cannot be read."""

from __future__ import annotations

from typing import Literal

from varde.messages.answers.genotypic import drug_of
from varde.messages.errors import InvalidContent
from varde.messages.hl7v2.detections import (
    kind_of_code,
)
from varde.messages.hl7v2.segments import (
    Encoding,
    component,
    repetitions,
    text_of,
)
from varde.messages.hl7v2.values import (
    MAX_NAME,
    NUMBERS,
    codes_of,
    compared,
)
from varde.messages.hl7v2.words import words
from varde.messages.kith.quantities import is_measured
from varde.messages.kith.words import normal
from varde.messages.records import Code, Sir, Susceptibility

Role = Literal["organism", "susceptibility", "measurement", "quantity", "other"]

CATEGORIES = frozenset(("S", "I", "R", "MS", "VS", "SDD"))
"""Flags of table 0078 that are a category; the others say normal, high, low."""


def category_in(parts: list[tuple[Code, ...]], flags: str, encoding: Encoding) -> Sir | None:
    """S, I or R where value and flags agree on one; empty for one without meaning; None without.

    A code that came with words is read by the words, unless they are a number or its own name: R
    may be reactive.
    """
    known = words()
    said: set[Sir] = set()
    for part in parts:
        for code in part:
            texts = known.sir_texts.get(normal(code.text.partition("(")[0]))
            coded = known.sir_codes.get(code.code.upper())
            if code.text and code.text.upper() in CATEGORIES:
                texts = known.sir_codes[code.text.upper()]
            if texts is not None:
                said.add(texts)
            if coded is not None and (texts is not None or not code.text):
                said.add(coded)
    for flag in repetitions(flags, encoding):
        for sign in codes_of(flag, encoding)[:1]:
            rated = known.sir_codes.get(sign.code.upper())
            if rated is None and not sign.code:
                rated = known.sir_texts.get(normal(sign.text))
            if rated is not None:
                said.add(rated)
    if len(said) > 1:
        raise InvalidContent("contradictory-susceptibility", "", " ≠ ".join(sorted(said)))
    return said.pop() if said else None


def unread_code(parts: list[tuple[Code, ...]]) -> str:
    """A code of a list of categories that does not have it; empty without.

    Under the national list of resistance laboratories send other codes than categories, with their
    words: only one without words is a category that cannot be read.
    """
    known = words()
    for part in parts:
        for code in part:
            listed = code.system in known.category_lists or (
                code.system in known.bare_category_lists
                and normal(code.text or code.code) == normal(code.code)
            )
            if listed and code.code and not _is_understood(code, coded=True):
                return code.code
    return ""


def _is_understood(code: Code, coded: bool) -> bool:
    """Whether a coding is a category, or is known to be none: by its words, and by its code where it
    is of a list of categories (`coded`) or has no words."""
    known = words()
    text = normal(code.text.partition("(")[0])
    if text and (text in known.sir_texts or text in known.no_category or kind_of_code(code)):
        return True
    if coded or not text or text == normal(code.code) or text in known.not_susceptible:
        said = code.code.upper()
        return (
            said in known.sir_codes or normal(said) in known.no_category or bool(kind_of_code(code))
        )
    return False


def doubt_in(
    parts: list[tuple[Code, ...]], flags: str, alone: bool, encoding: Encoding
) -> tuple[str, str, int] | None:
    """What of a test stands for a category and is none that we know, as a fault; None without.

    Args:
        parts: the value as codes; beside a category or a measurement it is a remark.
        flags: OBX-8 as it stands; a sign without letters marks something, and is no category.
        alone: there is neither category nor measurement.
    """
    for flag in repetitions(flags, encoding):
        for sign in codes_of(flag, encoding)[:1]:
            said = sign.code or sign.text
            if any(map(str.isalpha, said)) and not _is_understood(sign, coded=True):
                return "bad-susceptibility", said, 8
    codes = [code for part in parts for code in part]
    if alone and codes and not any(_is_understood(code, coded=False) for code in codes):
        return "bad-susceptibility", codes[0].code or codes[0].text, 5
    return None


def susceptibility_in(
    kind: str,
    names: tuple[Code, ...],
    called: str,
    value: str,
    unit: str,
    sir: Sir | None,
    certain: bool,
    encoding: Encoding,
) -> tuple[Susceptibility | None, str]:
    """A test as reported, None when it says nothing; and what in it is a measurement that none can be."""
    units = codes_of(unit, encoding)[:1]
    measure = (units[0].code or units[0].text).casefold() if units else ""
    written = text_of(value[:MAX_NAME], encoding)
    if written.casefold().endswith(" mm"):
        measure, value = "mm", written[:-3]
    millimetres = measure == "mm" or (
        not measure and any(part in called for part in words().zone_contains)
    )
    mic, zone = "", 0
    number = compared(_in_brackets(value), kind, encoding)
    if millimetres:
        whole = number.partition(".")[0]
        zone = int(whole) if whole.isascii() and whole.isdigit() and len(whole) < 4 else 0
    elif not measure or measure in words().mic_units:
        mic = number
    if not (mic or zone):
        meant = bool(sir) or certain or millimetres or measure in words().mic_units
        if meant and _is_measurement(kind, value, bool(measure), encoding):
            parts = written.split(encoding.component) if kind == "SN" else [written]
            return None, f"{''.join(parts)} {measure}".strip()
    if not (sir or mic or zone):
        return None, ""
    drug = drug_of(names)
    names = names if drug is None else (*names, drug)
    return Susceptibility(antibiotics=names, sir=sir or "", mic=mic, zone=zone), ""


def _is_measurement(kind: str, value: str, united: bool, encoding: Encoding) -> bool:
    """Whether a value, which is no MIC and no zone, is there as one: it is of a type of numbers, or looks
    like one, or has a unit; and it is no word that says that there is none."""
    text = text_of(value[:MAX_NAME], encoding)
    if kind == "SN" and encoding.component in value:
        return any(component(value, number, encoding) for number in (2, 4))
    bracket = _in_brackets(text)
    if bracket != text and is_measured(bracket):
        return True
    if not text or any(_is_understood(Code(text=said), coded=False) for said in (text, value)):
        return False
    return kind in NUMBERS or is_measured(text) or united


def _in_brackets(value: str) -> str:
    """The number in ``Susceptible (MIC 1.0 mcg/mL)``; any other value as it is."""
    before, _, rest = value.partition("(")
    if not before.strip() or ")" not in rest:
        return value
    return rest.partition(")")[0].upper().replace("MIC", "").strip(" :=").lower()
