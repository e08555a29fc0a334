"""The first page: what Varde is, or, for one who is signed in, what there is to do."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from varde import register
from varde.access.roles import AreaMissing, may_open, role_of, sender_scope
from varde.web.menu import pages_of


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The public page without register data, or the start page of the user's role."""
    if not request.user.is_authenticated:
        return render(request, "web/welcome.html")
    return render(
        request,
        "web/start.html",
        {
            "pages": pages_of(request),
            "open_problems": _open_problems(request),
            "coming": _coming(request),
        },
    )


def _coming(request: HttpRequest) -> list[str]:
    """What the role's start page will hold, and does not yet."""
    role = role_of(request.user)
    return [words.in_language(request.LANGUAGE_CODE) for words in role.coming] if role else []


def _open_problems(request: HttpRequest) -> int | None:
    """How many problems wait for this user; None for one who has none to look after."""
    if not may_open(request.user, "quarantine"):
        return None
    try:
        sender = sender_scope(request.user)
    except AreaMissing:
        return None
    return sum(number for _, number in register.quarantine_counts(sender))
