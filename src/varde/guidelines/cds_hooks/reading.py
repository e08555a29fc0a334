"""R4 resources about a patient as facts: age, weight, pregnancy, conditions, allergies, kidneys."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from varde.guidelines.advice.doses import plain
from varde.guidelines.advice.facts import Measured, Observed, facts
from varde.guidelines.advice.patients import (
    GRAMS,
    LAST_WEEK,
    Allergy,
    Code,
    Condition,
    Listed,
    Patient,
    Reaction,
    Sex,
    age_between,
)
from varde.guidelines.cds_hooks.errors import Fault, InvalidRequest, PrefetchMissing
from varde.guidelines.cds_hooks.records import (
    Found,
    Records,
    codes_in,
    has_code,
    number_at,
    object_at,
    objects,
    read_day,
    text_at,
)
from varde.guidelines.cds_hooks.services import diagnosis_days
from varde.guidelines.errors import InvalidPatient
from varde.guidelines.rendering import write_number

Json = dict[str, Any]

SEXES: dict[str, Sex] = {"male": "mann", "female": "kvinne"}
INACTIVE = ("inactive", "remission", "resolved")
DOUBTFUL = ("refuted", "entered-in-error")
UNUSABLE = ("entered-in-error", "cancelled")
MOST_QUOTED = 200
"""Characters of a record's own words that a card repeats."""


def read_patient(records: Records, patient_id: str, day: date) -> Patient:
    """The facts about the request's patient on a day.

    Raises:
        PrefetchMissing: not even the Patient came along.
        InvalidRequest: the Patient is another one, or a fact is impossible.
    """
    found = records.of("Patient")
    if not found:
        raise PrefetchMissing(
            "Send pasientens Patient i prefetch: uten den kan ikke alder og kjønn vurderes, "
            "og Varde slår aldri opp i journalsystemet."
        )
    where, resource = found[0]
    if resource.get("id") not in (None, patient_id):
        raise InvalidRequest([Fault(f"{where}.id", "er en annen pasient enn context.patientId")])
    low, high = _age(resource, where, day)
    oldest = low if high is None else high
    weight, egfr = _weigh(records, day, low, oldest), _measure(records, "egfr", day, oldest)
    week = _gestation(records, day)
    lists: tuple[tuple[Listed, str], ...] = (
        ("conditions", "Condition"),
        ("allergies", "AllergyIntolerance"),
    )
    incomplete = frozenset(name for name, kind in lists if kind not in records.whole)
    conditions = tuple(_conditions(records, day))
    allergies = tuple(_allergies(records))
    try:
        return Patient(
            age=low,
            age_at_most=high,
            weight=weight.value,
            sex=SEXES.get(text_at(resource, "gender")),
            pregnant=True if week is not None else _pregnant(records, day),
            week=week,
            conditions=conditions if conditions or "conditions" not in incomplete else None,
            allergies=allergies if allergies or "allergies" not in incomplete else None,
            incomplete=incomplete,
            egfr=egfr.value,
            unused=tuple(one.refused for one in (weight, egfr) if one.refused),
        )
    except InvalidPatient:
        rule = "alderen er utenfor det som er mulig"
        raise InvalidRequest([Fault(f"{where}.birthDate", rule)]) from None


def _age(resource: Json, where: str, day: date) -> tuple[Decimal | None, Decimal | None]:
    """The lowest and highest age that the date of birth leaves open; the highest only then."""
    text = text_at(resource, "birthDate")
    if not text:
        return None, None
    first = read_day(text)
    if first is None:
        raise InvalidRequest(
            [Fault(f"{where}.birthDate", "må være ÅÅÅÅ, ÅÅÅÅ-MM eller ÅÅÅÅ-MM-DD")]
        )
    if first > day:
        raise InvalidRequest([Fault(f"{where}.birthDate", "er etter i dag")])
    if len(text) >= 10:
        return age_between(first, day), None
    last = _last_day(first, len(text) == 4)
    return age_between(min(last, day), day), age_between(first, day)


def _last_day(first: date, of_year: bool) -> date:
    if of_year:
        return date(first.year, 12, 31)
    following = (first + timedelta(days=32)).replace(day=1)
    return following - timedelta(days=1)


# --- observations -------------------------------------------------------------------------------


def _observed(
    records: Records, name: Observed, day: date, days_held: int | None = None
) -> Iterator[tuple[Json, int | None]]:
    """Usable observations of a fact, the newest first, with how many days ago each was made."""
    measured = facts().observations[name]
    held = measured.days if days_held is None else days_held
    dated = []
    for _, resource in records.of("Observation"):
        if text_at(resource, "status") in UNUSABLE or not _is_of(resource, measured):
            continue
        days = _days_since(resource, day, "effectiveDateTime", "effectivePeriod", "issued")
        if days is None or 0 <= days <= held:
            dated.append((resource, days))
    yield from sorted(dated, key=lambda pair: held if pair[1] is None else pair[1])


def _is_of(resource: Json, measured: Measured) -> bool:
    codes = codes_in([resource.get("code")])
    return any(code.system == "LOINC" and code.code in measured.codes for code in codes)


def _days_since(resource: Json, day: date, *names: str) -> int | None:
    for name in names:
        value = resource.get(name)
        at = read_day(value.get("start") if isinstance(value, dict) else value)
        if at is not None:
            return (day - at).days
    return None


class Reading(NamedTuple):
    """A measured value in the fact's own unit.

    Attributes:
        value: None when there is none that can be read or used.
        refused: a sentence about the newest value, where it cannot be; an older one is then not used
            instead, since nobody knows which of them is wrong.
    """

    value: Decimal | None = None
    refused: str = ""


def _measure(
    records: Records, name: Observed, day: date, age: Decimal | None, days_held: int | None = None
) -> Reading:
    """The newest value that can be read."""
    measured = facts().observations[name]
    for resource, _ in _observed(records, name, day, days_held):
        quantity = object_at(resource, "valueQuantity")
        number = number_at(quantity, "value")
        written = next(
            (
                unit
                for key in ("code", "unit")
                if (unit := text_at(quantity, key)) in measured.units
            ),
            None,
        )
        if number is None or written is None:
            continue
        value = number * measured.units[written]
        possible = measured.possible
        if possible is None or possible.low <= value <= possible.most(age):
            return Reading(value)
        of_age = " ved pasientens alder" if possible.low <= value <= possible.high else ""
        shown = f"{possible.name} {write_number(number)} {written}"
        return Reading(refused=f"{shown} er ikke mulig{of_age} og er ikke brukt")
    return Reading()


def _weigh(records: Records, day: date, youngest: Decimal | None, age: Decimal | None) -> Reading:
    """To the gram."""
    held = facts().observations["weight"].days_at(youngest)
    found = _measure(records, "weight", day, age, held)
    return found if found.value is None else Reading(plain(found.value.quantize(GRAMS)))


def _gestation(records: Records, day: date) -> int | None:
    """Completed weeks on the day, counted on from when they were observed."""
    for resource, days in _observed(records, "gestation", day):
        units = facts().observations["gestation"].units
        quantity = object_at(resource, "valueQuantity")
        value = number_at(quantity, "value")
        factor = units.get(text_at(quantity, "code")) or units.get(text_at(quantity, "unit"))
        if value is None or factor is None or days is None:
            continue
        week = int(value * factor + Decimal(days) / 7 + GRAMS)
        return week if 0 <= week <= LAST_WEEK else None
    return None


def _pregnant(records: Records, day: date) -> bool | None:
    known = facts().pregnancy
    for resource, _ in _observed(records, "pregnancy", day):
        value = resource.get("valueCodeableConcept")
        if has_code(value, *known.yes):
            return True
        if has_code(value, *known.no):
            return False
        return None
    return None


# --- conditions and allergies ---------------------------------------------------------------------


def _conditions(records: Records, day: date) -> Iterator[Condition]:
    for found in records.of("Condition"):
        if is_active(found, day):
            codes = codes_in([found.resource.get("code")])
            days = _days_since(found.resource, day, "onsetDateTime", "onsetPeriod", "recordedDate")
            yield Condition(codes, days)


def is_active(found: Found, day: date) -> bool:
    """Whether a condition or allergy holds: not over, not doubted, not ended before the day."""
    resource = found.resource
    if has_code(resource.get("clinicalStatus"), *INACTIVE):
        return False
    if has_code(resource.get("verificationStatus"), *DOUBTFUL):
        return False
    ended = read_day(resource.get("abatementDateTime"))
    return ended is None or ended > day


def read_diagnoses(records: Records, day: date) -> tuple[Code, ...]:
    """What the patient may be treated for now: diagnoses of the encounter, and fresh ones.

    A condition without date counts: the record does not say that it is old.
    """
    fresh = []
    for found in records.of("Condition"):
        resource = found.resource
        if not is_active(found, day):
            continue
        days = _days_since(resource, day, "recordedDate", "onsetDateTime", "onsetPeriod")
        of_encounter = any(
            has_code(category, "encounter-diagnosis") for category in objects(resource, "category")
        )
        if of_encounter or days is None or days <= diagnosis_days():
            fresh.append(resource.get("code"))
    return codes_in(fresh)


def _allergies(records: Records) -> Iterator[Allergy]:
    for found in records.of("AllergyIntolerance"):
        if not is_active(found, date.max):
            continue
        resource = found.resource
        reactions = objects(resource, "reaction")
        substances = [reaction.get("substance") for reaction in reactions]
        manifested = [
            code for reaction in reactions for code in codes_in(objects(reaction, "manifestation"))
        ]
        described = any(objects(reaction, "manifestation") for reaction in reactions)
        is_allergy = not has_code(resource.get("type"), "intolerance")
        reaction = _reaction(manifested, described)
        # Each is an entry of its own: a code that can be read must not hide words that cannot.
        named = [one for one in (resource.get("code"), *substances) if isinstance(one, dict)]
        for concept in named or [{}]:
            codes = codes_in([concept])
            if codes and all(code.code in facts().noAllergies.codes for code in codes):
                continue
            displays = (text_at(coding, "display") for coding in objects(concept, "coding"))
            text = text_at(concept, "text") or next((one for one in displays if one), "")
            yield Allergy(codes, reaction, is_allergy, text.strip()[:MOST_QUOTED])


def _reaction(manifested: list[Code], described: bool) -> Reaction:
    """Immediate by its signs; described only in words nobody can compare, it stays unknown."""
    immediate = facts().immediate.codes
    if any(code.code in immediate for code in manifested):
        return "immediate"
    return "other" if described and manifested else "unknown"
