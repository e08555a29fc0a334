"""Whom an HL7 version 2 message says that it is about (PID): names, numbers, address, telephone, twins, death."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from varde.messages.hl7v2.segments import (
    MAX_TEXT,
    Encoding,
    Message,
    Segment,
    component,
    field,
    repetitions,
    text_of,
)
from varde.messages.hl7v2.values import day_of
from varde.messages.hl7v2.words import words
from varde.messages.persons import (
    MAX_ADDRESS,
    MAX_NAME,
    MAX_NAMES,
    clean,
    describe,
    home_of,
    order_of,
    phone_of,
    postal_code_of,
    split_name,
    year_of,
)
from varde.messages.records import Described, PersonId

DIED, DEAD = 29, 30
"""The day of death, and whether the patient is dead: the last fields that are read here."""

MAX_PARTS = 20
"""Components of a name, an address or a telephone number that are looked at."""

LAST = 99
"""After every place in an order."""


def read_described(
    person: Segment,
    message: Message,
    homes: list[list[str]],
    country: str,
    identifier: PersonId | None,
    numbers: Sequence[PersonId | None],
    born: date | None,
) -> Described | None:
    """What is said of the patient beyond the number that counts; None when it is nothing.

    Args:
        person: the PID segment.
        message: the message it is in.
        homes: the components of each address (PID-11).
        country: MSH-17, for addresses without country.
        identifier: the number that counts.
        numbers: all of them.
        born: the birth date; None when unknown or when only a year or a month is said.
    """
    encoding = message.encoding
    family, given = _read_names(person, encoding)
    address, postal_code = _read_address(homes, country) if homes else ("", "")
    phone = _read_phone(person, encoding) if len(person) > 13 else ""
    birth_year = born_multiple = birth_order = died = None
    dead = False
    if born is None:
        birth_year = _read_year(component(field(person, 7), 1, encoding))
    if len(person) > 24:
        born_multiple, birth_order = _read_birth(person, encoding)
        if len(person) > DIED:
            died, dead = _read_death(person, encoding)
    return describe(
        identifier,
        numbers,
        family=family,
        given=given,
        birth_year=birth_year,
        address=address,
        postal_code=postal_code,
        phone=phone,
        born_multiple=born_multiple,
        birth_order=birth_order,
        died=died,
        dead=dead,
    )


def _read_death(person: Segment, encoding: Encoding) -> tuple[date | None, bool]:
    """The day of death, and whether the patient is dead; a year or a month is no day, and a death all the same."""
    written = component(field(person, DIED), 1, encoding)
    dead = words().answers.get(component(field(person, DEAD), 1, encoding).upper()) is True
    year = year_of(written[:4]) is not None and len(written) in (4, 6) and written.isdigit()
    return day_of(written), dead or year


def _read_year(written: str) -> int | None:
    """The year of a birth whose day, or month and day, are left out or zero."""
    known = len(written) in (4, 6) or written[6:8] == "00"
    return year_of(written[:4]) if known and written[:8].isdigit() else None


def _read_birth(person: Segment, encoding: Encoding) -> tuple[bool | None, int | None]:
    """Whether one of twins or more, and which."""
    multiple = words().answers.get(component(field(person, 24), 1, encoding).upper())
    order = component(field(person, 25), 1, encoding)
    digits = len(order) < 3 and order.isascii() and order.isdigit()
    return multiple, order_of(int(order)) if digits else None


def _read_names(person: Segment, encoding: Encoding) -> tuple[str, str]:
    """Family and given names of the repetition that is the person's legal name, else of the first that may be.

    Further given names (XPN-3) are given names. A name that is not in parts is taken apart.
    """
    best, rank = ("", ""), LAST
    for value in repetitions(field(person, 5), encoding)[:MAX_NAMES]:
        parts = split_value(value, encoding)
        at = _place(parts, words().name_order)
        if at >= rank:
            continue
        family = part_of(parts, 1)
        given, further = part_of(parts, 2), part_of(parts, 3)
        if given or further:
            given = f"{given} {further}" if further else given
            found = clean(family, MAX_NAME), clean(given, MAX_NAME)
        else:
            found = split_name(family)
        if found[0] or found[1]:
            best, rank = found, at
    return best


def _read_address(homes: Iterable[list[str]], country: str) -> tuple[str, str]:
    """Street and place of the address where the person lives, else of the first that may be, and its postal code."""
    best, rank = ("", ""), LAST
    for parts in homes:
        at = _place(parts, words().address_order)
        if at >= rank:
            continue
        street, more = part_of(parts, 1), part_of(parts, 2)
        city, postal = part_of(parts, 3), part_of(parts, 5)
        if street or more or city or postal:
            street = f"{street}, {more}" if street and more else street or more
            code = postal_code_of(postal, part_of(parts, 6) or country) if postal else ""
            best = home_of(clean(street, MAX_ADDRESS), clean(city, MAX_ADDRESS)), code
            rank = at
    return best


def _read_phone(person: Segment, encoding: Encoding) -> str:
    """The first telephone number that is not one of work, and neither an e-mail address nor a fax."""
    never = words().never_phones
    for value in repetitions(field(person, 13), encoding)[:MAX_NAMES]:
        parts = split_value(value, encoding)
        use, equipment = part_of(parts, 2), part_of(parts, 3)
        if use.upper() in never or equipment.upper() in never:
            continue
        written = part_of(parts, 1) or part_of(parts, 12)
        if not written:
            written = " ".join(filter(None, (part_of(parts, n) for n in (5, 6, 7))))
        phone = phone_of(written)
        if phone:
            return phone
    return ""


def split_value(value: str, encoding: Encoding) -> list[str]:
    """The texts of the components of a value; of one with subcomponents the first. Taken apart once, because several
    of them are read."""
    value = value[:MAX_TEXT]
    sign, sub, escape = encoding.component, encoding.subcomponent, encoding.escape
    parts = value.split(sign, MAX_PARTS) if sign else [value]
    if (
        value.isprintable()
        and value == value.strip()
        and '"' not in value
        and not (sub and sub in value)
        and not (escape and escape in value)
        and "  " not in value
        and f" {sign}" not in value
        and f"{sign} " not in value
    ):
        return parts  # as nearly all are: nothing in them need be put right
    return [text_of(part.partition(sub)[0] if sub else part, encoding) for part in parts]


def part_of(parts: list[str], number: int) -> str:
    """One component, from 1; empty when there is none."""
    return parts[number - 1] if len(parts) >= number else ""


def _place(parts: list[str], order: tuple[str, ...]) -> int:
    """Where the kind of a name or an address (its component 7) stands in an order."""
    kind = parts[6] if len(parts) > 6 else ""
    if kind == order[0]:
        return 0
    kind = kind.strip().upper()
    return order.index(kind) if kind in order else LAST
