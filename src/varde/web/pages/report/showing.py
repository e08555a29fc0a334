"""One's own prescribing report: the newest, one of a year, and the same as a document."""

from __future__ import annotations

from functools import cache
from threading import Lock
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from varde import learning
from varde.access.gate import page
from varde.access.roles import may_open
from varde.deliveries import DeliveriesError
from varde.prescribing.reports import Report, page_words
from varde.publishing.documents import Press
from varde.web.pages.report.drawing import Language, show_report, write_target
from varde.web.pages.report.readers import (
    Edition,
    editions_of,
    find_edition,
    note_look,
    open_report,
    own_of,
    years_of,
)

VARIANTS = {
    "year": lambda: _("The year"),
    "follow-up": lambda: _("Half a year after the course"),
    "doctor": lambda: _("My own"),
    "unit": lambda: _("My unit's"),
}
"""What the variants are called where a reader has several."""
READERS = {
    "legevakt": lambda: _("the doctors who work at the unit"),
    "rask": lambda: _("the nursing home's leaders and nurses"),
    "home-care": lambda: _("the staff of the home-care service who sign in here"),
    "peer-group": lambda: _("whoever leads the group"),
    "county": lambda: _("the county's coordinators"),
}
"""Who reads a report that is not about one doctor, and for that one alone."""
_setting = Lock()


@require_safe
@page("report")
def show(request: HttpRequest) -> HttpResponse:
    """The newest report; or that there is none yet."""
    years = years_of(request)
    if not years:
        return render(request, "web/report_none.html")
    return _show(request, find_edition(request, years[0]), years)


@require_safe
@page("report")
def show_year(request: HttpRequest, year: int, unit: str = "") -> HttpResponse:
    """The report of a year; another's is not there."""
    edition = find_edition(request, year, unit, request.GET.get("utgave", ""))
    return _show(request, edition, years_of(request))


@require_safe
@page("report")
def download(request: HttpRequest, year: int, unit: str = "") -> HttpResponse:
    """The report as a document of two pages, made now from the same object."""
    edition = find_edition(request, year, unit, request.GET.get("utgave", ""))
    asked = request.GET.get("sprak", "")
    language: Language = "en" if (asked or get_language()) == "en" else "nb"
    report = open_report(edition)
    with _setting:  # a press sets one document at a time
        document = _press().set(report, language)
    note_look(request, "download", edition)
    answer = HttpResponse(document, content_type="application/pdf")
    name = f"{report.kind}-{edition.variant}-{year}-{language}.pdf"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer


@cache
def _press() -> Press:
    return Press()


def _show(request: HttpRequest, edition: Edition, years: list[int]) -> HttpResponse:
    return draw(request, edition, open_report(edition), years)


def draw(
    request: HttpRequest,
    edition: Edition,
    report: Report,
    years: list[int],
    *,
    given: dict[str, str] | None = None,
    faults: dict[str, str] | None = None,
    asked: str = "",
    status: int = 200,
) -> HttpResponse:
    """The page of a report.

    Args:
        given: what was filled in into one of its forms, where something is wrong with it.
        faults: name of a field → what is wrong.
        asked: what is asked about the goal before it is kept.
    """
    language: Language = "en" if get_language() == "en" else "nb"
    note_look(request, "view", edition)
    answer = render(
        request,
        "web/report.html",
        {
            "report": show_report(
                report, language, resistance=may_open(request.user, "resistance")
            ),
            "edition": edition,
            "years": [(year, reverse("report-year", args=[year])) for year in years],
            "editions": _offer(request, edition),
            "documents": [
                (code, f"{_address(edition, 'report-document')}{_query(edition, sprak=code)}")
                for code in (language, "nb" if language == "en" else "en")
            ],
            "goals": _goals(report, language, (given or {}).get("indikator", "")),
            "picked": _picked(report, language),
            "readers": "" if report.personal else READERS[report.kind](),
            "consent": _consent(request, edition),
            "given": given or {},
            "faults": faults or {},
            "asked": asked,
            "asked_keep": page_words().goal_keep.en
            if language == "en"
            else page_words().goal_keep.nb,
            # The id "mal" is the section's.
            "complaints": [
                ("mal-tall" if field == "mal" else field, words)
                for field, words in (faults or {}).items()
            ],
            "kept": request.GET.get("lagret", ""),
        },
        status=status,
    )
    answer["Cache-Control"] = "no-store"
    return answer


def _address(edition: Edition, name: str) -> str:
    """An address of a report; the user's own number is never in one."""
    if edition.whose.own:
        return reverse(name, args=[edition.year])
    return reverse(f"{name}-of", args=[edition.year, edition.whose.unit])


def _query(edition: Edition, **more: str) -> str:
    return f"?{urlencode({'utgave': edition.variant, **more})}"


def address_of(edition: Edition, **more: str) -> str:
    """Where the page of a report is."""
    return f"{_address(edition, 'report-year')}{_query(edition, **more)}"


def _offer(request: HttpRequest, shown: Edition) -> list[tuple[str, str, bool]]:
    """The reports of the year to choose among: words, address, whether it is the one that is shown; none where there is
    one alone."""
    found = editions_of(request, shown.year)
    if len(found) < 2:
        return []
    return [
        (VARIANTS.get(one.variant, lambda: "")() or one.variant, address_of(one), one == shown)
        for one in found
    ]


def _goals(report: Report, language: Language, chosen: str) -> list[dict[str, Any]]:
    """What may be a goal: the first page's indicators that have a better way, and how each stands."""
    found = []
    words = page_words().goal_blind
    blind = words.en if language == "en" else words.nb
    for panel in report.panels:
        if panel.good == "none":
            continue
        both = [panel.title, panel.good_words]
        title, good = [one.en if language == "en" else one.nb for one in both]
        stands = [
            (mark.name.en, mark.figure.shown.en)
            if language == "en"
            else (mark.name.nb, mark.figure.shown.nb)
            for mark in panel.marks
            if mark.role in ("own", "benchmark")
        ]
        found.append(
            {
                "key": panel.indicator,
                "title": title,
                "good": good,
                "stands": stands,
                "blind": "" if panel.marks[0].figure.value is not None else blind,
                "checked": panel.indicator == chosen,
            }
        )
    return found


def _picked(report: Report, language: Language) -> dict[str, Any] | None:
    """The goal that the next report will open with."""
    goal = learning.latest_goal(report)
    if goal is None:
        return None
    for panel in report.panels:
        if panel.indicator == goal.indicator:
            title = panel.title.en if language == "en" else panel.title.nb
            return {
                "title": title,
                "most": panel.good == "lower",
                "target": write_target(goal.target, panel.indicator, language),
                "by": goal.by,
                "picked": goal.picked,
                "barrier": goal.barrier,
            }
    return None


def _consent(request: HttpRequest, edition: Edition) -> bool | None:
    """Whether the reader has agreed to be a dot; None for those who are not asked: all but doctors in a group."""
    if edition.whose.kind != "rak":
        return None
    doctor = own_of(request).unit
    if learning.has_consented(doctor):
        return True
    try:
        return False if learning.is_group(doctor, timezone.localdate()) else None
    except DeliveriesError:
        return None
