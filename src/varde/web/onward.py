"""Where to go after signing in."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from varde.access.roles import role_of


def onward(request: HttpRequest, wanted: str) -> str:
    """The page that was asked for, else the role's own: only ever within this service."""
    if wanted and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return wanted
    role = role_of(request.user)
    return reverse(role.landing) if role else reverse("start")
