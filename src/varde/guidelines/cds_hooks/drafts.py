"""Draft orders (R4 MedicationRequest) as the drug, dose, frequency and days that they say in numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from varde.guidelines.advice.doses import plain
from varde.guidelines.advice.orders import Draft
from varde.guidelines.advice.patients import Code
from varde.guidelines.amounts import Amount
from varde.guidelines.cds_hooks.errors import Fault, InvalidRequest
from varde.guidelines.cds_hooks.records import (
    BEYOND,
    Found,
    Records,
    codes_in,
    number_at,
    object_at,
    objects,
    read_day,
    text_at,
)
from varde.guidelines.cds_hooks.requests import HookRequest
from varde.guidelines.fhir import days_of, read_unit, times_a_day

Json = dict[str, Any]

OVER = ("cancelled", "completed", "entered-in-error", "stopped")
EXACTLY = Decimal("0.001")
MOST_MG = Decimal(100_000)
"""Nobody takes more than 100 g of a drug at once, nor 100 g per kg: a slip of the pen."""


@dataclass(frozen=True, slots=True)
class DraftOrder:
    """A draft order and what it is for.

    Attributes:
        reference: ``MedicationRequest/id``.
        reasons: the diagnoses that the order itself names.
    """

    reference: str
    draft: Draft
    reasons: tuple[Code, ...]


def read_drafts(request: HookRequest, records: Records) -> tuple[DraftOrder, ...]:
    """The medication orders that are asked about: of order-select the selected ones.

    Raises:
        InvalidRequest: a dose is impossible; each is named.
    """
    faults: list[Fault] = []
    found = []
    for order in records.of("MedicationRequest"):
        if not order.path.startswith("context.draftOrders"):
            continue
        reference = f"MedicationRequest/{text_at(order.resource, 'id')}"
        if request.hook == "order-select" and reference not in request.selections:
            continue
        if order.resource.get("doNotPerform") is True:
            continue
        if text_at(order.resource, "status") in OVER:
            continue
        faults += _impossible(order)
        found.append(DraftOrder(reference, read_draft(order, records), _reasons(order, records)))
    if faults:
        raise InvalidRequest(faults)
    return tuple(found)


def _impossible(order: Found) -> Iterator[Fault]:
    """Doses that no dose can be, each with its path."""
    for number, dosage in enumerate(_listed(order.resource, "dosageInstruction")):
        for place, one in enumerate(_listed(dosage, "doseAndRate")):
            where = f"{order.path}.dosageInstruction[{number}].doseAndRate[{place}]"
            bounds = object_at(one, "doseRange")
            quantities = {
                "doseQuantity": object_at(one, "doseQuantity"),
                "doseRange.low": object_at(bounds, "low"),
                "doseRange.high": object_at(bounds, "high"),
            }
            for name, quantity in quantities.items():
                value = number_at(quantity, "value")
                if value is None or (name == "doseRange.low" and value == 0):
                    continue
                unit = _unit(quantity)
                most = MOST_MG if unit and unit[0].startswith("mg") else BEYOND - 1
                if value <= 0 or value * (unit[1] if unit else 1) > most:
                    yield Fault(f"{where}.{name}.value", "er ikke en mulig dose")


def _listed(value: object, name: str) -> list[object]:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []


def _unit(quantity: Json) -> tuple[str, Decimal] | None:
    return read_unit(text_at(quantity, "code")) or read_unit(text_at(quantity, "unit"))


def _reasons(order: Found, records: Records) -> tuple[Code, ...]:
    concepts: list[object] = [*objects(order.resource, "reasonCode")]
    for reference in objects(order.resource, "reasonReference"):
        condition = records.resolve(reference)
        if condition is not None:
            concepts.append(condition.get("code"))
    return codes_in(concepts)


def read_draft(order: Found, records: Records) -> Draft:
    """One order in numbers; what it does not say, or not so that it can be compared, stays unknown."""
    resource = order.resource
    concept = _medication(resource, records)
    codes = codes_in([concept])
    displays = (text_at(coding, "display") for coding in objects(concept, "coding"))
    text = text_at(concept, "text") or next((one for one in displays if one), "")
    text = text or text_at(object_at(resource, "medicationReference"), "display")
    dosages = [
        one for one in objects(resource, "dosageInstruction") if not one.get("asNeededBoolean")
    ]
    if not dosages:
        return Draft(codes=codes, text=text)
    # Of several, the last is what is taken after a loading dose.
    main = dosages[-1]
    dose, unit = _dose(main)
    repeat = object_at(object_at(main, "timing"), "repeat")
    return Draft(
        codes=codes,
        text=text,
        dose=dose,
        unit=unit,
        frequency=_frequency(main, repeat),
        days=_days(repeat) if len(dosages) == 1 else None,
        routes=tuple(code.code for code in codes_in([main.get("route")])),
    )


def _medication(resource: Json, records: Records) -> Json:
    concept = object_at(resource, "medicationCodeableConcept")
    if concept:
        return concept
    reference = object_at(resource, "medicationReference")
    id_ = text_at(reference, "reference")
    if id_.startswith("#"):
        for contained in objects(resource, "contained"):
            if contained.get("id") == id_[1:]:
                return object_at(contained, "code")
    return object_at(records.resolve(reference) or {}, "code")


def _dose(dosage: Json) -> tuple[Amount | None, str]:
    for one in objects(dosage, "doseAndRate"):
        quantity = object_at(one, "doseQuantity")
        if quantity:
            return _amount([quantity])
        bounds = object_at(one, "doseRange")
        if bounds:
            return _amount([object_at(bounds, "low"), object_at(bounds, "high")])
    return None, ""


def _amount(quantities: list[Json]) -> tuple[Amount | None, str]:
    """One quantity, or two of the same unit, in the guideline's unit."""
    read = []
    for quantity in quantities:
        value = number_at(quantity, "value")
        unit = _unit(quantity)
        if value is None or unit is None or "comparator" in quantity:
            return None, ""
        read.append((value * unit[1], unit[0]))
    if len({unit for _, unit in read}) != 1:
        return None, ""
    return _make(*(value for value, _ in read)), read[0][1]


def _make(low: Decimal, high: Decimal | None = None) -> Amount | None:
    """An amount of what somebody typed; None for what no dose, frequency or duration can be."""
    try:
        ends = [plain(end.quantize(EXACTLY)) for end in (low, high) if end is not None]
        return Amount(ends[0], ends[1] if len(ends) == 2 and ends[1] > ends[0] else None)
    except (ValueError, ArithmeticError):
        return None


def _frequency(dosage: Json, repeat: Json) -> Amount | None:
    period, unit = number_at(repeat, "period"), days_of(text_at(repeat, "periodUnit"))
    times = number_at(repeat, "frequency") or Decimal(1)
    if period and unit and "periodMax" not in repeat:
        most = number_at(repeat, "frequencyMax") or times
        return _make(times / (period * unit), most / (period * unit))
    moments = repeat.get("timeOfDay") or repeat.get("when")
    if isinstance(moments, list) and moments and period is None:
        return _make(Decimal(len(moments)))
    for coding in objects(object_at(object_at(dosage, "timing"), "code"), "coding"):
        found = times_a_day(text_at(coding, "code"))
        if found is not None:
            return _make(found)
    return None


def _days(repeat: Json) -> Amount | None:
    duration = _in_days(object_at(repeat, "boundsDuration"))
    if duration is not None:
        return _make(duration)
    bounds = object_at(repeat, "boundsRange")
    low, high = _in_days(object_at(bounds, "low")), _in_days(object_at(bounds, "high"))
    if low is not None and high is not None:
        return _make(low, high)
    period = object_at(repeat, "boundsPeriod")
    first, last = read_day(period.get("start")), read_day(period.get("end"))
    if first is not None and last is not None and last >= first:
        return _make(Decimal((last - first).days + 1))
    return None


def _in_days(duration: Json) -> Decimal | None:
    value = number_at(duration, "value")
    unit = days_of(text_at(duration, "code")) or days_of(text_at(duration, "unit"))
    return value * unit if value is not None and unit is not None else None
