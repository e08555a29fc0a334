"""Signing in and out."""

from __future__ import annotations

import logging

from django import forms
from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from varde.access import audit, throttle
from varde.access.oidc.sessions import KEY
from varde.web.onward import onward
from varde.web.pages.provider_signing import forget_attempts, signed_out

_logger = logging.getLogger(__name__)


class SignInForm(forms.Form):
    """User name and password."""

    username = forms.CharField(
        max_length=64, error_messages={"required": _("Write your user name.")}
    )
    password = forms.CharField(
        strip=False, max_length=256, error_messages={"required": _("Write your password.")}
    )

    def clean(self) -> dict[str, str]:
        """Find the user; the same words whether the name or the password is wrong."""
        given = super().clean() or {}
        self.user = None
        if self.errors:
            return given
        if throttle.is_blocked(given["username"]):
            _tell_refused("throttled")
            raise forms.ValidationError(
                _("Too many attempts with this user name. Wait fifteen minutes and try again.")
            )
        self.user = authenticate(username=given["username"], password=given["password"])
        if self.user is None:
            throttle.note_failure(given["username"])
            _tell_refused("wrong-name-or-password")
            raise forms.ValidationError(_("The user name or the password is wrong."))
        throttle.clear(given["username"])
        return given


def _tell_refused(reason: str) -> None:
    """Tell the log, and never of whom: people type passwords into the field of the name."""
    _logger.warning("a sign-in was refused", extra={"route": "sign-in", "reason": reason})


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The form, and the way to the provider where the site has one; then on to the page that was asked for,
    or the role's own."""
    wanted = request.POST.get("next", request.GET.get("next", ""))
    if request.user.is_authenticated:
        return redirect(onward(request, wanted))
    if request.method == "POST" and not settings.VARDE_PASSWORD_SIGN_IN:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    form = SignInForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if form.is_valid():
            login(request, form.user)
            forget_attempts(request)
            request.session.clear_expired()
            audit.record(request.user, "sign-in")
            return redirect(onward(request, wanted))
        audit.record(None, "sign-in-failed")
    return render(
        request,
        "web/sign_in.html",
        {
            "form": form,
            "next": wanted,
            "provider": settings.SIGN_IN_PROVIDER.name if settings.SIGN_IN_PROVIDER else "",
            "passwords": settings.VARDE_PASSWORD_SIGN_IN,
        },
        status=422 if form.errors else 200,
    )


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    if request.user.is_authenticated:
        audit.record(request.user, "sign-out")
    through_provider = KEY in request.session
    logout(request)
    page = signed_out(request) if through_provider else None
    return page or redirect("start")
