"""What the frame around every page needs: the menu of the one who is signed in."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from varde.access.gate import UNSAVED
from varde.access.roles import Role, role_file, role_of
from varde.web.menu import pages_of

FORMS = frozenset({"notification", "prevalence", "surgery"})
"""Pages on which something is sent, and nothing of others is shown."""


ASKING = frozenset({"lookup", "access-request"})
"""Pages that ask for a number: whom they show depends on the purpose too."""


def frame(request: HttpRequest) -> dict[str, Any]:
    """Template variables of the frame."""
    language = get_language() or "nb"
    found: dict[str, Any] = {
        "language": language,
        "other_language": "nb" if language == "en" else "en",
        "menu": pages_of(request),
        "here": request.path,
    }
    # A page for an error may be drawn before anybody has been recognised.
    role = role_of(getattr(request, "user", None))
    if role is not None:
        found |= {
            "role_name": role.name.in_language(language),
            "role_purpose": role.purpose.in_language(language),
            "role_scope": _scope(request, role, language),
            # Asked by the frame alone: what is drawn without it must not use the word up.
            "unsaved": lambda: request.session.pop(UNSAVED, False),
        }
    return found


def _scope(request: HttpRequest, role: Role, language: str) -> str:
    """What the page that is open is limited to for this role; empty where nothing is.

    Resistance figures are for everybody who may open them: they name no person and no message.
    """
    place = request.resolver_match.url_name if request.resolver_match else ""
    if place not in role.pages or place in ASKING:
        return ""
    if place == "resistance":
        return _("shows figures for the whole country")
    if place in FORMS:
        area = role_file().area_kinds[role.area_kind].in_language(language)
        return _("sends for %(area)s") % {"area": area}
    area = role_file().area_kinds[role.area_kind].in_language(language)
    return _("shows %(area)s") % {"area": area}
