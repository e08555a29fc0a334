"""One OBX by itself: what kind of result it is, and what it says, before it is linked to others.

The kind follows from its name (OBX-3), its value (OBX-5) and its flags (OBX-8), with the words of
`words.json`. What depends on nothing else is worked out once for equal fields and shared.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, NamedTuple

from varde.messages.errors import InvalidContent
from varde.messages.hl7v2.segments import Encoding, Message, Segment, field, repetitions, text_of
from varde.messages.hl7v2.values import MAX_NAME, codes_of, compared
from varde.messages.hl7v2.words import kind_of, words
from varde.messages.kith.results import parse_mic
from varde.messages.kith.words import ResultKind, normal
from varde.messages.records import Code, Sir, Susceptibility
from varde.messages.searches import Search, find_search

Role = Literal["organism", "susceptibility", "measurement", "quantity", "other"]
NUMBERS = frozenset(("NM", "SN"))
CODED = frozenset(("CE", "CWE", "CNE", "IS", "ID", "CF"))
TEXTS = frozenset(("ST", "TX", "FT", ""))
MAX_CACHED = 60
CATEGORIES = frozenset(("S", "I", "R", "MS", "VS", "SDD"))
"""Flags of table 0078 that are a category; the others say normal, high, low."""


class Observation(NamedTuple):
    """What one OBX says.

    Attributes:
        role: an organism (or that something grew), a susceptibility, a number without more, an
            amount of growth, or something else.
        certain: for a susceptibility: its name says so, not its value alone.
        names: of what it is a result (OBX-3), all codings.
        organisms: the alternatives that name an organism, one entry for each organism.
        kinds: what its values say otherwise: growth, no growth.
        susceptibility: as reported, when it has a category, an MIC or a zone.
        fault: why it cannot be used as a susceptibility: a reason and its detail.
        text: the value in words, for amounts.
        detected: what was searched for and found, otherwise than by growing it.
    """

    role: Role
    certain: bool = False
    names: tuple[Code, ...] = ()
    organisms: tuple[tuple[Code, ...], ...] = ()
    kinds: frozenset[ResultKind] = frozenset()
    susceptibility: Susceptibility | None = None
    fault: tuple[str, str] | None = None
    text: str = ""
    detected: Search | None = None


def observe(result: Segment, message: Message) -> Observation:
    """What an OBX says by itself."""
    _, _, kind, name, _, value, unit, _, flags = result[:9]
    make = _observe if len(value) < MAX_CACHED else _observe.__wrapped__
    return make(kind, name, value, unit, flags, message.encoding)


# Laboratories send the same few thousand results for ever. Long values are left out, so that what
# is written about a patient is never kept.
@lru_cache(maxsize=16384)
def _observe(
    kind: str, name: str, value: str, unit: str, flags: str, encoding: Encoding
) -> Observation:
    kind = kind.strip().upper()
    names = codes_of(field([name], 0), encoding)
    parts = _values_of(kind, value, encoding)
    try:
        sir = _category(parts, flags, encoding)
    except InvalidContent as error:
        return Observation("susceptibility", True, names, fault=(error.reason, error.detail))
    called = " ".join(f"{code.code} {code.text}" for code in names).casefold()
    role, certain = _role(kind, names, called, parts, sir)
    if role == "susceptibility" or role == "measurement":
        result = _susceptibility(kind, names, called, value, unit, sir, encoding)
        if result is None and not certain:
            role = "other"
        # "Microscopy" looks like an MIC; without any result of a test it may be a search.
        detected = _detect(names, _kinds(parts)) if result is None else None
        organisms = _organisms(parts)
        return Observation(
            role, certain, names, organisms, susceptibility=result, detected=detected
        )
    kinds = _kinds(parts)
    text = _amount(kind, value, unit, encoding) if role == "quantity" else ""
    detected = _detect(names, kinds) if role == "other" else None
    return Observation(role, False, names, _organisms(parts), kinds, text=text, detected=detected)


def _kinds(parts: list[tuple[Code, ...]]) -> frozenset[ResultKind]:
    return frozenset(said for part in parts for code in part if (said := _kind(code)))


def _detect(names: tuple[Code, ...], kinds: frozenset[ResultKind]) -> Search | None:
    """What a search found; None for what is no search, or found nothing."""
    return find_search(names) if kinds == {"growth"} else None


def _values_of(kind: str, value: str, encoding: Encoding) -> list[tuple[Code, ...]]:
    """OBX-5 as codes, one entry for each repetition; lines of text are one entry."""
    if kind in NUMBERS or kind not in CODED | TEXTS:
        return []
    if kind in CODED or encoding.component in value:
        return [
            codes for part in repetitions(value, encoding) if (codes := codes_of(part, encoding))
        ]
    sign = encoding.repetition
    text = text_of(value.replace(sign, " ") if sign else value, encoding)[:MAX_NAME]
    return [(Code(text=text),)] if text else []


def _role(
    kind: str, names: tuple[Code, ...], called: str, parts: list[tuple[Code, ...]], sir: Sir | None
) -> tuple[Role, bool]:
    known = words()
    codes = {code.code for code in names}
    plain = {normal(name) for code in names for name in (code.code, code.text) if name}
    if plain & known.quantity_names or any(part in called for part in known.quantity_contains):
        return "quantity", False
    if sir is None and codes & known.susceptibility_never:
        return "other", False
    tested = any(part in called for part in known.susceptibility_contains)
    if sir is None and kind not in NUMBERS and not tested and _is_culture(codes, plain, called):
        return "organism", False
    if tested:
        return "susceptibility", True
    if sir is not None:
        return "susceptibility", False
    measured = kind in NUMBERS or any(parse_mic(code.text) for part in parts for code in part)
    return ("measurement" if measured else "other"), False


def _is_culture(codes: set[str], plain: set[str], called: str) -> bool:
    known = words()
    if codes & known.culture_codes or plain & known.culture_names:
        return True
    if any(part in called for part in known.culture_never):
        return False
    return any(part in called for part in known.culture_contains)


def _kind(code: Code) -> ResultKind:
    return words().result_codes.get(code.code, "") or kind_of(code.text or code.code)


def _organisms(parts: list[tuple[Code, ...]]) -> tuple[tuple[Code, ...], ...]:
    """The entries that may name an organism: none of their codings is a word such as negative."""
    return tuple(part for part in parts if not any(_kind(code) for code in part))


def _category(parts: list[tuple[Code, ...]], flags: str, encoding: Encoding) -> Sir | None:
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
        sign = codes_of(flag, encoding)[:1]
        if sign and sign[0].code.upper() in CATEGORIES:
            said.add(known.sir_codes[sign[0].code.upper()])
    if len(said) > 1:
        raise InvalidContent("contradictory-susceptibility", "", " ≠ ".join(sorted(said)))
    return said.pop() if said else None


def _susceptibility(
    kind: str,
    names: tuple[Code, ...],
    called: str,
    value: str,
    unit: str,
    sir: Sir | None,
    encoding: Encoding,
) -> Susceptibility | None:
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
    if not (sir or mic or zone):
        return None
    return Susceptibility(antibiotics=names, sir=sir or "", mic=mic, zone=zone)


def _in_brackets(value: str) -> str:
    """The number in ``Susceptible (MIC 1.0 mcg/mL)``; any other value as it is."""
    before, _, rest = value.partition("(")
    if not before.strip() or ")" not in rest:
        return value
    return rest.partition(")")[0].upper().replace("MIC", "").strip(" :=").lower()


def _amount(kind: str, value: str, unit: str, encoding: Encoding) -> str:
    """An amount of growth in words, with its unit."""
    if kind == "SN":
        parts = [text_of(part, encoding) for part in value[:MAX_NAME].split(encoding.component)]
        written = "".join(parts)
    else:
        codes = codes_of(value, encoding)[:1] if kind in CODED else ()
        written = (codes[0].text or codes[0].code) if codes else text_of(value, encoding)
    units = codes_of(unit, encoding)[:1] if written else ()
    return f"{written} {units[0].code or units[0].text}"[:MAX_NAME] if units else written[:MAX_NAME]
