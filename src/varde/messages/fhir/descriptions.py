"""Whom a FHIR Patient says that it is: names, numbers, address, telephone, twins, day of death.

Everything here is decoded for itself: what is not of the type that FHIR gives it is left out, and spoils neither
the patient nor an answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import islice
from typing import Any, TypeVar

import msgspec
from msgspec import Raw

from varde.messages.fhir.resources import (
    NOTHING,
    Address,
    ContactPoint,
    HumanName,
    Identifier,
    Patient,
)
from varde.messages.fhir.words import as_oid, fhir_words
from varde.messages.persons import (
    MAX_ADDRESS,
    MAX_NAME,
    MAX_NAMES,
    MAX_NUMBERS,
    clean,
    country_of,
    day_of,
    describe,
    home_of,
    is_year_or_month,
    order_of,
    phone_of,
    postal_code_of,
    second_number,
    split_name,
    year_of,
)
from varde.messages.records import Described, PersonId

PASSPORT = "PASSPORT"
NAME_ORDER = ("official", "usual", "", "temp", "nickname", "anonymous")
"""Which name counts; one that is not here (old, maiden) is not the person's name now."""

HOME_ORDER = ("home", "", "temp")
OWN_PHONES = ("mobile", "home", "")
PHONES = ("phone", "sms")

Value = TypeVar("Value")
_LIST = msgspec.json.Decoder(tuple[Raw, ...])
_NAMES = msgspec.json.Decoder(tuple[HumanName, ...])
_NAME = msgspec.json.Decoder(HumanName)
_CONTACTS = msgspec.json.Decoder(tuple[ContactPoint, ...])
_CONTACT = msgspec.json.Decoder(ContactPoint)
_TEXT = msgspec.json.Decoder(str)
_LINES = msgspec.json.Decoder(tuple[str | None, ...])
_BOOLEAN = msgspec.json.Decoder(bool)
_INTEGER = msgspec.json.Decoder(int)


def read_described(
    patient: Patient, identifier: PersonId | None, sender: str, born: date | None, on: date
) -> Described | None:
    """What is said of the patient beyond the number that counts; None when it is nothing.

    Args:
        patient: the resource.
        identifier: the number that counts.
        sender: who gives out numbers that name no other issuer.
        born: the birth date; None when unknown or when only a year or a month is said.
        on: the day it was said.
    """
    family = given = address = postal_code = phone = ""
    birth_year = born_multiple = birth_order = died = None
    dead = False
    if patient.name is not NOTHING:
        family, given = _read_names(patient.name)
    if patient.address:
        address, postal_code = _read_address(patient.address)
    if patient.telecom is not NOTHING:
        phone = _read_phone(patient.telecom)
    if born is None:
        birth_year = year_of(patient.birth_date.strip()[:4])
    if patient.multiple_birth_boolean is not NOTHING:
        born_multiple = _decode(_BOOLEAN, patient.multiple_birth_boolean, None)
    if patient.multiple_birth_integer is not NOTHING:
        birth_order = order_of(_decode(_INTEGER, patient.multiple_birth_integer, 0))
    if patient.deceased_date_time is not NOTHING:
        written = _decode(_TEXT, patient.deceased_date_time, "")
        died = day_of(written)
        dead = is_year_or_month(written.strip())
    if patient.deceased_boolean is not NOTHING:
        dead = dead or _decode(_BOOLEAN, patient.deceased_boolean, False)
    alone = len(patient.identifier) == 1 and identifier is not None and identifier.kind != "LOCAL"
    return describe(
        identifier,
        () if alone else _read_numbers(patient.identifier, sender, on),
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


def _decode(decoder: msgspec.json.Decoder[Value], raw: Raw, without: Any) -> Any:
    """What stands in a field; `without` when it is not there, or of another type."""
    if raw is NOTHING:
        return without
    try:
        return decoder.decode(raw)
    except msgspec.DecodeError:
        return without


def _each(
    raw: Raw, whole: msgspec.json.Decoder[tuple[Value, ...]], one: msgspec.json.Decoder[Value]
) -> Sequence[Value]:
    """The elements of a list that are of their type, of the first few."""
    try:
        return whole.decode(raw)[:MAX_NAMES]
    except msgspec.DecodeError:
        pass
    found = (_decode(one, element, None) for element in _decode(_LIST, raw, ())[:MAX_NAMES])
    return [element for element in found if element is not None]


def _read_names(raw: Raw) -> tuple[str, str]:
    """Family and given names of the name that counts, from its text where it has no parts."""
    best, rank = ("", ""), len(NAME_ORDER)
    for name in _each(raw, _NAMES, _NAME):
        if name.use not in NAME_ORDER or (at := NAME_ORDER.index(name.use)) >= rank:
            continue
        family = clean(name.family, MAX_NAME)
        if len(name.given) == 1:
            given = clean(name.given[0] or "", MAX_NAME)
        else:
            given = clean(" ".join(filter(None, islice(name.given, MAX_NAMES))), MAX_NAME)
        if not (family or given):
            family, given = split_name(name.text)
        if family or given:
            best, rank = (family, given), at
    return best


def _read_numbers(
    identifiers: tuple[Identifier, ...], sender: str, on: date
) -> list[PersonId | None]:
    """Every number, former ones too: they are the same person's."""
    found: list[PersonId | None] = []
    for identifier in identifiers[:MAX_NUMBERS]:
        value, kind = "".join(identifier.value.split()), kind_of(identifier)
        country = passport_of(identifier) if kind == "LOCAL" else None
        if country is not None:
            found.append(second_number(PASSPORT, value, country))
        else:
            issuer = issuer_of(sender, as_oid(identifier.system))
            found.append(second_number(kind, value, issuer, on))
    return found


def passport_of(identifier: Identifier) -> str | None:
    """The country of a passport, empty where it is not said; None for any other number."""
    system = as_oid(identifier.system)
    for start in fhir_words().passports:
        if system.startswith(start):
            return country_of(system[len(start) :])
    codes = (coding.code.strip().upper() for coding in identifier.type.coding)
    return "" if any(code in fhir_words().passport_types for code in codes) else None


def kind_of(identifier: Identifier) -> str:
    """The kind by system; without a national one, by the type's code."""
    known = fhir_words()
    kind = known.persons.get(as_oid(identifier.system))
    if kind is not None:
        return kind
    for coding in identifier.type.coding:
        kind = known.identity_types.get(coding.code.strip().upper())
        if kind is not None:
            return kind
    return "LOCAL"


def issuer_of(sender: str, system: str) -> str:
    """Who gave out a local number: the sender, and which of its series when it says so.

    Two laboratories may use the same placeholder as system, so the sender always stands first.
    """
    national = system in fhir_words().persons
    return f"{sender} {system}" if system and not national else sender


def _read_address(addresses: Sequence[Address]) -> tuple[str, str]:
    """Street and place of the first address that has any of them, and its postal code; where the person lives
    comes first."""
    if len(addresses) > 1:
        addresses = sorted(addresses, key=_rank)
    for address in addresses[:MAX_NAMES]:
        if address.use not in HOME_ORDER:
            continue
        street = _read_street(address.line) if address.line is not NOTHING else ""
        city = clean(_decode(_TEXT, address.city, ""), MAX_ADDRESS)
        written = _decode(_TEXT, address.postal_code, "").strip()
        if street or city or written:
            country = _decode(_TEXT, address.country, "")
            return home_of(street, city), postal_code_of(written, country)
    return "", ""


def _rank(address: Address) -> int:
    return HOME_ORDER.index(address.use) if address.use in HOME_ORDER else len(HOME_ORDER)


def _read_street(raw: Raw) -> str:
    """The lines of an address on one."""
    lines = _decode(_LINES, raw, ())
    if len(lines) == 1:
        return clean(lines[0] or "", MAX_ADDRESS)
    whole = (clean(line or "", MAX_ADDRESS) for line in lines)
    return clean(", ".join(islice(filter(None, whole), MAX_NAMES)), MAX_ADDRESS)


def _read_phone(raw: Raw) -> str:
    """The first telephone number of the person's own."""
    for contact in _each(raw, _CONTACTS, _CONTACT):
        if contact.system in PHONES and contact.use in OWN_PHONES:
            phone = phone_of(contact.value)
            if phone:
                return phone
    return ""
