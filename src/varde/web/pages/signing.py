"""Signing in and out."""

from __future__ import annotations

import logging

from django import forms
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from varde.access import audit, throttle
from varde.access.roles import role_of

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
    """The form; then on to the page that was asked for, or the role's own."""
    wanted = request.POST.get("next", request.GET.get("next", ""))
    if request.user.is_authenticated:
        return redirect(_onward(request, wanted))
    form = SignInForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if form.is_valid():
            login(request, form.user)
            request.session.clear_expired()
            audit.record(request.user, "sign-in")
            return redirect(_onward(request, wanted))
        audit.record(None, "sign-in-failed")
    return render(
        request,
        "web/sign_in.html",
        {"form": form, "next": wanted},
        status=422 if form.errors else 200,
    )


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    if request.user.is_authenticated:
        audit.record(request.user, "sign-out")
    logout(request)
    return redirect("start")


def _onward(request: HttpRequest, wanted: str) -> str:
    """Where to go after signing in: only ever within this service."""
    if wanted and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return wanted
    role = role_of(request.user)
    return reverse(role.landing) if role else reverse("start")
