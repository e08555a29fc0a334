"""What surrounds every view of the API: methods, cross-origin access, and refusals in one form.

Any page on the web may read the open answers: they are the same for everybody, and no cookie counts.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, re_path, resolve
from django.urls.exceptions import Resolver404
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from varde.web.api.problems import Refusal, refuse
from varde.web.public_answers import ROOTS
from varde.web.trouble import tell_fault

View = Callable[..., HttpResponse]
Refuse = Callable[[HttpRequest, Refusal], HttpResponse]
EXPOSED = "ETag, Link, X-Total-Count, Allow, Content-Language"
ACCEPTED = "Accept, Authorization, Content-Type, If-None-Match"
_DAY_SECONDS = "86400"

_speakers: dict[str, Refuse] = {}


def speak(root: str, refuse_as: Refuse) -> None:
    """Let the addresses below a root (``fhir``) refuse in a form of their own.

    Args:
        refuse_as: makes the answer of a refusal; `Refusal.kind` has status and title.
    """
    _speakers[root] = refuse_as


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The answer to a refused question, in the form that its address speaks."""
    root = request.path_info[1:].partition("/")[0]
    response = _speakers.get(root, refuse)(request, refusal)
    response["Content-Language"] = "nb"
    return response


def surround(api: NinjaAPI) -> tuple[list[URLPattern], str, str]:
    """The addresses of an API with every view surrounded, and one that refuses all others below its
    roots; for `django.urls.path`."""
    kinds: tuple[Any, ...] = (Exception, Refusal, Http404, HttpError, ValidationError)
    explain: Any = _explain
    for kind in kinds:
        api.add_exception_handler(kind, explain)
    patterns, app, namespace = api.urls
    addresses = [pattern for pattern in patterns if pattern.name != "api-root"]
    for pattern in addresses:
        pattern.callback = _surround(pattern.callback)
    roots = "|".join(sorted(ROOTS))
    addresses.append(re_path(rf"^(?:{roots})(?:/.*)?$", _surround(_nothing_here), name="unknown"))
    return addresses, app, namespace


def _surround(view: View) -> View:
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        method = request.method
        try:
            # A HEAD is answered as GET: whoever sends the answer leaves the body out.
            request.method = "GET" if method == "HEAD" else method
            response = view(request, *args, **kwargs)
        except Exception as error:
            response = _explain(request, error)
        finally:
            request.method = method
        if response.status_code == 405:
            response = _method(request, response["Allow"])
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Expose-Headers"] = EXPOSED
        return response

    answer.csrf_exempt = True  # type: ignore[attr-defined]
    return answer


def _method(request: HttpRequest, allowed: str) -> HttpResponse:
    """The answer to a method that no view takes: OPTIONS, or one that is refused."""
    methods = {part.strip() for part in allowed.split(",")} | {"OPTIONS"}
    if "GET" in methods:
        methods.add("HEAD")
    allow = ", ".join(sorted(methods))
    if request.method == "OPTIONS":
        response = HttpResponse(status=204)
        del response["Content-Type"]
        response["Access-Control-Allow-Methods"] = allow
        response["Access-Control-Allow-Headers"] = ACCEPTED
        response["Access-Control-Max-Age"] = _DAY_SECONDS
    else:
        response = refused(
            request, Refusal("metode-ikke-tillatt", f"Adressen tar bare imot {allow}.")
        )
    response["Allow"] = allow
    return response


def _explain(request: HttpRequest, error: Exception) -> HttpResponse:
    """Any trouble as a refusal; of our own faults the log has the details and the answer has none."""
    if isinstance(error, Refusal):
        return refused(request, error)
    if isinstance(error, Http404):
        return refused(request, Refusal("ukjent-adresse", "Det er ingen ting på denne adressen."))
    if isinstance(error, HttpError) and error.status_code < 500:
        return refused(request, Refusal("ugyldig-verdi", str(error)))
    if isinstance(error, ValidationError):
        where = ", ".join(".".join(map(str, one["loc"][1:])) for one in error.errors)
        return refused(request, Refusal("ugyldig-verdi", f"Ugyldig: {where}."))
    tell_fault(request, error)
    return refused(request, Refusal("intern-feil", "Noe gikk galt hos oss. Prøv igjen om litt."))


def _nothing_here(request: HttpRequest) -> HttpResponse:
    """A slash too many leads to the address without it; anything else is refused."""
    if request.path_info.endswith("/") and _is_address(request.path_info.rstrip("/")):
        bare, query = request.path.rstrip("/"), request.META.get("QUERY_STRING", "")
        response = HttpResponse(status=308)
        del response["Content-Type"]
        response["Location"] = quote(bare) + (f"?{query}" if query else "")
        return response
    raise Refusal(
        "ukjent-adresse",
        "Det er ingen ting på denne adressen. Adressene er beskrevet i /api/openapi.json.",
    )


def _is_address(path: str) -> bool:
    try:
        return bool(resolve(path).url_name != "unknown")
    except Resolver404:
        return False
