"""The guideline as CDS Hooks 2.0 services: patient-view, order-select and order-sign.

In: the bytes of a request, a publication, the day, and the address the request came to. Out: discovery,
cards, or a typed refusal that names each faulty field. Nothing is fetched and nothing is kept.
"""

from varde.guidelines.cds_hooks.answering import accept_feedback, answer, encode_answer
from varde.guidelines.cds_hooks.errors import (
    Fault,
    HookRefused,
    InvalidRequest,
    PrefetchMissing,
    UnknownService,
)
from varde.guidelines.cds_hooks.services import discover, services

__all__ = [
    "Fault",
    "HookRefused",
    "InvalidRequest",
    "PrefetchMissing",
    "UnknownService",
    "accept_feedback",
    "answer",
    "discover",
    "encode_answer",
    "services",
]
