"""The own area in figures: cases month by month and by disease, beside the county's.

A municipality sees its own numbers as they are; those of the county go through disclosure control. Where is on the map
(`varde.web.pages.area_map`), which is all that a hospital trust has: nobody lives in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from varde.access import audit
from varde.access.gate import page
from varde.codes import counties, municipalities
from varde.followup.units import code_of, kind_of
from varde.publishing import Column, ColumnWords, disclose_count, draw_columns
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
    code = municipalities(today)[number].county
    # A municipality that is all of its county, as Oslo is, has nothing beside it.
    alone = [one.county for one in municipalities(today).values()].count(code) == 1
    county = [] if alone else list_cases(first=first, area=code, on=today)
    county_name = counties(today)[code].name if code in counties(today) else code
    audit.record(request.user, "view", "inbox", "case in figures", len(own))
    context: dict[str, Any] = {
        "unit": words.unit_words(unit, today),
        "county": county_name,
        "alone": alone,
        "charts": _charts(own, months),
        "rows": _rows(own, county),
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


def _rows(own: list[ListedCase], county: list[ListedCase]) -> list[dict[str, Any]]:
    """Diseases that somebody in the municipality has had, with the county's figures where they may be known."""
    mine = Counter(one.disease for one in own)
    others: Mapping[str, int] = Counter(one.disease for one in county)
    rows = []
    for key, number in mine.most_common():
        # What the county has beside the own municipality must not be few either.
        beside = disclose_count(others[key] - number)
        rows.append(
            {
                "disease": words.disease_words(key),
                "own": number,
                "county": None if beside is None else others[key],
            }
        )
    return rows


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
