"""What the frame around every page needs: the menu of the one who is signed in."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language

from varde.access.roles import role_file, role_of
from varde.web.menu import pages_of


def frame(request: HttpRequest) -> dict[str, Any]:
    """Template variables of the frame."""
    language = get_language() or "nb"
    found: dict[str, Any] = {
        "language": language,
        "other_language": "nb" if language == "en" else "en",
        "menu": [],
        "here": request.path,
    }
    # A page for an error may be drawn before anybody has been recognised.
    role = role_of(getattr(request, "user", None))
    if role is not None:
        area = role_file().area_kinds[role.area_kind].in_language(language)
        found |= {
            "menu": pages_of(request),
            "role_name": role.name.in_language(language),
            "role_purpose": role.purpose.in_language(language),
            "role_area": area,
        }
    return found
