"""What may be asked: each query parameter once, for reading it and for describing it.

A parameter that an address does not know is refused: a misspelt ``gyldigDato`` that were passed over
would give today's dose as the answer to a question about another day.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from typing import Any, get_args
from urllib.parse import parse_qsl

from varde.guidelines.model import CODE_SYSTEMS, InfoType
from varde.web.api.formats import FORMATS
from varde.web.api.problems import Refusal, gather

LONGEST_QUERY = 4096
MOST_PARAMETERS = 50
LONGEST_VALUE = 100
PAGE_SIZE = 50
LARGEST_PAGE = 200

INFO_TYPES: tuple[InfoType, ...] = get_args(InfoType)
CODE_PATTERN = "[A-Za-z0-9]([A-Za-z0-9.+/ -]*[A-Za-z0-9+])?"
_CODE = re.compile(CODE_PATTERN, re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_COUNT = re.compile(r"[1-9]\d{0,6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked.

    Attributes:
        day: the day that is asked about; None when none was named.
        full: whether objects are wanted with their `data`; None when it was not said.
        system, code: what objects must be coded with; both or neither.
        types: the types that are wanted; all when empty.
        page: from 1.
        size: objects on a page.
        format: the format that was named; None when it was left to Accept.
        pairs: the parameters as they were given, in order.
    """

    day: date | None = None
    full: bool | None = None
    system: str | None = None
    code: str | None = None
    types: tuple[InfoType, ...] = ()
    page: int = 1
    size: int = PAGE_SIZE
    format: str | None = None
    pairs: tuple[tuple[str, str], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Parameter:
    """One query parameter.

    Attributes:
        name: as it is written in an address.
        key: the attribute of `Question` that it fills.
        read: its value out of text; raises `Refusal`.
        schema: JSON Schema of its value.
        description: what it means, in English.
        example: a value.
        problems: what a value can be refused for.
        repeats: whether it may be given several times, or several values with commas.
    """

    name: str
    key: str
    read: Callable[[str], Any]
    schema: Mapping[str, Any]
    description: str
    example: Any
    problems: tuple[str, ...]
    repeats: bool = False


def read_day(value: str, name: str = "gyldigDato") -> date:
    """A day written YYYY-MM-DD.

    Raises:
        Refusal: it is written otherwise, or the day does not exist.
    """
    if not _DATE.fullmatch(value):
        raise Refusal(
            "ugyldig-dato",
            f"{name} må skrives ÅÅÅÅ-MM-DD, for eksempel 2024-06-27; fikk «{shorten(value)}».",
            name,
        )
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise Refusal(
            "ugyldig-dato",
            f"Dagen {value} finnes ikke i kalenderen. Rett {name}.",
            name,
        ) from None


def _read_flag(value: str) -> bool:
    if value not in ("true", "false"):
        raise Refusal(
            "ugyldig-verdi", f"full er true eller false; fikk «{shorten(value)}».", "full"
        )
    return value == "true"


def _read_system(value: str) -> str:
    if value not in CODE_SYSTEMS:
        raise Refusal(
            "ukjent-kodeverk",
            f"Kodeverket «{shorten(value)}» er ikke i bruk.{suggest(value, CODE_SYSTEMS)} "
            f"Gi ett av: {', '.join(CODE_SYSTEMS)}.",
            "kodeverk",
        )
    return value


def _read_code(value: str) -> str:
    if not _CODE.fullmatch(value):
        raise Refusal(
            "ugyldig-kode",
            f"«{shorten(value)}» er ikke skrevet som en kode. Gi koden alene, for eksempel R81.",
            "kode",
        )
    return value


def _read_type(value: str) -> str:
    if value not in INFO_TYPES:
        raise Refusal(
            "ukjent-infotype",
            f"Infotypen «{shorten(value)}» finnes ikke.{suggest(value, INFO_TYPES)} "
            f"Gi en eller flere av: {', '.join(INFO_TYPES)}.",
            "infoTyper",
        )
    return value


def _read_page(value: str) -> int:
    if not _COUNT.fullmatch(value):
        raise Refusal(
            "ugyldig-side",
            f"side er et helt tall fra 1 til 9999999; fikk «{shorten(value)}».",
            "side",
        )
    return int(value)


def _read_size(value: str) -> int:
    if not _COUNT.fullmatch(value) or int(value) > LARGEST_PAGE:
        raise Refusal(
            "ugyldig-side",
            f"antall er et helt tall fra 1 til {LARGEST_PAGE}; fikk «{shorten(value)}».",
            "antall",
        )
    return int(value)


def _read_format(value: str) -> str:
    if value not in FORMATS:
        raise Refusal(
            "ukjent-format",
            f"Formatet «{shorten(value)}» finnes ikke.{suggest(value, FORMATS)} "
            f"Gi ett av: {', '.join(FORMATS)}.",
            "format",
        )
    return value


DAY = Parameter(
    "gyldigDato",
    "day",
    read_day,
    {"type": "string", "format": "date"},
    "The day the question is about: the guideline is answered as it stood that day. "
    "Default: today in Norway.",
    "2024-06-27",
    ("ugyldig-dato",),
)
FULL = Parameter(
    "full",
    "full",
    _read_flag,
    {"type": "boolean"},
    "Whether objects come with `data` (treatments, doses, contra-indications). Default: true for one "
    "object, and for `/anbefalinger` asked by code; false for other lists.",
    True,
    ("ugyldig-verdi",),
)
SYSTEM = Parameter(
    "kodeverk",
    "system",
    _read_system,
    {"type": "string", "enum": list(CODE_SYSTEMS)},
    "Code system of `kode`. The two are given together.",
    "ICPC-2",
    ("ukjent-kodeverk", "kodeverk-uten-kode"),
)
CODE = Parameter(
    "kode",
    "code",
    _read_code,
    {"type": "string", "pattern": f"^{CODE_PATTERN}$", "maxLength": LONGEST_VALUE},
    "Only objects about this code. A longer ICD-10 code finds what is coded with its class: "
    "J18.9 finds J18. A code that nothing is about gives an empty list.",
    "R81",
    ("ugyldig-kode", "kode-uten-kodeverk"),
)
TYPES = Parameter(
    "infoTyper",
    "types",
    _read_type,
    {"type": "array", "items": {"type": "string", "enum": list(INFO_TYPES)}},
    "Only objects of these types; repeated, or with commas between.",
    ["anbefaling"],
    ("ukjent-infotype",),
    repeats=True,
)
PAGE = Parameter(
    "side",
    "page",
    _read_page,
    {"type": "integer", "minimum": 1, "maximum": 9_999_999, "default": 1},
    "The page of the list, from 1. A page beyond the last is 404.",
    1,
    ("ugyldig-side", "side-finnes-ikke"),
)
SIZE = Parameter(
    "antall",
    "size",
    _read_size,
    {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": PAGE_SIZE},
    "How many objects a page holds.",
    PAGE_SIZE,
    ("ugyldig-side",),
)
FORMAT = Parameter(
    "format",
    "format",
    _read_format,
    {"type": "string", "enum": list(FORMATS)},
    "The format, instead of Accept.",
    "json",
    ("ukjent-format",),
)


def read_question(query: str, known: Sequence[Parameter]) -> Question:
    """What a query string asks.

    Args:
        query: still encoded, without the question mark.
        known: the parameters that this address takes.

    Raises:
        Refusal: of everything that is wrong at once.
    """
    pairs = _split(query)
    by_name = {parameter.name: parameter for parameter in known}
    values: dict[str, Any] = {}
    wrong: list[Refusal] = []
    for name, value in pairs:
        try:
            _read_pair(name, value, by_name, values)
        except Refusal as refusal:
            wrong.append(refusal)
    wrong += _check_code(pairs, by_name)
    if wrong:
        raise gather(wrong)
    return Question(**values, pairs=pairs)


def _split(query: str) -> tuple[tuple[str, str], ...]:
    try:
        if len(query) > LONGEST_QUERY:
            raise ValueError
        return tuple(
            parse_qsl(
                query, keep_blank_values=True, max_num_fields=MOST_PARAMETERS, errors="replace"
            )
        )
    except ValueError:
        raise Refusal(
            "for-langt-sporsmal",
            f"Spørsmålet kan ha {LONGEST_QUERY} tegn og {MOST_PARAMETERS} parametere. Kort det ned.",
        ) from None


def _read_pair(
    name: str, value: str, known: Mapping[str, Parameter], values: dict[str, Any]
) -> None:
    parameter = known.get(name)
    if parameter is None:
        takes = ", ".join(known) or "ingen parametere"
        raise Refusal(
            "ukjent-parameter",
            f"Parameteren «{shorten(name)}» er ukjent her.{suggest(name, known)} "
            f"Adressen tar: {takes}.",
            shorten(name),
        )
    if len(value) > LONGEST_VALUE:
        raise Refusal(
            "for-lang-verdi", f"{name} er lengre enn {LONGEST_VALUE} tegn. Kort den ned.", name
        )
    if parameter.repeats:
        read = tuple(parameter.read(part.strip()) for part in value.split(","))
        earlier = values.get(parameter.key, ())
        values[parameter.key] = (*earlier, *(one for one in read if one not in earlier))
    elif parameter.key in values:
        raise Refusal("gitt-flere-ganger", f"{name} er gitt mer enn én gang. Gi den én gang.", name)
    else:
        values[parameter.key] = None
        values[parameter.key] = parameter.read(value)


def _check_code(
    pairs: Sequence[tuple[str, str]], known: Mapping[str, Parameter]
) -> Sequence[Refusal]:
    given = {name for name, _ in pairs}
    if CODE.name not in known or (CODE.name in given) == (SYSTEM.name in given):
        return ()
    if CODE.name in given:
        return (
            Refusal(
                "kode-uten-kodeverk",
                f"kode er gitt uten kodeverk. Gi kodeverk også, ett av: {', '.join(CODE_SYSTEMS)}.",
                SYSTEM.name,
            ),
        )
    return (Refusal("kodeverk-uten-kode", "kodeverk er gitt uten kode. Gi kode også.", CODE.name),)


def suggest(given: str, known: Sequence[str] | Mapping[str, Any]) -> str:
    """A sentence with the nearest known word; nothing when none is near."""
    folded = {word.casefold(): word for word in known}
    near = get_close_matches(given[:LONGEST_VALUE].casefold(), folded, n=1, cutoff=0.6)
    return f" Mente du {folded[near[0]]}?" if near else ""


def shorten(text: str) -> str:
    """What was given, for an answer that repeats it."""
    return text if len(text) <= 60 else f"{text[:59]}…"
