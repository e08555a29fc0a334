"""What a statement says of whom it is about, in the form that is linked and kept in the vault."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

import msgspec

from varde.linkage import Description, depends_on_day, is_placeholder, read_number
from varde.messages.records import Patient, PersonId

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Description).decode
_RANKS = {"FNR": 0, "DNR": 1, "DUF": 2}
OTHERS = 3
"""The rank of numbers that do not decide who somebody is: a sender's own, help numbers, numbers that are wrong."""


class Who(NamedTuple):
    """Whom a statement is about.

    Attributes:
        number: the one that it counts by; None without.
        content: the description as bytes: the same for the same description.
        description: what is linked, which `content` says.
    """

    number: PersonId | None
    content: bytes
    description: Description


def describe(patient: Patient, generated: datetime, died: date | None = None) -> Who | None:
    """Whom a statement is about; None when nothing is said by which somebody could be found again.

    Args:
        generated: when it was stated.
        died: a day of death that the statement says elsewhere than of the patient.
    """
    number, said = patient.identifier, patient.described
    if number is not None and is_placeholder(number.kind, number.value):
        number = None
    if said is None:
        if number is None:
            return None
        numbers: tuple[PersonId, ...] = (number,)
        given = {}
    else:
        named = number is not None or said.numbers or said.family or said.given or said.phone
        if not named and not (said.postal_code and patient.birth_date):
            return None
        held = {one for one in said.numbers if not is_placeholder(one.kind, one.value)}
        if number is not None:
            held.add(number)
        numbers = tuple(sorted(held, key=lambda one: (one.kind, one.issuer, one.value)))
        given = {
            "family": said.family,
            "given": said.given,
            "birth_year": said.birth_year,
            "postal_code": said.postal_code,
            "phone": said.phone,
            "born_multiple": said.born_multiple,
            "birth_order": said.birth_order,
        }
    description = Description(
        numbers=numbers,
        born=patient.birth_date,
        sex=patient.sex,
        municipality=patient.municipality if len(patient.municipality) == 4 else "",
        stated=_stated(numbers, generated.date()),
        **given,  # type: ignore[arg-type]
        **_death(patient, generated.date(), died),
    )
    return Who(number, _encode(description), description)


def _death(patient: Patient, stated: date, died: date | None) -> dict[str, Any]:
    """What is said of a death. A day before the birth, or one that had not come, is none; that the person is dead
    stands all the same where it is said beside it."""
    said = patient.described
    day = (said.died if said else None) or died
    born = patient.birth_date
    if day is not None and (born or day) <= day <= stated + timedelta(days=1):
        return {"died": day}
    return {"dead": True} if said is not None and said.dead else {}


def read(content: bytes) -> Description:
    """The description of `Who.content`."""
    return _decode(content)


def rank_of(number: PersonId | None, stated: date | None) -> int:
    """How a number stands beside others of one person when one of them is to name them.

    Args:
        stated: as of the description that it is in.
    """
    if number is None:
        return OTHERS
    found = read_number(number.kind, number.value, stated)
    return _RANKS.get(found.kind, OTHERS) if found.valid else OTHERS


def _stated(numbers: tuple[PersonId, ...], day: date) -> date | None:
    """When it was said, as far as that tells whether a number can be right: rules begin with a year, so any day
    of it will do. None where it tells nothing, so that the same description is the same on another day."""
    year = _first_of(day.year)
    for one in numbers:
        if not depends_on_day(one.kind, one.value):
            continue
        # Said in full, so that what is remembered of a number is found again when it is compared.
        if read_number(one.kind, one.value, None) != read_number(one.kind, one.value, year):
            return year
    return None


@cache
def _first_of(year: int) -> date:
    return date(year, 1, 1)
