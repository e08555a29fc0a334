"""What goes with every answer: headers, and the language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject

from varde.access import audit
from varde.access.oidc.sessions import KEY, still_holds
from varde.web.onward import page_of

# Nothing from elsewhere, nothing inline, nothing framed. Pages must do with files of our own.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


def security_headers(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Add the content security policy, and keep answers to signed-in users out of every cache."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        response["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store"
        return response

    return answer


def provider_session(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Sign out whoever came through the provider and may not stay: `varde.access.oidc.sessions.still_holds`.

    It is looked at when somebody asks who it is, as the user itself is: what shows no page needs no database.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            known = request.user
            request.user = SimpleLazyObject(lambda: _who_still_is(request, known))
        return get_response(request)

    return answer


def _who_still_is(request: HttpRequest, known: Any) -> Any:
    held = request.session.get(KEY)
    if not held or still_holds(held, timezone.now()):
        return known
    audit.record(known, "sign-out")
    request.session.flush()
    return AnonymousUser()


def known_host(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Refuse machines that ask under a name that is not the service's in the form that they can read;
    people get the page that Django has for it."""

    def answer(request: HttpRequest) -> HttpResponse:
        root = request.path_info[1:].partition("/")[0]
        if root in ("intake", "fhir"):
            try:
                request.get_host()
            except DisallowedHost:
                # Not at the top: the intake's own modules need Django to be ready.
                from varde.web.intake.fhir import refuse_as_outcome
                from varde.web.intake.refusals import IntakeRefused, refuse

                refused = IntakeRefused("unknown-host")
                return refuse_as_outcome(refused) if root == "fhir" else refuse(refused)
        return get_response(request)

    return answer


def readable_refusals(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Say to whoever reads pages that an address shows none, where Django answers with nothing at all."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        reads_pages = "text/html" in request.headers.get("Accept", "")
        if response.status_code != 405 or response.content or not reads_pages:
            return response
        shown = render(request, "web/405.html", {"onward": page_of(request.path)}, status=405)
        shown["Allow"] = response["Allow"]
        return shown

    return answer


def language(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Norwegian unless the reader has chosen otherwise.

    What the browser asks for is not followed: Norwegian readers often have browsers in English.
    """
    known = dict(settings.LANGUAGES)

    def answer(request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        with translation.override(chosen if chosen in known else settings.LANGUAGE_CODE):
            request.LANGUAGE_CODE = translation.get_language()
            response = get_response(request)
            response.setdefault("Content-Language", request.LANGUAGE_CODE)
        patch_vary_headers(response, ("Cookie",))
        return response

    return answer
