"""About Varde: what it is made of, under which licences, and how accessible it is."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from varde.publishing.documents import FONTS


@cache
def vendored() -> list[dict[str, Any]]:
    """The parts by others that the pages and the documents carry with them."""
    parts: list[dict[str, Any]] = []
    for folder in (settings.WEB / "static" / "vendor", FONTS):
        parts += json.loads((folder / "vendored.json").read_text(encoding="utf-8"))
    return parts


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Open to everybody; holds no register data."""
    return render(request, "web/about.html", {"vendored": vendored()})
