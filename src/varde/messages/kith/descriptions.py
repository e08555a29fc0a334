"""Whom a KITH svarrapport says that it is about: names, numbers, address, telephone, day of death."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from varde.messages.kith.names import Parts, children, text_in, value_in
from varde.messages.kith.words import words
from varde.messages.persons import (
    MAX_ADDRESS,
    MAX_NAME,
    MAX_NAMES,
    MAX_NUMBERS,
    clean,
    day_of,
    describe,
    home_of,
    is_year_or_month,
    phone_of,
    postal_code_of,
    second_number,
    split_name,
)
from varde.messages.records import Described, PersonId

PASSPORT = "PASSPORT"
SCHEMES = ("tel:", "sms:", "callto:")
NO_PHONES = ("mailto:", "fax:", "http:", "https:")


def read_described(
    fields: Parts, homes: Sequence[Parts], identifier: PersonId | None, sender: str, on: date
) -> Described | None:
    """What is said of the patient beyond the number that counts; None when it is nothing.

    Args:
        fields: the children of Patient.
        homes: the children of each of its addresses.
        identifier: the number that counts.
        sender: who gives out numbers that name no other issuer.
        on: the day it was said.
    """
    family, given = _read_names(fields)
    numbers = _read_numbers(fields, sender, on)
    died = fields.get("DateOfDeath")
    day = (died[0].get("V") or "").strip() if died else ""
    ranked = _rank(homes)
    address, postal_code = _read_address(ranked)
    return describe(
        identifier,
        numbers,
        family=family,
        given=given,
        address=address,
        postal_code=postal_code,
        phone=_read_phone(fields, ranked),
        died=day_of(day),
        dead=is_year_or_month(day),
    )


def _read_names(fields: Parts) -> tuple[str, str]:
    """Family and given names: each in an element of its own, below Name or beside it, or a text.

    A middle name stands among the family names, as in the national register.
    """
    found = fields.get("Name")
    if found and not len(found[0]):
        return split_name(found[0].text or "")
    parts = children(found[0]) if found else fields
    if not ("FamilyName" in parts or "GivenName" in parts or "MiddleName" in parts):
        return "", ""
    family = " ".join((_text(parts, "MiddleName"), _text(parts, "FamilyName")))
    return clean(family, MAX_NAME), clean(_text(parts, "GivenName"), MAX_NAME)


def _text(parts: Parts, name: str) -> str:
    """The text of the first child of that name as it stands: a word that says nothing is kept too."""
    found = parts.get(name)
    return (found[0].text or "") if found else ""


def _read_numbers(fields: Parts, sender: str, on: date) -> list[PersonId | None]:
    """The additional numbers, and a passport in place of the official one."""
    found: list[PersonId | None] = []
    for holder in fields.get("AdditionalId", ())[:MAX_NUMBERS]:
        more = children(holder)
        kind = (value_in(more, "Type") or value_in(more, "TypeId")).upper()
        found.append(_number(kind, text_in(more, "Id"), sender, on))
    kind = value_in(fields, "TypeOffId").upper()
    if kind in words().passport_types:
        found.append(_number(kind, text_in(fields, "OffId"), sender, on))
    return found


def _number(kind: str, written: str, sender: str, on: date) -> PersonId | None:
    value = "".join(written.split())
    if kind in words().passport_types:
        return second_number(PASSPORT, value)  # the format has no field for the country
    national = words().identity_types.get(kind)
    if national is None:
        # Each kind of local number is a series of its own.
        return second_number("LOCAL", value, f"{sender} {kind}" if kind else sender)
    return second_number(national, value, sender, on)


def _rank(homes: Sequence[Parts]) -> list[Parts]:
    """The addresses of the person's own, where they live first."""
    order, never = words().address_order, words().address_never
    if len(homes) < 2:
        return [home for home in homes if value_in(home, "Type").upper() not in never]
    ranked = [
        (order.index(kind) if kind in order else len(order), at, home)
        for at, home in enumerate(homes[:MAX_NAMES])
        if (kind := value_in(home, "Type").upper()) not in never
    ]
    return [home for _, _, home in sorted(ranked, key=lambda each: each[:2])]


def _read_address(homes: Iterable[Parts]) -> tuple[str, str]:
    """Street and place of the first address that has any of them, and its postal code."""
    for home in homes:
        street, city = _text(home, "StreetAdr"), _text(home, "City")
        postal = _text(home, "PostalCode")
        if street or city or postal:
            code = postal_code_of(postal, value_in(home, "Country"))
            return home_of(clean(street, MAX_ADDRESS), clean(city, MAX_ADDRESS)), code
    return "", ""


def _read_phone(fields: Parts, homes: Iterable[Parts]) -> str:
    """The first telephone number: one of the person, else one of an address."""
    for element in _addresses_of_calls(fields, homes):
        written = (element.get("V") or element.text or "").strip()
        lowered = written[:10].lower()
        if lowered.startswith(NO_PHONES):
            continue
        scheme = next((each for each in SCHEMES if lowered.startswith(each)), "")
        phone = phone_of(written[len(scheme) :])
        if phone:
            return phone
    return ""


def _addresses_of_calls(fields: Parts, homes: Iterable[Parts]) -> Iterator[Any]:
    yield from fields.get("TeleAddress", ())[:MAX_NAMES]
    for home in homes:
        yield from home.get("TeleAddress", ())[:MAX_NAMES]
