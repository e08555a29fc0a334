"""What a reader does about a report: picks a goal, says what is wrong, agrees to be a dot or takes it back.

Whoever comes to one of these addresses without sending anything, by choosing another language say, comes to the report.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from varde import learning
from varde.access.gate import page
from varde.prescribing.reports import Report, fill, page_words
from varde.web.forms.tables import day_of
from varde.web.pages.report.readers import Edition, find_edition, open_report, own_of, years_of
from varde.web.pages.report.showing import address_of, draw


@require_http_methods(["GET", "HEAD", "POST"])
@page("report")
def pick_goal(request: HttpRequest, year: int) -> HttpResponse:
    """Keep a goal; the report is shown again, with what is wrong where something is."""
    edition = _named(request, year)
    if request.method != "POST":
        return redirect(f"{address_of(edition)}#mal")
    report = open_report(edition)
    given = {
        key: request.POST.get(key, "")
        for key in ("indikator", "mal", "dato", "hindring", "likevel")
    }
    faults: dict[str, str] = {}
    target, by = read_amount(given["mal"]), read_day(given["dato"])
    if given["indikator"] not in {panel.indicator for panel in report.panels}:
        faults["indikator"] = _("Choose what the goal is about.")
    if target is None:
        faults["mal"] = _("Write an amount, such as 20 or 7.5.")
    if by is None:
        faults["dato"] = _("Write a day, such as 31.12.2026.")
    asked = ""
    if not faults and target is not None and by is not None:
        try:
            learning.pick_goal(
                request.user,
                report,
                given["indikator"],
                target,
                by,
                given["hindring"],
                ask=not given["likevel"],
            )
        except learning.GoalProblem as problem:
            if problem.code == "no-better":
                asked = ask_about(report, given["indikator"])
            else:
                faults |= _say_goal(problem.code)
    if faults or asked:
        more: dict[str, Any] = {"given": given, "faults": faults, "asked": asked, "status": 422}
        return draw(request, edition, report, years_of(request), **more)
    return redirect(f"{address_of(edition, lagret='mal')}#mal")


@require_http_methods(["GET", "HEAD", "POST"])
@page("report")
def keep_remark(request: HttpRequest, year: int) -> HttpResponse:
    """Keep what the reader says is wrong with the report."""
    edition = _named(request, year)
    if request.method != "POST":
        return redirect(f"{address_of(edition)}#feilmelding")
    report = open_report(edition)
    text = request.POST.get("feil", "")
    try:
        learning.keep_remark(request.user, report, text)
    except learning.RemarkProblem as problem:
        faults = {"feil": _say_words(problem.code)}
        more: dict[str, Any] = {"given": {"feil": text}, "faults": faults, "status": 422}
        return draw(request, edition, report, years_of(request), **more)
    return redirect(f"{address_of(edition, lagret='feil')}#feilmelding")


@require_http_methods(["GET", "HEAD", "POST"])
@page("report")
def decide_consent(request: HttpRequest, year: int) -> HttpResponse:
    """Agree to be a dot in what the group's leader sees, or take it back."""
    edition = _named(request, year)
    if edition.whose.kind != "rak":
        raise Http404("nobody asks for this consent")
    if request.method != "POST":
        return redirect(f"{address_of(edition)}#samtykke")
    doctor = own_of(request).unit
    match request.POST.get("samtykke", ""):
        case "ja":
            learning.give_consent(request.user, doctor)
        case "nei":
            learning.withdraw_consent(request.user, doctor)
        case _other:
            raise Http404("neither yes nor no")
    return redirect(f"{address_of(edition, lagret='samtykke')}#samtykke")


def _named(request: HttpRequest, year: int) -> Edition:
    """The report that the form was sent from."""
    return find_edition(
        request, year, request.POST.get("enhet", ""), request.POST.get("utgave", "")
    )


def ask_about(report: Report, indicator: str) -> str:
    """What is asked about a goal that is no better than the figure is now."""
    [own] = [panel.marks[0].figure for panel in report.panels if panel.indicator == indicator]
    words = fill(page_words().goal_worse, own=own.shown)
    return words.en if get_language() == "en" else words.nb


def read_amount(text: str) -> float | None:
    """A number as people write it: decimal comma or point, a percent sign or none; None for what is none."""
    plain = text.strip().removesuffix("%").strip().replace(",", ".")
    if not plain.replace(".", "", 1).isdecimal() or not plain.isascii() or len(plain) > 12:
        return None
    return float(plain)


def read_day(text: str) -> date | None:
    """A day as browsers send it or as people write it; None for what is none."""
    try:
        return date.fromisoformat(day_of(text.strip()))
    except ValueError:
        return None


def _say_goal(code: str) -> dict[str, str]:
    latest = timezone.localdate().year + 3
    match code:
        case "indicator":
            return {"indikator": _("Choose what the goal is about.")}
        case "target":
            return {"mal": _("A share lies between 0 and 100.")}
        case "by":
            return {
                "dato": _("Choose a day that is still to come, in %(year)s at the latest.")
                % {"year": latest}
            }
        case _other:
            return {"hindring": _say_words(code)}


def _say_words(code: str) -> str:
    match code:
        case "empty":
            return _("Write what is wrong.")
        case "long":
            return _("Write at most 1,000 characters.")
        case _other:
            return _("This may hold a national identity number. Write without it.")
