"""CDS Hooks requests and the resources in them, as a record system sends them."""

from __future__ import annotations

import json
from typing import Any

Json = dict[str, Any]

INSTANCE = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"
SYSTEMS = {
    "ICPC-2": "urn:oid:2.16.578.1.12.4.1.1.7170",
    "ICD-10": "urn:oid:2.16.578.1.12.4.1.1.7110",
    "SNOMED": "http://snomed.info/sct",
    "ATC": "http://www.whocc.no/atc",
    "LOINC": "http://loinc.org",
}
ANAPHYLAXIS = "SNOMED 39579001"


def concept(*codes: str) -> Json:
    """A CodeableConcept of "ICPC-2 R81", "SNOMED 373270004"."""
    pairs = (code.split(" ") for code in codes)
    return {"coding": [{"system": SYSTEMS[system], "code": code} for system, code in pairs]}


def person(born: str, gender: str, id_: str = "p1") -> Json:
    return {"resourceType": "Patient", "id": id_, "birthDate": born, "gender": gender}


def condition(*codes: str, **members: Any) -> Json:
    return {
        "resourceType": "Condition",
        "id": "c1",
        "subject": {"reference": "Patient/p1"},
        "code": concept(*codes),
        **members,
    }


def allergy(code: str, *signs: str, **members: Any) -> Json:
    return {
        "resourceType": "AllergyIntolerance",
        "patient": {"reference": "Patient/p1"},
        "code": concept(code),
        "reaction": [{"manifestation": [concept(sign) for sign in signs]}] if signs else [],
        **members,
    }


def observation(code: str, value: float, unit: str, day: str, **members: Any) -> Json:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": concept(f"LOINC {code}"),
        "effectiveDateTime": day,
        "valueQuantity": {"value": value, "unit": unit, "code": unit},
        **members,
    }


def order(*codes: str, dosage: Json | None = None, id_: str = "m1", **members: Any) -> Json:
    return {
        "resourceType": "MedicationRequest",
        "id": id_,
        "status": "draft",
        "intent": "order",
        "subject": {"reference": "Patient/p1"},
        "medicationCodeableConcept": concept(*codes),
        "dosageInstruction": [dosage] if dosage else [],
        **members,
    }


def dosage(value: float, unit: str, times: int, days: int | None = None) -> Json:
    repeat: Json = {"frequency": times, "period": 1, "periodUnit": "d"}
    if days:
        repeat["boundsDuration"] = {"value": days, "unit": "d", "code": "d"}
    dose = {"value": value, "unit": unit, "code": unit}
    return {"timing": {"repeat": repeat}, "doseAndRate": [{"doseQuantity": dose}]}


def searchset(*resources: Json, **members: Any) -> Json:
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [{"resource": resource} for resource in resources],
        **members,
    }


def collection(*resources: Json) -> Json:
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {"fullUrl": f"urn:uuid:{number}", "resource": resource}
            for number, resource in enumerate(resources)
        ],
    }


def hook_request(hook: str, prefetch: Json | None = None, **context: Any) -> Json:
    """A request to a hook; drafts are selected unless selections are given."""
    base: Json = {"userId": "Practitioner/1", "patientId": "p1"}
    if hook == "order-select":
        drafts = context.get("draftOrders", {}).get("entry", [])
        base["selections"] = [f"MedicationRequest/{one['resource']['id']}" for one in drafts]
    return {
        "hook": hook,
        "hookInstance": INSTANCE,
        "context": base | context,
        "prefetch": prefetch or {},
    }


def encode(request: Json) -> bytes:
    return json.dumps(request).encode()
