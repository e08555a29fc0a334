"""One recommendation as it stood on a day: what to give, to whom, for how long, and why."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from varde.codes import diagnosis_codes
from varde.guidelines import Entry
from varde.guidelines.documents import DEMONSTRATION
from varde.guidelines.model import AnbefalingData, Innhold, Kilde, PicoData
from varde.web import guideline
from varde.web.pages.guideline.asked import Asked, on_a_day
from varde.web.pages.guideline.listing import codes_of, plain_title, summarise
from varde.web.pages.guideline.regimens import has_weight_doses, lay_out
from varde.web.pages.guideline.weight import InvalidWeight, read_weight

LONGEST_WEIGHT = 12
_SAID_ABOVE = re.compile(
    r"(?P<tag>\s*<p>)?\s*Demonstrasjonsinnhold\b[^.<]*\.(\s*Ikke til klinisk bruk\.)?\s*(?P<end></p>)?"
)
"""How texts of the demonstration begin: what the banner of the page says already."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question to the evidence that the recommendation rests on."""

    title: str
    address: str
    parts: tuple[tuple[str, str], ...]
    outcomes: tuple[str, ...]


@on_a_day
def show(request: HttpRequest, asked: Asked, slug: str) -> HttpResponse:
    """The recommendation; with a weight, doses per kilogram worked out."""
    entry = asked.find("anbefaling", slug)
    served: Innhold[Any] = asked.publication.get(entry.innhold.id)
    data = served.data if isinstance(served.data, AnbefalingData) else AnbefalingData()
    written = request.GET.get("vekt", "")[:LONGEST_WEIGHT]
    try:
        weight, is_wrong = read_weight(written), False
    except InvalidWeight:
        weight, is_wrong = None, True
    versions = asked.edition.library.versions(entry.innhold.id)
    return render(
        request,
        "web/guideline_recommendation.html",
        {
            "asked": asked,
            "entry": entry,
            "innhold": served,
            "data": data,
            "plain": plain_title(served),
            "is_demonstration": served.id.startswith(DEMONSTRATION),
            "intro": introduce(served),
            "summary": summarise(data, most=None, weight=weight),
            "treatments": lay_out(data, weight),
            "by_weight": has_weight_doses(data),
            "weight": weight,
            "weight_written": written,
            "weight_is_wrong": is_wrong,
            "key_info": _key_info(data),
            "places": _places(entry, asked),
            "codes": name_codes(entry),
            "snomed": served.koder.of("SNOMED-CT") if served.koder else (),
            "questions": _questions(entry, asked),
            "references": _children(entry, asked, "referanse"),
            "sources": [(source, certainty(source)) for source in entry.sources],
            "versions": len(versions),
            "newest": versions[-1],
            "versions_address": reverse("guideline-versions", args=(slug,)) + asked.suffix,
            "data_links": data_links(served.id, asked),
            "printed": guideline.today(),
            "full_address": request.build_absolute_uri(asked.address(entry)),
        },
        # htmx shows no answer that says it failed, and the message must be seen.
        status=422 if is_wrong and "HX-Request" not in request.headers else 200,
    )


def introduce(served: Innhold[Any]) -> str:
    """The introduction, without the sentence that the banner above it says already."""
    intro = served.intro or ""
    if not served.id.startswith(DEMONSTRATION):
        return intro
    found = _SAID_ABOVE.match(intro)
    if not found:
        return intro
    opened = "<p>" if found["tag"] and not found["end"] else ""
    return opened + intro[found.end() :]


def name_codes(entry: Entry) -> list[tuple[str, str, str]]:
    """Diagnosis codes with their names in the reader's language: (system, code, name)."""
    known = diagnosis_codes()
    english = get_language() == "en"
    found = []
    for key in codes_of(entry):
        diagnosis = known.get(key)
        name = (diagnosis.name_en if english else diagnosis.name_nb) if diagnosis else ""
        found.append((*key, name))
    return found


def certainty(source: Kilde) -> tuple[str, str]:
    """How sure what is said from a source is: the colour of its mark, and the words."""
    return {
        "kilde": ("success", _("read in the source")),
        "slutning": ("warning", _("inferred")),
        "allmennkunnskap": ("warning", _("general knowledge")),
    }[source.sikkerhet]


def data_links(id_: str, asked: Asked) -> list[tuple[str, str]]:
    """Addresses of the same object as data, those that this service has: (name, address)."""
    day = f"gyldigDato={asked.day}" if asked.other else ""
    known = [
        ("JSON", f"/innhold/{id_}", ""),
        ("Markdown", f"/innhold/{id_}", "format=markdown"),
        ("FHIR", f"/fhir/PlanDefinition/{id_}", ""),
    ]
    found = []
    for name, path, query in known:
        try:
            resolve(path)
        except Resolver404:
            continue
        asking = "&".join(part for part in (query, day) if part)
        found.append((name, f"{path}?{asking}" if asking else path))
    return found


def _key_info(data: AnbefalingData) -> list[tuple[str, str]]:
    info = data.nokkelInfo
    if not info:
        return []
    parts = (
        (_("Benefits and harms"), info.fordelerogulemper),
        (_("Quality of the evidence"), info.kvalitetdokumentasjon),
        (_("Values and preferences"), info.verdierogpreferanser),
        (_("Use of resources"), info.ressurshensyn),
    )
    return [(heading, html) for heading, html in parts if html]


def _places(entry: Entry, asked: Asked) -> list[tuple[Entry, str, tuple[Entry, ...]]]:
    """Each chapter that it stands in: the chapter, its address, and its guidelines."""
    return [
        (parent, asked.address(parent), asked.edition.roots(parent.innhold.id))
        for parent in asked.edition.parents(entry.innhold.id)
        if parent.innhold.info_type == "kapittel"
    ]


def _questions(entry: Entry, asked: Asked) -> list[Question]:
    found = []
    for child in _children(entry, asked, "pico"):
        data = child.innhold.data
        if isinstance(data, PicoData):
            parts = (
                (_("Population"), data.populasjon),
                (_("Intervention"), data.intervensjon),
                (_("Comparison"), data.sammenligning),
            )
            found.append(
                Question(
                    title=child.innhold.tittel,
                    address=child.innhold.url or "",
                    parts=tuple((name, text) for name, text in parts if text),
                    outcomes=data.utfall or (),
                )
            )
    return found


def _children(entry: Entry, asked: Asked, info_type: str) -> list[Entry]:
    return [
        child
        for child in asked.edition.children(entry.innhold.id)
        if child.innhold.info_type == info_type
    ]
