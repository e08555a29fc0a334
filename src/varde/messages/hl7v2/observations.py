"""One OBX by itself: what kind of result it is, and what it says, before it is linked to others.

The kind follows from its name (OBX-3), its value (OBX-5) and its flags (OBX-8), with the words of
`words.json`. What depends on nothing else is worked out once for equal fields and shared.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, NamedTuple

from varde.messages.answers.found import sign_of, weigh
from varde.messages.answers.searches import Search, analyse, is_cells, method_of
from varde.messages.answers.susceptibility_words import may_rate, split_rating
from varde.messages.errors import InvalidContent
from varde.messages.hl7v2.detections import (
    contradiction_of,
    detect,
    doubts_of,
    is_worded,
    kinds_of,
    kinds_of_flags,
    organisms_of,
)
from varde.messages.hl7v2.segments import (
    Encoding,
    Message,
    Segment,
    field,
    repetitions,
    text_lines_of,
    text_of,
)
from varde.messages.hl7v2.susceptibilities import (
    category_in,
    doubt_in,
    susceptibility_in,
    unread_code,
)
from varde.messages.hl7v2.values import (
    CODED,
    MAX_NAME,
    NUMBERS,
    TEXTS,
    amount_of,
    codes_of,
    measure_of,
)
from varde.messages.hl7v2.words import words
from varde.messages.kith.quantities import parse_mic
from varde.messages.kith.words import ResultKind, normal
from varde.messages.records import Code, Sir, Susceptibility

Role = Literal["organism", "susceptibility", "measurement", "quantity", "other"]
METHOD = 17
"""OBX-17."""

MAX_CACHED = 60
MAX_LETTERS = 4
"""Characters of the longest category, SDD, with one to spare."""

WORDED = frozenset(("ST", "TX", "FT"))
"""Types of values that are words."""


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
        fault: why it cannot be used as a susceptibility: a reason, its detail and the field.
        text: the value in words, for amounts.
        method: how it was done (OBX-17), as is said beside its name.
        detected: what a search found, by its answer: one entry for each organism in its value.
        worded: what it found is named by the words of an answer, and not by being its value.
        contradiction: value and flag, where one says that it was found and the other that it was not.
    """

    role: Role
    certain: bool = False
    names: tuple[Code, ...] = ()
    organisms: tuple[tuple[Code, ...], ...] = ()
    kinds: frozenset[ResultKind] = frozenset()
    susceptibility: Susceptibility | None = None
    fault: tuple[str, str, int] | None = None
    text: str = ""
    detected: tuple[Search, ...] = ()
    method: tuple[Code, ...] = ()
    worded: bool = False
    contradiction: str = ""


def observe(result: Segment, message: Message, panel: bool = False) -> Observation:
    """What an OBX says by itself; `panel`: it is in an order for susceptibility tests."""
    _, _, kind, name, _, value, unit, _, flags = result[:9]
    make = _observe if len(value) < MAX_CACHED else _observe.__wrapped__
    if len(result) <= METHOD:
        return make(kind, name, value, unit, flags, "", message.encoding, panel)
    method = field(result, METHOD)
    make = make if len(method) < MAX_NAME else _observe.__wrapped__
    return make(kind, name, value, unit, flags, method, message.encoding, panel)


# Laboratories send the same few thousand results for ever. Long values are left out, so that what
# is written about a patient is never kept.
@lru_cache(maxsize=16384)
def _observe(
    kind: str,
    name: str,
    value: str,
    unit: str,
    flags: str,
    method: str,
    encoding: Encoding,
    panel: bool,
) -> Observation:
    kind = kind.strip().upper()
    names = codes_of(field([name], 0), encoding)
    rated = split_rating(text_of(value, encoding), words().sir_texts) if kind in WORDED else None
    if rated is not None:
        category, value = rated
        parts: list[tuple[Code, ...]] = [(Code(text=category),)]
    else:
        parts = values_of(kind, value, encoding)
    try:
        sir = category_in(parts, flags, encoding)
    except InvalidContent as error:
        return Observation("susceptibility", True, names, fault=(error.reason, error.detail, 5))
    called = " ".join(f"{code.code} {code.text}" for code in names).casefold()
    unread = unread_code(parts)
    how = codes_of(method, encoding) if method else ()
    role, certain = _role(kind, names, called, how, parts, sir, bool(unread))
    if role == "susceptibility" or role == "measurement":
        result, wrong = susceptibility_in(kind, names, called, value, unit, sir, certain, encoding)
        fault = ("bad-susceptibility", unread, 5) if unread else None
        if fault is None and wrong:
            fault = ("bad-quantity", wrong, 5)
        if fault is None and (certain or result is not None):
            fault = doubt_in(parts, flags, result is None, encoding)
        if result is None and fault is None and not certain:
            role = "other"
        panel = False
        if role != "other":
            return Observation(
                role, certain, names, organisms_of(parts), susceptibility=result, fault=fault
            )
    said = [code.text or code.code for part in parts for code in part]
    short = panel and _is_short(kind, value)
    if role == "other" and not _is_remark(called) and (short or may_rate(names, said, panel)):
        # A test with a method of its own (a Gram stain) is none of an antibiotic.
        fault = None if method_of(names, how) else doubt_in(parts, flags, True, encoding)
        if fault is not None:
            return Observation("susceptibility", True, names, fault=fault)
    organisms = organisms_of(parts)
    if role == "quantity":
        text = amount_of(kind, value, unit, encoding)
        return Observation(role, False, names, organisms, kinds_of(parts), text=text)
    if organisms and role == "organism" and method_of(names, how) == "microscopy":
        organisms = tuple(part for part in organisms if not any(is_cells(code) for code in part))
    kinds = kinds_of(parts) | kinds_of_flags(flags, encoding)
    alone = (parts[0][0].text or parts[0][0].code) if parts else value
    if kinds <= {"no_result"} and (sign := sign_of(names, how, alone)):
        kinds = frozenset((sign,))
    if len(kinds) > 1:
        kinds = frozenset(weigh(kinds, [code for part in parts for code in part]))
    contradiction = ""
    if "growth" in kinds and "no_growth" in kinds and (role == "organism" or method_of(names, how)):
        contradiction = contradiction_of(parts, flags, encoding, role)
    return Observation(
        role,
        False,
        names,
        organisms,
        kinds,
        detected=detect(
            names,
            how,
            kinds,
            organisms,
            role,
            measure_of(kind, value, unit, encoding),
            parts,
            doubts_of(flags, encoding),
        ),
        method=how,
        worded=any(is_worded(code) for part in parts for code in part),
        contradiction=contradiction,
    )


def values_of(kind: str, value: str, encoding: Encoding) -> list[tuple[Code, ...]]:
    """OBX-5 as codes, one entry for each repetition; text is one entry with its lines."""
    if kind in NUMBERS or kind not in CODED | TEXTS:
        return []
    if kind in CODED or encoding.component in value:
        return [
            codes for part in repetitions(value, encoding) if (codes := codes_of(part, encoding))
        ]
    text = text_lines_of(value, encoding)
    return [(Code(text=text),)] if text else []


def _role(
    kind: str,
    names: tuple[Code, ...],
    called: str,
    how: tuple[Code, ...],
    parts: list[tuple[Code, ...]],
    sir: Sir | None,
    unread: bool,
) -> tuple[Role, bool]:
    known = words()
    codes = {code.code for code in names}
    plain = {normal(name) for code in names for name in (code.code, code.text) if name}
    if plain & known.quantity_names or any(part in called for part in known.quantity_contains):
        return "quantity", False
    if sir is None and not unread and (codes & known.susceptibility_never or _is_remark(called)):
        return "other", False
    tested = known.susceptibility.search(called) is not None
    doubtful = not tested and known.susceptibility_doubtful.search(called) is not None
    measured = kind in NUMBERS or any(parse_mic(code.text) for part in parts for code in part)
    if sir is None and kind not in NUMBERS and not ((tested or doubtful) and measured):
        known_culture = codes & known.culture_codes or plain & known.culture_names
        if known_culture or (not tested and _is_culture(called)):
            return "organism", False
    if tested or (doubtful and (measured or sir is not None or not analyse(names, how).valued)):
        return "susceptibility", True
    if sir is not None or unread:
        return "susceptibility", False
    # The number of a search (a viral load) is no concentration of an antibiotic.
    return ("measurement" if measured and not analyse(names, how).valued else "other"), False


def _is_remark(called: str) -> bool:
    """Whether a name is that of a remark, though it may speak of susceptibility or culture."""
    return any(part in called for part in words().susceptibility_remarks)


def _is_short(kind: str, value: str) -> bool:
    """Whether a value can be a category: a code, or as few letters as categories have."""
    return kind in CODED or (kind in TEXTS and len(value.strip()) <= MAX_LETTERS)


def is_culture(code: Code) -> bool:
    """Whether a name is that of a culture: by its code, its name, or a word of it."""
    known = words()
    plain = {normal(code.code), normal(code.text)}
    listed = code.code in known.culture_codes or not plain.isdisjoint(known.culture_names)
    return listed or _is_culture(f"{code.code} {code.text}".casefold())


def _is_culture(called: str) -> bool:
    """Whether a name has a word of a culture, and none of what is only about one."""
    known = words()
    if any(part in called for part in known.culture_never):
        return False
    if known.culture_words.search(called):
        return True
    return any(part in called for part in known.culture_contains)
