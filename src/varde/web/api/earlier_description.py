"""The description (OpenAPI 3.1) of ``POST /analyser/tidligere``, made from the types that are read and served."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from varde.access.looks import look_reasons
from varde.web.api.earlier_answer import KEEPS_EN, Answer
from varde.web.api.earlier_question import Question
from varde.web.api.earlier_refusals import own_reasons
from varde.web.intake.refusals import PROBLEM_JSON

_TEMPLATE = "#/components/schemas/{name}"
_TEXT = f"""\
Whether an analysis was made of a patient before, when, and what was found. {KEEPS_EN}

Each question is a look at a person: it is written in the access log, with who asks and what for, before it is answered. A machine comes with an
access token of the scope `varde:ask/earlier-analyses` (or its certificate) and says in `on_behalf_of` which person it asks for; a page comes with the session
of whoever is signed in, `X-CSRFToken`, and a `reason`: one of {", ".join(f"`{key}`" for key in look_reasons())}.
"""
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "title_en", "detail_en"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "title_en": {"type": "string"},
        "detail_en": {"type": "string"},
    },
}


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """This document; it is open, and about nobody."""
    return HttpResponse(describe(), content_type="application/json")


@cache
def describe() -> bytes:
    """The description as JSON."""
    (question, answer), components = msgspec.json.schema_components(
        (Question, Answer), ref_template=_TEMPLATE
    )
    problems: dict[str, Any] = {}
    for reason in own_reasons().values():
        problems.setdefault(str(reason.status), []).append(reason.code)
    for status in ("401", "403", "405", "429", "500", "503"):
        problems.setdefault(status, [])
    document = {
        "openapi": "3.1.0",
        "info": {
            "title": "Varde: earlier analyses of a patient",
            "version": "1",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "This service"}],
        "paths": {
            "/analyser/tidligere": {
                "post": {
                    "operationId": "askEarlierAnalysis",
                    "summary": "Was this analysis made before?",
                    "description": _TEXT,
                    "security": [{"token": ["varde:ask/earlier-analyses"]}, {"session": []}],
                    "requestBody": {
                        "required": True,
                        "content": {"application/json": {"schema": question}},
                    },
                    "responses": {
                        "200": {
                            "description": "What is known; the same of whoever nobody knows and whoever may not be seen.",
                            "content": {"application/json": {"schema": answer}},
                        },
                        **{
                            status: {
                                "description": ", ".join(codes) or "Refused.",
                                "content": {PROBLEM_JSON: {"schema": _PROBLEM}},
                            }
                            for status, codes in sorted(problems.items())
                        },
                    },
                }
            }
        },
        "components": {
            "schemas": components,
            "securitySchemes": {
                "token": {
                    "type": "oauth2",
                    "flows": {
                        "clientCredentials": {
                            "tokenUrl": "/oauth/token",
                            "scopes": {"varde:ask/earlier-analyses": "to ask"},
                        }
                    },
                },
                "session": {"type": "apiKey", "in": "cookie", "name": "varde_session"},
            },
        },
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()
