"""The guideline's first page: one search box, and the organ systems."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from varde.codes import diagnosis_codes
from varde.guidelines import LONGEST, Edition, Index
from varde.guidelines.documents import DEMONSTRATION
from varde.web.pages.guideline.asked import Asked, on_a_day
from varde.web.pages.guideline.listing import list_entry, list_guidelines

MOST = 40
"""Hits that are shown: more are no help."""


@on_a_day
def show(request: HttpRequest, asked: Asked) -> HttpResponse:
    """What was searched for; without a search, the organ systems with their recommendations."""
    question = request.GET.get("sok", "")[:LONGEST].strip()
    answer = index_of(asked.edition).look_up(question)
    hits = answer.hits
    return render(
        request,
        "web/guideline.html",
        {
            "asked": asked,
            "question": question,
            "found": [list_entry(hit.entry, asked, hit.code) for hit in hits[:MOST]],
            "hits": len(hits),
            "missing": answer.missing if hits else (),
            "suggestions": [
                (meant, f"{reverse('guideline')}?{urlencode(_ask(meant, asked))}")
                for meant in answer.suggestions
            ],
            "guidelines": [] if hits else list_guidelines(asked),
            "is_demonstration": any(
                one.innhold.id.startswith(DEMONSTRATION)
                for one in asked.edition.current("retningslinje")
            ),
        },
    )


def _ask(question: str, asked: Asked) -> dict[str, str]:
    """The parameters of a search on the same day."""
    return {"sok": question, **({"dato": asked.day.isoformat()} if asked.other else {})}


@lru_cache(maxsize=8)
def index_of(edition: Edition) -> Index:
    """What an edition is searched in: also by the names of its codes, in both languages."""
    names = {
        key: f"{diagnosis.name_nb} {diagnosis.name_en}"
        for key, diagnosis in diagnosis_codes().items()
    }
    return Index(edition, names)
