"""Charts and tables of what came and how long it took, in the reader's language."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

import msgspec
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from varde import register
from varde.publishing import (
    Column,
    ColumnWords,
    Share,
    Span,
    SpanWords,
    draw_columns,
    draw_shares,
    draw_spans,
    write_count,
    write_days,
)
from varde.register import Delays, HourCount

WIDTHS = (("", 760.0), ("-narrow", 340.0))
WEEKS = 12
LETTER, BETWEEN, MARGIN, EDGE = 6.2, 6.0, 44.0, 8.0
"""Width of a letter of a label, the least room between two labels, and the drawing's margins on the left and
the right, in its units."""
SMALL = 10_000
"""A register with fewer messages is asked anew each time."""


def hours(
    counts: Sequence[HourCount], now: datetime, number: int, kind: str = ""
) -> dict[str, Any]:
    """The last hours, one by one.

    Args:
        kind: what it is that is counted, when it is one kind alone.
    """
    last = register.hour_of(now)
    by_hour: dict[int, dict[str, int]] = defaultdict(dict)
    for count in counts:
        of_hour = by_hour[count.hour]
        of_hour[count.state] = of_hour.get(count.state, 0) + count.items
    rows = []
    for hour in range(last - number + 1, last + 1):
        local = timezone.localtime(register.start_of(hour))
        rows.append(
            {
                "label": _hour_label(local),
                "name": _hour_name(local),
                "values": _values(by_hour[hour]),
                "unfinished": hour == last,
            }
        )
    title = _("What came in, hour by hour, the last 48 hours")
    axis = _("{kind} an hour").format(kind=kind or _("Items"))
    return _draw(rows, "by-hour", f"{title}: {kind}" if kind else title, axis)


def hours_by_kind(
    counts: Sequence[HourCount], now: datetime, number: int, kinds: Mapping[str, object]
) -> dict[str, Any]:
    """How many items came in each of the last hours, kind by kind, newest first; of the kinds that came.

    Args:
        kinds: what each kind is called, in the order of the columns.

    Returns:
        "names" of the columns, and "rows", each with "name", "unfinished" and "cells": (name, items).
    """
    last = register.hour_of(now)
    found: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for count in counts:
        if last - number < count.hour <= last:
            found[count.hour][count.kind] += count.items
    came = {kind for by_kind in found.values() for kind in by_kind}
    columns = [(kind, str(name)) for kind, name in kinds.items() if kind in came]
    rows = [
        {
            "name": _hour_name(timezone.localtime(register.start_of(hour))),
            "unfinished": hour == last,
            "cells": [(name, found[hour].get(kind, 0)) for kind, name in columns],
        }
        for hour in sorted(found, reverse=True)
    ]
    return {"names": [name for _kind, name in columns], "rows": rows}


def days(
    by_day: Mapping[date, Mapping[Any, int]], today: date, number: int, kind: str = ""
) -> dict[str, Any]:
    """The last days, one by one; `kind` as in `hours`."""
    rows = []
    for back in range(number - 1, -1, -1):
        day = today - timedelta(days=back)
        rows.append(
            {
                "label": _short_day(day) if day.weekday() == 0 else "",
                "name": _day_name(day),
                "values": _values(by_day.get(day, {})),
                "unfinished": day == today,
            }
        )
    title = _("What came in, day by day, the last eight weeks")
    axis = _("{kind} a day").format(kind=kind or _("Items"))
    return _draw(rows, "by-day", f"{title}: {kind}" if kind else title, axis)


def _draw(rows: Sequence[Mapping[str, Any]], name: str, title: str, axis: str) -> dict[str, Any]:
    language = get_language() or "nb"
    most = max(rows, key=lambda row: sum(row["values"]))
    totals = [sum(row["values"][series] for row in rows) for series in range(3)]
    description = _(
        "{accepted} taken in, {duplicate} duplicates and {quarantined} in quarantine. "
        "Most came {most}: {number}. All numbers stand in the table below."
    ).format(
        accepted=write_count(totals[0], language),
        duplicate=write_count(totals[1], language),
        quarantined=write_count(totals[2], language),
        most=most["name"],
        number=write_count(sum(most["values"]), language),
    )
    words = ColumnWords(
        title=title,
        description=description if sum(totals) else _("Nothing came."),
        axis=axis,
        series=(_("Taken in"), _("Duplicate"), _("Quarantine")),
        language=language,
    )
    columns = [
        Column(
            label=row["label"],
            told=_told(row, language),
            values=row["values"],
            unfinished=row["unfinished"],
        )
        for row in rows
    ]
    return {
        "charts": [
            draw_columns(_thin(columns, width), words, name=f"{name}{end}", width=width)
            for end, width in WIDTHS
        ],
        "rows": [row for row in reversed(rows) if sum(row["values"])],
        "summary": words.description,
    }


def _thin(columns: Sequence[Column], width: float) -> list[Column]:
    """The columns with every label that has room, counted from the last: none touches the next."""
    step = (width - MARGIN - EDGE) / max(len(columns), 1)
    room = width
    kept = []
    for place, column in reversed(list(enumerate(columns))):
        own, middle = LETTER * len(column.label), MARGIN + step * (place + 0.5)
        # The drawing lets a label at the edge end there.
        end = min(middle, width - 2) if middle > width - 24 else middle + own / 2
        fits = bool(column.label) and end <= room
        if fits:
            room = end - own - BETWEEN
        kept.append(column if fits else msgspec.structs.replace(column, label=""))
    return kept[::-1]


def _told(row: Mapping[str, Any], language: str) -> str:
    accepted, duplicate, quarantined = (write_count(n, language) for n in row["values"])
    return _(
        "{when}: {accepted} taken in, {duplicate} duplicates, {quarantined} in quarantine"
    ).format(when=row["name"], accepted=accepted, duplicate=duplicate, quarantined=quarantined)


def _values(counts: Mapping[Any, int]) -> tuple[int, int, int]:
    return (
        counts.get("accepted", 0),
        counts.get("duplicate", 0),
        counts.get("quarantined", 0),
    )


def _hour_label(local: datetime) -> str:
    if local.hour == 0:
        return _short_day(local.date())
    return f"{local:%H}" if local.hour % 6 == 0 else ""


def _hour_name(local: datetime) -> str:
    after = local + timedelta(hours=1)
    if get_language() == "en":
        return f"{_day_name(local.date())}, {local:%H}–{after:%H}"
    return f"{_day_name(local.date())} kl. {local:%H}–{after:%H}"


def _short_day(day: date) -> str:
    return f"{day.day} {day:%b}" if get_language() == "en" else f"{day.day}.{day.month}."


def _day_name(day: date) -> str:
    weekday = (
        _("Monday"),
        _("Tuesday"),
        _("Wednesday"),
        _("Thursday"),
        _("Friday"),
        _("Saturday"),
        _("Sunday"),
    )[day.weekday()]
    return f"{weekday} {_short_day(day)}"


def delays(sender: str | None, now: datetime) -> dict[str, Any]:
    """How long the answers of the last weeks took, by week and in all; no charts without answers."""
    today = timezone.localdate(now)
    monday = today - timedelta(days=today.weekday() + 7 * (WEEKS - 1))
    first = timezone.make_aware(datetime.combine(monday, datetime.min.time()))
    found = _read_delays(sender, first, register.hour_of(now), _mark())
    if found.whole is None or found.whole.spread is None:
        return {"delays": None}
    language = get_language() or "nb"
    spans = [
        Span(
            label=_short_day(period.start),
            told=_span_told(period, language),
            median=period.spread["whole"].median if period.spread else None,
            ninth=period.spread["whole"].ninth if period.spread else None,
        )
        for period in found.periods
    ]
    whole = found.whole.spread
    words = SpanWords(
        title=_("From specimen to here, week by week"),
        description=_(
            "In these weeks half of the answers were here within {median} of the specimen, nine of ten "
            "within {ninth}. All numbers stand in the table below."
        ).format(
            median=write_days(whole["whole"].median, language),
            ninth=write_days(whole["whole"].ninth, language),
        ),
        axis=_("Days from specimen to here"),
        median=_("Half within"),
        ninth=_("Nine of ten within"),
        language=language,
    )
    shares = [Share(label=_class_name(n), count=count) for n, count in enumerate(found.classes)]
    return {
        "delays": found,
        "delay_parts": [
            (_("Specimen taken to answer made"), _spread(whole["making"], language)),
            (_("Answer made to received here"), _spread(whole["receiving"], language)),
            (_("Specimen taken to received here"), _spread(whole["whole"], language)),
        ],
        "delay_charts": [
            draw_spans(spans, words, name=f"delays{end}", width=width)
            for end, width in (("", 520.0), ("-narrow", 340.0))
        ],
        "delay_weeks": [
            {
                "name": _short_day(period.start),
                "answers": period.answers,
                "parts": [
                    _spread(period.spread[part], language) if period.spread else ("–", "–")
                    for part in ("making", "receiving", "whole")
                ],
            }
            for period in reversed(found.periods)
        ],
        "share_charts": [
            draw_shares(
                shares,
                title=_("How long answers took, in all"),
                description=_("The numbers stand beside the bars."),
                name=f"shares{end}",
                language=language,
                width=width,
            )
            for end, width in (("", 520.0), ("-narrow", 330.0))
        ],
    }


@lru_cache(maxsize=64)
def _read_delays(sender: str | None, first: datetime, hour: int, mark: int) -> Delays:
    """Asked once an hour for a large register: the times of some hundred thousand answers hardly change."""
    return register.read_delays(first, register.start_of(hour + 1), "week", sender)


def _mark() -> int:
    """What changes when something has come: with every message while they are few."""
    newest = register.newest()
    number = newest.message if newest is not None else 0
    return number if number < SMALL else -1


def _spread(spread: Any, language: str) -> tuple[str, str]:
    return write_days(spread.median, language), write_days(spread.ninth, language)


def _span_told(period: Any, language: str) -> str:
    if period.spread is None:
        return _("No answers")
    median, ninth = _spread(period.spread["whole"], language)
    return _("Week from {day}: half within {median}, nine of ten within {ninth}, n = {n}").format(
        day=_short_day(period.start),
        median=median,
        ninth=ninth,
        n=write_count(period.answers, language),
    )


def _class_name(number: int) -> str:
    names = (
        _("up to 6 hours"),
        _("6–12 hours"),
        _("12–24 hours"),
        _("1–2 days"),
        _("2–3 days"),
        _("3–5 days"),
        _("5–7 days"),
        _("1–2 weeks"),
        _("over 2 weeks"),
    )
    return names[number]
