"""The guideline as HL7 FHIR R4 (4.0.1), read-only.

In: a publication (the guideline of a day) and the address that it is served under. Out: resources as JSON
objects: PlanDefinition for a recommendation, ActivityDefinition for a dosing regimen, MedicationKnowledge
for a drug, DetectedIssue for a contra-indication; searchset and history Bundles, CapabilityStatement and
OperationOutcome.
"""

from varde.guidelines.fhir.activities import Activity, list_activities
from varde.guidelines.fhir.capability import FHIR_VERSION, write_capability
from varde.guidelines.fhir.datatypes import (
    CANONICAL,
    ID,
    Json,
    coding,
    concept,
    encode_fhir,
    plain_text,
)
from varde.guidelines.fhir.dosage import write_dosage
from varde.guidelines.fhir.errors import (
    FhirRefused,
    InvalidSearch,
    NotAcceptable,
    NotAllowed,
    NotFound,
    write_outcome,
)
from varde.guidelines.fhir.export import export_bundle
from varde.guidelines.fhir.repository import TYPES, Repository
from varde.guidelines.fhir.search import DAY, search, write_history
from varde.guidelines.fhir.units import days_of, read_unit, times_a_day

__all__ = [
    "CANONICAL",
    "DAY",
    "FHIR_VERSION",
    "ID",
    "TYPES",
    "Activity",
    "FhirRefused",
    "InvalidSearch",
    "Json",
    "NotAcceptable",
    "NotAllowed",
    "NotFound",
    "Repository",
    "coding",
    "concept",
    "days_of",
    "encode_fhir",
    "export_bundle",
    "list_activities",
    "plain_text",
    "read_unit",
    "search",
    "times_a_day",
    "write_capability",
    "write_dosage",
    "write_history",
    "write_outcome",
]
