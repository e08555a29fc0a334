"""How alike two descriptions are in each field. Symmetric: the order of the two never counts.

`prepare` does once for each description what would else be done for each pair.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import NamedTuple

from varde.codes import successor
from varde.linkage.description import Description
from varde.linkage.fields import MISSING
from varde.linkage.likeness import jaro_winkler, within_one_edit
from varde.linkage.names import read_names, without_particles
from varde.linkage.numbers import (
    NO_CHANGES,
    Changes,
    Reading,
    is_placeholder,
    number_rules,
    read_number,
)
from varde.messages import PersonId, Sex

STRUCTURE = date(2026, 1, 1)
"""Municipalities are compared as they were on this day; numbers of earlier structures are followed."""

ALIKE_FAMILY, ALIKE_GIVEN = 0.90, 0.88
"""Jaro-Winkler likeness of names that are no chance; the levels are what it is trained with."""

LEAST_LETTERS = 4
"""Names shorter than this are not near: Per and Pål, Bo and Bø."""

NORWEGIAN_PHONE = 8


class Prepared(NamedTuple):
    """A description in the form that is compared; every text empty where nothing is known.

    Attributes:
        family, given: words in alphabetical order; `…_plain` in their own order without blanks, `…_parts` those
            of two letters or more.
        initial: the first letter, when there are only initials of the given name.
        born: eight digits, year first.
        certain: numbers that decide, with those of the same person by a known change; `kinds` their kinds; `said`
            those that stand in the description itself; `doubted` those that changes which contradict each other
            would make one person's with them.
        parted: numbers that are known to be another person's than those in `certain`.
        other: numbers that do not, and numbers that are wrong; `scopes` who gave the ones of one series.
        eleven: the national, D or H number, right or wrong.
        order: which of twins; 0 unknown.
        died, seen: day of death and last day of being seen, as ordinals; 0 unknown.
        dead: whether a death was said, with or without its day.
        turned: the given names as a family name is compared, for names that changed places.
    """

    family: str
    family_plain: str
    family_parts: frozenset[str]
    given: str
    given_plain: str
    given_parts: frozenset[str]
    first: str
    initial: bool
    born: str
    year: int
    sex: Sex
    municipality: str
    county: str
    postal: str
    phone: str
    certain: frozenset[str]
    kinds: frozenset[str]
    other: frozenset[str]
    scopes: frozenset[str]
    eleven: str
    order: int
    waiting: bool
    said: frozenset[str]
    doubted: frozenset[str]
    died: int = 0
    seen: int = 0
    dead: bool = False
    turned: str = ""
    parted: frozenset[str] = frozenset()


class Compared(NamedTuple):
    """The level of each field, in the order of `LEVELS`."""

    number: str
    family: str
    given: str
    born: str
    sex: str
    place: str
    phone: str


def prepare(description: Description, changes: Changes = NO_CHANGES) -> Prepared:
    """The form of a description that is compared.

    Birth date and sex that are not said are taken from a valid number that tells them.
    """
    names = read_names(description.family, description.given)
    read = [
        (number, read_number(number.kind, number.value, description.stated))
        for number in description.numbers
    ]
    certain, other, scopes, eleven, said, doubted, parted = _sort_numbers(read, changes)
    family, given = names.family, names.given
    born, year = _born(description, read)
    sex = description.sex or next((r.sex for _, r in read if r.valid and r.sex), "")
    municipality = _municipality(description.municipality)
    return Prepared(
        family=_in_order(family),
        family_plain="".join(family),
        family_parts=frozenset([word for word in family if len(word) > 1]),
        given=_in_order(given),
        given_plain="".join(given),
        given_parts=frozenset([word for word in given if len(word) > 1]),
        first=given[0][0] if given else "",
        initial=bool(given) and max(map(len, given)) == 1,
        born=born,
        year=year,
        sex=sex,
        municipality=municipality,
        county=municipality[:2],
        postal="".join(description.postal_code.split()).upper(),
        phone=fold_phone(description.phone),
        certain=certain,
        kinds=frozenset([number.partition(":")[0] for number in certain]),
        other=other,
        scopes=scopes,
        eleven=eleven,
        order=description.birth_order or names.order,
        waiting=names.waiting or description.born_multiple is True or names.multiple,
        said=said,
        doubted=doubted,
        died=description.died.toordinal() if description.died else 0,
        seen=description.seen.toordinal() if description.seen else 0,
        dead=bool(description.died or description.dead),
        turned=_in_order(without_particles(given)),
        parted=parted,
    )


def _in_order(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else " ".join(sorted(words))


class _Numbers(NamedTuple):
    """The fields of `Prepared` that numbers fill."""

    certain: frozenset[str]
    other: frozenset[str]
    scopes: frozenset[str]
    eleven: str
    said: frozenset[str]
    doubted: frozenset[str]
    parted: frozenset[str]


def _sort_numbers(read: list[tuple[PersonId, Reading]], changes: Changes) -> _Numbers:
    rules = number_rules().kinds
    certain: set[str] = set()
    said: set[str] = set()
    doubted: set[str] = set()
    parted: set[str] = set()
    other: set[str] = set()
    scopes: set[str] = set()
    eleven = ""
    for number, reading in read:
        rule = rules.get(reading.kind)
        if reading.kind in ("FNR", "DNR", "HNR"):
            eleven = max(eleven, number.value)
        if not reading.valid or rule is None:
            other.add(f"?:{number.value}")
        elif rule.decides:
            one = f"{reading.kind}:{number.value}"
            known = changes.known(one)
            said.add(one)
            certain |= known.joined
            doubted |= known.doubted
            parted |= known.parted
        elif not is_placeholder(reading.kind, number.value):
            scope = number.issuer if rule.scope == "issuer" else ""
            other.add(f"{reading.kind}:{scope}:{number.value}")
            if not rule.several:
                scopes.add(f"{reading.kind}:{scope}")
    return _Numbers(
        frozenset(certain),
        frozenset(other),
        frozenset(scopes),
        eleven,
        frozenset(said),
        frozenset(doubted),
        frozenset(parted),
    )


def _born(description: Description, read: list[tuple[PersonId, Reading]]) -> tuple[str, int]:
    born = description.born or next(
        (r.birth_date for _, r in read if r.valid and r.birth_date), None
    )
    if born is None:
        return "", description.birth_year or 0
    return f"{born.year:04}{born.month:02}{born.day:02}", born.year


@lru_cache(maxsize=2048)
def _municipality(number: str) -> str:
    if len(number) != 4 or not (number.isascii() and number.isdigit()):
        return ""
    return successor(number, STRUCTURE) or number


@lru_cache(maxsize=1 << 14)
def fold_phone(text: str) -> str:
    """The digits of a telephone number, a Norwegian one without country; empty when too short."""
    plain = text.strip()
    digits = "".join(sign for sign in plain if sign in "0123456789")
    if plain.startswith("+"):
        digits = f"00{digits}"
    if digits.startswith("0047") and len(digits) == NORWEGIAN_PHONE + 4:
        digits = digits[4:]
    elif digits.startswith("47") and len(digits) == NORWEGIAN_PHONE + 2:
        digits = digits[2:]
    return digits if len(digits) >= NORWEGIAN_PHONE - 2 else ""


def compare(one: Prepared, other: Prepared) -> Compared:
    """How alike two descriptions are in each field."""
    swapped = bool(
        one.family
        and one.given
        and one.family == other.turned
        and one.turned == other.family
        and one.family != one.turned
    )
    return Compared(
        _compare_numbers(one, other),
        "swapped" if swapped else _compare_family(one, other),
        "swapped" if swapped else _compare_given(one, other),
        _compare_born(one, other),
        MISSING
        if not (one.sex and other.sex)
        else "exact"
        if one.sex == other.sex
        else "different",
        _compare_places(one, other),
        _compare_phones(one.phone, other.phone),
    )


def is_contrary(one: Prepared, other: Prepared) -> bool:
    """Whether they have valid numbers of one kind, and none of that kind in common, or numbers that are known to be of
    two persons."""
    return _are_parted(one, other) or any(
        not any(number in other.certain for number in one.certain if number.startswith(f"{kind}:"))
        for kind in one.kinds & other.kinds
    )


def _compare_numbers(one: Prepared, other: Prepared) -> str:
    if one.certain & other.certain:
        return "certain"
    if one.kinds & other.kinds or _are_parted(one, other):
        return "contrary"
    if one.other & other.other:
        return "same"
    if one.eleven and other.eleven and within_one_edit(one.eleven, other.eleven):
        return "near"
    return "different" if one.scopes & other.scopes else MISSING


def _are_parted(one: Prepared, other: Prepared) -> bool:
    return not (one.certain.isdisjoint(other.parted) and other.certain.isdisjoint(one.parted))


def _compare_family(one: Prepared, other: Prepared) -> str:
    if not (one.family and other.family):
        return MISSING
    if one.family == other.family:
        return "exact"
    if one.family_parts & other.family_parts:
        return "part"
    return _compare_words(one.family_plain, other.family_plain, ALIKE_FAMILY)


def _compare_given(one: Prepared, other: Prepared) -> str:
    if not (one.given and other.given):
        return MISSING
    if one.initial or other.initial:
        return "initial" if one.first == other.first else "different"
    if one.given == other.given:
        return "exact"
    if one.given_parts <= other.given_parts or other.given_parts <= one.given_parts:
        return "part"
    return _compare_words(one.given_plain, other.given_plain, ALIKE_GIVEN)


def _compare_words(one: str, other: str, alike: float) -> str:
    if min(len(one), len(other)) >= LEAST_LETTERS and within_one_edit(one, other):
        return "near"
    return "alike" if jaro_winkler(one, other) >= alike else "different"


def _compare_born(one: Prepared, other: Prepared) -> str:
    if one.born and other.born:
        if one.born == other.born:
            return "exact"
        if (
            one.born[:4] == other.born[:4]
            and one.born[4:6] == other.born[6:]
            and one.born[6:] == other.born[4:6]
        ):
            return "swapped"
        return "near" if within_one_edit(one.born, other.born) else "different"
    if not (one.year and other.year):
        return MISSING
    return "year" if abs(one.year - other.year) <= 1 else "different"


def _compare_places(one: Prepared, other: Prepared) -> str:
    if one.postal and one.postal == other.postal:
        return "postal"
    if one.municipality and one.municipality == other.municipality:
        return "municipality"
    if one.county and one.county == other.county:
        return "county"
    if one.county and other.county:
        return "different"
    if not (one.postal and other.postal):
        return MISSING
    # The first two digits of a postal code are of one part of the country.
    return "county" if one.postal[:2] == other.postal[:2] else "different"


def _compare_phones(one: str, other: str) -> str:
    if not (one and other):
        return MISSING
    if one == other:
        return "exact"
    return "near" if within_one_edit(one, other) else "different"
