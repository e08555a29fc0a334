"""From a thing to an answer: its format, its ETag, how long it may be kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse

from varde.guidelines.documents import write_markdown, write_page
from varde.web import public_answers
from varde.web.api.formats import FORMATS, choose
from varde.web.api.parameters import Question
from varde.web.api.problems import Refusal

CACHE = "public, max-age=60"
MEDIA_TYPES = tuple(FORMATS.values())


@dataclass(frozen=True, slots=True)
class Representations:
    """One thing in every format.

    Attributes:
        title: what an HTML page of it is called.
        json: writes it as JSON.
        html: writes it as HTML without the page around it.
        headers: what else goes with the answer.
    """

    title: str
    json: Callable[[], bytes]
    html: Callable[[], str]
    headers: Mapping[str, str] = field(default_factory=dict)


def write(request: HttpRequest, question: Question, thing: Representations) -> HttpResponse:
    """The answer in the format that was asked for.

    Raises:
        Refusal: none of the wanted formats is there.
    """
    media_type = _choose(request, question)
    if media_type == FORMATS["json"]:
        return seal(request, thing.json(), media_type, thing.headers)
    html = thing.html()
    text = (
        write_markdown(html) if media_type == FORMATS["markdown"] else write_page(thing.title, html)
    )
    return seal(request, text.encode(), f"{media_type}; charset=utf-8", thing.headers)


def _choose(request: HttpRequest, question: Question) -> str:
    if question.format:
        return FORMATS[question.format]
    accept = request.META.get("HTTP_ACCEPT", "")
    wanted = choose(accept, MEDIA_TYPES)
    if wanted is None:
        raise Refusal(
            "format-ikke-tilgjengelig",
            f"Be om {', '.join(MEDIA_TYPES[:-1])} eller {MEDIA_TYPES[-1]} i Accept, "
            "eller gi format=json, format=markdown eller format=html.",
        )
    return wanted


def seal(
    request: HttpRequest,
    body: bytes,
    content_type: str,
    headers: Mapping[str, str] | None = None,
    language: str = "nb",
) -> HttpResponse:
    """An open answer: with a strong ETag of its bytes, to be kept for a minute, and given to others.

    304 without the bytes when the caller has them already.
    """
    public_answers.allow(request)
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    known = request.META.get("HTTP_IF_NONE_MATCH", "")
    if known and not public_answers.wants_whole(request) and public_answers.matches(known, etag):
        response = HttpResponse(status=304)
        del response["Content-Type"]
    else:
        response = HttpResponse(body, content_type=content_type, headers=dict(headers or {}))
        response["Content-Language"] = language
    response["ETag"] = etag
    response["Cache-Control"] = CACHE
    response["Vary"] = "Accept"
    return response
