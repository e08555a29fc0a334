"""CDS Hooks 2.0, below /cds-services: discovery, the services, and their feedback.

The guideline's services are open, and nothing of a request to them is stored or logged, also not when something goes wrong:
the log then has the kind of error and the line of code, never a message that could hold a part of the request. Those about
earlier analyses (`hooks_earlier`) answer registered systems alone, and write the access log.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from ninja import Router

from varde.access.clients import ClientRefused
from varde.guidelines.cds_hooks import (
    HookRefused,
    InvalidRequest,
    accept_feedback,
    answer,
    discover,
    encode_answer,
    services,
)
from varde.web import guideline
from varde.web.api.earlier_refusals import QuestionRefused
from varde.web.api.hooks_earlier import answer_own, discover_own, identify, own_services
from varde.web.api.problems import PROBLEM_JSON
from varde.web.api.standards import describe_hook
from varde.web.api.writing import seal
from varde.web.intake.refusals import dress

LARGEST = 2 * 1024 * 1024
"""Bytes of a request: years of conditions fit in it."""
TOO_LARGE = f"En forespørsel kan være {LARGEST // 1024} KiB."
NO_LENGTH = "Send Content-Length: uten den vet vi ikke hvor forespørselen slutter."
NOT_JSON = "Send Content-Type: application/json."
OUR_FAULT = "Noe gikk galt hos oss. Forespørselen er ikke lagret. Prøv igjen om litt."

log = logging.getLogger(__name__)
router = Router(tags=["CDS Hooks"])


@router.get("/cds-services", openapi_extra=describe_hook("services", asked=False))
def show_services(request: HttpRequest) -> HttpResponse:
    """Discovery: what services there are and what they want to know."""
    known = discover()
    return seal(
        request,
        encode_answer({"services": [*known["services"], *discover_own()]}),
        "application/json",
    )


@router.post("/cds-services/{id}", openapi_extra=describe_hook("cards"))
def call(request: HttpRequest, id: str) -> HttpResponse:
    """The cards for a request."""

    def make_cards(body: bytes) -> bytes:
        day = guideline.today()
        origin = request.build_absolute_uri("/").rstrip("/")
        if id in own_services():
            return encode_answer(answer_own(id, body, identify(request), origin))
        return encode_answer(answer(id, body, guideline.publication_on(None), day, origin))

    return _answer(request, make_cards)


@router.post("/cds-services/{id}/feedback", openapi_extra=describe_hook("nothing"))
def take_feedback(request: HttpRequest, id: str) -> HttpResponse:
    """Feedback is accepted and not kept: 200 without content."""

    def forget(body: bytes) -> bytes:
        # The shape of feedback is the same for every service.
        accept_feedback(services()[0].id if id in own_services() else id, body)
        return b""

    return _answer(request, forget)


def _answer(request: HttpRequest, respond: Callable[[bytes], bytes]) -> HttpResponse:
    if request.content_type != "application/json":
        return _refuse(415, "Feil innholdstype", NOT_JSON)
    sent = _read(request)
    if sent is None:
        return _refuse(411, "Lengden mangler", NO_LENGTH)
    if len(sent) > LARGEST:
        return _refuse(413, "For stor forespørsel", TOO_LARGE)
    try:
        body = respond(sent)
    except HookRefused as error:
        faults = error.faults if isinstance(error, InvalidRequest) else ()
        return _refuse(error.status, error.title, str(error), faults)
    except (ClientRefused, QuestionRefused) as error:
        refused = _refuse(error.status, error.title("nb"), error.text("nb"))
        return dress(refused, error)
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        log.error("CDS Hooks: %s at %s:%s", type(error).__name__, where.name, where.lineno)
        return _refuse(500, "Feil hos oss", OUR_FAULT)
    response = HttpResponse(body, content_type="application/json")
    response["Content-Language"] = "nb"
    response["Cache-Control"] = "no-store"
    return response


def _read(request: HttpRequest) -> bytes | None:
    """The body, never more of it than one byte above the limit; None when nobody knows where it ends.

    Read as a stream: Django's own limit on a body is for the forms of the pages.
    """
    read: Callable[[int], bytes] = request.read
    if not request.META.get("CONTENT_LENGTH") and request.META.get("HTTP_TRANSFER_ENCODING"):
        if not request.META.get("wsgi.input_terminated"):
            return None
        read = request.META["wsgi.input"].read
    parts: list[bytes] = []
    left = LARGEST + 1
    while left and (part := read(left)):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _refuse(
    status: int, title: str, detail: str, faults: tuple[tuple[str, str], ...] = ()
) -> HttpResponse:
    """A problem (RFC 9457); each faulty field with its path."""
    problem: dict[str, object] = {
        "type": f"urn:varde:cds-hooks:{status}",
        "title": title,
        "status": status,
        "detail": detail,
    }
    if faults:
        problem["errors"] = [{"path": path, "detail": rule} for path, rule in faults]
    response = HttpResponse(encode_answer(problem), content_type=PROBLEM_JSON, status=status)
    response["Content-Language"] = "nb"
    response["Cache-Control"] = "no-store"
    return response
