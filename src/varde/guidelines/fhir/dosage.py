"""A dosing regimen as R4 Dosage: the content's own numbers, or those worked out for a patient."""

from __future__ import annotations

from decimal import Decimal

from msgspec import UnsetType

from varde.guidelines.advice.doses import PatientDose, SingleDose
from varde.guidelines.amounts import Amount
from varde.guidelines.fhir.datatypes import Json, concept, days, quantity, range_or_quantity
from varde.guidelines.model import Doseringsregime, Enhet
from varde.guidelines.rendering import write_line
from varde.guidelines.units import unit_named

DOSE_TYPE = "http://terminology.hl7.org/CodeSystem/dose-rate-type"


def write_dosage(regime: Doseringsregime, worked_out: PatientDose | None = None) -> list[Json]:
    """The Dosage elements: the loading dose first where there is one, each with its sequence.

    Args:
        worked_out: the doses for a patient, which then stand in place of those per kilogram.
    """
    data = regime.data
    dosing = data.dosering or None
    found = []
    if dosing and dosing.eventuellLadningsdose:
        found.append(
            _one(
                regime,
                dosing.eventuellLadningsdose,
                dosing.styrkeEnhetEventuellLadningsdose,
                data.frekvensEventuellladningsdosePerDogn,
                data.varighetEventuellLadningsdoseAntallDogn,
                worked_out.load if worked_out else None,
            )
        )
    found.append(
        _one(
            regime,
            dosing.dose if dosing else None,
            dosing.styrkeEnhetDosering if dosing else None,
            data.frekvensdoseringsregimePerDogn,
            data.varighetDoseringsregimeAntallDogn,
            worked_out.dose if worked_out else None,
        )
    )
    text = worked_out.line if worked_out else write_line(regime)
    return [
        {"sequence": number, "text": text, **dosage} for number, dosage in enumerate(found, start=1)
    ]


def _one(
    regime: Doseringsregime,
    dose: Amount | UnsetType | None,
    unit: Enhet | UnsetType | None,
    frequency: Amount | UnsetType,
    duration: Amount | UnsetType,
    single: SingleDose | None,
) -> Json:
    data = regime.data
    dosage: Json = {}
    timing = write_timing(frequency, duration)
    if timing:
        dosage["timing"] = timing
    if data.administrasjonsvei:
        dosage["route"] = concept(data.administrasjonsvei)
    if isinstance(dose, Amount) and isinstance(unit, Enhet):
        per_kg = bool(unit_named(unit.display).per_kg)
        if single is not None and single.weight is not None:
            kind, value = range_or_quantity(single.amount, single.unit)
        else:
            kind, value = range_or_quantity(dose, unit)
        dosage["doseAndRate"] = [
            {
                "type": {"coding": [_dose_type("calculated" if per_kg else "ordered")]},
                f"dose{kind}": value,
            }
        ]
        varde = data.varde
        if per_kg and varde and varde.maksEnkeltdose:
            dosage["maxDosePerAdministration"] = quantity(varde.maksEnkeltdose.low, "mg")
    return dosage


def _dose_type(code: str) -> Json:
    return {"system": DOSE_TYPE, "code": code, "display": code.capitalize()}


def write_timing(frequency: Amount | UnsetType, duration: Amount | UnsetType) -> Json | None:
    """A Timing of times a day and days; None when neither is given."""
    repeat: Json = {}
    if isinstance(duration, Amount):
        if duration.high is None:
            repeat["boundsDuration"] = days(duration.low)
        else:
            repeat["boundsRange"] = {"low": days(duration.low), "high": days(duration.high)}
    if isinstance(frequency, Amount):
        rhythm = _rhythm(frequency)
        if rhythm is None:
            text = f"{frequency.low}–{frequency.high} ganger daglig"
            return (
                {"repeat": repeat, "code": {"text": text}} if repeat else {"code": {"text": text}}
            )
        repeat |= rhythm
    return {"repeat": repeat} if repeat else None


def _rhythm(frequency: Amount) -> Json | None:
    """So often in so many days, in whole numbers; None where there are none (R4: positiveInt)."""
    for period in range(1, 32):
        low, high = frequency.low * period, frequency.most * period
        if low == int(low) and high == int(high) and low > 0:
            found: Json = {"frequency": int(low)}
            if high > low:
                found["frequencyMax"] = int(high)
            return {**found, "period": Decimal(period), "periodUnit": "d"}
    return None
