"""What the description says of addresses that follow a standard of their own: FHIR R4 and CDS Hooks.

Their shapes are the standards'; FHIR's CapabilityStatement and CDS Hooks' discovery say the rest. Here
stands what a reader of the OpenAPI description needs to find them and to know how they refuse.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from varde.web.api.problems import PROBLEM_JSON

FHIR_JSON = "application/fhir+json"
_RESOURCE = {
    "type": "object",
    "required": ["resourceType"],
    "properties": {"resourceType": {"type": "string"}},
}
_CARDS = {
    "type": "object",
    "required": ["cards"],
    "properties": {
        "cards": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["summary", "indicator", "source"],
                "properties": {
                    "uuid": {"type": "string"},
                    "summary": {"type": "string", "maxLength": 140},
                    "detail": {"type": "string"},
                    "indicator": {"enum": ["info", "warning", "critical"]},
                    "source": {"type": "object", "required": ["label"]},
                    "suggestions": {"type": "array", "items": {"type": "object"}},
                    "links": {"type": "array", "items": {"type": "object"}},
                },
            },
        }
    },
}
_REQUEST = {
    "type": "object",
    "required": ["hook", "hookInstance", "context"],
    "properties": {
        "hook": {"enum": ["patient-view", "order-select", "order-sign"]},
        "hookInstance": {"type": "string", "format": "uuid"},
        "context": {"type": "object", "required": ["userId", "patientId"]},
        "prefetch": {"type": "object"},
    },
}
_SERVICES = {
    "type": "object",
    "required": ["services"],
    "properties": {"services": {"type": "array", "items": {"type": "object"}}},
}


def describe_fhir(
    resource: str, parameters: Sequence[Mapping[str, str]] = (), *, body: bool = False
) -> dict[str, Any]:
    """The `openapi_extra` of a FHIR address.

    Args:
        resource: what is answered, in words.
        parameters: name and description of query parameters that it takes.
        body: whether the parameters may come in the body.
    """
    found: dict[str, Any] = {
        "parameters": [
            {"in": "query", "required": False, "schema": {"type": "string"}, **one}
            for one in parameters
        ],
        "responses": {
            200: {"description": resource, "content": {FHIR_JSON: {"schema": _RESOURCE}}},
            304: {"description": "The caller has this version already."},
            "4XX": {
                "description": "Refused: an OperationOutcome says why.",
                "content": {FHIR_JSON: {"schema": _RESOURCE}},
            },
        },
    }
    if body:
        form = {"type": "object", "additionalProperties": {"type": "string"}}
        found["requestBody"] = {"content": {"application/x-www-form-urlencoded": {"schema": form}}}
    return found


def describe_hook(answer: str, *, asked: bool = True) -> dict[str, Any]:
    """The `openapi_extra` of a CDS Hooks address.

    Args:
        answer: ``services``, ``cards`` or ``nothing``.
        asked: whether it takes a request in its body.
    """
    schema = {"services": _SERVICES, "cards": _CARDS}.get(answer)
    good: dict[str, Any] = {"description": f"CDS Hooks 2.0: {answer}."}
    if schema:
        good["content"] = {"application/json": {"schema": schema}}
    problem = {"type": "object", "required": ["type", "title", "status", "detail"]}
    found: dict[str, Any] = {
        "responses": {
            200: good,
            "4XX": {
                "description": "Refused: each faulty field with its path.",
                "content": {PROBLEM_JSON: {"schema": problem}},
            },
        }
    }
    if asked:
        schema = _REQUEST if answer == "cards" else {"type": "object"}
        found["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema}},
        }
    else:
        found["responses"][304] = {"description": "The caller has the answer already."}
    return found


GYLDIG_DATO = {
    "name": "gyldigDato",
    "description": "The day the question is about (YYYY-MM-DD); today in Norway without it.",
}
SEARCH = (
    GYLDIG_DATO,
    {"name": "_id", "description": "Ids, with commas."},
    {"name": "context", "description": "PlanDefinition: a diagnosis code, as icpc-2|R81."},
    {"name": "url", "description": "The canonical address."},
    {"name": "_count", "description": "Resources on a page."},
)
"""The parameters most asked for; the CapabilityStatement lists all."""
