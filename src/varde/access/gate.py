"""The door in front of every page that shows something: sign in, and have a role that may."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from varde.access import audit
from varde.access.roles import may_open

View = Callable[..., HttpResponse]


def page(key: str) -> Callable[[View], View]:
    """Let only users through whose role has the page `key`.

    One who is not signed in is sent to sign in, and back afterwards. One whose role does not have
    the page gets the 403 page, and the attempt is logged.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not may_open(request.user, key):
                audit.record(request.user, "denied", page=key)
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.page_key = key  # type: ignore[attr-defined]
        return guarded

    return wrap
