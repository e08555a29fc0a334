"""The patient of an HL7 version 2 message (PID), checked as in every other format."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from varde.messages.errors import InvalidContent
from varde.messages.hl7v2.segments import Message, Segment, component, field, repetitions, text_of
from varde.messages.hl7v2.values import MAX_NAME, House, day_of, house_of
from varde.messages.hl7v2.words import words
from varde.messages.identifiers import NATIONAL, identify
from varde.messages.kith.words import normal
from varde.messages.records import Patient, PersonId, Sex, Specimen
from varde.messages.times import norwegian_day


class Identifier(NamedTuple):
    """One repetition of PID-3.

    Attributes:
        value: the number, blanks removed.
        kind: as `PersonId.kind`.
        authority: who gave it.
        type_code: CX-5.
    """

    value: str
    kind: str
    authority: House
    type_code: str


def read_patient(
    person: Segment, message: Message, sender: str, country: str, specimens: Sequence[Specimen]
) -> Patient:
    """The patient.

    Args:
        person: the PID segment.
        message: the message it is in.
        sender: the laboratory, which is the issuer of numbers that name none.
        country: MSH-17, for addresses without country.
        specimens: what was taken; no one is born after that.

    Raises:
        InvalidContent: ``not-human``, ``invalid-identity-number``, ``contradictory-birth-date``,
            ``contradictory-sex`` or ``born-after-collected``.
    """
    encoding = message.encoding
    species = component(field(person, 35), 1, encoding)
    if species and normal(species) not in words().human:
        raise InvalidContent("not-human", message.place(person, 35))
    identifier, known_birth, known_sex = _read_identity(person, message, sender)
    birth_date = day_of(component(field(person, 7), 1, encoding))
    sex: Sex = words().sex.get(component(field(person, 8), 1, encoding).upper(), "")
    if birth_date and known_birth and birth_date != known_birth:
        raise InvalidContent("contradictory-birth-date", message.place(person, 7))
    if sex and known_sex and sex != known_sex:
        raise InvalidContent("contradictory-sex", message.place(person, 8))
    born = birth_date or known_birth
    if born and any(norwegian_day(specimen.collected) < born for specimen in specimens):
        raise InvalidContent("born-after-collected", message.place(person, 7))
    return Patient(
        identifier=identifier,
        sex=sex or known_sex,
        birth_date=born,
        municipality=_read_municipality(person, message, country),
    )


def _read_identity(
    person: Segment, message: Message, sender: str
) -> tuple[PersonId | None, date | None, Sex]:
    """The identifier, and the birth date and sex that it holds.

    A Norwegian number is taken before any other. A local number is issued by the authority that its
    universal id names, the same for all senders; a mere name of one means something to its sender
    only.
    """
    found = [
        identifier
        for number in (3, 2)
        for value in repetitions(field(person, number), message.encoding)
        if (identifier := _read_identifier(value, message)) is not None
    ]
    if not found:
        return None, None, ""
    best = min(found, key=_rank)
    identity = identify(best.kind, best.value)
    if not identity.valid:
        detail = f"• × {len(best.value)}"
        raise InvalidContent("invalid-identity-number", message.place(person, 3), detail)
    issuer = ""
    if identity.kind == "HNR":
        issuer = sender
    elif identity.kind == "LOCAL":
        issuer = best.authority.universal or "/".join(filter(None, (sender, best.authority.name)))
    value = PersonId(kind=identity.kind, value=best.value, issuer=issuer)
    return value, identity.birth_date, identity.sex


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
    return Identifier(number, kind, authority, code)


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


def _read_municipality(person: Segment, message: Message, country: str) -> str:
    """Kommunenummer of residence: four digits in the county part of an address in Norway.

    A Swedish kommunkod has four digits too, so the address's country, else the message's, decides.
    """
    encoding = message.encoding
    for address in repetitions(field(person, 11), encoding):
        number = component(address, 9, encoding)
        stated = (component(address, 6, encoding) or country).upper()
        if (
            (len(number) == 4 and number.isascii() and number.isdigit())
            and (not stated or stated in words().norway)
        ):  # fmt: skip
            return number
    return ""
