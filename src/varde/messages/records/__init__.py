"""What a message says, in one shape for every wire format: typed, immutable, as sent.

Nothing here is translated: codes and words stay as the sender wrote them, and `varde.codes` maps
them when the register folds the record. A record therefore never changes when a code map does.
Times are aware and in UTC; a time without zone in a message is Norwegian local time.
"""

from varde.messages.records.base import (
    Code,
    Described,
    Failure,
    Kind,
    Patient,
    PersonId,
    Record,
    ServiceType,
    Sex,
    Statement,
    Status,
)
from varde.messages.records.laboratory import (
    Finding,
    LabReport,
    LookedFor,
    Method,
    Outcome,
    Scope,
    Sir,
    Specimen,
    Susceptibility,
)
from varde.messages.records.notification import Answer, Notification
from varde.messages.records.survey import (
    InfectionCount,
    InfectionDepth,
    InstitutionKind,
    Surgery,
    Treatment,
    WardPrevalence,
)
from varde.messages.records.vaccination import Vaccination

__all__ = [
    "Answer",
    "Code",
    "Described",
    "Failure",
    "Finding",
    "InfectionCount",
    "InfectionDepth",
    "InstitutionKind",
    "Kind",
    "LabReport",
    "LookedFor",
    "Method",
    "Notification",
    "Outcome",
    "Patient",
    "PersonId",
    "Record",
    "Scope",
    "ServiceType",
    "Sex",
    "Sir",
    "Specimen",
    "Statement",
    "Status",
    "Surgery",
    "Susceptibility",
    "Treatment",
    "Vaccination",
    "WardPrevalence",
]
