"""The door in front of every page that shows something: sign in, and have a role that may."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse

from varde.access import audit
from varde.access.areas import Area
from varde.access.decisions import (
    AccessRefused,
    Allowed,
    Decision,
    Refused,
    allows,
    opens,
)
from varde.access.roles import Right

View = Callable[..., HttpResponse]
UNSAVED = "unsaved"
"""Key in the session: something was sent after the session had ended, and went nowhere."""

__all__ = ["AccessRefused", "Allowed", "Decision", "Refused", "allows", "page", "require"]


def page(key: str) -> Callable[[View], View]:
    """Let only users through whose role has the page `key`.

    One who is not signed in is sent to sign in, and back afterwards; what they sent is not kept,
    and the next page says so (`UNSAVED`). One whose role does not have
    the page gets the 403 page, and the attempt is logged.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                if request.method not in ("GET", "HEAD"):
                    request.session[UNSAVED] = True
                return redirect_to_login(request.get_full_path())
            decision = opens(request.user, key)
            if isinstance(decision, Refused):
                audit.record(request.user, "denied", page=key)
                raise AccessRefused(decision)
            return view(request, *args, **kwargs)

        guarded.page_key = key  # type: ignore[attr-defined]
        return guarded

    return wrap


def require(
    request: HttpRequest, page: str, right: Right, area: Area | None = None, purpose: str = ""
) -> Allowed:
    """Go on only if the request's user may do something, there and for that.

    Args:
        page: key of the page on which it is asked for; with the refusal it goes into the access log.

    Raises:
        AccessRefused: no; the 403 page says why.
    """
    decision = allows(request.user, right, area, purpose)
    if isinstance(decision, Refused):
        audit.record(request.user, "denied", page=page)
        raise AccessRefused(decision)
    return decision
