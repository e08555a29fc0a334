"""What was given: the drug's ATC code, the way, and the amount in daily doses where that can be known."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final, NamedTuple

from varde.codes import daily_dose
from varde.messages.fhir.quantities import PLAIN, POWER
from varde.messages.fhir.resources import CodeableConcept, Coding
from varde.messages.lmdi.entries import Entries, Held
from varde.messages.lmdi.errors import EntryRefused
from varde.messages.lmdi.resources import Dosage, Medication, Substance
from varde.messages.lmdi.vocabulary import Route, vocabulary

ATC = re.compile(r"[A-Z][0-9]{2}[A-Z]{2}[0-9]{2}", re.ASCII)
PLACES: Final = Decimal("0.001")
MOST: Final = 100_000
"""Daily doses in one administration: more is a slip of unit or point."""


class Amount(NamedTuple):
    """Daily doses, and the year whose index they are counted by (that of the day); both None when they cannot be known."""

    ddd: Decimal | None
    version: int | None


UNKNOWN: Final = Amount(None, None)


def check_drug(held: Held) -> None:
    """See that a drug is what the profile asks for.

    Raises:
        EntryRefused: ``lmdi-no-drug``, ``lmdi-code-system`` or ``lmdi-code-twice``.
    """
    drug: Medication = held.resource
    if not any(coding.code for coding in drug.code.coding) and not drug.ingredient:
        raise EntryRefused("lmdi-no-drug", held.at("code"))
    allowed = vocabulary().forms.systems
    check_slices(drug.form.coding, allowed, held.at("form.coding"))


def check_slices(codings: Iterable[Coding], allowed: Iterable[str], place: str) -> None:
    """See that codings are of a closed list of systems, one of each.

    Raises:
        EntryRefused: ``lmdi-code-system`` or ``lmdi-code-twice``.
    """
    left = set(every := tuple(allowed))
    for number, coding in enumerate(codings):
        if coding.system not in left or not coding.code:
            reason = (
                "lmdi-code-twice" if coding.system in every and coding.code else "lmdi-code-system"
            )
            raise EntryRefused(reason, f"{place}[{number}]", coding.system)
        left.remove(coding.system)


def find_atc(held: Held, entries: Entries) -> str:
    """The ATC code of a drug: of its classification, else among its codes, else of its only ingredient.

    Raises:
        EntryRefused: ``lmdi-no-atc``; a reference to an ingredient leads nowhere.
    """
    drug: Medication = held.resource
    systems = vocabulary().systems
    classified = (
        each.value_codeable_concept
        for each in drug.extension
        if each.url == systems.classification and each.value_codeable_concept is not None
    )
    for concepts in (classified, (drug.code,), _ingredient(held, entries)):
        codes = {code for concept in concepts for code in _atc_codes(concept)}
        if len(codes) == 1:
            return codes.pop()
        if codes:
            raise EntryRefused("lmdi-code-twice", held.at("extension"), " ".join(sorted(codes)))
    shown = next((coding.code for coding in drug.code.coding if coding.code), "")
    raise EntryRefused("lmdi-no-atc", held.at("extension"), shown)


def _ingredient(held: Held, entries: Entries) -> Iterable[CodeableConcept]:
    """Of a drug of several substances, no substance's code is the drug's."""
    drug: Medication = held.resource
    if len(drug.ingredient) != 1:
        return
    [only] = drug.ingredient
    if only.item_codeable_concept is not None:
        yield only.item_codeable_concept
    found = entries.follow(only.item_reference, held, "ingredient[0].itemReference")
    if found is not None and isinstance(found.resource, Substance | Medication):
        yield found.resource.code


def _atc_codes(concept: CodeableConcept) -> Iterable[str]:
    for coding in concept.coding:
        code = coding.code.strip().upper()
        if coding.system in vocabulary().systems.atc and ATC.fullmatch(code):
            yield code


def read_route(dosage: Dosage | None, held: Held) -> Route:
    """The way; "U" when none is stated, the code is none of the known, or two codes mean different ways.

    Raises:
        EntryRefused: ``lmdi-code-system`` or ``lmdi-code-twice``.
    """
    if dosage is None or dosage.route is None:
        return "U"
    routes = vocabulary().routes
    codings = dosage.route.coding
    check_slices(codings, routes, held.at("dosage.route.coding"))
    known = {routes[each.system].get(each.code, "U") for each in codings} - {"U"}
    return known.pop() if len(known) == 1 else "U"


def read_amount(dosage: Dosage | None, held: Held, atc: str, route: Route, on: date) -> Amount:
    """The dose in daily doses as they were on a day.

    Unknown where WHO has no daily dose for substance and way, the unit is none that it is measured in (tablets,
    millilitres), the unit is not stated by UCUM, or the amount is less than the table can hold. Never zero for any of
    these: zero is a dose of which the message says zero.

    Raises:
        EntryRefused: ``lmdi-no-dose`` or ``lmdi-bad-dose``.
    """
    dose = dosage.dose if dosage is not None else None
    written = bytes(dose.value).decode("utf-8", "replace") if dose is not None else ""
    if dose is None or not written:
        raise EntryRefused("lmdi-no-dose", held.at("dosage.dose"))
    place = held.at("dosage.dose.value")
    if not PLAIN.fullmatch(written) and not POWER.fullmatch(written):
        raise EntryRefused("lmdi-bad-dose", place, written[:40])
    standard = daily_dose(atc, route, on)
    if standard is None or dose.system != vocabulary().systems.ucum:
        return UNKNOWN
    for codes, units in vocabulary().amounts:
        if dose.code in codes and standard.unit in units:
            given = Decimal(written) * codes[dose.code]
            exact = given / (standard.value * units[standard.unit])
            if exact > MOST:
                raise EntryRefused("lmdi-bad-dose", place, f"{written[:20]} {dose.code[:10]}")
            rounded = exact.quantize(PLACES, ROUND_HALF_EVEN)
            if given and not rounded:
                return UNKNOWN
            return Amount(rounded, on.year)
    return UNKNOWN
