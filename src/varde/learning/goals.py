"""Goals that readers pick: an indicator of the report's first page, how far, by when, and what stands in the way."""

from __future__ import annotations

from datetime import date, timedelta
from math import isfinite
from typing import Any, NamedTuple

from django.utils import timezone

from varde.access import audit
from varde.learning.models import Goal
from varde.learning.own_words import WordsProblem, check_words
from varde.learning.sealed_rows import alone, bind_goal, open_sealer
from varde.prescribing.indicators import IndicatorError, catalogue
from varde.prescribing.reports import Kind, Panel, PickedGoal, Report, indicator_words

MOST_DAYS = 3 * 366
"""How far ahead a goal may lie: some reports on."""


class GoalProblem(ValueError):
    """What was picked cannot be a goal.

    Attributes:
        code: ``indicator``: none of the report's that has a better way; ``target``: no amount, or one that cannot be;
            ``by``: a day that is over, or too far ahead; ``empty``, ``long``, ``identity``: the words;
            ``no-better``: it asks for no more than the figure is now.
    """

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(f"this cannot be a goal: {code}")


class Picked(NamedTuple):
    """A goal as its reader sees it.

    Attributes:
        target: as the report writes figures: 20 for 20 %.
        barrier: what stands in the way, in the reader's words; empty where nothing was said.
    """

    indicator: str
    target: float
    by: date
    picked: date
    barrier: str


def scale_of(report: Report, indicator: str) -> int:
    """What an indicator's quotient is multiplied by when the report shows it: 100 for per cent.

    Raises:
        GoalProblem: there is no such indicator.
    """
    if indicator in indicator_words() and indicator_words()[indicator].percent:
        return 100
    try:
        return catalogue().get(indicator, report.until).per
    except IndicatorError:
        raise GoalProblem("indicator") from None


ROUNDING = 1e-9


def _is_better(panel: Panel, target: float) -> bool:
    """Whether a goal asks for more than the figure is already; of a figure that is not there nobody knows."""
    own = panel.marks[0].figure.value
    if own is None:
        return True
    return target < own - ROUNDING if panel.good == "lower" else target > own + ROUNDING


def pick_goal(
    user: Any,
    report: Report,
    indicator: str,
    target: float,
    by: date,
    barrier: str = "",
    *,
    ask: bool = False,
) -> None:
    """Keep a goal, and that it was picked in the access log. The reports of later years open with it.

    Args:
        user: who picks; whoever calls has seen to it that the report is the user's own.
        target: as the report writes figures: 20 for 20 %.
        ask: whether a goal that is no better than the figure is now is asked about before it is kept.

    Raises:
        GoalProblem: it cannot be a goal, or it is asked about.
    """
    panel = _panel(report, indicator)
    scale = scale_of(report, indicator)
    if not isfinite(target) or target < 0 or (_is_percent(indicator) and target > 100):
        raise GoalProblem("target")
    now = timezone.now()
    today = timezone.localdate(now)
    if not today < by <= today + timedelta(days=MOST_DAYS):
        raise GoalProblem("by")
    try:
        words = check_words(barrier)
    except WordsProblem as problem:
        raise GoalProblem(problem.code) from None
    if ask and not _is_better(panel, target):
        raise GoalProblem("no-better")
    sealer = open_sealer()
    with alone():
        row = Goal(
            kind=report.kind,
            unit=report.unit,
            year=report.until.year,
            indicator=panel.indicator,
            target=repr(target / scale),
            by=by,
            picked_at=now,
            picked_by=user.username,
        )
        if words:
            seal = sealer.current()
            row.key_id, row.sealed = seal.key_id, seal.close(words.encode(), bind_goal(row))
        row.save()
        audit.record(user, "change", "report", f"report goal {report.until.year}", 1, "quality")


def _panel(report: Report, indicator: str) -> Panel:
    for panel in report.panels:
        if panel.indicator == indicator and panel.good != "none":
            return panel
    raise GoalProblem("indicator")


def _is_percent(indicator: str) -> bool:
    return indicator in indicator_words() and indicator_words()[indicator].percent


def goal_for(kind: Kind, unit: str, year: int) -> PickedGoal | None:
    """The goal that a reader's report of a year opens with: the last that was picked from an earlier year's report;
    None where there is none."""
    row = _last(kind, unit, year__lt=year)
    if row is None:
        return None
    return PickedGoal(
        indicator=row.indicator,
        target=float(row.target),
        picked=timezone.localdate(row.picked_at),
        by=row.by,
    )


def latest_goal(report: Report) -> Picked | None:
    """The goal that was last picked from a report itself: the next one will open with it.

    Raises:
        KeyProblem: the words do not open.
    """
    row = _last(report.kind, report.unit, year=report.until.year)
    if row is None:
        return None
    words = (
        b"" if row.sealed is None else open_sealer().open(row.sealed, bind_goal(row), row.key_id)
    )
    return Picked(
        indicator=row.indicator,
        target=float(row.target) * scale_of(report, row.indicator),
        by=row.by,
        picked=timezone.localdate(row.picked_at),
        barrier=words.decode(),
    )


def _last(kind: str, unit: str, **more: int) -> Goal | None:
    rows = Goal.objects.filter(kind=kind, unit=unit, **more)
    return rows.order_by("-year", "-picked_at", "-id").first()
