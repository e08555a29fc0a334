"""Whom a regimen is for (``gjelderFor``): in words, and as far as R4 has codes for it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from varde.guidelines.fhir.datatypes import Json, code_concept
from varde.guidelines.fhir.units import UCUM
from varde.guidelines.library import Entry
from varde.guidelines.model import Gjelder, Koder

CONTEXT = "http://terminology.hl7.org/CodeSystem/usage-context-type"
CODED = ("ICPC-2", "ICD-10", "SNOMED-CT")
GENDERS = {"kvinne": "female", "mann": "male"}


def focus_contexts(entry: Entry) -> Iterator[Json]:
    """The diagnoses that a recommendation is about as UsageContext."""
    koder = entry.innhold.koder or Koder()
    for system in CODED:
        for code in koder.of(system):
            yield {
                "code": {"system": CONTEXT, "code": "focus"},
                "valueCodeableConcept": code_concept(system, code),
            }


def usage_contexts(whom: Gjelder) -> Iterator[Json]:
    """Age and sex as UsageContext; weight and conditions have no type of context in R4.

    R4 ranges include both ends: an upper limit in whole years is written as the year before, since
    somebody is "11 years old" until the twelfth birthday.
    """
    if whom.alderAar:
        ends: Json = {}
        if whom.alderAar.fra:
            ends["low"] = _years(whom.alderAar.fra.low)
        if whom.alderAar.til:
            most = whom.alderAar.til.low
            ends["high"] = _years(most - 1 if most == int(most) else most)
        yield {"code": {"system": CONTEXT, "code": "age"}, "valueRange": ends}
    if whom.kjonn:
        code = GENDERS[whom.kjonn]
        yield {
            "code": {"system": CONTEXT, "code": "gender"},
            "valueCodeableConcept": {
                "coding": [{"system": "http://hl7.org/fhir/administrative-gender", "code": code}]
            },
        }


def _years(value: Decimal) -> Json:
    return {"value": value, "unit": "år", "system": UCUM, "code": "a"}
