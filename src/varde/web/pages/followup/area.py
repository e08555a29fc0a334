"""The own area in figures: cases month by month and by disease, as they are: a municipality follows each of them up.

The county's numbers are on the map (`varde.web.pages.area_map`), by the rule of the published tables: others for other
months or classes, put beside those, could be subtracted from them. A hospital trust has the map alone: nobody lives in it.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from varde.access import audit
from varde.access.gate import page
from varde.followup.units import code_of, kind_of
from varde.publishing import Column, ColumnWords, draw_columns
from varde.register import ListedCase, list_cases
from varde.web.pages import area_map
from varde.web.pages.followup import words
from varde.web.pages.followup.inbox import own_unit

MONTHS = 12
WIDTHS = (("", 760.0), ("-narrow", 340.0))
SERIES = ("confirmed", "probable", "suspected")


@require_safe
@page("inbox")
def show(request: HttpRequest) -> HttpResponse:
    """The last twelve months of the own municipality; a trust has the map of its area."""
    today = timezone.localdate()
    unit = own_unit(request)
    if kind_of(unit) != "municipality":
        answer: HttpResponse = area_map.show(request)
        return answer
    number = code_of(unit)
    months = _months(today)
    first = date.fromisoformat(f"{months[0]}-01")
    own = list_cases(first=first, area=number, on=today)
    audit.record(request.user, "view", "inbox", "case in figures", len(own))
    context: dict[str, Any] = {
        "unit": words.unit_words(unit, today),
        "charts": _charts(own, months),
        "rows": _rows(own),
        "total": len(own),
        "since": months[0],
    }
    return render(request, "web/area.html", context)


def _months(today: date) -> list[str]:
    found = []
    year, month = today.year, today.month
    for _back in range(MONTHS):
        found.append(f"{year}-{month:02d}")
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return found[::-1]


def _rows(own: list[ListedCase]) -> list[dict[str, Any]]:
    """Diseases that somebody in the municipality has had."""
    return [
        {"disease": words.disease_words(key), "own": number}
        for key, number in Counter(one.disease for one in own).most_common()
    ]


def _charts(cases: list[ListedCase], months: list[str]) -> list[str]:
    if not cases:
        return []
    counted: Counter[tuple[str, str]] = Counter(
        (f"{one.first_day:%Y-%m}", str(one.classification)) for one in cases
    )
    one = _("1 case in the last twelve months, by first day.")
    several = _("{number} cases in the last twelve months, by first day.")
    chart_words = ColumnWords(
        title=_("Cases month by month"),
        description=(one if len(cases) == 1 else several).format(number=len(cases)),
        axis=_("Cases"),
        series=tuple(str(words.CLASSES[name]).capitalize() for name in SERIES),
        language=words.language(),
    )
    columns = [
        Column(
            label=f"{month[5:]}.{month[2:4]}" if place % 2 == 0 else "",
            told=words.say_cases(month, sum(counted[month, name] for name in SERIES)),
            values=tuple(counted[month, name] for name in SERIES),
            unfinished=month == months[-1],
        )
        for place, month in enumerate(months)
    ]
    return [
        draw_columns(columns, chart_words, name=f"months{end}", width=width)
        for end, width in WIDTHS
    ]
