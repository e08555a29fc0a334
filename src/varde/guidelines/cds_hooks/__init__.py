"""The guideline as CDS Hooks 2.0 services: patient-view, order-select and order-sign.

In: the bytes of a request, a publication, the day, and the address the request came to. Out: discovery,
cards, or a typed refusal that names each faulty field. Nothing is fetched and nothing is kept. Also what other services
of this kind need: requests, the resources in them, texts of cards.
"""

from varde.guidelines.cds_hooks.answering import accept_feedback, answer, encode_answer
from varde.guidelines.cds_hooks.errors import (
    Fault,
    HookRefused,
    InvalidRequest,
    PrefetchMissing,
    UnknownService,
)
from varde.guidelines.cds_hooks.records import Found, Records, gather, object_at, objects, text_at
from varde.guidelines.cds_hooks.requests import HookRequest, read_request
from varde.guidelines.cds_hooks.services import Service, discover, services
from varde.guidelines.cds_hooks.suggestions import Asked
from varde.guidelines.cds_hooks.texts import escape, make_plain, shorten

__all__ = [
    "Asked",
    "Fault",
    "Found",
    "HookRefused",
    "HookRequest",
    "InvalidRequest",
    "PrefetchMissing",
    "Records",
    "Service",
    "UnknownService",
    "accept_feedback",
    "answer",
    "discover",
    "encode_answer",
    "escape",
    "gather",
    "make_plain",
    "object_at",
    "objects",
    "read_request",
    "services",
    "shorten",
    "text_at",
]
