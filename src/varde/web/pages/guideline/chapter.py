"""One organ system: its recommendations, each with its first choice."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from varde.guidelines.documents import DEMONSTRATION
from varde.web.pages.guideline.asked import Asked, on_a_day
from varde.web.pages.guideline.listing import list_entry, recommendations_below


@on_a_day
def show(request: HttpRequest, asked: Asked, slug: str) -> HttpResponse:
    """The chapter as it stood that day."""
    entry = asked.find("kapittel", slug)
    below = [
        child
        for child in asked.edition.children(entry.innhold.id)
        if child.innhold.info_type == "kapittel"
    ]
    return render(
        request,
        "web/guideline_chapter.html",
        {
            "asked": asked,
            "innhold": entry.innhold,
            "above": asked.edition.roots(entry.innhold.id),
            "listed": [list_entry(one, asked) for one in recommendations_below(entry, asked)],
            "below": [(child.innhold.tittel, asked.address(child)) for child in below],
            "is_demonstration": entry.innhold.id.startswith(DEMONSTRATION),
        },
    )
