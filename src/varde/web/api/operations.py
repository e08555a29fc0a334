"""What the description says of an operation: its parameters, its answers, and every way it can refuse."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from varde.web.api.formats import FORMATS
from varde.web.api.parameters import FORMAT, Parameter
from varde.web.api.problems import PROBLEM_JSON, Kind, Refusal, describe, gather, kinds
from varde.web.api.schemas import reference

ALWAYS = ("ukjent-parameter", "for-langt-sporsmal", "intern-feil")
"""What any question can be refused for."""

_TEXT = {"schema": {"type": "string"}}
_ETAG = {
    "description": "Tells this answer from any other: the same bytes, the same ETag.",
    "schema": {"type": "string", "pattern": '^"[0-9a-f]{32}"$'},
}
_CACHE = {"description": "How long it may be kept.", "schema": {"type": "string"}}
_VARY = {"description": "What the format depends on.", "schema": {"type": "string"}}
_LIST_HEADERS = {
    "X-Total-Count": {
        "description": "How many objects there are on all pages.",
        "schema": {"type": "integer", "minimum": 0},
    },
    "Link": {
        "description": "Addresses of the first, last, next and previous page (RFC 8288).",
        "schema": {"type": "string"},
        "example": '</anbefalinger?side=1&antall=50>; rel="first"',
    },
}
_IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "An ETag that the caller has; 304 when the answer is still the same.",
    "schema": {"type": "string"},
}


def describe_operation(
    parameters: Sequence[Parameter],
    schema: Mapping[str, Any],
    problems: Iterable[str] = (),
    *,
    is_list: bool = False,
    example: Any = None,
) -> dict[str, Any]:
    """The `openapi_extra` of an operation.

    Args:
        parameters: the query parameters it takes.
        schema: JSON Schema of its answer.
        problems: what it can refuse beside what the parameters bring with them.
        is_list: whether it answers a page of a list.
        example: an answer.
    """
    slugs = [*ALWAYS, *problems]
    for parameter in parameters:
        slugs += parameter.problems
    if parameters:
        slugs += ["gitt-flere-ganger", "for-lang-verdi", "flere-feil"]
    content: dict[str, Any] = {FORMATS["json"]: {"schema": dict(schema)}}
    if example is not None:
        content[FORMATS["json"]]["example"] = example
    if FORMAT in parameters:
        slugs.append("format-ikke-tilgjengelig")
        content |= {FORMATS["markdown"]: _TEXT, FORMATS["html"]: _TEXT}
    headers = {"ETag": _ETAG, "Cache-Control": _CACHE, "Vary": _VARY}
    responses: dict[int, Any] = {
        200: {
            "description": "A page of the list." if is_list else "The answer.",
            "headers": headers | (_LIST_HEADERS if is_list else {}),
            "content": content,
        },
        304: {
            "description": "The caller has the answer already.",
            "headers": {"ETag": _ETAG, "Cache-Control": _CACHE, "Vary": _VARY},
        },
        **describe_problems(slugs),
    }
    return {
        "parameters": [*(_parameter(one) for one in parameters), _IF_NONE_MATCH],
        "responses": responses,
    }


def describe_problems(slugs: Iterable[str]) -> dict[int, Any]:
    """The answers that refuse, by status."""
    found: dict[int, list[Kind]] = {}
    for slug in sorted(set(slugs)):
        found.setdefault(kinds()[slug].status, []).append(kinds()[slug])
    return {status: _problem(of_status) for status, of_status in sorted(found.items())}


def _problem(of_status: Sequence[Kind]) -> dict[str, Any]:
    return {
        "description": "\n".join(f"* `{kind.address}`: {kind.en}" for kind in of_status),
        "content": {
            PROBLEM_JSON: {
                "schema": reference("Problem"),
                "examples": {kind.slug: {"value": _example(kind)} for kind in of_status},
            }
        },
    }


def _example(kind: Kind) -> dict[str, Any]:
    refusal = Refusal(kind.slug, kind.why)
    if kind.slug == "flere-feil":
        refusal = gather(
            [Refusal(slug, kinds()[slug].why) for slug in ("ugyldig-dato", "ugyldig-side")]
        )
    problem = describe(refusal, "/anbefalinger")
    example = {
        "type": problem.type,
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "instance": problem.instance,
    }
    if problem.errors:
        example["errors"] = [
            {"type": one.type, "title": one.title, "detail": one.detail} for one in problem.errors
        ]
    return example


def _parameter(parameter: Parameter) -> dict[str, Any]:
    described = {
        "name": parameter.name,
        "in": "query",
        "required": False,
        "description": parameter.description,
        "schema": dict(parameter.schema),
        "example": parameter.example,
    }
    if parameter.repeats:
        described |= {"style": "form", "explode": True}
    return described
