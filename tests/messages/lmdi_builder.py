"""A small bundle of administered drugs: one nursing home of an invented municipality, two patients, three doses."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable
from datetime import date
from typing import Any

from messages.numbers import some_number

Json = dict[str, Any]

PROFILE = "http://hl7.no/fhir/ig/lmdi/StructureDefinition/lmdi-"
ENH = "urn:oid:2.16.578.1.12.4.1.4.101"
RSH = "urn:oid:2.16.578.1.12.4.1.4.102"
FNR = "urn:oid:2.16.578.1.12.4.1.4.1"
ATC = "http://www.whocc.no/atc"
SNOMED = "http://snomed.info/sct"
UCUM = "http://unitsofmeasure.org"
HOME, TOWN, OTHER = "974760673", "810305282", "985626154"
"""Numbers with the right check digit: a home, the municipality above it, and somebody else's home."""
SENDER = f"ENH:{TOWN}"
MADE = "2026-03-02T05:30:00+01:00"
BORN = date(1940, 5, 17)
FIRST, SECOND = some_number(BORN), some_number(date(1951, 2, 3), male=True)


def entry(kind: str, own: str, **fields: Any) -> Json:
    return {
        "fullUrl": f"urn:uuid:{own}",
        "resource": {
            "resourceType": kind,
            "id": own,
            "meta": {"profile": [PROFILE + kind.lower()]},
            **fields,
        },
        "request": {"method": "POST", "url": kind},
    }


def organisation(name: str, number: str, title: str, above: str = "", place: str = "5001") -> Json:
    coding = {"system": "urn:oid:2.16.578.1.12.4.1.1.3402", "code": place}
    extension = {
        "url": "http://hl7.no/fhir/StructureDefinition/no-basis-municipalitycode",
        "valueCoding": coding,
    }
    more: Json = {"partOf": ref(above)} if above else {}
    return entry(
        "Organization",
        name,
        identifier=[{"system": ENH, "value": number}],
        name=title,
        address=[{"type": "physical", "_district": {"extension": [extension]}}],
        **more,
    )


def ref(name: str) -> Json:
    return {"reference": f"urn:uuid:{name}"}


def patient(name: str, number: str, **fields: Any) -> Json:
    return entry("Patient", name, identifier=[{"system": FNR, "value": number}], **fields)


def drug(name: str, atc: str) -> Json:
    coded = {"coding": [{"system": ATC, "code": atc}]}
    url = "http://hl7.no/fhir/ig/lmdi/StructureDefinition/legemiddel-classification"
    return entry(
        "Medication",
        name,
        extension=[{"url": url, "valueCodeableConcept": coded}],
        code={
            "coding": [
                {"system": "http://dmp.no/fhir/NamingSystem/festLegemiddelDose", "code": "ID_1"}
            ]
        },
    )


def given(name: str, number: str = "", **fields: Any) -> Json:
    """1 g of the drug `pen` (phenoxymethylpenicillin, J01CE02) by mouth to the first patient."""
    usual: Json = {
        "status": "completed",
        "medicationReference": ref("pen"),
        "subject": ref("p1"),
        "context": ref("stay"),
        "effectiveDateTime": "2026-03-01T08:00:00+01:00",
        "dosage": dosage("1", "g"),
    }
    if number:
        usual["identifier"] = [{"system": "urn:x", "value": number}]
    made = entry("MedicationAdministration", name, **(usual | fields))
    made["resource"] = {k: v for k, v in made["resource"].items() if v is not None}
    return made


def dosage(value: str, code: str, route: str = "26643006", system: str = UCUM) -> Json:
    return {
        "route": {"coding": [{"system": SNOMED, "code": route}]},
        "dose": {"value": json.loads(value), "unit": code, "system": system, "code": code},
    }


def others() -> list[Json]:
    """Everything but the doses."""
    stay = entry("Encounter", "stay", status="in-progress", serviceProvider=ref("home"))
    stay["resource"]["class"] = {
        "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
        "code": "SS",
    }
    code = {"coding": [{"system": "urn:oid:2.16.578.1.12.4.1.1.7170", "code": "R81"}]}
    return [
        organisation("town", TOWN, "INVENTED KOMMUNE"),
        organisation("home", HOME, "Invented sykehjem", "town"),
        stay,
        patient("p1", FIRST, gender="female", birthDate=BORN.isoformat()),
        patient("p2", SECOND),
        drug("pen", "J01CE02"),
        entry("Condition", "why", code=code, subject=ref("p1")),
    ]


def bundle(entries: Iterable[Json] | None = None, **fields: Any) -> Json:
    doses = [
        given("d1", "1", reasonReference=[ref("why")]),
        given("d2", "2"),
        given("d3", "3", subject=ref("p2")),
    ]
    usual: Json = {
        "resourceType": "Bundle",
        "identifier": {"system": "urn:oid:2.16.578.1.34.10.3", "value": "B1"},
        "type": "transaction",
        "timestamp": MADE,
        "entry": [*others(), *(doses if entries is None else entries)],
    }
    return copy.deepcopy(usual | fields)


def changed(target: str, **fields: Any) -> Json:
    """The usual bundle with other fields in one resource; None takes one away."""
    made = bundle()
    for each in made["entry"]:
        if each["resource"]["id"] == target:
            both = each["resource"] | fields
            each["resource"] = {key: value for key, value in both.items() if value is not None}
    return made


def write(made: Json) -> bytes:
    return json.dumps(made).encode()
