"""Composes a trend: by quarter, or three months at a time of two periods with other months between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Literal

from varde.prescribing.indicators import Period
from varde.prescribing.layout import Words
from varde.prescribing.reports.figures import scale_of, write_figure
from varde.prescribing.reports.forms import Variant, common, fill
from varde.prescribing.reports.inputs import Known, Measured
from varde.prescribing.reports.phrases import list_words, say_months, say_period, say_quarter
from varde.prescribing.reports.report import Mark, Point, Stretch

QUARTER = 3


def compose_stretches(variant: Variant, until: date | None) -> tuple[Stretch, ...]:
    """The two periods of a report, where they do not follow each other; none else.

    Args:
        until: the report's last day, the last of a month.
    """
    if not variant.stretches or until is None:
        return ()
    found = []
    roles: tuple[tuple[Literal["before", "own"], int], ...] = (("before", 1), ("own", 0))
    for role, years in roles:
        since = _month(until.year - years, until.month - variant.months + 1)
        last = _month(until.year - years, until.month + 1) - timedelta(1)
        found.append(
            Stretch(
                role=role,
                name=variant.stretches[role],
                months=say_period(since, last),
                since=since,
                until=last,
            )
        )
    return tuple(found)


def _month(year: int, month: int) -> date:
    """A month's first day; month 0 is the last of the year before, 13 the first of the year after."""
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def compose_trend(
    measured: Measured, places: int, stretches: Sequence[Stretch]
) -> tuple[Point, ...]:
    """The points, in order; in stretches they are called by their months, as they are no quarters of the calendar."""
    described = measured.described
    points = []
    for quarter in measured.quarters:
        since = quarter.since
        year = str(since.year) if since.month == 1 and not stretches else ""
        last = _month(since.year, since.month + QUARTER) - timedelta(1)
        points.append(
            Point(
                name=say_period(since, last) if stretches else say_quarter(since),
                short=Words(year, year),
                figure=write_figure(quarter.value, scale_of(described), places),
                low=None if quarter.low is None else quarter.low * described.per,
                high=None if quarter.high is None else quarter.high * described.per,
                since=since if stretches else None,
            )
        )
    return tuple(points)


def title_trend(stretches: Sequence[Stretch]) -> Words:
    """What stands over a trend's chart."""
    sentences = common().sentences
    return sentences.stretches_title if stretches else sentences.trend_title


def explain_trend(
    trend: Sequence[Point], stretches: Sequence[Stretch], missing: Sequence[date] = ()
) -> Words:
    """What the line over a stretch is, and the shade; empty where neither is drawn.

    Args:
        missing: the first days of the months that are not in the figures.
    """
    sentences = common().sentences
    own = [one for one in stretches if one.role == "own"]
    said = []
    for whole in dict.fromkeys(len(_months_of(one)) for one in stretches):
        some = min((whole - len(_within(one, missing)) for one in own), default=whole)
        line = sentences.stretches_line if some == whole else sentences.stretches_line_part
        said.append(fill(line, some=str(some), months=str(whole)))
    if any(one.low is not None for one in trend):
        said.append(sentences.band)
    return list_words(said, ". ")


def say_months_left(measured: Measured, stretches: Sequence[Stretch]) -> Iterator[Words]:
    """Of how many months the figures are, and of which, where some of the stretches' are not in them."""
    for own in stretches:
        gone = _within(own, measured.undelivered)
        if own.role != "own" or not gone or not isinstance(measured.own, Known):
            continue
        shown = [one for one in stretches if one is own or isinstance(measured.before, Known)]
        kept = [
            month for one in shown for month in _months_of(one) if month not in measured.undelivered
        ]
        all_ = len(_months_of(own))
        yield fill(
            common().sentences.stretches_part,
            some=str(all_ - len(gone)),
            all=str(all_),
            months=say_months(kept),
        )


def _months_of(stretch: Stretch) -> list[date]:
    return [month.since for month in Period(stretch.since, stretch.until).months]


def _within(stretch: Stretch, months: Sequence[date]) -> set[date]:
    return set(months) & set(_months_of(stretch))


def describe_trend(
    title: Words, trend: Sequence[Point], stretches: Sequence[Stretch], marks: Sequence[Mark]
) -> Words:
    """What a trend's chart shows, in a sentence.

    Args:
        marks: of the same panel: they have the figures of whole stretches.
    """
    sentences = common().sentences
    known = [point for point in trend if point.figure.missing is None]
    if not known:
        return fill(sentences.no_stretches if stretches else sentences.no_trend, title=title)
    if not stretches:
        return fill(
            sentences.trend,
            title=title,
            first=known[0].figure.shown,
            first_name=known[0].name,
            last=known[-1].figure.shown,
            last_name=known[-1].name,
        )
    whole = {mark.role: mark.figure.shown for mark in marks}
    said = []
    for stretch in stretches:
        some = [
            fill(sentences.stretch_point, name=point.name, shown=point.figure.shown)
            for point in trend
            if stretch.holds(point)
        ]
        said.append(
            fill(
                sentences.stretch,
                name=stretch.name,
                months=stretch.months,
                shown=whole[stretch.role],
                points=list_words(some, ", "),
            )
        )
    return fill(sentences.stretches, title=title, stretches=list_words(said, ". "))
