"""The description of the API (OpenAPI 3.1), made from what is served."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Router

from varde.web.api.content import ask
from varde.web.api.operations import describe_operation
from varde.web.api.writing import seal

ADDRESS = "/api/openapi.json"
TEXT = """\
The national antibiotic guideline as open data, in the model of the Norwegian Directorate of Health's
content API. Read-only, open to anyone, without key or cookie; pages on any origin may read it.

**Time.** Every question is about one day: `gyldigDato`, by default today in Norway. The answer is the
guideline as it stood that day; links in the answer keep a day that was asked for.

**Formats.** JSON, Markdown or HTML: by `Accept`, or by `format`, which counts more. HTML fields inside JSON
are the content's own and not cleaned: clean them before showing them.

**Lists** are JSON arrays in the order of titles, a page at a time: `side`, `antall`, headers `Link` and
`X-Total-Count`. They give objects without `data` unless `full=true`; `/anbefalinger` asked by code gives `data`.

**Doses** are exact numbers as text, or an interval of two; `varde.visning` is the dose in one line. Everything
below a field `varde` is Varde's own. Contra-indications under a dosing regimen are worked out when it is
served, and say why they are listed (`varde.treff`).

**Caching.** Every answer has a strong `ETag`; `If-None-Match` gives 304. HEAD works wherever GET does.

**Refusals** are `application/problem+json` (RFC 9457) in bokmål; `type` is an address that explains it. An
unknown parameter is refused: a misspelt `gyldigDato` must not give today's dose for another day.

Addresses have no slash at the end; with one, the answer is a redirect (308) to the address without.
"""


def describe(api: NinjaAPI, *schemas: Mapping[str, dict[str, Any]]) -> bytes:
    """The description of an API as JSON.

    Args:
        schemas: the schemas that operations refer to, by name.
    """
    document = dict(api.get_openapi_schema(path_prefix=""))
    for group in schemas:
        document["components"]["schemas"] |= group
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def add_description(api: NinjaAPI, *schemas: Mapping[str, dict[str, Any]]) -> None:
    """Give an API the address of its description. Call it when all other routers are there."""
    router = Router(tags=["Beskrivelse"])
    describe_once = cache(lambda: describe(api, *schemas))

    @router.get(
        ADDRESS,
        operation_id="getDescription",
        summary="This description",
        openapi_extra=describe_operation((), {"type": "object"}),
    )
    def show_description(request: HttpRequest) -> HttpResponse:
        """This document: OpenAPI 3.1. It is JSON, whatever Accept says."""
        ask(request, ())
        return seal(request, describe_once(), "application/json", language="en")

    api.add_router("", router)
