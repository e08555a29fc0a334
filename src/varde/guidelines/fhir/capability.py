"""What the FHIR view can do, as an R4 CapabilityStatement."""

from __future__ import annotations

from datetime import date

from varde.guidelines.fhir.datatypes import Json
from varde.guidelines.fhir.parameters import PARAMETERS
from varde.guidelines.fhir.repository import TYPES
from varde.guidelines.fhir.search import DAY

FHIR_VERSION = "4.0.1"

ABOUT = {
    "PlanDefinition": "Anbefaling: behandlinger, kategorier og regimer som grupper av handlinger.",
    "ActivityDefinition": "Doseringsregime: legemiddel, dose, hyppighet og varighet.",
    "MedicationKnowledge": "Legemiddel i retningslinjen, med virkestoff og kontraindikasjoner.",
    "DetectedIssue": "Kontraindikasjon: tilstand og virkestoff, uten pasient.",
}


def write_capability(base: str, changed: date) -> Json:
    """The CapabilityStatement.

    Args:
        base: the address that the view is served under.
        changed: the last day on which the guideline changed.
    """
    return {
        "resourceType": "CapabilityStatement",
        "id": "varde-guideline",
        "status": "active",
        "date": changed.isoformat(),
        "kind": "instance",
        "software": {"name": "Varde"},
        "implementation": {
            "description": "Antibiotikaretningslinjen som åpne data, bare til lesing",
            "url": base,
        },
        "fhirVersion": FHIR_VERSION,
        "format": ["application/fhir+json", "json"],
        "rest": [
            {
                "mode": "server",
                "documentation": (
                    f"Alt gjelder dagen i parameteren {DAY} (ÅÅÅÅ-MM-DD); uten den gjelder i dag. "
                    "Ukjente søkeparametre ses bort fra, eller avvises med Prefer: handling=strict."
                ),
                "security": {"cors": True, "description": "Åpent for alle, uten innlogging"},
                "resource": [_resource(kind) for kind in TYPES],
            }
        ],
    }


def _resource(kind: str) -> Json:
    own = [
        {"name": name, "type": parameter.kind, "documentation": parameter.about}
        for name, parameter in PARAMETERS[kind].items()
    ]
    day = {
        "name": DAY,
        "type": "date",
        "documentation": "the day that is asked about (Varde's own)",
    }
    return {
        "type": kind,
        "documentation": ABOUT[kind],
        "interaction": [
            {"code": code} for code in ("read", "vread", "history-instance", "search-type")
        ],
        "versioning": "versioned",
        "readHistory": kind != "MedicationKnowledge",
        "conditionalRead": "full-support",
        "searchParam": [*own, day],
    }
