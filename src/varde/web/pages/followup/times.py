"""How long it took from specimen to result to intake to inbox to receipt: for the own unit, or for all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, get_args

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from varde.access import audit
from varde.access.gate import page
from varde.followup import times
from varde.followup.times import By, Row, Spread
from varde.followup.units import NATIONAL
from varde.publishing import Span, SpanWords, draw_spans
from varde.register import sender_names
from varde.web.pages.followup import words
from varde.web.pages.followup.event_gate import unit_for

DAYS = 365
WIDTHS = (("", 760.0), ("-narrow", 340.0))
PARTS = {
    "making": gettext_lazy("Specimen to result"),
    "receiving": gettext_lazy("Result to intake"),
    "telling": gettext_lazy("Intake to inbox"),
    "answering": gettext_lazy("Inbox to receipt"),
    "whole": gettext_lazy("Specimen to inbox"),
}
BY = {
    "disease": gettext_lazy("Disease"),
    "municipality": gettext_lazy("Municipality"),
    "month": gettext_lazy("Month"),
    "unit": gettext_lazy("Unit"),
    "laboratory": gettext_lazy("Laboratory"),
}


@require_safe
@page("times")
def show(request: HttpRequest) -> HttpResponse:
    """The last year, by disease, municipality, month, unit or laboratory."""
    today = timezone.localdate()
    unit = unit_for(request)
    asked = request.GET.get("etter", "disease")
    by: By = asked if asked in get_args(By) else "disease"
    mine = None if unit == NATIONAL else unit
    found = times.read_times(today - timedelta(days=DAYS), today, today, by, mine)
    monthly = (
        found
        if by == "month"
        else times.read_times(today - timedelta(days=DAYS), today, today, "month", mine)
    )
    senders = sender_names() if by == "laboratory" else {}
    audit.record(request.user, "view", "times", "case in figures", found.whole.cases)
    context: dict[str, Any] = {
        "unit": words.unit_words(unit, today),
        "national": unit == NATIONAL,
        "by": by,
        "choices": BY.items(),
        "parts": PARTS.values(),
        "whole": _cells(found.whole),
        "cases": found.whole.cases,
        "rows": [
            {"name": _name(row.key, by, senders), "cases": row.cases, "cells": _cells(row)}
            for row in found.rows
        ],
        "heading": BY[by],
        "charts": _charts(monthly.rows),
    }
    return render(request, "web/times.html", context)


def _name(key: str, by: By, senders: Mapping[str, str]) -> str:
    if by == "disease":
        return words.disease_words(key)
    if by == "municipality":
        return words.place_words(key, timezone.localdate()) or _("Residence unknown")
    if by == "unit":
        return words.unit_words(key, timezone.localdate())
    if by == "laboratory":
        return senders.get(key, key) if key else _("No laboratory's answer")
    return key


def _cells(row: Row) -> list[tuple[object, str, str]]:
    return [
        (PARTS[part], _hours(row.parts[part], "median"), _hours(row.parts[part], "ninth"))
        for part in times.PARTS
    ]


def _hours(spread: Spread, which: str) -> str:
    value: float | None = getattr(spread, which)
    if value is None:
        return "–"
    if value * 3600 < 60:
        return _("under 1 minute")
    return words.say_length(value * 3600)


def _charts(rows: tuple[Row, ...]) -> list[str]:
    """From specimen to inbox, month by month."""
    spans = [
        Span(
            label=f"{row.key[5:]}.{row.key[2:4]}",
            told=_("{month}: half within {median}, nine of ten within {ninth}").format(
                month=row.key,
                median=_hours(row.parts["whole"], "median"),
                ninth=_hours(row.parts["whole"], "ninth"),
            ),
            median=row.parts["whole"].median,
            ninth=row.parts["whole"].ninth,
        )
        for row in rows
    ]
    if not any(one.median is not None for one in spans):
        return []
    chart_words = SpanWords(
        title=_("From specimen to inbox, month by month"),
        description=_("All numbers stand in the table below."),
        axis=_("Days from specimen to inbox"),
        median=_("Half within"),
        ninth=_("Nine of ten within"),
        language=words.language(),
    )
    return [
        draw_spans(spans, chart_words, name=f"times{end}", width=width) for end, width in WIDTHS
    ]
