"""What the frame around every page needs: the menu of the one who is signed in."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def frame(request: HttpRequest) -> dict[str, Any]:
    """Template variables of the frame."""
    return {}
