"""The addresses that explain problems: what `type` of a refusal leads to."""

from __future__ import annotations

from html import escape
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router

from varde.guidelines import encode
from varde.web.api import parameters
from varde.web.api.content import ask
from varde.web.api.operations import describe_operation
from varde.web.api.parameters import shorten, suggest
from varde.web.api.problems import Kind, Refusal, explain, kinds
from varde.web.api.schemas import list_of, reference
from varde.web.api.writing import Representations, write

router = Router(tags=["Problemer"])

_KNOWN = (parameters.FORMAT,)
Slug = Annotated[
    str, Path(description="The last part of a problem's type.", examples=["ugyldig-dato"])
]


@router.get(
    "/problemer",
    operation_id="listProblemer",
    summary="Every kind of problem",
    openapi_extra=describe_operation(_KNOWN, list_of(reference("Forklaring"))),
)
def list_problems(request: HttpRequest) -> HttpResponse:
    """Every kind of problem that an answer of this API can be."""
    question = ask(request, _KNOWN)
    return write(
        request,
        question,
        Representations(
            title="Problemer",
            json=lambda: encode([explain(kind) for kind in kinds().values()]),
            html=lambda: "<h1>Problemer</h1>\n" + "\n".join(_write(k, 2) for k in kinds().values()),
        ),
    )


@router.get(
    "/problemer/{slug}",
    operation_id="getProblem",
    summary="What a kind of problem is, and what to do",
    openapi_extra=describe_operation(_KNOWN, reference("Forklaring"), ("ukjent-adresse",)),
)
def show_problem(request: HttpRequest, slug: Slug) -> HttpResponse:
    """What the `type` of a problem leads to."""
    question = ask(request, _KNOWN)
    kind = kinds().get(slug)
    if kind is None:
        raise Refusal(
            "ukjent-adresse",
            f"Problemet «{shorten(slug)}» finnes ikke.{suggest(slug, kinds())} "
            "Alle er på /problemer.",
            "slug",
        )
    return write(
        request,
        question,
        Representations(
            title=kind.title, json=lambda: encode(explain(kind)), html=lambda: _write(kind, 1)
        ),
    )


def _write(kind: Kind, level: int) -> str:
    return (
        f"<h{level}>{escape(kind.title)} ({kind.status})</h{level}>\n<p>{escape(kind.why)}</p>\n"
        f"<p>{escape(kind.todo)}</p>"
    )
