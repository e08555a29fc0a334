"""How people who do not exist are described: what is left out, mistyped, swapped and out of date."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from varde.codes import municipalities
from varde.linkage import Description
from varde.messages import PersonId

from .identity_names import (
    bare,
    chance,
    draw_phone,
    draw_postal_code,
    first_of,
    mistype,
    mistype_day,
    mistype_digit,
)
from .persons import control_digits

STRUCTURE = date(2026, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody as they really are at one time."""

    key: str
    female: bool
    born: date
    family: str
    given: str
    municipality: str
    postal_code: str
    phone: str
    foreign: bool = False
    number: PersonId | None = None
    passport: PersonId | None = None
    order: int = 0


def describe(random: Random, person: Person, sender: str, *, sure: bool) -> Description:
    """What one sender says, with its slips. `sure`: the number that there is, is given."""
    family, given = _write_names(random, person)
    municipality, postal_code, phone = _write_address(random, person)
    return Description(
        numbers=tuple(_write_numbers(random, person, sender, sure=sure)),
        family=family,
        given=given,
        sex=_write_sex(random, person),
        municipality=municipality,
        postal_code=postal_code,
        phone=phone,
        born_multiple=True if person.order and chance(random, "birth_order") else None,
        birth_order=person.order if person.order and chance(random, "birth_order") else None,
        **_write_birth(random, person),
    )


def _write_numbers(
    random: Random, person: Person, sender: str, *, sure: bool
) -> Iterator[PersonId]:
    number = person.number
    if number is not None and (sure or not chance(random, "without_number")):
        if chance(random, "mistyped_number"):
            # The month stays, so that it becomes nobody's.
            value = number.value[:4] + mistype_digit(random, number.value[4:])
            yield PersonId(kind=number.kind, value=value)
        else:
            yield number
        return
    if person.passport is not None and random.random() < 0.7:
        yield person.passport
    if chance(random, "local_number"):
        own = f"{person.key}@{sender}" + ("/2" if chance(random, "second_card") else "")
        yield PersonId(kind="LOCAL", value=f"{Random(own).randrange(10**7):07}", issuer=sender)
    elif person.municipality == "" and random.random() < 0.5:
        yield PersonId(kind="FHN", value=_help_number(Random(f"fh/{person.key}")))


def _help_number(random: Random) -> str:
    """A help number of the series common to all; a second visit mostly finds the first again."""
    while True:
        nine = f"9{random.randrange(10**8):08}"
        digits = control_digits(nine)
        if digits is not None:
            return nine + digits


def _write_names(random: Random, person: Person) -> tuple[str, str]:
    family, given = person.family, person.given
    if chance(random, "given_dropped"):
        given = first_of(given)
    if chance(random, "family_typo"):
        family = mistype(random, family)
    if chance(random, "given_typo"):
        given = mistype(random, given)
    if chance(random, "bare_letters"):
        family, given = bare(family), bare(given)
    if chance(random, "only_initial") and given:
        given = f"{given[0]}."
    if chance(random, "no_given"):
        given = ""
    return (given, family) if chance(random, "swapped_names") and given else (family, given)


def _write_birth(random: Random, person: Person) -> dict[str, Any]:
    born = person.born
    if chance(random, "no_birth_date"):
        return {}
    if chance(random, "only_year"):
        return {"birth_year": born.year - (random.random() < 0.3)}
    if chance(random, "day_month") and born.day <= 12:
        born = born.replace(month=born.day, day=born.month)
    elif chance(random, "digit_of_birth"):
        born = mistype_day(random, born)
    return {"born": born}


def _write_sex(random: Random, person: Person) -> Any:
    if chance(random, "no_sex"):
        return ""
    return "F" if person.female != chance(random, "wrong_sex") else "M"


def _write_address(random: Random, person: Person) -> tuple[str, str, str]:
    municipality, postal_code, phone = person.municipality, person.postal_code, person.phone
    if chance(random, "moved") and municipality:
        municipality = _move(random, municipality)
        postal_code = draw_postal_code(random, municipality)
    if chance(random, "no_place"):
        municipality = postal_code = ""
    elif chance(random, "no_postal_code"):
        postal_code = ""
    if chance(random, "no_phone"):
        phone = ""
    elif chance(random, "other_phone"):
        phone = draw_phone(random, foreign=not person.municipality)
    elif chance(random, "phone_digit"):
        # The beginning stays, so that it becomes nobody's.
        phone = phone[:-4] + mistype_digit(random, phone[-4:])
    return municipality, postal_code, phone


def _move(random: Random, municipality: str) -> str:
    """Where somebody lives next: half of them in the same municipality, most others in the same county."""
    draw = random.random()
    if draw < 0.5:
        return municipality
    near = municipality[:2] if draw < 0.85 else ""
    choices = [number for number in sorted(municipalities(STRUCTURE)) if number.startswith(near)]
    return choices[int(random.random() * len(choices))] if choices else municipality
