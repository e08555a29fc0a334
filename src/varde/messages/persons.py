"""Who a message is about, in the one form that every reader gives (`Described`).

What is too long is cut, and what cannot be right is left out: nothing here is ever a reason to refuse a message.
Whether a name is one at all ("Ukjent", "NN") is for those to judge who compare persons.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import Any, NamedTuple

from varde.messages.identifiers import identify
from varde.messages.records import Described, PersonId
from varde.messages.times import norwegian_day, parse_time

MAX_NAME, MAX_ADDRESS, MAX_PHONE = 200, 300, 40
"""Characters of a family or a given name, of an address, of a telephone number; the rest is cut off."""

MAX_NUMBER = 100
"""A second number longer than this is none."""

MAX_NUMBERS, MAX_NAMES = 20, 10
"""Numbers that are kept of one person; names, addresses and telephones that are looked at."""

EARLIEST_YEAR, LATEST_YEAR = 1850, 2100
MAX_ORDER = 20
"""Children of one birth are fewer than this."""

SCOPED = frozenset({"LOCAL", "HNR", "PASSPORT"})
"""Kinds of numbers that mean something only with who gave them out."""

_DIGITS = frozenset("0123456789")
_CONTROLS: dict[int, str | None] = dict.fromkeys((*range(32), *range(127, 160)), " ")
_CONTROLS |= dict.fromkeys(
    (0xAD, 0x200B, 0x200E, 0x200F, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
)
"""Control characters, and signs without width that turn the order of letters round or hide between them."""


class Persons(NamedTuple):
    """The file `persons.json`, shaped for looking up.

    Attributes:
        particles: words in small letters that belong to the family name after them.
        norway: how the country is written.
        countries: codes of three letters or digits → of two letters.
    """

    particles: frozenset[str]
    norway: frozenset[str]
    countries: dict[str, str]


@cache
def persons() -> Persons:
    """The words, read once."""
    raw: dict[str, Any] = json.loads(
        files("varde.messages").joinpath("persons.json").read_text("utf-8")
    )
    return Persons(
        particles=frozenset(raw["particles"]),
        norway=frozenset(raw["norway"]),
        countries={code: two for two, codes in raw["countries"].items() for code in codes},
    )


def describe(
    identifier: PersonId | None,
    numbers: Sequence[PersonId | None] = (),
    *,
    family: str = "",
    given: str = "",
    birth_year: int | None = None,
    address: str = "",
    postal_code: str = "",
    phone: str = "",
    born_multiple: bool | None = None,
    birth_order: int | None = None,
    died: date | None = None,
    dead: bool = False,
) -> Described | None:
    """What was said of somebody; None when it is nothing beyond the identifier.

    Args:
        identifier: the number that counts, which comes first among all.
        numbers: the others; None among them is left out, and equal ones count once.
    """
    others: Sequence[PersonId] = ()
    if numbers:
        others = [number for number in numbers if number is not None and number != identifier]
    said = (
        family or given or others or address or postal_code or phone or birth_year or died or dead
    )
    if not said and born_multiple is None and birth_order is None:
        return None
    return Described(
        numbers=_number_all(identifier, others),
        family=family,
        given=given,
        birth_year=birth_year,
        address=address,
        postal_code=postal_code,
        phone=phone,
        born_multiple=born_multiple,
        birth_order=birth_order,
        died=died,
        dead=dead and died is None,
    )


def _number_all(identifier: PersonId | None, others: Sequence[PersonId]) -> tuple[PersonId, ...]:
    if not others:
        return () if identifier is None else (identifier,)
    found = dict.fromkeys(others if identifier is None else (identifier, *others))
    return tuple(islice(found, MAX_NUMBERS))


def clean(text: str, most: int) -> str:
    """A text on one line with single blanks, control characters taken out, cut at so many characters."""
    if text.isprintable():
        # Of blanks only the plain one is printable; most texts are as they should be.
        if len(text) <= most and "  " not in text and text == text.strip():
            return text
    else:
        text = text.translate(_CONTROLS)
    text = " ".join(text.split())
    return text if len(text) <= most else text[:most].rstrip()


def split_name(text: str) -> tuple[str, str]:
    """Family and given names of a name in one piece: ``"Hansen, Kari"`` and ``"Kari Hansen"`` alike.

    Without a comma the last word is the family name, with the particles before it. One word is a family name.

    Args:
        text: as written.
    """
    text = clean(text, 2 * MAX_NAME)
    family, comma, given = text.partition(",")
    if comma:
        return family[:MAX_NAME].strip(), given.lstrip()[:MAX_NAME].rstrip()
    words = text.split()
    at = len(words) - 1
    while at > 1 and words[at - 1].casefold() in persons().particles:
        at -= 1
    at = max(at, 0)
    return " ".join(words[at:])[:MAX_NAME].rstrip(), " ".join(words[:at])[:MAX_NAME].rstrip()


def second_number(
    kind: str, value: str, issuer: str = "", on: date | None = None
) -> PersonId | None:
    """A number beside the one that counts; None for one that cannot be right.

    Args:
        kind: FNR, DNR, HNR, FHN, DUF, LOCAL or PASSPORT.
        value: without blanks.
        issuer: who gave it out; of a passport the country.
        on: the day it was stated, as `identify` takes it.
    """
    if not value or len(value) > MAX_NUMBER or not value.isprintable():
        return None
    identity = identify(kind, value, on)
    if not identity.valid:
        return None
    return PersonId(
        kind=identity.kind, value=value, issuer=issuer if identity.kind in SCOPED else ""
    )


def country_of(written: str) -> str:
    """A country in two letters, where its code is known; else as written, in capitals."""
    code = written.strip().upper()
    return persons().countries.get(code, code)[:MAX_NUMBER]


def home_of(street: str, city: str) -> str:
    """Street and place on one line; both as `clean` gives them."""
    home = f"{street}, {city}" if street and city else street or city
    return home if len(home) <= MAX_ADDRESS else home[:MAX_ADDRESS].rstrip()


def postal_code_of(written: str, country: str) -> str:
    """A Norwegian postal code; empty for anything else.

    Args:
        country: as written; blank counts as Norway.
    """
    code = written.strip()
    if len(code) != 4 or not (code.isascii() and code.isdigit()):
        return ""
    if country in ("", "NO"):
        return code
    return code if country.strip().upper() in ("", *persons().norway) else ""


def phone_of(written: str) -> str:
    """A telephone number as written; empty for an e-mail address, and for what has no digit."""
    phone = clean(written, MAX_PHONE)
    return phone if "@" not in written and not _DIGITS.isdisjoint(phone) else ""


def year_of(written: str) -> int | None:
    """A year of birth from its digits; None for what is none."""
    if len(written) != 4 or not (written.isascii() and written.isdigit()):
        return None
    year = int(written)
    return year if EARLIEST_YEAR <= year < LATEST_YEAR else None


def order_of(number: int) -> int | None:
    """Which of several children of one birth; None for what cannot be."""
    return number if 1 <= number <= MAX_ORDER else None


def is_year_or_month(written: str) -> bool:
    """Whether something is a year, or a month of one, in ISO 8601: as a day of death it is none, and says of a death all
    the same."""
    year, month = written[:4], written[5:]
    if year_of(year) is None or written[4:5] not in ("", "-"):
        return False
    return len(written) == 4 or (len(month) == 2 and month.isascii() and month.isdigit())


def day_of(written: str) -> date | None:
    """The Norwegian day of a date or time in ISO 8601; None when it is none."""
    moment = parse_time(written.strip())
    return None if moment is None else norwegian_day(moment)
