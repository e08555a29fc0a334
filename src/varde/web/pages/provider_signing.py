"""Signing in through the site's OpenID provider: there, back, choosing among one's roles, and out."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from msgspec import Struct, ValidationError, convert, to_builtins

from varde.access import audit
from varde.access.clients import base_address
from varde.access.keys import KeyProblem, load_keys
from varde.access.models import Grant
from varde.access.oidc.flow import Attempt, begin, finish
from varde.access.oidc.grants import grants_of, still_among, user_of
from varde.access.oidc.identity import Identity, show_reference
from varde.access.oidc.provider import Provider, current_provider
from varde.access.oidc.refusals import SignInRefused
from varde.access.oidc.sessions import KEY, end_sessions, hold
from varde.access.roles import role_file, roles
from varde.web.onward import onward

BACKEND = "django.contrib.auth.backends.ModelBackend"
ATTEMPTS = "varde-oidc-attempts"
CHOICE = "varde-oidc-choice"
MOST_ATTEMPTS = 3
"""Sign-ins that may be under way in one browser, in tabs beside each other."""
LARGEST_LOGOUT = 16_384
NOBODY_CAME = frozenset({"attempt-unknown", "provider-down", "busy"})
"""What anybody can bring about without having been at the provider; the access log, which is kept for ever, has none
of it."""
_log = logging.getLogger(__name__)


class Choice(Struct, frozen=True):
    """Somebody whom the provider has recognised, and who has yet to say in which role they come."""

    identity: Identity
    grants: tuple[int, ...]
    wanted: str
    at: float


@never_cache
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Send the browser to the provider."""
    provider = _provider()
    wanted = request.GET.get("next", "")
    if request.user.is_authenticated:
        return redirect(onward(request, wanted))
    back = base_address(request) + reverse("sign-in-return")
    try:
        address, attempt = begin(provider, back, wanted, get_language() or "nb", timezone.now())
    except (SignInRefused, KeyProblem) as refused:
        return _refuse(request, provider, refused)
    attempts = request.session.get(ATTEMPTS, {})
    newest = dict(list(attempts.items())[-(MOST_ATTEMPTS - 1) :])
    request.session[ATTEMPTS] = newest | {attempt.state: to_builtins(attempt)}
    request.session.set_expiry(provider.configuration.rules.seconds.attempt)
    return HttpResponseRedirect(address)


@never_cache
@require_GET
def come_back(request: HttpRequest) -> HttpResponse:
    """What the provider answers: who it is; then on, to the page that was asked for."""
    provider = _provider()
    try:
        came = _read_once(request)
        attempt = _take_attempt(request, came.get("state", ""))
        keys = load_keys(Path(settings.VARDE_HOME), make=False)
        now = timezone.now()
        identity = finish(provider, attempt, came, keys, now)
        grants = grants_of(identity, timezone.localdate(now))
        if not grants:
            raise SignInRefused("unknown-person", "no-grant", identity.person)
    except (SignInRefused, KeyProblem) as refused:
        return _refuse(request, provider, refused)
    if len(grants) == 1:
        return _enter(request, provider, identity, grants[0], attempt.wanted)
    choice = Choice(identity, tuple(grant.pk for grant in grants), attempt.wanted, now.timestamp())
    # Another session than the one before: whoever may have known that one is not let into this.
    request.session.cycle_key()
    request.session[CHOICE] = to_builtins(choice)
    return redirect("sign-in-role")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """In which of one's roles one comes."""
    provider = _provider()
    now = timezone.now()
    try:
        choice = convert(request.session.get(CHOICE), type=Choice)
        if not 0 <= now.timestamp() - choice.at <= provider.configuration.rules.seconds.attempt:
            raise SignInRefused("attempt-unknown", "choice-too-old")
        grants = still_among(choice.grants, timezone.localdate(now))
        if not grants:
            raise SignInRefused("unknown-person", "no-grant", choice.identity.person)
    except ValidationError:
        return redirect("sign-in")
    except SignInRefused as refused:
        return _refuse(request, provider, refused)
    chosen = next((one for one in grants if str(one.pk) == request.POST.get("rolle")), None)
    if request.method == "POST" and chosen is not None:
        return _enter(request, provider, choice.identity, chosen, choice.wanted)
    return render(
        request,
        "web/sign_in_role.html",
        {
            "choices": [_describe(grant, get_language() or "nb") for grant in grants],
            "problem": _("Choose a role.") if request.method == "POST" else "",
        },
        status=422 if request.method == "POST" else 200,
    )


@csrf_exempt
@require_POST
def end(request: HttpRequest) -> HttpResponse:
    """The provider says that somebody has signed out there (OpenID Connect Back-Channel Logout 1.0)."""
    provider = _provider()
    try:
        if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_LOGOUT:
            raise SignInRefused("token-refused", "too-large")
        keys = load_keys(Path(settings.VARDE_HOME), make=False)
        token = request.POST.get("logout_token", "")
        end_sessions(provider, token, keys, timezone.now())
    except (SignInRefused, KeyProblem) as refused:
        _tell(refused, "sign-out-provider")
        answer: HttpResponse = JsonResponse({"error": "invalid_request"}, status=400)
    else:
        answer = HttpResponse(status=200)
    answer["Cache-Control"] = "no-store"
    return answer


def forget_attempts(request: HttpRequest) -> None:
    """Leave nothing of sign-ins that were under way in a session in which somebody is signed in now."""
    for name in (ATTEMPTS, CHOICE):
        request.session.pop(name, None)
    request.session.set_expiry(None)


def signed_out(request: HttpRequest) -> HttpResponse | None:
    """The page after signing out of a session that the provider began; None when it did not.

    One is still signed in at the provider, and so perhaps elsewhere: the page says so and leads there.
    """
    provider = current_provider()
    if provider is None:
        return None
    known = provider.known()
    address = ""
    if known is not None and known.end_session_endpoint:
        told = {
            "client_id": provider.configuration.client_id,
            "post_logout_redirect_uri": base_address(request) + reverse("start"),
        }
        joint = "&" if "?" in known.end_session_endpoint else "?"
        address = f"{known.end_session_endpoint}{joint}{urlencode(told)}"
    return render(
        request,
        "web/signed_out.html",
        {"provider": provider.configuration.name, "address": address},
    )


def _provider() -> Provider:
    provider = current_provider()
    if provider is None:
        raise Http404
    return provider


def _read_once(request: HttpRequest) -> dict[str, str]:
    """The parameters that came back, each of which may stand once."""
    if any(len(values) > 1 for _name, values in request.GET.lists()):
        raise SignInRefused("provider-unusable", "parameter-twice")
    return dict(request.GET.items())


def _take_attempt(request: HttpRequest, state: str) -> Attempt:
    """The attempt of this browser that the answer is to; it is gone afterwards."""
    attempts = request.session.get(ATTEMPTS, {})
    if state not in attempts:
        raise SignInRefused("attempt-unknown", "no-attempt")
    found = attempts.pop(state)
    request.session[ATTEMPTS] = attempts
    try:
        return convert(found, type=Attempt)
    except ValidationError:
        raise SignInRefused("attempt-unknown", "malformed") from None


def _enter(
    request: HttpRequest,
    provider: Provider,
    identity: Identity,
    grant: Grant,
    wanted: str,
) -> HttpResponse:
    user = user_of(identity.person, grant)
    if not user.is_active:
        return _refuse(request, provider, SignInRefused("closed", "user"))
    login(request, user, backend=BACKEND)  # under a new session key
    forget_attempts(request)
    request.session[KEY] = hold(identity, grant.pk, provider.configuration.session, timezone.now())
    request.session.clear_expired()
    audit.record(request.user, "sign-in")
    return redirect(onward(request, wanted))


def _refuse(
    request: HttpRequest, provider: Provider, problem: SignInRefused | KeyProblem
) -> HttpResponse:
    """A page that says what to do; why, in the log."""
    _tell(problem, "sign-in-return")
    refused = (
        problem
        if isinstance(problem, SignInRefused)
        else SignInRefused("provider-refused", "own-key")
    )
    if refused.code not in NOBODY_CAME:
        audit.record(None, "sign-in-failed")
    language = get_language() or "nb"
    words = {
        "provider": provider.configuration.name,
        "contact": provider.configuration.contact or _("the one who manages access where you work"),
    }
    return render(
        request,
        "web/sign_in_refused.html",
        {
            "title": refused.reason.title.in_language(language).format(**words),
            "text": refused.reason.text.in_language(language).format(**words),
            "reference": show_reference(refused.reference) if refused.reference else "",
            "provider": provider.configuration.name,
        },
        status=refused.reason.status,
    )


def _tell(problem: SignInRefused | KeyProblem, route: str) -> None:
    """Tell the log, and never of whom."""
    reason, detail = "own-key", ""
    if isinstance(problem, SignInRefused):
        reason, detail = problem.code, problem.detail
    _log.warning(
        "a sign-in was refused", extra={"route": route, "reason": reason, "error": detail or None}
    )


def _describe(grant: Grant, language: str) -> dict[str, Any]:
    role = roles()[grant.role]
    return {
        "number": grant.pk,
        "name": role.name.in_language(language),
        "place": grant.shown or grant.area,
        "area": role_file().area_kinds[role.area_kind].in_language(language),
    }
