"""Where to go after signing in, and to which page an address belongs that shows none."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import Resolver404, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme

from varde.access.roles import role_of

BELONGS: Mapping[str, str] = {
    "inbox-act": "inbox",
    "desk-act": "desk",
    "desk-unknown": "desk",
    "notification-correct": "notification-handed-in",
    "prevalence-file": "prevalence",
    "prevalence-correct": "prevalence-handed-in",
    "surgery-file": "surgery",
    "surgery-correct": "surgery-handed-in",
    "sign-out": "start",
    "language": "start",
}
"""Addresses that forms are sent to and that show no page → the page that has the form."""


def onward(request: HttpRequest, wanted: str) -> str:
    """The page that was asked for, else the role's own: only ever within this service."""
    if wanted and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return page_of(wanted) or wanted
    role = role_of(request.user)
    return reverse(role.landing) if role else reverse("start")


def page_of(address: str) -> str:
    """The page that has the form which is sent to an address; empty for an address that shows a page itself."""
    try:
        match = resolve(urlsplit(address).path)
    except (Resolver404, ValueError):
        return ""
    name = BELONGS.get(match.url_name or "")
    if name is None:
        return ""
    thread = match.kwargs.get("thread")
    return reverse(name) + (f"#trad-{thread}" if thread else "")
