"""The patient of an HL7 version 2 message (PID), checked as in every other format."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from varde.messages.errors import InvalidContent
from varde.messages.hl7v2.descriptions import part_of, read_described, split_value
from varde.messages.hl7v2.segments import (
    Message,
    Segment,
    component,
    field,
    repetitions,
    text_of,
)
from varde.messages.hl7v2.values import MAX_NAME, House, day_of, house_of
from varde.messages.hl7v2.words import words
from varde.messages.identifiers import NATIONAL, NO_IDENTITY, Identity, identify
from varde.messages.kith.words import normal
from varde.messages.persons import MAX_NAMES, MAX_NUMBERS, country_of, second_number
from varde.messages.records import Patient, PersonId, Sex, Specimen
from varde.messages.times import norwegian_day


class Identifier(NamedTuple):
    """One repetition of PID-3.

    Attributes:
        value: the number, blanks removed.
        kind: as `PersonId.kind`.
        authority: who gave it.
        type_code: CX-5.
        jurisdiction: CX-9, the country of a passport.
    """

    value: str
    kind: str
    authority: House
    type_code: str
    jurisdiction: str


def read_patient(
    person: Segment,
    message: Message,
    sender: str,
    country: str,
    specimens: Sequence[Specimen],
    on: date,
) -> Patient:
    """The patient.

    Args:
        person: the PID segment.
        message: the message it is in.
        sender: the laboratory, which is the issuer of numbers that name none.
        country: MSH-17, for addresses without country.
        specimens: what was taken; no one is born after that.
        on: the day it was said.

    Raises:
        InvalidContent: ``not-human``, ``invalid-identity-number``, ``contradictory-birth-date``,
            ``contradictory-sex`` or ``born-after-collected``.
    """
    encoding = message.encoding
    species = component(field(person, 35), 1, encoding)
    if species and normal(species) not in words().human:
        raise InvalidContent("not-human", message.place(person, 35))
    numbers = _read_numbers(person, message)
    identifier, known = _read_identity(numbers, person, message, sender, on)
    birth_date = day_of(component(field(person, 7), 1, encoding))
    sex: Sex = words().sex.get(component(field(person, 8), 1, encoding).upper(), "")
    if known.contradicts(birth_date):
        raise InvalidContent("contradictory-birth-date", message.place(person, 7))
    if sex and known.sex and sex != known.sex:
        raise InvalidContent("contradictory-sex", message.place(person, 8))
    born = birth_date or known.birth_date
    if born and any(norwegian_day(specimen.collected) < born for specimen in specimens):
        raise InvalidContent("born-after-collected", message.place(person, 7))
    homes = [
        split_value(value, encoding)
        for value in repetitions(field(person, 11), encoding)[:MAX_NAMES]
    ]
    # Of a single number, but for a passport's, all is said by the identifier.
    several = len(numbers) > 1 or (bool(numbers) and numbers[0].type_code in words().passport_types)
    others = [_second_number(each, sender, on) for each in numbers[:MAX_NUMBERS]] if several else ()
    return Patient(
        identifier=identifier,
        sex=sex or known.sex,
        birth_date=born,
        municipality=_read_municipality(homes, country),
        described=read_described(person, message, homes, country, identifier, others, born),
    )


def _read_numbers(person: Segment, message: Message) -> list[Identifier]:
    return [
        identifier
        for number in (3, 2)
        for value in repetitions(field(person, number), message.encoding)
        if (identifier := _read_identifier(value, message)) is not None
    ]


def _read_identity(
    found: list[Identifier], person: Segment, message: Message, sender: str, on: date
) -> tuple[PersonId | None, Identity]:
    """The identifier, and what it says of itself.

    A Norwegian number is taken before any other. A local number is issued by the authority that its
    universal id names, the same for all senders; a mere name of one means something to its sender
    only.
    """
    if not found:
        return None, NO_IDENTITY
    best = min(found, key=_rank) if len(found) > 1 else found[0]
    identity = identify(best.kind, best.value, on)
    if not identity.valid:
        detail = f"• × {len(best.value)}"
        raise InvalidContent("invalid-identity-number", message.place(person, 3), detail)
    issuer = _issuer(identity.kind, best, sender)
    value = PersonId(kind=identity.kind, value=best.value, issuer=issuer)
    return value, identity


def _issuer(kind: str, number: Identifier, sender: str) -> str:
    """Who gave a number out; empty where it holds everywhere."""
    if kind == "HNR":
        return sender
    if kind != "LOCAL":
        return ""
    return number.authority.universal or "/".join(filter(None, (sender, number.authority.name)))


def _second_number(number: Identifier, sender: str, on: date) -> PersonId | None:
    """A number as one of all that are said; None for one that cannot be right."""
    if number.type_code in words().passport_types:
        root, universal = words().passport_root, number.authority.universal
        country = universal[len(root) :] if universal.startswith(root) else number.jurisdiction
        return second_number("PASSPORT", number.value, country_of(country))
    kind = identify(number.kind, number.value).kind
    return second_number(number.kind, number.value, _issuer(kind, number, sender), on)


def _read_identifier(value: str, message: Message) -> Identifier | None:
    encoding = message.encoding
    parts = value[:1000].split(encoding.component)
    number = "".join(text_of(parts[0], encoding).split())[:MAX_NAME]
    if not number:
        return None
    sign = encoding.subcomponent or "\n"
    authority = house_of(parts[3], encoding, sign) if len(parts) > 3 else House("", "")
    code = text_of(parts[4], encoding).upper() if len(parts) > 4 else ""
    known = words()
    kind = known.identity_roots.get(authority.universal) or known.identity_roots.get(authority.name)
    if kind is None:
        kind = "FNR" if code in known.national_types else "LOCAL"
    if kind == "LOCAL" and code in known.never_types:
        return None
    jurisdiction = component(value, 9, encoding) if code in known.passport_types else ""
    return Identifier(number, kind, authority, code, jurisdiction)


def _rank(identifier: Identifier) -> tuple[int, int]:
    """Which of several numbers is taken: Norwegian ones, then by the order in the words' file."""
    if identifier.kind in NATIONAL:
        return 0, 0
    if identifier.kind != "LOCAL":
        return 1, 0
    order = words().type_order
    code = "NN" if len(identifier.type_code) == 5 and identifier.type_code[:2] == "NN" else ""
    code = code or identifier.type_code
    return 2, order.index(code) if code in order else len(order)


def _read_municipality(homes: Sequence[list[str]], country: str) -> str:
    """Kommunenummer of residence: four digits in the county part of an address in Norway.

    A Swedish kommunkod has four digits too, so the address's country, else the message's, decides.
    """
    for parts in homes:
        number = part_of(parts, 9)
        if len(number) == 4 and number.isascii() and number.isdigit():
            stated = (part_of(parts, 6) or country).upper()
            if not stated or stated in words().norway:
                return number
    return ""
