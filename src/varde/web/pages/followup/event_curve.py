"""The epidemic curve of an event: who fell ill when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from varde.followup import events
from varde.publishing import Column, ColumnWords, draw_columns
from varde.register import ListedCase
from varde.web.pages.followup import words
from varde.web.templatetags.words import day as say_day

SERIES = ("confirmed", "probable", "suspected")
FEWEST = 15
"""A curve shows so many days at least."""
WIDTHS = (("", 760.0), ("-narrow", 340.0))


def draw_curve(cases: Sequence[ListedCase]) -> list[str]:
    """The epidemic curve, for wide and narrow windows; those that were discarded are not in it."""
    cases = [one for one in cases if one.classification in SERIES]
    counted = events.curve(cases)
    if not counted:
        return []
    first, last = min(counted), max(counted)
    title = _("Who fell ill when")
    one = _("1 case on {first}, by onset, or first specimen or message.")
    several = _("{number} cases from {first} to {last}, by onset, or first specimen or message.")
    description = (one if len(cases) == 1 else several).format(
        number=len(cases), first=say_day(first), last=say_day(last)
    )
    chart_words = ColumnWords(
        title=title,
        description=description,
        axis=_("Cases"),
        series=tuple(str(words.CLASSES[name]).capitalize() for name in SERIES),
        language=words.language(),
    )
    return [
        draw_columns(
            _columns(_with_days_around(counted), width),
            chart_words,
            name=f"curve{end}",
            width=width,
        )
        for end, width in WIDTHS
    ]


def _with_days_around(
    counted: Mapping[date, Mapping[str, int]],
) -> Mapping[date, Mapping[str, int]]:
    """A curve of few days with empty ones on both sides: a single day is no column as wide as the page."""
    first, missing = min(counted), FEWEST - len(counted)
    by_week = (max(counted) - first).days >= len(counted)
    if missing <= 0 or by_week:
        return counted
    after = min(missing // 2, max(0, (timezone.localdate() - max(counted)).days))
    start = first - timedelta(days=missing - after)
    days = (start + timedelta(days=place) for place in range(FEWEST))
    return {day: counted.get(day, {}) for day in days}


def _columns(counted: Mapping[date, Mapping[str, int]], width: float) -> list[Column]:
    every = max(1, round(len(counted) * 70 / width))
    return [
        Column(
            label=f"{day.day}.{day.month}." if place % every == 0 else "",
            told=words.say_cases(say_day(day), sum(values.values())),
            values=tuple(values.get(name, 0) for name in SERIES),
        )
        for place, (day, values) in enumerate(sorted(counted.items()))
    ]
